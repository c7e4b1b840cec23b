"""A fastText-like floor (Joulin et al. 2016, arXiv:1607.01759): averaged vectors of hashed characters and bigrams."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_BUCKETS = 2**18
_WIDTH = 64
_EPOCHS = 12
_BATCH = 64


def bag_scores(
    train: Sequence[str], targets: NDArray[np.bool_], test: Sequence[str], *, seed: int
) -> NDArray[np.float64]:
    """Scores of ``test``, shape (texts, topics), after training on ``train``."""
    torch.manual_seed(seed)
    vectors = nn.EmbeddingBag(_BUCKETS, _WIDTH, mode="mean", sparse=True)
    nn.init.uniform_(vectors.weight, -1.0 / _WIDTH, 1.0 / _WIDTH)
    head = nn.Linear(_WIDTH, targets.shape[1])
    optimizers = [
        torch.optim.SparseAdam(list(vectors.parameters()), lr=3e-3),
        torch.optim.Adam(head.parameters(), lr=3e-3),
    ]
    bags, wanted = [_buckets(text) for text in train], torch.from_numpy(targets.astype(np.float32))
    order = np.random.default_rng(seed)
    for _ in range(_EPOCHS):
        shuffled = order.permutation(len(bags))
        for start in range(0, len(bags), _BATCH):
            rows = shuffled[start : start + _BATCH]
            logits = head(vectors(*_joined([bags[row] for row in rows])))
            loss = nn.functional.binary_cross_entropy_with_logits(logits, wanted[rows])
            for optimizer in optimizers:
                optimizer.zero_grad()
            torch.autograd.backward(loss)
            for optimizer in optimizers:
                optimizer.step()
    with torch.inference_mode():
        scores: NDArray[np.float64] = head(vectors(*_joined([_buckets(text) for text in test]))).double().numpy()
    return scores


def _buckets(text: str) -> NDArray[np.int64]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    return np.concatenate([points, points[:-1] * 65_599 + points[1:] + 7]) % _BUCKETS


def _joined(bags: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    offsets = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
    return torch.from_numpy(np.concatenate(bags)), torch.from_numpy(offsets)
