"""The linear half of the model: hashed character n-grams, weighted by TF-IDF.

N-gram linear models are strong on short Chinese text and cost microseconds; the encoder and they err differently, so
their logits are added (Weinberger et al. 2009, arXiv:0902.2206, for the hashing; Cheng et al. 2016,
arXiv:1606.07792, for wide beside deep).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from baozhai_model.text.simplified import simplified

LONGEST = 4  # characters
TITLE_WEIGHT = 0.5  # of an article's title beside one of its paragraphs
TITLE_CHARACTERS = 200  # of a title that count
_TITLES = 256  # whose scores are kept: the paragraphs of an article ask for the same one
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def hashed_ngrams(text: str, bits: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The buckets of the 1- to 4-grams of ``text`` and their sublinear counts ``1 + ln(n)``.

    Text is compared by NFKC, lower case and simplified characters, without white space. Returns sorted distinct
    buckets in [0, 2**bits) and one weight each.
    """
    plain = simplified("".join(unicodedata.normalize("NFKC", text).lower().split()))
    points = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashes = []
    rolling = np.zeros(len(points), dtype=np.uint64)
    for size in range(1, LONGEST + 1):
        if len(points) < size:
            break
        rolling = (rolling[: len(points) - size + 1] + points[size - 1 :] + np.uint64(size)) * _PRIME
        hashes.append((rolling ^ (rolling >> np.uint64(29))) * _MIX >> np.uint64(64 - bits))
    buckets, counts = np.unique(
        np.concatenate(hashes or [np.zeros(0, dtype=np.uint64)]).astype(np.int64), return_counts=True
    )
    return buckets, (1.0 + np.log(counts)).astype(np.float32)


@dataclass(frozen=True)
class NgramModel:
    """Linear scores per topic.

    Attributes:
        idf: (2**bits,) inverse document frequency of each bucket; 0 for buckets that training never saw.
        weights: (2**bits, topics).
        bias: (topics,).
    """

    idf: NDArray[np.float16]
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    @property
    def bits(self) -> int:
        """Buckets are ``2**bits``."""
        return int(self.idf.shape[0]).bit_length() - 1

    def logits(self, text: str, title: str | None = None) -> NDArray[np.float32]:
        """Scores of ``text``, shape (topics,): the decision function of a linear SVM over unit-length TF-IDF.

        The ``title`` of its article adds its own n-grams, up to `TITLE_CHARACTERS` and with `TITLE_WEIGHT`.
        """
        scores = self.bias + self._product(text)
        return scores + self._title_product(title[:TITLE_CHARACTERS]) if title else scores

    @cached_property
    def _title_product(self) -> Callable[[str], NDArray[np.float32]]:
        return lru_cache(_TITLES)(lambda title: np.float32(TITLE_WEIGHT) * self._product(title))

    def _product(self, text: str) -> NDArray[np.float32]:
        buckets, counts = hashed_ngrams(text, self.bits)
        values = counts * self.idf[buckets].astype(np.float32)
        norm = float(np.sqrt(np.dot(values, values)))
        if norm == 0.0:
            return np.zeros_like(self.bias)
        return (values / norm) @ self.weights[buckets].astype(np.float32)
