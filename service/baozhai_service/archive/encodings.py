"""Bytes as text: UTF-8, GB18030 (which GBK and GB2312 are part of), or a page that mixes them line by line."""

from __future__ import annotations

from dataclasses import dataclass

# A lead byte of three in UTF-8 is how Chinese characters begin there, and valid UTF-8 with one is no accident.
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
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return Decoded(raw.decode(encoding), encoding.removesuffix("-sig"))
        except UnicodeDecodeError:
            continue
    raise Undecodable("it is neither UTF-8 nor GB18030 text")


def decode_page(raw: bytes) -> Decoded:
    """Decode a page; where lines in UTF-8 and in GB18030 were pasted together, each line by itself.

    A page of GB18030 is decoded as a whole: a short line of it may happen to be valid UTF-8 too.

    Raises:
        Undecodable: some line is neither, with its number.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return Decoded(raw.decode("utf-16"), "utf-16")
        except UnicodeDecodeError:
            raise Undecodable("it begins like UTF-16, but is not") from None
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        pass
    lines = raw.split(b"\n")
    if not any(map(_is_chinese_utf8, lines)):
        try:
            return Decoded(raw.decode("gb18030"), "gb18030")
        except UnicodeDecodeError:
            pass
    decoded = []
    for number, line in enumerate(lines, 1):
        try:
            decoded.append(decode(line).text)
        except Undecodable:
            raise Undecodable(f"line {number} is neither UTF-8 nor GB18030 text") from None
    return Decoded("\n".join(decoded), "mixed")


def _is_chinese_utf8(line: bytes) -> bool:
    if not any(byte in _CHINESE_LEADS for byte in line):
        return False
    try:
        line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True
