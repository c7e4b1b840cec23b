"""Photo captions that no credit gives away: a sentence set apart, or one that repeats the headline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median_low

from baozhai_model.page.bigram_similarity import bigrams, share
from baozhai_model.page.fragment import STOPS, Fragment
from baozhai_model.page.headings import is_title
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import CREDIT, HEADED
from baozhai_model.structure import Role
from baozhai_model.text.sentences import split_sentences

_WIDEST = 90
_SEEN = re.compile(r"正在|图|照片|镜头|当[日天]|\A[0-9０-９]{1,2}月[0-9０-９]{1,2}日|\A在")
_DATED = re.compile(r"[0-9０-９]日|近日|日前|今[天日]|昨[天日]")


def captioned(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with those body pieces named captions that their place or the headline above them gives away.

    A single sentence counts as a caption where more blank lines than usual stand before it and after it (the end of
    the page will do), or where it says what the headline says, no date added, and prose follows.
    """
    gap = _paragraph_gap(fragments)
    headline: Fragment | None = None
    out: list[Fragment] = []
    for at, fragment in enumerate(fragments):
        if fragment.begins:
            headline = None
        if fragment.role is Role.HEADLINE:
            headline = fragment
        following = next((other for other in fragments[at + 1 : at + 3] if other.role is not Role.FURNITURE), None)
        if fragment.role is Role.BODY and at and _is_one_sentence(fragment):
            set_apart = 0 < gap < fragment.gap and (following is None or following.gap > gap)
            repeats = (
                headline is not None
                and following is not None
                and following.role is Role.BODY
                and _repeats(fragment.text, headline.text)
            )
            if set_apart or repeats:
                fragment = fragment.named(Role.CAPTION, 0.85 if fragment.gap > gap else 0.5)
        out.append(fragment)
    return _with_body(fragments, out)


def credited(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with those named captions that a line below says only the photographer of.

    The line above such a credit is a caption where no blank line parts them, or where it is one sentence that says
    what is to be seen. A title stays one if no other is above the prose that follows the credit.
    """
    out = list(fragments)
    for at in range(1, len(out)):
        above, credit = out[at - 1], out[at]
        if above.role is not None or credit.role is not Role.CAPTION or not CREDIT.fullmatch(credit.text):
            continue
        if is_title(above):
            caption = not credit.gap and not _is_headline(out, at - 1)
        else:
            short = width(above.text[: 2 * _WIDEST]) <= _WIDEST
            sentences = len(split_sentences(above.text))
            caption = short and (
                (not credit.gap and sentences <= 2) or (sentences == 1 and bool(_SEEN.search(above.text)))
            )
        if caption:
            out[at - 1] = above.named(Role.CAPTION, 0.9 if not credit.gap else 0.6)
    return out


def _is_headline(fragments: Sequence[Fragment], at: int) -> bool:
    """Whether title ``at`` with a credit below it must be the headline: there is no other before the prose."""
    above = any(is_title(each) or each.role is Role.HEADLINE for each in fragments[:at])
    below = next((each for each in fragments[at + 2 :] if each.role not in (Role.CAPTION, Role.FURNITURE)), None)
    return not above and below is not None and not is_title(below)


def _paragraph_gap(fragments: Sequence[Fragment]) -> int:
    """How many blank lines usually part two paragraphs, of those that are parted; 0 where none are."""
    return median_low([fragment.gap for fragment in fragments[1:] if fragment.gap] or [0])


def _with_body(before: Sequence[Fragment], after: list[Fragment]) -> list[Fragment]:
    """``after``, where no article has only captions of what was its body: its last such paragraph is text."""
    start = 0
    for end in range(1, len(after) + 1):
        if end < len(after) and not after[end].begins:
            continue
        if not any(fragment.role is Role.BODY for fragment in after[start:end]):
            changed = [at for at in range(start, end) if before[at].role is Role.BODY]
            if changed and any(fragment.role is Role.HEADLINE for fragment in after[start:end]):
                after[changed[-1]] = before[changed[-1]]
        start = end
    return after


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
