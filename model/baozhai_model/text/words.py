"""Whether a text says anything in words."""

from __future__ import annotations

import re
import unicodedata

NO_WORD = "the text has no word, only numbers or marks"

# Of numbers and dates in Chinese: 一、二、三 and 2023年7月19日 are no words, nor are 第3页 and 三亿元.
_NUMERALS = frozenset("零〇○一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟第年月日号时分秒元角版页期亩")
_LETTERS = frozenset(("Lu", "Ll", "Lt", "Lo"))
_ADDRESS = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[\w.+-]+@[\w-]+\.[\w.-]+")


def has_word(text: str) -> bool:
    """Whether ``text`` has a letter or a Chinese character that is no numeral or unit; addresses do not count.

    >>> has_word("①②③④⑤"), has_word("2023年7月19日"), has_word("第三版 https://a.cn/b"), has_word("党")
    (False, False, False, True)
    """
    if "@" in text or "://" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    return any(char not in _NUMERALS and unicodedata.category(char) in _LETTERS for char in text)
