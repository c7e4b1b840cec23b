"""``baozhai labels export | import``."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid5

import typer

from baozhai_service.cli_errors import FAILED, UNUSABLE, reported, stop
from baozhai_service.errors import LabelStoreDown

if TYPE_CHECKING:
    from baozhai_service.labels.database import LabelDatabase
    from baozhai_service.labels.records import Label

app = typer.Typer(help="Labels that people gave to texts.", no_args_is_help=True)

Url = Annotated[
    str, typer.Option(help="The label store, as SQLAlchemy names it; a file in the home.", envvar="BAOZHAI_LABELS_URL")
]
_TOGETHER = 500
_TABLE_ROWS = UUID("6f1d1f0e-0c35-5c0e-9f0a-3f2f6a0f7a51")  # the namespace of the ids of rows of tables


@app.command("export")
def export_labels(
    file: Annotated[Path, typer.Argument(help="JSONL file to write.")],
    url: Url = "",
    latest: Annotated[bool, typer.Option("--latest", help="Only the last label of each text: to train on.")] = False,
) -> None:
    """Write every label, with who, when and what the model said; `import` reads it back without loss."""
    from baozhai_service.labels.records import as_line

    with _opened(url) as database, file.open("w", encoding="utf-8") as out:
        count = sum(1 for label in (database.latest() if latest else database.all()) if out.write(as_line(label)))
        typer.echo(f"{count} labels written to {file}")


@app.command("import")
def import_labels(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSONL that `export` wrote, or a table with text and topics: CSV, JSONL, Parquet or Excel.",
            exists=True,
            dir_okay=False,
        ),
    ],
    url: Url = "",
    who: Annotated[str, typer.Option(help="Whose labels those of a table are; you if not told.")] = "",
    bundle: Annotated[Path | None, typer.Option(help="Model whose topics a table names; the live one if none.")] = None,
) -> None:
    """Read labels in; those that are there already are passed over. Rows of a table that cannot be read are named."""
    with _opened(url) as database:
        given, rejected = _exported(file), 0
        if given is None:
            given, rejected = _tabled(file, who or getpass.getuser(), bundle)
        new = sum(database.add(given[start : start + _TOGETHER]) for start in range(0, len(given), _TOGETHER))
        typer.echo(f"{new} of {len(given)} labels are new")
        if rejected:
            raise typer.Exit(FAILED)


def default_url(home: Path | None = None) -> str:
    """The SQLite file in ``home``."""
    from baozhai_model.registry.store import default_home

    folder = (home or default_home()).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'labels.db'}"


@contextmanager
def _opened(url: str) -> Iterator[LabelDatabase]:
    """The label store at ``url``; what goes wrong with it is told in one line."""
    with reported("labels"):
        from baozhai_service.labels.database import LabelDatabase

        try:
            with closing(LabelDatabase(url or default_url())) as database:
                yield database
        except LabelStoreDown as error:
            stop(UNUSABLE, f"the label store cannot be used: {error.reason.splitlines()[0]}")


def _exported(file: Path) -> list[Label] | None:
    """The labels of a file that `export` wrote, of which a damaged line ends the program; None for any other file."""
    from baozhai_model.tables.jsonlines import json_object, numbered_lines
    from baozhai_service.labels.records import Label

    if file.suffix.lower() not in (".jsonl", ".ndjson"):
        return None
    labels: list[Label] = []
    for number, line in numbered_lines(file):
        record = json_object(line)
        if not labels and isinstance(record, dict) and "who" not in record:
            return None
        try:
            if isinstance(record, str):
                raise ValueError(record)
            labels.append(Label.from_json(record))
        except ValueError as error:
            stop(FAILED, f"{file} line {number}: {error}; nothing was read")
    return labels


def _tabled(file: Path, who: str, bundle: Path | None) -> tuple[list[Label], int]:
    """The labels in the rows of a table, and how many rows are rejected; each of these is named.

    A row has the same id whenever it is read, so that a table can be imported again.
    """
    from baozhai_model.bundle import read_manifest
    from baozhai_model.registry.store import Store, default_home
    from baozhai_model.tables.labelled import RejectedRow, read_labelled_rows
    from baozhai_service.labels.records import Label

    topics = read_manifest(bundle or Store(default_home() / "store").live_folder).topics
    labels: dict[str, Label] = {}
    rejected = 0
    for row in read_labelled_rows(file, topics):
        if isinstance(row, RejectedRow):
            rejected += 1
            typer.echo(f"baozhai: {file} row {row.row}: {row.reason}", err=True)
            continue
        _, said = row
        ids = tuple(topic.id for topic in topics if topic in said.topics)
        label = Label.new(said.text, ids, who, title=said.title, source=said.source)
        key = "\x00".join((said.text, ",".join(ids), who, said.title or "", said.source))
        label = replace(label, id=uuid5(_TABLE_ROWS, key).hex)
        labels.setdefault(label.id, label)
    return list(labels.values()), rejected
