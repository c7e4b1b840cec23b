"""Unlabelled text: where the vocabulary, the word vectors and the encoder learn the language."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Document:
    """One unlabelled text; paragraphs are separated by a newline."""

    text: str
    title: str | None = None
    date: str | None = None
    source: str = ""

    @property
    def paragraphs(self) -> list[str]:
        """Its paragraphs, blank ones left out."""
        return [stripped for line in self.text.split("\n") if (stripped := line.strip())]


def corpus_files(folder: Path) -> list[Path]:
    """The ``*.jsonl`` and ``*.jsonl.xz`` files of ``folder``, in name order.

    Raises:
        FileNotFoundError: there is none.
    """
    files = sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.xz")])
    if not files:
        raise FileNotFoundError(f"{folder} holds no *.jsonl or *.jsonl.xz file with lines of {{date, title, text}}")
    return files


def read_corpus(files: Iterable[Path]) -> Iterator[Document]:
    """Stream the documents of ``files``; a text that was seen before is passed over."""
    seen: set[bytes] = set()
    for path in files:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                digest = blake2b(record["text"].encode(), digest_size=8).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                yield Document(record["text"], record.get("title"), record.get("date"), path.name.split(".")[0])
