"""The output opens in what people have: DuckDB and pandas."""

import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.report.daily_digest import DailyDigest
from baozhai_service.archive.report.page import report
from baozhai_service.archive.run import ArchiveRun
from baozhai_service.archive.settings import ScoreSettings
from tests.service.archive.archives import article, page, score, table, write_jsonl


def test_duckdb(scored: Path) -> None:
    found = duckdb.sql(
        f"SELECT year, source, count(*), avg(confidences.党建) FROM read_parquet('{scored}/paragraphs/**/*.parquet', "
        "hive_partitioning=true) WHERE list_contains(topics, '党建') GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert {(year, source) for year, source, _, _ in found} >= {(2023, "晨报"), (2021, "rows"), (2022, "县报0")}
    assert all(0.1 < mean <= 1 for *_, mean in found)


def test_pandas(scored: Path) -> None:
    frame = pd.read_parquet(scored / "articles")
    assert set(frame["source"]) == {"晨报", "晚报", "rows", "县报0", "县报1"}
    assert frame["date"].iloc[0].year == int(frame["year"].iloc[0])
    assert len(pd.read_parquet(scored / "dead_letters")) == 4


def test_sources_of_any_name_and_pages_without_a_date(bundle_folder: Path, tmp_path: Path) -> None:
    names = ["a/b", "50%", "甲 = 乙", "..", "x\ny", "日报'\"?"]
    rows = [{"text": article(i), "source": name, "date": "2020-02-29"} for i, name in enumerate(names)]
    write_jsonl(tmp_path / "in" / "a.jsonl", rows)
    (tmp_path / "in" / "undated.txt").write_text(page(1), encoding="utf-8")
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    found = table(tmp_path / "out", "articles")
    assert {row["source"] for row in found} == {*names, "in"}
    assert {(row["year"], row["date"]) for row in found} == {(2020, datetime.date(2020, 2, 29)), (0, None)}
    query = f"SELECT DISTINCT source FROM read_parquet('{tmp_path}/out/articles/**/*.parquet', hive_partitioning=true)"
    assert {name for (name,) in duckdb.sql(query).fetchall()} == {*names, "in"}


def test_a_remote_store(bundle_folder: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": article(i)} for i in range(3)])

    def run(out: str) -> int:
        return ArchiveRun(str(tmp_path / "in"), out, bundle_folder, ScoreSettings()).score().scored

    assert (run("memory://scores"), run("memory://scores")) == (1, 0)
    assert run(str(tmp_path / "out")) == 1
    remote = Output("memory://scores")
    for name in remote.files("paragraphs") + remote.files("ledger") + ["manifest.json"]:
        assert remote.read(name) == (tmp_path / "out" / name.lstrip("/")).read_bytes()


@pytest.mark.parametrize("folder", ["o[1]", "a*b?", "甲's [x", "memory://o[2]*"])
def test_an_output_of_any_name(folder: str, bundle_folder: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": article(1), "title": "修渠", "date": "2023-07-19"}])
    out = folder if "://" in folder else f"{tmp_path}/{folder}"
    ArchiveRun(str(tmp_path / "in"), out, bundle_folder, ScoreSettings()).score()
    assert "修渠" in report(out)


def test_a_source_of_the_name_that_hive_gives_to_none(bundle_folder: Path, tmp_path: Path) -> None:
    name = "__HIVE_DEFAULT_PARTITION__"
    row = {"text": article(1), "date": "2023-07-19", "source": name}
    write_jsonl(tmp_path / "in" / "a.jsonl", [row, {**row, "source": "晨报"}])
    score(tmp_path / "in", tmp_path / "out", bundle_folder)
    assert name in report(str(tmp_path / "out"))
    assert DailyDigest(str(tmp_path / "out"), datetime.date(2023, 7, 19)).sources == [name, "晨报"]
    query = f"SELECT source FROM read_parquet('{tmp_path}/out/articles/**/*.parquet', hive_partitioning=true)"
    assert {found for (found,) in duckdb.sql(query).fetchall()} == {name, "晨报"}
