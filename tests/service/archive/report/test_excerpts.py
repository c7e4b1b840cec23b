"""The report and the day's digest: complete, escaped, and in need of no network."""

import base64
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baozhai_service.archive.__main__ import app
from baozhai_service.archive.errors import NoInput, OutputRefused
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.report.daily_digest import DailyDigest
from baozhai_service.archive.report.page import report, write_page
from tests.service.archive.archives import article, score, table, write_jsonl


def outside_scripts(page: str) -> str:
    return re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


def test_the_report_tells_all(scored: Path) -> None:
    page = report(str(scored))
    for told in ("党建", "治理", "晨报", "晚报", "duplicate_key", "bad_date", "20231345-01.txt", "Rogan", "Lang"):
        assert told in outside_scripts(page)
    for chart in ("times", "sources", "source-times", "coverage"):
        assert f'id="chart-{chart}"' in page
        assert f'"{chart}": {{' in page
    assert not re.search(r"<(?:link|script|img|iframe)[^>]+(?:src|href)=", outside_scripts(page) + "<script>")


def test_uncertain_paragraphs_can_be_taken_away(scored: Path) -> None:
    found = re.search(r'base64,([^"]*)"', report(str(scored)))
    uncertain = {row["text"] for row in table(scored, "paragraphs") if row["uncertain"]}
    if found is None:
        assert not uncertain
    else:
        lines = base64.b64decode(found[1]).decode().splitlines()
        assert len(lines) == min(len(uncertain), 60)


def test_what_an_archive_says_is_not_run(bundle_folder: Path, tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    row = {"text": f"{evil}{article(1)}", "title": f"# {evil}", "date": "2023-07-19", "source": evil[:60]}
    write_jsonl(tmp_path / "in" / "a.jsonl", [row, f'{{"{evil}"'.encode()])
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    day = parse_date("2023-07-19")
    assert day is not None
    issue = DailyDigest(str(tmp_path / "out"), day)
    for page in (report(str(tmp_path / "out")), issue.html()):
        assert "<script>alert" not in page
        assert "<img" not in outside_scripts(page)
    assert "<script>" not in issue.markdown().replace("\\<", "")


def test_an_issue_holds_each_article_once(scored: Path) -> None:
    day = parse_date("20230703")
    assert day is not None
    issue = DailyDigest(str(scored), day, "晨报")
    rows = [row for row in table(scored, "articles") if row["file"].endswith("20230703-01.txt")]
    told = issue.markdown()
    assert len(rows) == 2
    assert told.startswith("# 晨报 2023年7月3日要览\n")
    for row in rows:
        assert told.count(f"### {row['headline']}\n") == 1
        for sentence in row["digest"]:
            assert sentence["text"] in told
            assert sentence["text"] in issue.html()
    with pytest.raises(NoInput, match="the nearest are 2023-07-01 of 晨报"):
        DailyDigest(str(scored), parse_date("2020-01-01") or day, "晨报")


def test_an_archive_with_nothing_in_it(bundle_folder: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [b"nothing\n"])
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    assert "bad_json" in report(str(tmp_path / "out"))


def test_an_unfinished_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match="has no manifest"):
        report(str(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["report", "OUT", "--to", "TMP/r.html"], 0, "r.html"),
        (["digest-issue", "OUT", "2023-07-02"], 0, "# 晨报 2023年7月2日要览"),
        (["digest-issue", "OUT", "2023-07-02", "--to", "TMP/a.html"], 0, "a.html"),
        (["digest-issue", "OUT", "2023-07-02", "--to", "TMP/a.pdf"], 2, "must end in .md or .html"),
        (["digest-issue", "OUT", "yesterday"], 2, "is no day"),
        (["report", "OUT", "--to", "TMP"], 2, "is a folder; give the name of a file"),
        (
            ["report", "OUT", "--to", "BUNDLE/manifest.json/r.html"],
            2,
            "cannot be written: Not a directory; give another --to",
        ),
        (["digest-issue", "OUT", "2023-07-02", "--to", "BUNDLE/manifest.json/a/b.md"], 2, "cannot be written"),
        (["report", "TMP"], 2, "has no manifest"),
        (["report", "BUNDLE/manifest.json"], 2, "cannot be used: Not a directory"),
        (["score", "TMP/none", "--out", "TMP/out", "--bundle", "BUNDLE"], 2, "there is no such file or folder"),
        (["score", "TMP", "--out", "TMP/../out", "--engine", "spark"], 2, "must be local or ray"),
    ],
)
def test_the_command_line(
    arguments: list[str], status: int, told: str, scored: Path, bundle_folder: Path, tmp_path: Path
) -> None:
    known = {"OUT": str(scored), "TMP": str(tmp_path), "BUNDLE": str(bundle_folder)}
    given = [re.sub("OUT|TMP|BUNDLE", lambda found: known[found[0]], argument) for argument in arguments]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == status
    assert told in done.output


def test_a_page_that_cannot_be_put_in_its_place_leaves_no_draft(tmp_path: Path) -> None:
    long = tmp_path / "folder" / ("x" * 250 + ".html")  # the draft's name is longer, and longer than names may be
    taken = tmp_path / "taken.html"
    taken.mkdir()
    for path in (long, taken):
        with pytest.raises(OutputRefused):
            write_page("<p>", path)
    with pytest.raises(UnicodeEncodeError):
        write_page("\ud800", tmp_path / "page.html")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
