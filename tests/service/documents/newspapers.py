"""Generated newspapers for the tests of documents, printed once a session."""

from __future__ import annotations

from functools import cache

import pytest

from tests.newspapers.pages import Newspaper, newspaper
from tests.newspapers.render import CHROMIUM, pdf_of

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium, which prints the pages, is not installed")


@cache
def printed(seed: int) -> tuple[Newspaper, bytes]:
    """The newspaper of ``seed`` and its PDF."""
    paper = newspaper(seed)
    return paper, pdf_of(paper.html)
