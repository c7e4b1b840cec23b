"""Encoders that misbehave on purpose, around a real one. The service takes them as it takes any bundle's encoder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from baozhai_model.encoder.encoder import Encoder, WindowOutput
from baozhai_model.model import Model

Windows = Sequence[Sequence[int]]


def with_encoder(model: Model, encoder: Any) -> Model:
    """The same model version with another encoder."""
    return Model(replace(model.bundle, encoder=encoder), max_characters=model.max_characters)


class Around:
    """An encoder like ``real``; subclasses misbehave in `encode`."""

    def __init__(self, real: Encoder) -> None:
        self.real = real
        self.topics = real.topics

    def encode(self, windows: Windows, *, states: bool = True) -> list[WindowOutput]:
        return self.real.encode(windows, states=states)


class Recording(Around):
    """Remembers every batch it was given."""

    def __init__(self, real: Encoder) -> None:
        super().__init__(real)
        self.batches: list[list[tuple[int, ...]]] = []

    def encode(self, windows: Windows, *, states: bool = True) -> list[WindowOutput]:
        self.batches.append([tuple(window) for window in windows])
        return super().encode(windows, states=states)


class Gated(Recording):
    """Works while its gate is open; `entered` is set when a batch stands before it."""

    def __init__(self, real: Encoder) -> None:
        super().__init__(real)
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def shut(self) -> None:
        self.entered.clear()
        self.gate.clear()

    def encode(self, windows: Windows, *, states: bool = True) -> list[WindowOutput]:
        self.entered.set()
        self.gate.wait()
        return super().encode(windows, states=states)


class Poisonable(Around):
    """Fails on every batch that holds one of ``poison``, in the way that ``fail`` says."""

    def __init__(self, real: Encoder, poison: Windows, fail: Callable[[], Any] | None = None) -> None:
        super().__init__(real)
        self.poison = {tuple(window) for window in poison}
        self.fail = fail

    def encode(self, windows: Windows, *, states: bool = True) -> list[WindowOutput]:
        if self.poison & {tuple(window) for window in windows}:
            if self.fail is not None:
                self.fail()
            raise RuntimeError("poisoned")
        return super().encode(windows, states=states)


class NotANumber(Around):
    """Answers one window with numbers that are none."""

    def __init__(self, real: Encoder, window: Sequence[int]) -> None:
        super().__init__(real)
        self.window = tuple(window)

    def encode(self, windows: Windows, *, states: bool = True) -> list[WindowOutput]:
        return [
            replace(output, topic_logits=np.full_like(output.topic_logits, np.nan))
            if tuple(window) == self.window
            else output
            for window, output in zip(windows, super().encode(windows, states=states), strict=True)
        ]


class Struck(BaseException):
    """Worse than an exception: what ends a thread."""


class Mortal(Around):
    """Well, until `strike` is called; then it ends the thread that calls it, until `heal`.

    ``tried`` is set whenever it is called while it is not well.
    """

    def __init__(self, real: Encoder) -> None:
        super().__init__(real)
        self.well = True
        self.tried = threading.Event()

    def strike(self) -> None:
        self.tried.clear()
        self.well = False

    def heal(self) -> None:
        self.well = True

    def encode(self, windows: Windows, *, states: bool = True) -> list[WindowOutput]:
        if not self.well:
            self.tried.set()
            raise Struck
        return super().encode(windows, states=states)
