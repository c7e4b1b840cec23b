"""OFD documents (GB/T 33190): text objects with their places, from the XML of each page.

Lengths in the file are millimetres; on the pages that are read they are points, as in PDF.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from baozhai_model.page.layout.geometry import Box, PrintedPage
from baozhai_model.page.layout.reader import read_layout
from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge
from baozhai_service.documents.legibility import doubts, is_legible
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.runs import Run, merged
from baozhai_service.documents.unpacked import archive_of, part_of, xml_of

_POINTS = 72 / 25.4  # in a millimetre
_A4 = (0.0, 0.0, 210.0, 297.0)
_THIN = 1.0  # millimetres: what is thinner is a rule
_MOST_REPEATS = 100_000
_ASCENT = 0.88  # of an em above the baseline, as Chinese type has it


def read(data: bytes, name: str, limits: Limits) -> Document:
    """Read an OFD document.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    pages: list[PrintedPage] = []
    recognized = False
    with archive_of(data, limits) as archive:
        for root in _roots(archive):
            document = xml_of(part_of(archive, root))
            templates = {
                each.get("ID"): _beside(root, each.get("BaseLoc", "")) for each in _all(document, "TemplatePage")
            }
            usual = _numbers(document.findtext(".//{*}CommonData/{*}PageArea/{*}PhysicalBox")) or _A4
            places = [_beside(root, page.get("BaseLoc", "")) for page in _all(document, "Page") if page.get("BaseLoc")]
            if len(pages) + len(places) > limits.pages:
                raise DocumentTooLarge(f"the document has {len(places)} pages; at most {limits.pages} are read")
            for place in places:
                page = xml_of(part_of(archive, place))
                layers = [page]
                for template in _all(page, "Template"):
                    if (known := templates.get(template.get("TemplateID"))) is not None:
                        layers.insert(0, xml_of(part_of(archive, known)))
                printed = _page(layers, usual, len(pages) + 1)
                if not is_legible(printed) and (scan := _scanned(archive, root, page, printed, limits)) is not None:
                    printed, recognized = scan, True
                pages.append(printed)
    warnings = tuple(doubts(pages)) if recognized else ()
    return Document(name, "ofd", read_layout(pages), recognized, warnings)


def _roots(archive: zipfile.ZipFile) -> list[str]:
    roots = [(each.text or "").strip() for each in _all(xml_of(part_of(archive, "OFD.xml")), "DocRoot")]
    if not roots:
        raise BrokenDocument("the file names no document")
    return roots


def _page(layers: Sequence[Any], usual: Sequence[float], number: int) -> PrintedPage:
    area = _numbers(layers[-1].findtext("./{*}Area/{*}PhysicalBox")) or usual
    left, top, width, height = area
    runs: list[Run] = []
    pictures: list[Box] = []
    rules: list[Box] = []
    frames: list[Box] = []
    for layer in layers:
        for element in layer.iter("{*}TextObject", "{*}PathObject", "{*}ImageObject"):
            found = _numbers(element.get("Boundary"))
            if found is None:
                continue
            boundary = (found[0] - left, found[1] - top, found[2], found[3])
            kind = element.tag.rpartition("}")[2]
            if kind == "TextObject":
                runs += _text(element, boundary)
                continue
            box = _box(*boundary)
            large = box.width * box.height > 0.8 * width * height * _POINTS**2
            if kind == "ImageObject" and not large:
                pictures.append(box)
            elif kind == "PathObject" and min(boundary[2:]) <= _THIN:
                rules.append(box)
            elif kind == "PathObject" and not large:
                frames.append(box)
    lines = tuple(run.line() for run in merged(runs))
    return PrintedPage(number, width * _POINTS, height * _POINTS, lines, tuple(pictures), tuple(rules), tuple(frames))


def _text(element: Any, boundary: tuple[float, float, float, float]) -> Iterator[Run]:
    """The runs of a text object: its characters placed by X, Y, DeltaX, DeltaY and CTM."""
    size = _number(element.get("Size"), 3.5)
    a, b, c, d, e, f = _numbers(element.get("CTM"), 6) or (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    em = size * (abs(d) + abs(b)) * _POINTS
    narrow = _number(element.get("HScale"), 1.0)
    run: Run | None = None
    x = y = 0.0
    for code in _all(element, "TextCode"):
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        text = code.text or ""
        across, down = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
        for at, char in enumerate(text):
            if at:
                x += across[at - 1] if at - 1 < len(across) else 0.0
                y += down[at - 1] if at - 1 < len(down) else 0.0
            px, py = (boundary[0] + a * x + c * y + e) * _POINTS, (boundary[1] + b * x + d * y + f) * _POINTS
            if char.isspace():
                if run is not None:
                    run.spaced = True
                continue
            advance = em * narrow * (1.0 if char >= "\u2e80" or char in "“”‘’…—" else 0.5)
            box = (px, py - _ASCENT * em, px + advance, py + (1 - _ASCENT) * em)
            if em > 0 and (run is None or not run.append(char, *box, em)):
                if run is not None:
                    yield run
                run = Run(char, *box, em, 0)
    if run is not None:
        yield run


def _deltas(given: str | None, most: int) -> list[float]:
    """The steps from character to character; ``g 3 4.2`` stands for three steps of 4.2."""
    words = (given or "").split()
    found: list[float] = []
    at = 0
    while at < len(words) and len(found) < min(most, _MOST_REPEATS):
        if words[at] == "g" and at + 2 < len(words):
            count = min(int(_number(words[at + 1], 0)), most)
            found += [_number(words[at + 2], 0.0)] * max(count, 0)
            at += 3
        else:
            found.append(_number(words[at], 0.0))
            at += 1
    return found


def _scanned(
    archive: zipfile.ZipFile, root: str, page: Any, printed: PrintedPage, limits: Limits
) -> PrintedPage | None:
    """A page that is one picture, as its characters are recognized; None where it is not, or nothing does that."""
    image = next(iter(_all(page, "ImageObject")), None)
    if image is None:
        return None
    try:
        from baozhai_service.documents.images import recognized_page
    except ImportError:
        return None
    document = xml_of(part_of(archive, root))
    for resources in (*_all(document, "DocumentRes"), *_all(document, "PublicRes")):
        place = _beside(root, (resources.text or "").strip())
        found = xml_of(part_of(archive, place))
        folder = posixpath.join(posixpath.dirname(place), found.get("BaseLoc", ""))
        for media in _all(found, "MultiMedia"):
            if media.get("ID") == image.get("ResourceID"):
                file = posixpath.normpath(posixpath.join(folder, (media.findtext("{*}MediaFile") or "").strip()))
                return recognized_page(part_of(archive, file), printed, limits)
    return None


def _beside(root: str, place: str) -> str:
    """``place``, which a part at ``root`` names, from the top of the archive."""
    if place.startswith("/"):
        return place.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(root.lstrip("/")), place))


def _all(element: Any, name: str) -> list[Any]:
    return list(element.iter("{*}" + name))


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(x * _POINTS, y * _POINTS, (x + width) * _POINTS, (y + height) * _POINTS)


def _number(given: str | None, otherwise: float) -> float:
    try:
        value = float(given) if given is not None else otherwise
    except ValueError:
        return otherwise
    return value if abs(value) < 1e7 else otherwise


def _numbers(given: str | None, count: int = 4) -> tuple[float, ...] | None:
    words = (given or "").split()
    if len(words) < count:
        return None
    return tuple(_number(word, 0.0) for word in words[:count])
