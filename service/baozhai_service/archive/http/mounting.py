"""The routes of the archive that a service is given."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from baozhai_service.archive.http.opened import OpenedArchive
from baozhai_service.archive.http.pages import archive_pages
from baozhai_service.archive.http.routes import ArchiveWork, archive_routes
from baozhai_service.desk.desk import Desk
from baozhai_service.http.context import AppContext
from baozhai_service.http.openapi import OpenAPIBuilder


def archive_routers(context: AppContext, openapi: OpenAPIBuilder, desk: Desk) -> Iterator[APIRouter]:
    """``/v1/archive`` and the pages of the archive, which share one index.

    Raises:
        OutputRefused: the setting names nothing that can be an archive.
    """
    settings = context.settings
    if settings.archive is None:
        return
    work = ArchiveWork(context, OpenedArchive(settings.archive, settings.archive_index))
    yield archive_routes(context, openapi, work)
    yield archive_pages(desk, work)
