"""Say what texts are about: stage after stage, each text only as far as a decision is in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from baozhai_model.bundle import Bundle
from baozhai_model.encoder.encoder import Encode, WindowOutput
from baozhai_model.errors import TextFailed
from baozhai_model.results import Coverage, Prediction
from baozhai_model.stages import STAGES, Stage
from baozhai_model.text.tokens import TokenizedText
from baozhai_model.text.words import NO_WORD, has_word

Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Reading:
    """A text on its way through the stages; scores have the shape (windows, topics)."""

    text: TokenizedText
    title: str | None
    scores: dict[str, Floats] = field(default_factory=dict)
    answer: Prediction | TextFailed | None = None


class Cascade:
    """Asks the stages of a bundle. The same text has the same answer whatever it is asked together with."""

    def __init__(self, bundle: Bundle, stages: int = len(STAGES)) -> None:
        """Ask no stage beyond number ``stages``; the first that there is answers in any case."""
        self._topics = bundle.manifest.topics
        self._bundle = bundle
        every = bundle.manifest.stages
        self._stages = tuple(stage for stage in every if stage.number <= stages) or every[:1]

    @property
    def last(self) -> int:
        """The number of the last stage that is asked."""
        return self._stages[-1].number

    def predict(
        self,
        texts: Sequence[TokenizedText],
        titles: Sequence[str | None],
        encoders: Mapping[str, Encode],
        stage: int | None = None,
    ) -> list[Prediction | TextFailed]:
        """The predictions for ``texts``, in order; of a text that an encoder fails on, that.

        A text of several windows is about what any of them is about: each topic takes its highest window. One without
        a word, such as a row of numbers, is about nothing, whatever its title says, unless topics exclude each other.

        Args:
            texts: in windows of the small encoder.
            titles: of their articles, one each.
            encoders: what encodes windows, by stage.
            stage: the number of the stage that is to answer for all of them; None to stop where it is certain.
        """
        readings = [_Reading(text, title) for text, title in zip(texts, titles, strict=True)]
        for reading in readings:
            # Where topics exclude each other, every text is given exactly one: none is no answer there.
            if not self._bundle.manifest.exclusive and not has_word(reading.text.text):
                reading.answer = self._nothing(reading.text)
        for each in self._stages:
            last = each is self._stages[-1] or each.number == stage
            if stage is not None and not last:
                continue
            waiting = [reading for reading in readings if reading.answer is None]
            for name in each.scores:
                self._score(name, [reading for reading in waiting if name not in reading.scores], encoders)
            for reading in waiting:
                if reading.answer is None:
                    reading.answer = self._answer(reading, each, last)
            if last:
                break
        return [reading.answer for reading in readings if reading.answer is not None]

    def _answer(self, reading: _Reading, stage: Stage, last: bool) -> Prediction | None:
        """What ``stage`` says, unless it is in doubt and not the last."""
        rules = stage.rules(reading.title is not None)
        logits = rules.logits(reading.scores).max(axis=0)
        if not (last or rules.certain(logits)):
            return None
        given, confidences = rules.given(logits), rules.confidences(logits)
        return Prediction(
            topics=tuple(topic for topic, above in zip(self._topics, given, strict=True) if above),
            confidences=dict(zip(self._topics, confidences.tolist(), strict=True)),
            uncertain=bool(rules.uncertain(logits)),
            coverage=_coverage(reading.text),
            stage=stage.number,
        )

    def _nothing(self, text: TokenizedText) -> Prediction:
        none = dict.fromkeys(self._topics, 0.0)
        first = self._stages[0].number
        return Prediction((), none, uncertain=True, coverage=_coverage(text), stage=first, reason=NO_WORD)

    def _score(self, name: str, readings: Sequence[_Reading], encoders: Mapping[str, Encode]) -> None:
        """Let one model score what it has not scored yet."""
        if name == "ngrams":
            score = self._bundle.ngrams.logits
            for reading in readings:
                texts = [span.of(reading.text.text) for span in reading.text.window_spans]
                reading.scores[name] = np.stack([score(text, reading.title) for text in texts]).astype(np.float64)
            return
        windows = [self._windows(name, reading) for reading in readings]  # of each text, span and window
        flat = [window for spans in windows for span in spans for window in span]
        outputs = iter(encoders[name](flat, states=False) if flat else ())
        for reading, spans in zip(readings, windows, strict=True):
            found = [[next(outputs) for _ in span] for span in spans]
            failed = [output for span in found for output in span if isinstance(output, TextFailed)]
            if failed:
                reading.answer = failed[0]
                continue
            reading.scores[name] = np.stack([_highest(span) for span in found])

    def _windows(self, name: str, reading: _Reading) -> list[list[list[int]]]:
        """The windows that the encoder called ``name`` reads of each window span."""
        text = reading.text
        if name == "small":
            return [[window] for window in text.windows]
        large = self._bundle.large
        assert large is not None, "a bundle whose stages were loaded up to the last that is asked"
        return [large.reader.pairs(span.of(text.text), reading.title) for span in text.window_spans]


def _highest(outputs: Sequence[WindowOutput | TextFailed]) -> Floats:
    """The highest logit of each topic, shape (topics,)."""
    logits = [output.topic_logits for output in outputs if isinstance(output, WindowOutput)]
    highest: Floats = np.max(logits, axis=0).astype(np.float64)
    return highest


def _coverage(text: TokenizedText) -> Coverage:
    return Coverage(text.characters, text.read, len(text.windows))
