"""A page of newspaper text, read into articles."""

from __future__ import annotations

from baozhai_model.page.articles import articles_of
from baozhai_model.page.captions import captioned, credited
from baozhai_model.page.inline_marks import trimmed
from baozhai_model.page.lines import read_lines
from baozhai_model.page.lists import listed
from baozhai_model.page.markup import with_markup
from baozhai_model.page.rejoin import rejoined
from baozhai_model.page.roles import named
from baozhai_model.page.titles import runs_on
from baozhai_model.page.unwrap import unwrapped
from baozhai_model.structure import Page
from baozhai_model.text.cleaning import clean
from baozhai_model.text.simplified import simplified


def read_page(text: str) -> Page:
    r"""Read ``text`` into articles of blocks and paragraphs, losing no character; any string can be read.

    The spans of all blocks are disjoint, and only `structure.BLANK` characters lie between them; a block's text is the
    characters of its spans in order. Mark-up around words is furniture; see `baozhai_model.text.cleaning`. Paragraphs
    cut by columns are one block again, or stay apart and marked doubtful. Datelines, by-lines and notices printed in
    line with a paragraph are blocks of their own. A text of nothing but blanks has no articles. Time is linear in the
    length.

    >>> page = read_page("水库除险加固完工\n\n本报讯（记者 李明）全市十二座水库的除险\n\n加固工程昨日全部完工。")
    >>> page.articles[0].headline, [paragraph.text for paragraph in page.articles[0].paragraphs]
    ('水库除险加固完工', ['全市十二座水库的除险加固工程昨日全部完工。'])
    """
    page = clean(text)
    plain = simplified(page.text)
    lines = [part for fragment in unwrapped(plain, read_lines(plain)) for part in trimmed(fragment)]
    fragments = credited(runs_on(rejoined(listed(lines))))
    read = [fragment.printed(page) for fragment in captioned(named(fragments))]
    return Page(text, articles_of(with_markup(read, text)))
