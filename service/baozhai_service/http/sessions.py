"""Sessions of the desk: a key, once given, as a signed cookie.

The cookie names the key by a digest of its SHA-256 and says until when it holds; the service keeps nothing. Whoever
has the secret can check it, so several services with one home share their sessions, and a key that is taken out of the
file of keys ends its sessions at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from baozhai_service.http.auth import Key

COOKIE = "baozhai_session"
CSRF_HEADER = "x-csrf-token"
_SECRET_FILE = "session.key"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """The key of a session, and when it ends (seconds since 1970)."""

    key: Key
    expires: float


class Sessions:
    """Issues and verifies signed session cookies."""

    def __init__(self, secret: bytes | None = None, seconds: float = 43_200.0) -> None:
        """Sign with ``secret`` (None for a new one); sessions last ``seconds``."""
        self._secret = secret or secrets.token_bytes(_SECRET_BYTES)
        self.seconds = seconds

    @classmethod
    def kept_in(cls, home: Path, seconds: float) -> Sessions:
        """Sign with the secret in ``home``, which is created if missing; if it cannot be written, with a new one."""
        path = home / _SECRET_FILE
        try:
            home.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f".{_SECRET_FILE}.{os.getpid()}")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(_SECRET_BYTES))
            try:
                os.link(new, path)  # atomic; if two services start at once, both use the first one's secret
            except FileExistsError:
                pass
            finally:
                new.unlink()
            found = path.read_bytes()
        except OSError:
            found = b""
        return cls(found if len(found) == _SECRET_BYTES else None, seconds)

    def issue(self, key: Key) -> str:
        """A cookie for the holder of ``key``, from now on."""
        payload = f"{self._id(key)}.{int(time.time() + self.seconds)}.{secrets.token_hex(8)}"
        return f"{payload}.{self._mac('session', payload)}"

    def read(self, cookie: str, keys: Iterable[Key]) -> Session | None:
        """The session of ``cookie`` if its signature is valid, it has not expired, and ``keys`` still has its key."""
        payload, _, mac = cookie.rpartition(".")
        if not hmac.compare_digest(self._mac("session", payload).encode(), mac.encode("utf-8", "replace")):
            return None
        name, expires, _ = payload.split(".")
        if int(expires) <= time.time():
            return None
        found = [key for key in keys if hmac.compare_digest(self._id(key), name)]
        return Session(found[0], float(expires)) if found else None

    def csrf(self, cookie: str | None) -> str:
        """The CSRF token that a page must send with ``cookie`` to change something; other sites cannot read it."""
        return self._mac("csrf", cookie or "")

    def is_csrf(self, given: str, cookie: str | None) -> bool:
        """Whether ``given`` is the CSRF token of ``cookie``."""
        return hmac.compare_digest(self.csrf(cookie).encode(), given.encode("utf-8", "replace"))

    def _id(self, key: Key) -> str:
        return self._mac("key", key.sha256)[:22]

    def _mac(self, purpose: str, payload: str) -> str:
        digest = hmac.digest(self._secret, f"{purpose}:{payload}".encode("utf-8", "replace"), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
