"""Documents set in one column: their text runs from page to page, and their headings part one article."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from baozhai_model.page.layout.columns import TextBlock
from baozhai_model.page.layout.composition import Composition
from baozhai_model.page.layout.geometry import PrintedPage
from baozhai_model.page.layout.measures import Type
from baozhai_model.page.layout.paragraphs import Edges, PrintedParagraph, paragraphs_of
from baozhai_model.page.layout.titles import Title

_WIDE = 0.55  # of a page's width: lines so wide leave room for one column alone
_MOST = 0.6  # of the characters of full lines that stand in such lines
_FULL = 15  # em: what is shorter tells nothing of the column
_LARGER = 1.35  # times the body's size: a headline may reach over columns
_LETTERHEAD = re.compile("(?:文件|会议纪要|简报|公报)(?:（[^（）]*）)?\\Z")
_HEADLINE = 0.97  # of the largest title's size: what is set so large is the headline too


def is_single_column(pages: Sequence[PrintedPage], usual: Type) -> bool:
    """Whether most text of ``pages`` stands in lines that go across the page."""
    wide = full = 0
    for page in pages:
        for line in page.lines:
            body = not line.vertical and line.size < _LARGER * usual.size
            if body and line.box.width > _FULL * usual.size:
                full += len(line.text)
                wide += len(line.text) * (line.box.width > _WIDE * page.width)
    return full > 0 and wide >= _MOST * full


class SingleColumn:
    """Gathers the titles and blocks of a document, page by page."""

    def __init__(self, usual: Type, composition: Composition) -> None:
        self._usual, self._composition = usual, composition
        self._open: list[tuple[int, PrintedParagraph]] = []
        self._items: list[tuple[int, Title | TextBlock]] = []

    def add(self, number: int, titles: Sequence[Title], blocks: Sequence[TextBlock]) -> None:
        """Take in page ``number``, from top to bottom."""
        items: list[Title | TextBlock] = [*titles, *blocks]
        self._items += [(number, item) for item in sorted(items, key=lambda item: (item.box.y0, item.box.x0))]

    def compose(self, captions: Collection[int]) -> None:
        """Add all of it to the composition: the largest title is the headline, the others are subheads."""
        titles = [item for _, item in self._items if isinstance(item, Title)]
        sizes = [title.size for title in titles if not _is_letterhead(title)]
        largest = max(sizes, default=0.0)
        headed = False
        run: list[tuple[int, TextBlock]] = []
        for number, item in self._items:
            if isinstance(item, TextBlock) and id(item) not in captions:
                run.append((number, item))
                continue
            self._paragraphs(run)
            run = []
            self._composition.at(number)
            if isinstance(item, TextBlock):
                self._composition.caption(item.lines)
            elif sizes and _is_letterhead(item):
                for line in item.lines:
                    self._composition.furniture(line)
            elif not headed and item.size >= _HEADLINE * largest:
                self._composition.article(item, (), (), begins=False)
                headed = True
            else:
                self._composition.subhead(item)
        self._paragraphs(run)

    def _paragraphs(self, run: Sequence[tuple[int, TextBlock]]) -> None:
        if not run:
            return
        edges = [_edges(number, block, run) for number, block in run]
        pages = {id(line): number for number, block in run for line in block.lines}
        for paragraph in paragraphs_of([block for _, block in run], self._usual, edges):
            self._composition.paragraph(paragraph, pages=[pages[id(line)] for line in paragraph.lines])


def _is_letterhead(title: Title) -> bool:
    """Whether a title is the red head of an official document (GB/T 9704): it names the office, not the matter."""
    return bool(_LETTERHEAD.search("".join(line.text for line in title.lines).replace(" ", "")))


def _edges(number: int, block: TextBlock, run: Sequence[tuple[int, TextBlock]]) -> Edges:
    """The edges of the one column of page ``number``, or of all pages where that one has hardly any text."""
    large = [(page, other.box) for page, other in run if len(other.lines) > 1]
    same = [box for page, box in large if page == number] or [box for _, box in large] or [block.box]
    return Edges(min(box.x0 for box in same), max(box.x1 for box in same))
