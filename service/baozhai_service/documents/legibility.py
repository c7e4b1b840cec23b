"""Whether the text of a page is text: fonts without a right table of characters give garbage."""

from __future__ import annotations

from collections.abc import Sequence

from baozhai_model.page.layout.geometry import PrintedPage

_ENOUGH = 8  # characters: a page with fewer is a picture
_COMMON = 0.55  # of a page's Chinese characters are among the 3,755 most common, at least
_WRONG = 0.1  # of its characters may be private, unknown or controls
_SYMBOLS = 0.45  # of its characters may be ASCII that is neither letter nor digit
_LOW = 0.8  # a recognized line below this confidence is doubtful
_MANY = 0.1


def is_legible(page: PrintedPage) -> bool:
    """Whether the characters of ``page`` can be what is printed on it.

    Broken fonts give private-use characters, characters that hardly any text has (``犌犅／犜``) or rows of symbols.
    """
    text = "".join(line.text for line in page.lines).replace(" ", "")
    if len(text) < _ENOUGH:
        return False
    wrong = sum(_is_wrong(char) for char in text)
    if wrong > _WRONG * len(text):
        return False
    chinese = [char for char in text if "\u4e00" <= char <= "\u9fff"]
    if len(chinese) * 20 >= len(text):
        return sum(map(is_common, chinese)) >= _COMMON * len(chinese)
    symbols = sum(char.isascii() and not char.isalnum() for char in text)
    return symbols <= _SYMBOLS * len(text)


def is_common(char: str) -> bool:
    """Whether a character is in the first level of GB 2312 or of Big5, each the most common of its script.

    >>> is_common("国"), is_common("國"), is_common("犌")
    (True, True, False)
    """
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if first <= char.encode(encoding)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def doubts(pages: Sequence[PrintedPage]) -> list[str]:
    """What should be said of recognized pages: which have many lines that were hard to read."""
    warnings = []
    for page in pages:
        weak = sum(line.confidence < _LOW for line in page.lines)
        if weak > _MANY * len(page.lines):
            warnings.append(f"page {page.number}: {weak} of {len(page.lines)} lines were hard to recognize")
    return warnings


def _is_wrong(char: str) -> bool:
    code = ord(char)
    return 0xE000 <= code <= 0xF8FF or code >= 0xF0000 or char == "\ufffd" or code < 32
