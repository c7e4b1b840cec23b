"""How far a run is: a bar with its rate and the time left, on a terminal."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


class Progress:
    """Counts bytes of input; a context manager's worth of ``tqdm``."""

    def __init__(self, total: int, *, shown: bool) -> None:
        """Expect ``total`` bytes; nothing is shown where standard error is no terminal."""
        hidden = not shown or not sys.stderr.isatty()
        self._bar = tqdm(total=total, unit="B", unit_scale=True, disable=hidden, desc="score", smoothing=0.1)
        self._paragraphs = 0

    def skipped(self, size: int) -> None:
        """Bytes that were scored before; they count neither as work nor for the rate."""
        self._bar.total = max((self._bar.total or 0) - size, self._bar.n)
        self._bar.refresh()

    def scored(self, size: int, counts: dict[str, Any]) -> None:
        """Bytes that were scored now."""
        self._paragraphs += counts["paragraphs"]
        seconds = float(self._bar.format_dict["elapsed"]) if not self._bar.disable else 0.0
        rate = self._paragraphs / seconds if seconds else 0.0
        self._bar.set_postfix_str(f"{self._paragraphs} paragraphs, {rate:.0f}/s", refresh=False)
        self._bar.update(size)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
