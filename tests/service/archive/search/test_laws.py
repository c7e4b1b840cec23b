"""Search finds exactly what a scan of the Parquet files finds, and its facets add up."""

import datetime
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.filters import NO_TOPIC, ROLES, Filters
from baozhai_service.archive.search.index import PartSize, SearchIndex, build_index, index_folder
from tests.service.archive.made import TOPICS, MadeArticle, MadeParagraph, write_scored
from tests.service.archive.search.scanning import count_facets, found, scan

CHARACTERS = "垃圾分类環境环境ＡaA 1\n，“"
WORDS = st.text(CHARACTERS, min_size=1, max_size=4).filter(str.strip)
DAYS = st.sampled_from([None, *(datetime.date(2021 + i % 3, 1 + i, 3 * i + 1) for i in range(5))])
SOURCES = ["晨报", "a/b%报", "市 报"]
PAGES = [None, "1", "A02"]


@st.composite
def paragraphs(draw: st.DrawFn) -> MadeParagraph:
    confidences = tuple(draw(st.integers(0, 10_000)) / 10_000 for _ in TOPICS)
    topics = tuple(topic for topic in TOPICS if draw(st.booleans()))
    return MadeParagraph(draw(st.text(CHARACTERS, min_size=1, max_size=12)), topics, confidences, draw(st.booleans()))


@st.composite
def articles(draw: st.DrawFn) -> MadeArticle:
    return MadeArticle(
        tuple(draw(st.lists(paragraphs(), max_size=3))),
        draw(st.sampled_from(SOURCES)),
        draw(DAYS),
        draw(st.sampled_from(PAGES)),
        draw(st.none() | st.text(CHARACTERS, max_size=6)),
        tuple(topic for topic in TOPICS if draw(st.booleans())),
    )


def queries() -> st.SearchStrategy[str]:
    words = WORDS.map(lambda word: f'"{word.replace("“", "圾")}"') | st.sampled_from(["垃圾", "環境", "a", "圾分 类"])
    return st.just("") | st.recursive(
        words,
        lambda inner: (
            st.tuples(inner, st.sampled_from(["AND", "OR", ""]), inner).map(lambda each: f"({' '.join(each)})")
            | inner.map(lambda each: f"NOT {each}")
        ),
        max_leaves=4,
    )


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    first, last = draw(DAYS), draw(DAYS)
    if first and last and first > last:
        first, last = last, first
    return Filters(
        tuple(draw(st.sets(st.sampled_from([*TOPICS, NO_TOPIC]), max_size=2))),
        draw(st.none() | st.sampled_from([0.0, 0.3, 0.5, 0.9])),
        draw(st.none() | st.booleans()),
        first,
        last,
        tuple(draw(st.sets(st.sampled_from(SOURCES), max_size=2))),
        tuple(draw(st.sets(st.sampled_from(["", "1", "A02"]), max_size=2))),
        tuple(draw(st.sets(st.sampled_from(ROLES), max_size=2))),
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(articles(), min_size=1, max_size=8), st.lists(st.tuples(queries(), filters()), min_size=1, max_size=6))
def test_search_is_a_scan(made: list[MadeArticle], searches: list[tuple[str, Filters]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = write_scored(Path(folder) / "out", made)
        output = Output(str(out))
        build_index(output, index_folder(output), size=PartSize(3, 6))
        index = SearchIndex(output, index_folder(output))
        for query, chosen in searches:
            hits = index.search(query, chosen)
            expected = scan(out, query, chosen)
            keys = found(hits)
            assert len(keys) == len(set(keys)) == len(hits)
            assert set(keys) == set(expected)
            facets = hits.facets()
            assert facets == count_facets(expected)
            for name in ("source", "year", "month", "page", "role"):
                assert sum(facets[name].values()) == len(hits)
        index.close()
