"""What to read of an archive: the best articles on each topic in each period, and what a person should label."""

from __future__ import annotations

from typing import Any

from baozhai_service.archive.report.query import ScoredArchive, quoted

BEST = 3  # articles for each topic and period
MOST_PERIODS = 24  # months; beyond them the periods are years
TO_LABEL = 60
LETTERS = 100


def periods(scores: ScoredArchive) -> str:
    """The format of the periods of this archive: months, or years where there are many months."""
    if not scores.has["articles"]:
        return "%Y"
    (row,) = scores.rows("SELECT count(DISTINCT date_trunc('month', date)) AS months FROM articles")
    return "%Y-%m" if row["months"] <= MOST_PERIODS else "%Y"


def best_articles(scores: ScoredArchive, topic: str) -> list[dict[str, Any]]:
    """For each period, the articles whose best paragraph on ``topic`` stands out most, with that paragraph.

    Paragraphs rank by confidence times salience.
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
    """Uncertain paragraphs, drawn by a hash of their text: a fair sample, and always the same.

    A text that occurs often comes once, with all that is told of its first place.
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
