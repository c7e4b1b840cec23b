"""Printing a newspaper's HTML: a PDF from a browser without a screen, and its pages as pictures."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


def pdf_of(html: str) -> bytes:
    """``html`` as Chromium prints it."""
    assert CHROMIUM, "Chromium is not installed"
    with tempfile.TemporaryDirectory() as folder:
        source, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(html, encoding="utf-8")
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        return printed.read_bytes()


def picture_of(pdf: bytes, page: int = 0, dpi: int = 150) -> NDArray[np.uint8]:
    """A page of a PDF in grey, shape (height, width)."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(pdf)
    image = document[page].render(scale=dpi / 72, grayscale=True).to_numpy()
    grey = np.array(image if image.ndim == 2 else image[..., 0])
    document.close()
    return grey


def scan_of(pdf: bytes, page: int = 0, *, seed: int = 0, dpi: int = 150, degrees: float = 1.0) -> bytes:
    """A page of a PDF as a scanner would give it: turned by ``degrees``, with noise; a JPEG."""
    import io

    from PIL import Image

    draw = np.random.default_rng(seed)
    image = Image.fromarray(picture_of(pdf, page, dpi)).rotate(
        degrees, resample=Image.Resampling.BICUBIC, fillcolor=255
    )
    noisy = np.asarray(image, dtype=np.float32) * 0.95 + draw.normal(0, 9, (image.height, image.width))
    out = io.BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=80, dpi=(dpi, dpi))
    return out.getvalue()
