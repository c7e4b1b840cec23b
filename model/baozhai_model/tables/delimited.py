"""CSV and TSV row by row, each row with the bytes that it was read from; one bad row never swallows others."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

BYTES = "latin-1"  # a character a byte: fields are parted as bytes, then decoded, since rows may differ in encoding


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it lies in the file: its first line (from 1), its first byte, its bytes and its cells, as `BYTES`."""

    line: int
    start: int
    raw: bytes
    cells: list[str]

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.start + len(self.raw)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that no row can be made of; ``raw`` is None where it is too long to be kept."""

    line: int
    start: int
    end: int
    raw: bytes | None
    detail: str


class _TooLarge(Exception):
    """A row goes on and on."""


class DelimitedRows:
    """The rows of a file from some offset on.

    A row may go over several lines where a cell is quoted. Where quotation marks do not pair up, the first line of the
    row is given up and named, and reading goes on with the line after it.
    """

    def __init__(self, file: BinaryIO, *, delimiter: str, start: int = 0, line: int = 1, largest: int) -> None:
        """Begin at the offset ``start``, which is the beginning of line ``line``; ``largest`` bytes make a row."""
        csv.field_size_limit(2 * largest)  # of the whole process; rows are bounded here, before csv sees them
        self._file, self._delimiter, self._largest = file, delimiter, largest
        self.start, self.line = start, line
        self._taken: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._file.seek(self.start)
        self._reader = csv.reader(self._fed(), delimiter=self._delimiter, strict=True)

    def _fed(self) -> Iterator[str]:
        size = 0
        while raw := self._file.readline(self._largest + 1):
            size = len(raw) + (size if self._taken else 0)
            self._taken.append(raw)
            if size > self._largest:
                raise _TooLarge
            yield raw.decode(BYTES)

    def read(self, end: int | None = None) -> Iterator[RawRow | BadRow]:
        """Rows up to the offset ``end``; blank ones are left out."""
        while end is None or self.start < end:
            self._taken.clear()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, _TooLarge) as error:
                yield self._skipped(error)
                continue
            row = RawRow(self.line, self.start, b"".join(self._taken), cells)
            self.start = row.end
            self.line += len(self._taken)
            if any(cells):
                yield row

    def reject(self, row: RawRow, detail: str) -> BadRow:
        """Give up the first line of ``row``, the last that was read, and go on with the line after it."""
        first = row.raw[: row.raw.index(b"\n") + 1] if b"\n" in row.raw else row.raw
        self.start, self.line = row.start + len(first), row.line + 1
        self._begin()
        return BadRow(row.line, row.start, row.start + len(first), first, detail)

    def _skipped(self, error: Exception) -> BadRow:
        first = self._taken[0]
        if len(first) > self._largest:
            bad = self._too_large(first)
        else:
            detail = self._why(error)
            bad = BadRow(self.line, self.start, self.start + len(first), first, f"no CSV row: {detail}")
        self.start = bad.end
        self.line += 1
        self._begin()
        return bad

    def _why(self, error: Exception) -> str:
        more = len(self._taken) - 1
        if isinstance(error, csv.Error) and not more:
            return f"{error}; a cell in quotation marks has text after the closing one, or none: double those within it"
        return f"a quotation mark opens a cell here and no mark closes it; it would take in the {more} lines below"

    def _too_large(self, begun: bytes) -> BadRow:
        """Read on after ``begun`` to the end of its line, which is too long."""
        self._file.seek(self.start + len(begun))
        digest, size, part = hashlib.sha256(begun), len(begun), begun
        while not part.endswith(b"\n") and (part := self._file.readline(2**20)):
            digest.update(part)
            size += len(part)
        detail = f"a record of {size} bytes; at most {self._largest} are read (SHA-256 {digest.hexdigest()})"
        return BadRow(self.line, self.start, self.start + size, None, detail)


def rows_apart(
    rows: DelimitedRows, delimiter: str, names: Sequence[str | None], key: str, known: Callable[[str], bool], *,
    end: int | None = None,
) -> Iterator[RawRow | BadRow]:  # fmt: skip
    """The ``rows`` up to the offset ``end``, where no row is made of several.

    Two stray quotation marks make one row of all rows between them, and it looks like a text of several lines in
    quotation marks. But then its lines are rows of their own: they have as many cells as there are ``names``, and
    under ``key`` one that is ``known``. Such a row is given up and its lines are read one by one.
    """
    reading = rows.read(end)
    while (row := next(reading, None)) is not None:
        if isinstance(row, RawRow) and (count := _rows_within(row, delimiter, names, key, known)):
            yield rows.reject(row, f"no CSV row: a stray quotation mark would make one text of {count} lines")
            reading = rows.read(end)
        else:
            yield row


def _rows_within(
    row: RawRow, delimiter: str, names: Sequence[str | None], key: str, known: Callable[[str], bool]
) -> int:
    """How many lines ``row`` has, if one of them is a row of its own; else 0."""
    lines = row.raw.decode(BYTES).rstrip("\r\n").split("\n")
    if len(lines) < 2 or key not in names:
        return 0
    cells = [[cell.strip('"\r') for cell in line.split(delimiter)] for line in lines]
    place, text, wide = names.index(key), names.index("text"), len(names)
    if wide == 1 or any('"' in line for line in lines[1:-1]):
        return 0
    # The quoted text begins on the first line and ends on the last, which have the cells before and after it.
    own = cells[0 if text < place else 1 : len(cells) if place < text else -1]
    found = any(len(each) == wide and each[place] and known(each[place]) for each in own)
    # A row that has too few or too many cells is more likely a stray mark: then its first and last line prove nothing.
    parted = cells if len(row.cells) == wide else cells[1:-1]
    return len(lines) if found or (len(lines) > 2 and all(len(each) == wide for each in parted)) else 0


def sniffed_delimiter(heading: bytes, name: str) -> str:
    """The character that parts the cells under ``heading``, the first line of the file called ``name``."""
    if name.lower().endswith(".tsv"):
        return "\t"
    return max(",\t;|", key=lambda char: heading.count(char.encode()))
