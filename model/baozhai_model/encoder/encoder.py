"""Run the encoder: windows of token ids in, padded and batched; topic logits and sentence signals out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from baozhai_model.encoder.promise import keeps_promise
from baozhai_model.encoder.runtimes import RuntimeName, load_runtime
from baozhai_model.errors import RuntimeUnavailable, TextFailed

LENGTH_STEP = 8  # windows are padded to a multiple of this many tokens
_NO_STATES = np.zeros((0, 0), dtype=np.float32)
_NO_SALIENCE = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class WindowOutput:
    """What the encoder says of one window.

    Attributes:
        topic_logits: (topics,), float32.
        salience: (tokens,), float32, one logit per token; (0,) from encoders whose salience is a head of its own.
        states: (tokens, width), float32, the last hidden layer; (0, 0) where it was not asked for.
    """

    topic_logits: NDArray[np.float32]
    salience: NDArray[np.float32]
    states: NDArray[np.float32]


class Encode(Protocol):
    """An encoder pass over windows, in order; one that fails alone has its error for an output.

    Only digests need ``states``, which are as large as everything else together.
    """

    def __call__(self, windows: Sequence[Sequence[int]], *, states: bool = True) -> Sequence[WindowOutput | TextFailed]:
        """Encode ``windows`` (token ids with [CLS] and [SEP])."""
        ...


class Encoder:
    """An ONNX encoder with inputs ``input_ids, attention_mask`` and outputs ``topic_logits, states``.

    Bundles of format 1 have a third output, ``salience``.

    A window is padded to a length that depends on itself alone and shares a batch only with windows of that length,
    so its numbers are the same bytes whatever it is batched with. Loading checks that on the processor at hand; where
    it does not hold, every window is run by itself.
    """

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 0,
        batch_tokens: int = 4096,
        runtime: RuntimeName = "onnxruntime",
        pad: int = 0,
    ) -> None:
        """Load the model.

        Args:
            path: the ``.onnx`` file.
            threads: cores that one batch may use; 0 for all.
            batch_tokens: most tokens (padding included) in one batch.
            runtime: what computes it.
            pad: the id that fills windows up.

        Raises:
            RuntimeUnavailable: the runtime is not installed or not for this processor, or does not give a window the
                same bytes twice.
        """
        self._pad = pad
        self._runtime = load_runtime(runtime, path, threads)
        batched = self._runtime.batches and keeps_promise(self._runtime, batch_tokens)
        self._batch_tokens = batch_tokens if batched else 1
        if not batched and not keeps_promise(self._runtime, self._batch_tokens):
            raise RuntimeUnavailable(f"{runtime}: the same window has other bytes each time on this processor")

    @property
    def topics(self) -> int | str:
        """How many logits a window gets."""
        return self._runtime.topics

    def encode(self, windows: Sequence[Sequence[int]], *, states: bool = True) -> list[WindowOutput]:
        """Encode ``windows`` (token ids with [CLS] and [SEP]), in order."""
        outputs: list[WindowOutput | None] = [None] * len(windows)
        for batch in self.batches([len(window) for window in windows]):
            for index, output in zip(batch, self._run([windows[i] for i in batch], states), strict=True):
                outputs[index] = output
        return [output for output in outputs if output is not None]

    def batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Group window indices into batches: shortest first, one padded length each, bounded by tokens."""
        batch: list[int] = []
        for index in sorted(range(len(lengths)), key=lambda i: (padded(lengths[i]), i)):
            length = padded(lengths[index])
            if batch and (padded(lengths[batch[0]]) != length or (len(batch) + 1) * length > self._batch_tokens):
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch

    def _run(self, windows: Sequence[Sequence[int]], with_states: bool) -> Iterator[WindowOutput]:
        length = padded(len(windows[0]))
        ids = np.full((len(windows), length), self._pad, dtype=np.int64)
        mask = np.zeros((len(windows), length), dtype=np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        found = self._runtime.run(ids, mask, states=with_states)
        for row, window in enumerate(windows):
            yield WindowOutput(
                found["topic_logits"][row],
                found["salience"][row, : len(window)] if "salience" in found else _NO_SALIENCE,
                found["states"][row, : len(window)] if with_states else _NO_STATES,
            )


def padded(length: int) -> int:
    """The length that a window of ``length`` tokens is padded to."""
    return -(-length // LENGTH_STEP) * LENGTH_STEP
