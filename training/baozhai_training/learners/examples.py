"""Labelled paragraphs and digested articles as the network reads them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from baozhai_model.structure import Span
from baozhai_model.text.tokens import TokenizedText, tokenize
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.learners.finetuning import UNKNOWN, Example


def topic_examples(
    paragraphs: Sequence[LabelledParagraph], topics: TopicSet, tokenizer: Tokenizer, window: int
) -> list[Example]:
    """One example a paragraph: its first window, which is all of it but for one in a hundred."""
    return [
        Example(
            ids=tokenize(paragraph.text, tokenizer, window).windows[0],
            topics=np.array([topic in paragraph.topics for topic in topics], dtype=np.float32),
        )
        for paragraph in paragraphs
    ]


def tokenized_article(article: DigestedArticle, tokenizer: Tokenizer, window: int) -> TokenizedText:
    """``article`` with the sentences that its reader was shown; white space between them goes to the one before."""
    starts = [0, *(sentence.start for sentence in article.sentences[1:]), len(article.text)]
    tiles = [Span(start, end) for start, end in pairwise(starts)]
    return tokenize(article.text, tokenizer, window, tiles)


def salience_examples(articles: Sequence[DigestedArticle], tokenizer: Tokenizer, window: int) -> list[Example]:
    """One example a window of an article: tokens of kept sentences are 1, of the others 0."""
    return [
        example
        for article in articles
        for example in windows_of(tokenized_article(article, tokenizer, window), article.chosen.astype(np.float32))
    ]


def windows_of(text: TokenizedText, salience: NDArray[np.float32]) -> list[Example]:
    """One example a window of ``text``; every token takes the ``salience`` (sentences,) of its sentence."""
    known = [np.full(len(ids), UNKNOWN, dtype=np.float32) for ids in text.windows]
    for value, pieces in zip(salience, text.sentence_tokens, strict=True):
        for index, tokens in pieces:
            known[index][tokens.start : tokens.stop] = value
    return [Example(ids, salience=values) for ids, values in zip(text.windows, known, strict=True)]
