"""The digest (要览) of a day: its articles by topic, with their digests, as Markdown or HTML."""

from __future__ import annotations

import datetime
import re
from typing import Any

from baozhai_service.archive.errors import NoInput
from baozhai_service.archive.report.query import ScoredArchive
from baozhai_service.archive.report.templates import page_name, rendered

NO_TOPIC = "其他"
UNTITLED = "（无标题）"
NO_DIGESTS = "评分时没有取摘要（--no-digests），下面只有标题。要有摘要，请去掉这个选项重新评分。"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_PAGE = re.compile(r"(?:第\s*)?(\D*)(\d{0,9})")
_LIST = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")


class DailyDigest:
    """The articles of one day, of one source or of all."""

    def __init__(self, url: str, day: datetime.date, source: str | None = None) -> None:
        """Look up the day in the output at ``url``.

        Raises:
            OutputRefused: there is no finished output at ``url``.
            NoInput: nothing was scored for that day; the message names the nearest days.
        """
        self.day, self.source = day, source
        with ScoredArchive(url) as scores:
            self.model_version = scores.manifest.basis["model_version"]
            names = scores.manifest.basis["settings"]["names"]
            self.note = "" if scores.manifest.basis["settings"]["digests"] else NO_DIGESTS
            topics = [topic["id" if names == "id" else "zh"] for topic in scores.manifest.topics]
            articles = self._articles(scores) if scores.has["articles"] else []
            if not articles:
                raise NoInput(self._nothing(scores))
        self.sources = sorted({article["source"] for article in articles})
        self.topics: dict[str, list[dict[str, Any]]] = {name: [] for name in (*topics, NO_TOPIC)}
        for article in articles:  # in full under its first topic; its other topics refer to that
            first, *others = article["topics"] or [NO_TOPIC]
            self.topics[first].append({**article, "whole": True})
            for topic in others:
                self.topics[topic].append({**article, "whole": False, "see": first})
        self.articles = len(articles)

    @property
    def title(self) -> str:
        """The title of the page."""
        return f"{'、'.join(self.sources)} {self.day.year}年{self.day.month}月{self.day.day}日要览"

    def html(self) -> str:
        """The digest as an HTML page that opens offline."""
        return rendered("daily_digest.html.j2", issue=self)

    def markdown(self) -> str:
        """The digest as Markdown; text from the archive is escaped."""
        lines = [f"# {plain(self.title)}", "", f"共 {self.articles} 篇 · 模型 {plain(self.model_version)}", ""]
        if self.note:
            lines += [plain(self.note), ""]
        for topic, articles in self.topics.items():
            if articles:
                lines += [f"## {plain(topic)}（{len(articles)}）", ""]
            for article in articles:
                headline = plain(article["headline"] or UNTITLED)
                if not article["whole"]:
                    lines += [f"{headline}（见“{plain(article['see'])}”）", ""]
                    continue
                lines += [f"### {headline}", "", f"*{plain(place(article))}*", ""]
                if article["digest"]:
                    lines += [plain("".join(sentence["text"] for sentence in article["digest"])), ""]
        return "\n".join(lines).rstrip() + "\n"

    def _articles(self, scores: ScoredArchive) -> list[dict[str, Any]]:
        articles = scores.rows(
            "SELECT source, file, line, page, article, headline, topics, digest, characters FROM articles "
            "WHERE date = $day AND ($source IS NULL OR source = $source) AND paragraphs > 0 "
            "ORDER BY source, file, line, article",
            {"day": self.day, "source": self.source},
        )
        return sorted(articles, key=lambda article: (article["source"], page_order(article["page"])))

    def _nothing(self, scores: ScoredArchive) -> str:
        message = f"nothing was scored for {self.day}" + (f" of {self.source}" if self.source else "")
        if not scores.has["articles"]:
            return message
        near = scores.rows(
            "SELECT DISTINCT date, source FROM articles WHERE date IS NOT NULL "
            "AND ($source IS NULL OR source = $source) ORDER BY abs(date - $day), date, source LIMIT 3",
            {"day": self.day, "source": self.source},
        )
        known = ", ".join(f"{row['date']} of {row['source']}" for row in near)
        return f"{message}; the nearest are {known}" if known else message


def place(article: dict[str, Any]) -> str:
    """The source, page and length of an article."""
    page = f"，{page_name(article['page'])}" if article["page"] else ""
    return f"{article['source']}{page}，{article['characters']} 字"


def page_order(page: str | None) -> tuple[bool, str, int, str]:
    """The sort key of a page: section, then number, so that 2 is before 10 and A10 before B1; unknown pages last."""
    section, number = _PAGE.findall(page or "")[0]
    return not page, section, int(number or 0), page or ""


def plain(text: str) -> str:
    """``text`` with Markdown's special characters escaped."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.splitlines()))
    return _LIST.sub(lambda found: f"{found[1]}{found[3] or ''}\\{found[2] or found[4]}", line)
