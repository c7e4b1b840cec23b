"""A large encoder and a salience head that learn digested articles together.

A head on an encoder that stays as it is learns in seconds, but from states that were learnt for topics. A teacher may
cost more: all of it learns (Liu & Lapata 2019, arXiv:1908.08345), each window beginning with the article's title.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baozhai_training.config import SalienceTeacherConfig
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.pair_encoder import by_depth, padded_batch
from baozhai_training.learners.salience_head import PLACE, HeadSettings, SalienceHead
from baozhai_training.learners.sentence_states import ArticleWindows

_TOKENS = 2048  # that the encoder reads at once
_LOG_STEPS = 20
_WARMUP = 0.1  # share of the steps

_Window = tuple[list[int], int, "NDArray[np.int64] | None"]  # token ids, article, sentences; None for a title alone

log = logging.getLogger(__name__)


def teach_salience(
    network: TopicNetwork,
    articles: Sequence[ArticleWindows],
    pad: int,
    config: SalienceTeacherConfig,
    saved: Path,
    *,
    seed: int,
) -> SalienceHead:
    """Train ``network`` in place, and a head for it, on which sentences readers kept.

    Args:
        network: the encoder.
        articles: with what was kept.
        pad: the id of padding.
        config: the recipe's section.
        saved: file of what was learnt, written at the end; what is there already is read instead.
        seed: of the head and of the order.
    """
    torch.manual_seed(seed)
    width = network.topic_head.in_features
    head = SalienceHead(width, HeadSettings(dropout=config.dropout), 1.0 / _spread(network, articles))
    learners = nn.ModuleList([network, head])
    if saved.exists():
        learners.load_state_dict(torch.load(saved, weights_only=True))
        learners.eval()
        return head
    network.attend_plainly()
    rates = (config.learning_rate, config.head_learning_rate)
    mine = {"params": list(head.parameters()), "lr": rates[1], "base": rates[1], "weight_decay": 0.01}
    optimizer = torch.optim.AdamW([*by_depth(network, *rates, config.layer_decay), mine], betas=(0.9, 0.98), fused=True)
    steps, losses = max(1, int(config.epochs * len(articles) / config.batch)), [0.0]
    learners.train()
    for number, batch in zip(range(steps), _batches(articles, config.batch, seed), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * min(1.0, (number + 1) / (_WARMUP * steps)) * (1.0 - number / steps)
        loss = _loss(network, head, batch, pad, bf16=config.bf16)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(learners.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if (number + 1) % _LOG_STEPS == 0:
            log.info("salience: step %d of %d, loss %.4f", number + 1, steps, np.mean(losses[-_LOG_STEPS:]))
    learners.eval()
    saved.parent.mkdir(parents=True, exist_ok=True)
    torch.save(learners.state_dict(), saved)
    return head


def _batches(articles: Sequence[ArticleWindows], size: int, seed: int) -> Iterator[list[ArticleWindows]]:
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(articles))
        for start in range(0, len(order) - size + 1, size):
            yield [articles[i] for i in order[start : start + size]]


def _loss(
    network: TopicNetwork, head: SalienceHead, articles: Sequence[ArticleWindows], pad: int, *, bf16: bool
) -> Tensor:
    most = max(len(article.place) for article in articles)
    sentences, titles = _states(network, articles, most, pad, bf16=bf16)
    place, mask = torch.zeros(len(articles), most, PLACE), torch.zeros(len(articles), most)
    kept = torch.zeros(len(articles), most)
    for row, article in enumerate(articles):
        size = len(article.place)
        place[row, :size], mask[row, :size] = torch.from_numpy(article.place), 1.0
        kept[row, :size] = torch.from_numpy(article.kept.astype(np.float32))
    logits = head(sentences, titles, place, torch.zeros(len(articles), most, 0), mask)
    losses = nn.functional.binary_cross_entropy_with_logits(logits, kept, reduction="none")
    return (losses * mask).sum() / mask.sum()


def _states(
    network: TopicNetwork, articles: Sequence[ArticleWindows], most: int, pad: int, *, bf16: bool
) -> tuple[Tensor, Tensor]:
    """Mean states of the sentences, (articles, most, width), and of the titles, (articles, width)."""
    width = network.topic_head.in_features
    windows: list[_Window] = [
        (ids, row, places)
        for row, article in enumerate(articles)
        for ids, places in zip(article.windows, article.sentences, strict=True)
    ]
    windows += [(article.title, row, None) for row, article in enumerate(articles) if article.title]
    titles = [torch.zeros(width)] * len(articles)
    states, rows = [], []
    for batch in _alike(windows):
        ids, mask = padded_batch([window[0] for window in batch], pad)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            read = network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        for (window, row, places), found in zip(batch, read, strict=True):
            if places is None:
                titles[row] = found[1 : len(window) - 1].mean(dim=0)
            else:
                states.append(found[len(window) - 1 - len(places) : len(window) - 1])
                rows.append(torch.from_numpy(places + row * most))
    flat, where = torch.cat(states), torch.cat(rows)
    sums = torch.zeros(len(articles) * most, width).index_add(0, where, flat)
    counts = torch.zeros(len(articles) * most, 1).index_add(0, where, torch.ones(len(where), 1))
    return (sums / counts.clamp(min=1.0)).view(len(articles), most, width), torch.stack(titles)


def _alike(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """``windows`` by length, in batches of about `_TOKENS`."""
    batch: list[_Window] = []
    for window in sorted(windows, key=lambda window: len(window[0])):
        if batch and (len(batch) + 1) * len(window[0]) > _TOKENS:
            yield batch
            batch = []
        batch.append(window)
    yield batch


@torch.inference_mode()
def _spread(network: TopicNetwork, articles: Sequence[ArticleWindows]) -> float:
    """Standard deviation of the states of one window."""
    return float(network.encoder(input_ids=torch.tensor([articles[0].windows[0]])).last_hidden_state.std())
