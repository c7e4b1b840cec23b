"""The archive's pages in the desk: search, articles, issues, trends, similar paragraphs and overviews.

They are made here and work without scripts: every search is an address that can be kept and passed on.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from baozhai_model.errors import InputError
from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.explore.files import hits, overview
from baozhai_service.archive.explore.overview import make_overview
from baozhai_service.archive.explore.reading import read_article, read_issue
from baozhai_service.archive.explore.similar import similar_paragraphs
from baozhai_service.archive.explore.typical import typical_words
from baozhai_service.archive.http.parameters import read_parameters
from baozhai_service.archive.http.routes import (
    FILTERS,
    QUERY,
    SEARCH,
    TRENDS,
    ArchiveWork,
    search_of,
    search_page,
    trends_of,
)
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.search.errors import NotInArchive
from baozhai_service.archive.search.filters import NO_TOPIC
from baozhai_service.desk.desk import Desk
from baozhai_service.http.auth import Permission
from baozhai_service.http.problems import status_of

_SORTS = {"relevance": "最相关", "newest": "由近到远", "oldest": "由远到近"}
_ROLES = {"body": "正文", "headline": "标题"}
_FACETS = {
    "topic": ("主题", "Topics", "topic"),
    "source": ("来源", "Sources", "source"),
    "year": ("年份", "Years", None),
    "page": ("版次", "Pages", "page"),
    "role": ("位置", "Place", "role"),
    "uncertain": ("把握", "Certainty", "uncertain"),
}
_SHOWN = 12  # values of a facet
_NAMES = {NO_TOPIC: "无主题", "true": "存疑", "false": "不存疑", "": "不详", **_ROLES}


def archive_pages(desk: Desk, work: ArchiveWork) -> APIRouter:
    """The pages."""
    router = desk.router()
    allowed = [Depends(desk.page_needs(Permission.READ))]

    def page(request: Request, template: str, **values: Any) -> Response:
        common = {"address": address, "named": named, "sorts": _SORTS, "roles": _ROLES}
        return desk.page(request, f"archive/{template}.html", tab="archive", **{**common, **values})

    @router.get("/archive", dependencies=allowed)
    async def search(request: Request) -> Response:
        """Search."""
        asked = request.query_params
        try:
            given = read_parameters(asked, SEARCH)
            found = await work.run(lambda explorer: {**search_page(explorer, given), **_about(explorer)})
        except InputError as error:  # said above the form, which keeps what was typed
            about = await work.run(_about)
            return page(request, "search", status=status_of(error), error=str(error), asked=asked, found=None, **about)
        return page(
            request,
            "search",
            error=None,
            asked=asked,
            found=found,
            hits=[{**hit, "pieces": pieces(hit["excerpt"])} for hit in found["hits"]],
            facets=_facets(found["facets"], asked),
            formats=list(hits.FORMATS),
            sources=found["sources"],
            topic_names=found["topic_names"],
        )

    @router.get("/archive/trends", dependencies=allowed)
    async def over_time(request: Request) -> Response:
        """Trends."""
        asked = request.query_params
        try:
            given = read_parameters(asked, TRENDS)
            found = await work.run(lambda explorer: {**trends_of(explorer, given), **_about(explorer)})
        except InputError as error:
            about = await work.run(_about)
            return page(request, "trends", status=status_of(error), error=str(error), asked=asked, found=None, **about)
        return page(
            request,
            "trends",
            error=None,
            asked=asked,
            found=found,
            sources=found["sources"],
            topic_names=found["topic_names"],
        )

    @router.get("/archive/typical", dependencies=allowed)
    async def typical(request: Request) -> Response:
        """Words that are typical."""
        given = read_parameters(request.query_params, (QUERY, *FILTERS))
        found = await work.run(lambda explorer: typical_words(explorer, search_of(given)))
        return page(request, "typical", asked=request.query_params, found=found)

    @router.get("/archive/articles/{article}", dependencies=allowed)
    async def article(request: Request, article: str) -> Response:
        """An article."""
        found = await work.run(lambda explorer: read_article(explorer, article))
        return page(request, "article", article=found)

    @router.get("/archive/articles/{article}/paragraphs/{paragraph}/similar", dependencies=allowed)
    async def similar(request: Request, article: str, paragraph: int) -> Response:
        """Paragraphs that say the like."""
        found = await work.run(lambda explorer: similar_paragraphs(explorer, article, paragraph))
        return page(request, "similar", found=found)

    @router.get("/archive/issues", dependencies=allowed)
    async def find_issue(request: Request) -> Response:
        """The day that the form asks for."""
        try:
            day = parse_date(request.query_params.get("date", "")[:40])
        except ValueError as error:
            raise NotInArchive(str(error)) from None
        return RedirectResponse(f"/archive/issues/{day}" if day else "/archive", 303)

    @router.get("/archive/issues/{date}", dependencies=allowed)
    async def issue(request: Request, date: str) -> Response:
        """The issue of a day."""
        source = request.query_params.get("source") or None
        try:
            day = parse_date(date[:40])
        except ValueError as error:
            raise NotInArchive(str(error)) from None
        if day is None:
            raise NotInArchive("the date is blank; give it as 2023-07-19")
        found = await work.run(lambda explorer: read_issue(explorer, day, source))
        return page(request, "issue", issue=found, source=source)

    @router.get("/archive/overview", dependencies=allowed)
    async def overview_of(request: Request) -> Response:
        """An overview."""
        given = read_parameters(request.query_params, (QUERY, *FILTERS))
        made = await work.run(lambda explorer: make_overview(explorer, search_of(given)))
        return page(
            request,
            "overview",
            overview=made,
            asked=request.query_params,
            formats=list(overview.FORMATS),
            place=overview.place,
            repeats=overview.repeats,
        )

    return router


def address(path: str, asked: QueryParams, **changed: str | None) -> str:
    """``path`` with the parameters that were asked for, some changed and None left out; cursors are left behind."""
    kept = [(name, value) for name, value in asked.multi_items() if value and name not in ("cursor", *changed)]
    kept += [(name, value) for name, value in changed.items() if value is not None]
    return f"{path}?{urlencode(kept)}" if kept else path


def pieces(excerpt: dict[str, Any]) -> list[tuple[str, bool]]:
    """An excerpt in pieces, each with whether it is marked."""
    text, at, cut = excerpt["text"], 0, []
    for start, end in excerpt["marks"]:
        cut += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*cut, (text[at:], False)] if piece[0]]


def named(value: str) -> str:
    """What a value of a facet is called."""
    return _NAMES.get(value, value)


def _about(explorer: Explorer) -> dict[str, Any]:
    sources = sorted({name for part in explorer.index.parts for name in part.names.sources})
    return {"sources": sources[:200], "topic_names": [*explorer.index.topics, NO_TOPIC], "size": len(explorer.index)}


def _facets(facets: dict[str, dict[str, int]], asked: QueryParams) -> list[dict[str, Any]]:
    """Each facet with its largest values, and the address that narrows the search to each."""
    shown = []
    for name, (zh, en, parameter) in _FACETS.items():
        counts = facets.get(name, {})
        order = sorted(counts.items(), key=(lambda item: item[0]) if name == "year" else (lambda item: -item[1]))
        values = [
            {
                "name": value,
                "count": count,
                "address": _narrowed(asked, parameter, value),
                "on": _is_on(asked, parameter, value),
            }
            for value, count in order[: 60 if name == "year" else _SHOWN]
        ]
        if values:
            shown.append({"name": name, "zh": zh, "en": en, "values": values})
    return shown


def _narrowed(asked: QueryParams, parameter: str | None, value: str) -> str | None:
    if parameter is None:
        return address("/archive", asked, **{"from": f"{value}-01-01", "to": f"{value}-12-31"}) if value else None
    if not value:
        return None
    return address("/archive", asked, **{parameter: None if _is_on(asked, parameter, value) else value})


def _is_on(asked: QueryParams, parameter: str | None, value: str) -> bool:
    return parameter is not None and value in asked.getlist(parameter)
