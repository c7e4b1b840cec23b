"""Whole unlabelled articles, drawn from every source, and from none that people labelled or digested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from baozhai_model.text.sentences import split_sentences
from baozhai_training.data.corpus import Document
from baozhai_training.data.digested import DigestedArticle
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled, shares, telling_sentences

_CHARACTERS = (250, 3000)  # of an article
_SENTENCES = (6, 48)


def draw_articles(
    documents: Iterable[Document],
    count: int,
    unlike: Sequence[LabelledParagraph | Unlabelled | DigestedArticle],
    *,
    seed: int,
) -> list[DigestedArticle]:
    """About ``count`` articles of ``documents``, nothing kept in them, a paragraph a line; unrelated to ``unlike``.

    Sources have the shares that `draw` gives them, and relatedness is that of `draw`.
    """
    titles = {each.title for each in unlike} - {None}
    known = {sentence for each in unlike for sentence in telling_sentences(each.text)}
    pools: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if document.title not in titles and _CHARACTERS[0] <= len(document.text) <= _CHARACTERS[1]:
            pools[document.source].append(document)
    wanted = shares({source: len(pool) for source, pool in pools.items()}, count)
    random = np.random.default_rng(seed)
    drawn: list[DigestedArticle] = []
    for source, pool in sorted(pools.items()):
        shuffled = (_article(pool[i]) for i in random.permutation(len(pool)))
        fit = (
            article
            for article in shuffled
            if _SENTENCES[0] <= len(article.sentences) <= _SENTENCES[1]
            and known.isdisjoint(telling_sentences(article.text))
        )
        drawn += islice(fit, wanted[source])
    return drawn


def _article(document: Document) -> DigestedArticle:
    text = "\n".join(document.paragraphs)
    spans = [span.stripped(text) for span in split_sentences(text)]
    return DigestedArticle(document.title, text, tuple(span for span in spans if span), frozenset())
