"""Choose the sentences that stand for an article: verbatim, in source order, within budget, none that dangles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from baozhai_model.bundle import Bundle
from baozhai_model.digest.dependencies import Dependencies, closure, dependencies
from baozhai_model.digest.salience import SIGNALS, headed_signals, sentence_signals
from baozhai_model.encoder.encoder import WindowOutput
from baozhai_model.errors import InvalidBudget
from baozhai_model.results import Coverage, Digest, DigestSentence
from baozhai_model.structure import Span
from baozhai_model.text.cleaning import CleanText, clean
from baozhai_model.text.tokens import TokenizedText
from baozhai_model.topics.calibration import sigmoid
from baozhai_model.topics.ngrams import hashed_ngrams

DEFAULT_SENTENCES = 3
REDUNDANT = 0.6  # share of a sentence's character n-grams that the digest already has


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a digest may hold: sentences or characters, not both; by default `DEFAULT_SENTENCES`.

    Raises:
        InvalidBudget: both are given, or less than 1 of one.
    """

    sentences: int | None = None
    characters: int | None = None

    def __post_init__(self) -> None:
        if self.sentences is not None and self.characters is not None:
            raise InvalidBudget("give max_sentences or max_characters, not both")
        for name, value in (("max_sentences", self.sentences), ("max_characters", self.characters)):
            if value is not None and value < 1:
                raise InvalidBudget(f"{name} is {value}; it must be at least 1")

    def admits(self, spans: Sequence[Span]) -> bool:
        """Whether a digest of ``spans`` keeps within it."""
        if self.characters is not None:
            return sum(map(len, spans)) <= self.characters
        return len(spans) <= (self.sentences or DEFAULT_SENTENCES)


class Digester:
    """Turns one encoder's outputs for an article into a digest."""

    def __init__(self, bundle: Bundle, encoder: Literal["small", "large"] = "small") -> None:
        """Digest as the manifest says for ``encoder``.

        Raises:
            KeyError: the bundle takes no digests with it.
        """
        spec = bundle.manifest.digests[encoder]
        self._bias = spec.weights["bias"]
        self._weights = np.array([spec.weights.get(name, 0.0) for name in SIGNALS])  # bundles of before know fewer
        self._ngrams = bundle.ngrams
        self._head = bundle.heads.get(encoder)
        self.by_paragraph = spec.reads == "paragraphs"
        self._reader = bundle.large.reader if encoder == "large" and bundle.large else bundle.reader

    def tokenize(self, text: str | CleanText) -> TokenizedText:
        """An article as this encoder reads it: as a whole, or each paragraph alone.

        Raises:
            EmptyText: the tokenizer finds nothing to read in it.
        """
        return self._reader.paragraphs(text) if self.by_paragraph else self._reader.text(text)

    def windows(self, text: TokenizedText, title: str | None) -> list[list[int]]:
        """What is to be encoded: the windows of ``text`` and, where the title is looked at, that of ``title`` last."""
        about = self._title_window(title)
        return [*text.windows, *([about] if about else [])]

    def salience(
        self, text: TokenizedText, outputs: Sequence[WindowOutput], title: str | None = None
    ) -> NDArray[np.float64]:
        """Each sentence's probability of being one that a careful reader would keep, shape (sentences,).

        ``outputs`` are the encoder's for `windows`, in order.
        """
        plain = clean(title).text if title else None
        if self._head is None:
            signals = sentence_signals(text, outputs, self._ngrams, plain)
        else:
            *_, last = outputs
            about = last if self._title_window(title) else None
            signals = headed_signals(text, outputs, about, self._head, self._ngrams, plain)
        return sigmoid(signals @ self._weights + self._bias)

    def digest(
        self,
        text: TokenizedText,
        salience: NDArray[np.float64],
        budget: Budget,
        *,
        relevance: NDArray[np.float64] | None = None,
    ) -> Digest:
        """Extract a digest of ``text``; see `digests`."""
        return self.digests(text, salience, [budget], relevance=relevance)[0]

    def digests(
        self,
        text: TokenizedText,
        salience: NDArray[np.float64],
        budgets: Sequence[Budget],
        *,
        relevance: NDArray[np.float64] | None = None,
    ) -> list[Digest]:
        """Extract a digest of ``text`` for each of ``budgets``.

        Args:
            text: the article, paragraphs separated by newlines.
            salience: (sentences,), of its sentences.
            budgets: nothing is chosen that would exceed one, so the digest of one long sentence may be empty.
            relevance: (sentences,), how much each is about what the digest is wanted for; one with 0 is taken only with
                another that cannot be understood without it. None for all alike.
        """
        spans = [span.stripped(text.text) for span in text.sentences]
        rank = salience if relevance is None else salience * relevance
        needs = dependencies(text.text, spans)

        @cache
        def grams(index: int) -> frozenset[int]:
            return frozenset(hashed_ngrams(spans[index].of(text.text), self._ngrams.bits)[0].tolist())

        def one(budget: Budget) -> Digest:
            chosen = _select(spans, rank, needs, grams, budget)
            quoted = [(text.in_source(spans[i]), float(salience[i])) for i in chosen]
            source = text.clean.source
            return Digest(
                sentences=tuple(DigestSentence(span.start, span.end, span.of(source), value) for span, value in quoted),
                coverage=Coverage(text.characters, text.read, len(text.windows)),
            )

        return [one(budget) for budget in budgets]

    def _title_window(self, title: str | None) -> list[int] | None:
        return self._reader.title(clean(title).text) if title and self._head is not None else None


def _select(
    spans: Sequence[Span],
    rank: NDArray[np.float64],
    needs: Dependencies,
    grams: Callable[[int], frozenset[int]],
    budget: Budget,
) -> list[int]:
    """The best sentences first; one brings those that it needs, or stays out.

    Args:
        spans: of the sentences; those that are empty stay out.
        rank: (sentences,); none with 0 or less is chosen for its own sake.
        needs: which others each cannot be understood without.
        grams: the hashed character n-grams of a sentence.
        budget: of the digest.
    """
    chosen: set[int] = set()
    known: set[int] = set()
    for index in sorted(range(len(spans)), key=lambda i: (-rank[i], i)):
        if rank[index] <= 0:
            break
        group = closure(index, needs)
        if index in chosen or group is None or not all(spans[i] for i in group):
            continue
        added = [i for i in group if i not in chosen]
        if not budget.admits([spans[i] for i in sorted(chosen | set(added))]):
            continue
        if len(grams(index) & known) > REDUNDANT * len(grams(index)):
            continue
        chosen.update(added)
        known.update(*map(grams, added))
    return sorted(chosen)
