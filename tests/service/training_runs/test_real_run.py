"""A run by the real trainer beside a real server, asked for, looked at, cancelled and seen to its end over HTTP."""

import random
import re
from pathlib import Path
from typing import Any

import pytest

from baozhai_model.registry.store import Store
from tests import tiny
from tests.service.serving import Process, classify, start

pytest.importorskip("sqlalchemy")
ENDED = {"passed", "refused"}


def labels() -> list[dict[str, Any]]:
    """The small world's paragraphs, each with a number before it: they would else be near-duplicates of each other."""
    numbers = random.Random(2)
    rows = tiny.labelled_paragraphs()
    return [{**row, "text": f"（{numbers.randrange(10**12):012d}）{row['text']}"} for row in rows]


def run_of(server: Process) -> str:
    """Ask for a run; its id."""
    asked = server.post("/v1/runs", json={"quick": True})
    assert asked.status_code == 200, asked.text
    assert asked.json()["state"] == "running"
    return str(asked.json()["id"])


def test_from_labels_to_a_judged_version_over_http(bundle_folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.promote(store.add(bundle_folder, who="test", why="small"), who="test", why="small", skip_gate=True)
    with start(None, "--home", tmp_path) as server:
        assert server.post("/v1/labels", json={"labels": labels()}).status_code == 200
        first = run_of(server)
        assert server.post("/v1/runs", json={"quick": True}).status_code == 409  # one at a time
        assert server.post(f"/v1/runs/{first}/cancel").json()["state"] == "cancelled"

        second = run_of(server)
        before = classify(server, "农商银行向小微企业发放信用贷款。").json()  # answered while it learns
        assert before["results"][0]["coverage"]["windows"] == 1
        server.seen(f'"run": "{second}", "state"')  # the service says when a run is over
        found = server.get(f"/v1/runs/{second}").json()
        assert found["state"] in ENDED, found["log"]
        assert all(f"fold {number} of 2 is done" in found["log"] for number in (1, 2))
        runs = {run["id"]: run["state"] for run in server.get("/v1/runs").json()["runs"]}
        assert runs == {first: "cancelled", second: found["state"]}

        # The version is in the store; only the gate's word makes it live.
        version = re.findall(r"version ([0-9]{4}-[0-9-]+-[0-9a-f]{7})", found["log"])[-1]
        promoted = server.post("/v1/models/promote", json={"version": version, "why": "new labels"})
        assert promoted.status_code == {"passed": 200, "refused": 409}[found["state"]], promoted.text
        answer = classify(server, "农商银行向小微企业发放信用贷款。").json()
        assert (answer["model_version"] == version) == (found["state"] == "passed")
