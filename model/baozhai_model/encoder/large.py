"""The large stage: an encoder that is loaded when it is first asked, since most texts never reach it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from baozhai_model.encoder.encoder import Encoder, WindowOutput
from baozhai_model.encoder.reader import Reader


class LargeStage:
    """A large encoder and how it reads. Safe to call from several threads."""

    def __init__(self, reader: Reader, load: Callable[[], Encoder]) -> None:
        """Read with ``reader``; ``load`` the encoder when it is first asked."""
        self.reader = reader
        self._load = load
        self._encoder: Encoder | None = None
        self._loading = threading.Lock()

    @property
    def loaded(self) -> bool:
        """Whether the encoder is in memory."""
        return self._encoder is not None

    def load(self) -> Encoder:
        """The encoder.

        Raises:
            BundleCorrupt: its file changed since it was checked.
        """
        with self._loading:
            if self._encoder is None:
                self._encoder = self._load()
            return self._encoder

    def encode(self, windows: Sequence[Sequence[int]], *, states: bool = True) -> list[WindowOutput]:
        """Encode ``windows``; see `Encoder.encode`."""
        return self.load().encode(windows, states=states)
