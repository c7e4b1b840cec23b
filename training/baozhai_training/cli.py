"""``baozhai-train``: from text and labels to a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
def run(
    config: Config,
    labels: Annotated[Path, typer.Option(help="JSONL of {text, topics, title?}; [] is none.", exists=True)],
    out: Annotated[Path, typer.Option(help="Folder to write the bundle to; must not exist.")],
    work: Work,
    base: Annotated[str, typer.Option(help="Pre-trained encoder: a folder or a hub id; default: WORK/base.")] = "",
    digests: Annotated[Path | None, typer.Option(help="JSONL of digested articles.", exists=True)] = None,
) -> None:
    """Train on labelled paragraphs, measure against the floors, and write a bundle with its model card."""
    from baozhai_training.recipe import run as run_recipe

    report = run_recipe(RunConfig.read(config), labels, digests, base or str(work / "base"), work, out)
    typer.echo((report.bundle / "MODEL_CARD.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    app()
