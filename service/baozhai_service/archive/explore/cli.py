"""``baozhai index | search | trends | overview``: look into a scored archive.

Exit status: 0 all went well; 1 the query, a filter or a date cannot be used, or nothing is there; 2 the archive or its
index cannot be used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baozhai_service.cli_errors import UNUSABLE, reported, stop

if TYPE_CHECKING:
    from baozhai_service.archive.explore.explorer import Explorer, Search

Scores = Annotated[str, typer.Argument(metavar="SCORES", help="Output of `baozhai score`.")]
Query = Annotated[str, typer.Argument(metavar="QUERY", help='Words, "phrases", AND, OR, NOT; "" for everything.')]
Index = Annotated[Path | None, typer.Option("--index", help="Folder of the search index; inside SCORES if not told.")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="Only with this topic; none: without any.")]
Confidence = Annotated[float | None, typer.Option("--confidence", help="Least confidence of a topic given.")]
Uncertain = Annotated[bool | None, typer.Option("--uncertain/--certain", help="Only uncertain, or only certain.")]
First = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, e.g. 2023-07-01.")]
Last = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day.")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Only of this source.")]
Pages = Annotated[list[str] | None, typer.Option("--page", help="Only of this page.")]
Roles = Annotated[list[str] | None, typer.Option("--role", metavar="body|headline", help="What a hit may be.")]


def index(
    scores: Scores,
    folder: Index = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core if not told.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Index a scored archive for search; run again, it indexes what is new and goes on where it was stopped."""
    with reported("archive"):
        index_archive(scores, folder, workers, quiet=quiet)


def search(
    scores: Scores,
    query: Query,
    topic: Topics = None,
    confidence: Confidence = None,
    uncertain: Uncertain = None,
    first: First = None,
    last: Last = None,
    source: Sources = None,
    page: Pages = None,
    role: Roles = None,
    sort: Annotated[str, typer.Option(metavar="relevance|newest|oldest", help="Order of the hits.")] = "relevance",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Hits to print.")] = 20,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write all hits to a file: .csv, .xlsx, .jsonl or .parquet.")
    ] = None,
    folder: Index = None,
) -> None:
    """Search an indexed archive: a JSON line for each hit, and how many there are on standard error."""
    with reported("archive"), _explorer(scores, folder) as explorer:
        from baozhai_service.api.render import to_json
        from baozhai_service.archive.explore.files import hits
        from baozhai_service.archive.search.hits import SORTS

        if sort not in SORTS:
            stop(UNUSABLE, f"--sort {sort}: must be one of {', '.join(SORTS)}")
        asked = _search(query, topic, confidence, uncertain, first, last, source, page, role)
        if to is not None:
            form = hits.format_of(to)
            with _written(to) as file:
                count = hits.export(explorer, asked, form, file, sort=sort, most=2**31)
            typer.echo(f"{count} hits in {to}")
            return
        for hit in explorer.page(asked, sort, 0, limit):
            sys.stdout.buffer.write(to_json(hit) + b"\n")
        typer.echo(f"{len(explorer.hits(asked))} hits", err=True)


def trends(
    scores: Scores,
    queries: Annotated[list[str], typer.Argument(metavar="QUERY...", help="One query, or several to compare.")],
    topic: Topics = None,
    first: First = None,
    last: Last = None,
    source: Sources = None,
    period: Annotated[str | None, typer.Option(metavar="day|month|year", help="Chosen if not told.")] = None,
    by: Annotated[str, typer.Option(metavar="time|source", help="A row for each of these.")] = "time",
    to: Annotated[Path | None, typer.Option("--to", help="Draw the chart: .svg or .png.")] = None,
    folder: Index = None,
) -> None:
    """How often something was written about: JSON on standard output, or a chart."""
    with reported("archive"), _explorer(scores, folder) as explorer:
        from baozhai_service.api.render import to_json
        from baozhai_service.archive.explore.trends import trends as found_trends
        from baozhai_service.archive.report.periods import PERIODS

        if period is not None and period not in PERIODS:
            stop(UNUSABLE, f"--period {period}: must be one of {', '.join(PERIODS)}")
        if by not in ("time", "source"):
            stop(UNUSABLE, f"--by {by}: must be time or source")
        searches = [_search(query, topic, None, None, first, last, source, None, None) for query in queries]
        found = found_trends(explorer, searches, period=period, by=by)  # type: ignore[arg-type]
        if to is None:
            sys.stdout.buffer.write(to_json(found) + b"\n")
            return
        from baozhai_service.archive.explore.files.chart import FORMATS, chart_file

        form = to.suffix.lower().removeprefix(".")
        if form not in FORMATS:
            stop(UNUSABLE, f"--to {to}: must end in .svg or .png")
        with _written(to) as file:
            file.write(chart_file(found, form))  # type: ignore[arg-type]
        typer.echo(f"{to}")


def overview(
    scores: Scores,
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="What it is about; all if not told.")] = "",
    topic: Topics = None,
    first: First = None,
    last: Last = None,
    source: Sources = None,
    to: Annotated[Path | None, typer.Option("--to", help="Where to write it: .md, .html or .docx.")] = None,
    folder: Index = None,
) -> None:
    """Write an overview (要览) of days or a search: by topic, repeats folded. Markdown, if not told otherwise."""
    with reported("archive"), _explorer(scores, folder) as explorer:
        from baozhai_service.archive.explore.files.overview import format_of, overview_file
        from baozhai_service.archive.explore.overview import make_overview

        form = format_of(to) if to else "md"
        asked = _search(query, topic, None, None, first, last, source, None, None)
        made = overview_file(make_overview(explorer, asked), form)
        if to is None:
            sys.stdout.buffer.write(made)
            return
        with _written(to) as file:
            file.write(made)
        typer.echo(f"{to}")


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (index, search, trends, overview):
        app.command()(command)


def index_archive(scores: str, folder: Path | None, workers: int | None, *, quiet: bool) -> None:
    """Index an archive, showing how far it is."""
    from tqdm import tqdm

    from baozhai_service.archive.output.folder import Output
    from baozhai_service.archive.search.index import build_index, index_folder

    output = Output(scores)
    place = index_folder(output, folder)
    with tqdm(unit=" paragraphs", disable=quiet or not sys.stderr.isatty()) as bar:

        def shown(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        count = build_index(output, place, workers=workers or os.cpu_count() or 1, shown=shown)
    typer.echo(f"{count} paragraphs indexed in {place}", err=True)


@contextmanager
def _explorer(scores: str, folder: Path | None) -> Iterator[Explorer]:
    from baozhai_service.archive.explore.explorer import Explorer
    from baozhai_service.archive.output.folder import Output
    from baozhai_service.archive.search.index import SearchIndex, index_folder

    output = Output(scores)
    opened = SearchIndex(output, index_folder(output, folder))
    try:
        yield Explorer(opened)
    finally:
        opened.close()


@contextmanager
def _written(path: Path) -> Iterator[Any]:
    """A file that is there whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("w+b") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _search(
    query: str,
    topics: list[str] | None,
    confidence: float | None,
    uncertain: bool | None,
    first: str | None,
    last: str | None,
    sources: list[str] | None,
    pages: list[str] | None,
    roles: list[str] | None,
) -> Search:
    from baozhai_service.archive.explore.explorer import Search
    from baozhai_service.archive.input.dates import parse_date
    from baozhai_service.archive.search.filters import Filters

    filters = Filters(
        tuple(topics or ()),
        confidence,
        uncertain,
        parse_date(first),
        parse_date(last),
        tuple(sources or ()),
        tuple(pages or ()),
        tuple(roles or ()),  # type: ignore[arg-type]  # it checks them itself
    )
    return Search(query, filters)
