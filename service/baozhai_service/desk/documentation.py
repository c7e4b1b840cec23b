"""``/docs``: the API's interactive documentation, from files inside the package."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from baozhai_service.desk.desk import Desk

# Swagger UI writes markup of its own making, which Trusted Types would refuse; scripts still come from here alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def documentation_pages(desk: Desk) -> APIRouter:
    """``/docs``; who may see the service's description of itself may see this."""
    router = desk.router()

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        page = desk.page(request, "docs.html")
        page.headers["content-security-policy"] = _POLICY
        return page

    return router
