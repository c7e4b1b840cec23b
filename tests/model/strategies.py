"""Hypothesis strategies: Chinese text as newspapers print it, and as machines mangle it."""

from __future__ import annotations

from hypothesis import strategies as st

MARKS = "。！？…，、；：“”‘’「」（）《》【】—·\"'()[].!?,"
BREAKS = "\n\r\u2028\x0b\x0c\x85"
ODD = "\x00\ufeff\u200b\u3000 \t\ud800\udfff\u202eא🌾"

characters = st.sampled_from("党建金融生态治理为的了向本报记者电讯摄版接转一二日月ABz09７" + MARKS + BREAKS + ODD)
texts = st.text(characters, max_size=200) | st.text(max_size=80)

clauses = st.text(st.sampled_from("山水林田湖草沙城乡村镇老少学医养住行新旧好快"), min_size=3, max_size=14)
stops = st.sampled_from(["。", "！", "？", "……", "？！", "。”"])
sentences = st.builds(lambda parts, stop: "，".join(parts) + stop, st.lists(clauses, min_size=1, max_size=4), stops)
plain_sentences = st.builds(lambda parts: "，".join(parts) + "。", st.lists(clauses, min_size=1, max_size=4))
"""Sentences without quotations that end in one full stop."""

paragraphs = st.lists(sentences, min_size=1, max_size=6).map("".join)
notices = st.sampled_from(
    [
        "（上接第一版）",
        "（下转第四版）",
        "本报讯（记者田野）",
        "（新华社南昌5月6日电）",
        "记者田野",
        "第3版",
        "林语摄",
        "——见闻",
        "责编：何青",
        "2",
    ]
)
lines = paragraphs | clauses | notices | st.just("")
separators = st.sampled_from(["\n", "\n\n", "\r\n\r\n", "\n\n\n\n", "\n　　", "", " "])
pages = st.lists(st.tuples(lines, separators).map("".join), max_size=12).map("".join)
"""Whole pages, well formed and not."""
