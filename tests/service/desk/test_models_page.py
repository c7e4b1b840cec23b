"""模型: from labels to a judged version, live and back again, in the browser."""

import random
import shutil
from pathlib import Path
from typing import Any

import httpx2
import pytest

from baozhai_service.desk.models import LEAST_LABELS
from baozhai_training.data import labels
from tests import tiny
from tests.service.desk.browsing import Desk, started
from tests.service.desk.test_hostile_text import EVIL
from tests.service.serving import start

pytest.importorskip("sqlalchemy")
pytest.importorskip("torch")


def table() -> bytes:
    """The small world's paragraphs as CSV, but what had no topic is now 治理: the live model gets all of these wrong.

    Each has a number: they would else be near-duplicates of each other.
    """
    numbers = random.Random(2)
    rows: list[dict[str, Any]] = [*tiny.labelled_paragraphs()]
    lines = [
        f'"（{numbers.randrange(10**12):012d}）{row["text"]}","{";".join(row["topics"] or ["治理"])}","{row["title"]}"'
        for row in rows
    ]
    return "\n".join(["text,topics,title", *lines]).encode()


def test_train_on_a_table_promote_and_go_back(browser: object, live_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(live_home, tmp_path / "home")
    with start(None, "--home", home) as process, started(browser, process.address) as desk:
        page = desk.page
        desk.open("/models")
        before = page.locator(".lead strong").inner_text()
        page.get_by_label("上传表格").check()
        page.locator("#table").set_input_files({"name": "标注.csv", "mimeType": "text/csv", "buffer": table()})
        page.get_by_label("快速").check()
        page.get_by_role("button", name="开始训练").click()
        page.locator(".run").wait_for()
        page.locator(".run a[href^='/models/']").wait_for(timeout=1_200_000)
        page.locator(".run .tag.good").wait_for()
        assert "过了门槛" in page.locator(".run .tag.good").inner_text()
        page.get_by_text("日志").click()
        assert "fold 2 of 2 is done" in page.locator("pre.log").inner_text()

        page.locator(".run a[href^='/models/']").click()
        page.locator(".forest circle").first.wait_for()
        rows = page.locator("section[aria-labelledby=gate-title] tbody tr").count()
        assert rows == page.locator(".forest circle").count() > 4
        page.locator("#compare-text").fill("足球队在周末迎来大批观众，受到大家的好评。\n林业局植树造林、保护珍稀鸟类。")
        page.get_by_role("button", name="比一比").click()
        page.get_by_text("2 段里有 1 段的主题会变").wait_for()
        assert "治理" in page.locator(".changes").inner_text()
        version = page.locator("h1").inner_text().split()[0]
        page.locator("#why").fill(f"新标了一批{EVIL}")
        page.get_by_role("button", name="让这一版上线").click()
        page.locator("h1 .tag.good").wait_for()
        desk.open("/models")
        assert page.locator(".lead strong").inner_text() == version
        page.get_by_role("button", name="回退到上一版").click()
        page.get_by_label("理由").fill(f"再看看{EVIL}")
        page.get_by_role("dialog").get_by_role("button", name="回退").click()
        page.get_by_text("再看看").wait_for()
        history = page.locator("section[aria-labelledby=history-title]")
        assert all(f"{why}{EVIL}" in history.inner_text() for why in ("新标了一批", "再看看"))
        assert page.locator("main img").count() == 0
        assert page.locator(".lead strong").inner_text() == before


def test_too_few_labels_are_said_before_a_run_begins(desk: Desk) -> None:
    desk.open("/label")
    label = {"text": "农商银行向小微企业发放信用贷款，今天开始。", "topics": ["finance"]}
    httpx2.post(f"{desk.address}/v1/labels", json={"labels": [label]}, timeout=None).raise_for_status()
    kept = {each["text"]: each["topics"] for each in desk.labels()}
    desk.open("/models")
    short = desk.page.locator("#short").inner_text()
    assert f"金融 {sum('finance' in topics for topics in kept.values())}" in short
    desk.page.get_by_role("button", name="开始训练").click()
    desk.page.get_by_text("标注库里的标注还不够").first.wait_for()
    assert httpx2.get(f"{desk.address}/v1/runs", timeout=None).json()["runs"] == []


def test_the_page_asks_for_as_many_labels_as_the_trainer() -> None:
    assert LEAST_LABELS == labels.LEAST


def test_a_table_of_another_kind_is_refused_with_what_would_do(desk: Desk) -> None:
    desk.expected = ("422", "409")
    desk.open("/models")
    desk.page.get_by_label("上传表格").check()
    desk.page.locator("#table").set_input_files({"name": "x.doc", "mimeType": "application/msword", "buffer": b"x"})
    desk.page.get_by_role("button", name="开始训练").click()
    desk.page.get_by_text(".xlsx").first.wait_for()
