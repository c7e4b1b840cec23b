"""The convention of the two command lines: which error ends with which status, and in how many lines."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from baozhai_model.command_line import FAILED, UNUSABLE, reported
from baozhai_model.errors import BundleNotFound, EmptyText, RuntimeUnavailable


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (EmptyText(), FAILED, "the text is empty"),
        (BundleNotFound("no bundle"), UNUSABLE, "no bundle"),
        (RuntimeUnavailable("no runtime"), UNUSABLE, "no runtime"),
        (ValueError("--names en: must be zh or id"), UNUSABLE, "--names en"),
        (FileNotFoundError(2, "No such file or directory", "in.csv"), UNUSABLE, "in.csv cannot be used: No such file"),
        (ModuleNotFoundError("no torch", name="torch"), UNUSABLE, "pip install 'baozhai[training]'"),
        (ModuleNotFoundError("no ray", name="ray.data"), UNUSABLE, "pip install 'baozhai[ray]'"),
    ],
)
def test_an_error_is_one_line_and_a_status(
    error: Exception, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, reported("program", "training"):
        raise error
    assert ended.value.code == status
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("program: ")
    assert line in said


def test_faults_of_ours_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), reported("program"):
        raise ZeroDivisionError
    with pytest.raises(ModuleNotFoundError), reported("program", "archive"):
        raise ModuleNotFoundError("no baozhai_service.gone", name="baozhai_service.gone")


PROGRAMS = {
    "baozhai_service": (["score", "in.jsonl", "--out", "o"], ["pyarrow"], "archive"),
    "baozhai_training.cli": (["run", "--data", "in.jsonl", "--work", "w"], ["torch", "transformers"], "training"),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_both_programs_name_a_missing_extra_and_end_alike(program: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "党支部", "topics": []}', encoding="utf-8")
    arguments, hidden, extra = PROGRAMS[program]
    code = (
        f"import sys, runpy; sys.modules.update(dict.fromkeys({hidden!r})); sys.argv[1:] = {arguments!r};"
        f"runpy.run_module({program!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == UNUSABLE, done.stderr
    assert re.fullmatch(
        rf"baozhai(-train)?: \w+ is not installed; it comes with: pip install 'baozhai\[{extra}\]'\n", done.stderr
    )
