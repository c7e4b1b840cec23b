"""Promote and roll back over HTTP and from the command line, under load, and with broken versions."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.model import Model
from baozhai_model.registry.history import Action
from baozhai_model.registry.store import Store
from baozhai_service.app import create_app
from baozhai_service.cli import app as command_line
from baozhai_service.http.auth import Access, Key, Permission
from baozhai_service.http.auth import new_key as make_key
from baozhai_service.registry.watcher import StoreWatcher, load_live
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings
from tests.service.registry.versions import passed, variant
from tests.service.serving import LOOPBACK, classify

TEXTS = ["保险公司推出普惠保险并防范金融风险。", "环保志愿者推进垃圾分类和减排降碳。"]
WHY = {"why": "test"}


@pytest.fixture
def home(bundle_folder: Path, tmp_path: Path) -> Path:
    """With version A shipped, and B in the store, which the gate has passed against A."""
    variant(bundle_folder, tmp_path / "A", "A", 0.0)
    store = Store(tmp_path / "home" / "store", tmp_path / "A")
    store.add(variant(bundle_folder, tmp_path / "B", "B", 1.5), who="ci", why="trained")
    passed(store, "B", "A")
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path, tmp_path: Path) -> Settings:
    return Settings(home=home, bundle=tmp_path / "A")


@pytest.fixture
def resources(home: Path, settings: Settings) -> Resources:
    return Resources(home, settings)


@pytest.fixture
def client(resources: Resources, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(resources.live, settings, resources=resources), base_url=LOOPBACK) as client:
        yield client


def test_promote_and_roll_back_change_what_answers(client: TestClient) -> None:
    assert classify(client, *TEXTS).json()["model_version"] == "A"
    promoted = client.post("/v1/models/promote", json={"version": "B", **WHY})
    assert promoted.status_code == 200, promoted.text
    assert classify(client, *TEXTS).json()["model_version"] == "B"
    listed = client.get("/v1/models").json()
    assert (listed["live"], {m["version"]: m["live"] for m in listed["models"]}) == ("B", {"A": False, "B": True})
    assert client.post("/v1/models/rollback", json=WHY).json()["live"] == "A"
    assert classify(client, *TEXTS).json()["model_version"] == "A"
    entries = client.get("/v1/models/history").json()["entries"]
    assert [(e["who"], e["action"], e["version"]) for e in entries[1:]] == [
        ("local", "promote", "B"),
        ("local", "roll back", "A"),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        ("promote", {"version": "C", **WHY}, 404, "version_not_found"),
        ("promote", {"version": "A", **WHY}, 409, "promotion_refused"),
        ("promote", {"version": "B"}, 422, "invalid_request"),
        ("promote", {"version": "B", "why": ""}, 422, "invalid_request"),
        ("promote", {"version": "B", "why": " \n"}, 422, "invalid_request"),
        ("promote", {"version": "../B", **WHY}, 404, "version_not_found"),
        ("rollback", WHY, 409, "promotion_refused"),
    ],
)
def test_what_cannot_go_live_is_refused(
    client: TestClient, path: str, body: dict[str, str], status: int, kind: str
) -> None:
    response = client.post(f"/v1/models/{path}", json=body)
    assert (response.status_code, response.json()["type"]) == (status, f"urn:baozhai:problem:{kind}")
    assert classify(client, *TEXTS).json()["model_version"] == "A"


def test_a_broken_version_is_refused_and_the_old_one_answers(client: TestClient, resources: Resources) -> None:
    assert resources.store is not None
    (resources.store.folder("B") / "model.onnx").write_bytes(b"")
    response = client.post("/v1/models/promote", json={"version": "B", **WHY})
    assert (response.status_code, response.json()["type"]) == (503, "urn:baozhai:problem:bundle_corrupt")
    assert classify(client, *TEXTS).json()["model_version"] == "A"


def test_only_operators_release(resources: Resources, settings: Settings) -> None:
    secrets, keys = {}, []
    for role in Permission:
        secrets[role], entry = make_key(role.value, role)
        keys.append(Key(role.value, role, entry.split('sha256 = "')[1][:64]))
    app = create_app(resources.live, settings, Access(keys), resources)
    with TestClient(app, base_url=LOOPBACK) as client:
        for role, status in ((Permission.READ, 403), (Permission.LABEL, 403), (Permission.OPERATE, 200)):
            headers = {"Authorization": f"Bearer {secrets[role]}"}
            response = client.post("/v1/models/promote", json={"version": "B", **WHY}, headers=headers)
            assert response.status_code == status
    assert resources.store is not None
    assert resources.store.history.entries()[-1].who == "operate"


def test_a_hundred_releases_under_load_drop_and_mix_nothing(resources: Resources, settings: Settings) -> None:
    """What the command line does to the store, the service takes up while it answers."""
    store = resources.store
    assert store is not None
    loaded = {name: Model.load(store.folder(name)) for name in ("A", "B")}
    expected = {}
    for name, model in loaded.items():
        with TestClient(create_app(model), base_url=LOOPBACK) as alone:
            expected[name] = classify(alone, *TEXTS).content
    assert expected["A"] != expected["B"]
    watcher = StoreWatcher(store, resources.live, lambda folder: loaded["B" if folder.name == "B" else "A"])
    answers: list[tuple[int, bytes]] = []
    done = threading.Event()

    def hammer(client: TestClient) -> None:
        while not done.is_set():
            response = classify(client, *TEXTS)
            answers.append((response.status_code, response.content))

    # Without its resources the service has no watcher of its own, which would swap in between.
    with TestClient(create_app(resources.live, settings), base_url=LOOPBACK) as client:
        clients = [threading.Thread(target=hammer, args=[client]) for _ in range(3)]
        for each in clients:
            each.start()
        try:
            for swap in range(100):
                before = len(answers)
                if swap % 2:
                    store.history.append("operator", Action.ROLL_BACK, "A", "B", "")
                else:
                    store.history.append("operator", Action.PROMOTE, "B", "A", "")
                assert watcher.follow() == ("A" if swap % 2 else "B")
                while len(answers) == before:
                    pass
        finally:
            done.set()
            for each in clients:
                each.join()
    assert set(answers) == {(200, content) for content in expected.values()}


def test_a_live_version_that_breaks_on_the_disk_is_passed_over_at_start(home: Path, settings: Settings) -> None:
    store = Store(home / "store", settings.bundle)
    store.promote("B", who="operator", why="")
    load: Callable[[Path], Model] = Model.load
    assert load_live(store, load).version == "B"
    (store.folder("B") / "ngrams.safetensors").unlink()
    assert load_live(store, load).version == "A"
    resources = Resources(home, settings)
    assert resources.live.model.version == "A"


def test_the_command_line_lists_promotes_and_rolls_back(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = variant(bundle_folder, tmp_path / "A", "A", 0.0)
    monkeypatch.setattr("baozhai_model.registry.store.DEFAULT_BUNDLE", shipped)
    monkeypatch.setattr(Store.__init__, "__defaults__", (shipped,))
    home = tmp_path / "home"
    store = Store(home / "store")
    store.add(variant(bundle_folder, tmp_path / "B", "B", 1.0), who="ci", why="trained")

    def run(*arguments: str) -> tuple[int, list[dict[str, object]]]:
        result = CliRunner().invoke(command_line, [*arguments, "--home", str(home)])
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    status, lines = run("models")
    assert (status, [(line["version"], line["live"]) for line in lines]) == (0, [("A", True), ("B", False)])
    assert run("promote", "B", "--why", "no verdict") == (1, [])
    passed(store, "B", "A")
    status, (entry,) = run("promote", "B", "--why", "better", "--who", "editor")
    assert (status, entry["was"], entry["who"], entry["why"]) == (0, "A", "editor", "better")
    status, (entry,) = run("rollback", "--why", "not so", "--who", "editor")
    assert (status, entry["version"]) == (0, "A")
    assert run("rollback", "--why", "further")[0] == 1
    _, lines = run("models", "--history")
    assert [line["action"] for line in lines] == ["add", "refuse", "promote", "roll back"]


def test_a_home_that_is_no_folder_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    version = read_manifest(DEFAULT_BUNDLE).version
    result = CliRunner().invoke(command_line, ["promote", version, "--why", "x", "--home", str(tmp_path / "file")])
    assert result.exit_code == 2
    assert result.stderr == f"baozhai: {tmp_path / 'file' / 'store'} cannot be used: Not a directory\n"


@pytest.mark.parametrize("arguments", [["promote", "B"], ["rollback"]])
@pytest.mark.parametrize("why", ["", " "])
def test_a_release_without_a_reason_is_refused(home: Path, arguments: list[str], why: str) -> None:
    result = CliRunner().invoke(command_line, [*arguments, "--why", why, "--home", str(home)])
    assert (result.exit_code, result.stderr.startswith("baozhai: --why: is blank")) == (2, True)
    assert not [entry for entry in Store(home / "store").history.entries() if entry.action is not Action.ADD]
