"""Text without what only machines put there: invisible characters, mark-up, and blanks between all characters.

Copying from a web page, a PDF or an OCR engine leaves characters that no reader sees or means. The model reads the
clean text, and every offset that it answers with is mapped back to the text as it was posted.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from baozhai_model.structure import INVISIBLE, Span
from baozhai_model.text.linebreaks import soft_breaks
from baozhai_model.text.markup import Edit, markdown_edits, tag_edits

_BLANKS = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_CJK = "\u2e80-\u2fff\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60“”‘’…—·"
_INVISIBLE = re.compile(f"[{re.escape(INVISIBLE)}]+")
_ENTITY = re.compile(r"&(?:nbsp;?|#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
# One no-break or thin space between two Chinese characters is an accident of copying; a common blank may be meant.
_STRAY_BLANK = re.compile(rf"(?<=[{_CJK}])[\u00a0\u2004-\u200a\u202f\u205f](?=[{_CJK}])")
_ENTITY_BLANK = re.compile(rf"(?<=[{_CJK}])\s?&(?:amp;)?nbsp;?(?:\s?&(?:amp;)?nbsp;?)*\s?(?=[{_CJK}])")
_LINE = re.compile(r"[^\r\n]+")
_TOKEN = re.compile(rf"[^{_BLANKS}]+")
_GAP = re.compile(rf"(?:[{_CJK}][{_BLANKS}]{{1,3}}(?=\S)|\S[{_BLANKS}]{{1,3}}(?=[{_CJK}]))")
_TIGHT = re.compile(f"[{_CJK}](?=[{_CJK}])")
_SPACED = 4  # gaps in a line from which it can be one that is spaced throughout
_SPACED_SHARE = 0.5  # of the places between two characters that have a blank
_SEGMENTED_SHARE = 0.3  # the same where marks stand between blanks too, as after a word segmenter
_LONE_MARK = re.compile(f"[{_BLANKS}][，。；：！？、][{_BLANKS}]")
_SUSPICIOUS = re.compile(rf"[{re.escape(INVISIBLE)}&<*#\]`\u00a0\u2004-\u200a\u202f\u205f]")


@dataclass(frozen=True, slots=True)
class CleanText:
    """A text as the model reads it, and where each of its characters stood.

    Attributes:
        source: the text as it was given.
        text: the clean text; the same string where there was nothing to clean.
        starts, ends: for each character of ``text``, the code points of ``source`` that it stands for; None where
            ``text`` is ``source``.
    """

    source: str
    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def in_source(self, span: Span) -> Span:
        """The code points of ``source`` that ``span`` of ``text`` stands for, from its first to its last character."""
        if self.starts is None or self.ends is None:
            return span
        if not span:
            at = self.starts[span.start] if span.start < len(self.starts) else len(self.source)
            return Span(at, at)
        return Span(self.starts[span.start], self.ends[span.end - 1])

    def in_clean(self, span: Span) -> Span:
        """The characters of ``text`` that begin within ``span`` of ``source``."""
        if self.starts is None:
            return span
        return Span(bisect_left(self.starts, span.start), bisect_left(self.starts, span.end))


def clean(text: str, *, unwrap: bool = False) -> CleanText:
    r"""``text`` without invisible characters, HTML and Markdown mark-up, and blanks between all its characters.

    Entities become the characters that they name, tags of blocks line breaks. A line counts as spaced where at least
    half of the places between its characters hold a blank, or a third and its marks stand alone. Nothing else is
    changed: other text comes back as it is.

    With ``unwrap``, line breaks inside sentences go too; see `baozhai_model.text.linebreaks`.

    >>> clean("&ldquo;基\u200b层治理&rdquo;<br>有 事 好 商 量").text
    '“基层治理”\n有事好商量'
    >>> clean("学思想 强党性").text
    '学思想 强党性'
    """
    view = CleanText(text, text)
    if _SUSPICIOUS.search(text):
        view = _edited(view, _runs(_ENTITY_BLANK, view.text))
        for _ in range(2):  # &amp;nbsp; is what a page shows that was escaped twice
            view = _edited(view, _entities(view.text))
        view = _edited(view, tag_edits(view.text))
        view = _edited(view, markdown_edits(view.text))
        view = _edited(view, _runs(_INVISIBLE, view.text))
        view = _edited(view, _runs(_STRAY_BLANK, view.text))
    if len(view.text.split()) > _SPACED:
        view = _edited(view, _spaced(view.text))
    return _edited(view, soft_breaks(view.text)) if unwrap else view


def _runs(pattern: re.Pattern[str], text: str) -> Iterator[Edit]:
    return ((*found.span(), "") for found in pattern.finditer(text))


def _entities(text: str) -> Iterator[Edit]:
    for found in _ENTITY.finditer(text):
        if len(plain := html.unescape(found[0])) == 1:
            yield *found.span(), plain


def _spaced(text: str) -> Iterator[Edit]:
    """The blanks of lines that have one between almost all their characters; of short lines too, if most lines do."""
    if _count(_GAP, text) < _SPACED:
        return
    lines = [(found.start(), found[0]) for found in _LINE.finditer(text)]
    measured = [(_count(_GAP, line), _count(_TIGHT, line)) for _, line in lines]
    gaps, tight = sum(wide for wide, _ in measured), sum(narrow for _, narrow in measured)
    throughout = gaps >= 0.8 * (gaps + tight)
    for (start, line), (wide, narrow) in zip(lines, measured, strict=True):
        share = _SEGMENTED_SHARE if _LONE_MARK.search(line) else _SPACED_SHARE
        if (wide >= _SPACED or (throughout and wide)) and wide >= share * (wide + narrow):
            yield from _blanks(line, start)


def _blanks(line: str, start: int) -> Iterator[Edit]:
    """The blanks of a spaced ``line``: beside a Chinese character or between two single ones; those of words stay."""
    tokens = list(_TOKEN.finditer(line))
    for left, right in pairwise(tokens):
        singles = len(left[0]) == len(right[0]) == 1
        if singles or _is_cjk(left[0][-1]) or _is_cjk(right[0][0]):
            yield start + left.end(), start + right.start(), ""


def _is_cjk(char: str) -> bool:
    return bool(_CJK_CHARACTER.match(char))


_CJK_CHARACTER = re.compile(f"[{_CJK}]")


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _edited(view: CleanText, edits: Iterable[Edit]) -> CleanText:
    """``view`` with the pieces ``[start, end)`` of its text replaced, in order."""
    listed = list(edits)
    if not listed:
        return view
    old_starts = view.starts if view.starts is not None else range(len(view.text))
    old_ends = view.ends if view.ends is not None else range(1, len(view.text) + 1)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end, new in [*listed, (len(view.text), len(view.text), "")]:
        pieces += view.text[position:start], new
        starts.extend(old_starts[position:start])
        ends.extend(old_ends[position:start])
        if new:
            starts.extend([old_starts[start]] * len(new))
            ends.extend([old_ends[end - 1]] * len(new))
        position = end
    return CleanText(view.source, "".join(pieces), starts, ends)
