"""Model versions for tests of the store: copies of one bundle that answer differently."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

from baozhai_model.bundle import MANIFEST, read_manifest, sha256
from baozhai_model.registry.store import Store, Verdict
from tests.manifests import shifted


def variant(bundle: Path, folder: Path, version: str, bias: float) -> Path:
    """A copy of ``bundle`` under another name, with other answers."""
    shutil.copytree(bundle, folder)
    manifest = read_manifest(folder)
    changed = replace(shifted(manifest, bias), version=version)
    (folder / MANIFEST).write_text(json.dumps(changed.to_json(), ensure_ascii=False), encoding="utf-8")
    return folder


def passed(store: Store, version: str, champion: str) -> None:
    store.record(Verdict(version, champion, True, (), sha256(store.folder(version) / MANIFEST)))
