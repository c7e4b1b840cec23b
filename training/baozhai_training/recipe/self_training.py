"""Self-training: a teacher (encoder and n-grams) gives unlabelled paragraphs pseudo-labels; a student is trained on
them first, and on people's labels afterwards. The n-grams of the last round are fitted on both.

The student is as large as its teacher and starts from the same base; it is the teacher of the next round (Xie et al.
2020, arXiv:1911.04252). It learns the teacher's probabilities, not decisions (Hinton et al. 2015, arXiv:1503.02531);
they hold what the teacher read in n-grams and titles, which the student does not see. Both began with the same weights,
so the final weights are an average of the teacher's and the student's (Wortsman et al. 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.text.tokens import tokenize
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph, targets
from baozhai_training.data.unlabelled import Unlabelled
from baozhai_training.learners.calibration import fit_rules
from baozhai_training.learners.finetuning import Example, finetune
from baozhai_training.learners.fit import (
    encoder_scores,
    initial_network,
    labelled_examples,
    reads_titles,
    settled,
    trained_network,
    trained_ngrams,
)
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.ngrams import Floats, ngram_scores
from baozhai_training.learners.pseudo_labels import PseudoLabels
from baozhai_training.learners.setup import TrainingSetup
from baozhai_training.learners.warm_start import remembering_salience
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

_KEY = "told"  # of the kept probabilities; an older run that was killed has them under it

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SelfTrainingRound:
    """One round of self-training.

    Attributes:
        setup: of the run.
        number: of the round, from 1.
        unlabelled: the paragraphs that the teacher labels.
        before: the round whose students are the teachers; None in the first, whose teachers saw people's labels alone.
        teachers: the teachers' own out-of-fold scores, which calibrate them.
        truth: (paragraphs, topics), people's labels of the paragraphs that ``teachers`` scored.
    """

    setup: TrainingSetup
    number: int
    unlabelled: Sequence[Unlabelled]
    before: SelfTrainingRound | None
    teachers: OutOfFold
    truth: NDArray[np.bool_]

    def cross_fit(self, paragraphs: Sequence[LabelledParagraph], articles: Sequence[DigestedArticle]) -> OutOfFold:
        """The teachers' scores, with those of students in place of their own.

        No label that a student is measured by was its teacher's, or that of the rules that calibrate its teacher.
        """
        folds, found = folds_of(self.setup.config, paragraphs, len(articles)), []
        titled = reads_titles(paragraphs, self.setup.start)
        for fold in folds:

            def scored(fold: Fold = fold) -> dict[str, Floats]:
                learnt = [paragraphs[i] for i in fold.train]
                own = [articles[i] for i in fold.articles]
                name = f"fold-{fold.number}"
                network = self.student(name, learnt, own, self.teachers.fold != fold.number)
                ngrams = self.ngrams(name, learnt)
                return {
                    **network_scores(self.setup, network, ngrams, paragraphs, articles, fold),
                    **ngram_both_ways(ngrams, paragraphs, fold, titled=titled),
                }

            found.append(kept(self.setup.work / f"student-{fold.number}-{self.number}.npz", scored))
            log.info("round %d: student %d of %d is done", self.number, fold.number + 1, self.setup.config.folds)
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
            name: of the first teacher's folder under the work folder; the names of the students' begin with it.
            paragraphs: labelled by people; teacher and student learn from them.
            articles: digested by people, likewise.
            seen: (paragraphs of the run,), those whose out-of-fold scores may calibrate the teacher.
        """
        setup, stages = self.setup, self.setup.config.selftraining
        if self.before is not None:
            teacher = self.before.student(name, paragraphs, articles, seen)
        else:
            teacher = trained_network(setup, name, paragraphs, articles)
        probabilities = kept(self._kept_at(name), lambda: {_KEY: self._predicted(teacher, paragraphs, seen)})[_KEY]
        pseudo_labelled = list(self._examples(probabilities))
        network = initial_network(setup, paragraphs)
        if setup.start is not None and not articles:
            pseudo_labelled = remembering_salience(network, pseudo_labelled)
        labelled = labelled_examples(setup, network, paragraphs, articles)
        # The folders' names are those of older runs, which go on after an update.
        for part, examples, stage in (("lesson", pseudo_labelled, stages), ("student", labelled, stages.labelled)):
            folder = setup.work / f"{name}-{part}-{self.number}"
            finetune(network, examples, settled(stage, setup.start), folder, seed=setup.config.seed)
        before, after, share = teacher.state_dict(), network.state_dict(), stages.teacher_share
        network.load_state_dict({key: share * before[key] + (1 - share) * after[key] for key in after})
        return network

    def ngrams(self, name: str, paragraphs: Sequence[LabelledParagraph]) -> NgramModel:
        """The n-grams beside the student called ``name``, which has been trained.

        Those of the last round learn the pseudo-labels of every round, those of earlier rounds people's labels alone.
        """
        last = self.number == self.setup.config.selftraining.rounds
        return trained_ngrams(self.setup, paragraphs, self._pseudo_labels(name) if last else ())

    def _predicted(
        self, teacher: TopicNetwork, paragraphs: Sequence[LabelledParagraph], seen: NDArray[np.bool_]
    ) -> Floats:
        """Calibrated probabilities of the unlabelled paragraphs by ``teacher`` and n-grams, (paragraphs, topics)."""
        config, mine, ngrams = self.setup.config, self.teachers, trained_ngrams(self.setup, paragraphs)
        texts = [paragraph.text for paragraph in self.unlabelled]
        titled = reads_titles(paragraphs, self.setup.start)
        titles = [paragraph.title for paragraph in self.unlabelled] if titled else None
        rules = fit_rules(
            mine.encoder[seen],
            mine.ngrams[seen],
            self.truth[seen],
            exclusive=config.exclusive,
            seed=config.seed,
        )
        encoder = encoder_scores(teacher, self.setup.tokenizer, texts, self.setup.window)
        return rules.confidences(rules.logits({"small": encoder, "ngrams": ngram_scores(ngrams, texts, titles)}))

    def _kept_at(self, name: str) -> Path:
        return self.setup.work / f"{name}-told-{self.number}.npz"

    def _pseudo_labels(self, name: str) -> list[PseudoLabels]:
        """Of this round and those before it, whose students have been trained."""
        earlier = self.before._pseudo_labels(name) if self.before else []
        with np.load(self._kept_at(name)) as found:
            return [*earlier, PseudoLabels(self.unlabelled, found[_KEY])]

    def _examples(self, probabilities: Floats) -> Iterator[Example]:
        for paragraph, each in zip(self.unlabelled, probabilities.astype(np.float32), strict=True):
            (ids,) = tokenize(paragraph.text, self.setup.tokenizer, self.setup.window).windows
            yield Example(ids, each)


def self_train(
    setup: TrainingSetup,
    drawn: Sequence[Sequence[Unlabelled]],
    found: OutOfFold,
    paragraphs: Sequence[LabelledParagraph],
    articles: Sequence[DigestedArticle],
) -> tuple[SelfTrainingRound | None, OutOfFold]:
    """The last round of self-training, and the out-of-fold scores of its students.

    Args:
        setup: of the run.
        drawn: the unlabelled paragraphs of each round; without any, there is no round, and ``found`` stays.
        found: out-of-fold scores of the first teachers.
        paragraphs: labelled by people.
        articles: digested by people.
    """
    truth, last = targets(paragraphs, setup.config.topic_set), None
    for number, unlabelled in enumerate(drawn, 1):
        last = SelfTrainingRound(setup, number, unlabelled, before=last, teachers=found, truth=truth)
        found = last.cross_fit(paragraphs, articles)
    return last, found
