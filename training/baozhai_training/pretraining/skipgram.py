"""Word vectors from the same corpus (skip-gram, Mikolov et al. 2013): where the encoder's embeddings start.

They cost minutes and save the encoder most of its first million tokens: it begins by knowing which words are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from gensim.models import Word2Vec


def skipgram_vectors(
    sentences: Iterable[list[int]], vocabulary_size: int, width: int, *, epochs: int, seed: int, workers: int
) -> np.ndarray:
    """Return one vector per piece, shape (vocabulary_size, width), float32, scaled to BERT's initial spread.

    Args:
        sentences: piece ids of one paragraph each; iterated ``epochs + 1`` times.
        vocabulary_size: pieces never seen keep a small random vector.
        width: dimensions.
        epochs: passes over ``sentences``.
        seed: exact only with ``workers=1``.
        workers: threads.
    """
    model = Word2Vec(
        _Words(sentences),
        vector_size=width,
        window=6,
        min_count=5,
        sg=1,
        negative=8,
        sample=1e-4,
        epochs=epochs,
        seed=seed,
        workers=workers,
        batch_words=20_000,
    )
    vectors = np.random.default_rng(seed).normal(0.0, 1.0, (vocabulary_size, width))
    known = np.asarray(model.wv.vectors, dtype=np.float64)
    known = (known - known.mean(axis=0)) / known.std()
    vectors[[int(word) for word in model.wv.index_to_key]] = known
    return (vectors * 0.05).astype(np.float32)


class _Words:
    """gensim counts words by string key; restartable, since it iterates several times."""

    def __init__(self, sentences: Iterable[list[int]]) -> None:
        self._sentences = sentences

    def __iter__(self) -> Iterator[list[str]]:
        for sentence in self._sentences:
            yield [str(piece) for piece in sentence]
