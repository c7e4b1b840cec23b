"""How many of the most alike paragraphs are found, against comparing with every paragraph.

    .venv/bin/python -m benchmarks.explore_similar TEXTS.jsonl[.xz] [--paragraphs 20000] [--asked 200]

TEXTS has ``text`` with a paragraph in each line. The peer is scikit-learn: TF-IDF over pairs of characters and the
cosine with all, the best five of which with at least 0.3 should be found.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.explore.similar import similar_paragraphs
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.builder import article_id
from baozhai_service.archive.search.index import SearchIndex, build_index, index_folder
from tests.service.archive.made import MadeArticle, MadeParagraph, write_scored

BEST, LEAST = 5, 0.3


def main() -> None:
    """Print recall and times."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("texts", type=Path)
    arguments.add_argument("--paragraphs", type=int, default=20_000)
    arguments.add_argument("--asked", type=int, default=200)
    given = arguments.parse_args()
    texts = list(islice(_paragraphs(given.texts), given.paragraphs))
    with tempfile.TemporaryDirectory() as folder:
        made = [MadeArticle((MadeParagraph(text),)) for text in texts]
        output = Output(str(write_scored(Path(folder) / "out", made, shard_articles=2_500)))
        build_index(output, index_folder(output))
        index = SearchIndex(output, index_folder(output))
        explorer = Explorer(index)
        began = time.monotonic()
        vectors: Any = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True).fit_transform(texts)
        fitted = time.monotonic() - began
        asked = random.Random(1).sample(range(len(texts)), given.asked)
        wanted = found = 0
        ours, theirs = [], []
        for number in asked:
            began = time.monotonic()
            cosines = (vectors @ vectors[number].T).toarray().ravel()
            cosines[number] = 0
            best = [at for at in np.argsort(-cosines)[:BEST].tolist() if cosines[at] >= LEAST]
            theirs.append(time.monotonic() - began)
            began = time.monotonic()
            answer = similar_paragraphs(explorer, _name(number), 1, most=20)["similar"]
            ours.append(time.monotonic() - began)
            names = {each["article"] for each in answer}
            wanted += len(best)
            found += sum(_name(at) in names for at in best)
        index.close()
    print(f"{len(texts):,} paragraphs, {len(asked)} asked for")
    print(f"{found} of {wanted} most alike found ({found / wanted:.1%}), median {1e3 * np.median(ours):.0f} ms")
    print(f"comparing with all: median {1e3 * np.median(theirs):.0f} ms, after {fitted:.0f} s of fitting")


def _paragraphs(path: Path) -> Any:
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from (text for text in json.loads(line)["text"].splitlines() if len(text) >= 40)


def _name(number: int) -> str:
    return f"{article_id('晨报', 'made.jsonl', number + 1, 1):016x}"


if __name__ == "__main__":
    main()
