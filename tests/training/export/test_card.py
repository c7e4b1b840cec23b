"""The card says what is true of its own bundle, and nothing of another's labels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baozhai_model.bundle import DEFAULT_BUNDLE, Manifest, read_manifest
from baozhai_training.config import RunConfig
from baozhai_training.export.card import CARD, model_card
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.retraining import Retraining

RECIPE = Path(__file__).parents[3] / "configs" / "default.toml"
OF_THE_SHIPPED_LABELS = ("F1 0.97", "1998-2026", "an archive")
BEHIND, SILENT = "The plain SVM is better", "have no weight"


@pytest.fixture
def manifest(bundle_folder: Path) -> Manifest:
    return read_manifest(bundle_folder)


def told_of(manifest: Manifest, part: str, **changes: Any) -> Manifest:
    """``manifest`` with a ``part`` of what it says of itself changed."""
    return replace(manifest, about={**manifest.about, part: {**manifest.about[part], **changes}})


def ahead_by(manifest: Manifest, lead: float) -> Manifest:
    """``manifest``, where the plain SVM is ahead by so much."""
    measured = manifest.about["metrics"]["topics"]
    rows = [{**row, "linear_f1": row["f1"] + lead} for row in measured["topics"]]
    return told_of(manifest, "metrics", topics={**measured, "topics": rows})


def test_a_card_warns_of_what_its_recipe_says(manifest: Manifest) -> None:
    limits = RunConfig.read(RECIPE).limits
    ours, other = (model_card(told_of(manifest, "config", limits=each)) for each in (limits, ()))
    for fact in OF_THE_SHIPPED_LABELS:
        assert fact in ours
        assert fact not in other
    assert "longer than one window" in other


def test_the_shipped_card_warns_too() -> None:
    card = (DEFAULT_BUNDLE / CARD).read_text(encoding="utf-8")
    assert all(fact in card for fact in (*OF_THE_SHIPPED_LABELS, "longer than one window", "MIT"))


@pytest.mark.parametrize("corpus", [None, Path("corpus")])
def test_other_labels_do_not_inherit_what_the_base_warns_of(corpus: Path | None) -> None:
    shipped = told_of(read_manifest(DEFAULT_BUNDLE), "config", limits=["Only of these labels."])
    start = WarmStart(DEFAULT_BUNDLE, shipped, DEFAULT_BUNDLE / "small", ngrams=None)  # type: ignore[arg-type]
    assert start.config.limits == ("Only of these labels.",)
    config = Retraining(Path("labels.csv"), Path("work"), corpus=corpus)._newcomers(start.config)
    assert (config.limits, config.curve.counts) == ((), ())
    assert bool(config.selftraining.paragraphs) == (corpus is not None)


def test_a_silent_encoder_adds_nothing(manifest: Manifest) -> None:
    both, silent = (model_card(told_of(manifest, "metrics", encoder_silent=told)) for told in (False, True))
    assert "both logits are added" in both
    assert "both logits are added" not in silent
    assert SILENT not in both
    assert silent.index("## Topics") < silent.index(SILENT) < silent.index("## Uncertain")


def test_the_floor_s_lead_is_told_where_the_table_shows_one(manifest: Manifest) -> None:
    assert BEHIND not in model_card(ahead_by(manifest, 0.0004))
    card = model_card(ahead_by(manifest, 0.0006))
    assert card.index("## Topics") < card.index(BEHIND) < card.index("## Uncertain")


def test_outside_a_checkout_no_commit_is_told(manifest: Manifest) -> None:
    assert "``" not in model_card(told_of(manifest, "code", commit="")).replace("```", "")
