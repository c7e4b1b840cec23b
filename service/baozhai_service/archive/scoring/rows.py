"""Turn scored articles and dead letters into rows of the output tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from baozhai_model.structure import Span
from baozhai_service.archive.errors import InputChanged
from baozhai_service.archive.input.record import DeadLetter, Place, Record
from baozhai_service.archive.input.source import Source
from baozhai_service.archive.scoring.scored_article import ScoredArticle

PART = 2**20  # bytes of a dead letter in one row; a longer one has several


def paragraph_rows(scored: ScoredArticle, version: str) -> Iterator[dict[str, Any]]:
    """The rows of the scored paragraphs of an article."""
    keys = _keys(scored.article.record, scored.article.number)
    pairs = zip(scored.article.paragraphs, scored.predictions, scored.saliences, strict=True)
    for number, (paragraph, answer, salience) in enumerate(pairs, 1):
        if answer is not None:
            yield {
                **keys,
                "paragraph": number,
                "start": paragraph.spans[0].start,
                "end": paragraph.spans[-1].end,
                "spans": _spans(paragraph.spans),
                "text": paragraph.text,
                "topics": answer["topics"],
                "confidences": answer["confidences"],
                "uncertain": answer["uncertain"],
                "stage": answer["stage"],
                "salience": salience,
                "windows": answer["coverage"]["windows"],
                "model_version": version,
            }


def article_row(scored: ScoredArticle, version: str) -> dict[str, Any]:
    """The row of an article."""
    article = scored.article
    return {
        **_keys(article.record, article.number),
        "headline": article.title,
        "topics": list(scored.topics),
        "paragraphs": len(article.paragraphs),
        "characters": sum(len(paragraph.text) for paragraph in article.paragraphs),
        "digest": [
            {
                "spans": _spans(article.locate(segment["start"], segment["end"])),
                "text": segment["text"],
                "salience": segment["salience"],
            }
            for segment in scored.digest
        ],
        "encoding": article.record.encoding,
        "model_version": version,
    }


def dead_letter_rows(letter: DeadLetter, source: Source, version: str) -> Iterator[dict[str, Any]]:
    """The rows of a dead letter: its original bytes in consecutive parts of at most `PART` bytes."""
    place = letter.place
    row = {
        "file": place.name,
        "line": place.line,
        "start": place.start,
        "end": place.end,
        "article": letter.article,
        "paragraph": letter.paragraph,
        "reason": letter.reason,
        "detail": letter.detail.encode(errors="replace").decode(),
        "model_version": version,
    }
    for number, part in enumerate(_parts(letter, source)):
        yield {**row, "part": number, "bytes": part}


def _parts(letter: DeadLetter, source: Source) -> Iterator[bytes | None]:
    place = letter.place
    if letter.raw is not None:
        for start in range(0, max(len(letter.raw), 1), PART):
            yield letter.raw[start : start + PART]
    elif place.start is None or place.end is None:
        yield None
    else:
        yield from _copied(place, source)


def _copied(place: Place, source: Source) -> Iterator[bytes]:
    start, end = place.start or 0, place.end or 0
    try:
        file = source.open(place.file)
    except OSError:
        raise InputChanged(place.name) from None
    with file:
        file.seek(start)
        while start < end:
            part = file.read(min(PART, end - start))
            if not part:
                return
            yield part
            start += len(part)


def _keys(record: Record, number: int) -> dict[str, Any]:
    return {
        "file": record.place.name,
        "line": record.place.line,
        "id": record.id,
        "date": record.date,
        "page": record.page,
        "article": number,
    }


def _spans(spans: Iterable[Span]) -> list[dict[str, int]]:
    return [{"start": span.start, "end": span.end} for span in spans]
