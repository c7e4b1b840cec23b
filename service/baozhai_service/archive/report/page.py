"""The report on a scored archive: one HTML page that opens offline."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import vl_convert

from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.input.filenames import readable
from baozhai_service.archive.input.source import KINDS
from baozhai_service.archive.output.folder import PRIVATE, beginning
from baozhai_service.archive.report.charts import charts
from baozhai_service.archive.report.excerpts import best_articles, dead_letters, to_label
from baozhai_service.archive.report.figures import characters, figures
from baozhai_service.archive.report.periods import Period
from baozhai_service.archive.report.query import ScoredArchive
from baozhai_service.archive.report.templates import rendered

_UNITS: dict[Period, str] = {"day": "各日", "month": "各月", "year": "各年"}


def report(url: str) -> str:
    """The report on the output at ``url``, as HTML.

    Raises:
        OutputRefused: there is no finished output at ``url``.
    """
    with ScoredArchive(url) as scores:
        found = figures(scores)
        manifest = scores.manifest
        uncertain = to_label(scores)
        return rendered(
            "report.html.j2",
            name=_name(scores),
            characters=characters(scores),
            counts=manifest.counts,
            first=min(found.days, default=None),
            last=max(found.days, default=None),
            model_version=manifest.basis["model_version"],
            overall=found.overall,
            titles=_titles(found.period),
            charts=charts(found),
            rates=found.rates,
            topics=found.topics,
            digests=manifest.basis["settings"]["digests"],
            reading={topic: _by_period(best_articles(scores, topic)) for topic in found.topics},
            uncertain=uncertain,
            download=_download(uncertain),
            dead_letters=dead_letters(scores),
            letter_count=manifest.dead_letters,
            fingerprint=manifest.input["fingerprint"],
            bundle=manifest.basis["bundle"],
            release=manifest.basis["release"],
            vega=_vega(),
        )


def write_page(page: str, path: Path) -> None:
    """Write a page atomically.

    Raises:
        OutputRefused: ``path`` cannot be written.
    """
    if path.is_dir():
        raise OutputRefused(f"{path} is a folder; give the name of a file")
    with beginning(path, "--to"):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(page)
            draft.chmod(0o644)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _titles(period: Period) -> list[tuple[str, str]]:
    unit = _UNITS[period]
    zoom = "（可拖动、缩放）" if period == "day" else ""
    return [
        ("times", f"{unit}主题{zoom}"),
        ("sources", "各来源主题"),
        ("source-times", f"主要来源{unit}主题"),
    ]


def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, so that the page needs no network."""
    bundle: Any = vl_convert.javascript_bundle  # its stub requires an argument that it does not need
    return str(bundle()).replace("</script", "<\\/script")


def _name(scores: ScoredArchive) -> str:
    try:
        noted = json.loads(scores.output.read(f"{PRIVATE}/archive.json"))
        path = PurePosixPath(readable(noted["input"]))
        return path.stem if path.suffix.lower() in KINDS else path.name
    except (OSError, ValueError, KeyError):
        return PurePosixPath(scores.output.root).name


def _by_period(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {period: list(group) for period, group in groupby(rows, key=lambda row: str(row["period"]))}


def _download(rows: list[dict[str, Any]]) -> str:
    lines = [json.dumps({"id": _place(row), "text": row["text"]}, ensure_ascii=False) + "\n" for row in rows]
    return base64.b64encode("".join(lines).encode()).decode()


def _place(row: dict[str, Any]) -> str:
    return ":".join(str(row[name]) for name in ("file", "line", "article", "paragraph"))
