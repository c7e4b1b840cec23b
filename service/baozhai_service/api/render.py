"""Answers as JSON. HTTP and the command line both render here, so the same text gives the same bytes.

Confidences, saliences and drops are rounded to `DECIMALS` places, half to even, after every decision was made on the
unrounded numbers. Topics stand in the order of the bundle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from baozhai_model.digest.verification import Fidelity, Quotation
from baozhai_model.errors import BaozhaiError
from baozhai_model.results import (
    Coverage,
    Digest,
    DigestSentence,
    Evidence,
    Prediction,
    ReadArticle,
    ReadPage,
    ReadParagraph,
)
from baozhai_model.structure import Block, Span
from baozhai_model.topics.topic_set import Topic
from baozhai_service.api.requests import Names
from baozhai_service.documents.document import Document

DECIMALS = 4


def to_json(value: Mapping[str, Any]) -> bytes:
    """``value`` as one line of UTF-8, without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def problem_type(error: BaozhaiError) -> str:
    """The URI of the type of ``error``."""
    return f"urn:baozhai:problem:{error.code}"


def item_error(error: BaozhaiError) -> dict[str, Any]:
    """The error of one text or line."""
    return {"type": problem_type(error), "detail": str(error)}


def prediction(
    answer: Prediction, names: Names, evidence: Mapping[Topic, Sequence[Evidence]] | None = None
) -> dict[str, Any]:
    """The prediction for one text."""
    body = {**_topics(answer, names), **_doubt(answer), "coverage": coverage(answer.coverage)}
    if evidence is not None:
        body["evidence"] = {
            _name(topic, names): [
                {"start": piece.span.start, "end": piece.span.end, "text": piece.text, "drop": _rounded(piece.drop)}
                for piece in pieces
            ]
            for topic, pieces in evidence.items()
        }
    return body


def digest(answer: Digest) -> dict[str, Any]:
    """A digest and its coverage."""
    return {
        "sentences": [digest_sentence(piece) for piece in answer.sentences],
        "coverage": coverage(answer.coverage),
    }


def digest_sentence(piece: DigestSentence) -> dict[str, Any]:
    """One sentence of a digest."""
    return {"start": piece.start, "end": piece.end, "text": piece.text, "salience": _rounded(piece.salience)}


def page(answer: ReadPage, names: Names) -> dict[str, Any]:
    """The articles of a page and its coverage."""
    return {
        "articles": [_article(article, names) for article in answer.articles],
        "coverage": coverage(answer.coverage),
    }


def document(read: Document, answer: ReadPage, names: Names) -> dict[str, Any]:
    """The articles of a document with their places on its pages, its coverage, and the document itself."""
    body = page(answer, names)
    for article in body["articles"]:
        for part in (*article["blocks"], *article["paragraphs"], *article["digest"]):
            found = read.page.places([Span(start, end) for start, end in part["spans"]])
            part["places"] = [{"page": each.page, "box": [round(edge, 1) for edge in each.box]} for each in found]
    sizes = [
        {"number": size.number, "width": round(size.width, 1), "height": round(size.height, 1)}
        for size in read.page.sizes
    ]
    body["document"] = {
        "name": read.name,
        "format": read.format,
        "ocr": read.ocr,
        "text": read.page.text,
        "pages": sizes,
        "warnings": list(read.warnings),
    }
    return body


def verification(source: str, digest: str, quotations: Sequence[Quotation]) -> dict[str, Any]:
    """The verified sentences of a digest: whether each is verbatim, near or absent."""
    return {
        "counts": {kind.value: sum(each.fidelity is kind for each in quotations) for kind in Fidelity},
        "sentences": [
            {
                "start": each.span.start,
                "end": each.span.end,
                "text": each.span.of(digest),
                "fidelity": each.fidelity.value,
                "share": _rounded(each.share),
                "spans": spans(each.source),
                "source": "".join(span.of(source) for span in each.source) if each.source else None,
                "differences": [
                    {"start": found.digest.start, "end": found.digest.end, "text": found.digest.of(digest)}
                    | {"source": found.source}
                    for found in each.differences
                ],
            }
            for each in quotations
        ],
    }


def coverage(read: Coverage) -> dict[str, int]:
    """The coverage: what was read."""
    return {"characters": read.characters, "read": read.read, "windows": read.windows}


def _article(read: ReadArticle, names: Names) -> dict[str, Any]:
    return {
        "headline": read.article.headline,
        "blocks": [block(each) for each in read.article.blocks],
        "paragraphs": [_paragraph(paragraph, names) for paragraph in read.paragraphs],
        "topics": [_name(topic, names) for topic in read.topics],
        "digest": [
            {"spans": spans(piece.spans), "text": piece.text, "salience": _rounded(piece.salience)}
            for piece in read.digest
        ],
    }


def block(block: Block) -> dict[str, Any]:
    """A block of a page with its role."""
    return {
        "role": block.role.value,
        "confidence": _rounded(block.confidence),
        "spans": spans(block.spans),
        "text": block.text,
        "doubtful_join": block.doubtful_join,
    }


def _paragraph(read: ReadParagraph, names: Names) -> dict[str, Any]:
    return {
        "spans": spans(read.paragraph.spans),
        "text": read.paragraph.text,
        **_topics(read.prediction, names),
        **_doubt(read.prediction),
    }


def _topics(answer: Prediction, names: Names) -> dict[str, Any]:
    return {
        "topics": [_name(topic, names) for topic in answer.topics],
        "confidences": {_name(topic, names): _rounded(value) for topic, value in answer.confidences.items()},
    }


def _doubt(answer: Prediction) -> dict[str, Any]:
    reason = {"reason": answer.reason} if answer.reason else {}
    return {"uncertain": answer.uncertain, **reason, "stage": answer.stage}


def _name(topic: Topic, names: Names) -> str:
    return topic.id if names == "id" else topic.zh


def spans(given: Iterable[Span]) -> list[list[int]]:
    """Spans as pairs."""
    return [[span.start, span.end] for span in given]


def _rounded(value: float) -> float:
    return round(value, DECIMALS)
