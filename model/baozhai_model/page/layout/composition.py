"""Composing the plain text of a document from its printed lines, and keeping where each stands on its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from baozhai_model.page.fragment import Fragment
from baozhai_model.page.inline_marks import trimmed
from baozhai_model.page.layout.geometry import PrintedLine, PrintedPage
from baozhai_model.page.layout.paragraphs import PrintedParagraph
from baozhai_model.page.layout.titles import Title
from baozhai_model.page.patterns import whole_mark
from baozhai_model.structure import Article, Page, PageSize, PrintedSpan, Role, Span
from baozhai_model.text.simplified import simplified

_IN_TITLES = (Role.BYLINE, Role.DATELINE, Role.CONTINUATION, Role.FURNITURE)


class Composition:
    """A text that grows by the lines of a document, in reading order, and the fragments that it is made of."""

    def __init__(self, pages: Sequence[PrintedPage]) -> None:
        self._sizes = tuple(PageSize(page.number, page.width, page.height) for page in pages)
        self._parts: list[str] = []
        self._length = 0
        self._printed: list[PrintedSpan] = []
        self._fragments: list[Fragment] = []
        self._number = pages[0].number if pages else 1

    def at(self, number: int) -> None:
        """The lines that follow are those of page ``number``."""
        self._number = number

    def furniture(self, line: PrintedLine) -> None:
        """Add a line of a header or footer."""
        self._add([line], Role.FURNITURE, 0.9)

    def article(
        self,
        title: Title | None,
        paragraphs: Sequence[PrintedParagraph],
        captions: Sequence[Sequence[PrintedLine]],
        *,
        begins: bool = True,
    ) -> None:
        """Add an article; without ``begins`` it is the rest of the one before."""
        first = len(self._fragments)
        if title is not None:
            self._title(title)
        for paragraph in paragraphs:
            self.paragraph(paragraph)
        for lines in captions:
            self.caption(lines)
        if begins and len(self._fragments) > first:
            self._fragments[first] = replace(self._fragments[first], begins=True)

    def caption(self, lines: Sequence[PrintedLine]) -> None:
        """Add the caption of a picture."""
        self._add(lines, Role.CAPTION, 0.9)

    def paragraph(self, paragraph: PrintedParagraph, *, pages: Sequence[int] | None = None) -> None:
        """Add a paragraph, with the marks in line with it cut off; ``pages`` says where its lines stand."""
        whole = self._fragment(paragraph.lines, pages=pages)
        for part in trimmed(whole):
            if part.role is None:
                part = part.named(Role.SUBHEAD, 0.8) if paragraph.heading else part.named(Role.BODY, 0.95)
            self._fragments.append(part)

    def subhead(self, title: Title) -> None:
        """Add the lines of a title that heads a part of an article."""
        for _, lines in title.parts():
            self._add(lines, Role.SUBHEAD, 0.8, between=" ")

    def fragments(self) -> list[Fragment]:
        """What was added, as it is printed."""
        text = "".join(self._parts)
        return [fragment.printed(text) for fragment in self._fragments]

    def page(self, articles: tuple[Article, ...]) -> Page:
        """The document with ``articles``."""
        return Page("".join(self._parts), articles, self._sizes, tuple(self._printed))

    def _title(self, title: Title) -> None:
        for is_headline, lines in title.parts():
            mark = whole_mark(simplified("".join(line.text for line in lines)))
            if mark is not None and mark.role in _IN_TITLES and not is_headline:
                self._add(lines, mark.role, mark.confidence)
            elif mark is not None and mark.role is Role.FURNITURE and len(title.lines) == 1:
                self._add(lines, Role.FURNITURE, 0.6)
            else:
                role, confidence = (Role.HEADLINE, 0.95) if is_headline else (Role.SUBHEAD, 0.8)
                self._add(lines, role, confidence, between=" ")

    def _add(self, lines: Sequence[PrintedLine], role: Role, confidence: float, between: str = "") -> None:
        self._fragments.append(self._fragment(lines, between).named(role, confidence))

    def _fragment(
        self, lines: Sequence[PrintedLine], between: str = "", *, pages: Sequence[int] | None = None
    ) -> Fragment:
        """Write ``lines`` as one line of the text."""
        if self._parts:
            self._write("\n\n")
        start = self._length
        before = ""
        for number, line in zip(pages or [self._number] * len(lines), lines, strict=True):
            ends = (before[-1:], line.text[0])
            words = all(char.isascii() and char.isalnum() for char in ends)
            if before and (between or (words and not all(map(str.isdigit, ends)))):
                self._write(between or " ")
            at = self._length
            self._write(line.text)
            place = line.place or line.box
            box = (place.x0, place.y0, place.x1, place.y1)
            self._printed.append(PrintedSpan(Span(at, self._length), number, box, line.vertical))
            before = line.text
        return Fragment((Span(start, self._length),), simplified(self._tail(start)))

    def _tail(self, start: int) -> str:
        """The text from ``start`` on, which lies in the last parts."""
        taken: list[str] = []
        length = self._length
        for part in reversed(self._parts):
            if length <= start:
                break
            taken.append(part)
            length -= len(part)
        return "".join(reversed(taken))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
