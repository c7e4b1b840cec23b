"""How the command lines ``baozhai`` and ``baozhai-train`` end: one convention of exit statuses and messages for both.

0: everything was done.
1: something that the command was given is refused or has no answer (an `InputError`: a bad line, a table or document
   that cannot be read; a version that the gate refuses).
2: nothing could be done: a wrong option, a missing file, a broken bundle or store, an extra that is not installed.

An error is one line on standard error, ``PROGRAM: what to fix``, a line for each thing to fix; never a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from baozhai_model.errors import BaozhaiError, ExtraMissing, InputError

FAILED, UNUSABLE = 1, 2


@contextmanager
def reported(program: str, extra: str | None = None) -> Iterator[None]:
    """Within this context errors end ``program`` with their message and exit status.

    Args:
        program: what the user called.
        extra: the extra of the package that provides the optional modules of this command; without it, a module that
            is missing is a fault.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if extra is None or (error.name or "").startswith("baozhai"):
            raise
        name = error.name or str(error)
        stop(program, UNUSABLE, str(ExtraMissing(name, "ray" if name.partition(".")[0] == "ray" else extra)))
    except InputError as error:
        stop(program, FAILED, str(error))
    except (BaozhaiError, ValueError) as error:
        stop(program, UNUSABLE, str(error))
    except BrokenPipeError:  # the reader of the output, such as `head`, has ended
        sys.stderr.close()
        raise SystemExit(FAILED) from None
    except OSError as error:
        named = error.filename is not None
        message = f"{error.filename} cannot be used: {error.strerror}" if named else str(error)
        stop(program, UNUSABLE, message)


def stop(program: str, status: int, message: str) -> NoReturn:
    """End ``program`` with ``status`` and ``message``, one line for each thing to fix."""
    sys.stdout.flush()
    for line in message.splitlines():
        sys.stderr.write(f"{program}: {line}\n")
    sys.stderr.flush()
    raise SystemExit(status)
