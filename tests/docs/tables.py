"""More rows for the tables of labels that documents show the first lines of: combinations of our own writing."""

from __future__ import annotations

import itertools

from tests import tiny

_SUBJECTS = {
    "体育": ["县篮球队", "市田径队", "女排姑娘们", "少年足球队", "乒乓球俱乐部", "马拉松选手"],
    "文化": ["县剧团", "市博物馆", "非遗传承人", "乡村书屋", "民乐团", "作家协会"],
    "": ["气象台", "果农", "快递员", "渔民", "列车长", "理发师"],
}
_ACTS = {
    "体育": ["在决赛中逆转夺冠", "刷新了全省纪录", "备战下月的联赛", "以两分之差惜败"],
    "文化": ["推出新编历史剧", "展出一批古代漆器", "举办了诗歌朗诵会", "整理出版地方志"],
    "": ["起了个大早", "说今年比往年暖和", "忙了整整一天", "对明天很有信心"],
}
_ENDINGS = ["，引来不少人围观。", "。", "，大家都很高兴。"]


def more_rows(name: str) -> str:
    """Rows of ``text,topics,title,source`` for the table ``name``: ``labels.csv``, or one of other topics."""
    if name == "labels.csv":
        rows = [(str(row["text"]), ";".join(map(str, _listed(row["topics"])))) for row in tiny.labelled_paragraphs()]
    else:
        combined = ((topic, *pair) for topic in _SUBJECTS for pair in itertools.product(_SUBJECTS[topic], _ACTS[topic]))
        rows = [
            (f"{subject}{act}{_ENDINGS[number % len(_ENDINGS)]}", topic)
            for number, (topic, subject, act) in enumerate(combined)
        ]
    return "".join(f"{text},{topics},,\n" for text, topics in rows)


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
