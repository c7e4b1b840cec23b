"""What the pages of the desk have in common: who looks at them, their templates, and their errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from baozhai_model.errors import BaozhaiError
from baozhai_service.desk.assets import Assets
from baozhai_service.desk.tabs import shown
from baozhai_service.errors import CrossSite, NotFound, Unauthenticated
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.problems import on_http_error, request_id_of, status_of
from baozhai_service.http.sessions import COOKIE, CSRF_HEADER

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(frozen=True, slots=True)
class User:
    """Who looks at a page: the name and the permission of their key."""

    name: str
    permission: Permission


class Desk:
    """Makes pages. One for the service."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.assets = Assets()
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals.update(t=two_languages, static=self.assets.url, service_version=version("baozhai"))
        self._templates.filters["percent"] = lambda share: f"{share:.0%}"
        self._templates.filters["moment"] = lambda at: str(at)[:16].replace("T", " ")

    def router(self) -> APIRouter:
        """A router for pages: whoever is not signed in is sent to do so, and errors are pages too."""
        desk = self

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
                handler = super().get_route_handler()

                async def answer(request: Request) -> Response:
                    try:
                        return await handler(request)
                    except Unauthenticated:
                        return RedirectResponse(f"/signin?next={quote(_address(request), safe='')}", 303)
                    except BaozhaiError as error:
                        return desk.error(request, error)

                return answer

        return APIRouter(route_class=PageRoute, include_in_schema=False)

    def page_needs(self, permission: Permission) -> Callable[[Request], Awaitable[None]]:
        """A dependency for pages that only somebody with ``permission`` may see."""
        return self.context.needs(permission)

    def data_needs(self, permission: Permission) -> Callable[[Request], Awaitable[None]]:
        """A dependency for what scripts of the desk ask for: as `page_needs`, and the token wherever data is sent."""
        allowed = self.context.needs(permission)

        async def check(request: Request) -> None:
            await allowed(request)
            if request.method != "GET" and "authorization" not in request.headers:
                self.check_csrf(request, request.headers.get(CSRF_HEADER, ""))

        return check

    def user(self, request: Request) -> User | None:
        """Who sent the request; None without keys, or without a session."""
        cookie = request.cookies.get(COOKIE)
        if not self.context.access.by_key or cookie is None:
            return None
        session = self.context.sessions.read(cookie, self.context.access.keys)
        return User(session.key.name, session.key.role) if session else None

    def check_csrf(self, request: Request, token: str) -> None:
        """Refuse what does not come from a page of the desk.

        Raises:
            CrossSite: it does not.
        """
        if not self.context.sessions.is_csrf(token, request.cookies.get(COOKIE)):
            raise CrossSite

    def page(self, request: Request, template: str, *, tab: str = "", status: int = 200, **values: Any) -> Response:
        """The HTML page of a template; ``tab`` is the one that it belongs to."""
        user = self.user(request)
        open_to_all = not self.context.access.by_key

        def may(permission: Permission) -> bool:
            return open_to_all or (user is not None and user.permission.covers(permission))

        common: Mapping[str, Any] = {
            "user": user,
            "by_key": self.context.access.by_key,
            "tabs": shown(may, archive=self.context.settings.archive is not None),
            "tab": tab,
            "csrf": self.context.sessions.csrf(request.cookies.get(COOKIE)),
            "may": lambda name: may(Permission(name)),
            "topics": [asdict(topic) for topic in self.context.live.model.topics] if may(Permission.READ) else [],
        }
        html = self._templates.get_template(template).render(**{**common, **values})
        return Response(
            html, status, {"content-security-policy": POLICY, "vary": "cookie"}, media_type="text/html; charset=utf-8"
        )

    def error(self, request: Request, error: BaozhaiError) -> Response:
        """The page that says what stands in the way."""
        return self.page(
            request, "error.html", status=status_of(error), detail=str(error), code=error.code,
            request_id=request_id_of(request),
        )  # fmt: skip

    async def on_http_error(self, request: Request, error: Exception) -> Response:
        """A page for a browser that asks for what is not there; a problem for everything else."""
        missing = isinstance(error, HTTPException) and error.status_code == 404
        if missing and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return self.error(request, NotFound("there is nothing at this address"))
        return await on_http_error(request, error)


def two_languages(zh: str, en: str) -> Markup:
    """Chinese, and English beside it."""
    return Markup('<span class="zh">{}</span> <span class="en" lang="en">{}</span>').format(zh, en)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
