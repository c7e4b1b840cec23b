"""Sign-in with a key, and sign-out."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from baozhai_service.api.parsing import parse
from baozhai_service.api.render import to_json
from baozhai_service.desk.desk import Desk
from baozhai_service.errors import BodyTooLarge, ClientGone, CrossSite, Unauthenticated
from baozhai_service.http.auth import Key
from baozhai_service.http.context import from_elsewhere
from baozhai_service.http.problems import on_error
from baozhai_service.http.sessions import COOKIE

_MOST_BYTES = 16_384


class SignInRequest(BaseModel):
    """A key to open a session with."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    key: Annotated[str, Field(max_length=1000)]


def signin_pages(desk: Desk) -> APIRouter:
    """``/signin``, ``/signout``, and ``/desk/session`` for a session that ended in the middle of work."""
    router = desk.router()
    access, sessions = desk.context.access, desk.context.sessions

    def opened(request: Request, response: Response, key: Key) -> str:
        """Give ``response`` the cookie of a new session of ``key``; returns it."""
        cookie = sessions.issue(key)
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))
        response.set_cookie(
            COOKIE, cookie, max_age=int(sessions.seconds), httponly=True, samesite="strict", secure=secure, path="/"
        )
        return cookie

    @router.get("/signin")
    async def ask(request: Request) -> Response:
        onward = local_address(request.query_params.get("next", "/"))
        if not access.by_key or desk.user(request):
            return RedirectResponse(onward, 303)
        return desk.page(request, "signin.html", next=onward, wrong=False)

    @router.post("/signin")
    async def sign_in(request: Request) -> Response:
        if from_elsewhere(request):  # so that no other site signs somebody in under its own key
            raise CrossSite
        fields = await form_fields(request)
        onward = local_address(fields.get("next", "/"))
        key = access.holder(fields.get("key", "").strip()) if access.by_key else None
        if access.by_key and key is None:
            return desk.page(request, "signin.html", status=401, next=onward, wrong=True)
        response = RedirectResponse(onward, 303)
        if key is not None:
            opened(request, response, key)
        return response

    @router.post("/signout")
    async def sign_out(request: Request) -> Response:
        desk.check_csrf(request, (await form_fields(request)).get("csrf", ""))
        response = RedirectResponse("/signin", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    data = APIRouter(include_in_schema=False)

    @data.post("/desk/session")
    async def again(request: Request) -> Response:
        """Open a session for a script; answers with the token of the new session."""
        if from_elsewhere(request):
            raise CrossSite
        key = access.holder(parse(await small_body(request), SignInRequest).key.strip())
        if key is None:
            return await on_error(request, Unauthenticated("这个密钥不对，请核对后再试。This key is not known."))
        response = Response(media_type="application/json")
        body: dict[str, Any] = {"name": key.name, "csrf": sessions.csrf(opened(request, response, key))}
        response.body = to_json(body)
        response.headers["content-length"] = str(len(response.body))
        return response

    router.include_router(data)
    return router


async def small_body(request: Request, most: int = _MOST_BYTES) -> bytes:
    """The body of a small form.

    Raises:
        BodyTooLarge: it is none.
        ClientGone: nobody waits for the answer any more.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise BodyTooLarge(most)
    except ClientDisconnect:
        raise ClientGone("the client hung up while it sent the request") from None
    return bytes(body)


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a posted form, the first of each name."""
    given = parse_qs((await small_body(request)).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in given.items()}


def local_address(given: str) -> str:
    r"""``given`` if it is an address of this service, else ``/``.

    >>> local_address("/label?x=1"), local_address("//elsewhere/"), local_address("/\\elsewhere")
    ('/label?x=1', '/', '/')
    """
    plain = given.isprintable() and given.isascii() and "\\" not in given
    return given if plain and given.startswith("/") and not given.startswith("//") else "/"
