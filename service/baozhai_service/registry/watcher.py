"""Watch the store and load the live model version, whether this service, a command or another machine promoted it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from baozhai_model.errors import BundleError
from baozhai_model.model import Model
from baozhai_model.registry.store import Store, probe_bundle
from baozhai_service.batching.live_model import LiveModel

log = structlog.get_logger("baozhai.releases")

EVERY = 1.0  # seconds between checks of the store's log

Load = Callable[[Path], Model]


def load_live(store: Store, load: Load) -> Model:
    """Load the live version; if its bundle is broken, the most recently live one with an intact bundle.

    Raises:
        BundleError: all these bundles are broken.
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
    """Checks the store every second. A new live version is loaded beside the old one, then replaces it."""

    def __init__(self, store: Store, live: LiveModel, load: Load) -> None:
        """Keep ``live`` equal to the live version of ``store``; ``load`` loads a bundle."""
        self._store = store
        self._live = live
        self._load = load
        self._seen = -1
        self._prepared: tuple[Path, Model] | None = None
        self._one_at_a_time = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="baozhai-releases", daemon=True)

    def prepare(self, folder: Path) -> None:
        """Load the bundle in ``folder`` and test it with one text. If it goes live next, it is not loaded again.

        Raises:
            BundleError: the bundle cannot be loaded, or fails the test.
        """
        self._prepared = folder, probe_bundle(folder, self._load)

    def follow(self) -> str:
        """Replace the served model if another version is live; return the served version.

        If the live version cannot be loaded, the service keeps its model.
        """
        with self._one_at_a_time:
            stamp = self._store.history.stamp
            if stamp != self._seen:
                try:
                    version = self._store.live
                    if version != self._live.model.version:
                        was = self._live.replace(self._loaded(self._store.folder(version)))
                        log.info("live version changed", version=version, was=was.version)
                except BundleError as error:
                    log.error("live version cannot be loaded; keeping the current one", error=str(error))
                self._seen = stamp
            return self._live.model.version

    def _loaded(self, folder: Path) -> Model:
        prepared, self._prepared = self._prepared, None
        return prepared[1] if prepared is not None and prepared[0] == folder else self._load(folder)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self.follow()
            except Exception as error:  # a network disk may be unavailable for a while
                log.error("the store cannot be read", error=str(error))
