"""A run that is killed and asked for again ends as one that was not."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from baozhai_model.bundle import read_manifest, verify_files
from tests.training.conftest import Command


def arrays(path: Path) -> dict[str, bytes]:
    """What an .npz file holds."""
    with np.load(path) as found:
        return {name: found[name].tobytes() for name in found.files}


def written(path: Path) -> tuple[int, int]:
    """Which file it is and when it was last written; reading it changes neither."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


@pytest.mark.parametrize(
    ("done", "kept", "missing"), [("fold", "fold-0", "fold-1"), ("round 2: student", "student-0-2", "student-1-2")]
)
def test_killed_and_run_again(
    done: str, kept: str, missing: str, five_topics: Command, retrained: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    with subprocess.Popen(five_topics(work), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if f"{done} 1 of 2 is done".encode() in line:
                process.kill()  # while the second is being learnt
                break
    assert not (work / "bundle").exists()
    assert not (work / f"{missing}.npz").exists()
    before = written(work / f"{kept}.npz")
    # What a kill while the bundle is being written would leave.
    (work / ".bundle.partial").mkdir()
    (work / ".bundle.partial" / "manifest.json").write_text("{", encoding="utf-8")
    ended = subprocess.run(five_topics(work), capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stderr
    assert written(work / f"{kept}.npz") == before  # what was done before the kill was not done again

    again, once = read_manifest(work / "bundle"), read_manifest(retrained / "bundle")
    verify_files(work / "bundle", again)
    for name in ("train.jsonl", "test.jsonl"):
        assert (work / name).read_bytes() == (retrained / name).read_bytes()
    for scored in ("fold-0", "fold-1", "student-0-1", "student-1-1", "student-0-2", "student-1-2"):
        assert arrays(work / f"{scored}.npz") == arrays(retrained / f"{scored}.npz")
    # Weights, tokenizer, n-grams, rules and measures; only the version's date and the card that states it may differ.
    assert {**again.files, "MODEL_CARD.md": ""} == {**once.files, "MODEL_CARD.md": ""}
    assert (again.rules, again.topics, again.digest_weights) == (once.rules, once.topics, once.digest_weights)
    assert again.about["metrics"] == once.about["metrics"]
    assert again.version.rpartition("-")[2] == once.version.rpartition("-")[2]
