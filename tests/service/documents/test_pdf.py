"""PDF pages, born digital: columns, headlines, captions and places."""

from __future__ import annotations

import pytest

from baozhai_model.structure import Role
from baozhai_service.documents import open_document, page_picture, read_document
from tests.newspapers.agreement import Agreement, compare
from tests.service.documents.newspapers import needs_chromium, printed

pytestmark = needs_chromium
SEEDS = (1, 4, 23)


def test_paragraphs_of_columns_are_whole_in_their_article_and_in_order() -> None:
    total = Agreement()
    for seed in SEEDS:
        paper, pdf = printed(seed)
        total += compare(read_document(pdf, "page.pdf"), paper.articles)
    assert total.right >= 0.95
    assert total.split >= 0.95
    assert total.role >= 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_every_block_lies_on_its_page(seed: int) -> None:
    _, pdf = printed(seed)
    page = read_document(pdf, "page.pdf")
    sizes = {size.number: size for size in page.sizes}
    for article in page.articles:
        for block in article.blocks:
            assert block.text == "".join(span.of(page.text) for span in block.spans)
            places = page.places(block.spans)
            assert places
            for place in places:
                x0, y0, x1, y1 = place.box
                size = sizes[place.page]
                assert -1 <= x0 < x1 <= size.width + 1
                assert -1 <= y0 < y1 <= size.height + 1


def test_nothing_that_is_printed_is_lost() -> None:
    paper, pdf = printed(4)
    page = read_document(pdf, "page.pdf")
    read = sorted(char for char in page.text if "\u4e00" <= char <= "\u9fff")
    true = [char for article in paper.articles for block in article.blocks for char in block.text]
    true += [char for text in paper.furniture for char in text]
    assert read == sorted(char for char in true if "\u4e00" <= char <= "\u9fff")


def test_headers_and_footers_are_furniture() -> None:
    paper, pdf = printed(4)  # of two pages
    page = read_document(pdf, "page.pdf")
    furniture = "".join(b.text for a in page.articles for b in a.blocks if b.role is Role.FURNITURE)
    for text in paper.furniture:
        assert all(part in furniture for part in text.split("　"))


def test_a_document_tells_how_it_was_read() -> None:
    _, pdf = printed(1)
    document = open_document(pdf, "要闻.pdf")
    assert (document.name, document.format, document.ocr, document.warnings) == ("要闻.pdf", "pdf", False, ())


def test_a_page_has_a_picture() -> None:
    _, pdf = printed(1)
    picture = page_picture(pdf, "page.pdf", 1, 240)
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") == 240
