"""Who may ask what: API keys with roles. Keys are random, so their SHA-256 is enough to keep at rest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from baozhai_service.errors import Forbidden, HostRefused, Unauthenticated
from baozhai_service.settings import Settings, is_loopback


class Role(Enum):
    """What a key may do; each role may do what those before it may."""

    READ = "read"  # ask for answers
    LABEL = "label"  # and hand in labels
    OPERATE = "operate"  # and start runs, promote and roll back

    def covers(self, needed: Role) -> bool:
        """Whether this role suffices where ``needed`` is."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: whose it is, what it may do, and its SHA-256 in hexadecimal."""

    name: str
    role: Role
    sha256: str


class Access:
    """Decides on requests: by key where there are keys, else by the host they name."""

    def __init__(self, keys: Sequence[Key] = (), allowed_hosts: Sequence[str] = ()) -> None:
        """Admit the holders of ``keys``; without any, requests to loopback names and ``allowed_hosts``."""
        self._keys = tuple(keys)
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """What ``settings`` say.

        Raises:
            ValueError: the keys cannot be read, or an address that others can reach is to be served without keys.
        """
        keys = read_keys(settings.keys_file) if settings.keys_file is not None else ()
        if not keys and not settings.loopback:
            raise ValueError(
                f"{settings.host} can be reached from elsewhere, so it needs API keys: make one with"
                " `baozhai new-key NAME`, and name the file in keys_file (or listen on 127.0.0.1)"
            )
        return cls(keys, settings.allowed_hosts)

    @property
    def by_key(self) -> bool:
        """Whether keys are asked for."""
        return bool(self._keys)

    def check(self, authorization: str | None, host: str, needed: Role) -> str | None:
        """The name of the key that the request came with; None without keys.

        Raises:
            Unauthenticated, Forbidden: no key or not such a key.
            HostRefused: without keys, a name that is not this machine's: a web page may have had its own name
                point here, to read answers past the browser's same-origin rule.
        """
        if not self._keys:
            name = _without_port(host)
            if not is_loopback(name) and name.lower() not in self._allowed_hosts:
                raise HostRefused(host)
            return None
        scheme, _, given = (authorization or "").partition(" ")
        digest = hashlib.sha256(given.strip().encode("utf-8", "surrogateescape")).hexdigest()
        found: Key | None = None
        for key in self._keys:  # all of them, so that the time tells nothing
            if hmac.compare_digest(key.sha256, digest):
                found = key
        if found is None or scheme.lower() != "bearer":
            raise Unauthenticated
        if not found.role.covers(needed):
            raise Forbidden(found.role.value, needed.value)
        return found.name


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys of a TOML file of ``[[keys]]`` with ``name``, ``role`` and ``sha256``.

    Raises:
        ValueError: naming the file and the entry that is wrong.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as a file of keys: {error}") from error
    keys = []
    entries = raw.get("keys")
    for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        try:
            key = Key(str(entry["name"]), Role(entry["role"]), str(entry["sha256"]).lower())
            if len(bytes.fromhex(key.sha256)) != hashlib.sha256().digest_size:
                raise ValueError("sha256 must be 64 hexadecimal digits")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path}: key {number} needs name, role (read, label, operate) and sha256: {error}"
            ) from None
        keys.append(key)
    if not keys:
        raise ValueError(f"{path} has no [[keys]]")
    return tuple(keys)


def new_key(name: str, role: Role) -> tuple[str, str]:
    """A new key, and the entry to put in the file of keys; the key itself is kept nowhere."""
    secret = f"bz_{secrets.token_urlsafe(32)}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return secret, f'[[keys]]\nname = "{quoted}"\nrole = "{role.value}"\nsha256 = "{digest}"\n'


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.rpartition(":")[0] if host.count(":") == 1 else host
