"""Cut an archive into shards in one pass. The shards depend on the input only, not on earlier runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from zlib import crc32

from baozhai_service.archive.input.formats import read, whole
from baozhai_service.archive.input.record import DeadLetter, Record
from baozhai_service.archive.input.segment import Fingerprint, Segment
from baozhai_service.archive.input.source import InputFile, Source
from baozhai_service.archive.shards.seen_keys import SeenKeys
from baozhai_service.archive.shards.shard import Basis, Shard, identity

FILES_TOGETHER = 16  # small files in one shard, on average


@dataclass
class _Draft:
    """A shard under construction."""

    segments: list[Segment] = field(default_factory=list)
    rejected: list[DeadLetter] = field(default_factory=list)
    duplicates: list[tuple[str, int, str]] = field(default_factory=list)
    size: int = 0

    def take(self, other: _Draft) -> None:
        self.segments += other.segments
        self.rejected += other.rejected
        self.duplicates += other.duplicates
        self.size += other.size

    def shard(self, basis: Basis) -> Shard:
        content = (tuple(self.segments), tuple(self.rejected), tuple(self.duplicates))
        return Shard(identity(basis, *content), *content, self.size)

    def __bool__(self) -> bool:
        return bool(self.segments or self.rejected)


def plan(source: Source, basis: Basis) -> Iterator[Shard]:
    """The shards of ``source`` in order; each record is in exactly one.

    A large file is cut about every ``shard_bytes`` bytes, so lines appended to it change its last shard only. Small
    files share shards. A hash of a file's name decides whether a shard ends after it, so an added or removed file
    changes one or two shards.

    Raises:
        NoInput: there is nothing to read.
    """
    draft = _Draft()
    most = basis.settings.shard_bytes
    with SeenKeys() as keys:
        for file in source.files():
            if draft and file.size >= most:
                yield draft.shard(basis)
                draft = _Draft()
            for cut in _cuts(source, file, basis, keys):
                draft.take(cut)
                if draft.size >= most:
                    yield draft.shard(basis)
                    draft = _Draft()
            if draft and crc32(file.path.encode(errors="replace")) % FILES_TOGETHER == 0:
                yield draft.shard(basis)
                draft = _Draft()
    if draft:
        yield draft.shard(basis)


def _cuts(source: Source, file: InputFile, basis: Basis, keys: SeenKeys) -> Iterator[_Draft]:
    """The parts of ``file``, of about ``shard_bytes`` bytes each, as drafts of their own."""
    segment = whole(source, file, basis.settings)
    if isinstance(segment, DeadLetter):
        yield _Draft(rejected=[segment])
        return
    cut, fingerprint, rows = _Draft(), Fingerprint(), segment.start
    for item in read(source, segment, basis.settings):
        fingerprint.add(item)
        cut.size += _size(item)
        if isinstance(item, Record) and item.key and (first := keys.claim(item.key, item.place)):
            cut.duplicates.append((item.place.file, item.place.line, first))
        rows += 1
        if cut.size >= basis.settings.shard_bytes and segment.kind not in ("page", "document"):
            end = item.place.end if item.place.end is not None else rows
            cut.segments.append(replace(segment, end=end, digest=fingerprint.hexdigest()))
            yield cut
            cut, fingerprint = _Draft(), Fingerprint()
            segment = replace(segment, start=end, line=_next_line(item))
    if fingerprint.count:
        cut.segments.append(replace(segment, digest=fingerprint.hexdigest()))
        yield cut


def _next_line(item: Record | DeadLetter) -> int:
    """The number of the line after ``item``; a CSV row may take several."""
    lines = item.raw.count(b"\n") if item.raw is not None and item.place.end is not None else 1
    return item.place.line + max(lines, 1)


def _size(item: Record | DeadLetter) -> int:
    if item.raw is not None:
        return len(item.raw)
    return (item.place.end or 0) - (item.place.start or 0)
