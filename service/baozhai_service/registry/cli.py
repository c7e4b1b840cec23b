"""``baozhai models | promote | rollback``: list model versions and decide which one is live."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from baozhai_service.cli_errors import UNUSABLE, reported, stop

Home = Annotated[Path | None, typer.Option(help="Folder of model versions.", envvar="BAOZHAI_HOME")]
Why = Annotated[str, typer.Option(help="The reason, for the log.")]
Who = Annotated[str, typer.Option(help="Who decided (your login name).")]


def models(
    home: Home = None, history: Annotated[bool, typer.Option("--history", help="Print the log instead.")] = False
) -> None:
    """List the model versions, one JSON line each, or with --history the log of promotions."""
    with reported():
        from baozhai_model.registry.store import open_store

        store = open_store(home)
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
    version: Annotated[str, typer.Argument(help="A model version that passed `baozhai-train gate`.")],
    why: Why,
    who: Who = "",
    home: Home = None,
    skip_gate: Annotated[
        bool, typer.Option("--skip-gate", help="Promote without a verdict of the gate; the log records that.")
    ] = False,
    unproven: Annotated[bool, typer.Option("--unproven", hidden=True)] = False,
) -> None:
    """Make a model version live; running services load it within a second or two."""
    with reported():
        from baozhai_model.registry.store import open_store

        _check_why(why)
        if unproven:
            typer.echo("baozhai: --unproven is the old name of --skip-gate", err=True)
        who = who or getpass.getuser()
        entry = open_store(home).promote(version, who=who, why=why, skip_gate=skip_gate or unproven)
        typer.echo(json.dumps(asdict(entry), ensure_ascii=False))


def rollback(why: Why, who: Who = "", home: Home = None) -> None:
    """Restore the previously live model version."""
    with reported():
        from baozhai_model.registry.store import open_store

        _check_why(why)
        entry = open_store(home).roll_back(who=who or getpass.getuser(), why=why)
        typer.echo(json.dumps(asdict(entry), ensure_ascii=False))


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (models, promote, rollback):
        app.command()(command)


def _check_why(why: str) -> None:
    if not why.strip():
        stop(UNUSABLE, "--why: is blank; give a reason, which is kept in the log")
