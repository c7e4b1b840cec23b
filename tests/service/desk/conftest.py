"""The desk in a real browser, before a real service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from baozhai_model.registry.store import Store
from baozhai_service.http.auth import Permission, new_key
from tests.service.desk.browsing import CHROMIUM, FLAGS, Desk, started
from tests.service.serving import start


@pytest.fixture(scope="session")
def live_home(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the miniature bundle is live; copy it before changing it."""
    home = tmp_path_factory.mktemp("home")
    store = Store(home / "store")
    store.promote(store.add(bundle_folder, who="test", why="small"), who="test", why="small", skip_gate=True)
    return home


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed; .ci/run does it on Debian")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def desk_address(live_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service without keys, in which the miniature bundle is live."""
    home = shutil.copytree(live_home, tmp_path_factory.mktemp("desk") / "home")
    with start(None, "--home", home) as process:
        yield process.address


@pytest.fixture
def desk(browser: object, desk_address: str) -> Iterator[Desk]:
    """A clean browser before the desk. Errors, refused content and requests to other hosts fail the test at its end."""
    with started(browser, desk_address) as opened:
        yield opened


@pytest.fixture(scope="package")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A key of each permission; under "file" the file that has them."""
    made = {permission.value: new_key(f"{permission.value}er", permission) for permission in Permission}
    file = tmp_path_factory.mktemp("keys") / "keys.toml"
    file.write_text("\n".join(entry for _, entry in made.values()), encoding="utf-8")
    return {"file": str(file)} | {name: secret for name, (secret, _) in made.items()}


@pytest.fixture(scope="package")
def keyed_address(live_home: Path, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that wants keys."""
    home = shutil.copytree(live_home, tmp_path_factory.mktemp("keyed") / "home")
    with start(None, "--home", home, "--keys-file", keys["file"]) as process:
        yield process.address
