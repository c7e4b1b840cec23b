"""Words that are typical of what a search found, against the rest of the archive.

Candidates are runs of two to four characters in a sample of the paragraphs. They are ranked by the log-odds ratio with
an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, section 3.3), here of the number of paragraphs that have
them. A run that nearly always stands within a longer one is dropped for it, as is one whose neighbours hardly vary, for
it is a piece of a word (accessor variety; Feng et al. 2004).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import log, sqrt
from typing import Any

import numpy as np

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.search.filters import Filters
from baozhai_service.archive.search.folding import fold
from baozhai_service.archive.search.hits import Hits

SAMPLE = 1_500  # paragraphs of each side
_LONGEST = 4
_LEAST = 5  # paragraphs that must have a word
_WITHIN = 0.85  # share of a run's paragraphs that has a longer one, beyond which it is a piece of that
_VARIETY = 3  # different neighbours on either side
_HAN = re.compile(r"[\u3400-\u9fff]+")
_PRIOR = 0.1  # weight of the prior beside the sample


def typical_words(explorer: Explorer, search: Search, *, most: int = 40) -> dict[str, Any]:
    """The words that set a search's paragraphs apart from the others in the same dates, sources and pages.

    Raises:
        InvalidQuery, InvalidFilter: the search cannot be carried out.
    """
    hits = explorer.hits(search).bodies()
    wide = Filters(sources=search.filters.sources, pages=search.filters.pages, roles=("body",))
    around = explorer.hits(Search("", replace(wide, first=search.filters.first, last=search.filters.last)))
    if len(around) <= len(hits):  # nothing is left to compare with in these dates
        around = explorer.hits(Search("", Filters(roles=("body",))))
    own = _texts(explorer, hits)
    others = _texts(explorer, _without(around, hits))
    return {
        "search": search.to_json(),
        "sample": {"paragraphs": len(own), "others": len(others)},
        "words": _ranked(own, others)[:most],
    }


def _ranked(own: Sequence[str], others: Sequence[str]) -> list[dict[str, Any]]:
    mine, theirs = _counts(own), _counts(others)
    words = _whole(own, {word: count for word, count in mine.items() if count >= _LEAST})
    n, m = max(len(own), 1), max(len(others), 1)
    ranked = []
    for word, count in words.items():
        other = theirs.get(word, 0)
        prior = _PRIOR * (count + other)
        rest = _PRIOR * (n + m) - prior
        odds = log((count + prior) / (n - count + rest)) - log((other + prior) / (m - other + rest))
        z = odds / sqrt(1 / (count + prior) + 1 / (other + prior))
        if z > 1.96:
            ranked.append({"word": word, "share": round(count / n, 4), "others": round(other / m, 4), "z": round(z, 2)})
    return sorted(ranked, key=lambda row: (-row["z"], row["word"]))


def _counts(texts: Sequence[str]) -> Counter[str]:
    """How many texts have each run of characters."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(
            {
                run[start : start + length]
                for run in _HAN.findall(text)
                for length in range(2, _LONGEST + 1)
                for start in range(len(run) - length + 1)
            }
        )
    return counts


def _whole(texts: Sequence[str], counts: dict[str, int]) -> dict[str, int]:
    """Those that are no pieces of others."""
    before: defaultdict[str, set[str]] = defaultdict(set)
    after: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        for length in range(2, _LONGEST + 1):
            for start in range(len(text) - length + 1):
                if (word := text[start : start + length]) in counts:
                    before[word].add(text[start - 1] if start else f"^{len(before[word])}")
                    after[word].add(text[start + length] if start + length < len(text) else f"${len(after[word])}")
    kept = {w: n for w, n in counts.items() if min(len(before[w]), len(after[w])) >= _VARIETY}
    inner = {
        piece
        for word, count in kept.items()
        for piece in (word[1:], word[:-1])
        if piece in kept and count >= _WITHIN * kept[piece]
    }
    return {word: count for word, count in kept.items() if word not in inner}


def _texts(explorer: Explorer, hits: Hits) -> list[str]:
    """The folded texts of a sample, drawn by the hash of their wording: always the same, each wording once."""
    by_part = hits.by_part()
    if not by_part:
        return []
    wordings = np.concatenate([part.paragraphs.wording[rows] for part, rows in by_part])
    _, first = np.unique(wordings, return_index=True)  # in the order of the hashes, which is as good as chance
    parts = [part for part, rows in by_part for _ in range(len(rows))]
    rows = np.concatenate([rows for _, rows in by_part])
    chosen = sorted(first[:SAMPLE].tolist())
    return [fold(text) for text in explorer.texts([(parts[place], int(rows[place])) for place in chosen])]


def _without(hits: Hits, others: Hits) -> Hits:
    """``hits`` that are none of ``others``."""
    edges = np.cumsum([0, *(part.size for part in hits.parts)])
    out = np.zeros(edges[-1], np.bool_)
    out[others.row + edges[others.part]] = True
    kept = ~out[hits.row + edges[hits.part]]
    return Hits(hits.parts, hits.part[kept], hits.row[kept], hits.score[kept], hits.node)
