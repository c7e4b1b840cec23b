"""Verses and list items: lines as short as titles, yet words of the text itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from baozhai_model.page.fragment import Fragment, joined
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import CONTENTS, ENUMERATOR, LIST_ITEM, NAMES
from baozhai_model.structure import Role

_WIDEST_VERSE = 20
_STOP_INSIDE = re.compile(r"[。！？；：!?;:](?=.)")
_ABOVE_CONTENTS = re.compile("[\u4e00-\u9fff]{0,4}(?:导读|要目|目录|目次|导览|看点)")
_STANZA = 4  # lines of a lone stanza; of several stanzas there are at least `_VERSES` in all
_VERSES = 5
_ITEMS = 3  # numbered lines in a row, with no prose between them, that are a list and no subheads
_LONGEST_ITEM = 64


def listed(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with verses and list items marked as prose; a stanza is one piece, an entry of contents furniture.

    A poem is lines without stops inside, in stanzas. List items have a bullet, or several in a row are numbered, or
    they follow a colon.
    """
    return _items(_poems(_contents(list(fragments))))


def _contents(fragments: list[Fragment]) -> list[Fragment]:
    """Two lines or more that each name a title and its page are the contents of the paper."""
    entries = [at for at, each in enumerate(fragments) if each.role is None and CONTENTS.fullmatch(each.text)]
    if len(entries) < 2:
        return fragments
    if entries[0] and _ABOVE_CONTENTS.fullmatch(fragments[entries[0] - 1].text):
        entries.append(entries[0] - 1)
    return [each.named(Role.FURNITURE, 0.8) if at in entries else each for at, each in enumerate(fragments)]


def _poems(fragments: list[Fragment]) -> list[Fragment]:
    verses = [stanza for poem in _poem_stanzas(fragments) for stanza in poem]
    out: list[Fragment] = []
    at = 0
    while at < len(fragments):
        if verses and verses[0].start == at:
            stanza = verses.pop(0)
            out.append(replace(joined(fragments[stanza.start : stanza.stop]), prose=True, doubtful=False))
            at = stanza.stop
        else:
            out.append(fragments[at])
            at += 1
    return out


def _poem_stanzas(fragments: Sequence[Fragment]) -> Iterator[list[range]]:
    """The stanzas of each poem: runs of verses with no blank line between them."""
    group: list[range] = []
    for stanza in [*_stanzas(fragments), range(len(fragments) + 1, len(fragments) + 1)]:
        if group and stanza.start != group[-1].stop:
            while group and len(group[0]) == 1:  # the title, and who wrote it
                group.pop(0)
            while group and len(group[-1]) == 1 and group[-1].stop < len(fragments):  # the title of what follows
                group.pop()
            lines = sum(map(len, group))
            if group and (max(map(len, group)) >= _STANZA or (len(group) > 1 and lines >= _VERSES)):
                yield group
            group = []
        group.append(stanza)


def _stanzas(fragments: Sequence[Fragment]) -> Iterator[range]:
    """Runs of verses with no blank line between them; a title and its poet right above are runs of their own."""
    start = 0
    while start < len(fragments):
        stop = start + 1
        if _is_verse(fragments[start]):
            while stop < len(fragments) and not fragments[stop].gap and _is_verse(fragments[stop]):
                stop += 1
            name = next((at for at in range(start, min(start + 2, stop)) if NAMES.fullmatch(fragments[at].text)), None)
            if name is not None:
                yield from (range(at, at + 1) for at in range(start, name + 1))
                start = name + 1
            if start < stop:
                yield range(start, stop)
        start = stop


def _is_verse(fragment: Fragment) -> bool:
    text = fragment.text
    return (
        fragment.role is None
        and 2 <= width(text) <= _WIDEST_VERSE
        and not _STOP_INSIDE.search(text)
        and not text.startswith(("—", "-", "“"))
        and not any(char.isdigit() or char in "①②③④⑤" for char in text)
        and not ENUMERATOR.match(text)
    )


def _items(fragments: list[Fragment]) -> list[Fragment]:
    out = list(fragments)
    start = 0
    while start < len(out):
        stop = start
        while stop < len(out) and out[stop].role is None and _is_item(out[stop]):
            stop += 1
        announced = start > 0 and out[start - 1].role is None and out[start - 1].text.endswith(("：", ":"))
        for at in range(start, stop):
            numbered = bool(ENUMERATOR.match(out[at].text)) and stop - start >= _ITEMS
            if LIST_ITEM.match(out[at].text) or numbered or (announced and stop - start > 1):
                out[at] = replace(out[at], prose=True)
        start = max(stop, start + 1)
    return out


def _is_item(fragment: Fragment) -> bool:
    return not fragment.prose and not fragment.closed and width(fragment.text[: 2 * _LONGEST_ITEM]) <= _LONGEST_ITEM
