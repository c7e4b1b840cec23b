"""Bytes as text: UTF-8, GB18030 (which GBK and GB2312 are part of), or a page that mixes them line by line."""

from __future__ import annotations

from dataclasses import dataclass

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# A lead byte of three in UTF-8 is how Chinese characters begin there, and valid UTF-8 with one is no accident.
_ACCIDENTAL = 2  # characters of UTF-8 that words in GB18030 may seem to hold
_CHINESE_LEADS = frozenset(range(0xE3, 0xEA))


class Undecodable(ValueError):
    """The bytes are no text in an encoding that is read."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the name of the encoding that it came in: utf-8, gb18030, utf-16 or mixed."""

    text: str
    encoding: str


def decode(raw: bytes) -> Decoded:
    """Decode one line, row or file as a whole; a leading byte order mark is dropped.

    Raises:
        Undecodable: it is neither UTF-8 nor GB18030.
    """
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError as error:
        _check_damaged(raw, error.start)
    try:
        return Decoded(raw.decode("gb18030"), "gb18030")
    except UnicodeDecodeError:
        pass
    if raw.startswith(_UTF16_MARKS):
        raise Undecodable("it begins like UTF-16, which only a text page may be; convert the file to UTF-8")
    raise Undecodable("it is neither UTF-8 nor GB18030 text")


def decode_page(raw: bytes) -> Decoded:
    """Decode a page; where lines in UTF-8 and in GB18030 were pasted together, each line by itself.

    A page of GB18030 is decoded as a whole: a short line of it may happen to be valid UTF-8 too.

    Raises:
        Undecodable: some line is neither, with its number.
    """
    if raw.startswith(_UTF16_MARKS):
        try:
            return Decoded(raw.decode("utf-16"), "utf-16")
        except UnicodeDecodeError:
            raise Undecodable("it begins like UTF-16, but is not") from None
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError as error:
        damaged = error.start
    lines = raw.split(b"\n")
    if not any(map(_is_chinese_utf8, lines)):
        _check_damaged(raw, damaged)
        try:
            return Decoded(raw.decode("gb18030"), "gb18030")
        except UnicodeDecodeError:
            pass
    decoded = []
    for number, line in enumerate(lines, 1):
        try:
            decoded.append(decode(line).text)
        except Undecodable as error:
            raise Undecodable(f"line {number}: {error}") from None
    return Decoded("\n".join(decoded), "mixed")


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
