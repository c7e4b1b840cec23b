"""The files of ``deploy/`` and of CI name commands, settings and paths that there are."""

import re
import tomllib

import pytest

from baozhai_service.settings import PREFIX, Settings
from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["Containerfile", "baozhai.service"])
def test_variables_are_settings(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    variables = {found.removeprefix(PREFIX).lower() for found in re.findall(rf"{PREFIX}[A-Z_]+(?==)", text)}
    assert variables
    assert variables <= set(Settings.model_fields)


def test_extras_of_the_image_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"--extra (\w+)", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"))
    assert extras
    assert set(extras) <= set(project["optional-dependencies"])


def test_what_the_image_copies_is_there() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        assert all((ROOT / path).exists() for path in line.split())


def test_nothing_runs_as_root() -> None:
    assert re.search(r"^USER (?!0|root)", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert "User=baozhai" in (ROOT / "deploy" / "baozhai.service").read_text(encoding="utf-8")


def test_the_workflow_calls_make_test() -> None:
    assert "run: make test\n" in (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
