"""The label store: SQLite in a file, or PostgreSQL by URL; the same table and the same migrations in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

from baozhai_service.errors import LabelStoreDown
from baozhai_service.labels.records import Label, Prediction

_PAGE = 1000

metadata = sa.MetaData()
labels = sa.Table(
    "labels",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("model_version", sa.String(200)),
    sa.Column("predicted", sa.JSON(none_as_null=True)),
    sa.Column("confidences", sa.JSON(none_as_null=True)),
)


class LabelDatabase:
    """Append-only storage of labels. A correction is a newer label of the same text; nothing is changed or deleted."""

    def __init__(self, url: str) -> None:
        """Open the database at ``url`` and migrate its tables to the current schema.

        Args:
            url: an SQLAlchemy URL, such as ``sqlite:////var/lib/baozhai/labels.db`` or
                ``postgresql+psycopg://baozhai@db/labels``.

        Raises:
            LabelStoreDown: the database cannot be reached or migrated.
        """
        try:
            self._engine = sa.create_engine(url, pool_pre_ping=True)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _share_sqlite)
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
            with self._engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except SQLAlchemyError as error:
            raise LabelStoreDown(str(error)) from error

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def add(self, given: Iterable[Label]) -> int:
        """Store labels, all or none; skip those whose id is already stored. Return the number of new labels.

        Raises:
            LabelStoreDown: the labels cannot be written.
        """
        rows = {label.id: _row(label) for label in given}
        if not rows:
            return 0
        try:
            with self._engine.begin() as connection:
                found = connection.scalars(sa.select(labels.c.id).where(labels.c.id.in_(list(rows)))).all()
                new = [row for name, row in rows.items() if name not in set(found)]
                if new:
                    connection.execute(sa.insert(labels), new)
                return len(new)
        except SQLAlchemyError as error:
            raise LabelStoreDown(str(error)) from error

    def page(self, after: int = 0, limit: int = _PAGE) -> list[tuple[int, Label]]:
        """Up to ``limit`` labels with a number above ``after``, oldest first, each with its number.

        Raises:
            LabelStoreDown: the labels cannot be read.
        """
        query = sa.select(labels).where(labels.c.number > after).order_by(labels.c.number).limit(limit)
        try:
            with self._engine.connect() as connection:
                return [(row.number, _label(row)) for row in connection.execute(query)]
        except SQLAlchemyError as error:
            raise LabelStoreDown(str(error)) from error

    def all(self) -> Iterator[Label]:
        """Every label, oldest first."""
        after = 0
        while page := self.page(after):
            after = page[-1][0]
            yield from (label for _, label in page)

    def latest(self) -> list[Label]:
        """The last label of each text."""
        return list({label.text: label for label in self.all()}.values())


def _row(label: Label) -> dict[str, Any]:
    predicted = label.prediction
    return {
        "id": label.id,
        "text": label.text,
        "topics": list(label.topics),
        "who": label.who,
        "at": label.at,
        "title": label.title,
        "source": label.source,
        "model_version": predicted.model_version if predicted else None,
        "predicted": list(predicted.topics) if predicted else None,
        "confidences": predicted.confidences if predicted else None,
    }


def _label(row: Any) -> Label:
    predicted = None
    if row.model_version is not None:
        predicted = Prediction(row.model_version, tuple(row.predicted), row.confidences)
    return Label(row.id, row.text, tuple(row.topics), row.who, row.at, row.title, row.source, predicted)


def _share_sqlite(connection: Any, _: Any) -> None:
    """Let several processes use the file: readers beside a writer, and writers that wait for each other."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=30000")
