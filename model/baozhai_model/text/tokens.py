"""A text as the encoder sees it: token ids, where each token lies, and the windows that read them all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenizers import Tokenizer

from baozhai_model.errors import EmptyText, TextTooLong, UnencodableText
from baozhai_model.structure import BLANK, Span
from baozhai_model.text.cleaning import CleanText, clean
from baozhai_model.text.sentences import split_sentences
from baozhai_model.text.simplified import simplified
from baozhai_model.text.windows import cut_windows

SPECIAL = 2  # [CLS] and [SEP] around every window


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """One text, tokenized once. All spans are of the clean text; `in_source` maps them to the text as it was given.

    Attributes:
        clean: the text and its clean view; see `baozhai_model.text.cleaning`.
        sentences: spans that tile ``text``.
        windows: token ids of each window, with [CLS] and [SEP].
        window_spans: the characters that each window reads; they tile ``text``.
        sentence_tokens: for each sentence, its tokens as (window, range within that window) pieces.
    """

    clean: CleanText
    sentences: tuple[Span, ...]
    windows: tuple[list[int], ...]
    window_spans: tuple[Span, ...]
    sentence_tokens: tuple[tuple[tuple[int, range], ...], ...]

    @property
    def text(self) -> str:
        """The clean text, which is what the model reads."""
        return self.clean.text

    @property
    def characters(self) -> int:
        """How many characters the text has as it was given."""
        return len(self.clean.source)

    @property
    def read(self) -> int:
        """How many of them were read; those that cleaning took out count as read."""
        return self.characters - len(self.text) + sum(map(len, self.window_spans))

    def in_source(self, span: Span) -> Span:
        """Where ``span`` of the clean text stands in the text as it was given."""
        return self.clean.in_source(span)


def check_text(text: str, limit: int) -> None:
    """Refuse what cannot be read.

    Raises:
        EmptyText, TextTooLong, UnencodableText: as their names say.
    """
    if len(text) > limit:
        raise TextTooLong(len(text), limit)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnencodableText(error.start) from None
    if not text.strip(BLANK):
        raise EmptyText


def tokenize(
    text: str | CleanText,
    tokenizer: Tokenizer,
    window: int,
    sentences: Sequence[Span] | None = None,
    *,
    specials: tuple[int, int] | None = None,
) -> TokenizedText:
    """Tokenize the clean ``text``, as simplified characters, and lay windows of at most ``window`` tokens over it.

    ``sentences`` tile ``text`` as it was given; by default they are those of `split_sentences`.
    ``specials`` are the ids around every window; by default those of [CLS] and [SEP].

    Raises:
        EmptyText: the tokenizer finds nothing to read in it.
    """
    view = clean(text) if isinstance(text, str) else text
    text = view.text
    encoding = tokenizer.encode(simplified(text), add_special_tokens=False)
    starts = [start for start, _ in encoding.offsets]
    if not starts:
        raise EmptyText
    sentences = split_sentences(text) if sentences is None else [view.in_clean(sentence) for sentence in sentences]
    sentence_starts = [bisect_left(starts, sentence.start) for sentence in sentences]
    ranges = cut_windows(sentence_starts, len(starts), window - SPECIAL)
    cls, sep = specials or special_ids(tokenizer)
    edges = [0, *(starts[piece.start] for piece in ranges[1:]), len(text)]
    return TokenizedText(
        clean=view,
        sentences=tuple(sentences),
        windows=tuple([cls, *encoding.ids[piece.start : piece.stop], sep] for piece in ranges),
        window_spans=tuple(Span(start, end) for start, end in pairwise(edges)),
        sentence_tokens=_sentence_tokens([*sentence_starts, len(starts)], ranges),
    )


def joined(view: CleanText, parts: Sequence[tuple[int, TokenizedText]]) -> TokenizedText:
    """The text of ``view`` from parts of it that were tokenized alone, each with the place where it begins.

    Raises:
        EmptyText: there are none.
    """
    if not parts:
        raise EmptyText
    sentences = split_sentences(view.text)
    starts = [sentence.start for sentence in sentences]
    tokens: list[list[tuple[int, range]]] = [[] for _ in sentences]
    windows: list[list[int]] = []
    edges: list[int] = []
    for place, part in parts:
        for sentence, pieces in zip(part.sentences, part.sentence_tokens, strict=True):
            first = place + sentence.stripped(part.text).start
            own = tokens[max(bisect_right(starts, first) - 1, 0)]
            own += [(len(windows) + window, piece) for window, piece in pieces]
        windows += part.windows
        edges += [place + span.start for span in part.window_spans]
    edges = [0, *edges[1:], len(view.text)]
    return TokenizedText(
        clean=view,
        sentences=tuple(sentences),
        windows=tuple(windows),
        window_spans=tuple(Span(start, end) for start, end in pairwise(edges)),
        sentence_tokens=tuple(map(tuple, tokens)),
    )


def special_ids(tokenizer: Tokenizer) -> tuple[int, int]:
    """The ids of [CLS] and [SEP].

    Raises:
        ValueError: the tokenizer does not know them.
    """
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if cls is None or sep is None:
        raise ValueError("the tokenizer has no [CLS] and [SEP]")
    return cls, sep


def _sentence_tokens(edges: list[int], ranges: list[range]) -> tuple[tuple[tuple[int, range], ...], ...]:
    """Each sentence's pieces; ``edges`` are the sentences' first tokens and the number of tokens."""
    located = []
    window = 0
    for start, end in pairwise(edges):
        while window < len(ranges) - 1 and ranges[window].stop <= start:
            window += 1
        pieces = []
        for index in range(window, len(ranges)):
            piece = ranges[index]
            if piece.start >= end:
                break
            first, last = max(start, piece.start), min(end, piece.stop)
            if first < last:  # + 1: [CLS] comes first
                pieces.append((index, range(first - piece.start + 1, last - piece.start + 1)))
        located.append(tuple(pieces))
    return tuple(located)
