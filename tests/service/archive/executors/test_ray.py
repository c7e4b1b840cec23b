"""On a real Ray cluster of this machine's own, with a worker killed on the way, the files are the same."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from baozhai_service.archive.output.ledger import Receipt
from baozhai_service.archive.scoring.shard_worker import WorkerSpec
from baozhai_service.archive.shards.shard import Shard
from tests.service.archive.archives import contents, score

if not os.environ.get("TEST_RAY") or find_spec("ray") is None:
    pytest.skip(
        "a Ray cluster starts only with a core to spare; with the extra `ray`: "
        "TEST_RAY=1 .venv/bin/python -m pytest tests/service/archive/executors/test_ray.py",
        allow_module_level=True,
    )

WORKERS = 2
PATIENCE = "600"  # seconds that a busy machine may take to start a part of the cluster
SETTINGS = {
    "PYTHONUNBUFFERED": "1",
    "RAY_AUTH_MODE": "disabled",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # or a worker would build an environment of its own
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_NUM_REDIS_GET_RETRIES": PATIENCE,
    "RAY_gcs_server_port_wait_time_s": PATIENCE,
    "RAY_gcs_server_request_timeout_seconds": PATIENCE,
    "RAY_worker_register_timeout_seconds": PATIENCE,
    "RAY_agent_register_timeout_ms": PATIENCE + "000",
    "RAY_health_check_initial_delay_ms": PATIENCE + "000",
    "RAY_health_check_timeout_ms": PATIENCE + "000",
}
# Without a port of its own, a node waits for its agents to choose theirs, and gives up on a busy machine.
PORTS = (
    "port",
    "dashboard-agent-grpc-port",
    "dashboard-agent-listen-port",
    "runtime-env-agent-port",
    "metrics-export-port",
)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The process that all others of the cluster come from."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
    command += [f"--{name}={port}" for name, port in ports.items()]
    command += [f"--num-cpus={WORKERS + 1}", f"--object-store-memory={80 * 2**20}", "--include-dashboard=false"]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as head:
        assert head.stdout
        try:
            for line in head.stdout:
                said.append(line)
                if "Ray runtime started" in line:
                    break
            else:
                pytest.fail("the cluster did not start:\n" + "".join(said))
            host = next(line.rpartition(" ")[2].strip() for line in said if "Local node IP:" in line)
            monkeypatch.setenv("RAY_ADDRESS", f"{host}:{ports['port']}")
            yield head.pid
        finally:
            head.terminate()


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in held]


class Killing:
    """Scores on Ray, and kills a process that scores when the first shard is done."""

    def __init__(self, cluster: int) -> None:
        self._cluster = cluster
        self.killed: int | None = None
        self.unfinished = 0

    def run(self, spec: WorkerSpec, shards: Iterator[Shard]) -> Iterator[tuple[Shard, Receipt]]:
        from baozhai_service.archive.executors.ray import RayExecutor

        planned = list(shards)
        for done in RayExecutor(WORKERS).run(spec, iter(planned)):
            if self.killed is None:
                self.killed = next(process for process in family(self._cluster) if b"_RayScorer" in title(process))
                os.kill(self.killed, signal.SIGKILL)
                self.unfinished = len(planned) - len(list(Path(spec.output, "ledger").glob("*.json")))
            yield done


def family(process: int) -> Iterator[int]:
    """A process, its children, and theirs."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                yield from family(int(child))


def title(process: int) -> bytes:
    """What a process says that it is."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_files(
    cluster: int, archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    executor = Killing(cluster)
    score(archive, tmp_path / "out", bundle_folder, executor=executor)
    assert executor.killed
    assert executor.unfinished, "the worker was killed too late"
    assert contents(tmp_path / "out") == expected
