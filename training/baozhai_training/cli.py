"""``baozhai-train``: from text and labels to a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.topics import TopicSet

from baozhai_training.config import RunConfig

app = typer.Typer(help="Train, measure and export baozhai models.", no_args_is_help=True, add_completion=False)

Config = Annotated[Path, typer.Argument(help="Recipe, such as configs/default.toml.", exists=True, dir_okay=False)]
Corpus = Annotated[Path, typer.Option(help="Folder of *.jsonl or *.jsonl.xz with {date, title, text}.")]
Work = Annotated[Path, typer.Option(help="Folder for checkpoints and results; a killed run goes on from there.")]


@app.command()
def pretrain(config: Config, corpus: Corpus, work: Work) -> None:
    """Learn a vocabulary and pre-train an encoder from unlabelled text."""
    from baozhai_training.base import build_base

    typer.echo(build_base(RunConfig.read(config), corpus, work))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Labels: CSV, JSONL, Parquet or Excel.", exists=True, dir_okay=False)],
    config: Annotated[Path | None, typer.Option(help="Recipe whose topics count; the shipped model's if none.")] = None,
    test: Annotated[Path | None, typer.Option(help="Locked test labels that must not be in FILE.", exists=True)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Tell what is wrong with a file of labels, row by row. Exit status 1: some rows are not learnt from."""
    from baozhai_training.checking import check_labels
    from baozhai_training.labelled import read_labels

    topics = _topics(config)
    report = check_labels(read_labels(file, topics), topics, read_labels(test, topics) if test else None)
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        for line in report.lines():
            typer.echo(line)
    if report.reading.rejected or report.reading.conflicts or report.leaks:
        raise typer.Exit(1)


@app.command()
def run(
    config: Config,
    labels: Annotated[Path, typer.Option("--data", "--labels", help="Labels; see `check`.", exists=True)],
    out: Annotated[Path, typer.Option(help="Folder to write the bundle to; must not exist.")],
    work: Work,
    base: Annotated[str, typer.Option(help="Pre-trained encoder: a folder or a hub id; default: WORK/base.")] = "",
    digests: Annotated[Path | None, typer.Option(help="JSONL of digested articles.", exists=True)] = None,
) -> None:
    """Train on labelled paragraphs, measure against the floors, and write a bundle with its model card."""
    from baozhai_training.recipe import run as run_recipe

    report = run_recipe(RunConfig.read(config), labels, digests, base or str(work / "base"), work, out)
    typer.echo((report.bundle / "MODEL_CARD.md").read_text(encoding="utf-8"))


def _topics(config: Path | None) -> TopicSet:
    return RunConfig.read(config).topic_set if config else read_manifest(DEFAULT_BUNDLE).topics


if __name__ == "__main__":
    app()
