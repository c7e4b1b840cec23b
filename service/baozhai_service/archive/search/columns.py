"""The columns of a part: what searches filter, count and sort by, as arrays that are mapped into memory."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Array = NDArray[Any]

UNDATED = 0
SCALE = 10_000  # confidences are kept as whole numbers of 1/10,000, which is how they are rounded in the output
MOST_TOPICS = 64  # bits of a set of topics

_PARAGRAPHS, _ARTICLES = "paragraphs.arrow", "articles.arrow"
_BOOLEANS = frozenset({"uncertain", "headed"})


@dataclass(frozen=True)
class ParagraphColumns:
    """A value for each paragraph.

    Attributes:
        article: place of its article in `ArticleColumns`, uint32; paragraphs of an article stand together.
        number: of the paragraph in its article, from 1, uint32.
        topics: a bit for each topic that it was given, uint64.
        confidences: one array for each topic, uint16, in units of 1/`SCALE`.
        uncertain: bool.
        wording: a hash of its letters and digits, uint64: equal for paragraphs that say the same word for word.
    """

    article: Array
    number: Array
    topics: Array
    confidences: tuple[Array, ...]
    uncertain: Array
    wording: Array


@dataclass(frozen=True)
class ArticleColumns:
    """A value for each article.

    Attributes:
        id: hash of where it is from, uint64.
        day: proleptic Gregorian ordinal, int32; `UNDATED` for none.
        source, page: places in `PartNames`, uint32; page 0 is none.
        topics: a bit for each topic, uint64.
        headed: whether it has a headline, bool.
        file: place in `PartNames.files`, uint32.
        row: its row in the articles of that file, uint32.
        first_row: row of its first paragraph in the paragraphs of that file, uint32.
        first: place of its first paragraph in `ParagraphColumns`, uint32.
        paragraphs: how many were scored, uint32.
    """

    id: Array
    day: Array
    source: Array
    page: Array
    topics: Array
    headed: Array
    file: Array
    row: Array
    first_row: Array
    first: Array
    paragraphs: Array


@dataclass(frozen=True)
class PartNames:
    """The names that columns refer to by place; ``files`` are relative to a table's folder; page "" is none."""

    topics: tuple[str, ...]
    sources: tuple[str, ...]
    pages: tuple[str, ...]
    files: tuple[str, ...]


def write_columns(folder: Path, paragraphs: ParagraphColumns, articles: ArticleColumns, names: PartNames) -> None:
    """Write all into ``folder``, onto the disk."""
    told = {field.name: getattr(names, field.name) for field in fields(names)}
    for name, columns in ((_PARAGRAPHS, paragraphs), (_ARTICLES, articles)):
        arrays = {field.name: getattr(columns, field.name) for field in fields(columns)}
        for place, array in enumerate(arrays.pop("confidences", ())):
            arrays[f"confidences.{place}"] = array
        table = pa.table({key: pa.array(_plain(array)) for key, array in arrays.items()})
        table = table.replace_schema_metadata({"names": json.dumps(told, ensure_ascii=False)})
        with (folder / name).open("wb") as file:
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())


def read_columns(folder: Path) -> tuple[ParagraphColumns, ArticleColumns, PartNames]:
    """What `write_columns` wrote, mapped into memory.

    Raises:
        OSError, ValueError, KeyError: a file is missing or damaged.
    """
    paragraphs, articles = _mapped(folder / _PARAGRAPHS), _mapped(folder / _ARTICLES)
    told = json.loads(articles.schema.metadata[b"names"])
    names = PartNames(**{field.name: tuple(told[field.name]) for field in fields(PartNames)})
    by_topic = tuple(_array(paragraphs, f"confidences.{place}") for place in range(len(names.topics)))
    one_each = {
        field.name: _array(paragraphs, field.name) for field in fields(ParagraphColumns) if field.name != "confidences"
    }
    return (
        ParagraphColumns(**one_each, confidences=by_topic),
        ArticleColumns(**{field.name: _array(articles, field.name) for field in fields(ArticleColumns)}),
        names,
    )


def _mapped(path: Path) -> Any:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _array(table: Any, name: str) -> Array:
    kind = np.dtype(str(table.schema.field(name).type))
    if not len(table):
        return np.empty(0, kind)
    column = table[name].chunk(0)  # all of it: it was written at once, and joining chunks would copy it into memory
    # Arrow's own to_numpy imports pandas where it is installed, which takes longer than all the rest of opening.
    array = np.frombuffer(column.buffers()[1], kind, len(column), column.offset * kind.itemsize)
    return array.view(np.bool_) if name in _BOOLEANS else array


def _plain(array: Array) -> Array:
    """Truth values as bytes, as Arrow's own are single bits, which numpy cannot map."""
    return np.ascontiguousarray(array.view(np.uint8) if array.dtype == np.bool_ else array)
