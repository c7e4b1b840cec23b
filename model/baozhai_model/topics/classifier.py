"""Say what texts are about: tokenize, encode, calibrate, and name topics or none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baozhai_model.bundle import Bundle
from baozhai_model.encoder.encoder import WindowOutput
from baozhai_model.results import Coverage, Prediction
from baozhai_model.text.tokens import TokenizedText
from baozhai_model.text.words import NO_WORD, has_word


class TopicClassifier:
    """Turns the encoder's outputs for a text into a prediction."""

    def __init__(self, bundle: Bundle) -> None:
        self._topics = bundle.manifest.topics
        self._rules = bundle.manifest.rules
        self._ngrams = bundle.ngrams

    def predict(self, text: TokenizedText, outputs: Sequence[WindowOutput], title: str | None = None) -> Prediction:
        """The prediction for ``text`` from the outputs for its windows, in order, and its article's title.

        A text of several windows is about what any of them is about: each topic takes its highest window. One without
        a word, such as a row of numbers, is about nothing, whatever its title says.
        """
        coverage = Coverage(text.characters, text.read, len(text.windows))
        if not has_word(text.text):
            return Prediction((), dict.fromkeys(self._topics, 0.0), uncertain=True, coverage=coverage, reason=NO_WORD)
        logits = np.max(
            [
                self._calibrated(output, span.of(text.text), title)
                for output, span in zip(outputs, text.window_spans, strict=True)
            ],
            axis=0,
        )
        given, confidences = self._rules.given(logits), self._rules.confidences(logits)
        return Prediction(
            topics=tuple(topic for topic, above in zip(self._topics, given, strict=True) if above),
            confidences={topic: float(value) for topic, value in zip(self._topics, confidences, strict=True)},
            uncertain=bool(self._rules.uncertain(logits)),
            coverage=coverage,
        )

    def _calibrated(self, output: WindowOutput, characters: str, title: str | None) -> NDArray[np.float64]:
        encoder = output.topic_logits.astype(np.float64)
        linear = self._ngrams.logits(characters, title).astype(np.float64)
        return self._rules.logits(encoder, linear)
