"""The operations behind HTTP and command line: check the limits, run the model, render the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baozhai_model.bundle import Manifest
from baozhai_model.digest.digester import Budget
from baozhai_model.digest.verification import MAX_DIGEST_CHARACTERS
from baozhai_model.digest.verification import verify as verify_digest
from baozhai_model.errors import BaozhaiError, EmptyText, InputError
from baozhai_model.model import MAX_CHARACTERS, Model
from baozhai_model.registry.store import Store
from baozhai_model.text.tokens import check_text
from baozhai_service.api import render
from baozhai_service.api.requests import (
    ClassifyLine,
    ClassifyRequest,
    DigestOptions,
    DigestRequest,
    DocumentOptions,
    Names,
    ReadRequest,
    VerifyRequest,
)
from baozhai_service.documents.document import Document
from baozhai_service.errors import RequestTooLong, TooManyTexts
from baozhai_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one request; None for no limit."""

    texts: int | None = None
    characters: int | None = None
    evidence_characters: int | None = None

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits of ``settings``."""
        return cls(settings.max_texts, settings.max_request_characters, settings.max_evidence_characters)


UNLIMITED = Limits()


def classify(model: Model, request: ClassifyRequest, limits: Limits = UNLIMITED) -> dict[str, Any]:
    """Classify each text; a text that cannot be read gets an error, the others their results.

    Raises:
        TooManyTexts, RequestTooLong: the request exceeds ``limits``.
    """
    if limits.texts is not None and len(request.texts) > limits.texts:
        raise TooManyTexts(len(request.texts), limits.texts)
    characters = sum(map(len, request.texts))
    if limits.characters is not None and characters > limits.characters:
        raise RequestTooLong(characters, limits.characters)
    if request.evidence and limits.evidence_characters is not None and characters > limits.evidence_characters:
        raise RequestTooLong(characters, limits.evidence_characters, "with evidence, the texts of the request")
    title = _title(request.title, model)
    results = []
    titles = [title] * len(request.texts)
    for text, answer in zip(request.texts, model.classify(request.texts, titles), strict=True):
        if isinstance(answer, BaozhaiError):
            results.append({"error": render.item_error(answer)})
        else:
            evidence = model.evidence(text, title, stage=answer.stage) if request.evidence else None
            results.append(render.prediction(answer, request.names, evidence))
    return {"model_version": model.version, "results": results}


def digest(model: Model, request: DigestRequest) -> dict[str, Any]:
    """Digest an article.

    Raises:
        InputError: the text cannot be read, or the budget or the topic is none.
    """
    topic = model.topic(request.topic) if request.topic is not None else None
    title = _title(request.title, model)
    answer = model.digest(request.text, _budget(request), title=title, topic=topic)
    return {"model_version": model.version, **render.digest(answer)}


def read(model: Model, request: ReadRequest) -> dict[str, Any]:
    """Read a page.

    Raises:
        InputError: the text cannot be read, or the budget or the topic is none.
    """
    options = request.digest or DigestOptions()
    topic = model.topic(options.topic) if options.topic is not None else None
    answer = model.read(request.text, _budget(options), topic=topic)
    return {"model_version": model.version, **render.page(answer, request.names)}


def read_document(model: Model, document: Document, options: DocumentOptions) -> dict[str, Any]:
    """Classify and digest the articles of a document.

    Raises:
        InputError: the text cannot be read, or the budget or the topic is none.
    """
    topic = model.topic(options.topic) if options.topic is not None else None
    answer = model.read(document.page, _budget(options), topic=topic)
    return {"model_version": model.version, **render.document(document, answer, options.names)}


def verify(request: VerifyRequest, max_characters: int = MAX_CHARACTERS) -> dict[str, Any]:
    """Compare a digest with its source, sentence by sentence.

    Raises:
        InputError: one of the two texts is invalid; the message names it.
    """
    _check_field("text", request.text, max_characters)
    _check_field("digest", request.digest, MAX_DIGEST_CHARACTERS)
    return render.verification(request.text, request.digest, verify_digest(request.text, request.digest))


def models(live: Model, store: Store | None = None) -> dict[str, Any]:
    """The intact model versions with their scores; the command line also lists broken ones."""
    manifests: dict[str, Manifest] = {live.version: live.manifest}
    if store is not None:
        manifests |= {name: each for name, each in store.versions().items() if isinstance(each, Manifest)}
    return {
        "live": live.version,
        "models": [
            {
                "version": version,
                "live": version == live.version,
                "topics": [
                    {
                        "id": topic.id,
                        "zh": topic.zh,
                        "en": topic.en,
                        "threshold": None if manifest.rules.exclusive else rule.threshold,
                    }
                    for topic, rule in zip(manifest.topics, manifest.rules, strict=True)
                ],
                "scores": manifest.about.get("metrics", {}),
                "base": manifest.about.get("base"),
            }
            for version, manifest in manifests.items()
        ],
    }


def classify_each(
    model: Model, lines: Sequence[ClassifyLine], names: Names, *, evidence: bool
) -> list[dict[str, Any] | BaozhaiError]:
    """The result or error of each line, as if its text were posted alone, as a flat object."""
    answers: list[dict[str, Any] | BaozhaiError] = []
    titles = [_title_or_error(line.title, model) for line in lines]
    known = [None if isinstance(title, BaozhaiError) else title for title in titles]
    predictions = model.classify([line.text for line in lines], known)
    for line, title, answer in zip(lines, titles, predictions, strict=True):
        if isinstance(title, BaozhaiError):
            answers.append(title)
        elif isinstance(answer, BaozhaiError):
            answers.append(answer)
        else:
            found = model.evidence(line.text, title, stage=answer.stage) if evidence else None
            answers.append({"model_version": model.version, **render.prediction(answer, names, found)})
    return answers


def digest_each(model: Model, requests: Sequence[DigestRequest]) -> list[dict[str, Any] | BaozhaiError]:
    """The answer or error of each request."""
    answers: list[dict[str, Any] | BaozhaiError] = []
    for request in requests:
        try:
            answers.append(digest(model, request))
        except BaozhaiError as error:
            answers.append(error)
    return answers


def _title(title: str | None, model: Model) -> str | None:
    """``title``, or None if it is blank.

    Raises:
        InputError: the title is invalid; the message names it.
    """
    try:
        _check_field("title", title or "", model.max_characters)
    except EmptyText:
        return None
    return title


def _check_field(name: str, text: str, limit: int) -> None:
    """Refuse an invalid text.

    Raises:
        InputError: see `check_text`; the message begins with the ``name`` of the field.
    """
    try:
        check_text(text, limit)
    except InputError as error:
        error.args = (f"{name}: {str(error).removeprefix('the text ')}",)
        raise


def _title_or_error(title: str | None, model: Model) -> str | BaozhaiError | None:
    try:
        return _title(title, model)
    except BaozhaiError as error:
        return error


def _budget(options: DigestOptions) -> Budget:
    return Budget(sentences=options.max_sentences, characters=options.max_characters)
