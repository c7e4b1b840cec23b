"""存档: search, narrow, read, follow and compare, in a real browser before a real service."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.index import build_index, index_folder
from tests.service.archive.explore.papers import SMALL, STORY, articles
from tests.service.archive.made import MadeArticle, MadeParagraph, write_scored
from tests.service.desk.browsing import Desk, started
from tests.service.serving import start

EVIL = '<script>window.evil = 1</script><img src=x onerror="window.evil = 1">{{ 7 * 7 }}'


@pytest.fixture(scope="module")
def archive_address(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with an archive that has an article that would like to be run."""
    folder = tmp_path_factory.mktemp("archive")
    evil = MadeArticle(
        (MadeParagraph(f"坏文字{EVIL}", ("生态",)),), "恶报", datetime.date(2023, 1, 2), EVIL, EVIL, ("生态",), (EVIL,)
    )
    out = write_scored(folder / "out", [*articles(), evil], shard_articles=8)
    build_index(Output(str(out)), index_folder(Output(str(out))), size=SMALL)
    config = folder / "service.toml"
    config.write_text(f'archive = "{out}"\n', encoding="utf-8")
    with start(bundle_folder, "--home", folder / "home", "--config", config) as process:
        yield process.address


@pytest.fixture
def archive(browser: object, archive_address: str) -> Iterator[Desk]:
    with started(browser, archive_address) as opened:
        yield opened


def test_a_search_leads_to_the_article_and_its_repeats(archive: Desk) -> None:
    page = archive.open("/archive").page
    page.get_by_role("searchbox").fill("“垃圾分類” 江邊")
    page.get_by_role("button", name="检索").click()
    page.locator("mark").first.wait_for()
    assert set(archive.texts(".hit mark")) == {"垃圾分类", "江边"}
    told = httpx2.get(f"{archive.address}/v1/archive/search", params={"q": "“垃圾分類” 江邊"}, timeout=None).json()
    assert page.locator("#total").inner_text().startswith(f"{told['total']} ")
    page.locator(".hit h3 a").first.click()
    page.locator(".paragraph-text").first.wait_for()
    assert archive.texts(".paragraph-text") == [STORY]
    assert page.url.endswith("#p1")
    page.get_by_role("link", name="相似段落").click()
    page.locator("blockquote").wait_for()
    assert archive.texts(".tag.good") == ["同文"]
    assert archive.serious() == []


def test_facets_narrow_a_search(archive: Desk) -> None:
    page = archive.open("/archive?q=垃圾").page
    before = page.locator("#total").inner_text()
    link = page.locator(".facet li", has_text="县报").first
    count = link.locator(".numbers").inner_text()
    link.get_by_role("link").click()
    page.locator("a[aria-current=true]").wait_for()
    assert page.locator("#total").inner_text().startswith(f"{count} ")
    page.locator("a[aria-current=true]", has_text="县报").click()
    page.wait_for_url(lambda url: "source" not in url)
    assert page.locator("#total").inner_text() == before


def test_a_query_that_cannot_be_read_says_why_and_stays(archive: Desk) -> None:
    archive.expected = ("422",)
    page = archive.open("/archive").page
    page.get_by_role("searchbox").fill('"垃圾')
    page.get_by_role("button", name="检索").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "is never closed" in alert.inner_text()
    assert page.get_by_role("searchbox").input_value() == '"垃圾'


def test_trends_are_drawn_and_told(archive: Desk) -> None:
    page = archive.open("/archive/trends?q=垃圾&q=党&period=year").page
    page.wait_for_function("() => document.querySelector('img.chart').naturalWidth > 0")
    told = httpx2.get(
        f"{archive.address}/v1/archive/trends", params={"q": ["垃圾", "党"], "period": "year"}, timeout=None
    ).json()
    page.locator("summary").first.click()
    rows = page.locator("details").first.locator("tbody tr")
    assert [row.locator("th").inner_text() for row in rows.all()] == [row["time"] for row in told["series"][0]["share"]]
    assert archive.serious() == []


@pytest.mark.parametrize("path", ["", "?q=垃圾", "/typical?topic=金融", "/overview?q=垃圾分类", "/issues/2023-07-19"])
def test_the_pages_are_accessible(archive: Desk, path: str) -> None:
    archive.open(f"/archive{path}")
    assert archive.serious() == []


def test_what_an_archive_says_is_text(archive: Desk) -> None:
    page = archive.open("/archive?q=坏文字").page
    for step in (".hit h3 a", "a[href*=similar]"):
        assert page.evaluate("() => window.evil") is None
        page.locator(step).first.click()
        page.wait_for_load_state()
    archive.open("/archive/overview?source=恶报")
    assert EVIL in page.locator("main").inner_text()
    archive.open("/archive/issues/2023-01-02")
    assert EVIL in page.locator("main").inner_text()
    assert page.evaluate("() => window.evil") is None


def test_paragraphs_can_be_sent_to_the_queue(archive: Desk) -> None:
    page = archive.open("/archive?q=江边&role=body").page
    page.locator(".hit h3 a").first.click()
    page.locator("#to-queue").click()
    page.locator(".toast").wait_for()
    kept = "Object.entries(localStorage).find(([key]) => key.startsWith('baozhai.queue'))"
    queue = page.evaluate(f"() => JSON.parse({kept}[1]).items")
    assert [item["text"] for item in queue] == archive.texts(".paragraph-text")
