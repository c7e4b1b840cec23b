"""``/v1/archive``: search, trends, articles, issues, similar paragraphs, typical words, overviews and exports."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.errors import DeadlineExceeded, Overloaded
from baozhai_service.api.render import to_json
from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.files import chart, hits, overview
from baozhai_service.archive.explore.overview import make_overview
from baozhai_service.archive.explore.reading import read_article, read_issue
from baozhai_service.archive.explore.similar import similar_paragraphs
from baozhai_service.archive.explore.trends import MOST_SEARCHES, trends
from baozhai_service.archive.explore.typical import typical_words
from baozhai_service.archive.http import schemas
from baozhai_service.archive.http.cursors import cursor, offset_of
from baozhai_service.archive.http.opened import OpenedArchive, encode_with
from baozhai_service.archive.http.parameters import Parameter, read_parameters
from baozhai_service.archive.input.dates import parse_date
from baozhai_service.archive.report.periods import PERIODS
from baozhai_service.archive.search.errors import InvalidFilter
from baozhai_service.archive.search.filters import ROLES, Filters
from baozhai_service.archive.search.hits import SORTS, Facets
from baozhai_service.http.auth import Permission
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import GET_STATUSES, OpenAPIBuilder

AT_A_TIME, WAITING = 2, 32  # requests that are worked on, and that wait for it
MOST_EXPORTED = 10_000  # hits of one request; the command line exports all
MOST_FACETS = 100  # values of one facet

_NAME = {"type": "string", "maxLength": 200}
QUERY = Parameter("q", {"type": "string", "maxLength": 10_000}, "Words, phrases in quotes, AND, OR, NOT, parentheses.")
FILTERS = (
    Parameter("topic", _NAME, "Topics that were given, by name or id; none for paragraphs without any.", 20),
    Parameter("confidence", {"type": "number", "minimum": 0, "maximum": 1}, "Least confidence of a topic given."),
    Parameter("uncertain", {"type": "boolean"}, "Whether some topic is near its threshold."),
    Parameter("from", {"type": "string", "format": "date"}, "First day."),
    Parameter("to", {"type": "string", "format": "date"}, "Last day."),
    Parameter("source", _NAME, "Sources.", 100),
    Parameter("page", _NAME, "Pages.", 100),
    Parameter("role", {"type": "string", "enum": list(ROLES)}, "What a hit may be.", len(ROLES)),
)
SORT = Parameter("sort", {"type": "string", "enum": list(SORTS), "default": "relevance"}, "Order of the hits.")
SEARCH = (
    QUERY,
    *FILTERS,
    SORT,
    Parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Hits on a page."),
    Parameter("cursor", {"type": "string", "maxLength": 200}, "`next` of the page before."),
)
TRENDS = (
    Parameter("q", {"type": "string", "maxLength": 10_000}, "A query; several are compared.", MOST_SEARCHES),
    *FILTERS,
    Parameter("period", {"type": "string", "enum": list(PERIODS)}, "The shortest that says something, if left out."),
    Parameter("by", {"type": "string", "enum": ["time", "source"], "default": "time"}, "A row for each of these."),
)
_SIMILAR = (
    Parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Paragraphs to give."),
    Parameter("meaning", {"type": "boolean", "default": False}, "Also compare with the encoder, which takes a second."),
)


def archive_routes(context: AppContext, openapi: OpenAPIBuilder, work: ArchiveWork) -> APIRouter:
    """All that can be asked of an archive."""
    router = APIRouter(prefix="/v1/archive", tags=["archive"], dependencies=[Depends(context.needs(Permission.READ))])

    def described(known: Sequence[Parameter], answer: type[BaseModel] | None, *statuses: int) -> dict[str, Any]:
        route = openapi.route(*GET_STATUSES, 422, 429, 503, 504, *statuses, answer=answer)
        route["openapi_extra"]["parameters"] = [each.to_openapi() for each in known]
        return route

    def described_file(known: Sequence[Parameter], forms: dict[str, str], *statuses: int) -> dict[str, Any]:
        route = described((*known, _format(forms)), None, *statuses)
        kinds = {kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for kind in forms.values()}
        route["responses"][200] = {"description": "The file.", "content": kinds}
        return route

    @router.get("/search", **described(SEARCH, schemas.ArchiveSearchResponse))
    async def search(request: Request) -> Response:
        """Find paragraphs and headlines."""
        return await work.json(partial(search_page, given=read_parameters(request.query_params, SEARCH)))

    @router.get("/trends", **described(TRENDS, schemas.TrendsResponse))
    async def over_time(request: Request) -> Response:
        """How often something was written about, over time or by source."""
        given = read_parameters(request.query_params, TRENDS)
        return await work.json(partial(trends_of, given=given))

    @router.get("/chart", **described_file(TRENDS, chart.FORMATS))
    async def drawn(request: Request) -> Response:
        """The chart of trends."""
        given = read_parameters(request.query_params, (*TRENDS, _format(chart.FORMATS)))
        form = given["format"]
        return await work.file(
            lambda explorer: chart.chart_file(trends_of(explorer, given), form), chart.FORMATS[form], None
        )

    @router.get("/articles/{article}", **described((), schemas.ArchiveArticleResponse, 404))
    async def article(request: Request, article: str) -> Response:
        """An article with its paragraphs, topics and digest."""
        read_parameters(request.query_params, ())
        return await work.json(lambda explorer: read_article(explorer, article))

    @router.get(
        "/articles/{article}/paragraphs/{paragraph}/similar", **described(_SIMILAR, schemas.SimilarResponse, 404)
    )
    async def similar(request: Request, article: str, paragraph: str) -> Response:
        """Paragraphs that say the like: a story through the years, and repeats across papers."""
        given = read_parameters(request.query_params, _SIMILAR)
        encode = encode_with(context.live.model) if given["meaning"] else None
        number = int(paragraph) if paragraph.isascii() and paragraph.isdigit() and len(paragraph) < 10 else 0
        return await work.json(
            lambda explorer: similar_paragraphs(explorer, article, number, most=given["limit"], encode=encode)
        )

    issue_parameters = (Parameter("source", _NAME, "Of this source alone."),)

    @router.get("/issues/{date}", **described(issue_parameters, schemas.IssueResponse, 404))
    async def issue(request: Request, date: str) -> Response:
        """The articles of a day, in the order of the paper."""
        given = read_parameters(request.query_params, issue_parameters)
        try:
            day = parse_date(date)
        except ValueError as error:
            raise InvalidFilter(str(error)) from None
        if day is None:
            raise InvalidFilter("the date is blank; give it as 2023-07-19")
        return await work.json(lambda explorer: read_issue(explorer, day, given["source"]))

    @router.get("/typical", **described((QUERY, *FILTERS), schemas.TypicalResponse))
    async def typical(request: Request) -> Response:
        """Words that set what a search finds apart from the rest."""
        given = read_parameters(request.query_params, (QUERY, *FILTERS))
        return await work.json(lambda explorer: typical_words(explorer, search_of(given)))

    @router.get("/overview", **described((QUERY, *FILTERS), schemas.OverviewResponse, 404))
    async def overview_of(request: Request) -> Response:
        """An overview (要览) of a day, a week or a search."""
        given = read_parameters(request.query_params, (QUERY, *FILTERS))
        return await work.json(lambda explorer: make_overview(explorer, search_of(given)).to_json())

    @router.get("/overview-file", **described_file((QUERY, *FILTERS), overview.FORMATS, 404))
    async def overview_file(request: Request) -> Response:
        """The overview as Markdown, HTML or DOCX."""
        given = read_parameters(request.query_params, (QUERY, *FILTERS, _format(overview.FORMATS)))
        form = given["format"]
        return await work.file(
            lambda explorer: overview.overview_file(make_overview(explorer, search_of(given)), form),
            overview.FORMATS[form],
            f"overview.{form}",
        )

    @router.get("/export", **described_file((QUERY, *FILTERS, SORT), hits.FORMATS))
    async def exported(request: Request) -> Response:
        """Up to 10,000 hits as CSV, Excel, JSON Lines or Parquet, each with where it is from."""
        given = read_parameters(request.query_params, (QUERY, *FILTERS, SORT, _format(hits.FORMATS)))
        form = given["format"]

        def write(explorer: Explorer) -> bytes:
            to = io.BytesIO()
            hits.export(explorer, search_of(given), form, to, sort=given["sort"], most=MOST_EXPORTED)
            return to.getvalue()

        return await work.file(write, hits.FORMATS[form], f"hits.{form}")

    return router


class ArchiveWork:
    """Carries out requests of the archive in threads: a few at a time, and none longer than the deadline."""

    def __init__(self, context: AppContext, archive: OpenedArchive) -> None:
        self._seconds = context.settings.deadline_seconds
        self._metrics = context.metrics
        self._archive = archive
        self._limiter: CapacityLimiter | None = None
        self._waiting = 0

    async def run(self, ask: Callable[[Explorer], Any]) -> Any:
        """What ``ask`` answers.

        Raises:
            Overloaded: too many requests wait.
            DeadlineExceeded: it took too long.
        """
        if self._waiting >= WAITING:
            self._metrics.refusals.labels("overloaded").inc()
            raise Overloaded("too many searches wait; send it again in a moment")
        if self._limiter is None:  # it belongs to the event loop
            self._limiter = CapacityLimiter(AT_A_TIME)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                return await run_sync(
                    lambda: ask(self._archive.explorer()), limiter=self._limiter, abandon_on_cancel=True
                )
        except TimeoutError:
            raise DeadlineExceeded(f"the answer took longer than {self._seconds:g} seconds; ask for less") from None
        finally:
            self._waiting -= 1

    async def json(self, ask: Callable[[Explorer], dict[str, Any]]) -> Response:
        """What ``ask`` answers, as JSON."""
        return Response(await self.run(lambda explorer: to_json(ask(explorer))), media_type="application/json")

    async def file(self, ask: Callable[[Explorer], bytes], kind: str, name: str | None) -> Response:
        """What ``ask`` answers, as a file; with a ``name`` browsers save it."""
        headers = {"content-disposition": f'attachment; filename="{name}"'} if name else {}
        headers["x-content-type-options"] = "nosniff"
        return Response(await self.run(ask), headers=headers, media_type=kind)


def search_of(given: dict[str, Any], query: str | None = None) -> Search:
    """The search that parameters ask for.

    Raises:
        InvalidFilter: its filters contradict one another.
    """
    filters = Filters(
        tuple(given["topic"]),
        given["confidence"],
        given["uncertain"],
        given["from"],
        given["to"],
        tuple(given["source"]),
        tuple(given["page"]),
        tuple(given["role"]),
    )
    return Search(given["q"] or "" if query is None else query, filters)


def search_page(explorer: Explorer, given: dict[str, Any]) -> dict[str, Any]:
    """A page of hits, as ``/v1/archive/search`` answers."""
    search, sort, limit = search_of(given), given["sort"], given["limit"]
    fingerprint = explorer.index.fingerprint
    start = offset_of(given["cursor"], search, sort, fingerprint)
    found = explorer.hits(search)
    more = start + limit < len(found)
    return {
        "total": len(found),
        "hits": explorer.page(search, sort, start, limit),
        "facets": largest(found.facets()),
        "next": cursor(search, sort, fingerprint, start + limit) if more else None,
        "archive": fingerprint,
        "model_version": explorer.index.manifest.basis["model_version"],
    }


def trends_of(explorer: Explorer, given: dict[str, Any]) -> dict[str, Any]:
    """Trends as ``/v1/archive/trends`` answers."""
    searches = [search_of(given, query) for query in given["q"] or [""]]
    return trends(explorer, searches, period=given["period"], by=given["by"])


def largest(facets: Facets) -> Facets:
    """The largest values of facets that can have many; times are few enough."""
    return {
        name: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_FACETS])
        if name in ("source", "page")
        else counts
        for name, counts in facets.items()
    }


def _format(forms: dict[str, str]) -> Parameter:
    return Parameter("format", {"type": "string", "enum": list(forms), "default": next(iter(forms))}, "Of the file.")
