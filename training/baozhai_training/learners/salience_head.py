"""The head that says how well each sentence stands for its article, from an encoder's states.

A sentence is compared with its title (their product) and with its article (their difference), what else is measured of
it is put beside, and one transformer layer reads the sentences in their order (Liu & Lapata 2019, arXiv:1908.08345,
section 3.2: inter-sentence layers).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baozhai_model.digest.salience import PLAIN

PLACE = 6  # numbers that tell where a sentence stands
_FARTHEST = 4.0  # standard deviations that a signal counts at most

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SentenceStates:
    """One article as the head reads it.

    Attributes:
        sentences: (sentences, width), the mean state of each sentence's tokens.
        title: (width,), that of the title's tokens; zeros without a title.
        place: (sentences, PLACE); see `baozhai_model.digest.salience`.
        signals: (sentences, signals), those of `plain_signals`.
        kept: (sentences,), whether the reader kept each; None where nobody has read it.
    """

    sentences: Floats
    title: Floats
    place: Floats
    signals: NDArray[np.float64]
    kept: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class HeadSettings:
    """How a head is trained."""

    width: int = 128
    epochs: float = 6.0
    batch: int = 16  # articles
    learning_rate: float = 1e-3
    dropout: float = 0.2
    weight_decay: float = 0.05


class SalienceHead(nn.Module):
    """Sentence, title, place and signals in; one logit a sentence out."""

    scale: Tensor
    mean: Tensor
    spread: Tensor

    def __init__(self, states: int, signals: Floats, settings: HeadSettings, scale: float, heads: int = 4) -> None:
        """A head for ``states`` of that width, which are multiplied by ``scale`` first.

        ``signals`` (sentences, signals) show how those are spread.
        """
        super().__init__()
        width = settings.width
        self.heads = heads
        self.register_buffer("scale", torch.tensor(scale))
        self.register_buffer("mean", torch.from_numpy(signals.mean(axis=0)))
        self.register_buffer("spread", torch.from_numpy(np.maximum(signals.std(axis=0), 1e-3)))
        self.read = nn.Linear(3 * states + PLACE + signals.shape[1], width)
        self.before_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.before_forward = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 2 * width)
        self.outer = nn.Linear(2 * width, width)
        self.before_last = nn.LayerNorm(width)
        self.last = nn.Linear(width, 1)
        self.dropout = nn.Dropout(settings.dropout)
        nn.init.constant_(self.last.bias, -1.2)  # readers keep about a fifth of the sentences

    def forward(self, sentences: Tensor, title: Tensor, place: Tensor, signals: Tensor, mask: Tensor) -> Tensor:
        """Logits (articles, sentences).

        Args:
            sentences: (articles, sentences, states).
            title: (articles, states).
            place: (articles, sentences, PLACE).
            signals: (articles, sentences, signals).
            mask: (articles, sentences), 1 for sentences and 0 for padding.
        """
        sentences, title = sentences * self.scale, title * self.scale
        share = mask / mask.sum(dim=1, keepdim=True)
        article = torch.bmm(share.unsqueeze(1), sentences)
        measured = ((signals - self.mean) / self.spread).clamp(-_FARTHEST, _FARTHEST)
        seen = torch.cat([sentences, sentences * title.unsqueeze(1), sentences - article, place, measured], dim=-1)
        x = nn.functional.gelu(self.read(self.dropout(seen)))
        x = x + self.dropout(self._attention(self.before_attention(x), mask))
        x = x + self.dropout(self.outer(nn.functional.gelu(self.inner(self.before_forward(x)))))
        logits: Tensor = self.last(self.before_last(x)).squeeze(-1)
        return logits

    def _attention(self, x: Tensor, mask: Tensor) -> Tensor:
        articles, sentences, width = x.shape
        each = self.queries_keys_values(x).view(articles, sentences, 3, self.heads, width // self.heads)
        queries, keys, values = each.permute(2, 0, 3, 1, 4)
        scores = queries @ keys.transpose(-1, -2) / math.sqrt(width // self.heads)
        weights = (scores + (mask[:, None, None, :] - 1.0) * 1e4).softmax(dim=-1)
        mixed: Tensor = self.attended((weights @ values).permute(0, 2, 1, 3).reshape(articles, sentences, width))
        return mixed


def train_head(articles: Sequence[SentenceStates], settings: HeadSettings, *, seed: int) -> SalienceHead:
    """A head that learnt which sentences readers kept."""
    torch.manual_seed(seed)
    spread = float(np.concatenate([article.sentences for article in articles]).std())
    states = articles[0].sentences.shape[1]
    signals = np.concatenate([article.signals[:, PLAIN] for article in articles]).astype(np.float32)
    head = SalienceHead(states, signals, settings, scale=1.0 / max(spread, 1e-6)).train()
    optimizer = torch.optim.AdamW(head.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    steps = max(1, int(settings.epochs * len(articles) / settings.batch))
    for step, batch in zip(range(steps), _batches(articles, settings.batch, seed), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * min(1.0, (step + 1) / (0.1 * steps)) * (1.0 - step / steps)
        *read, mask, kept = _collated(batch)
        losses = nn.functional.binary_cross_entropy_with_logits(head(*read, mask), kept, reduction="none")
        optimizer.zero_grad()
        torch.autograd.backward((losses * mask).sum() / mask.sum())
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
    return head.eval()


@torch.inference_mode()
def head_logits(head: SalienceHead, articles: Sequence[SentenceStates]) -> list[NDArray[np.float64]]:
    """One logit a sentence, an array (sentences,) an article."""
    found = []
    for article in articles:
        *read, mask, _ = _collated([article])
        found.append(head(*read, mask)[0].numpy().astype(np.float64))
    return found


def export_head(head: SalienceHead, path: Path) -> None:
    """Write ``head`` as ONNX for one article: ``sentences``, ``title``, ``place``, ``signals`` in, ``salience`` out."""
    signals = len(head.mean)
    states = (head.read.in_features - PLACE - signals) // 3
    torch.onnx.export(
        _OneArticle(head).eval(),
        (torch.zeros(5, states), torch.zeros(states), torch.zeros(5, PLACE), torch.zeros(5, signals)),
        str(path),
        input_names=["sentences", "title", "place", "signals"],
        output_names=["salience"],
        dynamic_axes={name: {0: "sentences"} for name in ("sentences", "place", "signals", "salience")},
        dynamo=False,
    )


class _OneArticle(nn.Module):
    def __init__(self, head: SalienceHead) -> None:
        super().__init__()
        self.head = head

    def forward(self, sentences: Tensor, title: Tensor, place: Tensor, signals: Tensor) -> Tensor:
        mask = torch.ones_like(place[:, :1]).squeeze(-1)
        logits: Tensor = self.head(*(each.unsqueeze(0) for each in (sentences, title, place, signals, mask))).squeeze(0)
        return logits


def _batches(articles: Sequence[SentenceStates], size: int, seed: int) -> Iterator[list[SentenceStates]]:
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(articles))
        for start in range(0, len(order), size):
            yield [articles[i] for i in order[start : start + size]]


def _collated(articles: Sequence[SentenceStates]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """What the head reads of ``articles``, its mask, and what was kept."""
    most, states = max(len(article.sentences) for article in articles), articles[0].sentences.shape[1]
    sentences, place = np.zeros((len(articles), most, states), "f4"), np.zeros((len(articles), most, PLACE), "f4")
    mask, kept = np.zeros((len(articles), most), "f4"), np.zeros((len(articles), most), "f4")
    signals = np.zeros((len(articles), most, len(PLAIN)), "f4")
    for row, article in enumerate(articles):
        count = len(article.sentences)
        sentences[row, :count], place[row, :count], mask[row, :count] = article.sentences, article.place, 1.0
        signals[row, :count] = article.signals[:, PLAIN]
        if article.kept is not None:
            kept[row, :count] = article.kept
    title = np.stack([article.title for article in articles]).astype(np.float32)
    return tuple(torch.from_numpy(each) for each in (sentences, title, place, signals, mask, kept))  # type: ignore[return-value]
