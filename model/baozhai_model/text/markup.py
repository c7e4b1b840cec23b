"""The mark-up of HTML and Markdown in a text, as edits that take it out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""Replace code points ``[start, end)`` by a string."""

_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|head|"
    "header|hr|html|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
_INLINE = (
    "a|abbr|acronym|b|bdo|big|button|cite|code|del|dfn|em|font|i|iframe|img|input|ins|kbd|label|link|mark|meta|nobr|q|"
    "s|samp|small|source|span|strike|strong|sub|sup|svg|time|tt|u|var|video|wbr|o:p|st1:[a-z]+|v:[a-z]+|w:[a-z]+"
)
_TAG = re.compile(
    rf"<!--.*?-->|<!DOCTYPE[^<>]*>|<(?P<hidden>script|style|noscript)\b[^<>]*>.*?</(?P=hidden)\s*>"
    rf"|</?(?P<block>{_BLOCKS})(?:\s[^<>]*|/)?>|</?(?:{_INLINE})(?:\s[^<>]*|/)?>",
    re.IGNORECASE | re.DOTALL,
)
_INLINE_MARKDOWN = re.compile(
    r"\*\*(?=\S)(?P<strong>[^\n*]{1,300}?)(?<=\S)\*\*"
    r"|(?P<image>!)\[[^\]\n]{0,200}\]\((?:[^()\s]{1,500})(?:\s+\"[^\"\n]*\")?\)"
    r"|(?<!!)\[(?P<words>[^\]\n]{1,200})\]\((?:(?:https?://|/|\.|#|mailto:)[^()\s]{0,500})(?:\s+\"[^\"\n]*\")?\)"
    r"|`(?P<literal>[^`\n]{1,200})`"
)
_LINE_MARKDOWN = re.compile(r"^[ ]{0,3}(?:#{1,6}[ \t]+(?=\S)|(?:>[ \t]?)+(?=\S))", re.MULTILINE)
_CLOSING_HASHES = re.compile(r"(?<=\S)[ \t]+#{1,6}[ \t]*$", re.MULTILINE)


def tag_edits(text: str) -> Iterator[Edit]:
    """Tags of HTML, each replaced by nothing, or by a line break where it begins or ends a block.

    Only names of HTML are tags: 3<5 and <记者> are not. No line break is put before or after all words.
    """
    tags = list(_TAG.finditer(text))
    edges = [0, *(edge for tag in tags for edge in tag.span()), len(text)]
    between = [bool(text[start:end].strip()) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if not any(between):
        yield from ((*tag.span(), "") for tag in tags)
        return
    first, last = between.index(True), len(between) - 1 - between[::-1].index(True)
    for at, tag in enumerate(tags):
        yield *tag.span(), "\n" if tag["block"] and first <= at < last else ""


def markdown_edits(text: str) -> list[Edit]:
    """Marks of Markdown, each replaced by nothing: of headings, quotations, strong words, links, images and code."""
    edits: list[Edit] = []
    for found in _INLINE_MARKDOWN.finditer(text):
        if found["image"]:
            edits.append((*found.span(), ""))
            continue
        kept = next(name for name in ("strong", "words", "literal") if found[name] is not None)
        edits.append((found.start(), found.start(kept), ""))
        edits.append((found.end(kept), found.end(), ""))
    for pattern in (_LINE_MARKDOWN, _CLOSING_HASHES):
        edits += [(*found.span(), "") for found in pattern.finditer(text)]
    return _disjoint(edits)


def _disjoint(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in sorted(edits):
        if edit[0] < edit[1] and (not kept or kept[-1][1] <= edit[0]):
            kept.append(edit)
    return kept
