"""API keys with roles. The keys are long and random, so a plain SHA-256 protects the stored ones."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import structlog

from baozhai_service.api.requests import json_kind
from baozhai_service.errors import Forbidden, HostRefused, Unauthenticated
from baozhai_service.settings import Settings, is_loopback

log = structlog.get_logger("baozhai.access")

EVERY = 1.0  # seconds between checks of the key file
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_LONGEST_NAME = 200  # the label store keeps as many characters of an annotator's name


class Permission(Enum):
    """What a key may do; each role includes those before it."""

    READ = "read"  # classify, digest, read, search
    LABEL = "label"  # also store and list labels
    OPERATE = "operate"  # also start training runs, promote and roll back

    def covers(self, needed: Permission) -> bool:
        """Whether this role includes ``needed``."""
        order = list(Permission)
        return order.index(self) >= order.index(needed)


_ROLES = ", ".join(role.value for role in Permission)


@dataclass(frozen=True, slots=True)
class Key:
    """A stored key: its holder, its role, and its SHA-256 in hexadecimal."""

    name: str
    role: Permission
    sha256: str


class KeyFile:
    """The keys of a file. It is read again when it changes, so keys can be revoked while the service runs.

    If the file becomes empty, all requests are rejected. If it is missing or invalid, the previous keys stay active.
    """

    def __init__(self, path: Path, every: float = EVERY) -> None:
        """Read ``path``; read it again when keys are needed and the last check is ``every`` seconds old.

        Raises:
            ValueError: the file cannot be read, or has no keys.
        """
        self._path = path
        self._every = every if path.is_file() else math.inf  # a pipe can be read only once
        self._looked = time.monotonic()
        self._broken: str | None = None
        self._seen = _read(path)
        self._keys = _parsed(path, self._seen)
        if not self._keys:
            raise ValueError(f"{path} has no [[keys]]: make one with `baozhai new-key NAME`")

    def __iter__(self) -> Iterator[Key]:
        """The keys that are valid now."""
        now = time.monotonic()
        if now - self._looked >= self._every:
            self._looked = now
            self._look()
        return iter(self._keys)

    def _look(self) -> None:
        """Reload the file if it changed. Bytes are compared, as two versions may share their time and size."""
        try:
            seen = _read(self._path)
            if seen != self._seen:
                self._keys, self._seen, self._broken = _parsed(self._path, seen), seen, None
                log.info("keys changed", keys=len(self._keys))
        except ValueError as error:
            if str(error) != self._broken:  # logged once, not with every check
                self._broken = str(error)
                log.error("the key file cannot be read; the previous keys stay active", error=self._broken)


class Access:
    """Access control: by API key if there are keys, otherwise by the request's ``Host`` header."""

    def __init__(self, keys: Sequence[Key] | KeyFile = (), allowed_hosts: Sequence[str] = ()) -> None:
        """Admit requests with one of ``keys``; without keys, requests to loopback names and to ``allowed_hosts``."""
        self._keys = keys
        self._by_key = isinstance(keys, KeyFile) or bool(keys)
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """The access control that ``settings`` describe.

        Raises:
            ValueError: the key file cannot be read, or ``host`` is not a loopback address and there are no keys.
        """
        if settings.keys_file is None and not settings.loopback:
            raise ValueError(
                f"{settings.host} can be reached from elsewhere, so it needs API keys: make one with"
                " `baozhai new-key NAME`, and name the file in keys_file (or listen on 127.0.0.1)"
            )
        keys = KeyFile(settings.keys_file) if settings.keys_file is not None else ()
        return cls(keys, settings.allowed_hosts)

    @property
    def by_key(self) -> bool:
        """Whether requests need a key; they do even after the last key was revoked."""
        return self._by_key

    @property
    def keys(self) -> Iterator[Key]:
        """The keys that are valid now."""
        return iter(self._keys)

    def check(self, authorization: str | None, host: str, needed: Permission) -> str | None:
        """Check a request; return the name of its key, or None where the service has no keys.

        Raises:
            Unauthenticated: the request has no valid key.
            Forbidden: its key does not have the permission ``needed``.
            HostRefused: see `check_host`.
        """
        if not self._by_key:
            self.check_host(host)
            return None
        key = self.bearer(authorization)
        require(key, needed)
        return key.name

    def bearer(self, authorization: str | None) -> Key:
        """The key in an ``Authorization: Bearer KEY`` header.

        Raises:
            Unauthenticated: there is no such header, or no such key.
        """
        scheme, _, given = (authorization or "").partition(" ")
        found = self.holder(given.strip())
        if found is None or scheme.lower() != "bearer":
            raise Unauthenticated
        return found

    def holder(self, secret: str) -> Key | None:
        """The stored key whose secret is ``secret``; None if there is none."""
        digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
        found: Key | None = None
        for key in self._keys:  # compare with all keys, so that the time reveals nothing
            if hmac.compare_digest(key.sha256, digest):
                found = key
        return found

    def check_host(self, host: str) -> None:
        """Where there are no keys, admit only requests whose ``Host`` is a loopback name or an allowed one.

        This prevents DNS rebinding: a web page cannot point its own host name at this service to read answers past
        the browser's same-origin policy.

        Raises:
            HostRefused: any other host.
        """
        name = _without_port(host)
        if not is_loopback(name) and name.lower() not in self._allowed_hosts:
            raise HostRefused(host)


def require(key: Key, needed: Permission) -> None:
    """Refuse a key without the permission ``needed``.

    Raises:
        Forbidden: the key's role does not include it.
    """
    if not key.role.covers(needed):
        raise Forbidden(key.role.value, needed.value)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read as a file of keys: {error.strerror}") from error


def _parsed(path: Path, raw: bytes) -> tuple[Key, ...]:
    """The keys of a TOML file of ``[[keys]]`` with ``name``, ``role`` and ``sha256``.

    Raises:
        ValueError: an entry is invalid; the message names the file and the entry, but nothing that may be a key.
    """
    try:
        entries = tomllib.loads(raw.decode()).get("keys", [])
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as a file of keys: {error}") from error
    if not isinstance(entries, list):
        raise ValueError(f"{path}: keys is {json_kind(entries)}; write each key as a table under [[keys]]")
    keys = []
    for number, entry in enumerate(entries, start=1):
        try:
            keys.append(_key(entry))
        except ValueError as error:
            raise ValueError(f"{path}: key {number}: {error}") from None
    return tuple(keys)


def _key(entry: Any) -> Key:
    if not isinstance(entry, dict):
        raise ValueError(f"it is {json_kind(entry)}; write it as a table under [[keys]], with name, role and sha256")
    for field in ("name", "role", "sha256"):
        if field not in entry:
            raise ValueError(f"{field} is missing; it needs name, role ({_ROLES}) and sha256")
        if not isinstance(entry[field], str):
            raise ValueError(f"{field} is {json_kind(entry[field])}; it must be a string")
    name, role, sha256 = entry["name"], entry["role"], entry["sha256"]
    _check_name(name)
    if role not in _ROLES.split(", "):
        raise ValueError(f"role is {role!r}; it must be one of {_ROLES}")
    if not _SHA256.fullmatch(sha256):  # not repeated in the message: it may be a key, put there by mistake
        raise ValueError("sha256 must be 64 hexadecimal digits, without blanks")
    return Key(name, Permission(role), sha256.lower())


def _check_name(name: str) -> None:
    """Refuse a name that would not identify its holder in a log."""
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise ValueError(f"name is {name[:40]!r}; it must be one line of 1 to {_LONGEST_NAME} characters, not blank")


def new_key(name: str, role: Permission) -> tuple[str, str]:
    """Make a key. Return it and its entry for the key file, which holds only the key's hash.

    Raises:
        ValueError: ``name`` is blank, too long, or not one line.
    """
    _check_name(name)
    secret = f"bz_{secrets.token_urlsafe(32)}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return secret, f'[[keys]]\nname = "{quoted}"\nrole = "{role.value}"\nsha256 = "{digest}"\n'


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.rpartition(":")[0] if host.count(":") == 1 else host
