"""Headlines that are set on two or three lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from baozhai_model.page.fragment import Fragment, joined
from baozhai_model.page.headings import WIDEST, is_title
from baozhai_model.page.lines import width
from baozhai_model.page.patterns import ENUMERATOR, NAMES
from baozhai_model.page.seam_scores import seam_evidence

_MOST = 3  # lines of one headline
# Words that no headline ends with, and marks that none begins with.
_OPEN = re.compile(
    r"(?:[到与和及的从把让将对向以、，：:—暨并或在为给被使由因比跟同至]|以及|如何|怎样|为了|关于|通过)\Z"
)
_GOES_ON = re.compile(r"[的与和及、，：:”’》）]")
_OPENER = re.compile("(?:让|把|使|将|当|从|在|以|用|为|对|沿着|围绕)")  # a phrase that wants a verb after it
_LONGEST_PHRASE = 10
_SEAM = 3  # evidence of the two characters at a seam from which lines without a blank one between them are one
_QUOTES = (("“", "”"), ("‘", "’"), ("《", "》"), ("（", "）"), ("「", "」"), ("『", "』"))


def runs_on(fragments: Sequence[Fragment]) -> list[Fragment]:
    """``fragments`` with the lines of one headline joined: the first ends in the middle of a phrase or a quotation."""
    out: list[Fragment] = []
    for fragment in fragments:
        last = out[-1] if out else None
        if last is not None and len(last.spans) < _MOST and _is_one_title(last, fragment):
            out[-1] = joined([last, fragment])
        else:
            out.append(fragment)
    return out


def _is_one_title(above: Fragment, below: Fragment) -> bool:
    if not (is_title(above) and is_title(below)) or width(above.text) + width(below.text) > WIDEST:
        return False
    if below.text.startswith(("—", "－", "--")) or ENUMERATOR.match(below.text) or NAMES.fullmatch(below.text):
        return False
    if ENUMERATOR.match(above.text) and below.gap:
        return False
    opener = _OPENER.match(above.text)
    if opener and not below.gap and width(above.text) <= _LONGEST_PHRASE and not below.text.startswith(opener[0]):
        return True
    cut = bool(_OPEN.search(above.text) or _GOES_ON.match(below.text)) or _is_unclosed(above.text, below.text)
    return (cut and below.gap < 2) or (not below.gap and seam_evidence(above.text, below.text) >= _SEAM)


def _is_unclosed(above: str, below: str) -> bool:
    """Whether ``above`` opens a quotation or bracket that ``below`` closes."""
    return any(
        above.count(opener) > above.count(closer) and below.count(closer) > below.count(opener)
        for opener, closer in _QUOTES
    )
