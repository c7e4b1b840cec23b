"""All routes of the desk."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from baozhai_service.desk.desk import Desk
from baozhai_service.desk.documentation import documentation_pages
from baozhai_service.desk.export import export_pages
from baozhai_service.desk.labelling import labelling_pages
from baozhai_service.desk.models import model_pages
from baozhai_service.desk.reading import reading_pages
from baozhai_service.desk.signin import signin_pages
from baozhai_service.desk.verification import verification_pages
from baozhai_service.resources import Resources


def desk_routes(desk: Desk, resources: Resources | None) -> Iterator[APIRouter]:
    """The pages, what their scripts ask for, and the files that they are made of."""
    yield desk.assets.routes()
    yield signin_pages(desk)
    yield reading_pages(desk)
    yield verification_pages(desk)
    yield labelling_pages(desk, resources.label_overview if resources else None)
    yield model_pages(desk, resources)
    yield export_pages(desk)
    yield documentation_pages(desk)
