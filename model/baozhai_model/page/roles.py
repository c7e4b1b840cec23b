"""Giving every piece its role, and finding where articles begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from baozhai_model.page.fragment import Fragment, usual_gap
from baozhai_model.page.headings import Outline, is_title
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import ENUMERATOR, NAMES
from baozhai_model.structure import Role

_OFFICE = re.compile(r"[\u4e00-\u9fff\s]{2,25}(?:厅|局|委|部|室|社|会|府|院|公司|集团)")
_KICKER = 4  # how much wider than the headline below it a kicker is at least
_TABLE = 5  # more titles in a row than this are the cells of a table


def named(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with a role for each that had none, and ``begins`` set on those that begin an article."""
    out = list(fragments)
    for at, fragment in enumerate(out):
        if _comes_from_another_page(fragment):
            out[at] = replace(fragment, begins=True)
    outline = Outline(fragments)
    gap = usual_gap(fragments)
    first_prose, last_prose = (outline.prose[0], outline.prose[-1]) if outline.prose else (len(fragments), -1)
    for which, heading in enumerate(outline.headings):
        run = fragments[heading.start : heading.end]
        if last_prose < 0:
            named_run = _contents(run)
        elif heading.start < first_prose:
            named_run = _headline(run, 0.9) if which == 0 else _subheads(run, 0.5)
        elif heading.start > last_prose and run[0].gap <= gap:
            named_run = _signature(run)
        elif _comes_from_another_page(fragments[heading.start - 1]) or sum(map(is_title, run)) > _TABLE:
            named_run = _subheads(run, 0.5)
        else:
            chance = outline.chance(which)
            named_run = _headline(run, min(chance, 0.98)) if chance > 0.5 else _subheads(run, min(1 - chance, 0.98))
        out[heading.start : heading.end] = named_run
    return [_body(fragment) if fragment.role is None else fragment for fragment in out]


def _comes_from_another_page(fragment: Fragment) -> bool:
    return fragment.role is Role.CONTINUATION and "接" in fragment.text


def _contents(run: Sequence[Fragment]) -> list[Fragment]:
    """A list of titles, each an article of its own of which nothing else is there."""
    return [
        fragment
        if fragment.role
        else fragment.named(Role.SUBHEAD, 0.5)
        if _is_minor(fragment)
        else replace(fragment.named(Role.HEADLINE, 0.5), begins=True)
        for fragment in run
    ]


def _headline(run: Sequence[Fragment], confidence: float) -> list[Fragment]:
    titles = [at for at, fragment in enumerate(run) if is_title(fragment) and not _is_minor(fragment)]
    names = [at for at in titles[1:] if NAMES.fullmatch(run[at].text)]
    titles = [at for at in titles if at not in names]
    if not titles:
        return _subheads(run, 0.5)
    main = titles[0]
    if (
        titles[1:2] == [main + 1]
        and run[titles[1]].gap
        and width(run[main].text) >= width(run[titles[1]].text) + _KICKER
    ):
        main = titles[1]
    if len(titles) > 1:
        confidence = min(confidence, 0.7)
    out = [
        fragment
        if fragment.role
        else fragment.named(Role.HEADLINE, confidence)
        if at == main
        else fragment.named(Role.BYLINE, 0.8)
        if at in names
        else fragment.named(Role.SUBHEAD, 0.9 if _is_minor(fragment) else 0.5)
        for at, fragment in enumerate(run)
    ]
    return [replace(out[0], begins=True), *out[1:]]


def _subheads(run: Sequence[Fragment], confidence: float) -> list[Fragment]:
    return [fragment if fragment.role else fragment.named(Role.SUBHEAD, confidence) for fragment in run]


def _signature(run: Sequence[Fragment]) -> list[Fragment]:
    """Short lines after the last paragraph: who signs, or a title whose text is on another page."""
    return [
        fragment
        if fragment.role
        else fragment.named(Role.BYLINE, 0.6)
        if _OFFICE.fullmatch(fragment.text) or NAMES.fullmatch(fragment.text)
        else fragment.named(Role.SUBHEAD, 0.5)
        for fragment in run
    ]


def _is_minor(fragment: Fragment) -> bool:
    """Whether a title is a subtitle or a numbered section."""
    return fragment.text.startswith(("—", "－", "--")) or bool(ENUMERATOR.match(fragment.text))


def _body(fragment: Fragment) -> Fragment:
    if not fragment.closed:
        return fragment.named(Role.BODY, 0.8)
    return fragment.named(Role.BODY, 0.97 if width(fragment.text[:100]) > 46 else 0.92)
