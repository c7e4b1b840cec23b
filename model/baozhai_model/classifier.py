"""Say what texts are about: tokenize, encode, calibrate, and name topics or none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baozhai_model.bundle import Bundle
from baozhai_model.encoder import WindowOutput
from baozhai_model.results import Coverage, Prediction
from baozhai_model.tokens import TokenizedText


class TopicClassifier:
    """Turns the encoder's outputs for a text into a prediction."""

    def __init__(self, bundle: Bundle) -> None:
        self._topics = bundle.manifest.topics
        self._ngrams = bundle.ngrams
        rules = bundle.manifest.rules
        self._encoder_weight = np.array([rule.encoder_weight for rule in rules])
        self._ngram_weight = np.array([rule.ngram_weight for rule in rules])
        self._bias = np.array([rule.bias for rule in rules])
        self._threshold = logit(np.array([rule.threshold for rule in rules]))
        self._margin = np.array([rule.margin for rule in rules])

    def predict(self, text: TokenizedText, outputs: Sequence[WindowOutput], title: str | None = None) -> Prediction:
        """The prediction for ``text`` from the outputs for its windows, in order, and its article's title.

        A text of several windows is about what any of them is about: each topic takes its highest window.
        """
        logits = np.max(
            [
                self._calibrated(output, span.of(text.text), title)
                for output, span in zip(outputs, text.window_spans, strict=True)
            ],
            axis=0,
        )
        confidences = sigmoid(logits)
        distance = logits - self._threshold
        return Prediction(
            topics=tuple(topic for topic, above in zip(self._topics, distance >= 0, strict=True) if above),
            confidences={topic: float(value) for topic, value in zip(self._topics, confidences, strict=True)},
            uncertain=bool(np.any(np.abs(distance) < self._margin)),
            coverage=Coverage(len(text.text), sum(map(len, text.window_spans)), len(text.windows)),
        )

    def _calibrated(self, output: WindowOutput, characters: str, title: str | None) -> NDArray[np.float64]:
        encoder = output.topic_logits.astype(np.float64)
        linear = self._ngrams.logits(characters, title).astype(np.float64)
        calibrated: NDArray[np.float64] = self._encoder_weight * encoder + self._ngram_weight * linear + self._bias
        return calibrated


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function, without overflow for any finite logit."""
    decay = np.exp(-np.abs(logits))
    values: NDArray[np.float64] = np.where(logits >= 0, 1.0, decay) / (1.0 + decay)
    return values


def logit(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of `sigmoid`, for confidences strictly between 0 and 1."""
    values: NDArray[np.float64] = np.log(confidences) - np.log1p(-confidences)
    return values
