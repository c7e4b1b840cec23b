"""How a command of ``baozhai`` ends on an error; the convention is that of `baozhai_model.command_line`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NoReturn

from baozhai_model import command_line
from baozhai_model.command_line import FAILED, UNUSABLE

__all__ = ["FAILED", "UNUSABLE", "reported", "stop"]

PROGRAM = "baozhai"


def reported(extra: str | None = None) -> AbstractContextManager[None]:
    """Within this context errors end the program with one line; ``extra`` provides the command's optional modules."""
    return command_line.reported(PROGRAM, extra)


def stop(status: int, message: str) -> NoReturn:
    """End with ``status`` and ``message``, one line for each thing to fix."""
    command_line.stop(PROGRAM, status, message)
