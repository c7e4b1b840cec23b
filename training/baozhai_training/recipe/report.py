"""What a run reports, and what the manifest records of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph, fingerprint
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.data.unlabelled import fingerprint as unlabelled_fingerprint
from baozhai_training.evaluation.learning_curve import CurvePoint, to_json
from baozhai_training.evaluation.measures import Measures


@dataclass(frozen=True)
class RunReport:
    """The bundle of a run, and how good it is.

    Attributes:
        bundle: its folder.
        topics: measures over the folds.
        digests: share of picked sentences that the reader also picked, ours and the floors'.
    """

    bundle: Path
    topics: Measures
    digests: dict[str, float]


def data_fingerprint(paragraphs: Sequence[LabelledParagraph], unlabelled: Sequence[Unlabelled]) -> str:
    """Identifies the training data of a run."""
    return fingerprint(paragraphs) + (f" {unlabelled_fingerprint(unlabelled)}" if unlabelled else "")


def about(
    paragraphs: Sequence[LabelledParagraph],
    unlabelled: Sequence[Unlabelled],
    articles: Sequence[DigestedArticle],
    base: str,
    report: RunReport,
    curve: Sequence[CurvePoint],
    *,
    silent: bool,
) -> dict[str, Any]:
    """What the manifest records of the run, besides what serving needs."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": Path(base).name if Path(base).exists() else base,
        "data": {
            "paragraphs": len(paragraphs),
            "articles": len(articles),
            "fingerprint": fingerprint(paragraphs),
            "unlabelled": len(unlabelled),
            **({"unlabelled_fingerprint": unlabelled_fingerprint(unlabelled)} if unlabelled else {}),
        },
        "metrics": {
            "topics": report.topics.to_json(),
            "digests": report.digests,
            "encoder_silent": silent,
            "curve": to_json(curve),
        },
    }
