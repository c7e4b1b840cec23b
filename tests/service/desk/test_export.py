"""What is taken away: every sentence with its place, and nothing of the source is markup."""

import io
import zipfile

import pytest

from baozhai_service.desk.charts import forest
from baozhai_service.desk.export import ExportRequest, Item, Section, Sentence, as_docx, as_markdown, as_text, file_name

EVIL = "**粗** <b>x</b> [链接](http://x) # `码` \x00\x0b\ud83d"
ASKED = ExportRequest(
    format="txt",
    title="要览：<甲>",
    model_version="v1",
    sections=[
        Section(
            heading="金融",
            topics=["金融"],
            items=[Item(title="银行*放贷*", sentences=[Sentence(text="发放贷款。", place="第 1 段，第 1–5 字")])],
        )
    ],
)


def hostile() -> ExportRequest:
    sentence = Sentence(text=EVIL.encode("utf-8", "replace").decode(), place="第 1 段")
    return ASKED.model_copy(
        update={"sections": [Section(heading=EVIL[:5], items=[Item(title=None, sentences=[sentence])])]}
    )


def test_text_and_markdown() -> None:
    assert "1. 发放贷款。（第 1 段，第 1–5 字）" in as_text(ASKED).decode()
    assert "银行\\*放贷\\*" in as_markdown(ASKED).decode()
    marked = as_markdown(hostile()).decode()
    assert "\\*\\*粗\\*\\* \\<b\\>x\\</b\\> \\[链接\\]" in marked


def test_docx() -> None:
    pytest.importorskip("docx")
    for asked in (ASKED, hostile()):
        with zipfile.ZipFile(io.BytesIO(as_docx(asked))) as document:
            xml = document.read("word/document.xml").decode()
        assert "第 1 段" in xml
        assert "<b>x" not in xml


def test_file_names_stay_in_their_folder() -> None:
    assert file_name("../../a/b\\c:d\n") == "....abcd"
    assert file_name("///") == "baozhai"


def test_the_chart_escapes_and_has_a_row_for_each_comparison() -> None:
    contest = {"part": "<script>", "rival": "floor", "candidate": 0.9, "against": 0.8, "low": 0.05, "high": 0.15}
    worse = {**contest, "part": "all", "candidate": 0.7, "low": -0.2, "high": -0.05}
    drawn = str(forest([contest, worse]))
    assert drawn.count("<circle") == 2
    assert "<script" not in drawn
    assert 'class="ahead"' in drawn
    assert 'class="behind"' in drawn
    assert "style=" not in drawn
    assert forest([]) is None
