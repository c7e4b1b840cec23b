"""What is taken back, limited or announced stands in a digest with what it belongs to, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from baozhai_model.digest.dependencies import MOST, Dependencies, closure, dependencies
from baozhai_model.digest.digester import Budget
from baozhai_model.model import Model
from baozhai_model.structure import Span
from baozhai_model.text.sentences import split_sentences
from tests.model.strategies import clauses

RUMOUR = "近日，网上流传“某银行即将倒闭”的消息。记者作了调查。该消息系谣言。公安机关已立案。"
CONDITIONS = "申请人应当同时具备以下条件：\n（一）在本县注册；\n（二）依法纳税。\n贴息由县财政承担。"
TIED = [  # a text, and which of its sentences need which others, through others too
    (RUMOUR, {0: {1, 2}, 1: {2}, 2: {1}}),
    ("有人说，治河是白花钱。这种看法是错误的。三年来水质好转。", {0: {1}, 1: {0}}),
    ("帖子在群里热传。县里介入。经查，内容纯属捏造。发帖人已受罚。", {0: {2}, 1: {2}}),
    ("银行要倒闭的说法不断。经查，并无此事。储户放心了。", {0: {1}}),
    ("全县取消污水处理费。但签了协议的乡镇除外。财政安排二千万元。", {0: {1}, 1: {0}}),
    ("所有企业可以申请。列入失信名单的除外。贴息一年。", {0: {1}}),
    ("“我们支持绿色金融。”金管局总裁余先生表示。会议开了一天。", {}),  # one sentence: nothing to tie
    ("问：利率是多少？答：目前是3.2%。现场有二百人。", {0: {1}, 1: {0}}),
    ("现就有关事项通知如下：\n一、提高认识。\n二、加强领导。", {0: {1}}),
    (CONDITIONS, {0: {1, 2}, 1: {0, 2}, 2: {0, 1}}),
    (
        "下列企业可申请：（一）年销售额不足五百万元的。（二）带动就业的。另有规定的从其规定。（三）合作社。期限一年。",
        {0: {1, 2, 3}, 1: {0, 2, 3}, 2: {0, 1, 3}, 3: {0, 1, 2}},
    ),
    ("措施包括以下几个方面：\n一、修路。\n二、架桥。", {0: {1}}),
    ("镇里修了路。村里架了桥。县里通了车。", {}),
    ("县里严厉打击造谣行为。谣言止于公开。群众拍手称快。", {}),
]


def closed(index: int, needs: Dependencies) -> set[int]:
    return set(closure(index, needs) or ())


def spans_of(text: str) -> list[Span]:
    return [span.stripped(text) for span in split_sentences(text)]


@pytest.mark.parametrize(("text", "tied"), TIED, ids=[text[:8] for text, _ in TIED])
def test_what_belongs_together(text: str, tied: dict[int, set[int]]) -> None:
    for written in (text, OpenCC("s2t").convert(text)):
        needs = dependencies(written, spans_of(written))
        assert {i: closed(i, needs) - {i} for i in range(len(needs)) if needs[i]} == tied


@pytest.mark.parametrize("text", [text for text, _ in TIED])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_digest_has_all_of_it_or_nothing(model: Model, text: str, count: int) -> None:
    spans = spans_of(text)
    needs = dependencies(text, spans)
    chosen = {spans.index(Span(s.start, s.end)) for s in model.digest(text, Budget(sentences=count)).sentences}
    assert all(closed(index, needs) <= chosen for index in chosen)


tying = st.sampled_from(
    ["但是不行。", "该说法不实。", "网传如此。", "下列情形除外：", "（一）甲。", "（二）乙。", "问：是吗？"]
)
parts = clauses.map("{}。".format) | tying | st.sampled_from(["答：是。", "\n", "他说。"])


@given(st.lists(parts, max_size=14).map("".join))
def test_needs_are_other_sentences_and_closed(text: str) -> None:
    spans = spans_of(text)
    needs = dependencies(text, spans)
    assert len(needs) == len(spans)
    for index in range(len(spans)):
        group = closure(index, needs) or []
        assert group[0] == index
        assert len(set(group)) == len(group)
        assert all(needs[one] <= set(group) for one in group)
        assert index not in needs[index]


@pytest.mark.parametrize("part", ["但是不行。", "他说。", "下列情形：（一）甲。", "（一）甲。", "网传如此。"])
def test_what_hangs_together_without_end_stays_out(part: str) -> None:
    text = "下列情形之一：" + part * 20_000
    spans = spans_of(text)
    needs = dependencies(text, spans)
    groups = [closure(index, needs) for index in range(len(spans))]
    assert all(group is None or len(group) <= MOST for group in groups)
