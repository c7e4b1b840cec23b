"""A page of newspaper text, read into articles."""

from __future__ import annotations

from baozhai_model.page.articles import articles_of
from baozhai_model.page.captions import captioned
from baozhai_model.page.inline_marks import trimmed
from baozhai_model.page.lines import read_lines
from baozhai_model.page.rejoin import rejoined
from baozhai_model.page.roles import named
from baozhai_model.page.unwrap import unwrapped
from baozhai_model.structure import Page
from baozhai_model.text.simplified import simplified


def read_page(text: str) -> Page:
    r"""Read ``text`` into articles of blocks and paragraphs, losing no character; any string can be read.

    The spans of all blocks are disjoint, and only ``documents.BLANK`` characters lie between them; a block's text is
    the characters of its spans in order. Paragraphs cut by columns are one block again, or stay apart and marked
    doubtful. Datelines, by-lines and notices printed in line with a paragraph are blocks of their own. A text of
    nothing but blanks has no articles. Time is linear in the length.

    >>> page = read_page("水库除险加固完工\n\n本报讯（记者 李明）全市十二座水库的除险\n\n加固工程昨日全部完工。")
    >>> page.articles[0].headline, [paragraph.text for paragraph in page.articles[0].paragraphs]
    ('水库除险加固完工', ['全市十二座水库的除险加固工程昨日全部完工。'])
    """
    plain = simplified(text)
    fragments = [part for fragment in unwrapped(plain, read_lines(plain)) for part in trimmed(fragment)]
    return Page(text, articles_of([fragment.printed(text) for fragment in captioned(named(rejoined(fragments)))]))
