"""Excerpts of an archive: the best articles on each topic and period, uncertain paragraphs, and dead letters."""

from __future__ import annotations

from typing import Any

from baozhai_service.archive.report.query import ScoredArchive, quoted

BEST = 3  # articles for each topic and period
MOST_PERIODS = 24  # months; longer archives are divided into years
TO_LABEL = 60  # uncertain paragraphs
LETTERS = 100  # dead letters of each reason


def periods(scores: ScoredArchive) -> str:
    """The strftime format of the periods of this archive: months, or years if there are many months."""
    if not scores.has["articles"]:
        return "%Y"
    (row,) = scores.rows("SELECT count(DISTINCT date_trunc('month', date)) AS months FROM articles")
    return "%Y-%m" if row["months"] <= MOST_PERIODS else "%Y"


def best_articles(scores: ScoredArchive, topic: str) -> list[dict[str, Any]]:
    """For each period, the articles with the best paragraphs on ``topic``, each with that paragraph.

    Paragraphs are ranked by confidence times salience.
    """
    if not scores.has["paragraphs"]:
        return []
    name = quoted(topic)
    return scores.rows(
        f"""
        WITH ranked AS (
            SELECT date, source, file, line, article, page, paragraph, text, confidences[{name}] AS confidence,
                confidences[{name}] * coalesce(salience, 1) AS rank,
                coalesce(strftime(date, '{periods(scores)}'), '') AS period
            FROM paragraphs WHERE list_contains(topics, {name})
            QUALIFY row_number() OVER (
                PARTITION BY file, line, article ORDER BY rank DESC, paragraph) = 1
        ), best AS (
            SELECT * FROM ranked
            QUALIFY row_number() OVER (PARTITION BY period, md5(text) ORDER BY rank DESC, file, line) = 1
        ), top AS (
            SELECT * FROM best
            QUALIFY row_number() OVER (PARTITION BY period ORDER BY rank DESC, file, line, article) <= {BEST}
        )
        SELECT top.*, articles.headline, articles.digest FROM top
        LEFT JOIN articles USING (source, file, line, article)
        ORDER BY period DESC, rank DESC, file, line
        """
    )


def to_label(scores: ScoredArchive) -> list[dict[str, Any]]:
    """A sample of uncertain paragraphs for a person to label, drawn by a hash of the text, so it is reproducible.

    A text that occurs several times is drawn once, with the place and prediction of its first occurrence.
    """
    if not scores.has["paragraphs"]:
        return []
    return scores.rows(
        f"""
        SELECT text, unnest(arg_min(
            {{
                file: file, line: line, article: article, paragraph: paragraph,
                topics: topics, confidences: confidences
            }},
            {{file: file, line: line, article: article, paragraph: paragraph}}
        ))
        FROM paragraphs WHERE uncertain GROUP BY text ORDER BY md5(text) LIMIT {TO_LABEL}
        """
    )


def dead_letters(scores: ScoredArchive) -> list[dict[str, Any]]:
    """The first dead letters of each reason."""
    if not scores.has["dead_letters"]:
        return []
    return scores.rows(
        "SELECT reason, file, line, detail FROM dead_letters WHERE part = 0 "
        f"QUALIFY row_number() OVER (PARTITION BY reason ORDER BY file, line) <= {LETTERS} ORDER BY reason, file, line"
    )
