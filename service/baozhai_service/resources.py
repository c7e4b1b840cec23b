"""The service's own data: model versions, labels, training runs and sessions, and the folder that holds them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter

from baozhai_model.model import Model
from baozhai_model.registry.store import Store
from baozhai_service.batching.live_model import LiveModel
from baozhai_service.batching.priority import priority_lowered
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import OpenAPIBuilder
from baozhai_service.http.sessions import Sessions
from baozhai_service.labels.overview import LabelOverview
from baozhai_service.registry.routes import release_routes
from baozhai_service.registry.watcher import StoreWatcher, load_live
from baozhai_service.settings import Settings
from baozhai_service.training_runs.runner import TrainingRunner

if TYPE_CHECKING:
    from baozhai_service.labels.database import LabelDatabase


class Resources:
    """Model versions, labels, runs and sessions of one service; the folder is created on first use."""

    def __init__(
        self, home: Path, settings: Settings, *, pinned: bool = False, runner: TrainingRunner | None = None
    ) -> None:
        """Open ``home`` and load the model to serve.

        Args:
            home: the folder.
            settings: limits, the first model version, and the label database.
            pinned: serve the bundle of ``settings`` instead of the live version of the store.
            runner: starts training runs; by default with the trainer of this installation.
        """
        self._settings = settings
        self.store = None if pinned else Store(home / "store", settings.bundle)
        self.live = LiveModel(load_live(self.store, self.load) if self.store else self.load(settings.bundle))
        self._follower = StoreWatcher(self.store, self.live, self.load) if self.store else None
        self.home = home
        self.runner = runner or TrainingRunner(home / "runs")
        self._database: LabelDatabase | None = None
        self._opening = threading.Lock()
        self._importing = threading.Thread(target=_import_label_store, name="baozhai-label-store", daemon=True)
        self.sessions = Sessions.kept_in(home, settings.session_seconds)

    def load(self, folder: Path) -> Model:
        """Load the bundle in ``folder`` with the runtime and limits of the settings."""
        settings = self._settings

        def load() -> Model:
            model = Model.load(
                folder,
                threads=settings.threads,
                batch_tokens=settings.batch_tokens,
                max_characters=settings.max_characters,
                runtime=settings.runtime,
                stages=settings.stages,
                digest_encoder=settings.digest_encoder,
            )
            if settings.large_stage == "at-start" and model.bundle.large is not None:
                model.bundle.large.load()
            return model

        return priority_lowered(settings.encoder_nice, load)

    def routers(self, context: AppContext, openapi: OpenAPIBuilder) -> Iterator[APIRouter]:
        """The routes of model versions, labels and runs, as far as they are installed."""
        if self.store is not None and self._follower is not None:
            yield release_routes(context, openapi, self.store, self._follower)

        if labels_installed():
            from baozhai_service.labels.routes import label_routes

            yield label_routes(context, openapi, self.labels)
            if self.store is not None:
                from baozhai_service.training_runs.routes import run_routes

                yield run_routes(context, openapi, self.runner, self.store, self.labels, self.home)

    @cached_property
    def label_overview(self) -> LabelOverview | None:
        """Progress and agreement of the labels; None where the extra `labels` is not installed."""
        return LabelOverview(self.labels) if labels_installed() else None

    def labels(self) -> LabelDatabase:
        """The label store; the first call opens it.

        Raises:
            LabelStoreDown: it cannot be opened.
        """
        from baozhai_service.labels.cli import default_url
        from baozhai_service.labels.database import LabelDatabase

        with self._opening:
            if self._database is None:
                self._database = LabelDatabase(self._settings.labels_url or default_url(self.home))
            return self._database

    def start(self) -> None:
        """Start watching the store, and import the libraries of the label store in the background."""
        if self._follower is not None:
            self._follower.start()
        if labels_installed():
            self._importing.start()

    def stop(self) -> None:
        """Stop the threads and the training run, and close the label store."""
        if self._follower is not None:
            self._follower.stop()
        if self._importing.ident is not None:
            self._importing.join()
        self.runner.stop()
        if self._database is not None:
            self._database.close()


def _import_label_store() -> None:
    """Import SQLAlchemy and Alembic, which takes most of a second, before the first label request needs them."""
    import_module("baozhai_service.labels.database")


def labels_installed() -> bool:
    """Whether the libraries of the label store (the extra `labels`) are installed."""
    return bool(find_spec("sqlalchemy") and find_spec("alembic"))
