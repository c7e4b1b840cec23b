"""A loaded model version and its three answers. HTTP, command line and archive all ask here, so they answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baozhai_model.bundle import DEFAULT_BUNDLE, Bundle, Manifest
from baozhai_model.digest.digester import Budget, Digester
from baozhai_model.encoder.encoder import Encode, WindowOutput
from baozhai_model.encoder.runtimes import RuntimeName
from baozhai_model.errors import InputError, TextFailed, UnknownTopic
from baozhai_model.page.reader import read_page
from baozhai_model.results import (
    Coverage,
    Digest,
    Evidence,
    PageDigestSentence,
    Prediction,
    ReadArticle,
    ReadPage,
    ReadParagraph,
)
from baozhai_model.structure import Article, Page, Role, Span
from baozhai_model.text.cleaning import clean
from baozhai_model.text.simplified import simplified
from baozhai_model.text.tokens import TokenizedText, check_text, tokenize
from baozhai_model.topics.classifier import TopicClassifier
from baozhai_model.topics.topic_set import Topic, TopicSet

MAX_CHARACTERS = 1_000_000
ARTICLE_SHARE = 0.3  # of an article's characters, in paragraphs that carry its topic
EVIDENCE_SHARE = 0.1  # of what the strongest sentence carries


class Model:
    """One model version, ready to answer. Safe to call from several threads.

    Every answer has three steps: `tokenize` a text, `encode` its windows (a server batches these across requests), and
    read the outputs with `predict` or a `Digester`.
    """

    def __init__(self, bundle: Bundle, *, max_characters: int = MAX_CHARACTERS) -> None:
        """Wrap a loaded bundle; longer texts than ``max_characters`` are refused."""
        self.bundle = bundle
        self.max_characters = max_characters
        self._classifier = TopicClassifier(bundle)
        self._digester = Digester(bundle)
        self._encode: Encode = bundle.encoder.encode

    @classmethod
    def load(
        cls,
        folder: Path = DEFAULT_BUNDLE,
        *,
        threads: int = 0,
        batch_tokens: int = 4096,
        max_characters: int = MAX_CHARACTERS,
        runtime: RuntimeName = "onnxruntime",
    ) -> Model:
        """Load a bundle; by default the one that ships with the package.

        Raises:
            BundleError: naming the file and the reason.
            RuntimeUnavailable: ``runtime`` is not installed or not for this processor.
        """
        bundle = Bundle.load(folder, threads=threads, batch_tokens=batch_tokens, runtime=runtime)
        return cls(bundle, max_characters=max_characters)

    @property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""
        return self.bundle.manifest

    @property
    def version(self) -> str:
        """The model version that every answer names."""
        return self.manifest.version

    @property
    def topics(self) -> TopicSet:
        """The topics that it tells apart."""
        return self.manifest.topics

    def topic(self, name: str) -> Topic:
        """The topic called ``name`` (Chinese, in traditional characters too, or id).

        Raises:
            UnknownTopic: there is none.
        """
        for written in (name, simplified(name)):
            with suppress(KeyError):
                return self.topics.named(written)
        raise UnknownTopic(name, (f"{topic.zh} ({topic.id})" for topic in self.topics))

    def through(self, encode: Encode) -> Model:
        """The same model, whose encoder passes ``encode`` makes: a server's, which batches them across requests."""
        other = copy(self)
        other._encode = encode
        return other

    def heading(self, title: str | None) -> str | None:
        """What the model makes of an article's ``title`` beside its paragraphs: nothing, if it was not taught to."""
        return clean(title).text if title and self.manifest.titles else None

    def tokenize(self, text: str, *, unwrap: bool = False) -> TokenizedText:
        """Check ``text`` and lay windows over it; with ``unwrap``, lines that a column cut are joined.

        Raises:
            InputError: it is empty, too long or not Unicode.
        """
        check_text(text, self.max_characters)
        return tokenize(clean(text, unwrap=unwrap), self.bundle.tokenizer, self.manifest.window)

    def encode(self, windows: Sequence[Sequence[int]]) -> list[WindowOutput]:
        """The encoder's outputs for ``windows``, in order, each the same bytes whatever the others are.

        Raises:
            TextFailed: the encoder fails on one of them.
        """
        return _all_read(self._encode(windows))

    def predict(self, text: TokenizedText, outputs: Sequence[WindowOutput], title: str | None = None) -> Prediction:
        """The prediction for ``text`` from the outputs for its windows, and the title of its article."""
        return self._classifier.predict(text, outputs, self.heading(title))

    def classify(
        self, texts: Sequence[str], titles: Sequence[str | None] | None = None
    ) -> list[Prediction | InputError]:
        """What each of ``texts`` is about, in order; a text that cannot be read gets its error, the others answers.

        ``titles`` are those of the articles that they are from, one for each, None where it is not known.
        """
        tokenized: list[TokenizedText | InputError] = []
        for text in texts:
            try:
                tokenized.append(self.tokenize(text))
            except InputError as error:
                tokenized.append(error)
        windows = [window for text in tokenized if isinstance(text, TokenizedText) for window in text.windows]
        outputs = iter(self._encode(windows, states=False))
        return [
            self._predicted(text, [next(outputs) for _ in text.windows], title)
            if isinstance(text, TokenizedText)
            else text
            for text, title in zip(tokenized, titles or (None,) * len(texts), strict=True)
        ]

    def _predicted(
        self, text: TokenizedText, outputs: Sequence[WindowOutput | TextFailed], title: str | None
    ) -> Prediction | TextFailed:
        try:
            return self.predict(text, _all_read(outputs), title)
        except TextFailed as error:
            return error

    def evidence(self, text: str, title: str | None = None) -> dict[Topic, list[Evidence]]:
        """For each topic of ``text``, the sentences that carry it, strongest first.

        Each sentence is deleted in turn and the rest of its window read again; ``drop`` is how far the topic's
        confidence in that window falls. Only sentences whose deletion lowers it are given, and by at least
        `EVIDENCE_SHARE` of what the strongest one's does; a lone sentence carries all.
        """
        tokenized = self.tokenize(text)
        text, source = tokenized.text, text
        found: dict[Topic, list[Evidence]] = {topic: [] for topic in self.topics}
        windows = [window.of(text) for window in tokenized.window_spans]
        whole = self.classify(windows, [title] * len(windows))
        for window, prediction in zip(tokenized.window_spans, whole, strict=True):
            if isinstance(prediction, Prediction) and prediction.topics:
                inside = [span.stripped(text) for span in tokenized.sentences if _within(span, window)]
                pieces = [span for span in inside if span]
                shortened = [text[window.start : span.start] + text[span.end : window.end] for span in pieces]
                for piece, rest in zip(pieces, self.classify(shortened, [title] * len(shortened)), strict=True):
                    span = tokenized.in_source(piece)
                    for topic in prediction.topics:
                        left = rest.confidences[topic] if isinstance(rest, Prediction) else 0.0
                        if (drop := prediction.confidences[topic] - left) > 0:
                            found[topic].append(Evidence(span, span.of(source), drop))
        return {topic: _strongest(pieces) for topic, pieces in found.items() if pieces}

    def digest(
        self,
        text: str,
        budget: Budget | None = None,
        *,
        title: str | None = None,
        topic: Topic | None = None,
        unwrap: bool = True,
    ) -> Digest:
        """A digest of ``text``; of what it says about ``topic`` alone, if one is named: nothing, if it says nothing.

        A sentence may go over lines that a column cut, unless ``unwrap`` is false: then every line is a paragraph.

        Raises:
            InputError: the text cannot be read.
        """
        return self.digests(text, [budget or Budget()], title=title, topic=topic, unwrap=unwrap)[0]

    def digests(
        self,
        text: str,
        budgets: Sequence[Budget],
        *,
        title: str | None = None,
        topic: Topic | None = None,
        unwrap: bool = True,
    ) -> list[Digest]:
        """A digest of ``text`` for each of ``budgets``, as `digest` takes them; the text is read once.

        Raises:
            InputError: the text cannot be read.
        """
        tokenized = self.tokenize(text, unwrap=unwrap)
        outputs = self.encode(tokenized.windows)
        relevance = self._relevance(tokenized, outputs, title, topic) if topic is not None else None
        return [
            self._digester.digest(tokenized, outputs, budget, title=title, relevance=relevance) for budget in budgets
        ]

    def read(self, page: str | Page, budget: Budget | None = None, *, topic: Topic | None = None) -> ReadPage:
        """Read a whole page: its articles, what each paragraph is about, and a digest of each article.

        ``page`` is a text, or a document whose articles are known already.

        An article's topics are those that paragraphs with at least `ARTICLE_SHARE` of its characters carry; one that
        has no paragraphs, as in a list of headlines, has those of its headlines.

        Raises:
            InputError: the text cannot be read.
        """
        text = page if isinstance(page, str) else page.text
        check_text(text, self.max_characters)
        articles = (read_page(page) if isinstance(page, str) else page).articles
        asked = [_asked(article) for article in articles]
        titles = [article.headline if article.paragraphs else None for article in articles]
        classified = self.classify(
            [text for texts in asked for text in texts],
            [title for texts, title in zip(asked, titles, strict=True) for _ in texts],
        )
        for prediction in classified:
            if isinstance(prediction, TextFailed):
                raise prediction
        predictions = iter(classified)
        read = tuple(
            self._read_article(article, [next(predictions) for _ in texts], budget, topic)
            for article, texts in zip(articles, asked, strict=True)
        )
        windows = sum(answer.coverage.windows for answer in classified if isinstance(answer, Prediction))
        return ReadPage(read, Coverage(len(text), len(text), windows))

    def _read_article(
        self,
        article: Article,
        predictions: Sequence[Prediction | InputError],
        budget: Budget | None,
        topic: Topic | None,
    ) -> ReadArticle:
        if not article.paragraphs:
            (headlines,) = predictions
            topics = headlines.topics if isinstance(headlines, Prediction) else ()
            return ReadArticle(article=article, paragraphs=(), topics=topics, digest=())
        paragraphs = tuple(
            ReadParagraph(paragraph, prediction)
            for paragraph, prediction in zip(article.paragraphs, predictions, strict=True)
            if isinstance(prediction, Prediction)
        )
        characters = sum(len(p.paragraph.text) for p in paragraphs)
        carried = {
            topic: sum(len(p.paragraph.text) for p in paragraphs if topic in p.prediction.topics)
            for topic in self.topics
        }
        return ReadArticle(
            article=article,
            paragraphs=paragraphs,
            topics=tuple(t for t in self.topics if characters and carried[t] >= ARTICLE_SHARE * characters),
            digest=self._article_digest(article, budget, topic) if paragraphs else (),
        )

    def _article_digest(
        self, article: Article, budget: Budget | None, topic: Topic | None
    ) -> tuple[PageDigestSentence, ...]:
        text = "\n".join(paragraph.text for paragraph in article.paragraphs)
        sentences = []
        for sentence in self.digest(text, budget, title=article.headline, topic=topic, unwrap=False).sentences:
            start = 0
            for paragraph in article.paragraphs:
                end = start + len(paragraph.text)
                if sentence.start < end:
                    spans = paragraph.locate(sentence.start - start, sentence.end - start)
                    sentences.append(PageDigestSentence(spans, sentence.text, sentence.salience))
                    break
                start = end + 1
        return tuple(sentences)

    def _relevance(
        self, text: TokenizedText, outputs: Sequence[WindowOutput], title: str | None, topic: Topic
    ) -> NDArray[np.float64]:
        """Each sentence's confidence for ``topic``, read by itself under the title, shape (sentences,).

        Sentences that do not carry the topic have 0, unless only all of them together do.
        """
        count = len(text.sentences)
        read = self.classify([span.of(text.text) for span in text.sentences], [title] * count)
        answers = [answer if isinstance(answer, Prediction) else None for answer in read]
        relevance = np.array([answer.confidences[topic] if answer else 0.0 for answer in answers])
        carries = np.array([bool(answer and topic in answer.topics) for answer in answers])
        together = not carries.any() and topic in self.predict(text, outputs, title).topics
        return relevance if together else relevance * carries


def _strongest(pieces: Sequence[Evidence]) -> list[Evidence]:
    least = EVIDENCE_SHARE * max(piece.drop for piece in pieces)
    return sorted((p for p in pieces if p.drop >= least), key=lambda piece: (-piece.drop, piece.span.start))


def _all_read(outputs: Sequence[WindowOutput | TextFailed]) -> list[WindowOutput]:
    read = []
    for output in outputs:
        if isinstance(output, TextFailed):
            raise output
        read.append(output)
    return read


def _asked(article: Article) -> list[str]:
    """What says what ``article`` is about: its paragraphs, or, where it has none, its headlines."""
    headlines = [block.text for block in article.blocks if block.role in (Role.HEADLINE, Role.SUBHEAD)]
    return [paragraph.text for paragraph in article.paragraphs] or ["\n".join(headlines)]


def _within(span: Span, window: Span) -> bool:
    return window.start <= span.start and span.end <= window.end
