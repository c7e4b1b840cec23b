"""The examples in docstrings are true. Only modules that have some are imported, so collection stays fast."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import ROOT


def _with_examples() -> list[str]:
    sources = [path for room in ("model", "service", "training") for path in (ROOT / room).rglob("*.py")]
    found = [path for path in sources if ">>> " in path.read_text(encoding="utf-8")]
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts[1:]) for path in found)


@pytest.mark.parametrize("name", _with_examples())
def test_the_examples_of_a_module_are_true(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("baozhai"):
            raise
        pytest.skip(f"{error.name} is not installed")
    failed, attempted = doctest.testmod(module)
    assert attempted
    assert not failed, capsys.readouterr().out


def test_there_are_modules_with_examples() -> None:
    names = _with_examples()
    assert len(names) >= 13
    assert all(Path(*name.split(".")).parts[0].startswith("baozhai_") for name in names)
