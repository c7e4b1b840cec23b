"""Check a digest that somebody wrote against its source: which sentences stand there, nearly stand there, or do not.

White space is passed over on both sides, since a page breaks its lines anywhere, and a sentence may run on where the
page reader rejoined a paragraph. Everything else counts: another figure, another mark or a word left out makes a
sentence nearly verbatim, with every difference named.

A sentence that is not found is looked for by its character trigrams: the stretch of the source that has the most of
them is aligned with it (Ratcliff & Obershelp's longest common blocks, as in `difflib`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import accumulate, pairwise

from baozhai_model.page.reader import read_page
from baozhai_model.structure import BLANK, Page, Span
from baozhai_model.text.sentences import split_sentences
from baozhai_model.text.tokens import check_text

MAX_DIGEST_CHARACTERS = 20_000
NEAR = 0.6  # share of a sentence's characters that stand in the source, in the same order, two or more together
_GRAM = 3
_MOST_PLACES = 64  # of one trigram: what is everywhere tells nothing
_LONGEST = 400  # characters that are aligned at once
_UNIT = re.compile(
    r"[0-9０-９]+(?:[.．,，][0-9０-９]+)*[%％]?|.", re.DOTALL
)  # a figure is one thing: 5600 is not nearly 6500
_CLAUSE = re.compile(r"[，、；：,;:]")
_LIST_MARK = re.compile(r"(?:[-*•·]|\d{1,3}[.、)）]|[（(]\d{1,3}[)）])\s*")


class Fidelity(StrEnum):
    """How a sentence of a digest stands to its source."""

    VERBATIM = "verbatim"
    NEAR = "near"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a sentence departs from its source.

    Attributes:
        digest: characters of the digest that the source does not have; empty where something was left out.
        source: what the source has in their place; empty where something was added.
    """

    digest: Span
    source: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """One sentence of a digest and where it is taken from.

    Attributes:
        span: the sentence, in the digest.
        fidelity: verbatim, near or absent.
        share: share of its characters that stand in the source, in order.
        source: the spans of the source that it was compared with; none if absent.
        differences: in the digest's order; none if verbatim or absent.
    """

    span: Span
    fidelity: Fidelity
    share: float
    source: tuple[Span, ...] = ()
    differences: tuple[Difference, ...] = ()


def verify(source: str | Page, digest: str, *, max_characters: int | None = None) -> tuple[Quotation, ...]:
    r"""Each sentence of ``digest`` with what it is to ``source``; time is linear in the length of the source.

    Args:
        source: a page or any text, line breaks included.
        digest: what somebody wrote; numbers and bullets that lead its lines are passed over.
        max_characters: most characters of the source.

    Raises:
        InputError: one of the two is empty, too long or not Unicode; the message names it.

    >>> page = "农商银行今年发放贷款\n三十亿元。记者到访时正下雨。"
    >>> [quoted.fidelity.value for quoted in verify(page, "农商银行今年发放贷款三十亿元。利率是百分之四。")]
    ['verbatim', 'absent']
    """
    text = source.text if isinstance(source, Page) else source
    check_text(text, max_characters or len(text))
    check_text(digest, MAX_DIGEST_CHARACTERS)
    streams = _streams(source if isinstance(source, Page) else read_page(source))
    return tuple(_quotation(digest, span, streams) for span in _sentences(digest, streams))


class _Stream:
    """Characters of a source without blanks, each with its offset; and where their trigrams are."""

    def __init__(self, text: str, offsets: Sequence[int]) -> None:
        kept = [(char, offset) for char, offset in zip(text, offsets, strict=True) if char not in BLANK]
        self.text = "".join(char for char, _ in kept)
        self.offsets = [offset for _, offset in kept]
        self._places: dict[str, list[int]] | None = None

    def spans(self, start: int, end: int) -> tuple[Span, ...]:
        """The offsets of characters ``[start, end)`` as spans of the source."""
        spans: list[Span] = []
        for offset in self.offsets[start:end]:
            if spans and spans[-1].end == offset:
                spans[-1] = Span(spans[-1].start, offset + 1)
            else:
                spans.append(Span(offset, offset + 1))
        return tuple(spans)

    def nearest(self, wanted: str) -> tuple[int, int, int]:
        """The stretch that has the most of the trigrams of ``wanted``: how many it has, its start and end."""
        hits: list[tuple[int, str]] = []
        for gram in {wanted[i : i + _GRAM] for i in range(len(wanted) - _GRAM + 1)}:
            hits += [(place, gram) for place in self._index.get(gram, ())]
        hits.sort()
        reach = 2 * len(wanted) + 40
        inside: Counter[str] = Counter()
        best, first = (0, 0, 0), 0
        for place, gram in hits:
            inside[gram] += 1
            while hits[first][0] < place - reach:
                inside[hits[first][1]] -= 1
                if not inside[hits[first][1]]:
                    del inside[hits[first][1]]
                first += 1
            if len(inside) > best[0]:
                best = (len(inside), hits[first][0], place + _GRAM)
        count, start, end = best
        margin = max(len(wanted) // 4, 8)
        return count, max(start - margin, 0), min(end + margin, len(self.text))

    @property
    def _index(self) -> dict[str, list[int]]:
        if self._places is None:
            places: defaultdict[str, list[int]] = defaultdict(list)
            for place in range(len(self.text) - _GRAM + 1):
                found = places[self.text[place : place + _GRAM]]
                if len(found) < _MOST_PLACES:
                    found.append(place)
            self._places = places
        return self._places


def _streams(page: Page) -> list[_Stream]:
    """The source in its own order, and each paragraph that was rejoined from pieces that lie apart."""
    streams = [_Stream(page.text, range(len(page.text)))]
    for paragraph in (paragraph for article in page.articles for paragraph in article.paragraphs):
        between = (Span(a.end, b.start) for a, b in pairwise(paragraph.spans))
        if any(gap.stripped(page.text) for gap in between):
            offsets = [at for span in paragraph.spans for at in range(span.start, span.end)]
            streams.append(_Stream(paragraph.text, offsets))
    return streams


def _sentences(digest: str, streams: Sequence[_Stream]) -> Iterator[Span]:
    """The sentences of ``digest``, without list marks that the source does not have, the overlong ones by clauses."""
    line = True
    for sentence in split_sentences(digest):
        span = sentence.stripped(digest)
        opens, line = line, digest[sentence.end - 1] in "\r\n"
        mark = _LIST_MARK.match(digest, span.start, span.end) if opens else None
        if mark and mark.end() < span.end and not any(_bare(span.of(digest)) in stream.text for stream in streams):
            span = Span(mark.end(), span.end)
        if not any(char.isalnum() for char in span.of(digest)):
            continue
        start = span.start
        if len(span) > _LONGEST and not any(_bare(span.of(digest)) in stream.text for stream in streams):
            while span.end - start > _LONGEST:
                clauses = [found.end() for found in _CLAUSE.finditer(digest, start + _LONGEST // 2, start + _LONGEST)]
                end = clauses[-1] if clauses else start + _LONGEST
                yield Span(start, end)
                start = end
        yield Span(start, span.end)


def _quotation(digest: str, span: Span, streams: Sequence[_Stream]) -> Quotation:
    characters = [at for at in range(span.start, span.end) if digest[at] not in BLANK]
    wanted = "".join(digest[at] for at in characters)
    for stream in streams:
        if (start := stream.text.find(wanted)) >= 0:
            return Quotation(span, Fidelity.VERBATIM, 1.0, stream.spans(start, start + len(wanted)))
    scored = [(stream.nearest(wanted), stream) for stream in streams]
    (count, start, end), stream = max(scored, key=lambda found: found[0][0])
    if not count:
        return Quotation(span, Fidelity.ABSENT, 0.0)
    theirs, ours = _UNIT.findall(stream.text[start:end]), _UNIT.findall(wanted)
    at, place = list(accumulate(map(len, theirs), initial=start)), list(accumulate(map(len, ours), initial=0))
    matcher = SequenceMatcher(None, theirs, ours, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if place[block.b + block.size] - place[block.b] >= 2]
    share = sum(place[block.b + block.size] - place[block.b] for block in blocks) / len(wanted)
    if share < NEAR:
        return Quotation(span, Fidelity.ABSENT, share)
    first, last = blocks[0].a, blocks[-1].a + blocks[-1].size
    differences = []
    for kind, a, b, c, d in matcher.get_opcodes():
        a, b = min(max(a, first), last), min(max(b, first), last)
        if kind != "equal" and (a < b or c < d):
            begin = characters[place[c]] if c < len(ours) else span.end
            end = characters[place[d] - 1] + 1 if c < d else begin
            differences.append(Difference(Span(begin, end), "".join(theirs[a:b])))
    return Quotation(span, Fidelity.NEAR, share, stream.spans(at[first], at[last]), tuple(differences))


def _bare(text: str) -> str:
    return "".join(char for char in text if char not in BLANK)
