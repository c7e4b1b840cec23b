"""How well a page was read, beside what is on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from baozhai_model.structure import Page
from tests.newspapers.pages import TrueArticle

_BLANK = re.compile(r"\s+")
NEAR = 0.85  # of its characters: a recognized paragraph that agrees so far with the true one is the same


def plain(text: str) -> str:
    """``text`` without white space, and with single dashes: print does not tell these for certain."""
    return _BLANK.sub("", text).replace("——", "—")


@dataclass
class Agreement:
    """Counts of one page or many; add them up.

    Attributes:
        paragraphs, whole, homed: true body paragraphs; those read whole (and no more); and of these those that are in
            their article and after the paragraph that they follow there.
        pairs_true, pairs_read, pairs_both: pairs of whole paragraphs of one article, for the F1 of article splits.
        blocks, roles: true blocks whose text was read as one block, and those of them whose role is right too.
    """

    paragraphs: int = 0
    whole: int = 0
    homed: int = 0
    pairs_true: int = 0
    pairs_read: int = 0
    pairs_both: int = 0
    blocks: int = 0
    found: int = 0
    roles: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def right(self) -> float:
        """The share of paragraphs that are whole, in their article and in order."""
        return self.homed / max(self.paragraphs, 1)

    @property
    def split(self) -> float:
        """The F1 of pairs of paragraphs that share an article."""
        return 2 * self.pairs_both / max(self.pairs_true + self.pairs_read, 1)

    @property
    def role(self) -> float:
        """The share of true blocks that were read as one block with the right role."""
        return self.roles / max(self.blocks, 1)


def compare(page: Page, truth: Sequence[TrueArticle], *, exact: bool = True) -> Agreement:
    """Compare ``page`` with ``truth``; recognized text need only agree nearly."""
    read = [
        (number, at, block.role.value, plain(block.text))
        for number, article in enumerate(page.articles)
        for at, block in enumerate(article.blocks)
    ]
    taken: set[int] = set()

    def find(text: str) -> int | None:
        for index, (_, _, _, candidate) in enumerate(read):
            if index not in taken and (candidate == text or (not exact and _alike(candidate, text))):
                taken.add(index)
                return index
        return None

    out = Agreement()
    homes: list[tuple[int, int]] = []
    for number, article in enumerate(truth):
        places: list[tuple[int, int] | None] = []
        for block in article.blocks:
            index = find(plain(block.text))
            out.blocks += 1
            if index is not None:
                out.found += 1
                out.roles += read[index][2] == block.role
            if block.role == "body":
                out.paragraphs += 1
                out.whole += index is not None
                places.append(read[index][:2] if index is not None else None)
        known = [place[0] for place in places if place]
        home = max(set(known), key=known.count) if known else None
        last = -1
        for place in places:
            if place and place[0] == home:
                out.homed += place[1] > last
                last = max(last, place[1])
        homes += [(number, place[0]) for place in places if place]
    for at, (mine, yours) in enumerate(homes):
        for other, read_as in homes[at + 1 :]:
            out.pairs_true += mine == other
            out.pairs_read += yours == read_as
            out.pairs_both += mine == other and yours == read_as
    return out


def _alike(read: str, true: str) -> bool:
    if not 0.8 * len(true) <= len(read) <= 1.25 * len(true):
        return False
    matcher = SequenceMatcher(None, read, true, autojunk=False)
    return matcher.quick_ratio() >= NEAR and matcher.ratio() >= NEAR
