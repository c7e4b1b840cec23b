"""The card says what is true of its own bundle, and nothing of another's labels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baozhai_model.bundle import DEFAULT_BUNDLE, Manifest, read_manifest
from baozhai_training.config import RunConfig
from baozhai_training.export.card import model_card
from baozhai_training.learners.warm_start import WarmStart
from baozhai_training.recipe.retraining import Retraining

SHIPPED = read_manifest(DEFAULT_BUNDLE)
RECIPE = Path(__file__).parents[3] / "configs" / "default.toml"
OF_THE_SHIPPED_LABELS = ("F1 0.97", "1998-2026", "an archive")
BEHIND, SILENT = "The plain SVM is better", "have no weight"


def told_of(part: str, **changes: Any) -> Manifest:
    """The shipped manifest with a ``part`` of what it says of itself changed."""
    return replace(SHIPPED, about={**SHIPPED.about, part: {**SHIPPED.about[part], **changes}})


def ahead_by(lead: float) -> Manifest:
    """The shipped manifest, where the plain SVM is ahead by so much."""
    measured = SHIPPED.about["metrics"]["topics"]
    rows = [{**row, "linear_f1": row["f1"] + lead} for row in measured["topics"]]
    return told_of("metrics", topics={**measured, "topics": rows})


def test_a_card_warns_of_what_its_recipe_says() -> None:
    limits = RunConfig.read(RECIPE).limits
    shipped, other = model_card(told_of("config", limits=limits)), model_card(told_of("config", limits=()))
    for fact in OF_THE_SHIPPED_LABELS:
        assert fact in shipped
        assert fact not in other
    assert "longer than one window" in other
    assert model_card(SHIPPED).endswith(other[-200:])  # older bundles say nothing of limits


@pytest.mark.parametrize("corpus", [None, Path("corpus")])
def test_other_labels_do_not_inherit_what_the_base_warns_of(corpus: Path | None) -> None:
    start = WarmStart(told_of("config", limits=["Only of these labels."]), DEFAULT_BUNDLE, ngrams=None)  # type: ignore[arg-type]
    assert start.config.limits == ("Only of these labels.",)
    config = Retraining(Path("labels.csv"), Path("work"), corpus=corpus)._newcomers(start.config)
    assert (config.limits, config.curve.counts) == ((), ())
    assert bool(config.selftraining.paragraphs) == (corpus is not None)


def test_a_silent_encoder_adds_nothing() -> None:
    both, silent = (model_card(told_of("metrics", encoder_silent=told)) for told in (False, True))
    assert "both logits are added" in both
    assert "both logits are added" not in silent
    assert SILENT not in both
    assert silent.index("## Topics") < silent.index(SILENT) < silent.index("## Uncertain")


def test_the_floor_s_lead_is_told_where_the_table_shows_one() -> None:
    assert BEHIND not in model_card(ahead_by(0.0004))
    card = model_card(ahead_by(0.0006))
    assert card.index("## Topics") < card.index(BEHIND) < card.index("## Uncertain")


def test_outside_a_checkout_no_commit_is_told() -> None:
    assert "``" not in model_card(told_of("code", commit="")).replace("```", "")
