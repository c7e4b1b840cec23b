"""What a person can mend is told in one line, whichever command is asked, and never as a traceback."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from baozhai_model.command_line import FAILED, UNUSABLE
from baozhai_training.cli import app

TOPIC = '[[topics]]\nid = "sport"\nzh = "体育"\n'
GOOD = '{"text": "甲", "topics": []}'


def ended(*arguments: str | Path) -> Result:
    """How ``baozhai-train ARGUMENTS`` ends."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def the_line(result: Result, status: int = UNUSABLE) -> str:
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("baozhai-train: ")
    return line


@pytest.mark.parametrize("command", ["check", "suspects"])
@pytest.mark.parametrize("name", ["labels.csv", "labels.xlsx"])
def test_a_table_that_is_none(command: str, name: str, tmp_path: Path) -> None:
    data = written(tmp_path / name, "")
    assert name in the_line(ended(command, data), FAILED)


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (f"exclusive = \n{TOPIC}", "line 1"),
        (f"sead = 1\nfolds = 1\n{TOPIC}", "sead: Extra inputs"),
        (f"sead = 1\nfolds = 1\n{TOPIC}", "folds: Input should be"),
        (f"exclusive = true\n{TOPIC}", "at least two topics"),
    ],
    ids=["typing error", "unknown setting", "wrong setting", "settings that do not go together"],
)
@pytest.mark.parametrize("command", ["check", "suspects", "run", "pretrain"])
def test_a_recipe_that_is_none(command: str, recipe: str, told: str, tmp_path: Path) -> None:
    config = written(tmp_path / "own.toml", recipe)
    data = written(tmp_path / "labels.jsonl", GOOD)
    work = tmp_path / "work"
    given = {
        "check": [data, "--config", config],
        "suspects": [data, "--config", config],
        "run": [config, "--data", data, "--work", work],
        "pretrain": [config, "--corpus", tmp_path, "--work", work],
    }
    line = the_line(ended(command, *given[command]))
    assert told in line
    assert "own.toml" in line


@pytest.mark.parametrize("command", ["check", "suspects"])
def test_a_recipe_that_is_not_there(command: str, tmp_path: Path) -> None:
    data = written(tmp_path / "labels.jsonl", GOOD)
    result = ended(command, data, "--config", tmp_path / "none.toml")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"title": "甲"}', "no field text"),
        ('{"text": 5}', "no field text"),
    ],
)
@pytest.mark.parametrize("command", ["next", "differences"])
def test_a_line_of_the_pool_that_has_no_text(command: str, line: str, told: str, tmp_path: Path) -> None:
    pool = written(tmp_path / "pool.jsonl", f"{GOOD}\n\n{line}\n{GOOD}\n")
    bundles = [tmp_path, tmp_path] if command == "differences" else []
    message = the_line(ended(command, *bundles, pool), FAILED)
    assert "pool.jsonl, line 3: " in message
    assert told in message


@pytest.mark.parametrize("share", ["1.5", "1", "-0.1", "nan"])
def test_more_than_all_or_less_than_nothing_cannot_be_locked_away(share: str, tmp_path: Path) -> None:
    data = written(tmp_path / "labels.jsonl", GOOD)
    result = ended("run", "--data", data, "--work", tmp_path / "work", "--hold-out", share)
    assert result.exit_code == 2
    assert "is no share" in result.stderr
    assert not (tmp_path / "work").exists()


def test_nothing_locked_away_is_allowed(tmp_path: Path) -> None:
    data = written(tmp_path / "labels.jsonl", GOOD)
    result = ended("run", "--data", data, "--work", tmp_path / "work", "--home", tmp_path / "home", "--hold-out", "0")
    assert "labelled paragraphs" in the_line(result)  # too few of them: the share is none of its complaints
