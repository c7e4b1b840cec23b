"""How the commands of ``baozhai`` report errors: `baozhai_model.command_line` with this program's name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NoReturn

from baozhai_model import command_line
from baozhai_model.command_line import FAILED, UNUSABLE

__all__ = ["FAILED", "UNUSABLE", "reported", "stop"]

PROGRAM = "baozhai"


def reported(extra: str | None = None) -> AbstractContextManager[None]:
    """Within this context, errors end the program with one line; ``extra`` names the extra that the command needs."""
    return command_line.reported(PROGRAM, extra)


def stop(status: int, message: str) -> NoReturn:
    """Print ``message`` (one line for each problem) and exit with ``status``."""
    command_line.stop(PROGRAM, status, message)
