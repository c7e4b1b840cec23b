"""读版: paste or drop, read, see why, take the digest away."""

import io
import zipfile
from pathlib import Path

import httpx2
import pytest

from tests.service.desk.browsing import SAMPLE, Desk
from tests.service.documents.newspapers import printed

TWO_PLANES = "𠮷林省林业局植树造林、保护珍稀鸟类，取得了明显成效。\n农商银行向小微企业发放信用贷款，𠮷日开始办理。"


def test_a_pasted_page_is_answered_as_the_api_answers_it(desk: Desk) -> None:
    desk.open().read(SAMPLE)
    answer = httpx2.post(f"{desk.address}/v1/read", json={"text": SAMPLE}, timeout=None).json()
    assert desk.texts(".article h2") == [article["headline"] for article in answer["articles"]]
    assert desk.texts(".para-text") == [p["text"] for article in answer["articles"] for p in article["paragraphs"]]
    shown = [
        [chip.split("\n")[0] for chip in para.locator(".para-side .chip").all_inner_texts()]
        for para in desk.page.locator(".para").all()
    ]
    told = [p["topics"] or ["无主题"] for article in answer["articles"] for p in article["paragraphs"]]
    assert shown == told
    heads = [head.locator(".chip").all_inner_texts() for head in desk.page.locator(".article-topics").all()]
    assert heads == [article["topics"] or ["无主题"] for article in answer["articles"]]
    desk.page.locator(".digest-sentence").first.wait_for()
    sentences = [text.rpartition("第")[0].strip() for text in desk.texts("article:first-of-type .digest-sentence")]
    assert sentences == [sentence["text"].strip() for sentence in answer["articles"][0]["digest"]]
    assert "全部读过" in desk.page.locator("#status").inner_text()


def test_length_and_topic_move_the_digest(desk: Desk) -> None:
    desk.open().read(SAMPLE)
    first = desk.page.locator("article").first
    first.locator(".digest-sentence").first.wait_for()
    desk.page.locator("#length").focus()
    desk.page.keyboard.press("ArrowLeft")
    desk.page.keyboard.press("ArrowLeft")
    assert desk.page.locator("#length-shown").inner_text() == "1 句"
    assert first.locator(".digest-sentence").count() == 1
    marked = "".join(first.locator(".digest-mark").all_inner_texts())
    assert marked.strip() in first.locator(".digest-sentence").inner_text()
    desk.page.locator("#unit").select_option("characters")
    assert desk.page.locator("#length-shown").inner_text() == "200 字以内"
    for topic in ("党建", "生态"):
        desk.page.locator("#topic").select_option(topic)
        asked = {"text": "\n".join(first.locator(".para-text").all_inner_texts()), "topic": topic}
        asked |= {"title": first.locator("h2").inner_text(), "max_characters": 200}
        wanted = httpx2.post(f"{desk.address}/v1/digest", json=asked, timeout=None).json()["sentences"]
        desk.page.wait_for_function(
            "count => document.querySelectorAll('article')[0].querySelectorAll('.digest-sentence').length === count",
            arg=len(wanted),
        )


def test_evidence_says_how_far_confidence_falls(desk: Desk) -> None:
    desk.open().read("农商银行向小微企业发放信用贷款。记者到访时正下着小雨。")
    chip = desk.page.locator(".para-side button.chip").first
    chip.click()
    desk.page.locator(".para-more li").first.wait_for()
    assert chip.get_attribute("aria-pressed") == "true"
    answer = httpx2.post(
        f"{desk.address}/v1/classify",
        json={"texts": ["农商银行向小微企业发放信用贷款。记者到访时正下着小雨。"], "evidence": True},
        timeout=None,
    ).json()["results"][0]
    pieces = answer["evidence"][answer["topics"][0]]
    assert desk.texts(".para-more li .font-serif") == [piece["text"] for piece in pieces]
    assert "".join(desk.texts(".evidence-mark")) == "".join(sorted((p["text"] for p in pieces), key=TWO_PLANES.find))


def test_characters_beyond_the_basic_plane_are_counted_as_the_service_counts(desk: Desk) -> None:
    desk.open().read(TWO_PLANES)
    desk.page.locator(".digest-sentence").first.wait_for()
    sentences = {text.rpartition("第")[0].strip() for text in desk.texts(".digest-sentence")}
    assert set(desk.texts(".digest-mark")) == sentences
    assert sentences <= set(TWO_PLANES.split("\n"))


@pytest.mark.parametrize("format", ["txt", "md", "docx"])
def test_the_overview_by_topic_is_taken_away(desk: Desk, format: str) -> None:
    desk.open().read(SAMPLE)
    desk.page.locator("#brief").click()
    dialog = desk.page.get_by_role("dialog")
    dialog.locator(".digest-list").first.wait_for()
    headings = dialog.locator("h3").all_inner_texts()
    sentences = [text.rpartition("第")[0].rpartition("第")[0] for text in dialog.locator("li").all_inner_texts()]
    with desk.page.expect_download() as download:
        dialog.get_by_role("button", name={"txt": "下载文本", "md": "Markdown", "docx": "DOCX"}[format]).click()
    assert download.value.suggested_filename.endswith(f".{format}")
    raw = Path(download.value.path()).read_bytes()
    text = (zipfile.ZipFile(io.BytesIO(raw)).read("word/document.xml") if format == "docx" else raw).decode()
    assert headings
    assert all(heading in text for heading in headings)
    assert all(sentence.strip().rstrip("，").replace("*", "\\*") in text for sentence in sentences)
    assert " 段，第 " in text


def test_several_files_at_once(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "甲.txt").write_bytes(SAMPLE.encode("gb18030"))
    (tmp_path / "乙.txt").write_text("植树队植树造林、保护珍稀鸟类。", encoding="utf-8")
    desk.open()
    desk.page.locator("#files").set_input_files([tmp_path / "甲.txt", tmp_path / "乙.txt"])
    desk.page.locator("#page-list button").nth(1).wait_for()
    desk.read_out()
    assert desk.texts(".para-text") == ["植树队植树造林、保护珍稀鸟类。"]
    desk.page.get_by_role("button", name="甲.txt").click()
    assert desk.texts(".para-text")[0].startswith("“有事先找楼栋支部")


def test_a_file_that_cannot_be_read_says_why_and_another_try_is_offered(desk: Desk, tmp_path: Path) -> None:
    desk.expected = ("422", "400")
    (tmp_path / "空.txt").write_bytes(b" \n")
    desk.open()
    desk.page.locator("#files").set_input_files(tmp_path / "空.txt")
    alert = desk.page.get_by_role("alert")
    alert.wait_for()
    assert "空.txt" in alert.inner_text()
    assert alert.get_by_role("button", name="再试一次").is_visible()


def test_topics_are_corrected_in_place(desk: Desk) -> None:
    before = len(desk.open().labels())
    desk.read("足球队在周末迎来大批观众，受到大家的好评。")
    desk.page.get_by_role("button", name="改这一段的主题").click()
    desk.page.keyboard.press("3")
    saved = desk.page.expect_response(lambda response: response.url.endswith("/v1/labels"))
    with saved:
        desk.page.get_by_role("button", name="保存").click()
    assert "已改" in desk.page.locator(".para-side").inner_text()
    new = desk.labels()[before:]
    assert [label["text"] for label in new] == ["足球队在周末迎来大批观众，受到大家的好评。"]
    assert "finance" in new[0]["topics"]
    assert new[0]["prediction"] is not None


def test_a_draft_outlives_a_reload(desk: Desk) -> None:
    desk.open()
    desk.page.locator("#page-text").fill("还没读的一版")
    desk.page.reload()
    assert desk.page.locator("#page-text").input_value() == "还没读的一版"


def test_two_hundred_thousand_characters_leave_the_page_usable(desk: Desk) -> None:
    paragraph = "林业局植树造林、保护珍稀鸟类，河长办治理污染河道、修复湿地，受到大家的好评。"
    page = "\n".join(f"　　第{number}处，{paragraph}" for number in range(200_000 // (len(paragraph) + 8)))
    desk.open()
    desk.page.evaluate("text => { document.getElementById('page-text').value = text; }", page[:200_000])
    desk.page.get_by_role("button", name="开始读").click()
    desk.page.locator(".para").nth(50).wait_for()
    desk.page.get_by_role("button", name="停").click()  # it answers a click while it reads
    desk.page.get_by_text("已停下").wait_for()


def test_a_pdf_stands_beside_the_picture_of_its_page(desk: Desk) -> None:
    pytest.importorskip("pypdfium2")
    _, pdf = printed(1)
    desk.open()
    with desk.page.expect_response(lambda response: response.url.endswith("/v1/read")) as asked:
        desk.page.locator("#files").set_input_files({"name": "版面.pdf", "mimeType": "application/pdf", "buffer": pdf})
    desk.read_out()
    answer = asked.value.json()
    assert desk.texts(".para-text") == [p["text"] for article in answer["articles"] for p in article["paragraphs"]]
    desk.page.locator(".picture .box").first.wait_for()
    blocks = [block for article in answer["articles"] for block in article["blocks"]]
    boxes = sum(place["page"] == 1 for block in blocks for place in block["places"])
    assert desk.page.locator(".picture").first.locator(".box").count() == boxes
    assert desk.page.locator(".picture img").first.evaluate("image => image.naturalWidth") > 500
    desk.page.locator(".para").first.hover()
    assert desk.page.locator(".picture .here").count() >= 1
