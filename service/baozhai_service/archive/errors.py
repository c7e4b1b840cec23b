"""Errors that stop a run. A record that cannot be read does not: it becomes an `input.record.DeadLetter`."""

from __future__ import annotations

from baozhai_model.errors import BaozhaiError


class ArchiveError(BaozhaiError):
    """The archive cannot be scored or read."""

    code = "archive"


class NoInput(ArchiveError):
    """There is nothing to score."""

    code = "no_input"


class OutputRefused(ArchiveError):
    """The output folder cannot be used, or holds something else; nothing in it was changed."""

    code = "output_refused"


class OutputBusy(ArchiveError):
    """Another process is writing this output."""

    code = "output_busy"


class InputChanged(ArchiveError):
    """A file changed between planning and scoring."""

    code = "input_changed"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while it was being scored; run the same command again")
        self.path = path


class RunFailed(ArchiveError):
    """The run did not finish; finished shards are kept, and the same command resumes the run."""

    code = "run_failed"
