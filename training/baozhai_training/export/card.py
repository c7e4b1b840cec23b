"""The model card: what a bundle was trained on, what it and the floors reach, where it should not be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from baozhai_model.bundle import Manifest

CARD = "MODEL_CARD.md"
_DRAWN = 12  # topics; of more the numbers must do


def model_card(manifest: Manifest) -> str:
    """The card of a bundle, in Markdown."""
    about = manifest.about
    return "\n".join(
        [
            f"# baozhai model {manifest.version}",
            "",
            *_data(manifest),
            *_topics(manifest, about["metrics"]["topics"]),
            *([_SILENT, ""] if about["metrics"].get("encoder_silent") else []),
            *([_BEHIND, ""] if _behind(about["metrics"]["topics"]["topics"]) else []),
            *_doubt(about["metrics"]["topics"], exclusive=manifest.rules.exclusive),
            *_curve(about["metrics"], taught=bool(about["data"].get("unlabelled")), exclusive=manifest.rules.exclusive),
            *_digests(about["metrics"]["digests"]),
            *_reliability(about["metrics"]["topics"]["topics"]),
            *_limits(about["config"].get("limits", ())),
        ]
    )


def _data(manifest: Manifest) -> list[str]:
    about = manifest.about
    data, config = about["data"], about["config"]
    encoder = config["encoder"]
    heard = "its logits alone are" if about["metrics"].get("encoder_silent") else "both logits are added and"
    calibrated = "for all topics alike" if manifest.rules.exclusive else "per topic"
    return [
        "## What it is",
        "",
        f"A BERT of {encoder['layers']} layers, {encoder['width']} wide, reading {encoder['window']} tokens at once, "
        f"and a linear model of hashed character n-grams beside it; {heard} calibrated {calibrated}. "
        f"Base: `{about['base']}`. Trained on {data['paragraphs']:,} labelled paragraphs and {data['articles']:,} "
        f"digested articles (fingerprint `{data['fingerprint'][:12]}`){_unlabelled(about)}, seed {config['seed']}, by "
        f"baozhai {about['code']['baozhai']}{_commit(about['code']['commit'])}. ONNX and torch differ by at most "
        f"{about['parity']:.4f} in probability.",
        "",
    ]


def _unlabelled(about: dict[str, Any]) -> str:
    count, rounds = about["data"].get("unlabelled", 0), about["config"]["selftraining"]["rounds"]
    if not count:
        return ""
    many = f"{count:,} unlabelled paragraphs in {rounds} round{'s' if rounds > 1 else ''}"
    return f", after {many}, with what a teacher of the same size said of them"


def _commit(commit: str) -> str:
    return f" (`{commit[:12]}`)" if commit else ""


def _behind(rows: list[dict[str, Any]]) -> bool:
    """Whether the plain SVM is ahead by what the card shows: three decimals."""
    return bool(round(mean(row["linear_f1"] - row["f1"] for row in rows), 3) > 0)


def _topics(manifest: Manifest, measured: dict[str, Any]) -> list[str]:
    rows = measured["topics"]
    folds = manifest.about["config"]["folds"]
    lines = [
        "## Topics",
        "",
        f"{folds}-fold cross-validation, no article on both sides; calibration and thresholds of every column are "
        f"fitted on the other folds.{_EXCLUSIVE * manifest.rules.exclusive} The title of a paragraph's article counts "
        "where it is known, through the n-grams alone; no title: the same model without. SVM: character TF-IDF (1-4) "
        "and a linear SVM; bag: averaged vectors "
        "of characters and bigrams.",
        "",
        "| topic | paragraphs | **F1** | precision | recall | ECE | no title | its ECE | encoder | n-grams | SVM "
        "| SVM at 0 | SVM + title | bag |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    halves, floors = ("encoder_f1", "ngram_f1"), ("linear_f1", "linear_f1_untuned", "titled_f1", "bag_f1")
    columns = ("f1", "precision", "recall", "ece", "untitled_f1", "untitled_ece", *halves, *floors)
    for row in rows:
        lines.append(f"| {row['topic']} | {row['count']} | " + " | ".join(f"{row[c]:.3f}" for c in columns) + " |")
    means = {column: sum(row[column] for row in rows) / len(rows) for column in columns}
    lines.append("| **macro** | | " + " | ".join(f"{mean:.3f}" for mean in means.values()) + " |")
    return [
        *lines,
        "",
        f"Macro-F1 is {means['f1'] - means['linear_f1']:+.3f} against the SVM with its threshold tuned "
        f"({means['untitled_f1'] - means['linear_f1']:+.3f} where ours sees no titles either, "
        f"{means['f1'] - means['titled_f1']:+.3f} where the SVM sees them too), "
        f"{means['f1'] - means['linear_f1_untuned']:+.3f} as it comes. By fold, ours and the tuned SVM: "
        + ", ".join(f"{ours:.3f} and {floor:.3f}" for ours, floor in measured["folds"])
        + ".",
        "",
        "Wrongly given and missed: "
        + ", ".join(f"{row['topic']} {row['wrongly_given']} and {row['missed']}" for row in rows)
        + f"; {measured['paragraphs_wrong']:.1%} of paragraphs have some wrong decision.",
        "",
    ]


def _curve(metrics: dict[str, Any], *, taught: bool, exclusive: bool) -> list[str]:
    points, measured = metrics["curve"], metrics["topics"]
    if not points:
        return []
    rows = [(f"{point['count']:,}", point["ours"], point["floor"]) for point in points]
    rows.append(("the folds", [ours for ours, _ in measured["folds"]], [floor for _, floor in measured["folds"]]))
    return [
        "## Learning curve",
        "",
        "Macro-F1 by the number of labelled paragraphs, mean and standard deviation over draws of articles and of "
        f"fresh heads{_TUNED * (not exclusive)}. The last row is the cross-validation above"
        + (", with self-training, which the others are without." if taught else "."),
        "",
        "| labels | draws | **ours** | SVM |",
        "|---|---|---|---|",
        *(f"| {count} | {len(ours)} | {_spread(ours)} | {_spread(floor)} |" for count, ours, floor in rows),
        "",
    ]


def _spread(figures: list[float]) -> str:
    return f"{mean(figures):.3f} ± {stdev(figures):.3f}" if len(figures) > 1 else f"{figures[0]:.3f}"


def _doubt(measured: dict[str, Any], *, exclusive: bool) -> list[str]:
    near = "its two likeliest topics are nearer to each other" if exclusive else "some topic is nearer to its threshold"
    return [
        "## Uncertain",
        "",
        f"A paragraph is `uncertain` when {near} than the margin (in logits). That "
        f"flags {measured['uncertain_share']:.1%} of paragraphs, which hold {measured['errors_flagged']:.1%} of all "
        "wrong topic decisions. Taken nearest first:",
        "",
        "| looked at | " + " | ".join(f"{share:.0%}" for share, *_ in measured["doubt"]) + " |",
        "|---|" + "---|" * len(measured["doubt"]),
        "| errors found, by paragraph | " + " | ".join(f"{found:.1%}" for _, found, _ in measured["doubt"]) + " |",
        "| errors found, by topic decision | " + " | ".join(f"{found:.1%}" for *_, found in measured["doubt"]) + " |",
        "",
    ]


def _digests(shares: dict[str, float]) -> list[str]:
    if not shares:
        return ["## Digests", "", "Salience is that of the base; no digested articles were given.", ""]
    return [
        "## Digests",
        "",
        "Share of picked sentences that the careful reader also picked, as many being picked as the reader kept "
        "(nested cross-validation; ours is the mean of six ways to part the articles):",
        "",
        "| " + " | ".join(shares) + " |",
        "|" + "---|" * len(shares),
        "| " + " | ".join(f"{share:.3f}" for share in shares.values()) + " |",
        "",
    ]


def _reliability(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["## Reliability", "", "Mean confidence → share that has the topic (paragraphs), by bin:", ""]
    for row in rows:
        bins = ", ".join(f"{mean:.2f} → {share:.2f} ({count})" for mean, share, count in row["reliability"])
        lines.append(f"- {row['topic']}: {bins}")
    if len(rows) <= _DRAWN:
        lines += ["", "Bars: the share; the line: the mean confidence, where the bars would end if it were exact.", ""]
        lines += [line for row in rows for line in _diagram(row)]
    return [*lines, ""]


def _diagram(row: dict[str, Any]) -> list[str]:
    """A reliability diagram as Mermaid draws it (DeGroot & Fienberg 1983)."""
    bins = row["reliability"]
    return [
        "```mermaid",
        "xychart-beta",
        f'    title "{row["topic"]}"',
        f"    x-axis [{', '.join(f'{mean:.2f}' for mean, *_ in bins)}]",
        '    y-axis "share" 0 --> 1',
        f"    bar [{', '.join(f'{share:.3f}' for _, share, _ in bins)}]",
        f"    line [{', '.join(f'{mean:.3f}' for mean, *_ in bins)}]",
        "```",
    ]


def _limits(own: Sequence[str]) -> list[str]:
    """What the recipe warns of, and what holds for every bundle."""
    return ["## Limits", "", *(f"- {each}" for each in (*own, *LIMITS)), ""]


_EXCLUSIVE = " Every paragraph has exactly one topic, and every column gives the likeliest, without thresholds."
_TUNED = "; the SVM's thresholds are tuned"
_BEHIND = "The plain SVM is better on these labels: more of them, or an encoder that reads such texts, may turn that."
_SILENT = "On these labels the n-grams alone were better than both halves: the encoder's topic logits have no weight."
LIMITS = (
    "Traditional characters are read as simplified.",
    "A text longer than one window takes each topic's highest window.",
)
