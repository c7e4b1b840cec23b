"""The output folder: files appear in it whole or not at all.

manifest.json                                          what was scored, with what, and how much there is of it
paragraphs/year=2023/source=city-daily/<shard>.parquet a row per paragraph
articles/year=2023/source=city-daily/<shard>.parquet   a row per article, with its digest
dead_letters/<shard>.parquet                           what could not be scored, and why
ledger/<shard>.json                                    receipts: a shard that has one is done
.baozhai/                                              lock, cache, notes of the latest run: not part of the result
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, cast

import fsspec

from baozhai_service.archive.errors import OutputRefused
from baozhai_service.archive.output.schema import NAMES

MANIFEST = "manifest.json"
PRIVATE = ".baozhai"
TABLES = ("paragraphs", "articles", "dead_letters")
LEDGER = "ledger"


class Output:
    """A folder on a disk, or wherever fsspec reaches (there a put is whole or not at all by itself)."""

    def __init__(self, url: str) -> None:
        """Name the folder; it need not be there yet.

        Raises:
            OutputRefused: readers would take a folder of its path for a column.
        """
        self.url = url
        self._fs, root = fsspec.core.url_to_fs(url)
        self.root: str = root.rstrip("/")
        for part in PurePosixPath(self.root).parts:
            if "=" in part and part.partition("=")[0].lower() in NAMES:
                raise OutputRefused(f"{url}: {part} in its path would be read as a column of every row; give another")
        self.folder: Path | None = Path(self.root) if type(self._fs).__name__ == "LocalFileSystem" else None

    @property
    def filesystem(self) -> Any:
        """The fsspec file system that the folder is on."""
        return self._fs

    @property
    def address(self) -> str:
        """The folder as other programs that know fsspec call it."""
        return self.root if self.folder is not None else str(self._fs.unstrip_protocol(self.root))

    def exists(self, name: str) -> bool:
        """Whether there is a file or folder of this name."""
        return bool(self._fs.exists(self._path(name)))

    def is_file(self) -> bool:
        """Whether there is a file in the place of the folder."""
        return bool(self._fs.isfile(self.root))

    def size(self, name: str) -> int | None:
        """The bytes of a file; None if there is none."""
        try:
            return int(self._fs.size(self._path(name)) or 0)
        except FileNotFoundError:
            return None

    def is_empty(self) -> bool:
        """Whether there is nothing in it, or no folder."""
        return not self._fs.exists(self.root) or not self._fs.ls(self.root)

    def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            FileNotFoundError: there is none.
        """
        return cast(bytes, self._fs.cat_file(self._path(name)))

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        with self.drafts() as drafts:
            draft = drafts / "draft"
            draft.write_bytes(data)
            self.publish(draft, name)

    @contextmanager
    def drafts(self) -> Iterator[Path]:
        """A folder for files that are not yet finished, from which `publish` moves them."""
        parent = None
        if self.folder is not None:
            parent = self.folder / PRIVATE / "drafts"
            parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def publish(self, draft: Path, name: str) -> None:
        """Move a finished file to its place."""
        if self.folder is None:
            self._fs.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
            self._fs.put_file(str(draft), self._path(name))
            return
        target = self.folder / name
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(target)
        _sync(target.parent)

    def files(self, folder: str) -> list[str]:
        """The names of all files below ``folder``, sorted."""
        if not self._fs.exists(self._path(folder)):
            return []
        prefix = len(self.root) + 1
        return sorted(path[prefix:] for path in self._fs.find(self._path(folder)))

    def remove(self, name: str) -> None:
        """Remove a file, and the folders of its partition if they are empty now."""
        self._fs.rm_file(self._path(name))
        if self.folder is not None:
            for parent in list(Path(name).parents)[:-2]:
                if any((self.folder / parent).iterdir()):
                    break
                (self.folder / parent).rmdir()

    def clear_drafts(self) -> None:
        """Remove unfinished files of killed runs."""
        if self.folder is not None:
            shutil.rmtree(self.folder / PRIVATE / "drafts", ignore_errors=True)

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"


@contextmanager
def beginning(place: object, option: str) -> Iterator[None]:
    """The first write to ``place``, which ``option`` names.

    Raises:
        OutputRefused: the place cannot be written.
    """
    try:
        yield
    except OSError as error:
        beneath = isinstance(error, FileExistsError)  # a file where there should be a folder above it
        told = os.strerror(errno.ENOTDIR) if beneath else error.strerror or error
        raise OutputRefused(f"{place} cannot be written: {told}; give another {option}") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
