"""The archive of a service: opened when it is first asked for, and again when it was indexed again."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.model import Model
from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.explore.similar import Encode
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.errors import IndexUnusable
from baozhai_service.archive.search.index import CONTENTS, SearchIndex, index_folder

EVERY = 1.0  # seconds between looks whether the archive was indexed again


class OpenedArchive:
    """Gives the explorer of an archive's present state. Threads may share it."""

    def __init__(self, url: str, index: Path | None = None) -> None:
        """Follow the archive at ``url``, whose index is in ``index`` or beside it.

        Raises:
            OutputRefused: ``url`` can be no archive.
        """
        self.output = Output(url)
        self._folder = index_folder(self.output, index)
        self._lock = threading.Lock()
        self._explorer: Explorer | None = None
        self._seen: tuple[int, int] | None = None
        self._looked = 0.0

    def explorer(self) -> Explorer:
        """The explorer.

        Raises:
            IndexUnusable: the archive is not finished, or it has no index, or one of another state.
        """
        with self._lock:
            now = time.monotonic()
            if self._explorer is None or now - self._looked >= EVERY:
                self._looked = now
                seen = self._state()
                if self._explorer is None or seen != self._seen:
                    self._explorer = self._opened()  # the old one may be in use still
                    self._seen = seen
            return self._explorer

    def _opened(self) -> Explorer:
        try:
            return Explorer(SearchIndex(self.output, self._folder))
        except OutputRefused as error:
            raise IndexUnusable(str(error)) from error

    def _state(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / CONTENTS).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def encode_with(model: Model) -> Encode:
    """The mean of the encoder's states over a text's first window, as unit vectors."""

    def encode(texts: object) -> NDArray[np.float32]:
        windows = [model.tokenize(text or " ").windows[0] for text in texts]  # type: ignore[attr-defined]
        vectors = np.stack([output.states.mean(axis=0) for output in model.encode(windows)])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)

    return encode
