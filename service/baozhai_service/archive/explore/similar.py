"""Paragraphs that say the like of a given one, so that a story can be followed and repeats be found.

No vectors are stored: at 5 million paragraphs they would take more room than the text, and days to compute. Instead
the text index proposes paragraphs that share the given one's rarest runs of characters, and these few are compared
closely: word for word (equal wording), by the cosine of their weighted pairs of characters, and, where a model is at
hand, by the mean of the encoder's states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.search.errors import NotInArchive
from baozhai_service.archive.search.folding import fold
from baozhai_service.archive.search.part import Part
from baozhai_service.archive.search.query import Or, Word

PROPOSED = 100  # paragraphs that are compared closely
ENCODED = 40  # of them, those that the encoder compares
_PROBES = 16  # runs of characters that propose
_RUN = 3  # characters of a probe
_LEAST = 0.15  # similarity below which nothing is said to be alike

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, (texts, width)."""


def similar_paragraphs(
    explorer: Explorer, article: str, paragraph: int, *, most: int = 20, encode: Encode | None = None
) -> dict[str, Any]:
    """The paragraphs that are most like a given one, the most alike first.

    Args:
        explorer: of the archive.
        article: name of the article.
        paragraph: its number in the article.
        most: paragraphs to give.
        encode: the encoder, to put the best by meaning.

    Returns:
        ``similar``: each with its place, an excerpt, ``similarity`` (cosine of weighted character pairs),
        ``meaning`` (cosine of the encoder's states; None without an encoder) and whether it is a ``repeat``.

    Raises:
        NotInArchive: there is no such paragraph.
    """
    part, row = _paragraph(explorer, article, paragraph)
    (text,) = explorer.texts([(part, row)])
    folded = fold(text)
    found = _proposed(explorer, folded, part, row)
    texts = explorer.texts(found)
    weights = _weights([folded, *map(fold, texts)])
    mine = _vector(folded, weights)
    wording = part.paragraphs.wording[row]
    rows = []
    for (other, at), words in zip(found, texts, strict=True):
        rows.append(
            {
                **explorer.place(other, at),
                "text": words[:300],
                "similarity": round(_cosine(mine, _vector(fold(words), weights)), 4),
                "meaning": None,
                "repeat": bool(other.paragraphs.wording[at] == wording),
            }
        )
    rows = [each for each in rows if each["repeat"] or each["similarity"] >= _LEAST]
    rows.sort(key=lambda each: (-each["similarity"], each["date"] or "", each["article"], each["paragraph"]))
    rows = rows[: max(most, ENCODED if encode else 0)]
    if encode is not None and rows:
        vectors = encode([text[:300], *(each["text"] for each in rows)])
        for each, meaning in zip(rows, (vectors[1:] @ vectors[0]).tolist(), strict=True):
            each["meaning"] = round(meaning, 4)
    return {"article": article, "paragraph": paragraph, "text": text[:300], "similar": rows[:most]}


def _paragraph(explorer: Explorer, article: str, paragraph: int) -> tuple[Part, int]:
    part, at = explorer.find_article(article)
    first, count = int(part.articles.first[at]), int(part.articles.paragraphs[at])
    place = np.flatnonzero(part.paragraphs.number[first : first + count] == paragraph)
    if not len(place):
        raise NotInArchive(f"the article {article} has no paragraph {paragraph} that was scored")
    return part, first + int(place[0])


def _proposed(explorer: Explorer, folded: str, part: Part, row: int) -> list[tuple[Part, int]]:
    """Paragraphs with the same wording, and those that share the most of the rarest runs; the given one left out."""
    probes = tuple(map(Word, _probes(folded, part)))
    node = Or(probes) if len(probes) > 1 else next(iter(probes), None)
    wording = part.paragraphs.wording[row]

    def proposed(other: Part) -> list[tuple[float, int]]:
        same = [(-np.inf, int(at)) for at in np.flatnonzero(other.paragraphs.wording == wording)[: PROPOSED + 1]]
        rows, scores = other.best_paragraphs(node, PROPOSED + 1) if node else (np.empty(0), np.empty(0))
        return same + [(-score, int(at)) for at, score in zip(rows.tolist(), scores.tolist(), strict=True)]

    each_part = explorer.index.each_part(proposed)
    scored = sorted((score, number, at) for number, found in enumerate(each_part) for score, at in found)
    chosen: dict[tuple[int, int], None] = {}
    for _, number, at in scored:
        if explorer.index.parts[number] is not part or at != row:
            chosen[number, at] = None
    return [(explorer.index.parts[number], at) for number, at in list(chosen)[:PROPOSED]]


def _probes(folded: str, part: Part) -> list[str]:
    """Runs of letters spread over the text: of each stretch the one with the rarest character, the fastest to find."""
    distinct = list(
        dict.fromkeys(
            folded[at : at + _RUN] for at in range(len(folded) - _RUN + 1) if folded[at : at + _RUN].isalnum()
        )
    )
    rarity = {character: part.rarity(character) for character in set("".join(distinct))}
    edges = np.linspace(0, len(distinct), min(_PROBES, len(distinct)) + 1).astype(int).tolist()
    stretches = [distinct[start:end] for start, end in pairwise(edges)]
    return [min(runs, key=lambda run: min(map(rarity.__getitem__, run))) for runs in stretches]


def _weights(texts: Sequence[str]) -> dict[str, float]:
    """How rare each pair of characters is among ``texts`` (inverse document frequency)."""
    counts = Counter(pair for text in texts for pair in set(_pairs(text)))
    return {pair: log(1 + len(texts) / count) for pair, count in counts.items()}


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1) if text[at : at + 2].isalnum()]


def _vector(text: str, weights: dict[str, float]) -> dict[str, float]:
    counts = Counter(_pairs(text))
    vector = {pair: (1 + log(count)) * weights[pair] for pair, count in counts.items()}
    length = sqrt(sum(value * value for value in vector.values())) or 1.0
    return {pair: value / length for pair, value in vector.items()}


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return min(sum(value * other[pair] for pair, value in one.items() if pair in other), 1.0)
