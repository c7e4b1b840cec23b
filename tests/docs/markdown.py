"""The fenced blocks of a Markdown document, with the directives that stand before them.

A directive is a comment on the line before a block (or alone, for the whole document)::

    <!-- example: file labels.csv -->       the block is this file in the example's folder
    <!-- example: file labels.csv, and more rows -->     as above, with the rows of `tables.more_rows` after it
    <!-- example: exit 1 -->                the command ends with this status
    <!-- example: not run, it needs … -->   the block is shown only, and this is why
    <!-- example: miniature -->             first line of a document: the live version is the miniature bundle
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- example: (?P<directive>[^\n]+?) -->\n+)?"
    r"^(?P<indent> *)(?P<fence>```+)(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
MINIATURE = "<!-- example: miniature -->"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        line: of its opening fence, from 1.
        language: after the fence; "" where there is none.
        directive: what the comment before it says; "".
        follows: whether nothing but blank lines stands between it and the block before, so that it is its output.
        start, end: of its text in the document.
    """

    line: int
    language: str
    text: str
    directive: str
    follows: bool
    start: int
    end: int


def read_blocks(document: str) -> list[Block]:
    """The blocks of ``document``, in order."""
    blocks = []
    last = None
    for found in _BLOCK.finditer(document):
        between = document[last : found.start()] if last is not None else "none"
        blocks.append(
            Block(
                line=document.count("\n", 0, found.start("fence")) + 1,
                language=found["language"],
                text=found["text"],
                directive=found["directive"] or "",
                follows=not between.strip() and not found["directive"],
                start=found.start("text"),
                end=found.end("text"),
            )
        )
        last = found.end()
    return blocks


def without_blocks(document: str) -> str:
    """The prose of ``document``: fenced blocks and inline code are blanked out."""
    return re.sub(r"`[^`\n]+`", "", _BLOCK.sub("", document))


def documents(root: Path) -> list[Path]:
    """The documents whose examples are run: what people read first, and ``docs/``."""
    named = [root / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [path for path in named if path.exists()] + sorted((root / "docs").rglob("*.md"))
