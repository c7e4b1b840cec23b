"""Where sentences end in Chinese text."""

from __future__ import annotations

import re
from collections import Counter

from baozhai_model.structure import Span

# A quotation or bracket longer than this counts as unclosed, so that one missing mark never swallows a paragraph.
QUOTE_LIMIT = 500

_OPENERS = "“‘「『（《〈【〔([{"
_CLOSERS = "”’」』）》〉】〕)]}"
_OPENER_OF = dict(zip(_CLOSERS, _OPENERS, strict=True))
_STRAIGHT = '"＂'  # one mark that opens and closes
_QUOTES = "“‘「『" + _STRAIGHT
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # as str.splitlines has them
_STOPS = "。！？!?｡…"

_BRACKETS = re.compile("[" + re.escape(_OPENERS + _CLOSERS + _STRAIGHT) + _BREAKS + "]")
_STOP = "(?:[" + _STOPS + r"]|\.{3,})"
_TOKEN = re.compile(
    f"(?P<stop>{_STOP})|(?P<dot>[.．])|(?P<break>[{_BREAKS}])|(?P<opener>[{re.escape(_OPENERS + _STRAIGHT)}])"
)
_TAIL = re.compile(f"(?:{_STOP}|[{re.escape(_CLOSERS)}])*")
_BLANK = re.compile(r"[\s\ufeff]*")
_GOES_ON = tuple("，、；：,;:")
_GOES_ON_AFTER_QUOTE = (*_GOES_ON, "的", "等")  # “……！”的口号, ……等


def split_sentences(text: str) -> list[Span]:
    """Return the sentences of ``text`` in order, as spans that tile it: end to end, nothing lost, none empty.

    A sentence ends after 。！？ or …… and at every line break, together with the closing marks and the white space that
    follow. A quotation or bracket stays whole: inside it nothing ends a sentence, but a quotation that itself ends with
    a full stop does. An opening mark without its closing mark on the same line and within ``QUOTE_LIMIT`` characters
    holds nothing together. Time is linear in the length. An empty text has no sentences; a blank one is one span.

    >>> text = "他说：“好！”随后离开。没有句号的标题"
    >>> [sentence.of(text) for sentence in split_sentences(text)]
    ['他说：“好！”', '随后离开。', '没有句号的标题']
    """
    closing = _closing_marks(text)
    sentences: list[Span] = []
    start = position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        if token["opener"]:
            closer = closing.get(token.start())
            if closer is None:
                continue
            position = closer + 1
            if not (token[0] in _QUOTES and text[closer - 1] in _STOPS):
                continue
        elif token["dot"] and not _is_full_stop(text, token.start()):
            continue
        if not token["break"]:
            position = _past(_TAIL, text, position)
            if text.startswith(_GOES_ON if text[position - 1] in "。！？!?" else _GOES_ON_AFTER_QUOTE, position):
                continue
        position = _past(_BLANK, text, position)
        sentences.append(Span(start, position))
        start = position
    if start < len(text):
        sentences.append(Span(start, len(text)))
    return sentences


def _closing_marks(text: str) -> dict[int, int]:
    """Where each opening mark is closed: on its own line, properly nested, within the limit."""
    closing: dict[int, int] = {}
    stack: list[int] = []
    waiting: Counter[str] = Counter()  # of the marks on the stack: a stray closing mark must not cost a search
    for mark in _BRACKETS.finditer(text):
        char, here = mark[0], mark.start()
        opener = _OPENER_OF.get(char, char)
        if char in _BREAKS:
            stack.clear()
            waiting.clear()
        elif (char in _CLOSERS or char in _STRAIGHT) and waiting[opener]:
            while stack:
                there = stack.pop()
                waiting[text[there]] -= 1
                if text[there] == opener:
                    if here - there <= QUOTE_LIMIT:
                        closing[there] = here
                    break
        elif char not in _CLOSERS:
            stack.append(here)
            waiting[char] += 1
    return closing


def _is_full_stop(text: str, dot: int) -> bool:
    """Whether the dot ends Chinese words, not a number or an abbreviation, and white space follows."""
    return dot > 0 and "\u4e00" <= text[dot - 1] <= "\u9fff" and text[dot + 1 : dot + 2].isspace()


def _past(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
