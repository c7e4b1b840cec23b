"""The model store: model versions as folders, the log of which one is live, and the verdicts of the gate.

STORE/versions/VERSION/    a bundle, never changed once it is there
STORE/verdicts/VERSION.json    the verdict of the gate
STORE/history.jsonl        see `baozhai_model.registry.history`

The bundle that ships with the package is the first version and lives in no store.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from baozhai_model.bundle import DEFAULT_BUNDLE, MANIFEST, Manifest, read_manifest, sha256, verify_files
from baozhai_model.errors import BundleCorrupt, BundleError, PromotionRefused, VersionNotFound
from baozhai_model.model import Model
from baozhai_model.registry.history import Action, Entry, History
from baozhai_model.results import Prediction

_PROBE = "基层治理"  # a version that cannot classify this is not promoted


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's verdict on a candidate, with the exact files and the champion that it holds for."""

    candidate: str
    champion: str
    passed: bool
    reasons: tuple[str, ...]
    manifest: str  # SHA-256 of the candidate's manifest, which vouches for its other files
    figures: dict[str, Any] = field(default_factory=dict)


def default_home() -> Path:
    """Where model versions, labels and runs are kept: ``$BAOZHAI_HOME``, else the user's data folder."""
    if home := os.environ.get("BAOZHAI_HOME"):
        return Path(home)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "baozhai"


def open_store(home: Path | None = None) -> Store:
    """The store in the folder ``home``; in `default_home` if None."""
    return Store((home or default_home()) / "store")


def chosen_bundle(bundle: Path | None = None) -> Path:
    """The bundle to answer with: ``bundle`` if one is named, else that of the live version.

    Every command asks here, so all of them answer with the same model version when none is named.
    """
    return bundle or open_store().live_folder


class Store:
    """Model versions in a folder; several processes may use it at the same time."""

    def __init__(self, root: Path, first: Path = DEFAULT_BUNDLE) -> None:
        """Use the store in ``root``, made when something is put in it; ``first`` is its first version."""
        self.root = root
        self.history = History(root / "history.jsonl")
        self._first = first

    @property
    def live(self) -> str:
        """The live version."""
        return self.live_history()[-1]

    @property
    def live_folder(self) -> Path:
        """The live version's bundle."""
        live_history = self.live_history()
        return self.folder(live_history[-1]) if len(live_history) > 1 else self._first

    def versions(self) -> dict[str, Manifest | BundleError]:
        """Every version's manifest, or what is wrong with it; the first one first, then by name."""
        found: dict[str, Manifest | BundleError] = {}
        folders = sorted((self.root / "versions").glob("[!.]*")) if self.root.exists() else []
        for folder in [self._first, *folders]:
            try:
                manifest = read_manifest(folder)
                found.setdefault(manifest.version if folder == self._first else folder.name, manifest)
            except BundleError as error:
                found.setdefault(folder.name, error)
        return found

    def folder(self, version: str) -> Path:
        """The bundle of ``version``.

        Raises:
            VersionNotFound: the store does not have it.
        """
        known = self.versions()
        if version not in known:
            raise VersionNotFound(version, known)
        folder = self.root / "versions" / version
        return folder if folder.exists() else self._first

    def add(self, bundle: Path, *, who: str, why: str) -> str:
        """Copy ``bundle`` into the store, whole or not at all; its version. One that is there already is left alone.

        Raises:
            BundleError: it is no whole bundle.
        """
        manifest = read_manifest(bundle)
        version = manifest.version
        if version in ("", ".", "..") or Path(version).name != version or version.startswith("."):
            raise BundleCorrupt(f"{bundle / MANIFEST}: {version!r} is no name for a version")
        with self.history.locked():
            if version not in self.versions():
                partial = self.root / "versions" / f".{version}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                shutil.copytree(bundle, partial)
                verify_files(partial, manifest)  # of the copy: the disk may be full or failing
                partial.rename(partial.with_name(version))
                self.history.append(who, Action.ADD, version, self.live, why)
        return version

    def record(self, verdict: Verdict) -> None:
        """Keep a verdict of the gate."""
        path = self._verdict(verdict.candidate)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(verdict), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)

    def promote(
        self,
        version: str,
        *,
        who: str,
        why: str,
        skip_gate: bool = False,
        probe: Callable[[Path], object] | None = None,
    ) -> Entry:
        """Make ``version`` live.

        Args:
            version: one that the gate has passed against the version that is live now.
            who: the person or key that asks for it.
            why: the reason, for those who read the log later.
            skip_gate: promote without a verdict of the gate; the log records that.
            probe: loads the bundle in a folder and raises BundleError if it cannot answer; `probe_bundle` if None.

        Raises:
            PromotionRefused: with the reasons of the gate, or because it has no verdict; the log records the refusal.
            VersionNotFound, BundleError: the version is missing or broken; the live version stays live.
        """
        folder = self.folder(version)
        read_manifest(folder)
        with self.history.locked():
            was = self.live
            reasons = [] if skip_gate else self._objections(version, folder, was)
            if version == was:
                reasons = ["it is live already"]
            if reasons:
                self.history.append(who, Action.REFUSE, version, was, "; ".join(reasons))
                raise PromotionRefused(version, reasons)
            (probe or probe_bundle)(folder)
            return self.history.append(who, Action.PROMOTE, version, was, f"{why} (gate skipped)" if skip_gate else why)

    def roll_back(self, *, who: str, why: str, probe: Callable[[Path], object] | None = None) -> Entry:
        """Restore the previously live version; arguments as in `promote`.

        Raises:
            PromotionRefused: there is none.
            BundleError: it is broken; the live version stays live.
        """
        with self.history.locked():
            live_history = self.live_history()
            if len(live_history) < 2:
                raise PromotionRefused("an earlier version", [f"{live_history[-1]} is the first"])
            (probe or probe_bundle)(self.folder(live_history[-2]))
            return self.history.append(who, Action.ROLL_BACK, live_history[-2], live_history[-1], why)

    def live_history(self) -> list[str]:
        """The versions that roll-backs would restore one after the other, the live version last."""
        live_history: list[str] = []
        for entry in self.history.entries():
            if entry.action is Action.PROMOTE:
                live_history = [*(live_history or [entry.was]), entry.version]
            elif entry.action is Action.ROLL_BACK:
                live_history.pop()
        return live_history or [read_manifest(self._first).version]

    def verdict(self, version: str) -> Verdict | None:
        """What the gate decided about ``version``; None if it was not asked.

        Raises:
            BundleCorrupt: that cannot be read.
        """
        path = self._verdict(version)
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return Verdict(**{**raw, "reasons": tuple(raw["reasons"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            raise BundleCorrupt(f"{path} cannot be read: {error}") from error

    def objections(self, version: str) -> list[str]:
        """Why ``version`` cannot be promoted now; empty if it can.

        Raises:
            VersionNotFound, BundleError: it is not there, or broken.
        """
        live = self.live
        return ["it is live already"] if version == live else self._objections(version, self.folder(version), live)

    def _verdict(self, version: str) -> Path:
        return self.root / "verdicts" / f"{version}.json"

    def _objections(self, version: str, folder: Path, champion: str) -> list[str]:
        try:
            verdict = self.verdict(version)
        except BundleCorrupt as error:
            return [f"the gate's verdict cannot be read: {error}"]
        if verdict is None:
            return ["the gate has not compared it with the live version; run `baozhai-train gate`"]
        if not verdict.passed:
            return list(verdict.reasons)
        if verdict.champion != champion:
            return [f"the gate compared it with {verdict.champion}, but {champion} is live"]
        if verdict.manifest != sha256(folder / MANIFEST):
            return ["the gate saw another bundle of that version"]
        return []


def probe_bundle(folder: Path, load: Callable[[Path], Model] = Model.load) -> Model:
    """Load the bundle in ``folder`` and let it answer once.

    Raises:
        BundleError: it cannot be loaded, or cannot answer.
    """
    model = load(folder)
    (answer,) = model.classify([_PROBE])
    if not isinstance(answer, Prediction):
        raise BundleCorrupt(f"{folder} cannot classify {_PROBE!r}")
    return model
