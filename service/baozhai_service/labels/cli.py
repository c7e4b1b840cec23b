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

app = typer.Typer(help="Export and import labels.", no_args_is_help=True)

Url = Annotated[
    str,
    typer.Option(help="SQLAlchemy URL of the label store (a SQLite file in the home).", envvar="BAOZHAI_LABELS_URL"),
]
_BATCH = 500  # labels that are stored in one transaction
_TABLE_ROWS = UUID("6f1d1f0e-0c35-5c0e-9f0a-3f2f6a0f7a51")  # namespace of the ids of labels from tables


@app.command("export")
def export_labels(
    file: Annotated[Path, typer.Argument(help="JSONL file to write.")],
    url: Url = "",
    latest: Annotated[bool, typer.Option("--latest", help="Only the last label of each text, for training.")] = False,
) -> None:
    """Write every label with its annotator, time and prediction; `import` reads the file back without loss."""
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
    who: Annotated[str, typer.Option(help="Annotator of a table's labels (your login name).")] = "",
    bundle: Annotated[Path | None, typer.Option(help="Bundle whose topics a table uses (the live one).")] = None,
) -> None:
    """Store the labels of a file. Labels that are already stored are skipped; invalid rows are reported."""
    with _opened(url) as database:
        given, rejected = _exported(file), 0
        if given is None:
            given, rejected = _tabled(file, who or getpass.getuser(), bundle)
        new = sum(database.add(given[start : start + _BATCH]) for start in range(0, len(given), _BATCH))
        typer.echo(f"{new} of {len(given)} labels are new")
        if rejected:
            raise typer.Exit(FAILED)


def default_url(home: Path | None = None) -> str:
    """The URL of the SQLite file in ``home``, which is created if need be."""
    from baozhai_model.registry.store import default_home

    folder = (home or default_home()).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'labels.db'}"


@contextmanager
def _opened(url: str) -> Iterator[LabelDatabase]:
    """Open the label store at ``url``; its errors end the program with one line."""
    with reported("labels"):
        from baozhai_service.labels.database import LabelDatabase

        try:
            with closing(LabelDatabase(url or default_url())) as database:
                yield database
        except LabelStoreDown as error:
            stop(UNUSABLE, f"the label store cannot be used: {error.reason.splitlines()[0]}")


def _exported(file: Path) -> list[Label] | None:
    """The labels of a file that `export` wrote; None for any other file. A damaged line ends the program."""
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
    """The labels in the rows of a table, and the number of rejected rows; each of these is reported.

    The id of a label depends on the contents of its row only, so importing a table twice stores nothing twice.
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
        _, given = row
        ids = tuple(topic.id for topic in topics if topic in given.topics)
        label = Label.new(given.text, ids, who, title=given.title, source=given.source)
        key = "\x00".join((given.text, ",".join(ids), who, given.title or "", given.source))
        label = replace(label, id=uuid5(_TABLE_ROWS, key).hex)
        labels.setdefault(label.id, label)
    return list(labels.values()), rejected
