"""``baozhai models | promote | rollback``."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baozhai_service.cli_errors import UNUSABLE, reported, stop

if TYPE_CHECKING:
    from baozhai_model.registry.store import Store

Home = Annotated[Path | None, typer.Option(help="Folder of model versions.", envvar="BAOZHAI_HOME")]
Why = Annotated[str, typer.Option(help="The reason, for those who read the log later.")]
Who = Annotated[str, typer.Option(help="Who wants it; the login name.")]


def models(
    home: Home = None, history: Annotated[bool, typer.Option("--history", help="Print the log instead.")] = False
) -> None:
    """List the model versions, one JSON line each, or the log of who made which live."""
    with reported():
        store = _store(home)
        if history:
            for entry in store.history.entries():
                typer.echo(json.dumps(asdict(entry), ensure_ascii=False))
            return
        live = store.live
        for version, manifest in store.versions().items():
            line: dict[str, object] = {"version": version, "live": version == live}
            if isinstance(manifest, Exception):
                line["error"] = str(manifest)
            else:
                rows = manifest.about.get("metrics", {}).get("topics", {}).get("topics", [])
                line |= {
                    "topics": [topic.zh for topic in manifest.topics],
                    "f1": {row["topic"]: round(row["f1"], 3) for row in rows},
                    "base": manifest.about.get("base"),
                }
            typer.echo(json.dumps(line, ensure_ascii=False))


def promote(
    version: Annotated[str, typer.Argument(help="One that `baozhai-train gate` has passed.")],
    why: Why,
    who: Who = "",
    home: Home = None,
    skip_gate: Annotated[
        bool, typer.Option("--skip-gate", help="Promote without a verdict of the gate; the log records that.")
    ] = False,
    unproven: Annotated[bool, typer.Option("--unproven", hidden=True)] = False,
) -> None:
    """Make a version live; running services take it up within a second or two."""
    with reported():
        _check_why(why)
        if unproven:
            typer.echo("baozhai: --unproven is the old name of --skip-gate", err=True)
        who = who or getpass.getuser()
        entry = _store(home).promote(version, who=who, why=why, skip_gate=skip_gate or unproven)
        typer.echo(json.dumps(asdict(entry), ensure_ascii=False))


def rollback(why: Why, who: Who = "", home: Home = None) -> None:
    """Make the version live again that was so before."""
    with reported():
        _check_why(why)
        entry = _store(home).roll_back(who=who or getpass.getuser(), why=why)
        typer.echo(json.dumps(asdict(entry), ensure_ascii=False))


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (models, promote, rollback):
        app.command()(command)


def _check_why(why: str) -> None:
    if not why.strip():
        stop(UNUSABLE, "--why: is blank; give the reason, for those who read the log later")


def _store(home: Path | None) -> Store:
    from baozhai_model.registry.store import Store, default_home

    return Store((home or default_home()) / "store")
