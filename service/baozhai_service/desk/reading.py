"""读版: the page that reads pages, and what its script asks for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from baozhai_model.article_topics import ARTICLE_SHARE
from baozhai_model.digest.digester import Budget
from baozhai_model.model import Model
from baozhai_model.page.reader import read_page
from baozhai_model.structure import Article
from baozhai_model.text.tokens import check_text
from baozhai_service.api import render
from baozhai_service.api.requests import Text
from baozhai_service.desk.desk import Desk
from baozhai_service.http.auth import Permission

MOST_SENTENCES = 10
CHARACTERS = (50, 100, 150, 200, 300, 400, 500, 600, 800, 1000)
_SAMPLE = Path(__file__).with_name("sample.txt")


class OutlineRequest(BaseModel):
    """A page whose articles are wanted, without their topics."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    text: Text


class DigestsRequest(BaseModel):
    """An article whose digests of every length are wanted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    text: Text
    title: Text | None = None
    topic: Text | None = Field(None, max_length=100)


def reading_pages(desk: Desk) -> APIRouter:
    """``/``, ``/desk/outline`` and ``/desk/digests``."""
    context = desk.context
    router = desk.router()
    reading = {"article_share": ARTICLE_SHARE, "sentences": MOST_SENTENCES, "characters": CHARACTERS}

    @router.get("/", dependencies=[Depends(desk.page_needs(Permission.READ))])
    async def read(request: Request) -> Response:
        return desk.page(request, "read.html", tab="read", reading=reading, sample=sample_page())

    data = APIRouter(include_in_schema=False, dependencies=[Depends(desk.data_needs(Permission.READ))])
    most = context.settings.max_request_characters

    @data.post("/desk/outline")
    async def outline(request: Request) -> Response:
        return await context.dispatcher.handle(request, OutlineRequest, lambda _, body: page_outline(body.text, most))

    @data.post("/desk/digests")
    async def digests(request: Request) -> Response:
        return await context.dispatcher.handle(request, DigestsRequest, digests_of_every_length)

    router.include_router(data)
    return router


def page_outline(text: str, most: int) -> dict[str, Any]:
    """The articles of a page as they are laid out; which paragraph each block is, or null.

    Raises:
        InputError: the text is empty, has more than ``most`` characters, or is not Unicode.
    """
    check_text(text, most)
    return {"characters": len(text), "articles": [_article(article) for article in read_page(text).articles]}


def _article(article: Article) -> dict[str, Any]:
    places = {paragraph.spans: place for place, paragraph in enumerate(article.paragraphs)}
    return {
        "headline": article.headline,
        "blocks": [{**render.block(block), "paragraph": places.get(block.spans)} for block in article.blocks],
        "paragraphs": [
            {"spans": render.spans(paragraph.spans), "text": paragraph.text} for paragraph in article.paragraphs
        ],
    }


def digests_of_every_length(model: Model, request: DigestsRequest) -> dict[str, Any]:
    """Every sentence that one of the digests has, and the digests as places in that list.

    Raises:
        InputError: the text cannot be read, or there is no such topic.
    """
    topic = model.topic(request.topic) if request.topic is not None else None
    by_sentences = [Budget(sentences=count) for count in range(1, MOST_SENTENCES + 1)]
    by_characters = [Budget(characters=count) for count in CHARACTERS]
    digests = model.digests(request.text, [*by_sentences, *by_characters], title=request.title, topic=topic)
    sentences = sorted({each for digest in digests for each in digest.sentences}, key=lambda each: each.start)
    places = {each.start: place for place, each in enumerate(sentences)}
    chosen = [[places[each.start] for each in digest.sentences] for digest in digests]
    return {
        "model_version": model.version,
        "sentences": [render.digest_sentence(each) for each in sentences],
        "by_sentences": chosen[:MOST_SENTENCES],
        "by_characters": chosen[MOST_SENTENCES:],
        "characters": list(CHARACTERS),
    }


@cache
def sample_page() -> str:
    """A page of our own writing, to try the desk with."""
    return _SAMPLE.read_text(encoding="utf-8")
