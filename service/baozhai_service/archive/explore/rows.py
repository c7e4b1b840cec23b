"""Rows of the archive's Parquet files, by the file and the place in it that the index knows."""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.errors import IndexUnusable

_KEPT = 64 * 2**20  # bytes of the files that were read last


class RowReader:
    """Reads rows of ``paragraphs`` and ``articles``. Threads may share it."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._kept: OrderedDict[tuple[str, str, tuple[str, ...]], Any] = OrderedDict()
        self._lock = threading.Lock()

    def read(
        self, table: str, places: Sequence[tuple[str, int]], columns: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        """The rows at ``places`` (file, row), in their order.

        Args:
            table: ``paragraphs`` or ``articles``.
            places: of the rows.
            columns: that are read; all if not told. Of many files, one column is read several times as fast.

        Raises:
            IndexUnusable: a file is missing or not what was indexed.
        """
        by_file: defaultdict[str, list[int]] = defaultdict(list)
        for at, (file, _) in enumerate(places):
            by_file[file].append(at)
        rows: list[dict[str, Any]] = [{}] * len(places)
        for file, wanted in by_file.items():
            found = self._table(table, file, columns)
            try:
                taken = found.take(_indices([places[at][1] for at in wanted])).to_pylist()
            except pa.ArrowIndexError:
                raise self._changed(f"{table}/{file}") from None
            for at, row in zip(wanted, taken, strict=True):
                rows[at] = row
        return rows

    def _table(self, table: str, file: str, columns: tuple[str, ...]) -> Any:
        key = (table, file, columns)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        name = f"{table}/{file}"
        try:
            with self._output.filesystem.open(f"{self._output.root}/{name}", "rb") as opened:
                read = pq.ParquetFile(opened).read(columns=list(columns) or None, use_threads=False)
        except (OSError, pa.ArrowInvalid) as error:
            raise self._changed(name) from error
        with self._lock:
            self._kept[key] = read
            while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > _KEPT:
                self._kept.popitem(last=False)
        return read

    def _changed(self, name: str) -> IndexUnusable:
        return IndexUnusable(
            f"{self._output.url}/{name} is missing or not what was indexed; if the archive was scored again, index it"
            f" with: baozhai index {self._output.url}"
        )


def _indices(rows: Sequence[int]) -> Any:
    """An array of Arrow; ``pa.array`` would import pandas where it is installed, for more than a second."""
    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(array("q", rows))])
