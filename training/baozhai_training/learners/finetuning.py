"""Fine-tune an encoder on labelled paragraphs (topics) and on sentences (salience) at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import Trainer, TrainingArguments

from baozhai_model.encoder.encoder import WindowOutput
from baozhai_training.config import StageConfig
from baozhai_training.learners.checkpoints import last_whole_checkpoint
from baozhai_training.learners.network import TopicNetwork

UNKNOWN = -1.0  # no target


@dataclass(frozen=True, slots=True)
class Example:
    """One window of text and its targets.

    Attributes:
        ids: token ids with [CLS] and [SEP].
        topics: (topics,), probability of each; None without labels.
        salience: (tokens,), probability that the token's sentence is kept, `UNKNOWN` for tokens outside any sentence;
            None where nobody chose sentences.
    """

    ids: list[int]
    topics: NDArray[np.float32] | None = None
    salience: NDArray[np.float32] | None = None


class _Trainer(Trainer):  # type: ignore[misc]  # transformers is not typed
    """Two losses in one step: topics (binary cross-entropy) and salience (the same, a token at a time)."""

    salience_weight: float
    optimizer: torch.optim.Optimizer | None

    def compute_loss(self, model: nn.Module, inputs: dict[str, Tensor], return_outputs: bool = False, **_: Any) -> Any:
        output = model(inputs["input_ids"], inputs["attention_mask"])
        loss = _known_loss(output.topic_logits, inputs["topics"])
        loss = loss + self.salience_weight * _known_loss(output.salience, inputs["salience"])
        return (loss, output) if return_outputs else loss

    def create_optimizer(self, *_: Any, **__: Any) -> torch.optim.Optimizer:
        """Heads learn faster than the encoder, which already knows the language."""
        if self.optimizer is None:
            rate = self.args.learning_rate
            encoder = [p for name, p in self.model.named_parameters() if name.startswith("encoder.")]
            heads = [p for name, p in self.model.named_parameters() if not name.startswith("encoder.")]
            self.optimizer = torch.optim.AdamW(
                [{"params": encoder, "lr": rate}, {"params": heads, "lr": 3 * rate}],
                weight_decay=self.args.weight_decay,
                fused=True,
            )
        return self.optimizer


def _known_loss(logits: Tensor, targets: Tensor) -> Tensor:
    known = targets >= 0
    if not known.any():
        return logits.sum() * 0.0
    return nn.functional.binary_cross_entropy_with_logits(logits[known].float(), targets[known])


def _collate(examples: Sequence[Example], topics: int) -> dict[str, Tensor]:
    length = max(len(example.ids) for example in examples)
    shape = (len(examples), length)
    ids, mask = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    topic_targets, salience = torch.full((len(examples), topics), UNKNOWN), torch.full(shape, UNKNOWN)
    for row, example in enumerate(examples):
        size = len(example.ids)
        ids[row, :size] = torch.tensor(example.ids)
        mask[row, :size] = 1
        if example.topics is not None:
            topic_targets[row] = torch.from_numpy(example.topics)
        if example.salience is not None:
            salience[row, :size] = torch.from_numpy(example.salience)
    return {"input_ids": ids, "attention_mask": mask, "topics": topic_targets, "salience": salience}


def finetune(
    network: TopicNetwork,
    examples: Sequence[Example],
    config: StageConfig,
    folder: Path,
    *,
    seed: int,
) -> None:
    """Train ``network`` in place; continue from the last checkpoint in ``folder``, if a killed run left one."""
    topics = network.topic_head.out_features
    network.attend_plainly()
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=max(config.epochs, config.least_steps * config.batch / len(examples)),
        per_device_train_batch_size=config.batch,
        learning_rate=config.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        weight_decay=0.01,
        bf16=config.bf16,
        use_cpu=not torch.cuda.is_available(),
        seed=seed,
        train_sampling_strategy="group_by_length",
        logging_steps=50,
        save_strategy="epoch",
        save_total_limit=1,
        save_only_model=False,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    trainer = _Trainer(
        model=network,
        args=arguments,
        train_dataset=_Examples(examples),
        data_collator=lambda batch: _collate([item["example"] for item in batch], topics),
    )
    trainer.salience_weight = config.salience_weight
    trainer.train(resume_from_checkpoint=last_whole_checkpoint(folder))
    # In half precision the trainer leaves its autocast around the network; what follows is in 32 bits.
    trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)


class _Examples(torch.utils.data.Dataset[dict[str, Any]]):
    """Items carry ``input_ids`` beside the example, which is where the length-grouping sampler looks."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": self._examples[index].ids, "example": self._examples[index]}


@torch.inference_mode()
def window_outputs(network: TopicNetwork, windows: Sequence[list[int]], batch_tokens: int = 8192) -> list[WindowOutput]:
    """The outputs of ``network`` for each window, in order: what `Encoder.encode` gives, in torch."""
    network.eval()
    device = next(network.parameters()).device
    outputs: dict[int, WindowOutput] = {}
    order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
    while order:
        count = max(1, batch_tokens // len(windows[order[-1]]))
        batch, order = order[-count:], order[:-count]
        inputs = _collate([Example(windows[i]) for i in batch], 1)
        output = network(inputs["input_ids"].to(device), inputs["attention_mask"].to(device))
        for row, index in enumerate(batch):
            size = len(windows[index])
            outputs[index] = WindowOutput(
                output.topic_logits[row].float().cpu().numpy(),
                output.salience[row, :size].float().cpu().numpy(),
                output.states[row, :size].float().cpu().numpy(),
            )
    return [outputs[index] for index in range(len(windows))]
