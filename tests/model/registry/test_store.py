"""Versions go live one at a time, on the record, and only whole ones that the gate has passed."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from baozhai_model.bundle import MANIFEST, read_manifest, sha256
from baozhai_model.errors import BundleCorrupt, BundleError, PromotionRefused, VersionNotFound
from baozhai_model.registry.history import Action
from baozhai_model.registry.store import Store, Verdict


def renamed(bundle: Path, folder: Path, version: str) -> Path:
    """A copy of ``bundle`` that goes by ``version``."""
    shutil.copytree(bundle, folder)
    manifest = replace(read_manifest(folder), version=version)
    (folder / MANIFEST).write_text(json.dumps(manifest.to_json(), ensure_ascii=False), encoding="utf-8")
    return folder


def passed(store: Store, version: str, **changes: object) -> Verdict:
    manifest = sha256(store.folder(version) / MANIFEST)
    verdict = replace(Verdict(version, store.live, True, (), manifest), **changes)
    store.record(verdict)
    return verdict


@pytest.fixture
def store(bundle_folder: Path, tmp_path: Path) -> Store:
    """With the first version live, and B and C beside it."""
    store = Store(tmp_path / "store", renamed(bundle_folder, tmp_path / "shipped", "A"))
    for version in ("B", "C"):
        store.add(renamed(bundle_folder, tmp_path / version, version), who="ci", why="trained")
    return store


def test_the_shipped_bundle_is_the_first_version(bundle_folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store", bundle_folder)
    assert list(store.versions()) == [store.live]
    assert store.live_folder == bundle_folder
    assert not store.root.exists()


def test_promote_and_roll_back_are_on_the_record(store: Store) -> None:
    for version in ("B", "C"):
        passed(store, version)
        store.promote(version, who="editor", why=f"try {version}")
        assert store.live == version
        assert store.live_folder.name == version
    assert store.roll_back(who="operator", why="C is worse").version == "B"
    assert store.roll_back(who="operator", why="so is B").version == "A"
    with pytest.raises(PromotionRefused, match="A is the first"):
        store.roll_back(who="operator", why="further")
    steps = [(e.who, e.action.value, e.was, e.version, e.why) for e in store.history.entries()][2:]
    assert steps == [
        ("editor", "promote", "A", "B", "try B"),
        ("editor", "promote", "B", "C", "try C"),
        ("operator", "roll back", "C", "B", "C is worse"),
        ("operator", "roll back", "B", "A", "so is B"),
    ]


def test_without_the_gates_word_nothing_goes_live(store: Store) -> None:
    with pytest.raises(PromotionRefused, match="gate"):
        store.promote("B", who="editor", why="haste")
    assert store.live == "A"
    assert store.history.entries()[-1].action is Action.REFUSE
    store.promote("B", who="editor", why="haste", skip_gate=True)
    assert store.live == "B"
    assert store.history.entries()[-1].why == "haste (gate skipped)"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"passed": False, "reasons": ("it loses 金融",)}, "loses 金融"),
        ({"champion": "Z"}, "compared it with Z"),
        ({"manifest": "0"}, "another bundle"),
    ],
)
def test_a_verdict_counts_for_what_it_was_said_of(store: Store, changes: dict[str, object], reason: str) -> None:
    passed(store, "B", **changes)
    with pytest.raises(PromotionRefused, match=reason):
        store.promote("B", who="editor", why="")
    assert store.live == "A"


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "ngrams.safetensors", "MODEL_CARD.md", MANIFEST])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_broken_version_is_refused_and_the_old_one_goes_on(store: Store, name: str, harm: str) -> None:
    passed(store, "B")
    broken = store.folder("B") / name
    if harm == "cut":
        broken.write_bytes(broken.read_bytes()[:-9])
    else:
        broken.unlink()
    with pytest.raises((BundleError, PromotionRefused)):
        store.promote("B", who="editor", why="")
    assert store.live == "A"


def test_a_broken_bundle_does_not_get_in(store: Store, bundle_folder: Path, tmp_path: Path) -> None:
    folder = renamed(bundle_folder, tmp_path / "D", "D")
    (folder / "model.onnx").write_bytes(b"")
    with pytest.raises(BundleCorrupt, match=r"model\.onnx"):
        store.add(folder, who="ci", why="")
    assert set(store.versions()) == {"A", "B", "C"}


@pytest.mark.parametrize("version", ["..", "../B", "a/b", ".hidden", ""])
def test_a_version_cannot_name_a_place_outside(store: Store, bundle_folder: Path, tmp_path: Path, version: str) -> None:
    with pytest.raises(BundleCorrupt, match="no name"):
        store.add(renamed(bundle_folder, tmp_path / "D", version), who="ci", why="")
    with pytest.raises(VersionNotFound, match="there are A, B, C"):
        store.promote(version, who="ci", why="")


def test_a_line_cut_short_by_a_crash_never_happened(store: Store) -> None:
    passed(store, "B")
    log = store.root / "history.jsonl"
    before = log.read_bytes()
    store.promote("B", who="editor", why="")
    whole = log.read_bytes()
    for cut in range(len(before), len(whole)):
        log.write_bytes(whole[:cut])
        assert store.live == "A"
    passed(store, "B")
    store.promote("B", who="editor", why="again")
    assert store.live == "B"
    assert [e.why for e in store.history.entries()][-1] == "again"


def test_many_at_once_leave_one_live_and_a_whole_record(store: Store) -> None:
    def flip(number: int) -> None:
        try:
            store.promote("BC"[number % 2], who=f"editor {number}", why="", skip_gate=True)
        except PromotionRefused:
            with suppress(PromotionRefused):  # others may have rolled back to the first meanwhile
                store.roll_back(who=f"editor {number}", why="")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(flip, range(24)))
    live_history = ["A"]
    for entry in store.history.entries():
        if entry.action in (Action.PROMOTE, Action.ROLL_BACK):
            assert entry.was == live_history[-1]
            live_history = [*live_history, entry.version] if entry.action is Action.PROMOTE else live_history[:-1]
            assert entry.version == live_history[-1]
    assert store.live == live_history[-1]
