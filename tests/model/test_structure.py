"""Spans and the paragraphs made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.structure import Paragraph, Span, locate


@st.composite
def paragraphs(draw):
    """A page and a paragraph cut out of it."""
    page = draw(st.text(min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(page)), max_size=8)))
    spans = tuple(Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    return page, Paragraph(spans, "".join(span.of(page) for span in spans))


@given(paragraphs(), st.data())
def test_a_range_of_a_paragraph_is_found_on_its_page(case, data):
    page, paragraph = case
    start = data.draw(st.integers(0, len(paragraph.text)))
    end = data.draw(st.integers(start, len(paragraph.text)))
    assert "".join(span.of(page) for span in paragraph.locate(start, end)) == paragraph.text[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (0, 4), (2, 1)])
def test_a_range_outside_a_paragraph_is_refused(start, end):
    with pytest.raises(ValueError, match="not within a paragraph of 3 characters"):
        Paragraph((Span(4, 7),), "山水田").locate(start, end)


def test_the_whole_text_is_where_its_spans_are():
    assert locate((Span(1, 3), Span(8, 9)), 0, 3) == (Span(1, 3), Span(8, 9))


def test_a_stripped_span_of_nothing_but_blank_is_empty():
    assert len(Span(1, 4).stripped("一 　\n二")) == 0
