"""Paragraphs to label, out of files of every kind; what cannot be read is named."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_service.desk.candidates import candidates
from baozhai_service.desk.signin import local_address
from baozhai_service.errors import InvalidRequest

ROWS = [
    {"text": "植树造林。", "title": "绿化", "source": "市报"},
    {"text": "发放贷款，\n利率下调。", "title": None, "source": "x"},
]


def test_tables_and_pages() -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    assert candidates(lines.encode(), "x.jsonl")[0] == ROWS[0]
    table = 'text,title,source\n植树造林。,绿化,市报\n"发放贷款，\n利率下调。",,\n,空,\n'
    for raw in (table.encode("utf-8-sig"), table.encode("gb18030")):
        found = candidates(raw, "x.csv")
        assert [row["text"] for row in found] == [row["text"] for row in ROWS]
        assert found[1]["source"] == "x.csv"
    page = candidates("河长办治理河道\n　　近日，河长办组织志愿者治理污染河道、修复湿地。".encode(), "版面.txt")
    assert [row["text"] for row in page][-1].startswith("近日")


@pytest.mark.parametrize(
    ("raw", "name", "told"),
    [
        (b"", "x.txt", "is empty"),
        ("正文,标题\n甲,乙\n".encode(), "x.csv", "'text'"),
        (b'{"text": "\xe7\x94\xb2"}\n{"text": \n', "x.jsonl", "line 2"),
        (b"[1]\n", "x.jsonl", "line 1"),
        (b'{"title": "a"}\n', "x.jsonl", "no paragraph"),
    ],
)
def test_what_cannot_be_read_is_named(raw: bytes, name: str, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        candidates(raw, name)


@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.jsonl", "x.txt", ""]))
def test_any_bytes_are_read_or_refused(raw: bytes, name: str) -> None:
    with contextlib.suppress(InvalidRequest):
        assert all(row["text"].strip() for row in candidates(raw, name))


@given(st.text(max_size=40))
def test_nobody_is_sent_to_another_site(address: str) -> None:
    for given_address in (address, "/" + address):
        found = local_address(given_address)
        assert found.startswith("/")
        assert not found.startswith(("//", "/\\"))
