"""Exported hits are the hits, in every form, each with where it is from."""

import csv
import io
import json
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.files.hits import COLUMNS, export
from baozhai_service.archive.search.filters import Filters


def exported(explorer: Explorer, search: Search, form: Any, most: int = 10_000) -> bytes:
    to = io.BytesIO()
    count = export(explorer, search, form, to, most=most)
    assert count == min(len(explorer.hits(search)), most)
    return to.getvalue()


@pytest.mark.parametrize("search", [Search("垃圾分类"), Search("", Filters(sources=("县报",))), Search("没有这样的词")])
def test_all_forms_hold_the_same(explorer: Explorer, search: Search) -> None:
    lines = [json.loads(line) for line in exported(explorer, search, "jsonl").splitlines()]
    assert len(lines) == len(explorer.hits(search))
    table = pq.read_table(io.BytesIO(exported(explorer, search, "parquet"))).to_pylist()
    assert [{**row, "confidences": json.loads(row["confidences"])} for row in table] == lines
    cells = list(csv.DictReader(io.StringIO(exported(explorer, search, "csv").decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(exported(explorer, search, "xlsx")))
    assert [cell.value for cell in sheet["命中"][1]] == list(COLUMNS)
    assert [row[7] for row in sheet["命中"].iter_rows(min_row=2, values_only=True)] == [row["text"] for row in lines]
    assert sheet["出处"]["B4"].value == explorer.index.fingerprint
    assert [row["text"] for row in cells] == [row["text"] for row in lines]
    for row in lines:
        assert row["archive"] == explorer.index.fingerprint
        assert json.loads(row["query"]) == search.to_json()


def test_no_more_than_is_asked_for(explorer: Explorer) -> None:
    assert len(exported(explorer, Search(), "jsonl", 7).splitlines()) == 7
