"""What the stages before the last are taught: the last stage's answers on unlabelled text, and a teacher's salience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.stages import Stage
from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import corpus_files, read_corpus
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled, draw
from baozhai_training.data.unlabelled_articles import draw_articles
from baozhai_training.evaluation.stage_measures import ScoredTexts, answered
from baozhai_training.learners.pseudo_labels import PseudoLabels, TaughtArticle, lines_of
from baozhai_training.recipe.crossfit import kept
from baozhai_training.recipe.first_stages import FirstStages
from baozhai_training.recipe.large_encoder import LargeEncoder

Known = LabelledParagraph | Unlabelled | DigestedArticle


@dataclass(frozen=True)
class Teaching:
    """The teachers, and the text that they are asked about.

    Attributes:
        config: the recipe.
        corpus: unlabelled text.
        before: the stages before the last, before they are taught.
        large: the last stage's encoder.
        last: the rules of the last stage.
        work: the folder for what was said; a killed run goes on from there.
    """

    config: RunConfig
    corpus: Path
    before: FirstStages
    large: LargeEncoder
    last: Stage
    work: Path

    def paragraphs(self, unlike: Sequence[LabelledParagraph | Unlabelled]) -> PseudoLabels:
        """The last stage's answers on paragraphs that are unrelated to ``unlike``.

        Raises:
            ValueError: the corpus has none.
        """
        documents, count = read_corpus(corpus_files(self.corpus)), self.config.distillation.paragraphs
        unlabelled = draw(documents, count, unlike, lambda _: True, rounds=1, seed=self.config.seed)[0]
        if not unlabelled:
            raise ValueError(f"{self.corpus} has no paragraph left to distil on beside the sample of an archive")
        return PseudoLabels(unlabelled, self._answers("unlabelled", unlabelled))

    def articles(self, unlike: Sequence[Known], digested: Sequence[DigestedArticle]) -> list[TaughtArticle]:
        """Whole articles that are unrelated to ``unlike``: the last stage's answers on their lines, and salience.

        ``digested`` articles are what the salience teacher learns.
        """
        count = self.config.distillation.articles
        if not count or not digested:
            return []
        articles = draw_articles(read_corpus(corpus_files(self.corpus)), count, unlike, seed=self.config.seed)
        lines = [lines_of(article) for article in articles]
        topics = self._answers("articles", [line for mine in lines for line in mine])
        found = kept(
            self.work / "salience.npz", lambda: {"salience": np.concatenate(self.large.salience(digested, articles))}
        )
        return [
            TaughtArticle(*each)
            for each in zip(
                articles,
                _split(topics, [len(mine) for mine in lines]),
                _split(found["salience"], [len(article.sentences) for article in articles]),
                strict=True,
            )
        ]

    def _answers(self, name: str, paragraphs: Sequence[Unlabelled]) -> NDArray[np.float64]:
        """The last stage's probabilities, (paragraphs, topics), titles known."""
        found = kept(
            self.work / f"{name}.npz",
            lambda: self.before.scores(paragraphs) | self.large.titled_scores(self.large.teacher, paragraphs),
        )
        scores = {"ngrams": found["ngrams_titled"], "small": found["small"], "large": found["titled"]}
        texts = ScoredTexts(scores, scores, np.array([bool(paragraph.title) for paragraph in paragraphs]))
        _, _, probabilities = answered([self.last], texts, titled=True)
        return probabilities


def _split(rows: NDArray[np.float64], sizes: Sequence[int]) -> list[NDArray[np.float64]]:
    return np.split(rows, np.cumsum(sizes)[:-1])
