"""Rejoining paragraphs that columns and pages had cut."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from baozhai_model.page.fragment import Fragment, joined
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import ENUMERATOR, HEADED
from baozhai_model.page.seam_scores import seam_evidence
from baozhai_model.structure import Role

_UNFINISHED = re.compile(r"[，、,（(“‘《【]\Z")
_UNBEGUN = re.compile(r"[，、。；：！？”’）》】…,;.!?)%％]")
_PAGE_NUMBER = re.compile(r"[-—–·\s]*[A-Z]?[0-9]{1,3}[-—–·\s]*|第\s*[0-9]{1,3}\s*页.{0,12}")
_STEPPED_OVER = (Role.CAPTION, Role.FURNITURE)
_REACH = 400  # characters on either side of a seam that are looked at
_WIDEST_TITLE = 30
_APART = -2.5  # log odds below which two pieces are apart without a doubt

# Log odds that two pieces are one paragraph, the first not ending as a sentence ends. Fitted on pages made of news
# articles with paragraphs cut at random places; then set against joining short pieces, which real pages cut less often.
# "right is headed", "left is a clause" and "a page ends between" were set by hand.
_WEIGHTS = {
    "bias": -2.5,
    "seam": 0.8,
    "unfinished": 6.0,
    "unbegun": 5.0,
    "quote": 2.1,
    "in a word or number": 3.0,
    "known pair": 2.2,
    "left over 20 wide": 0.5,
    "left over 30 wide": 2.5,
    "left has stops": 2.0,
    "left is a clause": 2.5,
    "left has a space": -1.2,
    "left has its like": -0.7,
    "left is first": -2.5,
    "left is indented": 4.0,
    "right is numbered": -5.5,
    "right is headed": -8.0,
    "right is indented": -8.0,
    "no blank, as an exception": 1.5,
    "stepped over": -0.3,
    "a page ends between": 3.0,
}


def rejoined(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with those joined that were one paragraph, over captions and furniture that stand between them.

    Only pieces that have no role yet are joined. Where the evidence is weak they stay apart and the later one is
    marked doubtful.
    """
    context = _Context(fragments)
    groups: list[list[Fragment]] = []
    ends: list[Fragment] = []  # of the groups: the first piece with only the last of the text, so that joining is cheap
    for fragment in fragments:
        at = _open_fragment(ends) if fragment.role is None and not fragment.prose else None
        if at is not None:
            odds = log_odds(features(ends[at], fragment, ends[at + 1 :], context))
            if odds > 0:
                groups[at].append(fragment)
                ends[at] = replace(ends[at], text=(ends[at].text + fragment.text)[-_REACH:])
                continue
            fragment = replace(fragment, doubtful=fragment.doubtful or odds > _APART)
        groups.append([fragment])
        ends.append(replace(fragment, text=fragment.text[-_REACH:]))
    return [joined(group) for group in groups]


class _Context:
    """What a page says about its own seams."""

    def __init__(self, fragments: Sequence[Fragment]) -> None:
        self._start = fragments[0].spans[0].start if fragments else 0
        self.spaced = 2 * sum(fragment.gap > 0 for fragment in fragments) > len(fragments)
        self._pairs = {pair for fragment in fragments for pair in zip(fragment.text, fragment.text[1:], strict=False)}
        self._widths = Counter(
            round(width(fragment.text[: 2 * _WIDEST_TITLE]))
            for fragment in fragments
            if fragment.role is None and not fragment.closed
        )

    def begins_with(self, fragment: Fragment) -> bool:
        """Whether the page does."""
        return fragment.spans[0].start == self._start

    def has(self, left: str, right: str) -> bool:
        """Whether the two characters follow one another somewhere on the page."""
        return (left, right) in self._pairs

    def like(self, wide: float) -> int:
        """How many open pieces are about as wide: titles of one rank are, broken paragraphs are not."""
        return sum(self._widths[round(wide) + step] for step in (-2, -1, 0, 1, 2))


def _open_fragment(fragments: Sequence[Fragment]) -> int | None:
    for at in range(len(fragments) - 1, -1, -1):
        if fragments[at].role is None:
            return None if fragments[at].closed or fragments[at].prose else at
        if fragments[at].role not in _STEPPED_OVER:
            return None
    return None


def features(left: Fragment, right: Fragment, between: Sequence[Fragment], context: _Context) -> dict[str, float]:
    """What speaks for and against ``left`` and ``right``, with other pieces between them, being one paragraph."""
    wide = width(left.text[-100:])
    return {
        "bias": 1.0,
        "seam": float(seam_evidence(left.text, right.text)),
        "unfinished": float(bool(_UNFINISHED.search(left.text[-1]))),
        "unbegun": float(bool(_UNBEGUN.match(right.text))),
        "quote": float(_closes(left.text, right.text)),
        "in a word or number": float(_is_narrow(left.text[-1]) and _is_narrow(right.text[0])),
        "known pair": float(context.has(left.text[-1], right.text[0])),
        "left over 20 wide": float(wide > 20),
        "left over 30 wide": float(wide > 30),
        "left has stops": float("。" in left.text),
        "left is a clause": float(wide > 20 and "，" in left.text and "。" not in left.text and context.like(wide) < 2),
        "left has a space": float(any(char in " \u3000" for char in left.text[-45:])),
        "right is numbered": float(bool(ENUMERATOR.match(right.text)) or right.text.startswith("——")),
        "right is headed": float(bool(HEADED.match(right.text))),
        "right is indented": float(right.indented),
        "left is indented": float(left.indented),
        "left has its like": min(3.0, context.like(wide) - 1) if wide <= _WIDEST_TITLE else 0.0,
        "left is first": float(context.begins_with(left)),
        "no blank, as an exception": float(context.spaced and not right.gap),
        "stepped over": float(len(between)),
        "a page ends between": float("，" in left.text and any(map(_is_page_number, between))),
    }


def log_odds(found: dict[str, float]) -> float:
    """The weighted sum of ``found``."""
    return sum(_WEIGHTS[name] * value for name, value in found.items())


def _is_page_number(fragment: Fragment) -> bool:
    """Whether ``fragment`` is the number of a page, below which a title hardly ever goes on."""
    return fragment.role is Role.FURNITURE and bool(_PAGE_NUMBER.fullmatch(fragment.text))


def _is_narrow(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _closes(left: str, right: str) -> bool:
    """Whether ``right`` closes a quotation or bracket that ``left`` opens."""
    for opener, closer in ("“”", "《》", "（）"):
        tail, head = left[-_REACH:], right[:_REACH]
        if tail.rfind(opener) > tail.rfind(closer) and -1 < head.find(closer) < (head.find(opener) % (_REACH + 1)):
            return True
    return False
