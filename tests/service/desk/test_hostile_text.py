"""Hostile text in every field, file name, label and source is text and nothing else."""

from pathlib import Path

from tests.service.desk.browsing import Desk

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"><svg onload=alert(3)>{{7*7}}</textarea></script>"


def test_read_and_take_away(desk: Desk, tmp_path: Path) -> None:
    page = f"{EVIL}标题\n　　农商银行{EVIL}向小微企业发放信用贷款，受到大家的好评。"
    desk.open().read(page)
    desk.page.locator(".digest-sentence").first.wait_for()
    assert EVIL in "".join(desk.texts(".para-text"))
    desk.page.locator(".para-side button.chip").first.click()
    desk.page.locator(".para-more").first.wait_for()
    desk.page.locator("#brief").click()
    desk.page.locator("dialog .digest-list, dialog .empty").first.wait_for()
    assert desk.page.locator("dialog img, dialog svg, article img").count() == 0


def test_a_file_by_a_hostile_name(desk: Desk) -> None:
    desk.open()
    desk.page.locator("#files").set_input_files(
        [{"name": f"{EVIL[:60]}{n}.txt", "mimeType": "text/plain", "buffer": "植树造林。".encode()} for n in "ab"]
    )
    desk.page.locator("#page-list button").nth(1).wait_for()
    desk.read_out()
    assert desk.page.locator("#page-list img").count() == 0


def test_labels_sources_and_suspects(desk: Desk) -> None:
    text = f"农商银行向小微企业发放信用贷款{EVIL}。"
    desk.open("/label")
    status = desk.page.evaluate(
        """([text, evil]) => fetch('/v1/labels', {method: 'POST', headers: {'content-type': 'application/json'},
        body: JSON.stringify({labels: [{text, topics: ['ecology', evil], title: evil, source: evil}],
        new_topics: true})}).then((r) => r.status)""",
        [text, EVIL.replace(";", "")],
    )
    assert status == 200
    desk.page.get_by_role("tab", name="可能标错").click()
    desk.page.locator("#panel-suspects li").first.wait_for()
    assert EVIL in desk.page.locator("#panel-suspects").inner_text()
    desk.page.get_by_role("tab", name="进度与一致").click()
    desk.page.locator("#panel-progress table").first.wait_for()
    desk.add_to_queue(f"　　{EVIL}植树造林、修复湿地。")
    assert desk.page.locator(".work-card img, .work-card svg, #panel-suspects img").count() == 0


def test_check_models_and_errors(desk: Desk) -> None:
    desk.open("/verify")
    desk.page.locator("#source").fill(f"{EVIL}植树造林。")
    desk.page.locator("#digest").fill(f"{EVIL}植树造。")
    desk.page.keyboard.press("Control+Enter")
    desk.page.locator(".quotation").first.wait_for()
    assert desk.page.locator(".quotation img, .source-text img").count() == 0
    desk.expected = ("404",)
    desk.open("/models/%3Cimg%20src=x%20onerror=alert(1)%3E")
    assert "没有这一页" in desk.page.locator("h1").inner_text() or desk.page.locator("h1").is_visible()
    assert desk.page.locator("main img").count() == 0
