"""Bytes as text: UTF-8, UTF-16, GB18030 (which GBK and GB2312 are part of), Big5, or a page that mixes them by line.

Almost any text in Big5 is valid GB18030 too, and much GB18030 is valid Big5. Which of the two it is shows in the
characters: read wrongly, common characters become rare ones. Where the characters do not tell, the text is refused
with both readings named, for text decoded wrongly would be answered as if it were Chinese.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from baozhai_model.text.simplified import simplified

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# A lead byte of three in UTF-8 is how Chinese characters begin there, and valid UTF-8 with one is no accident.
_ACCIDENTAL = 2  # characters of UTF-8 that words in GB18030 may seem to hold
_CHINESE_LEADS = frozenset(range(0xE3, 0xEA))

_SAMPLE = 4000  # characters that are looked at
_TELLING = 4  # characters beyond ASCII from which they can tell GB18030 from Big5
_AHEAD = 0.3  # how much more common the characters of one reading must be than those of the other
_CREDIBLE = 0.6  # how common the characters of real text are at least
_MARKS = frozenset(
    "，。、；：？！“”‘’（）《》「」『』【】〔〕〈〉…—·　％／－～＋＝＊＆＃＠０１２３４５６７８９①②③④⑤⑥⑦⑧⑨⑩○●□■◎▲△◆★☆→↑↓"
)


class Undecodable(ValueError):
    """The bytes are no text in an encoding that is read."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the name of the encoding that it came in: utf-8, utf-16, gb18030, big5 or mixed."""

    text: str
    encoding: str


def decode(raw: bytes) -> Decoded:
    """Decode one line, row or table as a whole; a leading byte order mark is dropped.

    Raises:
        Undecodable: it is in none of the encodings, or in GB18030 or Big5 and nothing tells in which.
    """
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError as error:
        _check_damaged(raw, error.start)
    if raw.startswith(_UTF16_MARKS):
        raise Undecodable("it begins like UTF-16, of which only whole pages are read; convert the file to UTF-8")
    return _double_byte(raw)


def decode_page(raw: bytes) -> Decoded:
    """Decode a file as a whole; where lines in UTF-8 and in GB18030 were pasted together, each line by itself.

    A page of GB18030 is decoded as a whole: a short line of it may happen to be valid UTF-8 too.

    Raises:
        Undecodable: some line is in none of the encodings, with its number.
    """
    if raw.startswith(_UTF16_MARKS):
        try:
            return Decoded(raw.decode("utf-16"), "utf-16")
        except UnicodeDecodeError:
            raise Undecodable("it begins like UTF-16, but is not") from None
    if b"\x00" in raw and (unmarked := _utf16_without_mark(raw)):
        return unmarked
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError as error:
        damaged = error.start
    lines = raw.split(b"\n")
    if not any(map(_is_chinese_utf8, lines)):
        _check_damaged(raw, damaged)
        if _decodes(raw, "gb18030") is not None or _decodes_big5(raw) is not None:
            return _double_byte(raw)
    decoded = []
    for number, line in enumerate(lines, 1):
        try:
            decoded.append(decode(line).text)
        except Undecodable as error:
            raise Undecodable(f"line {number}: {error}") from None
    return Decoded("\n".join(decoded), "mixed")


def _double_byte(raw: bytes) -> Decoded:
    """Decode GB18030 or Big5, whichever gives the more common characters."""
    chinese, taiwan = _decodes(raw, "gb18030"), _decodes_big5(raw)
    if chinese is None and taiwan is None:
        raise Undecodable("it is neither UTF-8 nor GB18030 nor Big5 text")
    if taiwan is None:
        return Decoded(chinese or "", "gb18030")
    taiwan_common = _commonness(taiwan)
    if chinese is None:
        if taiwan_common < _CREDIBLE:
            raise Undecodable("it is neither UTF-8 nor GB18030, and as Big5 its characters make no sense")
        return Decoded(taiwan, "big5")
    common, telling = _commonness(chinese), sum(char > "\x7f" for char in chinese[:_SAMPLE])
    if telling >= _TELLING and taiwan_common - common >= _AHEAD:
        return Decoded(taiwan, "big5")
    if common >= _CREDIBLE or common - taiwan_common >= _AHEAD or telling < 2 * _TELLING:
        return Decoded(chinese, "gb18030")
    raise Undecodable(
        f"it may be GB18030 ({_glimpse(chinese)}) or Big5 ({_glimpse(taiwan)}), and neither reads as Chinese: "
        "convert it to UTF-8"
    )


def _utf16_without_mark(raw: bytes) -> Decoded | None:
    """UTF-16 whose byte order mark was lost: its line breaks and ASCII hold zero bytes, its words make sense."""
    even, odd = raw[::2].count(0), raw[1::2].count(0)
    text = _decodes(raw, "utf-16-le" if odd > even else "utf-16-be")
    if text is None or "\x00" in text or not any(char > "\u2e80" for char in text[:_SAMPLE]):
        return None
    return Decoded(text, "utf-16") if _commonness(text) >= _CREDIBLE else None


def _decodes(raw: bytes, encoding: str) -> str | None:
    with suppress(UnicodeDecodeError):
        return raw.decode(encoding)
    return None


def _decodes_big5(raw: bytes) -> str | None:
    """Big5 as Taiwan, as Windows or as Hong Kong extends it; the first that has all characters."""
    return next((text for each in ("big5", "cp950", "big5hkscs") if (text := _decodes(raw, each)) is not None), None)


def _commonness(text: str) -> float:
    """How common the characters of ``text`` beyond ASCII are in Chinese, from 0 to 1, whichever way it is written."""
    read = [char for char in text[:_SAMPLE] if char > "\x7f"]
    weights = _weights()
    return sum(weights.get(char, 0.0) for char in simplified("".join(read))) / len(read) if read else 1.0


@cache
def _weights() -> dict[str, float]:
    """1 for the 3,755 common characters of GB 2312 and for marks, a half for its 3,008 less common ones."""
    weights = dict.fromkeys(_MARKS, 1.0)
    for lead in range(0xB0, 0xF8):
        for trail in range(0xA1, 0xFF):
            if char := bytes((lead, trail)).decode("gb2312", errors="ignore"):
                weights[char] = 1.0 if lead < 0xD8 else 0.5
    return weights


def _glimpse(text: str) -> str:
    return "".join(text.split())[:8] + "…"


def _check_damaged(raw: bytes, first: int) -> None:
    """Refuse UTF-8 in which bytes are lost or altered: often it is GB18030 too, of characters that make no sense.

    Hardly a byte of real GB18030 text happens to be part of a Chinese character in UTF-8, though a few words may seem
    to hold one or two.
    """
    whole = sum("\u3000" <= char <= "\u9fff" for char in raw.decode(errors="ignore"))
    if whole > _ACCIDENTAL and 2 * 3 * whole > sum(byte > 0x7F for byte in raw):
        raise Undecodable(f"it is UTF-8 text that is damaged from byte {first + 1} on")


def _is_chinese_utf8(line: bytes) -> bool:
    if not any(byte in _CHINESE_LEADS for byte in line):
        return False
    try:
        line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True
