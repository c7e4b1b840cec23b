"""``baozhai score | report | digest-issue``.

Exit status: 0 everything was scored; 1 there are dead letters; 2 the run could not start or did not finish.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from baozhai_service.cli_errors import FAILED, UNUSABLE, reported, stop

Folder = Annotated[str, typer.Argument(metavar="DIR", help="Output of `baozhai score`.")]


def score(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="Folder or file: .txt pages, .jsonl, .ndjson, .csv, .tsv, .parquet.")
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder for the output, or a URL.")],
    bundle: Annotated[
        Path | None,
        typer.Option(help="Folder of the model version to use (the live one).", envvar="BAOZHAI_BUNDLE"),
    ] = None,
    rows: Annotated[str, typer.Option(metavar="articles|pages", help="What the text of a record is.")] = "articles",
    names: Annotated[str, typer.Option(metavar="zh|id", help="Chinese topic names or ids.")] = "zh",
    digests: Annotated[bool, typer.Option(help="Compute digests and saliences; faster without.")] = True,
    max_sentences: Annotated[int, typer.Option(help="Maximum sentences of a digest.")] = 3,
    source_name: Annotated[str | None, typer.Option("--source", help="Source of records without one.")] = None,
    executor: Annotated[str, typer.Option("--engine", metavar="local|ray", help="Executor of the shards.")] = "local",
    runtime: Annotated[
        str, typer.Option(metavar="onnxruntime|openvino-bf16", help="Runtime of the encoders.")
    ] = "onnxruntime",
    stages: Annotated[int, typer.Option(metavar="1|2|3", help="Last stage to run; see docs/stages.md.")] = 3,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (one per core).")] = None,
    cache: Annotated[bool, typer.Option(help="Cache results in DIR/.baozhai for repeated paragraphs.")] = True,
    shard_bytes: Annotated[int, typer.Option(help="Input bytes in a shard.", hidden=True)] = 2**20,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Score an archive into Parquet, each paragraph exactly once. The same command resumes a stopped run."""
    with reported("archive"), _stoppable():
        from baozhai_model.registry.store import chosen_bundle
        from baozhai_service.archive.executors.selection import executor_named
        from baozhai_service.archive.run import ArchiveRun
        from baozhai_service.archive.settings import ScoreSettings

        settings = ScoreSettings(
            names=names,  # type: ignore[arg-type]  # ScoreSettings checks them
            rows=rows,  # type: ignore[arg-type]
            digests=digests,
            max_sentences=max_sentences,
            runtime=runtime,  # type: ignore[arg-type]
            stages=stages,
            source=source_name,
            shard_bytes=shard_bytes,
        )
        signal.signal(signal.SIGTERM, _interrupted)
        chosen = executor_named(executor, workers or os.cpu_count() or 1)
        folder = chosen_bundle(bundle)
        run = ArchiveRun(source, out, folder, settings, executor=chosen, cached=cache, shown=not quiet)
        outcome = run.score()
        counts, failed = outcome.manifest.counts, outcome.manifest.dead_letters
        rate = outcome.paragraphs / outcome.seconds if outcome.seconds else 0.0
        typer.echo(
            f"{counts['paragraphs']} paragraphs of {counts['articles']} articles in {out}; this run scored "
            f"{outcome.paragraphs} ({rate:.0f} a second), {outcome.kept} of {outcome.kept + outcome.scored} shards "
            "were done before"
        )
        if undated := counts.get("undated", 0):
            typer.echo(
                f"{undated} of {counts['records']} records have no date: reports and searches by date leave them out "
                "(a text page has its date in its name, as in 20230719-04.txt)"
            )
        kinds = ", ".join(f"{number} {reason}" for reason, number in counts["dead_letters"].items())
        typer.echo(f"{failed} dead letters: {kinds} (see {out}/dead_letters)" if failed else "0 dead letters")
        if failed:
            raise SystemExit(FAILED)


def report(
    folder: Folder,
    to: Annotated[Path | None, typer.Option("--to", help="HTML file to write (DIR/report.html).")] = None,
) -> None:
    """Write a report on a scored archive: one HTML page with charts that opens offline."""
    with reported("archive"):
        from baozhai_service.archive.report.page import report as page
        from baozhai_service.archive.report.page import write_page

        path = to or _beside(folder, "report.html")
        write_page(page(folder), path)
        typer.echo(f"{path}")


def digest_issue(
    folder: Folder,
    date: Annotated[str, typer.Argument(metavar="DATE", help="The day, e.g. 2023-07-19.")],
    source: Annotated[str | None, typer.Option(help="Restrict the digest to this source.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="File to write, .md or .html.")] = None,
) -> None:
    """Write the digest (要览) of a day: its articles by topic. Without --to, as Markdown to standard output."""
    with reported("archive"):
        from baozhai_service.archive.input.dates import parse_date
        from baozhai_service.archive.report.daily_digest import DailyDigest
        from baozhai_service.archive.report.page import write_page

        day = parse_date(date)
        if day is None:
            stop(UNUSABLE, "the date is blank; give it as 2023-07-19")
        if to is not None and to.suffix.lower() not in (".md", ".html"):
            stop(UNUSABLE, f"--to {to}: must end in .md or .html")
        issue = DailyDigest(folder, day, source)
        if to is None:
            sys.stdout.buffer.write(issue.markdown().encode())
            return
        write_page(issue.html() if to.suffix.lower() == ".html" else issue.markdown(), to)
        typer.echo(f"{to}")


def _beside(folder: str, name: str) -> Path:
    if "://" in folder:
        stop(UNUSABLE, f"{folder} is not a local folder; give --to, the file to write")
    return Path(folder) / name


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(score)
    app.command()(report)
    app.command("digest-issue")(digest_issue)


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        stop(UNUSABLE, "stopped; finished shards are kept, and the same command resumes the run")


def _interrupted(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
