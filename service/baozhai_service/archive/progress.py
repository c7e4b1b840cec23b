"""The progress bar of a run: bytes done, rate, and time left."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


class Progress:
    """A progress bar that counts bytes of input."""

    def __init__(self, total: int, *, shown: bool) -> None:
        """Show progress towards ``total`` bytes, if ``shown`` and standard error is a terminal."""
        hidden = not shown or not sys.stderr.isatty()
        self._bar = tqdm(total=total, unit="B", unit_scale=True, disable=hidden, desc="score", smoothing=0.1)
        self._paragraphs = 0

    def skipped(self, size: int) -> None:
        """Leave out ``size`` bytes that an earlier run scored; they do not count for the rate."""
        self._bar.total = max((self._bar.total or 0) - size, self._bar.n)
        self._bar.refresh()

    def scored(self, size: int, counts: dict[str, Any]) -> None:
        """Count ``size`` bytes that were scored now."""
        self._paragraphs += counts["paragraphs"]
        seconds = float(self._bar.format_dict["elapsed"]) if not self._bar.disable else 0.0
        rate = self._paragraphs / seconds if seconds else 0.0
        self._bar.set_postfix_str(f"{self._paragraphs} paragraphs, {rate:.0f}/s", refresh=False)
        self._bar.update(size)

    def close(self) -> None:
        """Stop updating the bar."""
        self._bar.close()
