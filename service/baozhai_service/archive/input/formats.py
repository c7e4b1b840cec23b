"""Choose the reader of a file by its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from baozhai_service.archive.input.csv import read_csv, read_header
from baozhai_service.archive.input.document import read_document_file, read_zip
from baozhai_service.archive.input.filenames import default_source, readable
from baozhai_service.archive.input.jsonl import read_jsonl
from baozhai_service.archive.input.parquet import Unreadable, read_parquet
from baozhai_service.archive.input.record import BadRecord, DeadLetter, Place, Record
from baozhai_service.archive.input.segment import Segment
from baozhai_service.archive.input.source import KINDS, InputFile, Source
from baozhai_service.archive.input.text_page import read_text_page
from baozhai_service.archive.settings import ScoreSettings


def whole(source: Source, file: InputFile, settings: ScoreSettings) -> Segment | DeadLetter:
    """The whole of ``file`` as one segment, or a dead letter if it cannot be read."""
    named = default_source(readable(file.path), readable(source.name))
    segment = Segment(file.path, file.kind, settings.source or named)
    if file.problem:
        return _unreadable(segment, "unreadable_file", file.problem)
    if file.kind is None:
        return _unreadable(segment, "unsupported_file", f"files of this kind are not read; {', '.join(KINDS)} are")
    if file.kind != "csv":
        return segment
    try:
        with source.open(file.path) as opened:
            names, delimiter, start, line = read_header(opened, segment)
            return replace(segment, header=tuple(names), delimiter=delimiter, start=start, line=line)
    except BadRecord as error:
        return DeadLetter(Place(segment.path, 1, 0, file.size), error.reason, error.detail, None)
    except OSError as error:
        return _unreadable(segment, "unreadable_file", f"the file cannot be read: {error.strerror or error}")


def read(source: Source, segment: Segment, settings: ScoreSettings) -> Iterator[Record | DeadLetter]:
    """The records of ``segment``; if reading its file fails, one dead letter for the rest of it."""
    is_page = settings.rows == "pages"
    try:
        with source.open(segment.path) as file:
            match segment.kind:
                case "page":
                    yield from read_text_page(file, segment, settled_source=settings.source is not None)
                case "document":
                    yield from read_document_file(file, segment, settled_source=settings.source is not None)
                case "zip":
                    yield from read_zip(file, segment, settled_source=settings.source is not None)
                case "jsonl":
                    yield from read_jsonl(file, segment, is_page=is_page)
                case "csv":
                    yield from read_csv(file, segment, is_page=is_page)
                case "parquet":
                    yield from read_parquet(file, segment, is_page=is_page)
                case _:
                    raise ValueError(f"no reader for {segment.kind!r}")
    except BadRecord as error:
        yield _unreadable(segment, error.reason, error.detail)
    except Unreadable as error:
        yield _unreadable(segment, "unreadable_file", str(error))
    except OSError as error:
        yield _unreadable(segment, "unreadable_file", f"the file cannot be read: {error.strerror or error}")


def _unreadable(segment: Segment, reason: str, detail: str) -> DeadLetter:
    return DeadLetter(Place(segment.path, segment.line), reason, detail, None)
