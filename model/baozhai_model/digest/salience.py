"""The salience of sentences, which is how well each stands for its article: a linear model over signals.

The signals follow the extractive literature (Edmundson 1969: title, position and cue words; Erkan & Radev 2004:
centrality), beside the encoder's output for the tokens of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baozhai_model.encoder.encoder import WindowOutput
from baozhai_model.encoder.salience_head import SalienceHead, places_of
from baozhai_model.structure import Span
from baozhai_model.text.simplified import simplified
from baozhai_model.text.tokens import TokenizedText
from baozhai_model.topics.ngrams import NgramModel, hashed_ngrams

MEASURED = (
    "encoder",
    "centrality",
    "overlap",
    "title",
    "title_best",
    "first",
    "early",
    "late",
    "last_paragraph",
    "paragraph_first",
    "paragraph_early",
    "length",
    "short",
    "cue",
    "figures",
    "quotation",
    "question",
    "dangling",
)
# Each as it is, and in standard deviations from the article's mean: what is long or central in one is not in another.
# A linear model sees bends only where they are: in length, and above the mean of what matters most.
_LENGTHS = (32, 72, 148)  # characters
_ABOVE = ("encoder", "overlap", "title")
SIGNALS = (
    *MEASURED,
    *(f"{name}_here" for name in MEASURED),
    *(f"{name}_above" for name in _ABOVE),
    *(f"length_beyond_{length}" for length in _LENGTHS),
)
PLAIN = [place for place, name in enumerate(SIGNALS) if not name.startswith("encoder")]
"""The columns that do without the encoder's salience."""
_CUES = re.compile("指出|强调|要求|提出|明确|宣布|决定|表示|印发|出台|部署|召开|旨在|实现|达到|同比|目标|意见|通知")
_LEAST_SPREAD = 1e-3  # a signal on which all sentences agree tells nothing
_FIGURE = re.compile(r"[0-9０-９]+(?:\.[0-9]+)?")
# Openings that point back at something said before (Zhang et al. 2023, arXiv:2209.03549, on extracts that mislead).
_DANGLING = re.compile(
    r"[\s“‘（]*(?:对此|其中|此外|同时|与此同时|另外|为此|因此|因而|所以|但是|但|然而|不过|而且|并且|这|那|该|此|他|她|它|其|"
    r"据此|对于这|之后|随后|接着|然后|由此|于是|可见|换言之|也就是说|一方面|另一方面|另一位|前者|后者|上述|以上|如此|同样|反之|反而|尤其|"
    r"二是|三是|四是|五是|第二|第三|第四|其次|再次|最后)"
)
_NOT_DANGLING = re.compile(r"[\s“‘（]*(?:其他|此次|第二十|第[二三四](?:产业|届|次|季度|批))")


def dangles(sentence: str) -> bool:
    """Whether ``sentence``, in simplified characters, opens by pointing back at another one.

    >>> dangles("对此，他表示支持。"), dangles("其他地区也有降雨。"), dangles("此次会议在京举行。")
    (True, False, False)
    """
    return bool(_DANGLING.match(sentence)) and not _NOT_DANGLING.match(sentence)


def sentence_states(text: TokenizedText, outputs: Sequence[WindowOutput]) -> NDArray[np.float32]:
    """The mean state of each sentence's tokens, shape (sentences, width); zeros for a sentence without any."""
    width = outputs[0].states.shape[1]
    vectors = np.zeros((len(text.sentences), width), dtype=np.float32)
    for row, pieces in enumerate(text.sentence_tokens):
        count = sum(len(tokens) for _, tokens in pieces)
        for window, tokens in pieces:
            vectors[row] += outputs[window].states[tokens.start : tokens.stop].sum(axis=0) / count
    return vectors


def sentence_vectors(text: TokenizedText, outputs: Sequence[WindowOutput]) -> NDArray[np.float32]:
    """One unit vector per sentence, shape (sentences, width): its tokens' mean state, less the article's mean."""
    return centred(sentence_states(text, outputs))


def sentence_signals(
    text: TokenizedText, outputs: Sequence[WindowOutput], ngrams: NgramModel, title: str | None
) -> NDArray[np.float64]:
    """The `SIGNALS` of every sentence, shape (sentences, signals), where the encoder scores token by token."""
    vectors = sentence_vectors(text, outputs)
    return with_salience(plain_signals(text, vectors, ngrams, title), _encoder_salience(text, outputs))


def headed_signals(
    text: TokenizedText,
    outputs: Sequence[WindowOutput],
    title_output: WindowOutput | None,
    head: SalienceHead,
    ngrams: NgramModel,
    title: str | None,
) -> NDArray[np.float64]:
    """The `SIGNALS` of every sentence, where a salience head scores the article's sentences together.

    The head sees the signals that do without its score.

    ``title_output`` is the encoder's for the title read alone, or None.
    """
    states = sentence_states(text, outputs)
    about = np.zeros(states.shape[1], dtype=np.float32)
    if title_output is not None:
        about = title_output.states[1:-1].mean(axis=0)
    paragraph, place = paragraphs_of(text.text, text.sentences)
    lengths = np.array([len(span.stripped(text.text)) for span in text.sentences])
    signals = plain_signals(text, centred(states), ngrams, title)
    seen = signals[:, PLAIN].astype(np.float32)
    salience = head.salience(states, about, places_of(paragraph, place, lengths), seen).astype(np.float64)
    return with_salience(signals, salience)


def centred(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors of ``vectors`` (sentences, width) less their mean."""
    vectors = vectors - vectors.mean(axis=0)
    units: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return units


def with_salience(signals: NDArray[np.float64], salience: NDArray[np.float64]) -> NDArray[np.float64]:
    """``signals`` (sentences, signals) with those of the encoder's ``salience`` (sentences,), logits, filled in."""
    here = _standing(salience)
    filled = signals.copy()
    for name, column in (("encoder", salience), ("encoder_here", here), ("encoder_above", np.maximum(here, 0.0))):
        filled[:, SIGNALS.index(name)] = column
    return filled


def plain_signals(
    text: TokenizedText, vectors: NDArray[np.float32], ngrams: NgramModel, title: str | None
) -> NDArray[np.float64]:
    """The `SIGNALS` of every sentence without the encoder's salience: those columns are 0.

    ``vectors`` are the sentences', (sentences, width).
    """
    sentences = [span.stripped(text.text) for span in text.sentences]
    count = len(sentences)
    paragraph, place = paragraphs_of(text.text, text.sentences)
    lengths = np.array([len(span) for span in sentences], dtype=np.float64)
    order = np.arange(count)
    similarity = np.clip(vectors @ vectors.sum(axis=0) - 1.0, 0.0, None) / max(count - 1, 1)
    titled = _overlap(text.text, sentences, ngrams, title) if title else np.zeros(count)
    words = [simplified(span.of(text.text)) for span in sentences]
    columns = {
        "encoder": np.zeros(count),
        "centrality": similarity,
        "overlap": _overlap(text.text, sentences, ngrams, text.text),
        "title": titled,
        "title_best": titled - titled.max(),
        "first": order == 0,
        "early": 1.0 / (1.0 + order),
        "late": order / max(count - 1, 1),
        "last_paragraph": paragraph == paragraph[-1],
        "paragraph_first": place == 0,
        "paragraph_early": 1.0 / (1.0 + paragraph),
        "length": np.log1p(lengths),
        "short": lengths < 15,
        "cue": [bool(_CUES.search(sentence)) for sentence in words],
        "figures": [min(len(_FIGURE.findall(sentence)), 4) for sentence in words],
        "quotation": ["“" in sentence for sentence in words],
        "question": [sentence.endswith(("？", "！", "?", "!")) for sentence in words],
        "dangling": [dangles(sentence) for sentence in words],
    }
    measured = np.stack([np.asarray(columns[name], dtype=np.float64) for name in MEASURED], axis=1)
    here = _standing(measured)
    above = here[:, [MEASURED.index(name) for name in _ABOVE]]
    beyond = measured[:, [MEASURED.index("length")]] - np.log1p(_LENGTHS)
    return np.concatenate([measured, here, np.maximum(above, 0.0), np.maximum(beyond, 0.0)], axis=1)


def _standing(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many standard deviations each value is above its article's mean, column by column."""
    standing: NDArray[np.float64] = (values - values.mean(axis=0)) / (values.std(axis=0) + _LEAST_SPREAD)
    return standing


def _encoder_salience(text: TokenizedText, outputs: Sequence[WindowOutput]) -> NDArray[np.float64]:
    values = np.zeros(len(text.sentences))
    for row, pieces in enumerate(text.sentence_tokens):
        tokens = [outputs[window].salience[piece.start : piece.stop] for window, piece in pieces]
        values[row] = np.concatenate(tokens).mean() if tokens else -10.0
    return values


def _overlap(text: str, sentences: Sequence[Span], ngrams: NgramModel, other: str) -> NDArray[np.float64]:
    """Cosine of each sentence's TF-IDF n-grams with those of ``other``."""
    target = np.zeros(2**ngrams.bits, dtype=np.float32)
    buckets, counts = hashed_ngrams(other, ngrams.bits)
    target[buckets] = counts * ngrams.idf[buckets].astype(np.float32)
    size = float(np.linalg.norm(target[buckets])) or 1.0
    values = np.zeros(len(sentences))
    for row, span in enumerate(sentences):
        buckets, counts = hashed_ngrams(span.of(text), ngrams.bits)
        weights = counts * ngrams.idf[buckets].astype(np.float32)
        values[row] = float(weights @ target[buckets]) / ((float(np.linalg.norm(weights)) or 1.0) * size)
    return values


def paragraphs_of(text: str, sentences: Sequence[Span]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each sentence: the number of its paragraph (a line of ``text``), and its place in it."""
    paragraph = np.zeros(len(sentences), dtype=np.int64)
    place = np.zeros(len(sentences), dtype=np.int64)
    for row in range(1, len(sentences)):
        new = "\n" in sentences[row - 1].of(text)
        paragraph[row] = paragraph[row - 1] + new
        place[row] = 0 if new else place[row - 1] + 1
    return paragraph, place
