"""Self-training: a teacher, encoder and n-grams together, says what unlabelled paragraphs are about; a student learns
that first, and then from people's labels. In the end the n-grams learn it, too.

The student is as large as its teacher and starts from the same base; it teaches the student of the next round (Xie et
al. 2020, arXiv:1911.04252). It learns the teacher's probabilities as they are (Hinton et al. 2015, arXiv:1503.02531),
among them what the n-grams know and what titles tell, which it does not see. Both began with the same weights, so those
of the teacher can have a share in the student's (Wortsman et al. 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.config import RunConfig
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.calibration import fit_rules
from baozhai_training.learners.finetuning import Example, finetune
from baozhai_training.learners.fit import (
    encoder_scores,
    fresh_network,
    labelled_examples,
    reads_titles,
    settled,
    trained_network,
    trained_ngrams,
)
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats, ngram_scores
from baozhai_training.learners.pseudo_labels import PseudoLabels
from baozhai_training.learners.warm_start import WarmStart, remembering_salience
from baozhai_training.recipe.crossfit import (
    Fold,
    OutOfFold,
    folds_of,
    joined,
    kept,
    network_scores,
    ngram_both_ways,
    signals_of,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SelfTrainingRound:
    """One round of self-training.

    Attributes:
        config, base, tokenizer, start: of the run.
        work: the run's folder.
        number: of the round, from 1.
        unlabelled: what is taught.
        before: where the teachers were students; None in the first round, whose teachers learnt from people alone.
        teachers: the teachers' own out-of-fold scores, which calibrate them.
        truth: (paragraphs, topics), what people said of the same paragraphs.
    """

    config: RunConfig
    base: str
    tokenizer: Tokenizer
    start: WarmStart | None
    work: Path
    number: int
    unlabelled: Sequence[Unlabelled]
    before: SelfTrainingRound | None
    teachers: OutOfFold
    truth: NDArray[np.bool_]

    def cross_fit(self, paragraphs: Sequence[LabelledParagraph], articles: Sequence[DigestedArticle]) -> OutOfFold:
        """The teachers' scores, with those of students in place of their own.

        No label that a student is measured by was its teacher's, or that of the rules that calibrate its teacher.
        """
        folds, found = folds_of(self.config, paragraphs, len(articles)), []
        titled = reads_titles(paragraphs, self.start)
        for fold in folds:

            def scored(fold: Fold = fold) -> dict[str, Floats]:
                learnt = [paragraphs[i] for i in fold.train]
                own = [articles[i] for i in fold.articles]
                name = f"fold-{fold.number}"
                network = self.student(name, learnt, own, self.teachers.fold != fold.number)
                ngrams = self.ngrams(name, learnt)
                return {
                    **network_scores(self.config, network, ngrams, self.tokenizer, paragraphs, articles, fold),
                    **ngram_both_ways(ngrams, paragraphs, fold, titled=titled),
                }

            found.append(kept(self.work / f"student-{fold.number}-{self.number}.npz", scored))
            log.info("round %d: student %d of %d is done", self.number, fold.number + 1, self.config.folds)
        return replace(
            self.teachers,
            encoder=joined(folds, found, "encoder"),
            ngrams=joined(folds, found, "ngrams"),
            ngrams_untitled=joined(folds, found, "ngrams_untitled"),
            signals=signals_of(folds, found, len(articles)),
        )

    def student(
        self,
        name: str,
        paragraphs: Sequence[LabelledParagraph],
        articles: Sequence[DigestedArticle],
        seen: NDArray[np.bool_],
    ) -> TopicNetwork:
        """A student of this round.

        Args:
            name: of the first teacher's folder under the work folder, and what the students' begin with.
            paragraphs: that people labelled, for teacher and student.
            articles: likewise.
            seen: (paragraphs of the run,), those whose out-of-fold scores may calibrate the teacher.
        """
        config, stages = self.config, self.config.selftraining
        if self.before is not None:
            teacher = self.before.student(name, paragraphs, articles, seen)
        else:
            folder = self.work / name
            teacher = trained_network(config, self.base, self.tokenizer, paragraphs, articles, folder, self.start)
        told = kept(self._told(name), lambda: {"told": self._asked(teacher, paragraphs, seen)})["told"]
        lesson = list(self._examples(told))
        network = fresh_network(config, self.base, paragraphs, self.start)
        if self.start is not None and not articles:
            lesson = remembering_salience(network, lesson)
        labelled = labelled_examples(config, network, self.tokenizer, paragraphs, articles, self.start)
        for part, examples, stage in (("lesson", lesson, stages), ("student", labelled, stages.labelled)):
            folder = self.work / f"{name}-{part}-{self.number}"
            finetune(network, examples, settled(stage, self.start), folder, seed=config.seed)
        before, after, share = teacher.state_dict(), network.state_dict(), stages.teacher_share
        network.load_state_dict({key: share * before[key] + (1 - share) * after[key] for key in after})
        return network

    def ngrams(self, name: str, paragraphs: Sequence[LabelledParagraph]) -> NgramModel:
        """The n-grams beside the student called ``name``, which is done.

        Those of the last round learn what was told in every round, those before it what people said alone.
        """
        last = self.number == self.config.selftraining.rounds
        return trained_ngrams(self.config, paragraphs, self.start, self._lessons(name) if last else ())

    def _asked(self, teacher: TopicNetwork, paragraphs: Sequence[LabelledParagraph], seen: NDArray[np.bool_]) -> Floats:
        """What ``teacher`` and its n-grams say of the unlabelled paragraphs, shape (paragraphs, topics)."""
        mine, ngrams = self.teachers, trained_ngrams(self.config, paragraphs, self.start)
        texts = [paragraph.text for paragraph in self.unlabelled]
        titled = reads_titles(paragraphs, self.start)
        titles = [paragraph.title for paragraph in self.unlabelled] if titled else None
        rules = fit_rules(
            mine.encoder[seen],
            mine.ngrams[seen],
            self.truth[seen],
            exclusive=self.config.exclusive,
            seed=self.config.seed,
        )
        encoder = encoder_scores(teacher, self.tokenizer, texts, self.config.encoder.window)
        return rules.confidences(rules.logits({"small": encoder, "ngrams": ngram_scores(ngrams, texts, titles)}))

    def _told(self, name: str) -> Path:
        return self.work / f"{name}-told-{self.number}.npz"

    def _lessons(self, name: str) -> list[PseudoLabels]:
        """Of this round and those before it, which are over."""
        earlier = self.before._lessons(name) if self.before else []
        with np.load(self._told(name)) as found:
            return [*earlier, PseudoLabels(self.unlabelled, found["told"])]

    def _examples(self, told: Floats) -> Iterator[Example]:
        for paragraph, probabilities in zip(self.unlabelled, told.astype(np.float32), strict=True):
            (ids,) = tokenize(paragraph.text, self.tokenizer, self.config.encoder.window).windows
            yield Example(ids, probabilities)
