"""Control requests and inference go past each other: neither waits for the other's turn, nor is refused for it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from baozhai_model.model import Model
from baozhai_model.registry.store import Store
from baozhai_service.app import create_app
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings
from tests.service.encoders import Gated, with_encoder
from tests.service.registry.versions import passed, variant
from tests.service.serving import PATIENT, running

TEXT = "保险公司推出普惠保险并防范金融风险。"
WHY = {"why": "test"}


class HeldLoading(Resources):
    """Loads version B only while the gate is open."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.gate, self.entered, self.loads = threading.Event(), threading.Event(), 0
        self.gate.set()
        super().__init__(*args, **options)

    def load(self, folder: Path) -> Model:
        if folder.name == "B":
            self.loads += 1
            self.entered.set()
            self.gate.wait()
        return super().load(folder)


class Control:
    """A server that has version A live, whose encoder can be held up, and B in its store."""

    def __init__(self, address: str, encoder: Gated, resources: HeldLoading) -> None:
        self.encoder, self.resources = encoder, resources
        self._client = httpx2.Client(base_url=address, timeout=None)
        self._threads = ThreadPoolExecutor(8)

    def close(self) -> None:
        self._threads.shutdown()
        self._client.close()

    def get(self, path: str) -> httpx2.Response:
        return self._client.get(path)

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        return self._client.post(path, json=body)

    def posting(self, path: str, body: dict[str, Any]) -> Any:
        return self._threads.submit(self.post, path, body)

    def classify(self) -> httpx2.Response:
        return self.post("/v1/classify", {"texts": [TEXT]})

    def metric(self, name: str) -> float:
        (line,) = [line for line in self.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
        return float(line.rpartition(" ")[2])


@contextmanager
def controlled(bundle: Path, folder: Path, **given: Any) -> Iterator[Control]:
    settings = Settings(**{"home": folder / "home", "bundle": folder / "A", "deadline_seconds": PATIENT, **given})
    store = Store(folder / "home" / "store", variant(bundle, folder / "A", "A", 0.0))
    store.add(variant(bundle, folder / "B", "B", 1.5), who="ci", why="trained")
    passed(store, "B", "A")
    resources = HeldLoading(folder / "home", settings)
    encoder = Gated(resources.live.model.bundle.encoder)
    resources.live.replace(with_encoder(resources.live.model, encoder))
    with running(create_app(resources.live, settings, resources=resources)) as address:
        server = Control(address, encoder, resources)
        try:
            yield server
        finally:
            encoder.gate.set()
            resources.gate.set()
            server.close()


def test_control_requests_are_answered_while_the_encoder_is_held_and_inference_is_full(
    bundle_folder: Path, tmp_path: Path
) -> None:
    with controlled(bundle_folder, tmp_path, max_requests=3) as server:
        server.encoder.shut()
        held = [server.posting("/v1/classify", {"texts": [TEXT]}) for _ in range(3)]
        while server.metric("baozhai_requests_in_work") < 3:
            pass
        assert server.classify().status_code == 429
        assert server.post("/v1/models/promote", {"version": "B", **WHY}).json()["live"] == "B"
        assert server.get("/v1/models").json()["live"] == "B"
        assert server.get("/v1/models/history").json()["entries"][-1]["version"] == "B"
        assert server.get("/v1/labels").status_code == server.get("/v1/runs").status_code == 200
        assert server.post("/v1/models/rollback", WHY).json()["live"] == "A"
        server.encoder.gate.set()
        assert {request.result().json()["model_version"] for request in held} == {"A"}


def test_a_label_is_kept_without_a_prediction_when_the_encoder_does_not_answer(
    bundle_folder: Path, tmp_path: Path
) -> None:
    with controlled(bundle_folder, tmp_path, deadline_seconds=1.0) as server:
        server.encoder.shut()
        kept = server.post("/v1/labels", {"labels": [{"text": TEXT, "topics": ["金融"]}]})
        assert (kept.status_code, kept.json()["labels"][0]["prediction"]) == (200, None)
        unread = server.post("/v1/labels", {"labels": [{"text": TEXT, "topics": []}, {"text": " ", "topics": []}]})
        assert (unread.status_code, "labels[1]" in unread.text) == (422, True)
        assert server.get("/v1/labels").json()["labels"] == kept.json()["labels"]
        server.encoder.gate.set()
        assert server.post("/v1/labels", {"labels": [{"text": TEXT, "topics": []}]}).json()["labels"][0]["prediction"]


@pytest.mark.parametrize("path", ["promote", "rollback"])
def test_inference_goes_on_while_a_version_is_loaded_which_is_loaded_once(
    bundle_folder: Path, tmp_path: Path, path: str
) -> None:
    with controlled(bundle_folder, tmp_path) as server:
        live, body = "A", {"version": "B", **WHY}
        if path == "rollback":
            server.post("/v1/models/promote", body)
            store = server.resources.store
            assert store is not None
            store.promote("A", who="test", why="back and forth", skip_gate=True)
            while server.classify().json()["model_version"] != "A":
                pass
            body = WHY
        server.resources.gate.clear()
        server.resources.entered.clear()
        loads = server.resources.loads
        promoting = server.posting(f"/v1/models/{path}", body)
        server.resources.entered.wait()
        assert [server.classify().json()["model_version"] for _ in range(5)] == [live] * 5
        server.resources.gate.set()
        assert promoting.result().json()["live"] == "B"
        assert server.classify().json()["model_version"] == "B"
        assert server.resources.loads == loads + 1
