from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.settings import Settings
from tests.service.serving import LOOPBACK, PATIENT, Process, start

MAX_CHARACTERS = 20_000


@pytest.fixture(scope="session")
def served_model(bundle_folder: Path) -> Model:
    """As the server loads it, but for a lower limit."""
    settings = Settings()
    return Model.load(bundle_folder, batch_tokens=settings.batch_tokens, max_characters=MAX_CHARACTERS)


@pytest.fixture(scope="session")
def client(served_model: Model) -> Iterator[TestClient]:
    settings = Settings(
        max_characters=MAX_CHARACTERS, max_texts=100, max_body_bytes=2_000_000, deadline_seconds=PATIENT
    )
    with TestClient(create_app(served_model, settings), base_url=LOOPBACK) as client:
        yield client


@pytest.fixture(scope="session")
def server(bundle_folder: Path) -> Iterator[Process]:
    """A real server process with the default settings."""
    with start(bundle_folder) as process:
        yield process
