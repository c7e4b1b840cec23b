"""Before anything is written: is there an input, and may this folder be written?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from baozhai_model.errors import BaozhaiError
from baozhai_service.archive.errors import ArchiveError, NoInput, OutputRefused
from baozhai_service.archive.output.schema import SCHEMA
from baozhai_service.archive.report.page import report
from baozhai_service.archive.settings import ScoreSettings
from tests.service.archive.archives import contents, score, write_jsonl


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "in" / "a.jsonl", [{"text": "社区党支部组织党员开展主题教育学习。"}]).parent


def foreign(out: Path) -> None:
    out.mkdir()
    (out / "thesis.docx").write_bytes(b"precious")


def scores_without_their_note(out: Path) -> None:
    out.mkdir()
    (out / "manifest.json").write_text("{}", encoding="utf-8")


def a_file(out: Path) -> None:
    out.write_bytes(b"precious")


def another_schema(out: Path) -> None:
    (out / ".baozhai").mkdir(parents=True)
    (out / ".baozhai" / "archive.json").write_text(json.dumps({"schema": 99, "input": "x"}), encoding="utf-8")


def another_archive(out: Path) -> None:
    (out / ".baozhai").mkdir(parents=True)
    (out / ".baozhai" / "archive.json").write_text(json.dumps({"schema": SCHEMA, "input": "/other"}), encoding="utf-8")


def no_note(out: Path) -> None:
    (out / ".baozhai").mkdir(parents=True)
    (out / ".baozhai" / "archive.json").write_text("torn {", encoding="utf-8")


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (foreign, "is not empty"),
        (
            scores_without_their_note,
            r"\.baozhai/archive\.json.* is missing; give another folder, or.* that file back",
        ),
        (a_file, "out is a file; give a folder"),
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
    before = {path: path.read_bytes() for path in (out, *out.rglob("*")) if path.is_file()}
    with pytest.raises(OutputRefused, match=told):
        score(inputs, out, bundle_folder)
    assert before == {path: path.read_bytes() for path in (out, *out.rglob("*")) if path.is_file()}


def test_no_input(inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.mp4").write_bytes(b"")
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


def test_output_within_input_through_a_link(inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(inputs)
    for source, out in ((inputs, tmp_path / "link" / "out"), (tmp_path / "link", inputs / "out")):
        with pytest.raises(OutputRefused, match="lies within"):
            score(source, out, bundle_folder)
    assert [path.name for path in inputs.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("out", ["file/out", "file/a/out"])
def test_an_output_that_cannot_be_begun(out: str, inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    with pytest.raises(OutputRefused, match="out cannot be written: Not a directory; give another --out"):
        score(inputs, tmp_path / out, bundle_folder)


def test_an_output_whose_lock_cannot_be_opened(inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    score(inputs, tmp_path / "out", bundle_folder)
    before = contents(tmp_path / "out")
    lock = tmp_path / "out" / ".baozhai" / "lock"
    lock.unlink()
    lock.mkdir()  # the like of a file that may not be written, for whoever may write all files
    with pytest.raises(OutputRefused, match="out cannot be written: Is a directory; give another --out"):
        score(inputs, tmp_path / "out", bundle_folder)
    assert contents(tmp_path / "out") == before


@pytest.mark.parametrize("folder", ["source=甲", "Year=2023", "date=2023-07-19"])
def test_a_path_that_would_be_read_as_a_column(folder: str, inputs: Path, bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match=f"{folder} in its path would be read as a column"):
        score(inputs, tmp_path / folder / "out", bundle_folder)
    with pytest.raises(OutputRefused, match=f"{folder} in its path would be read as a column"):
        report(str(tmp_path / folder / "out"))
    score(inputs, tmp_path / "run=5" / "out", bundle_folder)
    report(str(tmp_path / "run=5" / "out"))


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
