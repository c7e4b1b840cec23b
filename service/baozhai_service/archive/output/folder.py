"""The output folder. Files appear in it complete or not at all.

manifest.json                                          input, settings, model version and counts
paragraphs/year=2023/source=city-daily/<shard>.parquet a row per paragraph
articles/year=2023/source=city-daily/<shard>.parquet   a row per article, with its digest
dead_letters/<shard>.parquet                           records that could not be scored, with the reasons
ledger/<shard>.json                                    receipts: a shard with a receipt is done
.baozhai/                                              lock, cache and notes of the last run; not part of the result
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
    """An output folder, local or on a file system that fsspec knows (where an upload must be atomic)."""

    def __init__(self, url: str) -> None:
        """Refer to the folder at ``url``, which need not exist yet.

        Raises:
            OutputRefused: a part of the path, such as ``year=2023``, would be read as a column of the tables.
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
        """The fsspec file system of the folder."""
        return self._fs

    @property
    def address(self) -> str:
        """The path or URL of the folder for other programs that use fsspec."""
        return self.root if self.folder is not None else str(self._fs.unstrip_protocol(self.root))

    def exists(self, name: str) -> bool:
        """Whether the file or folder ``name`` exists."""
        return bool(self._fs.exists(self._path(name)))

    def is_file(self) -> bool:
        """Whether the path of the output is a file."""
        return bool(self._fs.isfile(self.root))

    def size(self, name: str) -> int | None:
        """The size of a file in bytes; None if it does not exist."""
        try:
            return int(self._fs.size(self._path(name)) or 0)
        except FileNotFoundError:
            return None

    def is_empty(self) -> bool:
        """Whether the folder is empty or does not exist."""
        return not self._fs.exists(self.root) or not self._fs.ls(self.root)

    def read(self, name: str) -> bytes:
        """The contents of a file.

        Raises:
            FileNotFoundError: the file does not exist.
        """
        return cast(bytes, self._fs.cat_file(self._path(name)))

    def write(self, name: str, data: bytes) -> None:
        """Write a file atomically."""
        with self.drafts() as drafts:
            draft = drafts / "draft"
            draft.write_bytes(data)
            self.publish(draft, name)

    @contextmanager
    def drafts(self) -> Iterator[Path]:
        """A temporary folder for unfinished files, from which `publish` moves them."""
        parent = None
        if self.folder is not None:
            parent = self.folder / PRIVATE / "drafts"
            parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def publish(self, draft: Path, name: str) -> None:
        """Move a finished file to its place, atomically and synced to the disk."""
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
        """Remove a file, and the folders of its partition if they are then empty."""
        self._fs.rm_file(self._path(name))
        if self.folder is not None:
            for parent in list(Path(name).parents)[:-2]:
                if any((self.folder / parent).iterdir()):
                    break
                (self.folder / parent).rmdir()

    def clear_drafts(self) -> None:
        """Remove the unfinished files of killed runs."""
        if self.folder is not None:
            shutil.rmtree(self.folder / PRIVATE / "drafts", ignore_errors=True)

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"


@contextmanager
def beginning(place: object, option: str) -> Iterator[None]:
    """Within this context, the first write to ``place``, which the user gave by ``option``.

    Raises:
        OutputRefused: ``place`` cannot be written.
    """
    try:
        yield
    except OSError as error:
        beneath = isinstance(error, FileExistsError)  # a parent of the place is a file
        cause = os.strerror(errno.ENOTDIR) if beneath else error.strerror or error
        raise OutputRefused(f"{place} cannot be written: {cause}; give another {option}") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
