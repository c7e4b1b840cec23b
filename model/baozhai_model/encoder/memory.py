"""One pass for topics and digests: an encoder that keeps what it gave, for the texts of one answer."""

from __future__ import annotations

from collections.abc import Sequence

from baozhai_model.encoder.encoder import Encode, WindowOutput
from baozhai_model.errors import TextFailed


class WindowMemory:
    """Encodes each distinct window once, with its states. Not to be shared by threads, and to be let go soon."""

    def __init__(self, encode: Encode) -> None:
        """Remember what ``encode`` gives."""
        self._encode = encode
        self._known: dict[tuple[int, ...], WindowOutput | TextFailed] = {}

    def encode(self, windows: Sequence[Sequence[int]], *, states: bool = True) -> list[WindowOutput | TextFailed]:
        """The outputs for ``windows``, in order; those that were asked for before are not computed again."""
        keys = [tuple(window) for window in windows]
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        if new:
            self._known.update(zip(new, self._encode(new, states=True), strict=True))
        return [self._known[key] for key in keys]
