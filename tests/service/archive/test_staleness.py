"""Only what depends on a change is scored again, and the result is that of a fresh run."""

import json
import shutil
from pathlib import Path

import pytest

from baozhai_service.archive.scoring.answer_cache import AnswerCache
from baozhai_service.archive.settings import ScoreSettings
from tests.service.archive.archives import SMALL, article, contents, page, score, table, write_jsonl


@pytest.fixture
def inputs(archive: Path, tmp_path: Path) -> Path:
    return shutil.copytree(archive, tmp_path / "papers")


@pytest.fixture
def out(inputs: Path, bundle_folder: Path, tmp_path: Path) -> Path:
    score(inputs, tmp_path / "out", bundle_folder)
    return tmp_path / "out"


def fresh(inputs: Path, bundle: Path, tmp_path: Path) -> dict[str, str]:
    score(inputs, tmp_path / "fresh", bundle)
    return contents(tmp_path / "fresh")


def test_lines_at_the_end_touch_the_last_shard(inputs: Path, out: Path, bundle_folder: Path, tmp_path: Path) -> None:
    with (inputs / "晚报.jsonl").open("ab") as file:
        file.write(b'"}\n' + json.dumps({"text": article(77)}).encode() + b"\n")
    again = score(inputs, out, bundle_folder)
    assert again.scored == 1
    assert contents(out) == fresh(inputs, bundle_folder, tmp_path)


def test_a_changed_page_touches_its_shard(inputs: Path, out: Path, bundle_folder: Path, tmp_path: Path) -> None:
    (inputs / "晨报" / "20230705-01.txt").write_text(page(55), encoding="utf-8")
    again = score(inputs, out, bundle_folder)
    assert 1 <= again.scored <= 2
    assert contents(out) == fresh(inputs, bundle_folder, tmp_path)


def test_what_is_gone_goes(inputs: Path, out: Path, bundle_folder: Path, tmp_path: Path) -> None:
    (inputs / "table.csv").unlink()
    score(inputs, out, bundle_folder)
    assert not [row for row in table(out, "paragraphs") if row["file"] == "table.csv"]
    assert contents(out) == fresh(inputs, bundle_folder, tmp_path)
    assert not [folder for folder in (out / "paragraphs").rglob("*") if folder.is_dir() and not any(folder.iterdir())]


def test_other_settings_score_all_again(inputs: Path, out: Path, bundle_folder: Path) -> None:
    again = score(inputs, out, bundle_folder, ScoreSettings(names="id", shard_bytes=SMALL.shard_bytes))
    assert again.kept == 0
    assert "party_building" in table(out, "paragraphs")[0]["confidences"]


def test_another_model_version_scores_all_again(inputs: Path, out: Path, bundle_folder: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(bundle_folder, tmp_path / "bundle")
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    manifest["version"] = "2099-01-01-abcdef0"
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    again = score(inputs, out, bundle)
    assert again.kept == 0
    assert {row["model_version"] for row in table(out, "paragraphs")} == {"2099-01-01-abcdef0"}
    assert len(list((out / ".baozhai").glob("answers-*.sqlite"))) == 1


def test_paragraphs_that_come_again_are_looked_up(inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "again" / "a.jsonl", [{"text": article(3)}] * 40)
    score(tmp_path / "again", tmp_path / "out", bundle_folder, ScoreSettings(shard_bytes=1000))
    cache = AnswerCache(next((tmp_path / "out" / ".baozhai").glob("answers-*.sqlite")))
    assert cache.count() == len(set(article(3).split("\n"))) + 1  # its paragraphs, and one digest
    cache.close()


def test_a_broken_cache_is_no_harm(
    archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    score(archive, tmp_path / "out", bundle_folder)
    cache = next((tmp_path / "out" / ".baozhai").glob("answers-*.sqlite"))
    cache.write_bytes(b"not a database at all" * 100)
    min((tmp_path / "out").glob("ledger/*.json")).unlink()
    score(archive, tmp_path / "out", bundle_folder)
    assert contents(tmp_path / "out") == expected
