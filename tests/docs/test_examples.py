"""Every example of the documents is run, and what they show of it is what comes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.answers import agree, elided, read_json, text_agrees, wrapped
from tests.docs.examples import is_miniature, running
from tests.docs.markdown import documents, read_blocks
from tests.service.serving import start


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with start(None, "--home", tmp_path_factory.mktemp("home")) as server:
        yield server.address


@pytest.mark.parametrize("path", documents(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_examples(path: Path, address: str, request: pytest.FixtureRequest) -> None:
    document = path.read_text(encoding="utf-8")
    miniature = request.getfixturevalue("bundle_folder") if is_miniature(document) else None
    with running(document, address, miniature) as examples:
        wrong = [f"{path}:{each.block.line}: {each.problem}" for each in examples.run(document) if each.problem]
    assert not wrong, "\n".join([*wrong, "(python -m tests.docs.rewrite writes the real answers)"])


def test_what_is_not_run_says_why() -> None:
    for path in documents(ROOT):
        for block in read_blocks(path.read_text(encoding="utf-8")):
            if block.directive:
                verb, _, rest = block.directive.partition(" ")
                assert verb in ("file", "exit") or rest.startswith("run, "), f"{path}:{block.line}: {block.directive}"


def test_elisions_of_json() -> None:
    actual = {"id": 7, "topics": ["党建", "治理", "生态"], "confidences": {"党建": 0.9, "治理": 0.8}}
    shown = {"id": 7, "topics": ["党建", "…"], "confidences": {"党建": 0.9002, "…": "…"}}
    assert agree(shown, actual)
    assert elided(shown, actual) == {**shown, "confidences": {"党建": 0.9, "…": "…"}}
    assert not agree({**shown, "id": 8}, actual)
    assert not agree({**shown, "topics": ["党建"]}, actual)
    assert not agree({**shown, "confidences": {"党建": 0.95, "…": "…"}}, actual)
    assert not agree({"id": 7}, actual)
    assert not agree({"id": True}, {"id": 1})


def test_elisions_of_text() -> None:
    assert text_agrees("3 texts (… a second)\n…\nend", "3 texts (12 a second)\na\nb\nend  \n")
    assert not text_agrees("3 texts (… a second)", "3 texts\n(12 a second)")
    assert not text_agrees("3 texts", "3 texts\nmore")


def test_json_is_wrapped_and_the_same() -> None:
    value = {"results": [{"topics": ["金融"], "text": "贷款" * 20}, {"topics": [], "text": "雨" * 40}], "n": 1.5}
    text = wrapped(value)
    assert read_json(text) == [value]
    assert len(text.splitlines()) > 3
