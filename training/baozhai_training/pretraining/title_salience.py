"""Pre-training of salience on titles: a sentence that shares n-grams with the title is salient.

The corpus has titles for nothing; digested articles are few (Narayan et al. 2018, arXiv:1802.08636, on what the first
line of an article supervises). An encoder pre-trained so needs fewer digests afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import set_seed

from baozhai_model.structure import Span
from baozhai_model.text.sentences import split_sentences
from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import hashed_ngrams
from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import Document
from baozhai_training.learners.examples import windows_of
from baozhai_training.learners.finetuning import Example, finetune
from baozhai_training.learners.network import TopicNetwork

_BITS = 18
_CHARACTERS = (300, 3000)  # of a document
_SENTENCES = (6, 60)
_LEAST_SHARED = 0.15  # cosine that the best sentence has with the title; else the title is no summary
_MEAN, _SLOPE, _LOWEST, _HIGHEST = 0.2, 0.25, 0.02, 0.9  # readers keep about a fifth of the sentences


def teach_titles(
    base: Path, documents: Iterable[Document], config: RunConfig, tokenizer: Tokenizer, work: Path
) -> TopicNetwork:
    """The encoder of ``base`` with a salience head, trained on ``config.titles.documents`` of ``documents``."""
    chosen = titled(documents, config.titles.documents, seed=config.seed)
    set_seed(config.seed)
    network = TopicNetwork.from_base(str(base), 1, config.titles.dropout)
    examples = list(title_examples(chosen, tokenizer, config.encoder.window))
    finetune(network, examples, config.titles, work, seed=config.seed)
    return network


def titled(documents: Iterable[Document], count: int, *, seed: int) -> list[Document]:
    """``count`` documents with a title that have the length of an article."""
    fit = [d for d in documents if d.title and _CHARACTERS[0] <= len(d.text) <= _CHARACTERS[1]]
    random.Random(seed).shuffle(fit)
    return fit[:count]


def title_examples(documents: Sequence[Document], tokenizer: Tokenizer, window: int) -> Iterator[Example]:
    """The windows of each document whose title sums it up, with the salience that the title gives its sentences."""
    found = np.zeros(2**_BITS, dtype=np.int64)
    for document in documents:
        np.add.at(found, hashed_ngrams(document.text, _BITS)[0], 1)
    idf = np.log((1 + len(documents)) / (1 + found)) + 1.0
    for document in documents:
        sentences = split_sentences(document.text)
        if not _SENTENCES[0] <= len(sentences) <= _SENTENCES[1]:
            continue
        shared = _shared(document, sentences, idf)
        if shared.max() < _LEAST_SHARED:
            continue
        standing = (shared - shared.mean()) / shared.std()
        salience = np.clip(_MEAN + _SLOPE * standing, _LOWEST, _HIGHEST).astype(np.float32)
        yield from windows_of(tokenize(document.text, tokenizer, window, sentences), salience)


def _shared(document: Document, sentences: Sequence[Span], idf: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cosine of the TF-IDF n-grams of each sentence with the title's, shape (sentences,)."""
    wanted = np.zeros(2**_BITS)
    buckets, counts = hashed_ngrams(document.title or "", _BITS)
    wanted[buckets] = counts * idf[buckets]
    size = float(np.linalg.norm(wanted[buckets])) or 1.0
    values = np.zeros(len(sentences))
    for row, span in enumerate(sentences):
        buckets, counts = hashed_ngrams(span.of(document.text), _BITS)
        weights = counts * idf[buckets]
        values[row] = float(weights @ wanted[buckets]) / ((float(np.linalg.norm(weights)) or 1.0) * size)
    return values
