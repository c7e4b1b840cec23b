import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from baozhai_model.bundle import DEFAULT_BUNDLE, MANIFEST, MODEL, NGRAMS, TOKENIZER, Bundle, read_manifest
from baozhai_model.errors import BundleCorrupt, BundleNotFound


@pytest.fixture
def copied(bundle_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bundle_folder, tmp_path / "bundle")


def _rewrite(folder: Path, change: Callable[[dict], None]) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_a_manifest_says_again_what_it_was_told(copied: Path) -> None:
    raw = json.loads((copied / MANIFEST).read_text(encoding="utf-8"))
    assert read_manifest(copied).to_json() == raw


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, NGRAMS, "MODEL_CARD.md"])
def test_an_altered_file_is_named(copied: Path, name: str) -> None:
    path = copied / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(BundleCorrupt, match=f"{name} was altered"):
        Bundle.load(copied)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, NGRAMS])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(BundleCorrupt, match=f"{name} is missing"):
        Bundle.load(copied)


def test_a_folder_without_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound, match=r"has no manifest\.json"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(format=99), "this release reads formats 1 and 2"),
        (lambda m: m.pop("topics"), "missing or ill-typed entry: 'topics'"),
        (lambda m: m.update(window="many"), "cannot be read"),
        (lambda m: m["topics"].pop(), "has 4 logits, but manifest.json has 3 topics"),
        (lambda m: m["files"].pop(MODEL), "lists no checksum for model.onnx"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(copied: Path, change: Callable[[dict], None], message: str) -> None:
    _rewrite(copied, change)
    with pytest.raises(BundleCorrupt, match=message):
        Bundle.load(copied)


def test_half_a_manifest_is_refused(copied: Path) -> None:
    path = copied / MANIFEST
    path.write_text(path.read_text(encoding="utf-8")[:100], encoding="utf-8")
    with pytest.raises(BundleCorrupt, match=r"manifest\.json cannot be read"):
        Bundle.load(copied)


def test_versions_with_the_same_tokenizer_share_it(bundle_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(bundle_folder, tmp_path / "copy")
    assert Bundle.load(bundle_folder).tokenizer is not Bundle.load(DEFAULT_BUNDLE).tokenizer
    one, other = Bundle.load(bundle_folder), Bundle.load(tmp_path / "copy")
    assert one.tokenizer is other.tokenizer
