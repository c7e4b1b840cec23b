"""An output that is no longer whole is not looked at: which file is at fault is told, and a run mends it."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.report.daily_digest import DailyDigest
from baozhai_service.archive.report.page import report
from baozhai_service.archive.run import ArchiveRun
from tests.service.archive.archives import SMALL, contents, score


def cut_short(out: Path) -> Path:
    path = min(out.glob("paragraphs/*/*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-20])
    return path


def lose(pattern: str, out: Path) -> Path:
    path = min(out.glob(pattern))
    path.unlink()
    return path


def lose_paragraphs(out: Path) -> Path:
    path = min(out.glob("paragraphs/*/*/*.parquet"))
    shutil.rmtree(out / "paragraphs")
    return path


def alter(out: Path) -> Path:
    path = min(out.glob("paragraphs/*/*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-20] + bytes(20))
    return path


lose_an_article = partial(lose, "articles/year=2023/source=晨报/*.parquet")
lose_dead_letters = partial(lose, "dead_letters/*.parquet")


@pytest.mark.parametrize("harm", [cut_short, lose_an_article, lose_paragraphs, lose_dead_letters, alter])
def test_damage_is_told_and_mended(
    harm: Callable[[Path], Path],
    archive: Path,
    bundle_folder: Path,
    scored: Path,
    expected: dict[str, str],
    tmp_path: Path,
) -> None:
    out = shutil.copytree(scored, tmp_path / "out")
    name = harm(out).relative_to(out).as_posix()
    day = parse_date("2023-07-02")
    assert day is not None
    for look in (report, lambda url: DailyDigest(url, day)):
        with pytest.raises(OutputRefused, match="run the same baozhai score again") as refusal:
            look(str(out))
        assert (name if harm is not lose_paragraphs else "is missing (and so on: ") in str(refusal.value)
        assert ("remove what is damaged" in str(refusal.value)) == (harm is alter)
    if harm is alter:
        (out / name).unlink()
    score(archive, out, bundle_folder)
    assert contents(out) == expected
    report(str(out))


def test_without_receipts_and_with_rows_too_many(scored: Path, tmp_path: Path) -> None:
    out = shutil.copytree(scored, tmp_path / "out")
    folder = min(out.glob("articles/*/*"))
    shutil.copytree(folder, folder.with_name(f"{folder.name} (copy)"))
    with pytest.raises(OutputRefused, match=r"articles has \d+ rows, but its manifest says \d+; score into a new"):
        report(str(out))
    shutil.rmtree(out / "ledger")
    with pytest.raises(OutputRefused, match=r"ledger/\w+.json is missing or damaged .*run the same baozhai"):
        report(str(out))


def test_damage_of_a_remote_store(archive: Path, bundle_folder: Path) -> None:
    def run() -> int:
        return ArchiveRun(str(archive), "memory://damaged", bundle_folder, SMALL).score().scored

    run()
    out = Output("memory://damaged")
    name = out.files("articles")[0]
    whole = out.read(name)
    out.remove(name)
    with pytest.raises(OutputRefused, match=r"is missing; remove .* from ledger, and run the same") as refusal:
        report("memory://damaged")
    assert name in str(refusal.value)
    out.remove(f"ledger/{Path(name).stem}.json")
    assert run() == 1
    assert out.read(name) == whole
    report("memory://damaged")
