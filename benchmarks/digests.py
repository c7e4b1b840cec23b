"""Faults that an extract can have, counted over articles, for our digests beside lead and TextRank.

    .venv/bin/python -m benchmarks.digests FILES... [--articles 400] [--sentences 3]

The faults are those of Zhang et al. 2023 (arXiv:2209.03549, "Extractive is not faithful"), as far as rules can see
them. The rules here are wider than, and apart from, the one that the digester itself goes by. Each is a suspicion: a
reader would let some of them pass, so only the columns beside each other mean something.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_model.digest.digester import Budget
from baozhai_model.model import Model
from baozhai_model.structure import Span
from baozhai_model.text.sentences import split_sentences
from baozhai_training.data.corpus import Document, read_corpus
from baozhai_training.data.digested import DigestedArticle, textrank_scores

Pick = Callable[[Document, Sequence[Span], int], list[Span]]

_POINTS_BACK = re.compile(
    r"[\s“‘（]*(?:对此|为此|因此|据此|由此|于是|随后|接着|然后|之后|与此同时|同时|此外|另外|其中|其次|再次|最后|另一|前者|后者|双方|两人|两者|"
    r"他们|她们|它们|他|她|它|这|那|该|上述|如此|同样|相反|反之|也就是说|换句话说|例如|比如|所以|而且|并且|不仅如此|正因|[二三四五]是|第[二三四五][，、]|其[二三四])"
)
_NO_POINTER = re.compile(r"[\s“‘（]*(?:其他|此次|他乡|该不该|那曲)")
_TURNS = re.compile(
    r"[\s“‘（]*(?:但|然而|不过|可是|只是|否则|不然|除非|前提是|当然，?也|需要(?:注意|指出|说明)的是|值得注意的是)"
)
_HALF = re.compile(r"[\s“‘（]*(?:但|然而|不过|可是|否则|不然|那么|才能|也才)")
_PAIRS = ("“”", "‘’", "（）", "《》", "【】")


def main(
    files: Annotated[list[Path], typer.Argument(help="JSONL (or .xz) of {title, text}.", exists=True)],
    articles: Annotated[int, typer.Option(min=1, help="Articles, drawn at random.")] = 400,
    sentences: Annotated[int, typer.Option(min=1, help="Sentences of a digest.")] = 3,
    bundle: Annotated[Path, typer.Option(help="Bundle that digests.")] = DEFAULT_BUNDLE,
    seed: int = 1,
) -> None:
    """Count and print."""
    model = Model.load(bundle)
    systems: dict[str, Pick] = {"baozhai": _ours(model), "lead": _lead, "TextRank": _textrank}
    drawn = list(_drawn(files, articles, seed))
    found: dict[str, Counter[str]] = {name: Counter() for name in systems}
    for document in drawn:
        tiles = [tile.stripped(document.text) for tile in split_sentences(document.text)]
        for name, pick in systems.items():
            found[name].update(faults(document.text, tiles, pick(document, tiles, sentences)))
    print(f"{len(drawn)} articles, digests of {sentences} sentences; faults in 100 digests")
    print("| fault | " + " | ".join(systems) + " |")
    print("|---|" + "---|" * len(systems))
    for fault in ("misquoted", "out of order", "broken quotation", "dangling", "half a condition", "turn cut off"):
        print(f"| {fault} | " + " | ".join(f"{100 * found[name][fault] / len(drawn):.1f}" for name in systems) + " |")


def faults(text: str, tiles: Sequence[Span], chosen: Sequence[Span]) -> Iterator[str]:
    """The faults of a digest: ``chosen`` sentences of ``text``, whose sentences are ``tiles``."""
    place = {(tile.start, tile.end): number for number, tile in enumerate(tiles)}
    taken = {place.get((span.start, span.end)) for span in chosen}
    if None in taken:
        yield "misquoted"
    if any(a.end > b.start for a, b in pairwise(chosen)):
        yield "out of order"
    for span in chosen:
        said, number = span.of(text), place.get((span.start, span.end), 0)
        if any(said.count(opening) != said.count(closing) for opening, closing in _PAIRS):
            yield "broken quotation"
        if number and number - 1 not in taken:
            if _HALF.match(said):
                yield "half a condition"
            elif _POINTS_BACK.match(said) and not _NO_POINTER.match(said):
                yield "dangling"
        watcher = tiles[number + 1].of(text) if number + 1 < len(tiles) else ""
        if number + 1 not in taken and _TURNS.match(watcher):
            yield "turn cut off"


def _drawn(files: Sequence[Path], count: int, seed: int) -> Iterator[Document]:
    fit = [d for d in read_corpus(files) if d.title and 400 <= len(d.text) <= 3000]
    for document in random.Random(seed).sample(fit, min(3 * count, len(fit))):
        if len(split_sentences(document.text)) >= 8:
            yield document
            count -= 1
        if not count:
            return


def _ours(model: Model) -> Pick:
    def pick(document: Document, tiles: Sequence[Span], count: int) -> list[Span]:
        digest = model.digest(document.text, Budget(sentences=count), title=document.title)
        return [Span(sentence.start, sentence.end) for sentence in digest.sentences]

    return pick


def _lead(document: Document, tiles: Sequence[Span], count: int) -> list[Span]:
    return list(tiles[:count])


def _textrank(document: Document, tiles: Sequence[Span], count: int) -> list[Span]:
    scores = textrank_scores(DigestedArticle(None, document.text, tuple(tiles), frozenset()), position=False)
    return [tiles[i] for i in sorted(np.argsort(-scores, kind="stable")[:count])]


if __name__ == "__main__":
    typer.run(main)
