"""Runs: one at a time, in a process of their own, which can be looked at and cancelled."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from baozhai_service.app import create_app
from baozhai_service.errors import NotFound, RunRefused
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings
from baozhai_service.training_runs.runner import Run, State, TrainingRunner
from tests.service.serving import LOOPBACK

TRAINER = """
import os, sys
print(sys.argv[1], "at priority", os.getpriority(os.PRIO_PROCESS, 0))
status = dict(word.split("=") for word in {outcome!r}.split())
sys.exit(int(status[sys.argv[1]]))
"""
ENDLESS = """
import signal
open({fifo!r}, "w").close()
signal.pause()
"""


def desk_of(folder: Path, source: str) -> TrainingRunner:
    """A desk with a trainer of our own writing."""
    folder.mkdir(exist_ok=True)
    (folder / "trainer.py").write_text(source, encoding="utf-8")
    return TrainingRunner(folder / "runs", [sys.executable, str(folder / "trainer.py")])


def start(runner: TrainingRunner, folder: Path) -> Run:
    return runner.start(['{"text": "甲", "topics": []}\n'], who="editor", quick=True, home=folder, base=folder)


@pytest.fixture
def endless(tmp_path: Path) -> Callable[[], TrainingRunner]:
    """A desk whose trainer says that it is up by opening a pipe, and never ends."""
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    return lambda: desk_of(tmp_path, ENDLESS.format(fifo=str(fifo)))


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("run=0 gate=0", State.PASSED),
        ("run=0 gate=1", State.REFUSED),
        ("run=0 gate=2", State.FAILED),
        ("run=2 gate=0", State.FAILED),
    ],
)
def test_a_run_ends_as_its_trainer_and_the_gate_say(outcome: str, state: State, tmp_path: Path) -> None:
    runner = desk_of(tmp_path, TRAINER.format(outcome=outcome))
    run = start(runner, tmp_path)
    assert run.state is State.RUNNING
    runner.wait()
    ended = runner.run(run.id)
    assert (ended.state, ended.who) == (state, "editor")
    assert ended.ended is not None
    assert "run at priority 19" in runner.log(run.id)
    assert ("gate" in runner.log(run.id)) == outcome.startswith("run=0")
    assert runner.runs() == [ended]


def test_one_at_a_time_and_cancelled_at_once(endless: Callable[[], TrainingRunner], tmp_path: Path) -> None:
    runner = endless()
    run = start(runner, tmp_path)
    (tmp_path / "pipe").open().close()  # returns when the trainer is up
    with pytest.raises(RunRefused, match=run.id):
        start(runner, tmp_path)
    assert TrainingRunner(tmp_path / "runs").run(run.id).state is State.LOST  # as another service sees it
    assert runner.cancel(run.id).state is State.CANCELLED
    with pytest.raises(RunRefused, match="is over"):
        runner.cancel(run.id)
    again = start(runner, tmp_path)
    runner.stop()
    assert runner.run(again.id).state is State.CANCELLED


@pytest.mark.parametrize("name", ["none", "..", "../runs", ""])
def test_a_run_that_is_not_there_is_not_found(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        desk_of(tmp_path, "").run(name)


def test_runs_over_http(bundle_folder: Path, tmp_path: Path) -> None:
    runner = desk_of(tmp_path, TRAINER.format(outcome="run=0 gate=1"))
    settings = Settings(home=tmp_path / "home", bundle=bundle_folder)
    resources = Resources(tmp_path / "home", settings, runner=runner)
    with TestClient(create_app(resources.live, settings, resources=resources), base_url=LOOPBACK) as client:
        label = {"text": "农商银行向小微企业发放信用贷款。", "topics": ["金融"]}
        client.post("/v1/labels", json={"labels": [label]})
        run = client.post("/v1/runs", json={"quick": True})
        assert run.status_code == 200, run.text
        runner.wait()
        found = client.get(f"/v1/runs/{run.json()['id']}").json()
        assert (found["state"], found["quick"]) == ("refused", True)
        assert found["log"].startswith("run at priority")
        assert [each["id"] for each in client.get("/v1/runs").json()["runs"]] == [found["id"]]
        assert client.post(f"/v1/runs/{found['id']}/cancel").status_code == 409
        assert client.get("/v1/runs/none").status_code == 404
    (data,) = (tmp_path / "runs").glob("*/data.jsonl")
    assert '"topics": ["finance"]' in data.read_text(encoding="utf-8")
