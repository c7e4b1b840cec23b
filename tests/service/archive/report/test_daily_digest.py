"""The day's digest: its articles in the order of the paper, its pages by their names, and why a body is missing."""

import datetime
from pathlib import Path

import pytest

from baozhai_service.archive.report.daily_digest import DailyDigest
from baozhai_service.archive.report.page import report
from baozhai_service.archive.settings import ScoreSettings
from tests.service.archive.archives import PARAGRAPHS, score, write_jsonl

DAY = datetime.date(2023, 7, 19)


def scored_pages(pages: list[str | None], bundle: Path, folder: Path, settings: ScoreSettings | None = None) -> str:
    """An output of one article on each page, all with the same text, so that they are of the same topics."""
    row = {"text": PARAGRAPHS[0], "date": f"{DAY}", "source": "晨报", "title": "修渠"}
    write_jsonl(folder / "in" / "a.jsonl", [{**row, "id": i, "page": p} for i, p in enumerate(pages)])
    score(folder / "in", folder / "out", bundle, settings or ScoreSettings())
    return str(folder / "out")


@pytest.mark.parametrize(
    "pages",
    [
        ["1", "2", "3", "10", "11", None],
        ["第1版", "2", "第2版", "第10版"],
        ["A01", "A2", "A10", "B1"],
        ["01要闻", "02经济", "10", "要闻"],
    ],
)
def test_pages_follow_in_the_order_of_the_paper(pages: list[str | None], bundle_folder: Path, tmp_path: Path) -> None:
    shuffled = sorted(pages, key=lambda page: str(page)[::-1], reverse=True)
    issue = DailyDigest(scored_pages(shuffled, bundle_folder, tmp_path), DAY)
    (found, *_) = [articles for articles in issue.topics.values() if articles]
    assert [article["page"] for article in found] == pages


def test_a_page_is_called_a_page_once(bundle_folder: Path, tmp_path: Path) -> None:
    for page, name in (("7", "第 7 版"), ("第5版", "第5版"), ("要闻版", "要闻版")):
        out = scored_pages([page], bundle_folder, tmp_path / page)
        issue = DailyDigest(out, DAY)
        assert f"晨报，{name}，" in issue.markdown()
        assert f"晨报 · {name} · " in issue.html()
        assert f"晨报 · {DAY} · {name} · " in report(out)


def test_an_output_without_digests_says_so(bundle_folder: Path, tmp_path: Path) -> None:
    out = scored_pages(["1"], bundle_folder, tmp_path, ScoreSettings(digests=False))
    issue = DailyDigest(out, DAY)
    for told in (issue.markdown(), issue.html(), report(out)):
        assert "评分时没有取摘要（--no-digests）" in told
    assert "\n\n\n" not in issue.markdown()
    assert "<p></p>" not in issue.html()
    with_digests = scored_pages(["1"], bundle_folder, tmp_path / "with")
    for told in (
        DailyDigest(with_digests, DAY).markdown(),
        DailyDigest(with_digests, DAY).html(),
        report(with_digests),
    ):
        assert "没有取摘要" not in told
