"""Digested articles as a salience head reads them: states of sentences and title, places, and all other signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from baozhai_model.digest.salience import centred, paragraphs_of, plain_signals
from baozhai_model.encoder.reader import TITLE_TOKENS
from baozhai_model.encoder.salience_head import places_of
from baozhai_model.text.simplified import simplified
from baozhai_model.text.windows import cut_windows
from baozhai_model.topics.ngrams import NgramModel
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.learners.examples import tokenized_article
from baozhai_training.learners.salience_head import SentenceStates

Encode = Callable[[Sequence[list[int]]], Sequence[NDArray[np.float32]]]
"""The states (tokens, width) of each window of token ids."""


def states_of(
    article: DigestedArticle,
    tokenizer: Tokenizer,
    specials: tuple[int, int],
    window: int,
    encode: Encode,
    ngrams: NgramModel,
) -> SentenceStates:
    """``article`` read with an encoder, each line alone, and its title alone.

    Args:
        article: with the sentences that its reader was shown.
        tokenizer: of the encoder.
        specials: the ids of its first and its last token.
        window: most tokens of a window, those two included.
        encode: the encoder.
        ngrams: whose weights of n-grams measure how sentences overlap.
    """
    text = simplified(article.text)
    starts = np.array([0, *(sentence.start for sentence in article.sentences[1:])])
    windows, sentences = _windows(text, starts, tokenizer, specials, window)
    title = tokenizer.encode(simplified(article.title or ""), add_special_tokens=False).ids[:TITLE_TOKENS]
    if title:
        windows.append([specials[0], *title, specials[1]])
    outputs = encode(windows)
    width = outputs[0].shape[1]
    sums, counts = np.zeros((len(starts), width), np.float32), np.zeros((len(starts), 1), np.float32)
    for states, places in zip(outputs, sentences, strict=False):
        np.add.at(sums, places, states[1:-1])
        np.add.at(counts, places, 1.0)
    about = outputs[-1][1:-1].mean(axis=0) if title else np.zeros(width, np.float32)
    paragraph, place = paragraphs_of(text, article.tiles)
    lengths = np.array([len(tile.stripped(text)) for tile in article.tiles])
    means = (sums / np.maximum(counts, 1.0)).astype(np.float32)
    signals = plain_signals(tokenized_article(article, tokenizer, window), centred(means), ngrams, article.title)
    return SentenceStates(means, about, places_of(paragraph, place, lengths), signals, article.chosen)


def _windows(
    text: str,
    starts: NDArray[np.int64],
    tokenizer: Tokenizer,
    specials: tuple[int, int],
    window: int,
) -> tuple[list[list[int]], list[NDArray[np.int64]]]:
    """Windows of token ids, and for each the sentence of every token between its special ones."""
    windows, sentences, offset = [], [], 0
    for line in text.split("\n"):
        encoding = tokenizer.encode(line, add_special_tokens=False)
        if encoding.ids:
            places = np.searchsorted(starts, [offset + start for start, _ in encoding.offsets], "right") - 1
            firsts = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist()]
            for part in cut_windows(firsts, len(places), window - 2):
                windows.append([specials[0], *encoding.ids[part.start : part.stop], specials[1]])
                sentences.append(places[part.start : part.stop])
        offset += len(line) + 1
    return windows, sentences
