"""The input of a run: the files of a folder, local or on any file system that fsspec knows."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import fsspec

from baozhai_service.archive.errors import NoInput
from baozhai_service.documents.formats import SUFFIXES, Format

KINDS = {
    ".txt": "page",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    **{suffix: "document" for suffix, kind in SUFFIXES.items() if kind not in (Format.TEXT, Format.ZIP)},
    ".zip": "zip",
}


@dataclass(frozen=True, slots=True)
class InputFile:
    """An entry of the input folder.

    Attributes:
        path: path relative to the input.
        kind: the reader (see `KINDS`); None if files of this kind are not read.
        size: size in bytes.
        problem: why the entry cannot be read; None if it can.
    """

    path: str
    kind: str | None
    size: int
    problem: str | None = None


class Source:
    """A folder of inputs, or a single file. Hidden files and folders are skipped."""

    def __init__(self, url: str) -> None:
        """Refer to the input at ``url``; nothing is read yet."""
        self.url = url
        self._fs, root = fsspec.core.url_to_fs(url)
        self.root: str = root.rstrip("/")
        self.is_local = "file" in _protocols(self._fs)
        self._single = self._fs.isfile(self.root)

    @property
    def name(self) -> str:
        """The name of the archive, which is that of its folder."""
        path = PurePosixPath(self.root)
        return path.parent.name if self._single else path.name

    def files(self) -> Iterator[InputFile]:
        """All files in a fixed order. On a local disk, only one folder at a time is listed in memory.

        Raises:
            NoInput: the input does not exist.
        """
        if self._single:
            yield self._file(self.root, self._fs.info(self.root).get("size"))
        elif not self._fs.isdir(self.root):
            raise NoInput(f"{self.url}: there is no such file or folder")
        elif self.is_local:
            yield from self._walked(Path(self.root))
        else:
            for path, info in sorted(self._fs.find(self.root, detail=True).items()):
                if not _hidden(self._relative(path)):
                    yield self._file(path, info.get("size"))

    def measure(self) -> int:
        """The total size in bytes of the files that are read.

        Raises:
            NoInput: there is none.
        """
        sizes = [file.size for file in self.files() if file.kind]
        if not sizes:
            raise NoInput(f"{self.url} holds no file that is read; these are {', '.join(KINDS)}")
        return sum(sizes)

    def open(self, path: str) -> BinaryIO:
        """Open the file at ``path`` (as `files` gives it) for reading bytes.

        Raises:
            OSError: it cannot be read.
        """
        return cast(BinaryIO, self._fs.open(self._absolute(path), "rb", **self._caching()))

    def _caching(self) -> dict[str, Any]:
        return {} if self.is_local else {"cache_type": "readahead"}

    def _walked(self, folder: Path) -> Iterator[InputFile]:
        """The files below ``folder``, and the entries there that cannot be read, with the reason."""
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            if folder == Path(self.root):
                raise NoInput(f"{self.url} cannot be read: {error.strerror}") from None
            yield self._passed_over(folder, f"the folder cannot be read: {error.strerror}")
            return
        for entry in found:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walked(Path(entry.path))
            else:
                yield self._entered(entry)

    def _entered(self, entry: os.DirEntry[str]) -> InputFile:
        try:
            found = entry.stat()
        except OSError as error:
            return self._passed_over(entry.path, f"the link leads nowhere: {error.strerror}")
        if stat.S_ISDIR(found.st_mode):
            # A link may form a cycle, or lead to files that are read anyway.
            return self._passed_over(entry.path, "links to folders are not followed; give that folder itself")
        if not stat.S_ISREG(found.st_mode):
            return self._passed_over(entry.path, "it is no file, but a pipe, a socket or a device")
        return self._file(entry.path, found.st_size)

    def _passed_over(self, path: str | Path, problem: str) -> InputFile:
        return InputFile(self._relative(str(path)), None, 0, problem)

    def _file(self, path: str, size: int | None) -> InputFile:
        return InputFile(self._relative(path), KINDS.get(PurePosixPath(path).suffix.lower()), int(size or 0))

    def _relative(self, path: str) -> str:
        return PurePosixPath(path).name if self._single else path.removeprefix(self.root).lstrip("/")

    def _absolute(self, path: str) -> str:
        return self.root if self._single else f"{self.root}/{path}"


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(path).parts)


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
