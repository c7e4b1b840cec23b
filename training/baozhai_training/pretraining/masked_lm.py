"""Masked-word pre-training (Devlin et al. 2018, arXiv:1810.04805), with a `Trainer` that resumes after a kill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import datasets
import numpy as np
import torch
from transformers import (
    DataCollatorForLanguageModeling,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
)

from baozhai_model.text.simplified import simplified
from baozhai_training.config import EncoderConfig, PretrainingConfig
from baozhai_training.data.corpus import Document
from baozhai_training.learners.checkpoints import last_whole_checkpoint

_TOKENIZED_AT_ONCE = 512


def new_encoder(
    config: EncoderConfig, tokenizer: PreTrainedTokenizerBase, vectors: np.ndarray | None = None
) -> ModernBertForMaskedLM:
    """A compact ModernBERT (Warner et al. 2024, arXiv:2412.13663) that scores masked places only.

    Rotary positions let it read windows longer than its training blocks, and learn what a neighbour is at once.
    ``vectors`` (vocabulary_size, width) start its word embeddings, which the output layer shares.
    """
    model = ModernBertForMaskedLM(
        ModernBertConfig(
            vocab_size=len(tokenizer),
            hidden_size=config.width,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            intermediate_size=3 * config.width,
            max_position_embeddings=config.window,
            local_attention=config.local_attention,
            global_attn_every_n_layers=2,
            sparse_prediction=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.cls_token_id,
            cls_token_id=tokenizer.cls_token_id,
            eos_token_id=tokenizer.sep_token_id,
            sep_token_id=tokenizer.sep_token_id,
        )
    )
    if vectors is not None:
        with torch.no_grad():
            model.get_input_embeddings().weight.copy_(torch.from_numpy(vectors))
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
        texts.append(simplified(f"{document.title}\n{document.text}" if document.title else document.text))
        if len(texts) == _TOKENIZED_AT_ONCE:
            yield from tokenizer(texts, add_special_tokens=False)["input_ids"]
            texts = []
    if texts:
        yield from tokenizer(texts, add_special_tokens=False)["input_ids"]


def pretrain(
    model: ModernBertForMaskedLM,
    blocks: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase,
    config: PretrainingConfig,
    tokens: int,
    folder: Path,
    *,
    seed: int,
) -> float:
    """Train ``model`` on ``blocks`` for one round of ``tokens``; go on from the last checkpoint in ``folder``.

    Returns the mean loss (nats a masked word) over the last logged interval.
    """
    length = len(blocks[0]["input_ids"])
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=max(1, tokens // (config.batch * length)),
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
    trainer.train(resume_from_checkpoint=last_whole_checkpoint(folder))
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return float(losses[-1]) if losses else float("nan")
