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
    """What people said of texts. Nothing is ever changed or deleted: a correction is a newer label of the same text."""

    def __init__(self, url: str) -> None:
        """Open the database at ``url`` and bring its tables up to date.

        Args:
            url: SQLAlchemy's, such as ``sqlite:////var/lib/baozhai/labels.db`` or
                ``postgresql+psycopg://baozhai@db/labels``.

        Raises:
            LabelStoreDown: it cannot be reached or brought up to date.
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
        """Let go of its connections."""
        self._engine.dispose()

    def add(self, given: Iterable[Label]) -> int:
        """Keep labels, all or none; those whose id is there already are passed over. How many were new.

        Raises:
            LabelStoreDown: they could not be written.
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
            LabelStoreDown: they could not be read.
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
        """What was said last of each text."""
        return list({label.text: label for label in self.all()}.values())


def _row(label: Label) -> dict[str, Any]:
    said = label.prediction
    return {
        "id": label.id,
        "text": label.text,
        "topics": list(label.topics),
        "who": label.who,
        "at": label.at,
        "title": label.title,
        "source": label.source,
        "model_version": said.model_version if said else None,
        "predicted": list(said.topics) if said else None,
        "confidences": said.confidences if said else None,
    }


def _label(row: Any) -> Label:
    said = None
    if row.model_version is not None:
        said = Prediction(row.model_version, tuple(row.predicted), row.confidences)
    return Label(row.id, row.text, tuple(row.topics), row.who, row.at, row.title, row.source, said)


def _share_sqlite(connection: Any, _: Any) -> None:
    """Readers beside a writer, and writers that wait for each other."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA busy_timeout=30000")
