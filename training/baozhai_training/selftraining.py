"""Self-training: a teacher, encoder and n-grams together, says what unlabelled paragraphs are about; a student learns
that first, and then from people's labels.

The student is as large as its teacher and starts from the same base (Xie et al. 2020, arXiv:1911.04252). It learns the
teacher's probabilities as they are (Hinton et al. 2015, arXiv:1503.02531), among them what the n-grams know and what
titles tell, which it does not see. Both began with the same weights, so those of the teacher can have a share in the
student's (Wortsman et al. 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from baozhai_model.classifier import sigmoid
from baozhai_model.ngrams import NgramModel
from baozhai_model.tokens import tokenize
from baozhai_training.calibration import calibrated_logits, fit_rules
from baozhai_training.config import RunConfig
from baozhai_training.continuing import Start, remembering_salience
from baozhai_training.crossfit import (
    Floats,
    Fold,
    OutOfFold,
    encoder_scores,
    folds_of,
    fresh_network,
    joined,
    kept,
    labelled_examples,
    network_scores,
    reads_titles,
    settled,
    signals_of,
    trained_network,
    trained_ngrams,
)
from baozhai_training.digests import DigestedArticle
from baozhai_training.finetuning import Example, finetune
from baozhai_training.labelled import LabelledParagraph
from baozhai_training.linear import ngram_scores
from baozhai_training.network import TopicNetwork
from baozhai_training.unlabelled import Unlabelled

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class School:
    """Where teachers of a first round teach students.

    Attributes:
        config, base, tokenizer, start: of the run.
        unlabelled: what is taught.
        work: the run's folder; a teacher is where `trained_network` left it.
        first: the teachers' own out-of-fold scores, which calibrate them.
        truth: (paragraphs, topics), what people said of the same paragraphs.
    """

    config: RunConfig
    base: str
    tokenizer: Tokenizer
    start: Start | None
    unlabelled: Sequence[Unlabelled]
    work: Path
    first: OutOfFold
    truth: NDArray[np.bool_]

    def cross_fit(self, paragraphs: Sequence[LabelledParagraph], articles: Sequence[DigestedArticle]) -> OutOfFold:
        """The first round's scores, with those of students in place of their teachers'.

        Neither a student's teacher nor what calibrates it was fitted on the labels that the student is measured by.
        """
        folds, found = folds_of(self.config, paragraphs, len(articles)), []
        for fold in folds:

            def scored(fold: Fold = fold) -> dict[str, Floats]:
                learnt = [paragraphs[i] for i in fold.train]
                own = [articles[i] for i in fold.articles]
                network, ngrams = self.student(f"fold-{fold.number}", learnt, own, self.first.fold != fold.number)
                return network_scores(self.config, network, ngrams, self.tokenizer, paragraphs, articles, fold)

            found.append(kept(self.work / f"student-{fold.number}.npz", scored))
            log.info("student %d of %d is done", fold.number + 1, self.config.folds)
        return replace(
            self.first, encoder=joined(folds, found, "encoder"), signals=signals_of(folds, found, len(articles))
        )

    def student(
        self,
        name: str,
        paragraphs: Sequence[LabelledParagraph],
        articles: Sequence[DigestedArticle],
        seen: NDArray[np.bool_],
    ) -> tuple[TopicNetwork, NgramModel]:
        """A student of the teacher in the folder ``name``, and the teacher's n-grams.

        Args:
            name: under the work folder.
            paragraphs: that people labelled, for teacher and student.
            articles: likewise.
            seen: (paragraphs of the run,), those whose out-of-fold scores may calibrate the teacher.
        """
        config, work, lessons = self.config, self.work, self.config.selftraining
        teacher = trained_network(config, self.base, self.tokenizer, paragraphs, articles, work / name, self.start)
        ngrams = trained_ngrams(config, paragraphs, self.start)
        titled = reads_titles(paragraphs, self.start)
        found = kept(work / f"{name}-told.npz", lambda: {"told": self._told(teacher, ngrams, seen, titled=titled)})
        lesson = list(self._lesson(found["told"].astype(np.float32)))
        network = fresh_network(config, self.base, self.start)
        if self.start is not None and not articles:
            lesson = remembering_salience(network, lesson)
        labelled = labelled_examples(config, network, self.tokenizer, paragraphs, articles, self.start)
        for part, examples, stage in (("lesson", lesson, lessons), ("student", labelled, lessons.labelled)):
            finetune(network, examples, settled(stage, self.start), work / f"{name}-{part}", seed=config.seed)
        before, after, share = teacher.state_dict(), network.state_dict(), lessons.teacher_share
        network.load_state_dict({key: share * before[key] + (1 - share) * after[key] for key in after})
        return network, ngrams

    def _told(self, teacher: TopicNetwork, ngrams: NgramModel, seen: NDArray[np.bool_], *, titled: bool) -> Floats:
        """The teacher's probabilities for the unlabelled paragraphs, shape (paragraphs, topics)."""
        first = self.first
        texts = [paragraph.text for paragraph in self.unlabelled]
        titles = [paragraph.title for paragraph in self.unlabelled] if titled else None
        rules = fit_rules(first.encoder[seen], first.ngrams[seen], self.truth[seen], seed=self.config.seed)
        encoder = encoder_scores(teacher, self.tokenizer, texts, self.config.encoder.window)
        return sigmoid(calibrated_logits(rules, encoder, ngram_scores(ngrams, texts, titles)))

    def _lesson(self, told: NDArray[np.float32]) -> Iterator[Example]:
        for paragraph, probabilities in zip(self.unlabelled, told, strict=True):
            (ids,) = tokenize(paragraph.text, self.tokenizer, self.config.encoder.window).windows
            yield Example(ids, probabilities)
