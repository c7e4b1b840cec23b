"""Split Chinese text into sentences."""

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
_IN_ADDRESS = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
_ADDRESS = (
    rf"(?:(?:https?|ftp)://|(?<![A-Za-z0-9])www\.){_IN_ADDRESS}+"
    rf"|(?<![A-Za-z0-9.-])(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}/{_IN_ADDRESS}*"
)
_TOKEN = re.compile(
    f"(?P<address>{_ADDRESS})|(?P<stop>{_STOP})|(?P<dot>[.．])|(?P<break>[{_BREAKS}])"
    f"|(?P<opener>[{re.escape(_OPENERS + _STRAIGHT)}])"
)
_TAIL = re.compile(f"(?:{_STOP}|[{re.escape(_CLOSERS)}])*")
_BLANK = re.compile(r"[\s\ufeff]*")
_GOES_ON = tuple("，、；：,;:")
_GOES_ON_AFTER_QUOTE = (*_GOES_ON, "的", "等")  # “……！”的口号, ……等
_INTRODUCED = re.compile(r"[：:，,说道问曰称]\s*\Z")  # what follows is what someone says, not the name of something
_LONGEST_NAME = 12  # characters of a quoted name or call that ends in ！ or ？, as in “加油！”行动
_SPEAKER = re.compile(
    r"[^“”‘’「」『』《》：:。！？!?\n，,；;]{1,30}?(?:说道?|表示|介绍|称|告诉记者|坦言|回忆|感慨|感叹|认为|指出|强调|笑道|问道?|答道?|喊道?)"
    r"(?:[。！？]|\s*\Z)"
)  # “……。”老王说。
_LOWER = re.compile(r"[ \u00a0]?[a-z]")  # “It is great!” said Tom.
_DOT_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff”’）》])[.．](?=[\u4e00-\u9fff“‘（《])")
_ENGLISH_END = re.compile(r"[.．][”\")’]?\s+[\u4e00-\u9fffA-Z“‘（《\"]")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|St|No|Co|Ltd|Inc|Corp|Vol|Fig|vs|etc|al|cf|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)"
    r"|[^A-Za-z])\Z"
)


def split_sentences(text: str) -> list[Span]:
    """Return the sentences of ``text`` in order, as spans that tile it: end to end, nothing lost, none empty.

    A sentence ends after 。！？ or …… and at every line break, together with the closing marks and the white space that
    follow. A quotation or bracket stays whole: inside it nothing ends a sentence, but a quotation that itself ends with
    a full stop does. An opening mark without its closing mark on the same line and within ``QUOTE_LIMIT`` characters
    holds nothing together.

    A quotation at the head of a sentence and the words that say whose it is stay together, and a short one that ends
    in ！ or ？ names something: “加油！”行动. A dot is a full stop after an English word, or between Chinese characters
    in a text that uses it so. Nothing in a web address ends a sentence.

    Time is linear in the length. An empty text has no sentences; a blank one is one span.

    >>> text = "他说：“好！”随后离开。没有句号的标题"
    >>> [sentence.of(text) for sentence in split_sentences(text)]
    ['他说：“好！”', '随后离开。', '没有句号的标题']
    """
    closing = _closing_marks(text)
    dotted = len(_DOT_IN_CHINESE.findall(text)) > text.count("。")
    sentences: list[Span] = []
    start = position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        quoted = False
        if token["address"]:
            position = token.start() + len(token[0].rstrip(".,!?;:'()[]"))
            continue
        if token["opener"]:
            closer = closing.get(token.start())
            if closer is None:
                continue
            position = closer + 1
            quoted = token[0] in _QUOTES
            if not (quoted and text[closer - 1] in _STOPS) or _is_name(text, start, token.end(), closer):
                continue
        elif token["dot"] and not _is_full_stop(text, token.start(), dotted):
            continue
        if not token["break"]:
            position = _past(_TAIL, text, position)
            if text.startswith(_GOES_ON if text[position - 1] in "。！？!?" else _GOES_ON_AFTER_QUOTE, position):
                continue
            if quoted and _is_said(text, start, token.start(), position):
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


def _is_name(text: str, start: int, first: int, closer: int) -> bool:
    """Whether the quotation ``[first, closer)`` names something in the sentence that began at ``start``."""
    return (
        closer - first <= _LONGEST_NAME
        and text[closer - 1] in "！？!?"
        and not any(stop in text[first : closer - 1] for stop in "。！？!?")
        and "\u4e00" <= text[closer + 1 : closer + 2] <= "\u9fff"
        and not _INTRODUCED.search(text[max(start, first - 4) : first - 1])
    )


def _is_said(text: str, start: int, opener: int, position: int) -> bool:
    """Whether the words at ``position`` say whose the quotation is that the sentence begins with."""
    if _LOWER.match(text, position):
        return True
    return not text[start:opener].strip() and bool(_SPEAKER.match(text, position))


def _is_full_stop(text: str, dot: int, dotted: bool) -> bool:
    """Whether the dot ends words, not a number or an abbreviation; ``dotted`` text has dots for Chinese full stops."""
    if not dot:
        return False
    if "\u4e00" <= text[dot - 1] <= "\u9fff":
        return text[dot + 1 : dot + 2].isspace() or (dotted and bool(_DOT_IN_CHINESE.match(text, dot)))
    if text[dot - 1] in _CLOSERS:
        return dotted and bool(_DOT_IN_CHINESE.match(text, dot))
    return bool(_ENGLISH_END.match(text, dot)) and not _ABBREVIATED.search(text[max(0, dot - 8) : dot])


def _past(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
