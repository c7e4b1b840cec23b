"""Read a piece of a file, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from baozhai_service.archive.csvrows import read_csv, read_header
from baozhai_service.archive.jsonl import read_jsonl
from baozhai_service.archive.naming import default_source, readable
from baozhai_service.archive.pages import read_text_page
from baozhai_service.archive.parquetrows import Unreadable, read_parquet
from baozhai_service.archive.pieces import Piece
from baozhai_service.archive.records import BadRecord, Place, Record, Rejected
from baozhai_service.archive.settings import ScoreSettings
from baozhai_service.archive.sources import KINDS, InputFile, Source


def whole(source: Source, file: InputFile, settings: ScoreSettings) -> Piece | Rejected:
    """All of ``file`` as one piece, or why it cannot be read."""
    named = default_source(readable(file.path), readable(source.name))
    piece = Piece(file.path, file.kind, settings.source or named)
    if file.problem:
        return _unreadable(piece, "unreadable_file", file.problem)
    if file.kind is None:
        return _unreadable(piece, "unsupported_file", f"files of this kind are not read; {', '.join(KINDS)} are")
    if file.kind != "csv":
        return piece
    try:
        with source.open(file.path) as opened:
            names, start, line = read_header(opened, piece)
            return replace(piece, header=tuple(names), start=start, line=line)
    except BadRecord as error:
        return Rejected(Place(piece.path, 1, 0, file.size), error.reason, error.detail, None)
    except OSError as error:
        return _unreadable(piece, "unreadable_file", f"the file cannot be read: {error.strerror or error}")


def read(source: Source, piece: Piece, settings: ScoreSettings) -> Iterator[Record | Rejected]:
    """The records of ``piece``; where its file fails, one dead letter for the rest of it."""
    is_page = settings.rows == "pages"
    try:
        with source.open(piece.path) as file:
            match piece.kind:
                case "page":
                    yield from read_text_page(file, piece, settled_source=settings.source is not None)
                case "jsonl":
                    yield from read_jsonl(file, piece, is_page=is_page)
                case "csv":
                    yield from read_csv(file, piece, is_page=is_page)
                case "parquet":
                    yield from read_parquet(file, piece, is_page=is_page)
                case _:
                    raise ValueError(f"no reader for {piece.kind!r}")
    except BadRecord as error:
        yield _unreadable(piece, error.reason, error.detail)
    except Unreadable as error:
        yield _unreadable(piece, "unreadable_file", str(error))
    except OSError as error:
        yield _unreadable(piece, "unreadable_file", f"the file cannot be read: {error.strerror or error}")


def _unreadable(piece: Piece, reason: str, detail: str) -> Rejected:
    return Rejected(Place(piece.path, piece.line), reason, detail, None)
