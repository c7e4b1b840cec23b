"""Runtimes that a test can use here."""

import pytest

from baozhai_model.errors import RuntimeUnavailable
from baozhai_model.runtimes import RuntimeName, check_runtime


def usable(name: RuntimeName) -> RuntimeName:
    """``name``, or the test is skipped where it cannot be used."""
    try:
        check_runtime(name)
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    return name
