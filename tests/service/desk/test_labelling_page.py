"""标注: with the keyboard alone, nothing lost, and what the store says of it."""

import json

import pytest

from tests import tiny
from tests.service.desk.browsing import Desk

pytest.importorskip("sqlalchemy")


def paragraphs(start: int, count: int) -> list[str]:
    """Paragraphs of the small world, no two alike."""
    rows = [str(row["text"]) for row in tiny.labelled_paragraphs()]
    return [f"{text[:-1]}，第{number}批。" for number, text in enumerate(rows[start : start + count], start)]


def test_ten_paragraphs_with_the_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    before = len(desk.open("/label").labels())
    page.locator("#add-text").focus()
    page.keyboard.insert_text("\n".join(paragraphs(0, 12)))
    page.keyboard.press("Tab")  # the button that chooses files
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".work-card").wait_for()
    assert page.evaluate("document.activeElement.classList.contains('work-card')")

    def here() -> str:
        return str(page.locator(".work-text").inner_text())

    settled: list[tuple[str, list[str]]] = []
    for key, topics in [("1", ["party_building"]), ("0", []), ("2", ["governance"]), ("3", ["finance"])]:
        text = here()
        page.keyboard.press(key)  # labels, saves and goes on
        settled.append((text, topics))
        assert here() != text
    text = here()
    on = [each.get_attribute("data-topic") for each in page.locator(".choices [aria-pressed=true][data-topic]").all()]
    page.keyboard.press("Shift+4")  # one more topic, or one less
    wanted = sorted({*on} ^ {"ecology"})
    page.keyboard.press("Enter")
    settled.append((text, wanted))
    mistaken = here()
    page.keyboard.press("4")
    page.keyboard.press("u")  # before it was sent
    assert here() == mistaken
    page.keyboard.press("1")
    settled.append((mistaken, ["party_building"]))
    skipped = here()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert here() == skipped
    page.keyboard.press("ArrowRight")
    while len(settled) < 10:
        settled.append((here(), ["ecology"]))
        page.keyboard.press("4")
    page.get_by_text("条待送出").wait_for(state="detached")
    kept = desk.labels()[before:]
    assert [(label["text"], sorted(label["topics"])) for label in kept] == settled
    assert all(label["prediction"]["model_version"] for label in kept)


def test_the_queue_survives_a_reload_and_what_is_labelled_is_not_asked_again(desk: Desk) -> None:
    texts = paragraphs(20, 3)
    desk.add_to_queue("\n".join(texts))
    first = desk.page.locator(".work-text").inner_text()
    desk.page.keyboard.press("2")
    second = desk.page.locator(".work-text").inner_text()
    desk.page.reload()
    desk.page.locator(".work-card").wait_for()
    assert desk.page.locator(".work-text").inner_text() == second
    desk.page.get_by_text("条待送出").wait_for(state="detached")
    desk.page.get_by_role("button", name="清空待标").click()
    desk.page.locator("#add-text").fill("\n".join(texts))
    desk.page.get_by_role("button", name="加入待标").click()
    desk.page.get_by_text("第 1 / 2 段").wait_for()
    assert first not in desk.texts(".work-text")


def test_labels_wait_while_there_is_no_network(desk: Desk) -> None:
    desk.expected = ("ERR_INTERNET_DISCONNECTED",)
    desk.add_to_queue("\n".join(paragraphs(30, 3)))
    text = desk.page.locator(".work-text").inner_text()
    desk.page.context.set_offline(True)
    desk.page.locator("#offline").wait_for()
    desk.page.keyboard.press("1")
    desk.page.keyboard.press("1")
    desk.page.get_by_text("2 条待送出").wait_for()
    desk.page.context.set_offline(False)
    desk.page.get_by_text("条待送出").wait_for(state="detached")
    assert text in [label["text"] for label in desk.labels()]


def test_a_table_is_a_queue_too(desk: Desk) -> None:
    rows = "".join(json.dumps({"text": text, "title": "年终", "source": "内刊"}) + "\n" for text in paragraphs(40, 2))
    desk.open("/label")
    desk.page.locator("#add-files").set_input_files(
        {"name": "段落.jsonl", "mimeType": "application/jsonl", "buffer": rows.encode()}
    )
    desk.page.get_by_role("button", name="加入待标").click()
    desk.page.get_by_text("第 1 / 2 段").wait_for()
    assert desk.page.locator(".work-title").inner_text() == "年终"


def test_progress_and_what_is_probably_wrong(desk: Desk) -> None:
    text = "农商银行向小微企业发放信用贷款，这一条故意标错。"
    desk.open("/label")
    desk.page.evaluate(
        """text => fetch('/v1/labels', {method: 'POST', headers: {'content-type': 'application/json'},
        body: JSON.stringify({labels: [{text, topics: ['ecology']}]})})""",
        text,
    )
    desk.page.get_by_role("tab", name="可能标错").click()
    desk.page.get_by_text(text).wait_for()
    desk.page.get_by_role("tab", name="进度与一致").click()
    desk.page.get_by_role("table").first.wait_for()
    assert "段已标" in desk.page.locator("#panel-progress").inner_text()
