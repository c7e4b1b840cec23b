"""Tables of labels as a newcomer brings them, and how a run is asked for."""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

from tests import tiny

Rows = list[tuple[str, str, str]]  # text, topics, title

FIVE_TOPICS = tiny.CONFIG.replace("\n[vocabulary]", '\n[[topics]]\nid = "sport"\nzh = "体育"\n\n[vocabulary]')
SPORT: Rows = [
    (f"{team}{act}，{end}", "体育", f"{team}{act}{end}")
    for team in ("省足球队", "女子篮球队", "少年乒乓球队", "田径代表队", "花样游泳队", "沙滩排球队", "冰球俱乐部")
    for act in ("昨晚在主场赢得比赛", "备战明年的全运会决赛", "与来访的客队战成平局", "接连刷新三项全省纪录")
    for end in ("教练对队员的表现十分满意。", "看台上的球迷热烈祝贺。", "积分榜上升到了第二位。")
]


def own_rows() -> Rows:
    """The labelled paragraphs of the miniature world."""
    rows = tiny.labelled_paragraphs()
    return [(str(row["text"]), ";".join(map(str, row["topics"])), str(row["title"])) for row in rows]  # type: ignore[arg-type]


def labels_csv(path: Path, rows: Rows) -> Path:
    """A table of ``rows``, each with a number before it: the same few phrases would else be near-duplicates."""
    numbers = random.Random(1)
    numbered = [(f"（{numbers.randrange(10**12):012d}）{text}", *rest) for text, *rest in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "topics", "title"), *numbered])
    return path


def trainer(*arguments: str | Path) -> list[str]:
    """The command line of ``baozhai-train ARGUMENTS``."""
    return [sys.executable, "-W", "ignore", "-m", "baozhai_training.cli", *map(str, arguments)]
