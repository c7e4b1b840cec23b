"""What stops a run, with what to do about it; a record that cannot be read never does (see `records.Rejected`)."""

from __future__ import annotations

from baozhai_model.errors import BaozhaiError


class ArchiveError(BaozhaiError):
    """The archive cannot be scored or looked at."""

    code = "archive"


class NoInput(ArchiveError):
    """There is nothing to score."""

    code = "no_input"


class OutputRefused(ArchiveError):
    """What shall be written or looked at is no place for it, or holds something else; nothing in it was touched."""

    code = "output_refused"


class OutputBusy(ArchiveError):
    """Another process writes this output."""

    code = "output_busy"


class InputChanged(ArchiveError):
    """A file changed between planning and scoring."""

    code = "input_changed"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while it was being scored; run the same command again")
        self.path = path


class RunFailed(ArchiveError):
    """The run stopped before its end; what was finished is kept, and the same command goes on from there."""

    code = "run_failed"
