"""Traditional characters: read as simplified ones, quoted as they stand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from baozhai_model.model import Model
from baozhai_model.page.reader import read_page
from baozhai_model.results import Prediction
from baozhai_model.text.simplified import simplified
from tests import tiny
from tests.model.page.test_reader import PAGES, assert_lossless
from tests.model.strategies import texts

SIMPLIFIED = [str(row["text"]) for row in tiny.labelled_paragraphs()][::9]


@pytest.fixture(scope="module", params=["s2t", "s2hk", "s2tw"])
def printed(request: pytest.FixtureRequest) -> OpenCC:
    return OpenCC(request.param)


@given(texts)
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(simplified(text)) == len(text)
    assert simplified(simplified(text)) == simplified(text)


@given(st.text(st.characters(codec="gb2312", exclude_characters="乾吒夥後徵拚捱摺於榘菸薹袷醣麴麽")))
def test_simplified_text_stays_as_it_is(text: str) -> None:
    assert simplified(text) == text


def test_traditional_text_is_about_the_same(model: Model, printed: OpenCC) -> None:
    traditional = [printed.convert(text) for text in SIMPLIFIED]
    assert sum(a != b for a, b in zip(traditional, SIMPLIFIED, strict=True)) > 0.9 * len(SIMPLIFIED)
    for answer, same in zip(model.classify(traditional), model.classify(SIMPLIFIED), strict=True):
        assert isinstance(answer, Prediction)
        assert answer == same


def test_a_digest_quotes_the_characters_that_stand_there(model: Model, printed: OpenCC) -> None:
    text = "\n".join(SIMPLIFIED)
    traditional = printed.convert(text)
    assert len(traditional) == len(text)
    title, topic = SIMPLIFIED[0], model.topics[0]
    for about in (None, topic):
        found = model.digest(traditional, title=printed.convert(title), topic=about).sentences
        same = model.digest(text, title=title, topic=about).sentences
        assert [(s.start, s.end, s.salience) for s in found] == [(s.start, s.end, s.salience) for s in same]
        assert all(traditional[s.start : s.end] == s.text for s in found)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_read_the_same(path: Path, printed: OpenCC) -> None:
    plain = path.read_text(encoding="utf-8")
    text = printed.convert(plain)
    assert len(text) == len(plain)
    assert text != plain
    page, same = read_page(text), read_page(plain)
    assert_lossless(page)
    blocks, others = ([block for article in p.articles for block in article.blocks] for p in (page, same))
    assert [(b.role, b.confidence, b.spans) for b in blocks] == [(b.role, b.confidence, b.spans) for b in others]
