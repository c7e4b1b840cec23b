"""How one encoder's tokenizer turns texts into windows of token ids."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from tokenizers import Tokenizer

from baozhai_model.encoder.spec import EncoderSpec
from baozhai_model.errors import EmptyText
from baozhai_model.text.cleaning import CleanText, clean
from baozhai_model.text.simplified import simplified
from baozhai_model.text.tokens import SPECIAL, TokenizedText, joined, special_ids, tokenize

TITLE_TOKENS = 60  # of a title that is read alone, for a digest


class Reader:
    """The windows of one encoder. Safe to call from several threads."""

    def __init__(self, tokenizer: Tokenizer, spec: EncoderSpec) -> None:
        """Read as ``spec`` says.

        Raises:
            ValueError: the tokenizer does not know its special tokens.
        """
        self._tokenizer = tokenizer
        self._spec = spec
        if spec.cls is None or spec.sep is None:
            self._specials = special_ids(tokenizer)
        else:
            self._specials = spec.cls, spec.sep

    def text(self, text: str | CleanText) -> TokenizedText:
        """``text`` as a whole: windows end where sentences do, as far as they can.

        Raises:
            EmptyText: the tokenizer finds nothing to read in it.
        """
        return tokenize(text, self._tokenizer, self._spec.window, specials=self._specials)

    def paragraphs(self, text: str | CleanText) -> TokenizedText:
        """``text`` with each line tokenized alone, so that a paragraph has the same windows as when it is classified.

        Raises:
            EmptyText: the tokenizer finds nothing to read in it.
        """
        view = clean(text) if isinstance(text, str) else text
        parts: list[tuple[int, TokenizedText]] = []
        start = 0
        for line in view.text.split("\n"):
            if line and not line.isspace():
                with suppress(EmptyText):
                    parts.append((start, self.text(CleanText(line, line))))
            start += len(line) + 1
        return joined(view, parts)

    def pairs(self, characters: str, title: str | None) -> list[list[int]]:
        """The windows of ``characters``, each after ``title`` if there is one and this encoder reads pairs."""
        cls, sep = self._specials
        first = [cls]
        if title and self._spec.title_tokens:
            first += [*self._ids(title)[: self._spec.title_tokens], sep]
        room = self._spec.window - len(first) - 1
        view = CleanText(characters, characters)
        try:
            windows = tokenize(view, self._tokenizer, room + SPECIAL, specials=self._specials).windows
        except EmptyText:  # this tokenizer knows none of it
            return [[*first, sep]]
        return [[*first, *window[1:-1], sep] for window in windows]

    def title(self, title: str) -> list[int] | None:
        """The window of a ``title`` read alone; None where the tokenizer finds nothing in it."""
        cls, sep = self._specials
        ids = self._ids(title)[:TITLE_TOKENS]
        return [cls, *ids, sep] if ids else None

    def _ids(self, text: str) -> Sequence[int]:
        ids: Sequence[int] = self._tokenizer.encode(simplified(text), add_special_tokens=False).ids
        return ids
