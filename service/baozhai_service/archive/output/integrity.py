"""Check the files of a finished output against its receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from baozhai_model.bundle import sha256
from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.output.folder import LEDGER, Output
from baozhai_service.archive.output.ledger import Ledger

_AGAIN = "run the same baozhai score again: it writes anew what is missing"


def damaged(output: Output, shards: Sequence[str], symptom: str) -> OutputRefused:
    """The error for a damaged ``output``: it names the damaged file of ``shards`` and how to repair it.

    ``symptom`` is the message for when every file is as it was written.
    """
    ledger = Ledger(output)
    if faults := [fault for shard in shards for fault in _missing(output, ledger, shard)]:
        first = "" if output.folder is not None else f"remove the receipts of these names from {LEDGER}, and "
    elif faults := [fault for shard in shards for fault in _altered(output, ledger, shard)]:
        first = "remove what is damaged, and "  # a run compares sizes only
    else:
        return OutputRefused(f"{output.url}: {symptom}; score into a new folder")
    more = f" (and so on: {len(faults)} files)" if len(faults) > 1 else ""
    return OutputRefused(f"{output.url}/{faults[0]}{more}; {first}{_AGAIN}")


def _missing(output: Output, ledger: Ledger, shard: str) -> Iterator[str]:
    try:
        files = ledger.receipt(shard).files
    except (ValueError, OSError):
        yield f"{LEDGER}/{shard}.json is missing or damaged"
        return
    for file in files:
        size = output.size(file.name)
        if size is None:
            yield f"{file.name} is missing"
        elif size != file.size:
            yield f"{file.name} has {size} bytes instead of {file.size}"


def _altered(output: Output, ledger: Ledger, shard: str) -> Iterator[str]:
    if output.folder is not None:  # remote files would have to be downloaded
        for file in ledger.receipt(shard).files:
            if sha256(output.folder / file.name) != file.sha256:
                yield f"{file.name} is not what was written"
