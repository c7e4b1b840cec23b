"""A loaded model version and its three answers. HTTP, command line and archive all ask here, so they answer alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from baozhai_model.article_topics import article_topics
from baozhai_model.bundle import DEFAULT_BUNDLE, Bundle, Manifest
from baozhai_model.digest.digester import Budget, Digester
from baozhai_model.encoder.encoder import Encode, WindowOutput
from baozhai_model.encoder.memory import WindowMemory
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
from baozhai_model.stages import STAGES
from baozhai_model.structure import Article, Page, Role, Span
from baozhai_model.text.cleaning import CleanText, clean
from baozhai_model.text.simplified import simplified
from baozhai_model.text.tokens import TokenizedText, check_text
from baozhai_model.topics.cascade import Cascade
from baozhai_model.topics.topic_set import Topic, TopicSet

DigestEncoder = Literal["small", "large"]
MAX_CHARACTERS = 1_000_000
EVIDENCE_SHARE = 0.1  # of what the strongest sentence carries
TOGETHER = 40_000  # characters of a page that are read together: some 40 MB of encoder states


class Model:
    """One model version, ready to answer. Safe to call from several threads.

    Topics are decided by the stages of the bundle, one after the other while a decision is in doubt (`Cascade`);
    digests weigh signals of sentences, some of them from an encoder (`Digester`). Encoders run through `Encode`
    functions, which a server replaces by ones that batch across requests.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        max_characters: int = MAX_CHARACTERS,
        stages: int = len(STAGES),
        digest_encoder: DigestEncoder = "large",
    ) -> None:
        """Wrap a loaded bundle.

        Args:
            bundle: loaded up to the last stage that is asked.
            max_characters: longer texts are refused.
            stages: number of the last stage that is asked.
            digest_encoder: reads articles for `digest`, where the bundle has it and the stages reach it; `read` takes
                digests with the small one always.
        """
        self.bundle = bundle
        self.max_characters = max_characters
        self.stages = stages
        self._cascade = Cascade(bundle, stages)
        self._digesters = {"small": Digester(bundle)}
        self._encoders: dict[str, Encode] = {"small": bundle.encoder.encode}
        if bundle.large is not None and self._cascade.last == len(STAGES):
            self._encoders["large"] = bundle.large.encode
            if digest_encoder == "large" and "large" in bundle.manifest.digests:
                self._digesters["large"] = Digester(bundle, "large")

    @classmethod
    def load(
        cls,
        folder: Path = DEFAULT_BUNDLE,
        *,
        threads: int = 0,
        batch_tokens: int = 4096,
        max_characters: int = MAX_CHARACTERS,
        runtime: RuntimeName = "onnxruntime",
        stages: int = len(STAGES),
        digest_encoder: DigestEncoder = "large",
    ) -> Model:
        """Load a bundle; by default the one that ships with the package.

        Raises:
            BundleError: naming the file and the reason.
            RuntimeUnavailable: ``runtime`` is not installed or not for this processor.
        """
        bundle = Bundle.load(folder, threads=threads, batch_tokens=batch_tokens, runtime=runtime, stages=stages)
        return cls(bundle, max_characters=max_characters, stages=stages, digest_encoder=digest_encoder)

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

    def through(self, wrap: Callable[[Encode], Encode]) -> Model:
        """The same model with every encoder wrapped: by a server, which batches passes across requests."""
        other = copy(self)
        other._encoders = {name: wrap(encode) for name, encode in self._encoders.items()}
        return other

    def remembering(self) -> Model:
        """The same model for texts that are read for topics and for digests: it encodes no window twice.

        Where an article is read as a whole for digests, no window would come twice, and nothing is remembered.
        """
        if not self._digesters["small"].by_paragraph:
            return self
        other = copy(self)
        other._encoders = {**self._encoders, "small": WindowMemory(self._encoders["small"]).encode}
        return other

    def heading(self, title: str | None) -> str | None:
        """What the model makes of an article's ``title`` beside its paragraphs: nothing, if it was not taught to."""
        return clean(title).text if title and self.manifest.titles else None

    def tokenize(self, text: str) -> TokenizedText:
        """Check ``text`` and lay windows over it.

        Raises:
            InputError: it is empty, too long or not Unicode.
        """
        check_text(text, self.max_characters)
        return self.bundle.reader.text(text)

    def encode(self, windows: Sequence[Sequence[int]]) -> list[WindowOutput]:
        """The small encoder's outputs for ``windows``, in order, each the same bytes whatever the others are.

        Raises:
            TextFailed: the encoder fails on one of them.
        """
        return _all_read(self._encoders["small"](windows))

    def classify(
        self, texts: Sequence[str], titles: Sequence[str | None] | None = None, *, stage: int | None = None
    ) -> list[Prediction | InputError]:
        """What each of ``texts`` is about, in order; a text that cannot be read gets its error, the others answers.

        Args:
            texts: paragraphs, or longer texts.
            titles: of the articles that they are from, one for each, None where it is not known.
            stage: the number of the stage that is to decide about all of them; by default the first that is certain.
        """
        answers: list[Prediction | InputError | None] = [None] * len(texts)
        places: list[int] = []
        tokenized: list[TokenizedText] = []
        for place, text in enumerate(texts):
            try:
                tokenized.append(self.tokenize(text))
                places.append(place)
            except InputError as error:
                answers[place] = error
        headings = [self.heading(titles[place]) if titles else None for place in places]
        predictions = self._cascade.predict(tokenized, headings, self._encoders, stage)
        for place, prediction in zip(places, predictions, strict=True):
            answers[place] = prediction
        return [answer for answer in answers if answer is not None]

    def evidence(self, text: str, title: str | None = None, *, stage: int | None = None) -> dict[Topic, list[Evidence]]:
        """For each topic of ``text``, the sentences that carry it, strongest first.

        Each sentence is deleted in turn and the rest of its window read again, at the stage that decided about the text
        (``stage``, if it is known); ``drop`` is how far the topic's confidence in that window falls. Only sentences
        whose deletion lowers it are given, and by at least `EVIDENCE_SHARE` of what the strongest one's does; a lone
        sentence carries all.
        """
        tokenized = self.tokenize(text)
        if stage is None:
            (answer,) = self._cascade.predict([tokenized], [self.heading(title)], self._encoders)
            stage = answer.stage if isinstance(answer, Prediction) else None
        text, source = tokenized.text, text
        found: dict[Topic, list[Evidence]] = {topic: [] for topic in self.topics}
        windows = [window.of(text) for window in tokenized.window_spans]
        whole = self.classify(windows, [title] * len(windows), stage=stage)
        for window, prediction in zip(tokenized.window_spans, whole, strict=True):
            if isinstance(prediction, Prediction) and prediction.topics:
                inside = [span.stripped(text) for span in tokenized.sentences if _within(span, window)]
                pieces = [span for span in inside if span]
                shortened = [text[window.start : span.start] + text[span.end : window.end] for span in pieces]
                left_over = self.classify(shortened, [title] * len(shortened), stage=stage)
                for piece, rest in zip(pieces, left_over, strict=True):
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
    ) -> Digest:
        """A digest of ``text``; of what it says about ``topic`` alone, if one is named: nothing, if it says nothing.

        A sentence may go over lines that a column cut.

        Raises:
            InputError: the text cannot be read.
        """
        return self.digests(text, [budget or Budget()], title=title, topic=topic)[0]

    def digests(
        self,
        text: str,
        budgets: Sequence[Budget],
        *,
        title: str | None = None,
        topic: Topic | None = None,
    ) -> list[Digest]:
        """A digest of ``text`` for each of ``budgets``, as `digest` takes them; the text is read once.

        Raises:
            InputError: the text cannot be read.
        """
        name = "large" if "large" in self._digesters else "small"
        return self._digests(name, clean(text, unwrap=True), budgets, title, topic)

    def _digests(
        self, name: str, text: CleanText, budgets: Sequence[Budget], title: str | None, topic: Topic | None
    ) -> list[Digest]:
        check_text(text.source, self.max_characters)
        digester = self._digesters[name]
        tokenized = digester.tokenize(text)
        outputs = _all_read(self._encoders[name](digester.windows(tokenized, title)))
        salience = digester.salience(tokenized, outputs, title)
        relevance = self._relevance(tokenized, title, topic) if topic is not None else None
        return digester.digests(tokenized, salience, budgets, relevance=relevance)

    def read(self, page: str | Page, budget: Budget | None = None, *, topic: Topic | None = None) -> ReadPage:
        """Read a whole page: its articles, what each paragraph is about, and a digest of each article.

        ``page`` is a text, or a document whose articles are known already.

        An article's topics follow from those of its paragraphs (see `article_topics`). An article without paragraphs,
        as in a list of headlines, has the topics of its headlines.

        Raises:
            InputError: the text cannot be read.
        """
        text = page if isinstance(page, str) else page.text
        check_text(text, self.max_characters)
        articles = (read_page(page) if isinstance(page, str) else page).articles
        read: list[ReadArticle] = []
        for group in _groups(articles):
            read += self.remembering()._read_articles(group, budget, topic)
        windows = sum(article.windows for article in read)
        return ReadPage(tuple(read), Coverage(len(text), len(text), windows))

    def _read_articles(
        self, articles: Sequence[Article], budget: Budget | None, topic: Topic | None
    ) -> Iterator[ReadArticle]:
        digester = self._digesters["small"]
        if digester.by_paragraph:  # so that the windows of all of them share passes
            bodies = [(_body(article), article.headline) for article in articles if article.paragraphs]
            self.encode([w for text, title in bodies for w in digester.windows(digester.tokenize(text), title)])
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
        for article, texts in zip(articles, asked, strict=True):
            yield self._read_article(article, [next(predictions) for _ in texts], budget, topic)

    def _read_article(
        self,
        article: Article,
        predictions: Sequence[Prediction | InputError],
        budget: Budget | None,
        topic: Topic | None,
    ) -> ReadArticle:
        if not article.paragraphs:
            (headlines,) = predictions
            found = headlines if isinstance(headlines, Prediction) else None
            topics, windows = (found.topics, found.coverage.windows) if found else ((), 0)
            return ReadArticle(article=article, paragraphs=(), topics=topics, digest=(), windows=windows)
        paragraphs = tuple(
            ReadParagraph(paragraph, prediction)
            for paragraph, prediction in zip(article.paragraphs, predictions, strict=True)
            if isinstance(prediction, Prediction)
        )
        given = [(len(each.paragraph.text), each.prediction.topics) for each in paragraphs]
        return ReadArticle(
            article=article,
            paragraphs=paragraphs,
            topics=article_topics(self.topics, given),
            digest=self._article_digest(article, budget, topic) if paragraphs else (),
            windows=sum(paragraph.prediction.coverage.windows for paragraph in paragraphs),
        )

    def _article_digest(
        self, article: Article, budget: Budget | None, topic: Topic | None
    ) -> tuple[PageDigestSentence, ...]:
        sentences = []
        (digest,) = self._digests("small", clean(_body(article)), [budget or Budget()], article.headline, topic)
        for sentence in digest.sentences:
            start = 0
            for paragraph in article.paragraphs:
                end = start + len(paragraph.text)
                if sentence.start < end:
                    spans = paragraph.locate(sentence.start - start, sentence.end - start)
                    sentences.append(PageDigestSentence(spans, sentence.text, sentence.salience))
                    break
                start = end + 1
        return tuple(sentences)

    def _relevance(self, text: TokenizedText, title: str | None, topic: Topic) -> NDArray[np.float64]:
        """Each sentence's confidence for ``topic``, read by itself under the title, shape (sentences,).

        Sentences that do not carry the topic have 0, unless only all of them together do.
        """
        count = len(text.sentences)
        read = self.classify([span.of(text.text) for span in text.sentences], [title] * count)
        answers = [answer if isinstance(answer, Prediction) else None for answer in read]
        relevance: NDArray[np.float64] = np.array([answer.confidences[topic] if answer else 0.0 for answer in answers])
        carries = np.array([bool(answer and topic in answer.topics) for answer in answers])
        if not carries.any():
            (whole,) = self.classify([text.text], [title])
            if isinstance(whole, Prediction) and topic in whole.topics:
                return relevance
        carried: NDArray[np.float64] = relevance * carries
        return carried


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


def _body(article: Article) -> str:
    """The text that its digest is taken of: a paragraph a line."""
    return "\n".join(paragraph.text for paragraph in article.paragraphs)


def _groups(articles: Sequence[Article]) -> Iterator[list[Article]]:
    """The articles in groups of some `TOGETHER` characters, or of one longer article."""
    group: list[Article] = []
    size = 0
    for article in articles:
        size += sum(len(paragraph.text) for paragraph in article.paragraphs)
        group.append(article)
        if size >= TOGETHER:
            yield group
            group, size = [], 0
    if group:
        yield group


def _within(span: Span, window: Span) -> bool:
    return window.start <= span.start and span.end <= window.end
