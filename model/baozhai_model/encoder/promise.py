"""Check, when an encoder loads, that the runtime keeps its promise on the processor at hand.

The promise is that a window has the same bytes alone and in any batch. Kernels that are chosen by the height of a
matrix break it, and which ones are chosen depends on the processor. No sample proves it; this one has the heights at
which breaches were seen.
"""

from __future__ import annotations

import numpy as np

from baozhai_model.encoder.runtimes import Runtime

_LENGTHS = (8, 40)  # tokens: many short windows, fewer of common length
_MOST = 64  # windows in a batch
_IDS = (5, 40)  # token ids that every vocabulary has


def keeps_promise(runtime: Runtime, batch_tokens: int) -> bool:
    """Whether windows have the same bytes in batches of at most ``batch_tokens`` tokens as in a second run, alone."""
    dice = np.random.default_rng(0)
    for length in _LENGTHS:
        count = min(max(batch_tokens // length, 1), _MOST)
        ids = dice.integers(*_IDS, (count, length))
        mask = np.ones_like(ids)
        mask[0, length - 3 :] = 0  # one that is padded
        together = runtime.run(ids, mask, states=True)
        for row in range(count):
            alone = runtime.run(ids[row : row + 1], mask[row : row + 1], states=True)
            if any(alone[name][0].tobytes() != together[name][row].tobytes() for name in together):
                return False
    return True
