"""Unlabelled paragraphs for self-training: drawn from every source, and from no article with labels."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from baozhai_model.text.sentences import split_sentences
from baozhai_model.text.tokens import tokenize
from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import Document, corpus_files, read_corpus
from baozhai_training.data.labels import LabelledParagraph, same_text

_CHARACTERS = (30, 400)  # of an unlabelled paragraph; a longer one is taken in parts
_PART = 300
_TELLING = 15  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """An unlabelled paragraph, and the title of its article."""

    text: str
    title: str | None


def draw(
    documents: Iterable[Document],
    count: int,
    unlike: Sequence[LabelledParagraph | Unlabelled],
    fits: Callable[[str], bool],
    *,
    rounds: int,
    seed: int,
) -> list[list[Unlabelled]]:
    """For each round about ``count`` paragraphs of ``documents``, unrelated to those of ``unlike``.

    None is from an article with the title of one of those, or has a sentence in common with one; none is drawn twice.
    A source has a share that goes with the square root of its size, so that the large ones do not drown the small; one
    that cannot fill it leaves the draw smaller.

    Args:
        documents: unlabelled text.
        count: of paragraphs a round.
        unlike: labelled paragraphs, and what was drawn before.
        fits: whether the encoder reads a text in one window.
        rounds: of drawing. How many there are does not change what the first ones draw.
        seed: of the draw.
    """
    titles = {paragraph.title for paragraph in unlike} - {None}
    known = {sentence for paragraph in unlike for sentence in _sentences(paragraph.text)}
    pools: dict[str, dict[str, str | None]] = defaultdict(dict)
    for document in documents:
        if document.title not in titles:
            for text in (part for paragraph in document.paragraphs for part in _parts(paragraph)):
                if _CHARACTERS[0] <= len(text) <= _CHARACTERS[1]:
                    pools[document.source].setdefault(text, document.title)
    whole = sum(len(pool) ** 0.5 for pool in pools.values())
    random = np.random.default_rng(seed)
    drawn: list[list[Unlabelled]] = [[] for _ in range(rounds)]
    for _, pool in sorted(pools.items()):
        texts = list(pool)
        shuffled = (texts[i] for i in random.permutation(len(texts)))
        fit = (text for text in shuffled if known.isdisjoint(_sentences(text)) and fits(text))
        share = round(count * len(texts) ** 0.5 / whole)
        for mine in drawn:
            mine += [Unlabelled(text, pool[text]) for text in islice(fit, share)]
    return drawn


def draw_rounds(
    config: RunConfig, corpus: Path | None, tokenizer: Tokenizer, paragraphs: Sequence[LabelledParagraph]
) -> list[list[Unlabelled]]:
    """`draw` for each round of self-training in ``config``, from the files of ``corpus``.

    Raises:
        ValueError: the recipe has self-training, and there is no corpus, or too little in it.
        FileNotFoundError: the corpus has no file.
    """
    stage, window = config.selftraining, config.encoder.window
    if not stage.paragraphs:
        return []
    if corpus is None:
        raise ValueError(f"the recipe has self-training on {stage.paragraphs} unlabelled paragraphs: give --corpus")

    def fits(text: str) -> bool:
        return len(tokenize(text, tokenizer, window).windows) == 1

    documents = read_corpus(corpus_files(corpus))
    rounds = draw(documents, stage.paragraphs, paragraphs, fits, rounds=stage.rounds, seed=config.seed)
    for number, drawn in enumerate(rounds, 1):
        if not drawn:
            raise ValueError(f"{corpus} has no paragraph left for round {number} of self-training that fits a window")
    return rounds


def fingerprint(unlabelled: Sequence[Unlabelled]) -> str:
    """A SHA-256 of the paragraphs and their titles."""
    rows = [f"{paragraph.text}\x00{paragraph.title or ''}" for paragraph in unlabelled]
    return hashlib.sha256("\x01".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def _sentences(text: str) -> list[str]:
    """The paragraph, and its sentences that are long enough to identify it."""
    spans = [span.of(text) for span in split_sentences(text)]
    return [same_text(sentence) for sentence in (text, *spans) if len(sentence) >= _TELLING]


def _parts(paragraph: str) -> Iterator[str]:
    """``paragraph``, or, if it is long, its sentences in runs of about `_PART` characters."""
    if len(paragraph) <= _CHARACTERS[1]:
        yield paragraph
        return
    run = ""
    for span in split_sentences(paragraph):
        run += span.of(paragraph)
        if len(run) >= _PART:
            yield run.strip()
            run = ""
    yield run.strip()
