"""However a run ends, the next one leaves what an uninterrupted one would have left."""

import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from baozhai_service.archive.errors import OutputBusy, RunFailed
from baozhai_service.archive.executors.local import Processes
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.output.lock import locked
from tests.service.archive.archives import SMALL, contents, score, table

POINTS = int(os.environ.get("TEST_KILL_POINTS", "6"))  # 100 before a release
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.service.archive.archives"])


def run_cli(source: Path, out: Path, bundle: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "baozhai_service.archive", "score", str(source), "--out", str(out)]
    options = ("--bundle", str(bundle), "--shard-bytes", str(SMALL.shard_bytes), *options)
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate()
    return process.returncode, out.decode(), err.decode()


def kill_after(share: float, full: float, source: Path, out: Path, bundle: Path) -> bool:
    """Run in a process that is killed after a share of the time that a run takes; whether it was too late."""
    process = PROCESSES.Process(target=score, args=(source, out, bundle))
    process.start()
    process.join(share * full)
    process.kill()
    process.join()
    return process.exitcode == 0


def test_killed_at_random_points(archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path) -> None:
    began = time.monotonic()
    process = PROCESSES.Process(target=score, args=(archive, tmp_path / "timed", bundle_folder))
    process.start()
    process.join()
    full = time.monotonic() - began
    chance = random.Random(POINTS)
    for point in range(POINTS):
        out = tmp_path / str(point)
        kill_after(chance.random(), full, archive, out, bundle_folder)
        while chance.random() < 0.3:
            kill_after(chance.random(), full, archive, out, bundle_folder)
        score(archive, out, bundle_folder)
        assert contents(out) == expected
        shutil.rmtree(out)


def test_killed_with_its_workers(archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path) -> None:
    process = run_cli(archive, tmp_path / "out", bundle_folder, "--workers", "2")
    while process.poll() is None and not list((tmp_path / "out").glob("ledger/*.json")):
        pass
    process.kill()
    finish(process)
    status, told, _ = finish(run_cli(archive, tmp_path / "out", bundle_folder, "--workers", "2"))
    assert contents(tmp_path / "out") == expected
    assert status == 1
    assert told.splitlines()[-1].startswith("4 dead letters: 1 bad_date, 2 bad_json, 1 duplicate_key")


def test_any_number_of_workers_gives_the_same(
    archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    score(archive, tmp_path / "out", bundle_folder, executor=Processes(3), cached=False)
    assert contents(tmp_path / "out") == expected


def test_a_second_run_does_nothing(archive: Path, bundle_folder: Path, scored: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (scored / "paragraphs").rglob("*.parquet")}
    again = score(archive, scored, bundle_folder)
    assert (again.scored, again.kept) == (0, len(again.manifest.shards))
    assert before == {path: path.stat().st_mtime_ns for path in (scored / "paragraphs").rglob("*.parquet")}


@pytest.mark.parametrize("damage", ["torn receipt", "no receipt", "altered receipt", "torn output", "lost output"])
def test_damage_is_mended(
    damage: str, archive: Path, bundle_folder: Path, scored: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    out = shutil.copytree(scored, tmp_path / "out")
    receipt = min(out.glob("ledger/*.json"))
    output = min(out.glob("paragraphs/*/*/*.parquet"))
    match damage:
        case "torn receipt":
            receipt.write_bytes(receipt.read_bytes()[:-20])
        case "no receipt":
            receipt.unlink()
        case "altered receipt":
            receipt.write_bytes(receipt.read_bytes().replace(b'"rows": ', b'"rows": 1'))
        case "torn output":
            output.write_bytes(output.read_bytes()[:-1])
        case "lost output":
            output.unlink()
    assert score(archive, out, bundle_folder).scored == 1
    assert contents(out) == expected


def test_a_full_disk_stops_the_run_and_loses_nothing(archive: Path, bundle_folder: Path, tmp_path: Path) -> None:
    papers = shutil.copytree(archive, tmp_path / "papers")
    paragraphs = [f"第{number}号渠{number * 7919}米处已经疏通，{number * 104729}户受益。" for number in range(300)]
    last = {"text": "\n".join(paragraphs), "title": "修渠"}
    (papers / "zz.jsonl").write_text(json.dumps(last), encoding="utf-8")  # the last shard, with the largest file
    score(papers, tmp_path / "undisturbed", bundle_folder)
    largest = max(path.stat().st_size for path in tmp_path.glob("undisturbed/paragraphs/*/*/*.parquet"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest - 1, hard))  # the kernel refuses to write more into one file
    try:
        with pytest.raises(RunFailed, match="run the same command again"):
            score(papers, tmp_path / "out", bundle_folder, cached=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(list((tmp_path / "out").glob("ledger/*.json"))) > 0
    assert score(papers, tmp_path / "out", bundle_folder).scored > 0
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_two_processes_on_one_output(
    archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    both = [run_cli(archive, tmp_path / "out", bundle_folder, "--workers", "1") for _ in range(2)]
    endings = [finish(process) for process in both]
    assert contents(tmp_path / "out") == expected
    for status, told, complaint in endings:
        assert status == 1 or (status == 2 and "is being written by another run" in complaint), told + complaint


def test_a_held_output_is_refused(archive: Path, bundle_folder: Path, tmp_path: Path) -> None:
    with locked(Output(str(tmp_path / "out"))), pytest.raises(OutputBusy, match="another run"):
        score(archive, tmp_path / "out", bundle_folder)
    assert table(tmp_path / "out", "paragraphs") == []
