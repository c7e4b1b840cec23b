"""校对: each sentence of a digest and what it is to its source."""

from tests.service.desk.browsing import Desk

SOURCE = "农商银行今年发放贷款\n5600万元，惠及𠮷林二百户农户。记者到访时正下着小雨。"


def test_a_digest_is_checked_sentence_by_sentence(desk: Desk) -> None:
    desk.open("/verify")
    desk.page.locator("#source").fill(SOURCE)
    desk.page.locator("#digest").fill(
        "记者到访时正下着小雨。农商银行今年发放贷款6500万元，惠及𠮷林农户。明年再建三所学校。"
    )
    desk.page.keyboard.press("Control+Enter")
    desk.page.locator(".quotation").nth(2).wait_for()
    assert desk.texts(".count strong") == ["1", "1", "1"]
    assert [each.split("\n")[0].split()[0] for each in desk.texts(".kind")] == ["一字不差", "略有出入", "原文没有"]
    assert desk.texts(".quotation.near del") == ["5600", "二百户"]
    assert desk.texts(".quotation.near ins") == ["6500"]
    desk.page.get_by_role("button", name="原文第").nth(1).click()
    assert "".join(desk.texts("mark.here")).startswith("农商银行今年发放贷款")


def test_what_is_missing_is_asked_for(desk: Desk) -> None:
    desk.open("/verify")
    desk.page.locator("#source").fill(SOURCE)
    desk.page.get_by_role("button", name="核对", exact=False).first.click()
    desk.page.get_by_text("还没有摘要").first.wait_for()
    assert desk.page.evaluate("document.activeElement.id") == "digest"
