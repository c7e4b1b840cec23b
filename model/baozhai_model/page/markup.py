"""Mark-up that was taken out before reading, given back as furniture, so that no character is lost."""

from __future__ import annotations

from collections.abc import Sequence

from baozhai_model.page.fragment import Fragment
from baozhai_model.structure import BLANK, Role, Span


def with_markup(fragments: Sequence[Fragment], text: str) -> list[Fragment]:
    """``fragments`` of ``text`` and a piece of furniture for what lies between their spans and is not blank.

    Tags, entities and the marks of Markdown lie there: what stands inside a piece stays in it.
    """
    spans = sorted(span for fragment in fragments for span in ((each.start, each.end) for each in fragment.spans))
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    between = [Span(start, end).stripped(text) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    extra = [
        Fragment((span,), span.of(text), role=Role.FURNITURE, confidence=0.9)
        for span in between
        if span.of(text).strip(BLANK)
    ]
    return sorted([*fragments, *extra], key=lambda fragment: fragment.spans[0].start) if extra else list(fragments)
