"""How signals are weighed: by what tells most of articles that were left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from baozhai_model.digest.salience import SIGNALS
from baozhai_model.topics.calibration import sigmoid
from baozhai_training.data.digested import fit_weights, weighed


def articles(count: int, strength: float) -> tuple[list[NDArray[np.float64]], list[NDArray[np.bool_]]]:
    """Ten sentences each, two of them kept; the first signal points at those with ``strength``, others are noise."""
    chance = np.random.default_rng(5)
    signals, chosen = [], []
    for _ in range(count):
        kept = np.zeros(10, dtype=bool)
        kept[chance.choice(10, 2, replace=False)] = True
        rows = chance.normal(size=(10, len(SIGNALS)))
        rows[:, 0] += strength * kept
        signals.append(rows)
        chosen.append(kept)
    return signals, chosen


def test_a_signal_that_tells_outweighs_the_others() -> None:
    weights = fit_weights(*articles(60, strength=3.0))
    others = [abs(weights[name]) for name in SIGNALS[1:]]
    assert weights[SIGNALS[0]] > 3 * max(others)


def test_noise_is_held_back() -> None:
    """On articles that it never saw, it does little worse than who knows only how many sentences are kept."""
    signals, chosen = articles(160, strength=0.0)
    weights = fit_weights(signals[:60], chosen[:60])
    kept = np.concatenate(chosen[60:])
    told = sigmoid(np.concatenate([weighed(rows, weights) for rows in signals[60:]]))
    assert log_loss(kept, told) < log_loss(kept, np.full(len(kept), kept.mean())) + 0.03


def test_three_articles_are_enough_to_weigh_by() -> None:
    signals, chosen = articles(3, strength=4.0)
    weights = fit_weights(signals, chosen)
    logits = np.concatenate([weighed(rows, weights) for rows in signals])
    kept = np.concatenate(chosen)
    assert logits[kept].mean() > logits[~kept].mean()


def test_articles_of_which_all_is_kept_do_not_stop_it() -> None:
    signals, chosen = articles(20, strength=3.0)
    chosen[:12] = [np.ones(10, dtype=bool)] * 12
    assert np.isfinite(list(fit_weights(signals, chosen).values())).all()
