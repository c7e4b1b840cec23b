"""The columns of the output tables. ``year`` and ``source`` are in the paths (Hive partitions)."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

SCHEMA = 2
"""The version of these columns; an output of another version is refused."""

SPANS = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))

_PLACE = [("file", pa.string()), ("line", pa.int64()), ("id", pa.string()), ("date", pa.date32())]
_PAGE = [("page", pa.string()), ("article", pa.int32())]

ARTICLES = pa.schema(
    [
        *_PLACE,
        *_PAGE,
        ("headline", pa.string()),
        ("topics", pa.list_(pa.string())),
        ("paragraphs", pa.int32()),
        ("characters", pa.int64()),
        ("digest", pa.list_(pa.struct([("spans", SPANS), ("text", pa.string()), ("salience", pa.float64())]))),
        ("encoding", pa.string()),
        ("model_version", pa.string()),
    ]
)

DEAD_LETTERS = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("article", pa.int32()),
        ("paragraph", pa.int32()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("part", pa.int32()),
        ("bytes", pa.binary()),
        ("model_version", pa.string()),
    ]
)


def paragraphs(names: Sequence[str]) -> pa.Schema:
    """The columns of ``paragraphs``, with a confidence for each topic of ``names``."""
    return pa.schema(
        [
            *_PLACE,
            *_PAGE,
            ("paragraph", pa.int32()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("spans", SPANS),
            ("text", pa.string()),
            ("topics", pa.list_(pa.string())),
            ("confidences", pa.struct([(name, pa.float64()) for name in names])),
            ("uncertain", pa.bool_()),
            ("stage", pa.int8()),
            ("salience", pa.float64()),
            ("windows", pa.int32()),
            ("model_version", pa.string()),
        ]
    )


NAMES = frozenset({"year", "source", *ARTICLES.names, *DEAD_LETTERS.names, *paragraphs(()).names})
"""The names of the columns of all tables."""
