"""Whole articles of the corpus: none that people know already, each with its sentences."""

from __future__ import annotations

import pytest

from baozhai_training.data.corpus import Document
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.data.unlabelled_articles import draw_articles
from tests import tiny

DOCUMENTS = [Document(str(row["text"]), str(row["title"]), source="own") for row in tiny.unread_articles()]


def drawn(*unlike: Unlabelled, count: int = 1000) -> list[DigestedArticle]:
    return draw_articles(DOCUMENTS, count, unlike, seed=3)


def test_articles_are_whole_and_have_sentences() -> None:
    articles = drawn()
    assert sorted(article.text for article in articles) == sorted(document.text for document in DOCUMENTS)
    for article in articles:
        assert "".join(span.of(article.text) for span in article.sentences) == article.text.replace("\n", "")
        assert not article.chosen.any()


def test_a_draw_can_be_had_again() -> None:
    assert drawn(count=5) == drawn(count=5)
    assert len(drawn(count=5)) == 5


@pytest.mark.parametrize("what", ["title", "sentence"])
def test_what_people_know_is_not_drawn(what: str) -> None:
    known = DOCUMENTS[4]
    line = known.paragraphs[1] if what == "sentence" else "一句别处没有的话。"
    unlike = Unlabelled(line, known.title if what == "title" else None)
    found = {article.title for article in drawn(unlike)}
    assert found == {document.title for document in DOCUMENTS} - {known.title}


def test_what_is_too_short_is_not_drawn() -> None:
    short = [Document(document.text[:200], document.title, source="own") for document in DOCUMENTS]
    assert draw_articles(short, 10, [], seed=3) == []
