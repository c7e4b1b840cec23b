"""Sentences that mislead, or cannot be understood, without one another: a digest has all of them or none.

The faults of extracts that this is for are those of Zhang et al. 2023 (arXiv:2209.03549): what points back at nothing,
and what is taken back in the article but not in its digest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

from baozhai_model.digest.salience import dangles
from baozhai_model.page.patterns import ENUMERATOR
from baozhai_model.structure import Span
from baozhai_model.text.simplified import simplified

MOST = 40
"""Sentences that a digest may have to take at once; what is tied to more stays out, and time stays linear."""

_TURNS = re.compile(r"[\s“‘（]*(?:但|然而|不过|可是|只是|否则|不然|除非|前提是)")
_EXCEPTS = re.compile(r"(?:除外|例外|不在此限|不在此列)[）)」”]*[。；]?\Z")
_HEARSAY = re.compile(
    r"网传|流传|热传|疯传|传言|谣传|据传|传闻|网民|网友|网帖|帖文|帖子|发帖|举报|反映|爆料|声称|号称|"
    r"(?:有|一些|有些|有的|不少|个别|部分)[^，。：]{0,8}(?:说|称|认为|觉得|以为|误以为)"
)
_DENIES = re.compile(
    r"谣言|辟谣|不实|不属实|失实|与事实不符|并非事实|不是事实|纯属|捏造|编造|伪造|子虚乌有|无中生有|并无此事|没有此事|查无实据|"
    r"没有(?:事实)?[根依]据|毫无[根依]据|并非如此|错误的?(?:[。，！；]|\Z)|误解|误读|站不住脚"
)
_FOUND = re.compile(r"经(?:查|核|调查)|其实|事实上|实际上")  # what follows is so, and not what was said before
_LATER = 3  # sentences within which hearsay is denied
_ATTRIBUTES = re.compile(r"[^“”「」『』：:，。]{2,30}(?:表示|说|道|称|指出|强调|介绍|回忆|感慨)。\Z")
_QUOTED = re.compile(r"[”」』]\Z")
_ASKS = re.compile(r"\s*问[：:]")
_ANSWERS = re.compile(r"\s*答[：:]")
_CONDITIONS = re.compile(r"下列|以下|之一|同时(?:具备|符合|满足)")
_HEADINGS = re.compile(r"方面|几点|措施|意见|建议|工作|任务|事项|通知|公告|通告")
_CHINESE_NUMBER = re.compile("[一二三四五六七八九十百]+")

Dependencies = Sequence[frozenset[int]]


def dependencies(text: str, spans: Sequence[Span]) -> Dependencies:
    """What each of the sentences ``spans`` of ``text`` needs beside it, as indices; most need nothing.

    One that points back needs the one before it. One that is taken back or limited by what follows needs that: a
    turn (但, 不过), an exception (除外), for hearsay the denial within three sentences. A quotation and the words
    that say whose it is need each other, as do question and answer; what ends with a colon needs what it announces,
    and of a list of conditions each needs all.

    >>> text = "网传某银行将倒闭。记者作了调查。该消息系谣言。"
    >>> [sorted(needed) for needed in dependencies(text, [Span(0, 9), Span(9, 16), Span(16, 23)])]
    [[2], [2], [1]]
    """
    sentences = [simplified(span.of(text)) for span in spans]
    breaks = ["\n" in text[a.end : b.start] for a, b in pairwise(spans)]
    needs: list[set[int]] = [set() for _ in sentences]
    for index, needed in _pairs(sentences, breaks):
        needs[index].add(needed)
    for members in _lists(sentences, breaks):
        for index in members:
            needs[index].update(members)
    return [frozenset(needed - {index}) for index, needed in enumerate(needs)]


def closure(index: int, needs: Dependencies) -> list[int] | None:
    """``index`` first, and all that it needs, directly or through others; None where that is more than `MOST`."""
    found = [index]
    for one in found:
        found += sorted(needs[one] - set(found))
        if len(found) > MOST:
            return None
    return found


def _pairs(sentences: Sequence[str], breaks: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(a sentence, one that it needs)."""
    for here, (before, after) in enumerate(pairwise(sentences)):
        if dangles(after) or _ANSWERS.match(after):
            yield here + 1, here
        if _TURNS.match(after) or _ASKS.match(before) or before.endswith(("：", ":")):
            yield here, here + 1
        if not breaks[here]:
            denied = _DENIES.search(after) and (dangles(after) or _FOUND.match(after))
            if denied or _EXCEPTS.search(after):
                yield here, here + 1
            if _QUOTED.search(before) and _ATTRIBUTES.match(after):
                yield here, here + 1
                yield here + 1, here
    for here, sentence in enumerate(sentences):
        if _HEARSAY.search(sentence) and not _DENIES.search(sentence):
            later = range(here + 1, min(here + 1 + _LATER, len(sentences)))
            yield from ((here, there) for there in later if _DENIES.search(sentences[there]))


def _lists(sentences: Sequence[str], breaks: Sequence[bool]) -> Iterator[range]:
    """The lists of conditions: from the words that announce one to its last item."""
    for here, sentence in enumerate(sentences):
        announced, colon, begun = sentence.rpartition("：")
        if not colon or not _CONDITIONS.search(announced) or _HEADINGS.search(announced):
            continue
        style = _numbering(begun or next(iter(sentences[here + 1 : here + 2]), ""))
        if not style:
            continue
        last = here
        for there in range(here + 1, min(here + MOST, len(sentences))):
            if _numbering(sentences[there]) == style:
                last = there
            elif breaks[there - 1]:
                break
        if last > here:
            yield range(here, last + 1)


def _numbering(sentence: str) -> str:
    """How ``sentence`` is numbered, whatever its number: （一） and (二) alike, but not 1.; empty where it is not."""
    found = ENUMERATOR.match(sentence.lstrip())
    mark = unicodedata.normalize("NFKC", found[0]) if found else ""
    return re.sub(r"\d+", "1", _CHINESE_NUMBER.sub("一", mark))
