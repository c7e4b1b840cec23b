"""Every command answers with the live model version when none is named, before and after a promotion."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from baozhai_model.bundle import DEFAULT_BUNDLE, read_manifest
from baozhai_model.registry.store import open_store
from tests.service.registry.versions import variant
from tests.service.serving import baozhai, classify, start

pytest.importorskip("pyarrow")

TEXT = "保险公司推出普惠保险并防范金融风险。"


def answers(folder: Path, home: Path, **environment: str) -> dict[str, str]:
    """The model version that each command answers with."""
    line = json.dumps({"id": 1, "text": TEXT}, ensure_ascii=False)
    (folder / "in.jsonl").write_text(line + "\n", encoding="utf-8")
    variables = {**os.environ, "BAOZHAI_HOME": str(home), **environment}

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(baozhai(*arguments), capture_output=True, text=True, check=False, env=variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    versions = {name: json.loads(run(name, folder / "in.jsonl"))["model_version"] for name in ("classify", "digest")}
    versions["read"] = json.loads(run("read", folder / "in.jsonl"))["model_version"]
    run("score", folder / "in.jsonl", "--out", folder / "out", "--workers", "1")
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    versions["score"] = manifest["basis"]["model_version"]
    return versions


def test_all_commands_and_the_service_use_the_live_version(bundle_folder: Path, tmp_path: Path) -> None:
    home, shipped = tmp_path / "home", read_manifest(DEFAULT_BUNDLE).version
    assert set(answers(tmp_path, home).values()) == {shipped}
    store = open_store(home)
    store.add(variant(bundle_folder, tmp_path / "B", "B", 1.5), who="ci", why="trained")
    store.promote("B", who="editor", why="better", skip_gate=True)
    assert set(answers(tmp_path, home).values()) == {"B"}
    with start(None, "--home", home) as server:
        assert classify(server, TEXT).json()["model_version"] == "B"


def test_a_bundle_that_is_named_goes_before_the_live_version(bundle_folder: Path, tmp_path: Path) -> None:
    named = variant(bundle_folder, tmp_path / "named", "named", 0.0)
    assert set(answers(tmp_path, tmp_path / "home", BAOZHAI_BUNDLE=str(named)).values()) == {"named"}
