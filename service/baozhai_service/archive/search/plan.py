"""Which shards are indexed together, such that adding shards leaves most parts unchanged.

Parts are cut where a shard's id says so (content-defined chunking): a new or changed shard changes only the parts
near it. A part's name is a hash of everything that its files depend on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FORMAT = 1
"""Of a part's files and of how text is folded; a change of either makes all parts anew."""

LEAST, MOST = 200_000, 400_000  # paragraphs of a part
CUT = 16  # beyond the least, one shard in so many ends a part


@dataclass(frozen=True, slots=True)
class PartPlan:
    """Shards to index together."""

    name: str
    shards: tuple[str, ...]
    paragraphs: int


def plan_parts(shards: Iterable[tuple[str, int]], *, least: int = LEAST, most: int = MOST) -> Iterator[PartPlan]:
    """The parts of an archive, from the id of each shard and its number of paragraphs, in the archive's order."""
    ids: list[str] = []
    paragraphs = 0
    for shard, count in shards:
        ids.append(shard)
        paragraphs += count
        if paragraphs >= most or (paragraphs >= least and int(shard[:8], 16) % CUT == 0):
            yield _part(ids, paragraphs)
            ids, paragraphs = [], 0
    if ids:
        yield _part(ids, paragraphs)


def _part(shards: list[str], paragraphs: int) -> PartPlan:
    told = json.dumps([FORMAT, shards])
    return PartPlan(hashlib.sha256(told.encode()).hexdigest()[:16], tuple(shards), paragraphs)
