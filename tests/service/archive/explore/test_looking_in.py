"""Hits in context, articles, issues, similar paragraphs, typical words and overviews."""

import datetime
import io
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from baozhai_service.archive.explore.excerpts import LONGEST, excerpt
from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.files.overview import overview_file
from baozhai_service.archive.explore.overview import make_overview
from baozhai_service.archive.explore.reading import read_article, read_issue
from baozhai_service.archive.explore.similar import similar_paragraphs
from baozhai_service.archive.explore.typical import typical_words
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.report.daily_digest import page_order
from baozhai_service.archive.search.errors import NotInArchive
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.index import PartSize, SearchIndex, build_index, index_folder
from tests.service.archive.explore.papers import RETOLD, STORY
from tests.service.archive.made import MadeArticle, MadeParagraph, write_scored

BODY = Filters(roles=("body",))
DAY = datetime.date(2023, 7, 19)
WEEK = datetime.timedelta(days=7)


def _of(source: str, hits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The hit of that paper; the order of two papers' hits of one day is not promised."""
    return next(hit for hit in hits if hit["source"] == source)


def test_a_hit_is_shown_in_its_context(explorer: Explorer) -> None:
    hits = explorer.page(Search("垃圾 AND 志願者 AND 江邊", BODY), "oldest", 0, 10)
    assert sorted(hit["source"] for hit in hits) == ["晚报", "晨报"]
    first = _of("晨报", hits)
    shown = first["excerpt"]
    assert shown["text"] == STORY
    assert [shown["text"][start:end] for start, end in shown["marks"]] == ["江边", "垃圾", "志愿者"]
    assert (first["headline"], first["topics"], first["paragraph"]) == ("垃圾分类进小区", ["治理", "生态"], 1)
    assert first["confidences"]["生态"] == 0.97


@pytest.mark.parametrize("at", [0, 10, 500, 990])
def test_an_excerpt_of_a_long_text_has_its_mark(at: int) -> None:
    text = "字" * at + "垃圾" + "字" * (1000 - at)
    shown = excerpt(text, {"垃圾"})
    ((start, end),) = shown["marks"]
    assert shown["text"][start:end] == "垃圾"
    assert len(shown["text"]) == LONGEST
    assert text[shown["start"] :].startswith(shown["text"])


def test_an_article_is_read_whole(explorer: Explorer) -> None:
    hit = _of("晨报", explorer.page(Search(STORY[:10], BODY), "oldest", 0, 2))
    article = read_article(explorer, hit["article"])
    assert [paragraph["text"] for paragraph in article["paragraphs"]] == [STORY]
    assert (article["date"], article["source"], article["page"]) == ("2023-07-19", "晨报", "2")
    for wrong in ("0" * 16, "x" * 16, "1", "", "9" * 400):
        with pytest.raises(NotInArchive):
            read_article(explorer, wrong)


def test_every_article_has_a_name_that_leads_to_it(explorer: Explorer) -> None:
    places = explorer.hits(Search("", BODY))
    hits = explorer.described(places, places.sorted("newest", 0, len(places)))
    for hit in hits[::17]:
        assert read_article(explorer, hit["article"])["source"] == hit["source"]


def test_the_issue_of_a_day(explorer: Explorer) -> None:
    issue = read_issue(explorer, DAY)
    assert issue["sources"] == ["晚报", "晨报"]
    assert [article["digest"] for article in issue["articles"]] == [[STORY], [STORY]]
    assert (issue["previous"] or "") < "2023-07-19" < (issue["next"] or "")
    assert read_issue(explorer, DAY, "晚报")["article_count"] == 1
    with pytest.raises(NotInArchive, match="the nearest days are"):
        read_issue(explorer, datetime.date(2022, 2, 28))
    with pytest.raises(NotInArchive):
        read_issue(explorer, DAY, "没有的报")


def test_a_source_is_read_in_its_order_through_the_whole_archive(tmp_path: Path) -> None:
    chance = random.Random(5)
    pages = ["1", "2", "10", "A02", None]
    made = [
        MadeArticle(
            (MadeParagraph(f"第{n}篇。"),), chance.choice(["晨报", "晚报"]), DAY + n % 4 * WEEK, chance.choice(pages)
        )
        for n in range(60)
    ]
    out = write_scored(tmp_path / "out", [*made, MadeArticle((MadeParagraph("没有日期。"),), "晨报", None)])
    build_index(Output(str(out)), index_folder(Output(str(out))), size=PartSize(6, 12))
    index = SearchIndex(Output(str(out)), index_folder(Output(str(out))))
    explorer = Explorer(index)
    assert len(index.parts) > 3
    expected = sorted(
        (
            (each.date, page_order(each.page), line)
            for line, each in enumerate(made, 1)
            if each.source == "晨报" and each.date
        )
    )
    name = read_issue(explorer, DAY, "晨报")["articles"][0]["article"]
    seen: list[dict[str, Any]] = []
    while name:
        seen.append(read_article(explorer, name))
        name = seen[-1]["next"]
    assert [(row["date"], row["line"]) for row in seen] == [(str(day), line) for day, _, line in expected]
    assert len({(row["date"], row["page"]) for row in seen}) > 8
    for article, after in pairwise(seen):
        assert after["previous"] == article["article"]
        if after["date"] != article["date"]:
            assert (article["next_issue"], after["previous_issue"]) == (after["date"], article["date"])
        if (after["date"], after["page"]) != (article["date"], article["page"]):
            assert article["next_page"] == after["article"]
            before = read_article(explorer, after["previous_page"])
            assert (before["date"], before["page"]) == (article["date"], article["page"])
    assert seen[0]["previous"] is seen[0]["previous_page"] is seen[0]["previous_issue"] is seen[-1]["next_page"] is None
    (undated,) = explorer.page(Search("没有日期", BODY), "oldest", 0, 2)
    alone = read_article(explorer, undated["article"])
    assert alone["previous"] is alone["next"] is alone["previous_issue"] is alone["next_issue"] is None
    index.close()


def test_a_story_and_its_repeats_are_found(explorer: Explorer) -> None:
    hit = _of("晨报", explorer.page(Search(STORY[:10], BODY), "oldest", 0, 2))
    found = similar_paragraphs(explorer, hit["article"], 1)["similar"]
    assert (found[0]["source"], found[0]["repeat"], found[0]["text"]) == ("晚报", True, STORY)
    assert found[0]["similarity"] == pytest.approx(1, abs=1e-3)
    assert (found[1]["source"], found[1]["repeat"], found[1]["text"]) == ("县报", False, RETOLD)
    assert all(each["article"] != hit["article"] for each in found)
    with pytest.raises(NotInArchive, match="no paragraph 2"):
        similar_paragraphs(explorer, hit["article"], 2)


def test_typical_words_are_those_of_the_topic(explorer: Explorer) -> None:
    words = typical_words(explorer, Search("", Filters(topics=("金融",), roles=("body",))))["words"]
    assert {"保险公司", "农商银行", "贷款"} & {row["word"] for row in words[:5]}
    assert all(row["share"] > row["others"] for row in words)


def test_an_overview_folds_repeats_and_names_sources(explorer: Explorer) -> None:
    overview = make_overview(explorer, Search("垃圾分类进小区"))
    (entry, retold) = overview.topics["生态"]
    assert overview.articles == 3
    assert (entry.source, [each["source"] for each in entry.repeats], retold.source) == ("晨报", ["晚报"], "县报")
    text = overview_file(overview, "md").decode()
    assert text.startswith("# “垃圾分类进小区”要览\n")
    assert f"- {STORY}（晨报，2023-07-19，第 2 版）" in text
    assert "同文另见：晚报，2023-07-19，第 2 版" in text
    assert STORY in overview_file(overview, "html").decode()
    document = Document(io.BytesIO(overview_file(overview, "docx")))
    assert f"{STORY}（晨报，2023-07-19，第 2 版）" in [paragraph.text for paragraph in document.paragraphs]
    with pytest.raises(NotInArchive, match="widen"):
        make_overview(explorer, Search("没有这样的词"))


def test_what_an_archive_says_is_not_run(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>**x**\x07"
    paragraph = MadeParagraph(evil, ("生态",))
    out = write_scored(tmp_path / "out", [MadeArticle((paragraph,), evil[:40], DAY, evil, evil, ("生态",), (evil,))])
    output = Output(str(out))
    build_index(output, index_folder(output))
    index = SearchIndex(output, index_folder(output))
    overview = make_overview(Explorer(index), Search())
    assert "<script>alert" not in overview_file(overview, "html").decode()
    assert "<script>" not in overview_file(overview, "md").decode().replace("\\<", "")
    assert b"PK" in overview_file(overview, "docx")
    index.close()
