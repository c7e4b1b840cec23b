"""Photo captions that no credit gives away: a sentence set apart, or one that repeats the headline."""

from __future__ import annotations

import re
from collections.abc import Sequence

from baozhai_model.page.bigram_similarity import bigrams, share
from baozhai_model.page.fragment import STOPS, Fragment, usual_gap
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import HEADED
from baozhai_model.structure import Role
from baozhai_model.text.sentences import split_sentences

_WIDEST = 90
_DATED = re.compile(r"[0-9０-９]日|近日|日前|今[天日]|昨[天日]")


def captioned(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with those body pieces named captions that their place or the headline above them gives away.

    A single sentence counts as a caption where more blank lines than usual stand before it and after it (the end of
    the page will do), or where it says what the headline says, no date added, and prose follows.
    """
    gap = usual_gap(fragments)
    headline: Fragment | None = None
    out: list[Fragment] = []
    for at, fragment in enumerate(fragments):
        if fragment.begins:
            headline = None
        if fragment.role is Role.HEADLINE:
            headline = fragment
        following = next((other for other in fragments[at + 1 : at + 3] if other.role is not Role.FURNITURE), None)
        if fragment.role is Role.BODY and at and _is_one_sentence(fragment):
            set_apart = fragment.gap > gap and (following is None or following.gap > gap)
            repeats = (
                headline is not None
                and following is not None
                and following.role is Role.BODY
                and _repeats(fragment.text, headline.text)
            )
            if set_apart or repeats:
                fragment = fragment.named(Role.CAPTION, 0.85 if fragment.gap > gap else 0.5)
        out.append(fragment)
    return out


def _is_one_sentence(fragment: Fragment) -> bool:
    return (
        len(fragment.spans) == 1
        and not HEADED.match(fragment.text)
        and fragment.text[-1] in STOPS
        and width(fragment.text[: 2 * _WIDEST]) <= _WIDEST
        and len(split_sentences(fragment.text)) == 1
    )


def _repeats(text: str, headline: str) -> bool:
    return (
        not _DATED.search(text)
        and width(text) <= 1.7 * width(headline)
        and share(bigrams(headline), bigrams(text)) >= 0.9
    )
