"""Score records in blocks: each distinct paragraph once, and a failure affects its own article only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from baozhai_model.article_topics import article_topics
from baozhai_model.digest.digester import Budget, Digester
from baozhai_model.encoder.encoder import WindowOutput
from baozhai_model.errors import InputError
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_model.structure import Page
from baozhai_model.text.cleaning import clean
from baozhai_model.text.tokens import TokenizedText, check_text
from baozhai_service.api import render
from baozhai_service.archive.input.document import LIMITS
from baozhai_service.archive.input.record import DeadLetter, Record
from baozhai_service.archive.scoring.answer_cache import AnswerCache, key_of
from baozhai_service.archive.scoring.articles import ArticleText, articles_of
from baozhai_service.archive.scoring.scored_article import ScoredArticle
from baozhai_service.archive.settings import ScoreSettings
from baozhai_service.documents import open_document

BLOCK = 40_000  # characters scored at a time: enough for full batches of equal length; about 30 MB of encoder states

Answers = dict[bytes, dict[str, Any]]


class Scorer:
    """Scores records with one model. Not thread-safe."""

    def __init__(self, model: Model, settings: ScoreSettings, cache: AnswerCache) -> None:
        self._model = model
        self._settings = settings
        self._cache = cache
        self._digester = Digester(model.bundle)
        self._budget = Budget(sentences=settings.max_sentences)

    def score(self, records: Iterable[Record]) -> Iterator[ScoredArticle | DeadLetter]:
        """Score the articles of ``records``, in order; yield a dead letter for each that fails."""
        block: list[ArticleText] = []
        size = 0
        for record in records:
            read = self._articles(record)
            if isinstance(read, DeadLetter):
                yield from self._block(block)
                yield read
                block, size = [], 0
                continue
            for article in read:
                block.append(article)
                size += len(article.text)
                if size >= BLOCK:
                    yield from self._block(block)
                    block, size = [], 0
        yield from self._block(block)

    def _articles(self, record: Record) -> list[ArticleText] | DeadLetter:
        page: Page | None = None
        try:
            if record.document is not None:
                document = open_document(record.raw, record.document, LIMITS)
                page = document.page
                record = replace(record, text=page.text, encoding=document.format)
            check_text(record.text, self._model.max_characters)
        except InputError as error:
            return DeadLetter(record.place, error.code, str(error), record.raw)
        articles = list(articles_of(record, page))
        if not any(article.paragraphs for article in articles):
            detail = "the reader finds no paragraph in it, only headlines, captions and the like"
            return DeadLetter(record.place, "no_paragraph", detail, record.raw)
        return articles

    def _block(self, block: Sequence[ArticleText]) -> Iterator[ScoredArticle | DeadLetter]:
        """Score articles in one pass; if that fails, each by itself, so that only the one that fails is lost."""
        try:
            yield from list(self._together(block))
        except (OSError, MemoryError):
            raise
        except Exception as error:
            if len(block) > 1:
                for article in block:
                    yield from self._block([article])
                return
            (article,) = block
            reason = error.code if isinstance(error, InputError) else "not_scored"
            detail = f"the model fails on it: {error}"[:500]
            yield DeadLetter(article.record.place, reason, detail, article.text.encode(), article.number)

    def _together(self, block: Sequence[ArticleText]) -> Iterator[ScoredArticle | DeadLetter]:
        model = self._model
        digests: Answers = {}
        if self._settings.digests:  # first, since the model reuses these encoder passes for the topics
            model = model.remembering()
            digests = self._digests(model, block)
        asked = [(paragraph.text, article.title) for article in block for paragraph in article.paragraphs]
        predictions = self._predictions(model, asked)
        for article in block:
            answers = [predictions[self._prediction_key(p.text, article.title)] for p in article.paragraphs]
            for number, (paragraph, answer) in enumerate(zip(article.paragraphs, answers, strict=True), 1):
                if "error" in answer:
                    raw = paragraph.text.encode()
                    code = str(answer["error"]["type"]).rpartition(":")[2]
                    yield DeadLetter(article.record.place, code, answer["error"]["detail"], raw, article.number, number)
            yield self._scored(article, [None if "error" in answer else answer for answer in answers], digests)

    def _scored(
        self, article: ArticleText, predictions: Sequence[dict[str, Any] | None], digests: Answers
    ) -> ScoredArticle:
        digest = digests.get(self._digest_key(article)) or {"sentences": [], "saliences": []}
        best: list[float | None] = [None] * len(article.paragraphs)
        for start, salience in digest["saliences"]:
            number = article.paragraph_at(start)
            best[number] = max(salience, best[number] or 0.0)
        return ScoredArticle(
            article, tuple(predictions), self._topics(article, predictions), tuple(best), tuple(digest["sentences"])
        )

    def _topics(self, article: ArticleText, predictions: Sequence[dict[str, Any] | None]) -> tuple[str, ...]:
        scored = [
            (len(p.text), a["topics"]) for p, a in zip(article.paragraphs, predictions, strict=True) if a is not None
        ]
        names = [topic.id if self._settings.names == "id" else topic.zh for topic in self._model.topics]
        return article_topics(names, scored)

    def _predictions(self, model: Model, asked: Sequence[tuple[str, str | None]]) -> Answers:
        """The rendered prediction, or error, of each distinct pair of text and title."""
        by_key = {self._prediction_key(text, title): (text, title) for text, title in asked}
        known = self._cache.get(by_key)
        new = {key: pair for key, pair in by_key.items() if key not in known}
        texts, titles = [text for text, _ in new.values()], [title for _, title in new.values()]
        answers: Answers = {}
        for key, answer in zip(new, model.classify(texts, titles), strict=True):
            answers[key] = (
                render.prediction(answer, self._settings.names)
                if isinstance(answer, Prediction)
                else {"error": render.item_error(answer)}
            )
        self._cache.put(answers)
        return {**known, **answers}

    def _digests(self, model: Model, block: Sequence[ArticleText]) -> Answers:
        """The rendered digest of each distinct article, with the salience of each sentence."""
        by_key = {self._digest_key(article): article for article in block if article.paragraphs}
        known = self._cache.get(by_key)
        new = {key: article for key, article in by_key.items() if key not in known}
        tokenized = [
            self._digester.tokenize(clean(article.text, unwrap=not article.record.is_page)) for article in new.values()
        ]
        windows = [
            self._digester.windows(text, article.title) for article, text in zip(new.values(), tokenized, strict=True)
        ]
        outputs = iter(model.encode([window for each in windows for window in each]))
        answers: Answers = {}
        for (key, article), text, mine in zip(new.items(), tokenized, windows, strict=True):
            answers[key] = self._digest(article, text, list(islice(outputs, len(mine))))
        self._cache.put(answers)
        return {**known, **answers}

    def _digest(self, article: ArticleText, text: TokenizedText, outputs: Sequence[WindowOutput]) -> dict[str, Any]:
        salience = self._digester.salience(text, outputs, article.title)
        rendered = render.digest(self._digester.digest(text, salience, self._budget))
        spans = [span.stripped(text.text) for span in text.sentences]
        saliences = [
            [text.in_source(span).start, round(value, render.DECIMALS)]
            for span, value in zip(spans, salience.tolist(), strict=True)
            if span
        ]
        return {**rendered, "saliences": saliences}

    def _prediction_key(self, text: str, title: str | None) -> bytes:
        return key_of("prediction", text, self._model.heading(title))

    def _digest_key(self, article: ArticleText) -> bytes:
        return key_of("digest", article.text, article.title, self._settings.max_sentences)
