"""The text of a part, in tantivy: each character is a term with its position, so that any run of them can be found.

Single characters were chosen by measurement over pairs of characters: the index is half as large and built almost
twice as fast, and a word of two characters is found fast enough (see docs/archive.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from baozhai_service.archive.search.columns import Array
from baozhai_service.archive.search.query import And, Node, Not, Or, Word

_FOLDER = "text"
_HEAP = 160_000_000  # bytes that the writer collects before it writes a segment
_TOKENIZER = "characters"
_CHUNK = 1_000_000  # hits that are taken from the engine at a time: each takes some 100 bytes on its way


def paragraph_number(place: int) -> int:
    """The number by which a paragraph is known in the text index."""
    return place


def headline_number(place: int) -> int:
    """The number by which an article's headline is known: negative, so that it is told from a paragraph's."""
    return -place - 1


@contextmanager
def writer(folder: Path) -> Iterator[Callable[[int, str], None]]:
    """Write the text index of a part into ``folder``: call the yielded function with numbers and folded texts.

    Raises:
        OSError: a file cannot be written.
    """
    place = folder / _FOLDER
    place.mkdir()
    with _as_os_error():
        index = _prepared(tantivy.Index(_schema(), path=str(place)))
        writing = index.writer(heap_size=_HEAP, num_threads=1)

    def add(number: int, text: str) -> None:
        document = tantivy.Document()
        document.add_text("text", text)
        document.add_integer("number", number)
        with _as_os_error():
            writing.add_document(document)

    yield add
    with _as_os_error():
        writing.commit()
        writing.wait_merging_threads()


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Errors of tantivy, which come as ValueError, as what they are: a full disk above all."""
    try:
        yield
    except ValueError as error:
        raise OSError(str(error)) from error


class TextIndex:
    """The text index of a part, open for search. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        """Open the index in ``folder``.

        Raises:
            ValueError: a file is missing or damaged.
        """
        index = _prepared(tantivy.Index.open(str(folder / _FOLDER)))
        self._schema = index.schema
        self._searcher = index.searcher()

    def search(self, node: Node) -> tuple[Array, Array]:
        """The numbers of what matches, int64 and in no order, and how relevant each is (BM25), float32."""
        query = self._query(node)
        count = self._count(query)
        numbers, scores = np.empty(count, np.int64), np.empty(count, np.float32)
        done = 0
        for chunk in self._chunks(query, count):
            hits = self._searcher.search(chunk, limit=max(count, 1), count=False).hits
            found: Any = self._searcher.fast_field_values("number", [address for _, address in hits])
            numbers[done : done + len(hits)] = found
            scores[done : done + len(hits)] = np.fromiter((score for score, _ in hits), np.float32, len(hits))
            done += len(hits)
        return numbers, scores

    def best(self, node: Node, most: int) -> tuple[Array, Array]:
        """The numbers of the ``most`` most relevant that match, the best first, and how relevant each is.

        Far cheaper than `search` where much matches a little, for the engine passes over what cannot be among the best.
        """
        hits = self._searcher.search(self._query(node), limit=most, count=False).hits
        found: Any = self._searcher.fast_field_values("number", [address for _, address in hits])
        return np.array(found, np.int64), np.fromiter((score for score, _ in hits), np.float32, len(hits))

    def rarity(self, character: str) -> int:
        """How many texts have a character."""
        return int(self._searcher.doc_freq("text", character))

    def _count(self, query: tantivy.Query) -> int:
        found: int = self._searcher.search(query, limit=1, count=True).count  # type: ignore[attr-defined]
        return found

    def _chunks(self, query: tantivy.Query, count: int) -> Iterator[tantivy.Query]:
        if count <= _CHUNK:
            yield query
            return
        edges = [-(2**62), *range(0, self._searcher.num_docs, _CHUNK), 2**62]
        for low, high in pairwise(edges):
            among = tantivy.Query.range_query(
                self._schema, "number", tantivy.FieldType.Integer, low, high, include_upper=False
            )
            yield tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(among, 0.0))]
            )

    def _query(self, node: Node) -> tantivy.Query:
        match node:
            case Word(text) if len(text) == 1:
                return tantivy.Query.term_query(self._schema, "text", text)
            case Word(text):
                return tantivy.Query.phrase_query(self._schema, "text", list(text))
            case Not(inner):
                everything = tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
                return _all_of([(tantivy.Occur.Must, everything), (tantivy.Occur.MustNot, self._query(inner))])
            case And(nodes):
                return _all_of([(tantivy.Occur.Must, self._query(inner)) for inner in nodes])
            case Or(nodes):
                return _all_of([(tantivy.Occur.Should, self._query(inner)) for inner in nodes])


def _all_of(clauses: list[tuple[tantivy.Occur, tantivy.Query]]) -> tantivy.Query:
    return tantivy.Query.boolean_query(clauses)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name=_TOKENIZER, index_option="position")
    builder.add_integer_field("number", fast=True)
    return builder.build()


def _prepared(index: tantivy.Index) -> tantivy.Index:
    each = tantivy.Tokenizer.regex("(?s).")
    index.register_tokenizer(_TOKENIZER, tantivy.TextAnalyzerBuilder(each).build())
    return index
