"""A scored archive of any size, made of words of our own making, for measuring what needs no model.

Words are runs of one to four characters whose frequencies fall off as words' and characters' do (Zipf 1949), and each
word has followers that it likes, so that pairs of characters recur as they do in real text. A few real words stand
among them with known frequencies, to be searched for.
"""

from __future__ import annotations

import datetime
import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from baozhai_service.archive.output import schema
from baozhai_service.archive.output.folder import LEDGER, MANIFEST, Output
from baozhai_service.archive.output.ledger import Ledger, Receipt, WrittenFile, enter
from baozhai_service.archive.output.manifest import Manifest, input_fingerprint
from baozhai_service.archive.output.partitions import partition

TOPICS = ("党建", "治理", "金融", "生态")
IDS = ("party_building", "governance", "finance", "ecology")
KNOWN = {
    **{"人民": 0.03, "群众": 0.02, "垃圾": 0.004, "分类": 0.006},
    **{"垃圾分类": 0.002, "河长制": 0.0005, "吉惠贷": 0.00002},
}
"""Words to search for, and the share of paragraphs that have each."""

SHARD = 2_500  # paragraphs: about a megabyte of text
IN_ARTICLE = 5
SOURCES = 10
LONGEST = 150  # characters of a paragraph
_WORDS, _FOLLOWERS = 20_000, 40
_VERSION = "2026-01-01-0000000"


def make_archive(out: Path, paragraphs: int, seed: int = 1, workers: int = 1) -> int:
    """Write an archive of ``paragraphs`` paragraphs, or let a smaller one grow to them; the bytes of its text."""
    output = Output(str(out))
    shards = [hashlib.sha256(f"{seed}.{number}".encode()).hexdigest()[:16] for number in range(paragraphs // SHARD)]
    missing = [number for number, shard in enumerate(shards) if not output.exists(f"{LEDGER}/{shard}.json")]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for made in [pool.submit(_make, out, seed, missing[place::workers], shards) for place in range(workers)]:
            made.result()
    ledger = Ledger(output)
    size = sum(int(ledger.receipt(shard).counts["bytes"]) for shard in shards)
    rows = len(shards) * SHARD
    counts = {
        **{"records": rows // IN_ARTICLE, "articles": rows // IN_ARTICLE, "paragraphs": rows, "characters": size // 3},
        **{"none": 0, "uncertain": 0, "topics": {}, "dead_letters": {}, "encodings": {"utf-8": rows // IN_ARTICLE}},
    }
    basis = {"settings": {"names": "zh", "digests": True}, "model_version": _VERSION, "bundle": "0", "release": "0"}
    told = {"fingerprint": input_fingerprint(tuple(shards)), "bytes": size}
    measured = {"precision": 0.9, "recall": 0.9, "count": 300, "total": 1500}
    topics = tuple({"id": id_, "zh": zh, **measured} for id_, zh in zip(IDS, TOPICS, strict=True))
    output.write(MANIFEST, Manifest(basis, told, tuple(shards), counts, topics).to_bytes())
    return size


def _make(out: Path, seed: int, numbers: list[int], shards: list[str]) -> None:
    maker, output = _Maker(seed), Output(str(out))
    for number in numbers:
        maker.shard(output, shards[number], number)


class _Maker:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = np.random.default_rng(seed)
        characters = np.arange(0x4E00, 0x4E00 + 3500)
        weights = 1 / np.arange(20, 3520)
        lengths = self._chance.choice([1, 2, 3, 4], size=_WORDS, p=[0.14, 0.58, 0.14, 0.14])
        self._words = self._chance.choice(characters, size=(_WORDS, 4), p=weights / weights.sum())
        self._words[np.arange(4)[None, :] >= lengths[:, None]] = 0  # shorter words are padded
        frequency = 1 / np.arange(3, _WORDS + 3)
        self._frequency = frequency / frequency.sum()
        self._followers = self._chance.choice(_WORDS, size=(_WORDS, _FOLLOWERS), p=self._frequency)

    def shard(self, output: Output, shard: str, number: int) -> None:
        """Write the files of a shard and its receipt."""
        self._chance = np.random.default_rng([self._seed, number])
        texts = self._texts()
        source = f"报{number % SOURCES}"
        day = datetime.date(2005, 1, 1) + datetime.timedelta(days=(number // SOURCES) * 7 % 7000)
        articles = SHARD // IN_ARTICLE
        lines = np.arange(articles, dtype=np.int64) + number * articles
        days = [day + datetime.timedelta(days=int(i) % 7) for i in range(articles)]
        days = [each.replace(year=day.year, month=12, day=31) if each.year != day.year else each for each in days]
        given = self._chance.random((SHARD, len(TOPICS))) < 0.15
        confidences = np.where(given, 0.5 + self._chance.random(given.shape) / 2, self._chance.random(given.shape) / 2)
        place = {
            "file": pa.array([f"{source}.jsonl"] * articles),
            "line": pa.array(lines),
            "id": pa.array([str(line) for line in lines]),
            "date": pa.array(days, pa.date32()),
            "page": pa.array([str(i % 8 + 1) for i in range(articles)]),
            "article": pa.array(np.ones(articles, np.int32)),
        }
        repeated = pa.array(np.repeat(np.arange(articles), IN_ARTICLE))
        zeros = np.zeros(SHARD, np.int64)
        paragraphs = {name: column.take(repeated) for name, column in place.items()} | {
            "paragraph": pa.array(np.tile(np.arange(1, IN_ARTICLE + 1, dtype=np.int32), articles)),
            "start": pa.array(zeros),
            "end": pa.array(zeros),
            "spans": pa.array([[]] * SHARD, schema.SPANS),
            "text": pa.array(texts),
            "topics": _lists(given),
            "confidences": pa.StructArray.from_arrays(
                [pa.array(np.round(confidences[:, place_], 4)) for place_ in range(len(TOPICS))], names=list(TOPICS)
            ),
            "uncertain": pa.array(self._chance.random(SHARD) < 0.05),
            "salience": pa.array(np.round(self._chance.random(SHARD), 4)),
            "windows": pa.array(np.ones(SHARD, np.int32)),
            "stage": pa.array(np.zeros(SHARD, np.int8)),
            "model_version": pa.array([_VERSION] * SHARD),
        }
        heads = [text[:18] for text in texts[::IN_ARTICLE]]
        head = place | {
            "headline": pa.array(heads),
            "topics": _lists(given[::IN_ARTICLE]),
            "paragraphs": pa.array(np.full(articles, IN_ARTICLE, np.int32)),
            "characters": pa.array(np.full(articles, IN_ARTICLE * LONGEST, np.int64)),
            "digest": pa.array(
                [[{"spans": [], "text": text[:40], "salience": 0.5}] for text in texts[::IN_ARTICLE]],
                schema.ARTICLES.field("digest").type,
            ),
            "encoding": pa.array(["utf-8"] * articles),
            "model_version": pa.array([_VERSION] * articles),
        }
        files = [
            _write(output, partition("paragraphs", day.year, source, shard), paragraphs, schema.paragraphs(TOPICS)),
            _write(output, partition("articles", day.year, source, shard), head, schema.ARTICLES),
        ]
        size = sum(len(text.encode()) for text in texts)
        enter(output, Receipt(shard, tuple(files), {"paragraphs": SHARD, "bytes": size}))

    def _texts(self) -> list[str]:
        steps = 90
        word = self._chance.choice(_WORDS, size=SHARD, p=self._frequency)
        columns = [word]
        for _ in range(steps):
            liked = self._followers[word, self._chance.integers(0, _FOLLOWERS, size=SHARD)]
            fresh = self._chance.random(SHARD) < 0.3
            word = np.where(fresh, self._chance.choice(_WORDS, size=SHARD, p=self._frequency), liked)
            columns.append(word)
        words: NDArray[Any] = self._words[np.stack(columns, axis=1)]
        words[:, 7::8, 3] = ord("，")
        sizes = np.clip(self._chance.gamma(4, 27, SHARD), 20, 3 * LONGEST).astype(int)
        texts = []
        for row, size in zip(words.reshape(SHARD, -1), sizes.tolist(), strict=True):
            texts.append(row[row > 0][:size].astype("<u4").tobytes().decode("utf-32-le"))
        for known, share in KNOWN.items():
            for place in np.flatnonzero(self._chance.random(SHARD) < share).tolist():
                at = int(self._chance.integers(0, len(texts[place])))
                texts[place] = texts[place][:at] + known + texts[place][at:]
        return texts


def _lists(given: NDArray[Any]) -> pa.Array:
    offsets = np.r_[0, np.cumsum(given.sum(axis=1))].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array([TOPICS[i] for i in np.nonzero(given)[1]], pa.string()))


def _write(output: Output, name: str, columns: dict[str, Any], described: pa.Schema) -> WrittenFile:
    path = Path(output.root) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({field.name: columns[field.name].cast(field.type) for field in described}, schema=described)
    pq.write_table(table, path, compression="zstd", compression_level=3, version="2.6")
    return WrittenFile(name, len(table), path.stat().st_size, "")
