"""Every relative link of the documents leads to a file, and every anchor to a heading."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import ROOT
from tests.docs.markdown import documents, without_blocks

DOCUMENTS = sorted({*documents(ROOT), ROOT / "CHANGELOG.md", ROOT / "DECISIONS.md"})
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)|(?:src|href)=\"([^\"]+)\"")
_FILE = re.compile(r"\b((?:tests|benchmarks|configs|model|service|training)/[\w./-]+\.\w+)\b")
_TEST = re.compile(r"`(test_\w+)`")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def anchors(document: str) -> set[str]:
    """The anchors of the headings of ``document``, as GitHub makes them."""
    found: set[str] = set()
    text = re.sub(r"^```.*?^```", "", document, flags=re.MULTILINE | re.DOTALL)
    for heading in _HEADING.findall(text):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number = 0
        while (name := anchor if not number else f"{anchor}-{number}") in found:
            number += 1
        found.add(name)
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    for found in _LINK.finditer(without_blocks(document)):
        link = unquote(found[1] or found[2])
        if re.match(r"[a-z]+:", link):  # another host: nothing here asks it
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{path}: {link}"
        assert target.is_relative_to(ROOT), f"{path}: {link} leads out of the repository"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{path}: {link}: no such heading"


@pytest.mark.parametrize("path", documents(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_tests_that_are_named_exist(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    for name in _FILE.findall(document):
        package, _, rest = name.partition("/")  # `model/results.py` is short for `model/baozhai_model/results.py`
        assert (ROOT / name).exists() or (ROOT / package / f"baozhai_{package}" / rest).exists(), f"{path}: {name}"
    for name in set(_TEST.findall(document)):
        assert name in defined_tests(), f"{path}: {name}"


@cache
def defined_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))}


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"({path.name})" in index, path.name


def test_anchors() -> None:
    assert anchors("# One `two`, three!\n## 一、二\n## A\n## A\n") == {"one-two-three", "一二", "a", "a-1"}
