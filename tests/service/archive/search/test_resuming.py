"""An index is built by the ledger: killed anywhere it goes on, and what did not change is left as it is."""

import json
import multiprocessing
import os
import random
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baozhai_service.archive.errors import OutputBusy, OutputRefused, RunFailed
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.output.lock import held
from baozhai_service.archive.search.errors import IndexUnusable, InvalidFilter, InvalidQuery
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.index import PartSize, SearchIndex, build_index, index_folder
from baozhai_service.archive.search.plan import plan_parts
from baozhai_service.archive.search.query import parse_query
from tests.service.archive.explore.papers import articles
from tests.service.archive.made import MadeArticle, write_scored

POINTS = int(os.environ.get("TEST_KILL_POINTS", "2"))
SMALL = PartSize(20, 40)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.service.archive.search.test_resuming"])


def index(out: Path, **options: Any) -> int:
    return build_index(Output(str(out)), index_folder(Output(str(out))), size=SMALL, **options)


def answers(out: Path) -> list[Any]:
    opened = SearchIndex(Output(str(out)), index_folder(Output(str(out))))
    told: list[Any] = []
    for query in ("", "党", "垃圾分类", "贷款 OR 学习 NOT 镇"):
        hits = opened.search(query)
        for sort in ("relevance", "newest"):
            order = hits.sorted(sort, 0, 50)  # type: ignore[arg-type]
            told.append((hits.part[order].tolist(), hits.row[order].tolist(), hits.score[order].tolist()))
        told.append(hits.facets())
    opened.close()
    return told


def files(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".baozhai" not in path.parts
    }


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scored(tmp_path_factory.mktemp("resuming") / "out", articles(), shard_articles=4)


def test_killed_at_random_points(scored: Path, tmp_path: Path) -> None:
    whole = shutil.copytree(scored, tmp_path / "whole")
    began = time.monotonic()
    index(whole)
    full = time.monotonic() - began
    expected = answers(whole)
    chance = random.Random(POINTS)
    for point in range(POINTS):
        out = shutil.copytree(scored, tmp_path / str(point))
        for _ in range(2):
            process = PROCESSES.Process(target=index, args=(out,))
            process.start()
            process.join(chance.random() * full)
            process.kill()
            process.join()
        index(out)
        assert answers(out) == expected
        assert files(out) == files(scored)
        shutil.rmtree(out)


def test_several_processes_build_the_same(scored: Path, tmp_path: Path) -> None:
    one, two = (shutil.copytree(scored, tmp_path / name) for name in ("one", "two"))
    assert index(one) == index(two, workers=2) > 0
    assert answers(one) == answers(two)
    assert index(two) == 0


def test_only_what_changed_is_indexed_again(tmp_path: Path) -> None:
    made = articles()
    out = write_scored(tmp_path / "out", made, shard_articles=4)
    everything = index(out)
    folder = out / ".baozhai" / "search"
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.is_dir()}
    shutil.rmtree(out / "ledger")
    more = [*made, replace(made[0], headline="后来的一篇")]
    write_scored(out, more, shard_articles=4)
    with pytest.raises(IndexUnusable, match="was scored again since it was indexed"):
        SearchIndex(Output(str(out)), index_folder(Output(str(out))))
    assert 0 < index(out) <= SMALL.most < everything
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.is_dir()}
    assert len(before.items() & after.items()) >= len(before) - 1
    opened = SearchIndex(Output(str(out)), folder)
    assert len(opened.search("后来的一篇")) == 1
    opened.close()


def test_parts_stay_the_same_beside_a_change() -> None:
    chance = random.Random(3)
    shards = [(f"{chance.getrandbits(64):016x}", chance.randint(1, 20)) for _ in range(2000)]
    before = {plan.name for plan in plan_parts(shards, least=200, most=400)}
    changed = [*shards[:1000], ("f" * 16, 7), *shards[1000:]]
    after = [*plan_parts(changed, least=200, most=400)]
    assert sum(plan.paragraphs for plan in after) == sum(count for _, count in changed)
    assert len(before - {plan.name for plan in after}) <= 6  # until the cuts fall together again


def test_bad_archives_are_refused_and_left_alone(scored: Path, tmp_path: Path) -> None:
    half = shutil.copytree(scored, tmp_path / "half")
    (half / "manifest.json").unlink()
    other = shutil.copytree(scored, tmp_path / "other")
    manifest = other / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**told, "schema": 99}), encoding="utf-8")
    lost = shutil.copytree(scored, tmp_path / "lost")
    min((lost / "paragraphs").rglob("*.parquet")).unlink()
    torn = shutil.copytree(scored, tmp_path / "torn")
    receipt = min((torn / "ledger").iterdir())
    receipt.write_bytes(receipt.read_bytes()[:-9])
    for out, told in (
        (half, "has no manifest"),
        (other, "has schema 99"),
        (lost, "is missing"),
        (torn, "is missing or damaged"),
        (tmp_path, "has no manifest"),
    ):
        before = files(out) if out != tmp_path else {}
        with pytest.raises(OutputRefused, match=told):
            index(out)
        assert files(out) == before or out == tmp_path
    with pytest.raises(IndexUnusable, match="has no search index; index it with: baozhai index"):
        SearchIndex(Output(str(scored)), index_folder(Output(str(scored))))


def test_a_damaged_index_says_so(scored: Path, tmp_path: Path) -> None:
    out = shutil.copytree(scored, tmp_path / "out")
    index(out)
    folder = out / ".baozhai" / "search"
    part = next(path for path in folder.iterdir() if path.is_dir())
    columns = part / "paragraphs.arrow"
    columns.write_bytes(columns.read_bytes()[:100])
    with pytest.raises(IndexUnusable, match="is damaged"):
        SearchIndex(Output(str(out)), folder)
    shutil.rmtree(part)
    assert index(out) > 0
    (folder / "index.json").write_text("{", encoding="utf-8")
    with pytest.raises(IndexUnusable, match="cannot be read"):
        SearchIndex(Output(str(out)), folder)


def test_one_process_at_a_time(scored: Path, tmp_path: Path) -> None:
    out = shutil.copytree(scored, tmp_path / "out")
    folder = index_folder(Output(str(out)))
    with held(folder, "the index", "--index"), pytest.raises(OutputBusy, match="another run"):
        index(out)


def test_a_full_disk_stops_and_keeps_what_is_done(scored: Path, tmp_path: Path) -> None:
    import resource

    out = shutil.copytree(scored, tmp_path / "out")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))  # the kernel refuses to write more into one file
    try:
        with pytest.raises((RunFailed, IndexUnusable)):
            index(out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    index(out)
    whole = shutil.copytree(scored, tmp_path / "whole")
    index(whole)
    assert answers(out) == answers(whole)


def test_an_archive_of_headlines_alone(tmp_path: Path) -> None:
    out = write_scored(tmp_path / "out", [MadeArticle((), headline="只有标题")])
    index(out)
    opened = SearchIndex(Output(str(out)), index_folder(Output(str(out))))
    assert len(opened.search("标题")) == len(opened.search()) == 1
    assert len(opened.search("", Filters(roles=("body",)))) == 0
    opened.close()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("垃" * 501, "has 501 characters"),
        ('"垃圾', 'the quote " at character 1 is never closed'),
        ("“垃圾", "close it with ”"),
        ("垃圾”", "the quote ” at character 3 closes nothing"),
        ("(垃圾", "the parenthesis at character 1 is never closed"),
        ("垃圾)", "the parenthesis at character 3 closes nothing"),
        ("垃圾 AND", "lacks a word at its end"),
        ("NOT " * 30 + "a", "more than 20"),
        ('""', "hold nothing"),
    ],
)
def test_queries_that_cannot_be_read(query: str, told: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        parse_query(query)
    assert told in str(caught.value)


def test_filters_that_contradict_themselves() -> None:
    import datetime

    with pytest.raises(InvalidFilter, match="turned round"):
        Filters(first=datetime.date(2023, 2, 1), last=datetime.date(2023, 1, 1))
    with pytest.raises(InvalidFilter, match="from 0 to 1"):
        Filters(confidence=1.5)
