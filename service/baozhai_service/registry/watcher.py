"""Serve what the store says is live, whoever made it so: this service, the command line, or another machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from baozhai_model.errors import BundleError
from baozhai_model.model import Model
from baozhai_model.registry.store import Store
from baozhai_service.batching.live_model import LiveModel

log = structlog.get_logger("baozhai.releases")

EVERY = 1.0  # seconds between looks at the store's log

Load = Callable[[Path], Model]


def load_live(store: Store, load: Load) -> Model:
    """The live version, or the newest of those live before it that is whole.

    Raises:
        BundleError: not one of them is.
    """
    broken: BundleError | None = None
    for version in reversed(store.live_history()):
        try:
            return load(store.folder(version))
        except BundleError as error:
            log.error("live version is broken", version=version, error=str(error))
            broken = broken or error
    raise broken or AssertionError("a store always has a first version")


class StoreWatcher:
    """Looks at the store every second, loads a new live version beside the old one, and swaps them."""

    def __init__(self, store: Store, live: LiveModel, load: Load) -> None:
        """Keep ``live`` what ``store`` says, loading by ``load``."""
        self._store = store
        self._live = live
        self._load = load
        self._seen = -1
        self._one_at_a_time = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="baozhai-releases", daemon=True)

    def follow(self) -> str:
        """Swap if the store names another version than is served; the served version.

        One that cannot be loaded is left alone, and what was served is served on.
        """
        with self._one_at_a_time:
            stamp = self._store.history.stamp
            if stamp != self._seen:
                try:
                    version = self._store.live
                    if version != self._live.model.version:
                        was = self._live.replace(self._load(self._store.folder(version)))
                        log.info("live version changed", version=version, was=was.version)
                except BundleError as error:
                    log.error("live version is broken; the old one goes on", error=str(error))
                self._seen = stamp
            return self._live.model.version

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self.follow()
            except Exception as error:  # the disk may be away for a while
                log.error("the store cannot be read", error=str(error))
