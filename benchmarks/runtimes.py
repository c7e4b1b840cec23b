"""The runtimes that can be measured here."""

from __future__ import annotations

from baozhai_model.encoder.runtimes import RUNTIMES, RuntimeName, check_runtime
from baozhai_model.errors import RuntimeUnavailable


def usable_runtimes() -> list[RuntimeName]:
    """Those that are installed and for this processor; of the others it is said why they are left out."""
    usable: list[RuntimeName] = []
    for name in RUNTIMES:
        try:
            check_runtime(name)
        except RuntimeUnavailable as error:
            print(f"{error}: left out")
        else:
            usable.append(name)
    return usable
