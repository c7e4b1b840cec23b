"""Cutting off what newspapers print in line with a paragraph: datelines, by-lines, notices, stray page numbers."""

from __future__ import annotations

from dataclasses import replace

from baozhai_model.page.fragment import Fragment
from baozhai_model.page.patterns import LEADING, TRAILING, whole_mark
from baozhai_model.structure import BLANK

_LONGEST_EDGE = 120
_MOST = 3  # marks on one end


def trimmed(fragment: Fragment) -> list[Fragment]:
    """``fragment`` with the marks at its two ends cut off as pieces of their own, in order; alone if it has none.

    A piece that is a mark from end to end gets that mark's role; what is left of the others has none yet.
    """
    if whole := _whole(fragment):
        return [whole]
    before: list[Fragment] = []
    after: list[Fragment] = []
    while len(before) < _MOST and (cut := _leading(fragment)):
        head, fragment = cut
        before.append(head)
    while len(after) < _MOST and (cut := _trailing(fragment)):
        fragment, tail = cut
        after.append(tail)
    middle = _whole(fragment) or fragment
    return [*before, middle, *reversed(after)]


def _whole(fragment: Fragment) -> Fragment | None:
    mark = whole_mark(fragment.text)
    return fragment.named(mark.role, mark.confidence) if mark else None


def _leading(fragment: Fragment) -> tuple[Fragment, Fragment] | None:
    for mark in LEADING:
        found = mark.pattern.match(fragment.text)
        if found and fragment.text[found.end() :].strip(BLANK):
            head = fragment.cut(0, found.end()).named(mark.role, mark.confidence)
            rest = fragment.cut(found.end(), len(fragment.text))
            # The rest begins a paragraph, whatever it was that stood before it.
            return head, replace(rest, gap=0, indented=True, doubtful=False)
    return None


def _trailing(fragment: Fragment) -> tuple[Fragment, Fragment] | None:
    text = fragment.text
    for mark in TRAILING:
        found = mark.pattern.search(text, max(0, len(text) - _LONGEST_EDGE))
        if found and text[: found.start()].strip(BLANK) and text[found.start() :].strip(BLANK):
            tail = fragment.cut(found.start(), len(text)).named(mark.role, mark.confidence)
            return fragment.cut(0, found.start()), replace(tail, gap=0, indented=False, doubtful=False)
    return None
