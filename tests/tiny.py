"""A miniature world of our own writing: labelled paragraphs, digested articles, and a bundle really trained on them."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

SUBJECTS = {
    "党建": ["镇党委", "社区党支部", "机关党组织", "村党总支", "园区党工委", "高校党委"],
    "治理": ["街道办", "综治中心", "政务大厅", "网格员队伍", "县城管局", "派出所"],
    "金融": ["农商银行", "保险公司", "担保机构", "人民银行支行", "证券营业部", "小贷公司"],
    "生态": ["林业局", "环保志愿者", "河长办", "湿地保护站", "生态环境局", "植树队"],
    "": ["足球队", "博物馆", "气象台", "剧团", "航天员", "果农"],
}
ACTS = {
    "党建": ["组织党员开展主题教育学习", "发展新党员并严肃组织生活", "选拔培养年轻干部、整治作风问题"],
    "治理": ["推行一窗受理方便群众办事", "调解邻里矛盾、排查安全隐患", "完善网格化管理和接诉即办机制"],
    "金融": ["向小微企业发放信用贷款", "下调贷款利率、扩大融资规模", "推出普惠保险并防范金融风险"],
    "生态": ["治理污染河道、修复湿地", "植树造林、保护珍稀鸟类", "推进垃圾分类和减排降碳"],
    "": ["在周末迎来大批观众", "公布了新的比赛日程", "预计明天有小雨和微风"],
}
ENDINGS = ["，受到大家的好评。", "，取得了明显成效。", "，这项工作将持续到年底。", "。"]


def labelled_paragraphs() -> list[dict[str, object]]:
    """Paragraphs with one, two or no topics."""
    rows = [
        {
            "text": f"{subject}{act}{ending}",
            "topics": [topic] if topic else [],
            "title": f"{topic}{subject}{act}{ending}",
        }
        for topic in SUBJECTS
        for subject, act, ending in itertools.product(SUBJECTS[topic], ACTS[topic], ENDINGS)
    ]
    both = itertools.product(SUBJECTS["党建"], ACTS["治理"], ENDINGS)
    rows += [
        {
            "text": f"{subject}{ACTS['党建'][0]}，{act}{ending}",
            "topics": ["党建", "治理"],
            "title": f"引领{subject}{act}{ending}",
        }
        for subject, act, ending in both
    ]
    random.Random(1).shuffle(rows)
    return rows


def unlabelled_paragraphs() -> list[tuple[object, object]]:
    """Paragraphs of articles that nobody labelled, with their titles."""
    return [
        (f"{subject}与外地来的兄弟单位一起{act}，并在年底认真总结了经验和不足。", f"年终看{subject}怎样{act}")
        for topic in SUBJECTS
        for subject, act in itertools.product(SUBJECTS[topic], ACTS[topic])
    ]


def digested_articles() -> list[dict[str, object]]:
    """Articles whose first sentence and figures are what a reader would keep."""
    articles = []
    for number, (topic, subject) in enumerate((t, s) for t in SUBJECTS if t for s in SUBJECTS[t]):
        first, second, third = ACTS[topic]
        sentences = [
            f"{subject}今年{first}，全年覆盖{number + 3}万人次，比上年增长{number + 5}%。",
            "记者到访时正下着小雨。",
            f"据介绍，{subject}还{second}。",
            "对此，居民们都很高兴。",
            f"下一步，{subject}将{third}，力争明年达到{number + 20}个示范点。",
            "天色渐渐暗了下来。",
        ]
        starts = list(itertools.accumulate([0, *map(len, sentences)]))
        spans = list(itertools.pairwise(starts))
        articles.append(
            {
                "title": f"{subject}{first}",
                "text": "".join(sentences),
                "sentences": spans,
                "digest": [spans[0], spans[4]],
            }
        )
    return articles


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    """``rows`` as JSONL."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


CONFIG = """
seed = 7
folds = 2
ngram_bits = 12
widest_ngram_bits = 12
tolerance = 0.02

[[topics]]
id = "party_building"
zh = "党建"
[[topics]]
id = "governance"
zh = "治理"
[[topics]]
id = "finance"
zh = "金融"
[[topics]]
id = "ecology"
zh = "生态"

[vocabulary]
size = 400
characters = 20000
[encoder]
layers = 1
width = 32
heads = 2
window = 64
[skipgram]
epochs = 1
[pretraining]
tokens = 4096
block = 32
batch = 16
warmup_steps = 2
bf16 = false
[finetuning]
epochs = 6
least_steps = 0
batch = 32
learning_rate = 3e-3
dropout = 0.0
bf16 = true
[curve]
counts = [80, 5000]
seeds = 2
"""


def train_tiny_bundle(folder: Path) -> Path:
    """Run the whole recipe, corpus to bundle, in ``folder``; returns the bundle."""
    from baozhai_training.config import LabelledConfig, RunConfig, SelfTrainingConfig
    from baozhai_training.pretraining.pipeline import build_base
    from baozhai_training.recipe.recipe import run

    (folder / "corpus").mkdir(parents=True)
    (folder / "tiny.toml").write_text(CONFIG, encoding="utf-8")
    after = LabelledConfig(least_steps=0, learning_rate=2e-3)
    lessons = SelfTrainingConfig(paragraphs=40, rounds=2, least_steps=0, learning_rate=3e-3, labelled=after)
    config = RunConfig.read(folder / "tiny.toml").model_copy(update={"selftraining": lessons})
    rows = labelled_paragraphs()
    corpus = [(row["text"], row["title"]) for row in rows] + unlabelled_paragraphs()
    write_lines(
        folder / "corpus" / "own.jsonl", [{"text": text, "title": title, "date": None} for text, title in corpus]
    )
    labels = write_lines(folder / "labels.jsonl", rows)
    digests = write_lines(folder / "digests.jsonl", digested_articles())
    base = build_base(config, folder / "corpus", folder / "work")
    run(config, labels, digests, str(base), folder / "work", folder / "bundle", corpus=folder / "corpus")
    return folder / "bundle"
