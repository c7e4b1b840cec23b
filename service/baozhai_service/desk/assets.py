"""Scripts, styles and pictures of the desk. Their address holds a digest of all of them, so that browsers keep them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from baozhai_service.errors import NotFound

HERE = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_KEPT = "public, max-age=31536000, immutable"


class Assets:
    """The files under ``static/``, as they were at the start."""

    def __init__(self, folder: Path = HERE) -> None:
        found = sorted(path for path in folder.rglob("*") if path.suffix in _TYPES)
        self._files = {path.relative_to(folder).as_posix(): path for path in found}
        digest = hashlib.sha256()
        for name, path in self._files.items():
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        self._digest = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Where ``name`` is served.

        Raises:
            KeyError: there is no such file.
        """
        return f"/static/{self._digest}/{self._files[name].relative_to(HERE).as_posix()}"

    def routes(self) -> APIRouter:
        """Serve them to everybody: there is nothing in them that is not in the package."""
        router = APIRouter(include_in_schema=False)

        @router.get("/static/{digest}/{name:path}")
        async def static(digest: str, name: str) -> Response:
            if name not in self._files:
                raise NotFound("there is no such file")
            path = self._files[name]
            kept = _KEPT if digest == self._digest else "no-cache"
            return FileResponse(path, headers={"cache-control": kept}, media_type=_TYPES[path.suffix])

        return router
