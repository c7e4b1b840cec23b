"""From unlabelled text to a pre-trained encoder: vocabulary, word vectors, masked-word training, titles.

Every stage leaves its result in the work folder and is passed over when that is there, so a killed run goes on
where it stood.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import datasets
import numpy as np
from transformers import AutoTokenizer, ModernBertForMaskedLM, PreTrainedModel, PreTrainedTokenizerBase, set_seed

from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import corpus_files, read_corpus
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.pretraining.masked_lm import new_encoder, packed_blocks, pretrain
from baozhai_training.pretraining.skipgram import skipgram_vectors
from baozhai_training.pretraining.title_salience import teach_titles
from baozhai_training.pretraining.vocabulary import train_vocabulary


def base_folder(config: RunConfig, work: Path) -> Path:
    """Where `build_base` leaves the encoder of ``config``."""
    pretrained = work / f"base-{len(config.pretraining.tokens)}"
    return work / f"{pretrained.name}-titled" if config.titles.documents else pretrained


def build_base(config: RunConfig, corpus: Path, work: Path) -> Path:
    """Return the folder of a pre-trained encoder and its tokenizer (``from_pretrained`` loads both)."""
    base = base_folder(config, work)
    if not base.exists():
        work.mkdir(parents=True, exist_ok=True)
        tokenizer = _tokenizer(config, corpus, work / "vocabulary")
        pretrained = _pretrained(config, corpus, tokenizer, work)
        if pretrained != base:
            documents = read_corpus(corpus_files(corpus))
            network = teach_titles(pretrained, documents, config, tokenizer.backend_tokenizer, work / "titles")
            _kept(network, tokenizer, base)
    return base


def _pretrained(config: RunConfig, corpus: Path, tokenizer: PreTrainedTokenizerBase, work: Path) -> Path:
    """Every round leaves a folder, and the next goes on from it."""
    rounds = [(work / f"base-{number}", tokens) for number, tokens in enumerate(config.pretraining.tokens, start=1)]
    if not rounds[-1][0].exists():
        blocks = _blocks(config, corpus, tokenizer, work / "blocks")
        set_seed(config.seed)
        model = new_encoder(config.encoder, tokenizer, _vectors(config, blocks, tokenizer, work / "skipgram.npy"))
        for number, (folder, tokens) in enumerate(rounds):
            if folder.exists():
                model = ModernBertForMaskedLM.from_pretrained(folder)
                continue
            checkpoints = work / f"pretraining-{number + 1}"
            # Another seed each round: other blocks come first, so that little is read twice.
            pretrain(model, blocks, tokenizer, config.pretraining, tokens, checkpoints, seed=config.seed + number)
            _kept(model, tokenizer, folder)
    return rounds[-1][0]


def _kept(model: PreTrainedModel | TopicNetwork, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write ``folder`` whole or not at all."""
    partial = folder.with_name(f"{folder.name}.partial")
    if isinstance(model, TopicNetwork):
        model.save_base(partial)
    else:
        model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(folder)


def _tokenizer(config: RunConfig, corpus: Path, folder: Path) -> PreTrainedTokenizerBase:
    if not folder.exists():
        paragraphs = [p for document in read_corpus(corpus_files(corpus)) for p in document.paragraphs]
        random.Random(config.seed).shuffle(paragraphs)
        sample = _up_to(paragraphs, config.vocabulary.characters)
        train_vocabulary(sample, config.vocabulary.size, config.encoder.window).save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def _up_to(paragraphs: list[str], characters: int) -> Iterator[str]:
    for paragraph in paragraphs:
        if characters <= 0:
            return
        characters -= len(paragraph)
        yield paragraph


def _blocks(config: RunConfig, corpus: Path, tokenizer: PreTrainedTokenizerBase, folder: Path) -> datasets.Dataset:
    if not folder.exists():
        built = datasets.Dataset.from_generator(
            lambda: packed_blocks(read_corpus(corpus_files(corpus)), tokenizer, config.pretraining.block),
            cache_dir=str(folder.with_suffix(".cache")),
        )
        built.save_to_disk(folder)
    return datasets.load_from_disk(folder)


def _vectors(
    config: RunConfig, blocks: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, path: Path
) -> np.ndarray | None:
    if config.skipgram.epochs == 0:
        return None
    if not path.exists():
        sentences = [block[1:].tolist() for block in blocks.with_format("numpy")["input_ids"]]
        np.save(
            path,
            skipgram_vectors(
                sentences,
                len(tokenizer),
                config.encoder.width,
                epochs=config.skipgram.epochs,
                seed=config.seed,
                workers=os.cpu_count() or 1,
            ),
        )
    vectors: np.ndarray = np.load(path)
    return vectors
