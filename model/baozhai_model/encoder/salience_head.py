"""The salience head: how well each sentence stands for its article, from its tokens' states and its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

TOGETHER = 256
"""Most sentences that the head compares with one another: its time and memory grow with their square."""

Floats = NDArray[np.float32]


class SalienceHead:
    """An ONNX head. One article at a time, on one thread, so that an article always has the same bytes."""

    def __init__(self, path: Path) -> None:
        """Load ``path``."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._sees_signals = any(given.name == "signals" for given in self._session.get_inputs())

    def salience(self, sentences: Floats, title: Floats, places: Floats, signals: Floats) -> Floats:
        """A logit for each sentence, shape (sentences,).

        Args:
            sentences: (sentences, width), the mean state of each one's tokens; zeros where it has none.
            title: (width,), the mean state of the title's tokens; zeros where there is no title.
            places: (sentences, 6), see `places_of`.
            signals: (sentences, signals), what else is measured of them; heads of before do not look at it.
        """
        rows = {"sentences": sentences, "place": places, **({"signals": signals} if self._sees_signals else {})}
        parts = [
            self._session.run(
                ["salience"],
                {"title": title, **{name: each[start : start + TOGETHER] for name, each in rows.items()}},
            )[0]
            for start in range(0, len(sentences), TOGETHER)
        ]
        logits: Floats = np.concatenate(parts)
        return logits


def places_of(paragraph: NDArray[np.int64], place: NDArray[np.int64], characters: NDArray[np.int64]) -> Floats:
    """Where each sentence stands and how long it is and its article are, shape (sentences, 6).

    Args:
        paragraph: (sentences,), the number of its paragraph, from 0.
        place: (sentences,), its place in the paragraph, from 0.
        characters: (sentences,), its length without the blank around it.
    """
    count = len(paragraph)
    order = np.arange(count)
    columns = [
        1.0 / (1.0 + order),
        order / max(count - 1, 1),
        1.0 / (1.0 + paragraph),
        1.0 / (1.0 + place),
        np.log1p(characters) / 5.0,
        np.full(count, np.log1p(count) / 4.0),
    ]
    return np.stack(columns, axis=1).astype(np.float32)
