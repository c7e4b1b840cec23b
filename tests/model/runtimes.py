"""Runtimes that a test can use here."""

import pytest

from baozhai_model.encoder.runtimes import RuntimeName, check_runtime
from baozhai_model.errors import RuntimeUnavailable


def usable(name: RuntimeName) -> RuntimeName:
    """``name``, or the test is skipped where it cannot be used."""
    try:
        check_runtime(name)
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    return name
