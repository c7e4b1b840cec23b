"""How a command ends on an error: one line that says what to fix, and an exit status; never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

FAILED, UNUSABLE = 1, 2


@contextmanager
def reported(extra: str | None = None) -> Iterator[None]:
    """Report errors in one line that says what to fix; ``extra`` is the extra that a missing module belongs to."""
    from baozhai_model.errors import BaozhaiError, InputError
    from baozhai_service.errors import ExtraMissing

    try:
        yield
    except ModuleNotFoundError as error:
        if extra is None or (error.name or "").startswith("baozhai"):
            raise
        name = error.name or str(error)
        stop(UNUSABLE, str(ExtraMissing(name, "ray" if name.partition(".")[0] == "ray" else extra)))
    except InputError as error:
        stop(FAILED, str(error))
    except (BaozhaiError, ValueError) as error:
        stop(UNUSABLE, str(error))
    except BrokenPipeError:  # whoever read the output has seen enough
        sys.stderr.close()
        raise SystemExit(FAILED) from None
    except OSError as error:
        named = error.filename is not None
        stop(UNUSABLE, f"{error.filename} cannot be used: {error.strerror}" if named else str(error))


def stop(status: int, message: str) -> NoReturn:
    """End with ``status``, saying ``message``; a line of it for each thing to fix."""
    sys.stdout.flush()
    for line in message.splitlines():
        typer.echo(f"baozhai: {line}", err=True)
    raise SystemExit(status)
