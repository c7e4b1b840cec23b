"""Publish the models of a run: a bundle of one encoder, or a bundle of stages where the run continued from one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.data.digested import DigestedArticle, fit_weights
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.export.publish import publish
from baozhai_training.learners.calibration import fit_rules
from baozhai_training.learners.fit import reads_titles
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.warm_start import WarmStart, token_weights
from baozhai_training.recipe.crossfit import OutOfFold
from baozhai_training.recipe.restaging import Restaging
from baozhai_training.recipe.variant import Variant

_PARITY_WINDOWS = 300


def publish_models(
    out: Path,
    variant: Variant,
    network: TopicNetwork,
    ngrams: NgramModel,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
    about: dict[str, Any],
    *,
    thorough: bool,
) -> None:
    """Calibrate ``network`` and ``ngrams`` by the scores of ``variant``, and write the bundle to ``out``."""
    setup, found = variant.setup, variant.found
    config, start = setup.config, setup.start
    tokenizer = AutoTokenizer.from_pretrained(setup.base)
    if start is not None and start.staged and not config.exclusive:
        staged = Restaging(config, start, paragraphs, found, setup.work, articles, thorough)
        staged.publish(out, network, tokenizer, ngrams, about)
        return
    truth = targets(paragraphs, config.topic_set)
    publish(
        out,
        config=config,
        network=network,
        tokenizer=tokenizer,
        ngrams=ngrams,
        rules=fit_rules(found.encoder, found.ngrams, truth, exclusive=config.exclusive, seed=config.seed),
        digest_weights=digest_weights(articles, found, start),
        titles=reads_titles(paragraphs, start),
        parity_windows=[
            tokenize(p.text, setup.tokenizer, setup.window).windows[0] for p in paragraphs[:_PARITY_WINDOWS]
        ],
        about=about,
    )


def digest_weights(articles: Sequence[DigestedArticle], found: OutOfFold, start: WarmStart | None) -> dict[str, float]:
    """Weights of the digest's signals: fitted on ``articles``, or else those of ``start`` or of the shipped bundle.

    With the shipped bundle's weights an encoder counts nothing, since its salience head is untrained.
    """
    if articles:
        return fit_weights(found.signals, [article.chosen for article in articles])
    if start is not None:
        return start.token_weights
    shipped = token_weights(read_manifest(DEFAULT_BUNDLE))
    return {name: 0.0 if name.startswith("encoder") else weight for name, weight in shipped.items()}
