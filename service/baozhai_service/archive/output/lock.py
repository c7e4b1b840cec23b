"""A lock, so that one run at a time writes an output. The kernel releases it when its process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from baozhai_service.archive.errors import OutputBusy
from baozhai_service.archive.output.folder import PRIVATE, Output, beginning

try:
    import fcntl
except ImportError:  # Windows: unlocked runs write the same shards atomically, so nothing is corrupted
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(output: Output) -> Iterator[None]:
    """Lock ``output`` within this context, if it is a local folder.

    Raises:
        OutputBusy: another process holds the lock.
        OutputRefused: the folder cannot be written.
    """
    if output.folder is None:
        yield
    else:
        with held(output.folder / PRIVATE, output.url, "--out"):
            yield


@contextmanager
def held(folder: Path, name: str, option: str) -> Iterator[None]:
    """Create and lock ``folder``; in messages it is ``name``, which the user gave by ``option``.

    Raises:
        OutputBusy: another process holds the lock.
        OutputRefused: the folder cannot be written.
    """
    with ExitStack() as open_files:
        with beginning(name, option):
            folder.mkdir(parents=True, exist_ok=True)
            file = open_files.enter_context((folder / "lock").open("a+"))
        if fcntl is None:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise OutputBusy(f"{name} is being written by another run (process {holder})") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
