"""Recognize headings among short lines, and tell headlines (of an article) from subheads (of a part of it)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from baozhai_model.page.bigram_similarity import bigrams, cosine, share
from baozhai_model.page.fragment import Fragment, usual_gap
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import ENUMERATOR
from baozhai_model.structure import Role

WIDEST = 64
"""A line wider than this many Chinese characters is no title."""

_REACH = 500

# Log odds that a title after prose begins an article; fitted on pages made of news articles, half of them with
# neighbours chosen to be alike, then shrunk by a fifth or more: real pages are less tidy.
_WEIGHTS = {
    "bias": -1.3,
    "has a space": 1.4,
    "by-line below": 2.8,
    "dashes below": 2.6,
    "dateline below": 2.8,
    "credit above": 3.5,
    "is numbered": -3.5,
    "text below is numbered": -1.2,
    "wide gap above": 3.5,
    "titles in the run": 0.8,
    "cohesion": -6.5,
    "words below": 1.0,
    "words above": -4.5,
    "words in first sentences": 1.0,
    "width": 1.0,
    "narrow": -0.8,
    "parallel": -0.7,
    "names news": 2.2,
    "time below": 1.2,
}
_NEWS = re.compile(
    r"(?:召开|举行|开幕|闭幕|启动|印发|发布|出台|成立|揭晓|落幕|开通|投用|开工|竣工|签约|会见|会谈|考察|调研|致电|致贺)"
)
_QUESTION = re.compile("[^。！？!?：“”]{6,28}[？！?!]")  # shorter ones are exclamations in a story
_APPEAL = re.compile("(?:号召|要求|指出|强调|认为|希望|祝愿|相信)，")  # the end of a speech, not a title
_TIME = re.compile(r"[0-9]{1,2}日|近日|日前|今天|昨[天日]|记者")


def is_title(fragment: Fragment) -> bool:
    """Whether a piece without a role has the form of a title: short, and no sentence, or one question."""
    text = fragment.text
    wide = width(text[: 2 * WIDEST])
    if (
        fragment.role is not None
        or fragment.prose
        or wide > WIDEST
        or len(text) < 2
        or any(stop in text for stop in "。…")
    ):
        return False
    if fragment.closed:
        return bool(_QUESTION.fullmatch(text)) and not _APPEAL.search(text)
    return text[-1] not in "，、,."


@dataclass(frozen=True, slots=True)
class Heading:
    """A run of titles and by-lines with nothing else between them: pieces ``[start, end)`` of a page."""

    start: int
    end: int


class Outline:
    """The headings of a page, in order, and what is known of each."""

    def __init__(self, fragments: Sequence[Fragment]) -> None:
        self._pieces = fragments
        self._titles = [is_title(fragment) for fragment in fragments]
        self._gap = usual_gap(fragments)
        self.prose = [at for at, fragment in enumerate(fragments) if fragment.role is None and not self._titles[at]]
        self.headings: list[Heading] = []
        at = 0
        while at < len(fragments):
            start = at
            if self._titles[at]:
                while at < len(fragments) and (self._titles[at] or fragments[at].role is Role.BYLINE):
                    at += 1
                self.headings.append(Heading(start, at))
            at += 1

    def chance(self, which: int) -> float:
        """The probability that heading ``which``, with prose before and after it, begins an article."""
        odds = sum(_WEIGHTS[name] * value for name, value in self.features(which).items())
        return 1 / (1 + math.exp(-odds))

    def features(self, which: int) -> dict[str, float]:
        """What speaks for and against heading ``which`` beginning an article."""
        heading = self.headings[which]
        fragments = self._pieces
        title = fragments[heading.start]
        run = fragments[heading.start : heading.end]
        before, after = self._prose(heading.start - 1, -1), self._prose(heading.end, 1)
        behind, ahead = bigrams(before[-_REACH:]), bigrams(after[:_REACH])
        words = bigrams(title.text)
        near = [self.headings[other] for other in (which - 1, which + 1) if 0 <= other < len(self.headings)]
        wide = width(title.text)
        previous = fragments[heading.start - 1].role if heading.start else None
        following = fragments[heading.end].role if heading.end < len(fragments) else None
        return {
            "bias": 1.0,
            "has a space": float(any(char in " \u3000" for char in title.text)),
            "by-line below": float(any(fragment.role is Role.BYLINE for fragment in run)),
            "dashes below": float(any(fragment.text.startswith("—") for fragment in run[1:])),
            "dateline below": float(following is Role.DATELINE),
            "credit above": float(previous in (Role.DATELINE, Role.BYLINE, Role.FURNITURE, Role.CONTINUATION)),
            "is numbered": float(bool(ENUMERATOR.match(title.text))),
            "text below is numbered": float(bool(ENUMERATOR.match(after)) or after.startswith("——")),
            "wide gap above": float(title.gap > self._gap),
            "titles in the run": min(2.0, sum(self._titles[heading.start : heading.end]) - 1),
            "cohesion": math.sqrt(cosine(behind, ahead)),
            "words below": share(words, ahead),
            "words above": share(words, behind),
            "words in first sentences": share(words, bigrams(after[:120])),
            "width": min(wide, 40) / 10,
            "narrow": float(wide < 10),
            "parallel": float(any(abs(width(fragments[other.start].text) - wide) <= 1 for other in near)),
            "names news": float(bool(_NEWS.search(title.text))),
            "time below": float(bool(_TIME.search(after[:40]))),
        }

    def _prose(self, at: int, step: int) -> str:
        """The prose nearest to piece ``at`` in the direction of ``step``, in the order of the page."""
        texts: list[str] = []
        length = 0
        while 0 <= at < len(self._pieces) and length < _REACH:
            if self._pieces[at].role is None and not self._titles[at]:
                texts.append(self._pieces[at].text)
                length += len(texts[-1])
            at += step
        return "".join(texts[::step])
