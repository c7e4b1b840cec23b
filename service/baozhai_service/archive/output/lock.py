"""One run at a time writes an output; the kernel lets go of the lock when its process ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from baozhai_service.archive.errors import OutputBusy
from baozhai_service.archive.output.folder import PRIVATE, Output, beginning

try:
    import fcntl
except ImportError:  # Windows: shards are written whole and alike by whoever writes them, so nothing is corrupted
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(output: Output) -> Iterator[None]:
    """Hold ``output``; only a local folder can be held.

    Raises:
        OutputBusy: another process holds it.
        OutputRefused: it cannot be written.
    """
    if output.folder is None or fcntl is None:
        yield
        return
    with ExitStack() as held:
        with beginning(output.url, "--out"):
            (output.folder / PRIVATE).mkdir(parents=True, exist_ok=True)
            file = held.enter_context((output.folder / PRIVATE / "lock").open("a+"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise OutputBusy(f"{output.url} is being written by another run (process {holder})") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
