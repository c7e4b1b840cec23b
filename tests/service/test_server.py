"""The server as a process: how it starts, how it is refused to, and how it stops."""

import json
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.service.gated_server import over_the_wire, request
from tests.service.serving import Process, baozhai, classify, start

TEXT = "植树队植树造林、保护珍稀鸟类，这项工作将持续到年底。"


def refused(*arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(baozhai("serve", *arguments), capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stderr


def in_work(server: Process) -> float:
    (line,) = [
        line for line in server.get("/metrics").text.splitlines() if line.startswith("baozhai_requests_in_work ")
    ]
    return float(line.split(" ")[1])


def test_the_start_says_that_there_are_no_keys(server: Process) -> None:
    (line,) = [line for line in server.log if '"event": "start"' in line]
    assert "no API keys" in line


@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_answered_before_the_end(bundle_folder: Path, stopping: signal.Signals) -> None:
    """Requests whose bodies are half sent when the signal comes are accepted, and cannot be done already."""
    body = json.dumps({"texts": [TEXT] * 10}).encode()
    with start(bundle_folder) as server:
        host, _, port = server.address.removeprefix("http://").partition(":")
        connections = [socket.create_connection((host, int(port))) for _ in range(8)]
        for connection in connections:
            connection.sendall(request(body)[:-20])
        while in_work(server) < len(connections):
            pass
        server.process.send_signal(stopping)
        server.seen("Shutting down")
        for connection in connections:
            connection.sendall(body[-20:])
        assert {over_the_wire(connection)[0] for connection in connections} == {200}
        server.ended()
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{server.address}/health/live")


def test_a_load_balancer_is_warned_before_the_end(bundle_folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "service.toml"
    config.write_text("drain_seconds = 3600.0\n", encoding="utf-8")
    with start(bundle_folder, "--config", config) as server:
        server.process.terminate()
        while server.get("/health/ready").status_code != 503:
            pass
        assert server.get("/health/ready").json()["type"] == "urn:baozhai:problem:shutting_down"
        assert server.get("/health/live").status_code == 200
        assert classify(server, TEXT).status_code == 200
        server.process.terminate()
        server.ended()


def test_an_address_that_others_can_reach_needs_keys(bundle_folder: Path) -> None:
    status, said = refused("--bundle", bundle_folder, "--host", "0.0.0.0")
    assert status == 2
    assert "0.0.0.0 can be reached from elsewhere, so it needs API keys" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "tokenizer.json", "ngrams.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "altered", "empty"])
def test_a_damaged_bundle_stops_the_start_and_is_named(
    bundle_folder: Path, tmp_path: Path, name: str, damage: str
) -> None:
    shutil.copytree(bundle_folder, tmp_path, dirs_exist_ok=True)
    damaged = tmp_path / name
    if damage == "missing":
        damaged.unlink()
    else:
        damaged.write_bytes(b"" if damage == "empty" else damaged.read_bytes()[:-3] + b"xxx")
    status, said = refused("--bundle", tmp_path)
    assert status == 2
    assert name in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_stops_the_start(bundle_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, said = refused("--bundle", bundle_folder, "--port", str(taken.getsockname()[1]))
    assert status != 0
    assert "address already in use" in said
