"""A scored article. Its results are rendered as for HTTP, so the same text has the same result everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baozhai_service.archive.scoring.articles import ArticleText


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """An article and its answers.

    Attributes:
        predictions: for each paragraph its rendered prediction; None where it is a dead letter.
        topics: of the article, by the same rule as `Model.read`.
        saliences: for each paragraph that of its best sentence; None without digests.
        digest: rendered sentences; ``start`` and ``end`` in `ArticleText.text`.
    """

    article: ArticleText
    predictions: tuple[dict[str, Any] | None, ...]
    topics: tuple[str, ...]
    saliences: tuple[float | None, ...]
    digest: tuple[dict[str, Any], ...]
