"""校对: the page that checks a digest against its source; `POST /v1/verify` does the work."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from baozhai_service.desk.desk import Desk
from baozhai_service.desk.reading import sample_page
from baozhai_service.http.auth import Permission

# One sentence as it stands in the sample, one with another figure and a word left out, one that is not there.
_SAMPLE_DIGEST = (
    "针对老旧小区停车难、楼道堆物等问题，各楼栋支部每周五召开民情恳谈会，居民提、党员领、社区办。"
    "首批资金6500万元已发放到214户农户。清河区还将新建三座文化馆。"
)


def verification_pages(desk: Desk) -> APIRouter:
    """``/verify``."""
    router = desk.router()

    @router.get("/verify", dependencies=[Depends(desk.page_needs(Permission.READ))])
    async def verify(request: Request) -> Response:
        return desk.page(request, "verify.html", tab="verify", source=sample_page(), digest=_SAMPLE_DIGEST)

    return router
