"""Recognizing the characters of a picture: RapidOCR, with the PP-OCR models that its wheel carries.

Nothing is downloaded: the models are named by their files, and without them there is an error.
"""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before ONNX Runtime is imported

import numpy as np
import rapidocr
from numpy.typing import NDArray

from baozhai_model.page.layout.geometry import Box, PrintedLine, PrintedPage
from baozhai_service.documents.scan import Turn, drawn_on

_LEAST = 0.5  # confidence below which a line is no text
_TALL = 1.6  # a box so much higher than wide is a line from top to bottom
_WIDEST_ENOUGH = 5.0  # a line so much wider than high tells how the page is turned
_MOST_TURN = 5.0  # degrees


def recognized(pixels: NDArray[np.uint8], number: int) -> PrintedPage:
    """The lines of a picture, shape (height, width, 3), straightened; its pictures and rules.

    The ``place`` of a line is where it stands on the picture as it is.
    """
    height, width, _ = pixels.shape
    answer = _engine()(np.ascontiguousarray(pixels[..., ::-1]))  # it takes blue first
    if answer.boxes is None or answer.txts is None:
        return PrintedPage(number, width, height, ())
    corners = np.asarray(answer.boxes, dtype=np.float64)
    turn = Turn(_slope(corners), width / 2, height / 2)
    lines = [
        _line(each, text.strip(), float(score), turn)
        for each, text, score in zip(corners, answer.txts, answer.scores, strict=True)
        if text.strip() and score >= _LEAST
    ]
    pictures, rules = drawn_on(pixels, [line.place or line.box for line in lines], turn)
    return PrintedPage(number, width, height, tuple(lines), tuple(pictures), tuple(rules))


def _line(corners: NDArray[np.float64], text: str, score: float, turn: Turn) -> PrintedLine:
    box = turn.straight(corners)
    x0, y0 = corners.min(axis=0)
    x1, y1 = corners.max(axis=0)
    vertical = len(text) > 2 and box.height > _TALL * box.width
    ems = sum(0.5 if char < "\u0250" else 1.0 for char in text)
    along, across = (box.height, box.width) if vertical else (box.width, box.height)
    size = min(across, along / max(ems, 1.0)) if ems >= 3 else 0.75 * across
    place = Box(float(x0), float(y0), float(x1), float(y1))
    return PrintedLine(text, box, float(size), "", vertical, min(score, 0.999), place)


def _slope(boxes: NDArray[np.float64]) -> float:
    """How far the lines of a page are turned, in radians; 0 where they do not agree."""
    across, down = (boxes[:, 1] - boxes[:, 0]).T
    depth = np.abs(boxes[:, 3, 1] - boxes[:, 0, 1])
    long = across > _WIDEST_ENOUGH * np.maximum(depth, 1)
    if long.sum() < 5:
        return 0.0
    angles = np.arctan2(down[long], across[long])
    middle = float(np.average(np.sort(angles)[len(angles) // 4 : max(3 * len(angles) // 4, len(angles) // 4 + 1)]))
    return middle if abs(middle) < math.radians(_MOST_TURN) else 0.0


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _engine() -> Any:
    models = Path(rapidocr.__file__).parent / "models"
    paths = {part: next(models.glob(f"*{part}*.onnx")) for part in ("det", "rec", "cls")}
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # upside-down lines: none on a page
            "Global.max_side_len": 4000,
            "EngineConfig.onnxruntime.intra_op_num_threads": _cores(),
            "Det.model_path": str(paths["det"]),
            "Rec.model_path": str(paths["rec"]),
            "Cls.model_path": str(paths["cls"]),
        }
    )
