"""What a service keeps beside the model that it serves: the versions, and who made which live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from baozhai_model.model import Model
from baozhai_model.store import Store
from fastapi import APIRouter

from baozhai_service.documents import Documents
from baozhai_service.live import LiveModel
from baozhai_service.parts import Parts
from baozhai_service.releases.following import Follower, load_live
from baozhai_service.releases.routes import release_routes
from baozhai_service.settings import Settings


class Workplace:
    """The folder of one service, made when something is first kept."""

    def __init__(self, home: Path, settings: Settings, *, pinned: bool = False) -> None:
        """Work in ``home``; ``pinned`` serves the bundle of ``settings``, whatever the store says."""
        self._settings = settings
        self.store = None if pinned else Store(home / "store", settings.bundle)
        self.live = LiveModel(load_live(self.store, self.load) if self.store else self.load(settings.bundle))
        self._follower = Follower(self.store, self.live, self.load) if self.store else None

    def load(self, folder: Path) -> Model:
        """The bundle in ``folder``, within the limits of the settings."""
        settings = self._settings
        return Model.load(
            folder,
            threads=settings.threads,
            batch_tokens=settings.batch_tokens,
            max_characters=settings.max_characters,
        )

    def routers(self, parts: Parts, documents: Documents) -> Iterator[APIRouter]:
        """The routes to what is kept."""
        if self.store is not None and self._follower is not None:
            yield release_routes(parts, documents, self.store, self._follower)

    def start(self) -> None:
        """Begin to follow the store."""
        if self._follower is not None:
            self._follower.start()

    def stop(self) -> None:
        """Stop what runs."""
        if self._follower is not None:
            self._follower.stop()
