"""``baozhai-train``: from text and labels to a bundle."""

from __future__ import annotations

import getpass
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.errors import BaozhaiError
from baozhai_model.store import Store, default_home
from baozhai_model.topics import TopicSet
from baozhai_training.config import RunConfig

app = typer.Typer(help="Train, measure and export baozhai models.", no_args_is_help=True, add_completion=False)

Config = Annotated[Path, typer.Argument(help="Recipe, such as configs/default.toml.", exists=True, dir_okay=False)]
Corpus = Annotated[Path, typer.Option(help="Folder of *.jsonl or *.jsonl.xz with {date, title, text}.")]
Work = Annotated[Path, typer.Option(help="Folder for checkpoints and results; a killed run goes on from there.")]
Home = Annotated[Path | None, typer.Option(help="Folder of model versions; $BAOZHAI_HOME.", envvar="BAOZHAI_HOME")]


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
    config: Annotated[
        Path | None, typer.Argument(help="Recipe, such as configs/default.toml; the base's own if none.", exists=True)
    ] = None,
    *,
    labels: Annotated[Path, typer.Option("--data", "--labels", help="Labels; see `check`.", exists=True)],
    work: Work,
    out: Annotated[Path | None, typer.Option(help="Folder of the bundle, which must not exist; WORK/bundle.")] = None,
    base: Annotated[
        str,
        typer.Option(help="Bundle to go on from, or an encoder (folder or hub id): that of WORK, or what is live."),
    ] = "",
    digests: Annotated[Path | None, typer.Option(help="JSONL of digested articles.", exists=True)] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Unlabelled text, for self-training; see `pretrain`.", exists=True)
    ] = None,
    afresh: Annotated[bool, typer.Option("--afresh", help="Take only the encoder from the base.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Two folds and epochs; no curve, no self-training.")] = False,
    hold_out: Annotated[
        float | None, typer.Option(help="Share of articles locked away for the gate (0.2; with a recipe 0).")
    ] = None,
    home: Home = None,
) -> None:
    """Train on labelled paragraphs, measure against the floors, and write a bundle with its model card."""
    from baozhai_training.base import base_folder
    from baozhai_training.retraining import Retraining

    with _reported():
        recipe = RunConfig.read(config) if config else None
        own = base_folder(recipe, work) if recipe else None
        retraining = Retraining(
            data=labels,
            work=work,
            config=recipe,
            base=base or str(own if own and own.exists() else _store(home).live_folder),
            afresh=afresh,
            quick=quick,
            hold_out=hold_out if hold_out is not None else (0.0 if config else 0.2),
            digests=digests,
            corpus=corpus,
            out=out,
        )
        report = retraining.run()
    typer.echo((report.bundle / "MODEL_CARD.md").read_text(encoding="utf-8"))


@app.command()
def gate(
    work: Annotated[Path, typer.Argument(help="Work folder of `run`.", exists=True)],
    bundle: Annotated[Path | None, typer.Option(help="The candidate; WORK/bundle.")] = None,
    data: Annotated[Path | None, typer.Option(help="What it was trained on; WORK/train.jsonl.")] = None,
    test: Annotated[Path | None, typer.Option(help="Locked labels to judge by; WORK/test.jsonl.")] = None,
    champion: Annotated[Path | None, typer.Option(help="Bundle to beat; the live version.")] = None,
    confidence: Annotated[float, typer.Option(help="Share of resamples in which it must be ahead.")] = 0.8,
    who: Annotated[str, typer.Option(help="Who asks; the login name.")] = "",
    home: Home = None,
) -> None:
    """Compare a candidate with the live version and the linear floor; put it in the store. Exit status 1: refused."""
    from baozhai_training.proving import prove, submit

    with _reported():
        store = _store(home)
        candidate = bundle or work / "bundle"
        rival = champion or store.live_folder
        report = prove(
            candidate, rival, data or work / "train.jsonl", test or work / "test.jsonl", confidence=confidence
        )
        version = submit(store, candidate, report, against=rival, who=who or getpass.getuser())
    for line in report.lines():
        typer.echo(line)
    typer.echo(f"version {version}" + (f": baozhai promote {version} --why ..." if report.passed else ""))
    if not report.passed:
        raise typer.Exit(1)


@app.command()
def suspects(
    file: Annotated[Path, typer.Argument(help="Labels; see `check`.", exists=True, dir_okay=False)],
    count: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: Annotated[Path | None, typer.Option(help="Recipe whose topics count; the shipped model's if none.")] = None,
) -> None:
    """Print the labels that are probably wrong, the likeliest first: one JSON line each, with the row's number."""
    from baozhai_training.labelled import read_labels
    from baozhai_training.suspects import suspects as ranked

    with _reported():
        reading = read_labels(file, topics := _topics(config))
        for suspect in ranked(reading.paragraphs, topics)[:count]:
            paragraph = reading.paragraphs[suspect.place]
            line = {
                "row": reading.rows[suspect.place],
                "topic": suspect.topic.zh,
                "said": suspect.said,
                "likely": round(suspect.likely, 4),
                "text": paragraph.text,
            }
            typer.echo(json.dumps(line, ensure_ascii=False))


@app.command("next")
def next_(
    file: Annotated[Path, typer.Argument(help="JSONL of unlabelled {text, title?}.", exists=True, dir_okay=False)],
    count: Annotated[int, typer.Option(help="At most so many.")] = 50,
    bundle: Annotated[Path | None, typer.Option(help="The model that doubts; the live one.")] = None,
    home: Home = None,
) -> None:
    """Print the lines of FILE that are most worth labelling, the best first."""
    from baozhai_model.model import Model
    from baozhai_training.labelling import next_to_label

    with _reported():
        lines = _lines(file)
        texts, titles = _texts(lines)
        for place in next_to_label(Model.load(bundle or _store(home).live_folder), texts, count, titles):
            typer.echo(lines[place])


@app.command()
def differences(
    old: Annotated[Path, typer.Argument(help="Bundle of the version that is live.", exists=True)],
    new: Annotated[Path, typer.Argument(help="Bundle of the version that may be.", exists=True)],
    file: Annotated[Path, typer.Argument(help="JSONL of {text, title?}: a sample of the archive.", exists=True)],
) -> None:
    """Print which paragraphs change topics between two versions, one JSON line each, and a summary at last."""
    from baozhai_model.model import Model
    from baozhai_training.differences import differences as compared

    with _reported():
        texts, titles = _texts(_lines(file))
        report = compared(Model.load(old), Model.load(new), texts, titles)
        for change in report.changed:
            line = {"lost": change.lost, "gained": change.gained, "text": texts[change.place]}
            typer.echo(json.dumps(line, ensure_ascii=False))
        summary = {"paragraphs": report.paragraphs, "changed": len(report.changed)}
        typer.echo(json.dumps({**summary, "lost": report.lost, "gained": report.gained}, ensure_ascii=False))


@contextmanager
def _reported() -> Iterator[None]:
    """What the user can mend as one line, not as a traceback."""
    try:
        yield
    except (BaozhaiError, ValueError, FileExistsError) as error:
        typer.echo(f"baozhai-train: {error}", err=True)
        raise typer.Exit(2) from error


def _store(home: Path | None) -> Store:
    return Store((home or default_home()) / "store")


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def _texts(lines: Sequence[str]) -> tuple[list[str], list[str | None]]:
    """The texts of JSON lines, and the titles of those that have one."""
    rows = [json.loads(line) for line in lines]
    return [str(row["text"]) for row in rows], [str(row["title"]) if row.get("title") else None for row in rows]


def _topics(config: Path | None) -> TopicSet:
    return RunConfig.read(config).topic_set if config else read_manifest(DEFAULT_BUNDLE).topics


def main() -> None:
    """The program: progress goes to standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("baozhai_training").setLevel(logging.INFO)
    app()


if __name__ == "__main__":
    main()
