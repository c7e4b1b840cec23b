"""On a real Ray cluster of this machine's own, with a worker killed on the way, the files are the same."""

import os
import signal
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.archive.archives import contents, score

if not os.environ.get("BAOZHAI_RAY"):
    pytest.skip("a cluster takes a minute to start: BAOZHAI_RAY=1 runs this", allow_module_level=True)
ray = pytest.importorskip("ray")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = Path(__file__).parents[3]
    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "300")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(
            num_cpus=3,
            include_dashboard=False,
            log_to_driver=False,
            runtime_env={"env_vars": {"PYTHONPATH": str(root)}},
        )
        yield
        ray.shutdown()


def kill_one_worker(out: Path, killed: list[int]) -> None:
    """Wait until a shard is done, then kill a process that scores."""
    while not list(out.glob("ledger/*.json")):
        pass
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"ray::" in title and b"_RayScorer" in title:
            killed.append(int(folder.name))
            os.kill(killed[0], signal.SIGKILL)
            return


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_a_cluster_gives_the_same_files(
    archive: Path, bundle_folder: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    from baozhai_service.archive.raying import OnRay

    killed: list[int] = []
    killer = threading.Thread(target=kill_one_worker, args=(tmp_path / "out", killed), daemon=True)
    killer.start()
    score(archive, tmp_path / "out", bundle_folder, engine=OnRay(2))
    killer.join()
    assert killed
    assert contents(tmp_path / "out") == expected
