"""Other label sets through the same recipe: does it beat n-grams there too?

    .venv/bin/python -m benchmarks.labelsets CORPUS --work DIR [--only laws] [--rows 1500]

Labels are made from what the corpus says of itself, so that anyone can make them again: which collection a paragraph
is from, in which years a headline was printed, which law an article belongs to, which collection a whole document is
from. Every text has exactly one topic, and all are measured by the likeliest (`exclusive`). Each is trained from the
shipped bundle's encoder with fresh heads (`--quick --reset-topics`) and measured in the same folds as the floors.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from baozhai_training.config import RunConfig, TopicConfig
from baozhai_training.data.corpus import Document, corpus_files, read_corpus
from baozhai_training.recipe.retraining import Retraining


@dataclass(frozen=True)
class Row:
    """One labelled text."""

    text: str
    topic: str


Maker = Callable[[list[Document], int, random.Random], list[Row]]


def main(
    corpus: Annotated[Path, typer.Argument(help="Folder of *.jsonl or *.jsonl.xz.", exists=True)],
    work: Annotated[Path, typer.Option(help="Folder for what is trained.")],
    only: Annotated[list[str] | None, typer.Option(help="Label sets; all if none.")] = None,
    rows: Annotated[int, typer.Option(min=100, help="Most rows of a label set.")] = 1500,
    seed: int = 1,
) -> None:
    """Train every label set and print the table."""
    documents = list(read_corpus(corpus_files(corpus)))
    print("| label set | topics | rows | characters | **macro-F1** | encoder | n-grams | SVM | bag |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for name in only or MAKERS:
        made = MAKERS[name](documents, rows, random.Random(seed))
        print(f"| {name} | {_trained(made, work / name)} |", flush=True)


def sources(documents: list[Document], rows: int, chance: random.Random) -> list[Row]:
    """A paragraph of each document; the topic is the collection."""
    found = [
        Row(paragraph, document.source)
        for document in documents
        if document.source != "headlines"
        for paragraph in chance.sample(document.paragraphs, min(1, len(document.paragraphs)))
        if 40 <= len(paragraph) <= 400
    ]
    return _even(found, rows, chance)


def whole_documents(documents: list[Document], rows: int, chance: random.Random) -> list[Row]:
    """Documents of several windows; the topic is the collection."""
    found = [
        Row(document.text, document.source)
        for document in documents
        if document.source != "headlines" and 600 <= len(document.text) <= 2000
    ]
    return _even(found, rows // 3, chance)


def years(documents: list[Document], rows: int, chance: random.Random) -> list[Row]:
    """Headlines of a few characters; the topic is a stretch of years."""
    found = []
    for document in documents:
        if document.source == "headlines" and document.date and "2008" <= document.date[:4] < "2023":
            first = 2008 + 5 * ((int(document.date[:4]) - 2008) // 5)
            lines = [line for line in document.paragraphs if 8 <= len(line) <= 40]
            found += [Row(line, f"{first} to {first + 4}") for line in chance.sample(lines, len(lines))[:1]]
    return _even(found, rows, chance)


def laws(documents: list[Document], rows: int, chance: random.Random) -> list[Row]:
    """Articles of laws; the topic is the law, and there are a hundred."""
    texts: dict[str, list[str]] = {}
    for document in documents:
        if document.source == "laws" and document.title:
            texts.setdefault(document.title, []).extend(p for p in document.paragraphs if 30 <= len(p) <= 300)
    many = sorted((title for title, paragraphs in texts.items() if len(paragraphs) >= 30), key=lambda t: -len(texts[t]))
    return [
        Row(paragraph, title)
        for title in many[:100]
        for paragraph in chance.sample(texts[title], max(30, min(len(texts[title]), rows // 50)))
    ]


MAKERS: dict[str, Maker] = {"sources": sources, "documents": whole_documents, "years": years, "laws": laws}


def _even(found: Iterable[Row], rows: int, chance: random.Random) -> list[Row]:
    """About as many rows of every topic."""
    shuffled = list(found)
    chance.shuffle(shuffled)
    names = sorted({row.topic for row in shuffled})
    taken = [row for name in names for row in islice((r for r in shuffled if r.topic == name), rows // len(names))]
    enough = Counter(row.topic for row in taken)
    return [row for row in taken if enough[row.topic] >= 25]


def _trained(made: list[Row], work: Path) -> str:
    names = sorted({row.topic for row in made})
    ids = {name: f"t{number}" for number, name in enumerate(names)}
    work.mkdir(parents=True, exist_ok=True)
    labels = work / "labels.jsonl"
    labels.write_text("".join(_lines(made, ids)), encoding="utf-8")
    config = RunConfig(
        topics=tuple(TopicConfig(id=ids[name], zh=name) for name in names),
        exclusive=True,
        finetuning={"learning_rate": 4e-4},  # type: ignore[arg-type]  # pydantic reads it
    )
    topics = Retraining(labels, work / "run", config, reset_topics=True, quick=True, hold_out=0.0).run().topics
    length = sum(len(row.text) for row in made) / len(made)
    figures = [topics.macro(column) for column in ("f1", "encoder_f1", "ngram_f1", "linear_f1", "bag_f1")]
    return " | ".join([str(len(names)), str(len(made)), f"{length:.0f}", *(f"{figure:.3f}" for figure in figures)])


def _lines(made: list[Row], ids: dict[str, str]) -> Iterator[str]:
    for row in made:
        yield json.dumps({"text": row.text, "topics": [ids[row.topic]]}, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    typer.run(main)
