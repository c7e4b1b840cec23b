"""Masked-word pre-training of a compact BERT (Devlin et al. 2018), with a `Trainer` that resumes after a kill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from torch import Tensor, nn
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
)
from transformers.modeling_outputs import MaskedLMOutput
from transformers.trainer_utils import get_last_checkpoint

from baozhai_training.config import EncoderConfig, PretrainingConfig
from baozhai_training.corpus import Document

_TOKENIZED_AT_ONCE = 512


class SparseMaskedLM(BertForMaskedLM):
    """A masked language model that scores the masked places only: a third of the work of scoring every place."""

    def forward(self, input_ids: Tensor, labels: Tensor, **_: Any) -> MaskedLMOutput:  # type: ignore[override]
        states = self.bert(input_ids=input_ids, position_ids=self._positions(input_ids)).last_hidden_state
        masked = labels != -100
        logits = self.cls(states[masked])
        return MaskedLMOutput(loss=nn.functional.cross_entropy(logits.float(), labels[masked]))

    def _positions(self, input_ids: Tensor) -> Tensor:
        """Each block begins at a random position, so that blocks shorter than the window train all of its places."""
        rows, length = input_ids.shape
        room = self.config.max_position_embeddings - length
        starts = torch.randint(0, room + 1, (rows, 1), device=input_ids.device)
        return starts + torch.arange(length, device=input_ids.device)


def new_encoder(config: EncoderConfig, vocabulary_size: int, vectors: np.ndarray | None = None) -> SparseMaskedLM:
    """A compact BERT; ``vectors`` (vocabulary_size, width) start its word embeddings, which the output layer shares."""
    model = SparseMaskedLM(
        BertConfig(
            vocab_size=vocabulary_size,
            hidden_size=config.width,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=4 * config.width,
            max_position_embeddings=config.window,
            type_vocab_size=1,
            hidden_dropout_prob=0.0,  # the corpus is read about once: there is nothing to overfit
            attention_probs_dropout_prob=0.0,
            pad_token_id=0,
        )
    )
    if vectors is not None:
        with torch.no_grad():
            model.bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(vectors))
    return model


def packed_blocks(
    documents: Iterable[Document], tokenizer: PreTrainedTokenizerBase, length: int
) -> Iterator[dict[str, list[int]]]:
    """Yield blocks of exactly ``length`` ids: documents end to end, [SEP] after each, [CLS] before every block."""
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    pending: list[int] = []
    for ids in _document_ids(documents, tokenizer):
        pending += [*ids, sep]
        while len(pending) >= length - 1:
            yield {"input_ids": [cls, *pending[: length - 1]]}
            del pending[: length - 1]


def _document_ids(documents: Iterable[Document], tokenizer: PreTrainedTokenizerBase) -> Iterator[list[int]]:
    texts: list[str] = []
    for document in documents:
        texts.append(f"{document.title}\n{document.text}" if document.title else document.text)
        if len(texts) == _TOKENIZED_AT_ONCE:
            yield from tokenizer(texts, add_special_tokens=False)["input_ids"]
            texts = []
    if texts:
        yield from tokenizer(texts, add_special_tokens=False)["input_ids"]


def pretrain(
    model: SparseMaskedLM,
    blocks: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase,
    config: PretrainingConfig,
    folder: Path,
    *,
    seed: int,
) -> float:
    """Train ``model`` on ``blocks`` for ``config.tokens`` tokens; go on from the last checkpoint in ``folder``.

    Returns the mean loss (nats a masked word) over the last logged interval.
    """
    length = len(blocks[0]["input_ids"])
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=max(1, config.tokens // (config.batch * length)),
        per_device_train_batch_size=config.batch,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=config.warmup_steps,
        weight_decay=0.01,
        adam_beta2=0.98,
        optim="adamw_torch_fused",
        max_grad_norm=1.0,
        bf16=config.bf16,
        use_cpu=not torch.cuda.is_available(),
        seed=seed,
        data_seed=seed,
        logging_steps=25,
        save_steps=config.save_steps,
        save_total_limit=2,
        report_to="none",
        disable_tqdm=True,
        dataloader_drop_last=True,
        label_names=["labels"],
    )
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=config.masked_share)
    trainer = Trainer(model=model, args=arguments, train_dataset=blocks, data_collator=collator)
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(folder)) if folder.is_dir() else None)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return float(losses[-1]) if losses else float("nan")
