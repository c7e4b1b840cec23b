"""``baozhai labels export | import``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baozhai_service.cli_errors import UNUSABLE, reported, stop
from baozhai_service.errors import LabelStoreDown

if TYPE_CHECKING:
    from baozhai_service.labels.database import LabelDatabase
    from baozhai_service.labels.records import Label

app = typer.Typer(help="What people said of texts.", no_args_is_help=True)

Url = Annotated[
    str, typer.Option(help="The label store, as SQLAlchemy names it; a file in the home.", envvar="BAOZHAI_LABELS_URL")
]
_TOGETHER = 500


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
    file: Annotated[Path, typer.Argument(help="JSONL file that `export` wrote.", exists=True)], url: Url = ""
) -> None:
    """Read labels back; those that are there already are passed over."""
    with _opened(url) as database:
        given = list(_read(file))
        new = sum(database.add(given[start : start + _TOGETHER]) for start in range(0, len(given), _TOGETHER))
        typer.echo(f"{new} of {len(given)} labels are new")


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


def _read(file: Path) -> Iterator[Label]:
    from baozhai_service.labels.records import Label

    with file.open("rb") as lines:  # JSON decodes a line, so that what is no UTF-8 is named with its line too
        for number, line in enumerate(lines, 1):
            try:
                raw = json.loads(line)
                yield Label.from_json(raw if isinstance(raw, dict) else {})
            except ValueError as error:
                typer.echo(f"baozhai: {file} line {number}: {error}; nothing was read", err=True)
                raise typer.Exit(1) from error
