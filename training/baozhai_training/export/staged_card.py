"""The model card of a bundle of stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.evaluation.stage_measures import StageMeasures
from baozhai_training.export.card import LIMITS

_NAMES = {"ngrams": "1: n-grams", "small": "2: + small encoder", "large": "3: + large encoder", "cascade": "cascade"}


def staged_card(topics: TopicSet, measures: Sequence[StageMeasures], about: dict[str, Any]) -> str:
    """The card, in Markdown."""
    data, archive = about["data"], about["metrics"]["archive"]
    answered = ", ".join(f"{name} {share:.1%}" for name, share in archive["answered"].items())
    digests = about["metrics"]["digests"]
    lines = [
        "# baozhai model of stages",
        "",
        "## What it is",
        "",
        f"{_origin(about)} {about['large_base']}".strip(),
        "",
        "A text passes on to the next stage while a decision is in doubt; every stage is calibrated by itself.",
        "",
        "## Topics",
        "",
        _measured(about) + " Calibration and thresholds are fitted on other articles in each of five folds. Each stage"
        " answers all of them by itself; the cascade stops where it is certain.",
        "",
        "| stage | titles | " + " | ".join(topic.zh for topic in topics) + " | **macro-F1** | highest ECE |",
        "|---" * (len(topics) + 4) + "|",
    ]
    for each in measures:
        for kind, f1, ece in (("unknown", each.f1, each.ece), ("known", each.titled_f1, each.titled_ece)):
            cells = " | ".join(f"{value:.3f}" for value in f1)
            lines.append(f"| {_NAMES[each.name]} | {kind} | {cells} | {np.mean(f1):.3f} | {max(ece):.3f} |")
    lines += [
        "",
        f"Of {archive['paragraphs']:,} {'unlabelled' if 'held' in data else 'of these'} paragraphs, titles known, the"
        f" stages answer: {answered}. {archive['changed']:.2%} of them get other topics than from the last stage; the"
        f" bounds were {'fitted on this sample' if 'held' in data else 'taken over, for the topics that it had'}.",
        "",
    ]
    if digests:
        lines += [
            "## Digests",
            "",
            "Share of picked sentences that a careful reader also picked, as many being picked as the reader kept, in"
            f" cross-validation on {data['articles']:,} articles: {digests['ours']:.3f}.",
            "",
        ]
    limits = about["config"].get("limits", ())
    lines += ["## Limits", "", *(f"- {each}" for each in (*limits, *LIMITS)), ""]
    return "\n".join(lines)


def _origin(about: dict[str, Any]) -> str:
    data = about["data"]
    if "held" in data:
        taught = data.get("distilled", 0)
        further = f", taught what the last stage answers on {taught:,} unlabelled paragraphs" if taught else ""
        return f"N-grams and the small encoder are those of `{about['base']}`{further}."
    return (
        f"`{about['base']}`, taught {data['paragraphs']:,} labelled paragraphs (fingerprint"
        f" `{data['fingerprint'][:12]}`), seed {about['config']['seed']}."
    )


def _measured(about: dict[str, Any]) -> str:
    data = about["data"]
    if "held" in data:
        return (
            f"Measured on {data['held']:,} labelled paragraphs that no model here learnt from (many were drawn near a"
            " linear model's thresholds, so they are harder than an archive's)."
        )
    return (
        f"Measured on the {data['paragraphs']:,} labelled paragraphs that it learnt from, in"
        f" {about['config']['folds']}-fold cross-validation: no article on both sides."
    )
