"""A made archive with a story to follow: three papers, three years, and what each wrote."""

from __future__ import annotations

import datetime
import random
from pathlib import Path

from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.index import PartSize, build_index, index_folder
from tests.service.archive.made import MadeArticle, MadeParagraph, write_scored
from tests.tiny import ACTS, ENDINGS, SUBJECTS

STORY = "江边小区试点垃圾分类，志愿者每晚守在投放点旁教邻居怎样分开厨余和可回收物，三个月后错投的少了一半。"
RETOLD = "志愿者每晚守在江边小区的投放点旁，教邻居把厨余和可回收物分开，三个月后错投少了一半，试点办得不错。"
SOURCES = ("晨报", "晚报", "县报")
SMALL = PartSize(60, 120)


def articles() -> list[MadeArticle]:
    chance = random.Random(7)
    made = []
    for number in range(90):
        day = datetime.date(2021 + number % 3, 1 + number % 12, 1 + number % 28)
        topic = chance.choice([*SUBJECTS])
        paragraphs = [
            _paragraph(chance, topic if chance.random() < 0.8 else chance.choice([*SUBJECTS])) for _ in range(3)
        ]
        given = (topic,) if topic else ()
        headline = f"{chance.choice(SUBJECTS[topic])}的一天" if number % 5 else None
        digest = (paragraphs[0].text,)
        made.append(
            MadeArticle(tuple(paragraphs), SOURCES[number % 3], day, str(1 + number % 12), headline, given, digest)
        )
    story = MadeParagraph(STORY, ("生态", "治理"), (0.05, 0.8, 0.01, 0.97))
    retold = MadeParagraph(RETOLD, ("生态",), (0.05, 0.4, 0.01, 0.9), uncertain=True)
    day = datetime.date(2023, 7, 19)
    for source, paragraph, when in (
        ("晨报", story, day),
        ("晚报", story, day),
        ("县报", retold, day + datetime.timedelta(days=30)),
    ):
        made.append(MadeArticle((paragraph,), source, when, "2", "垃圾分类进小区", ("生态",), (paragraph.text,)))
    made.append(MadeArticle((MadeParagraph("没有日期的一段，只说天气。"),), "晨报", None, None, None, (), ()))
    return made


def write_indexed(folder: Path) -> Path:
    """Write the archive into ``folder / "out"`` and index it."""
    out = write_scored(folder / "out", articles(), shard_articles=8)
    build_index(Output(str(out)), index_folder(Output(str(out))), size=SMALL)
    return out


def _paragraph(chance: random.Random, topic: str) -> MadeParagraph:
    text = chance.choice(SUBJECTS[topic]) + chance.choice(ACTS[topic]) + chance.choice(ENDINGS)
    number = chance.randint(1, 10**6)
    confidences = tuple(round(chance.random(), 4) for _ in range(4))
    return MadeParagraph(f"{text}编号{number}。", (topic,) if topic else (), confidences, chance.random() < 0.1)
