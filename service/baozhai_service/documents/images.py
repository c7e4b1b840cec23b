"""Pictures of pages: scans and photographs, as PNG, JPEG, TIFF, BMP or WebP."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from baozhai_model.page.layout.geometry import PrintedPage, scaled
from baozhai_model.page.layout.reader import read_layout
from baozhai_service.documents.document import Document
from baozhai_service.documents.errors import BrokenDocument, DocumentTooLarge, NoTextInDocument
from baozhai_service.documents.legibility import doubts
from baozhai_service.documents.limits import Limits
from baozhai_service.documents.png import png_of

_MOST_PIXELS = 12_000_000  # that characters are recognized in; what is larger is made smaller first

Image.MAX_IMAGE_PIXELS = None  # the limits here are our own, and are looked at before a pixel is decoded


def read(data: bytes, name: str, limits: Limits) -> Document:
    """Recognize the characters of an image, of each of its pages.

    Raises:
        DocumentError: it cannot be read, or not within ``limits``.
    """
    from baozhai_service.documents.ocr import recognized  # by itself: a picture of a page needs no recognition

    pages: list[PrintedPage] = []
    with _opened(data, limits) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image), 1):
            if number > limits.pages:
                raise DocumentTooLarge(f"the image has more than {limits.pages} pages")
            _check_pixels(frame, limits)
            upright = ImageOps.exif_transpose(frame)
            factor = max(1.0, (upright.width * upright.height / _MOST_PIXELS) ** 0.5)
            read_at = recognized(_pixels(upright, factor), number)
            pages.append(scaled(read_at, factor, upright.width, upright.height))
    return Document(name, "image", read_layout(pages), True, tuple(doubts(pages)))


def picture(data: bytes, number: int, width: int, limits: Limits) -> bytes:
    """Page ``number`` as a PNG of ``width`` pixels.

    Raises:
        DocumentError: there is no such page, or the image cannot be read.
    """
    with _opened(data, limits) as image:
        try:
            image.seek(number - 1)
        except EOFError:
            raise NoTextInDocument(f"the image has no page {number}") from None
        _check_pixels(image, limits)
        upright = ImageOps.exif_transpose(image)
        return png_of(_pixels(upright, upright.width / width))


def recognized_page(data: bytes, page: PrintedPage, limits: Limits) -> PrintedPage:
    """``page``, which the image ``data`` fills, as its characters are recognized.

    Raises:
        DocumentError: the image cannot be read, or not within ``limits``.
    """
    from baozhai_service.documents.ocr import recognized

    with _opened(data, limits) as image:
        factor = max(1.0, (image.width * image.height / _MOST_PIXELS) ** 0.5)
        found = recognized(_pixels(image, factor), page.number)
        return scaled(found, page.width * factor / image.width, page.width, page.height)


def _pixels(image: Image.Image, factor: float) -> NDArray[np.uint8]:
    """``image`` on white, made smaller (or larger) by ``factor``, shape (height, width, 3)."""
    if image.mode in ("RGBA", "LA", "PA", "P"):
        layered = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    plain = image.convert("RGB")
    if factor != 1.0:
        size = max(round(plain.width / factor), 1), max(round(plain.height / factor), 1)
        plain = plain.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(plain)


def _check_pixels(image: Image.Image, limits: Limits) -> None:
    if image.width * image.height > limits.pixels:
        raise DocumentTooLarge(
            f"the image has {image.width} x {image.height} pixels; at most {limits.pixels} in all are read"
        )


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                _check_pixels(image, limits)
                yield image
    except UnidentifiedImageError:
        raise BrokenDocument("the file is no image that can be read; it is damaged") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise BrokenDocument(f"the image is damaged: {str(error)[:100]}") from None
