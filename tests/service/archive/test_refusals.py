"""Before anything is written: is there an input, and may this folder be written?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from baozhai_model.errors import BaozhaiError
from baozhai_service.archive.errors import ArchiveError, NoInput, OutputRefused
from baozhai_service.archive.settings import ScoreSettings
from tests.service.archive.archives import contents, score, write_jsonl


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": "社区党支部组织党员开展主题教育学习。"}]).parent


def foreign(out: Path) -> None:
    out.mkdir()
    (out / "thesis.docx").write_bytes(b"precious")


def another_schema(out: Path) -> None:
    (out / ".baozhai").mkdir(parents=True)
    (out / ".baozhai" / "archive.json").write_text(json.dumps({"schema": 99, "input": "x"}), encoding="utf-8")


def another_archive(out: Path) -> None:
    (out / ".baozhai").mkdir(parents=True)
    (out / ".baozhai" / "archive.json").write_text(json.dumps({"schema": 1, "input": "/other"}), encoding="utf-8")


def no_note(out: Path) -> None:
    (out / ".baozhai").mkdir(parents=True)
    (out / ".baozhai" / "archive.json").write_text("torn {", encoding="utf-8")


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (foreign, "is not empty"),
        (another_schema, "has schema 99"),
        (another_archive, "holds the scores of /other"),
        (no_note, "cannot be read"),
    ],
)
def test_folders_of_another_kind_are_left_alone(
    prepare: Callable[[Path], None], told: str, inputs: Path, bundle_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    prepare(out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(OutputRefused, match=told):
        score(inputs, out, bundle_folder)
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_no_input(inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"")
    for missing in ("empty", "pictures", "nowhere"):
        with pytest.raises(NoInput, match=missing):
            score(tmp_path / missing, tmp_path / "out", bundle_folder)
    assert not (tmp_path / "out").exists()


def test_an_emptied_input_takes_no_scores_away(inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    score(inputs, tmp_path / "out", bundle_folder)
    before = contents(tmp_path / "out")
    (inputs / "a.jsonl").unlink()
    with pytest.raises(NoInput):
        score(inputs, tmp_path / "out", bundle_folder)
    assert contents(tmp_path / "out") == before


def test_output_within_input(inputs: Path, bundle_folder: Path) -> None:
    with pytest.raises(OutputRefused, match="lies within"):
        score(inputs, inputs / "out", bundle_folder)


def test_no_bundle(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(BaozhaiError, match="is no bundle"):
        score(inputs, tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "given", [{"names": "x"}, {"rows": "x"}, {"runtime": "x"}, {"max_sentences": 0}, {"shard_bytes": 0}]
)
def test_settings_are_checked(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        ScoreSettings(**given)  # type: ignore[arg-type]


def test_errors_have_codes_of_their_own() -> None:
    codes = [kind.code for kind in ArchiveError.__subclasses__()]
    assert len({*codes, ArchiveError.code}) == len(codes) + 1
