"""Articles as a salience head reads them: mean states of the sentences' tokens and of the title's, and places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from baozhai_model.digest.salience import paragraphs_of
from baozhai_model.encoder.reader import TITLE_TOKENS
from baozhai_model.encoder.salience_head import places_of
from baozhai_model.text.simplified import simplified
from baozhai_model.text.windows import cut_windows
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.learners.salience_head import SentenceStates

Encode = Callable[[Sequence[list[int]]], Sequence[NDArray[np.float32]]]
"""The states (tokens, width) of each window of token ids."""


@dataclass(frozen=True)
class ArticleReader:
    """How an encoder reads an article.

    Attributes:
        tokenizer: of the encoder.
        specials: the ids of the token that begins a window, and of the one that ends a text.
        window: most tokens of the text in a window, those two included.
        by_paragraph: whether each line is read alone.
        under_title: whether every window begins with the title, as a text of its own.
    """

    tokenizer: Tokenizer
    specials: tuple[int, int]
    window: int
    by_paragraph: bool
    under_title: bool = False

    def read(self, article: DigestedArticle) -> ArticleWindows:
        """The windows of ``article``, and what its reader kept."""
        text = simplified(article.text)
        starts = np.array([0, *(sentence.start for sentence in article.sentences[1:])])
        title = self.tokenizer.encode(simplified(article.title or ""), add_special_tokens=False).ids[:TITLE_TOKENS]
        before = [*title, self.specials[1]] if title and self.under_title else []
        windows, sentences, lines, offset = [], [], [], 0
        for number, line in enumerate(text.split("\n") if self.by_paragraph else [text]):
            for ids, places in self._windows(line, starts - offset):
                windows.append([self.specials[0], *before, *ids, self.specials[1]])
                sentences.append(places)
                lines.append(number)
            offset += len(line) + 1
        paragraph, place = paragraphs_of(text, article.tiles)
        lengths = np.array([len(tile.stripped(text)) for tile in article.tiles])
        about = [self.specials[0], *title, self.specials[1]] if title else []
        return ArticleWindows(windows, sentences, lines, about, places_of(paragraph, place, lengths), article.chosen)

    def _windows(self, line: str, starts: NDArray[np.int64]) -> list[tuple[list[int], NDArray[np.int64]]]:
        """The token ids of each window of ``line`` and the sentence of every token; ``starts`` are those of sentences.

        A window ends where a sentence does, unless that alone is longer.
        """
        encoding = self.tokenizer.encode(line, add_special_tokens=False)
        if not encoding.ids:
            return []
        places = np.searchsorted(starts, [start for start, _ in encoding.offsets], "right") - 1
        firsts = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist()]
        parts = cut_windows(firsts, len(places), self.window - 2)
        return [(encoding.ids[part.start : part.stop], places[part.start : part.stop]) for part in parts]


@dataclass(frozen=True)
class ArticleWindows:
    """An article as an encoder reads it.

    Attributes:
        windows: token ids.
        sentences: of each window the number of the sentence of every token of the text, which stand before the last
            special one.
        lines: of each window the number of its line, where lines are read alone.
        title: the window of the title alone; empty without a title.
        place: (sentences, PLACE); see `baozhai_model.digest.salience`.
        kept: (sentences,), whether the reader kept each.
    """

    windows: list[list[int]]
    sentences: list[NDArray[np.int64]]
    lines: list[int]
    title: list[int]
    place: NDArray[np.float32]
    kept: NDArray[np.bool_]

    def states(self, encode: Encode) -> SentenceStates:
        """What a salience head reads, with the encoder ``encode``."""
        outputs = encode([*self.windows, *([self.title] if self.title else [])])
        width = outputs[0].shape[1]
        sums, counts = np.zeros((len(self.place), width), np.float32), np.zeros((len(self.place), 1), np.float32)
        for states, places in zip(outputs, self.sentences, strict=False):
            np.add.at(sums, places, states[-1 - len(places) : -1])
            np.add.at(counts, places, 1.0)
        about = outputs[-1][1:-1].mean(axis=0) if self.title else np.zeros(width, np.float32)
        means = (sums / np.maximum(counts, 1.0)).astype(np.float32)
        return SentenceStates(means, about, self.place, self.kept)
