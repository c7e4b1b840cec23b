"""A document with geometry, read into articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from baozhai_model.page.articles import articles_of
from baozhai_model.page.layout.columns import TextBlock, text_blocks
from baozhai_model.page.layout.composition import Composition
from baozhai_model.page.layout.furniture import furniture_of
from baozhai_model.page.layout.geometry import Box, PrintedPage
from baozhai_model.page.layout.measures import Type, body_type
from baozhai_model.page.layout.order import in_columns, in_rows
from baozhai_model.page.layout.paragraphs import PrintedParagraph, column_edges, paragraphs_of
from baozhai_model.page.layout.pictures import captions_of, pictures_of
from baozhai_model.page.layout.regions import Region, Room
from baozhai_model.page.layout.single_column import SingleColumn, is_single_column
from baozhai_model.page.layout.titles import Title, is_large, is_text, titles_of
from baozhai_model.structure import Page

_SLACK = 0.3  # em: how far columns may overlap


def read_layout(pages: Sequence[PrintedPage]) -> Page:
    """Read ``pages`` into articles, in reading order.

    The text of the result is composed of their lines: a paragraph a line, a blank line between two. Every block maps
    back to the pages and boxes that its lines were printed at.
    """
    composition = Composition(pages)
    if not any(page.lines for page in pages):
        return composition.page(())
    usual = body_type(pages)
    document = SingleColumn(usual, composition) if is_single_column(pages, usual) else None
    captions: dict[int, Box] = {}
    for page, aside in zip(pages, furniture_of(pages), strict=True):
        composition.at(page.number)
        for line in sorted(aside, key=lambda line: (line.box.y0, line.box.x0)):
            composition.furniture(line)
        kept = replace(page, lines=tuple(line for line in page.lines if line not in aside))
        if not kept.lines:
            continue
        parts = _parts(kept, usual)
        if document is None:
            _read_page(parts, usual, composition)
        else:
            document.add(page.number, parts.titles, parts.blocks)
            captions |= parts.captions
    if document is not None:
        document.compose(captions)
    return composition.page(articles_of(composition.fragments()))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a page is made of; ``captions`` has the pictures of the blocks that are captions, by their `id`."""

    titles: list[Title]
    blocks: list[TextBlock]
    captions: dict[int, Box]
    pictures: list[Box]
    rules: Sequence[Box]
    frames: list[Box]


def _parts(page: PrintedPage, usual: Type) -> _Parts:
    large = [line for line in page.lines if is_large(line, usual)]
    small = [line for line in page.lines if not is_large(line, usual)]
    walls = [*page.rules, *page.pictures]
    level = [line for line in large if not line.vertical]
    wordy = {line for block in text_blocks(level, usual, walls) if is_text(block) for line in block.lines}
    small += wordy
    large = [line for line in large if line not in wordy]
    walls += [edge for frame in page.frames for edge in frame.edges()]
    titles = titles_of(large, walls, text_blocks(small, usual, walls))
    for title in titles:
        taken = title.take_bylines(small)
        small = [line for line in small if line not in taken]
    blocks = text_blocks(small, usual, walls)
    pictures, frames = pictures_of(page.pictures, page.frames, [block.box for block in blocks])
    return _Parts(titles, blocks, captions_of(blocks, pictures, usual), pictures, page.rules, frames)


def _read_page(parts: _Parts, usual: Type, composition: Composition) -> None:
    """Compose the articles of a page of several columns."""
    body = [block for block in parts.blocks if id(block) not in parts.captions]
    regions = Room(parts.titles, body, parts.pictures, parts.rules, parts.frames, usual).regions()
    captions = [block for block in parts.blocks if id(block) in parts.captions]
    alone = _place_captions(captions, parts.captions, regions, usual)
    for region in in_rows([*regions, *alone], lambda region: region.box, usual.size):
        _compose(region, usual, composition)


def _place_captions(
    captions: Sequence[TextBlock], pictures: dict[int, Box], regions: Sequence[Region], usual: Type
) -> list[Region]:
    """Give each caption to the region that its picture stands in; a photograph that stands alone is a region."""
    alone = []
    for caption in captions:
        picture = pictures[id(caption)]
        home = _home(picture, caption.box, regions, usual)
        if home is None:
            alone.append(Region(captions=[caption]))
        else:
            home.captions.append(caption)
    return alone


def _home(picture: Box, caption: Box, regions: Sequence[Region], usual: Type) -> Region | None:
    """The region around a picture: it has text beside it, or its title right above it."""
    best: tuple[float, Region] | None = None
    for region in regions:
        beside = sum(
            max(block.box.along(picture), 0) for block in region.blocks if -block.box.across(picture) < 2.5 * usual.size
        )
        score = beside / picture.height
        if region.title is not None:
            title = region.title.box
            if not region.title.vertical and title.y1 > picture.y0 + usual.size:
                continue
            if title.across(picture) > 0.3 * min(picture.width, title.width) and picture.y0 - title.y1 < 3 * usual.size:
                score += 2
        if any(
            -block.box.along(caption) < 2.5 * usual.size and block.box.across(picture) > 0.8 * block.box.width
            for block in region.blocks
            if block.box.y0 >= caption.y1 - 1
        ):
            score += 0.5
        if score > 0.3 and (best is None or score > best[0]):
            best = (score, region)
    return best[1] if best else None


def _compose(region: Region, usual: Type, composition: Composition) -> None:
    ordered = in_columns(region.blocks, lambda block: block.box, _SLACK * usual.size)
    edges = [column_edges(block, region.blocks) for block in ordered]
    paragraphs: list[PrintedParagraph] = paragraphs_of(ordered, usual, edges)
    composition.article(region.title, paragraphs, [caption.lines for caption in region.captions])
