"""Run the examples of a document, one after another, as a reader would: in a shell, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from baozhai_model.registry.store import Store
from tests.docs import answers
from tests.docs.markdown import MINIATURE, Block, read_blocks
from tests.docs.tables import more_rows
from tests.service.serving import start

ADDRESS = "http://127.0.0.1:8000"
_RUN = {"sh", "python", "sql"}
_SQL = "import sys, duckdb; print(duckdb.sql(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a block.

    Attributes:
        block: the command, or the answer that is shown of it.
        problem: what is wrong, for people; "" where nothing is.
        answer: what the document should show instead; None for commands.
    """

    block: Block
    problem: str = ""
    answer: str | None = None


class Examples:
    """Runs examples: ``address`` is a server that answers them, ``folder`` where they work, ``home`` the programs'."""

    def __init__(self, address: str, folder: Path, home: Path) -> None:
        self._address, self._folder = address, folder
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "BAOZHAI_HOME": str(home),
            "COLUMNS": "100",
        }

    def run(self, document: str) -> Iterator[Outcome]:
        """Run the blocks of ``document``; nothing is yielded for those that are only shown."""
        output: str | None = None
        for block in read_blocks(document):
            verb, _, rest = block.directive.partition(" ")
            if verb == "file":
                name, more, _ = rest.partition(", and more")
                path = self._folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text + (more_rows(name) if more else ""), encoding="utf-8")
                output = None
            elif verb == "not" or (block.language not in _RUN and (output is None or not block.follows)):
                output = None
            elif block.language in _RUN:
                status, output, errors = self._command(block)
                expected = int(rest) if verb == "exit" else 0
                if status != expected:
                    yield Outcome(block, f"ended with status {status}, not {expected}:\n{output}{errors}")
                else:
                    yield Outcome(block)
            else:
                yield _compared(block, output or "")
                output = None

    def _command(self, block: Block) -> tuple[int, str, str]:
        text = block.text.replace(ADDRESS, self._address)
        command = {
            "sh": ["bash", "-euo", "pipefail", "-c", text],
            "python": [sys.executable, "-c", text],
            "sql": [sys.executable, "-c", _SQL, text],
        }[block.language]
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, encoding="utf-8"
        )
        return done.returncode, done.stdout.replace(self._address, ADDRESS), done.stderr


def _compared(block: Block, output: str) -> Outcome:
    if block.language == "json":
        try:
            shown, actual = answers.read_json(block.text), answers.read_json(output)
        except ValueError as error:
            return Outcome(block, f"is no JSON ({error}): {output[:500]!r}")
        padded = shown[: len(actual)] + [None] * (len(actual) - len(shown))
        answer = "".join(f"{answers.wrapped(answers.elided(*pair))}\n" for pair in zip(padded, actual, strict=True))
        fits = len(shown) == len(actual) and all(map(answers.agree, shown, actual))
    else:
        answer = "".join(f"{line.rstrip()}\n" for line in output.strip("\n").split("\n"))
        fits = answers.text_agrees(block.text, output)
        if fits:
            answer = block.text
    return Outcome(block, "" if fits else f"shows another answer than the real one, which is:\n{answer}", answer)


@contextmanager
def running(document: str, address: str | None, miniature: Path | None) -> Iterator[Examples]:
    """The examples of ``document`` in an empty folder, with a home of their own.

    Args:
        document: its text.
        address: of a server with the default bundle.
        miniature: the bundle that is live for documents that ask for it, which get a server of their own.
    """
    with TemporaryDirectory(prefix="examples-") as scratch, ExitStack() as stack:
        folder, home = Path(scratch) / "work", Path(scratch) / "home"
        folder.mkdir()
        if is_miniature(document):
            assert miniature is not None
            store = Store(home / "store")
            version = store.add(miniature, who="tests", why="the miniature bundle")
            store.promote(version, who="tests", why="the miniature bundle", skip_gate=True)
            if ADDRESS in document:
                address = stack.enter_context(start(None, "--home", home)).address
        yield Examples(address or ADDRESS, folder, home)


def is_miniature(document: str) -> bool:
    """Whether the miniature bundle is live in this document's examples."""
    return document.startswith(MINIATURE)


def rewritten(document: str, outcomes: list[Outcome]) -> str:
    """``document`` with the real answers."""
    for outcome in reversed(outcomes):
        if outcome.answer is not None:
            document = document[: outcome.block.start] + outcome.answer + document[outcome.block.end :]
    return document
