"""A large pretrained encoder that reads a paragraph under its article's title, fine-tuned for topics.

Half of the examples have the title before the text, half the text alone, so that both can be read. Lower layers learn
slower (Howard & Ruder 2018, arXiv:1801.06146, section 3.2: discriminative fine-tuning), and nothing is dropped inside
the encoder: on two cores dropout costs a third of a step.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from baozhai_model.text.simplified import simplified
from baozhai_training.config import LargeConfig
from baozhai_training.learners.network import TopicNetwork

_POOL = 40  # batches whose examples are sorted by length together
_SAVE_STEPS = 100
_WARMUP = 0.06  # share of the steps

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PairReader:
    """Turns a paragraph, and the title of its article if it is known, into token ids.

    Attributes:
        tokenizer: of the encoder; it needs a token that begins a text and one that ends it.
        window: most tokens that the encoder reads at once, special ones included.
        title_tokens: most tokens of a title.
    """

    tokenizer: PreTrainedTokenizerBase
    window: int
    title_tokens: int

    @property
    def special(self) -> tuple[int, int, int]:
        """The ids of the first token, of the one that ends a text, and of padding.

        Raises:
            ValueError: the tokenizer lacks one.
        """
        ids = (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id, self.tokenizer.pad_token_id)
        if None in ids:
            raise ValueError("the tokenizer of the large encoder has no cls, sep or pad token")
        return ids

    def ids(self, text: str, title: str | None = None, most: int | None = None) -> list[int]:
        """``cls title sep text sep``, or ``cls text sep``, the text cut to the window and to ``most`` tokens."""
        first, end, _ = self.special
        head = [first, *self._tokens(title)[: self.title_tokens], end] if title else [first]
        return [*head, *self._tokens(text)[: self.window - len(head) - 1][:most], end]

    def _tokens(self, text: str) -> list[int]:
        found: list[int] = self.tokenizer(simplified(text), add_special_tokens=False, verbose=False)["input_ids"]
        return found


def finetune_pairs(
    network: TopicNetwork,
    texts: Sequence[tuple[list[int], list[int]]],
    targets: NDArray[np.bool_] | NDArray[np.float64],
    pad: int,
    config: LargeConfig,
    folder: Path,
    *,
    seed: int,
) -> None:
    """Train ``network`` in place; a killed run goes on from the last checkpoint in ``folder``.

    Args:
        network: the encoder with fresh heads.
        texts: of each example its ids alone and under its title.
        targets: (examples, topics), decisions or probabilities.
        pad: the id of padding.
        config: the recipe's section.
        folder: for checkpoints.
        seed: of the order and of dropout in the heads.
    """
    torch.manual_seed(seed)
    network.attend_plainly()
    order = _order(texts, config, seed)
    optimizer = torch.optim.AdamW(_groups(network, config), betas=(0.9, 0.98), fused=True)
    device, step = next(network.parameters()).device, 0
    saved = folder / "checkpoint.pt"
    if saved.exists():
        state = torch.load(saved, weights_only=True, map_location=device)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    folder.mkdir(parents=True, exist_ok=True)
    network.train()
    for number in range(step, len(order)):
        share = min(1.0, (number + 1) / (_WARMUP * len(order))) * (1.0 - number / len(order))
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * share
        ids, mask = padded_batch([texts[i][titled] for i, titled in order[number]], pad)
        wanted = torch.from_numpy(targets[[i for i, _ in order[number]]].astype(np.float32)).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=config.bf16):
            logits = network(ids.to(device), mask.to(device)).topic_logits
        loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if (number + 1) % _SAVE_STEPS == 0 or number + 1 == len(order):
            log.info("large encoder: step %d of %d, loss %.4f", number + 1, len(order), float(loss.detach()))
            partial = saved.with_suffix(".partial")
            torch.save(
                {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": number + 1}, partial
            )
            partial.replace(saved)
    network.eval()


@torch.inference_mode()
def pair_logits(network: TopicNetwork, texts: Sequence[list[int]], pad: int, batch: int = 16) -> NDArray[np.float64]:
    """The topic logits of ``texts`` (token ids), shape (texts, topics)."""
    network.eval()
    device = next(network.parameters()).device
    found = np.zeros((len(texts), network.topic_head.out_features))
    order = np.argsort([len(ids) for ids in texts], kind="stable")
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        ids, mask = padded_batch([texts[i] for i in places], pad)
        found[places] = network(ids.to(device), mask.to(device)).topic_logits.float().cpu().numpy()
    return found


def padded_batch(texts: Sequence[list[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Token ids and their mask, (texts, tokens); the length is a multiple of 8."""
    length = -(-max(map(len, texts)) // 8) * 8
    ids, mask = torch.full((len(texts), length), pad), torch.zeros((len(texts), length), dtype=torch.long)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask


def _order(
    texts: Sequence[tuple[list[int], list[int]]], config: LargeConfig, seed: int
) -> list[list[tuple[int, bool]]]:
    """Batches of (example, under its title); drawn at once, so that a resumed run reads the same ones."""
    random, batches, size = np.random.default_rng(seed), [], config.batch
    for _ in range(math.ceil(config.epochs)):
        shuffled, titled = random.permutation(len(texts)), random.random(len(texts)) < config.title_share
        for start in range(0, len(shuffled), size * _POOL):
            pool = shuffled[start : start + size * _POOL]
            pool = pool[np.argsort([len(texts[i][int(titled[i])]) for i in pool], kind="stable")]
            parts = [pool[k : k + size] for k in range(0, len(pool), size)]
            random.shuffle(parts)
            batches += [[(int(i), bool(titled[i])) for i in part] for part in parts]
    return batches[: max(1, int(config.epochs * len(texts) / size))]


def _groups(network: TopicNetwork, config: LargeConfig) -> list[dict[str, object]]:
    """Parameters by learning rate: full in the last layer, ``layer_decay`` less in each layer below it."""
    layers = network.encoder.config.num_hidden_layers
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not name.startswith("encoder."):
            rate = config.head_learning_rate
        else:
            below = [int(part) for part in name.split(".") if part.isdigit()][:1]
            depth = layers - 1 - below[0] if below else 0 if "final_norm" in name else layers
            rate = config.learning_rate * config.layer_decay**depth
        groups.setdefault((rate, parameter.ndim > 1), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "base": rate, "weight_decay": 0.01 if matrix else 0.0}
        for (rate, matrix), parameters in groups.items()
    ]
