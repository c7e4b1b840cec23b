"""Pictures of every page of the desk, light, dark and narrow, for a designer's eye.

python -m benchmarks.screenshots [FOLDER [NAME…]]    # screenshots/ and all pages if none; needs /usr/bin/chromium

The service is the shipped one, before a label store and a made archive of its own; all text is of our own writing.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.service.archive.explore.papers import write_indexed
from tests.service.desk.browsing import CHROMIUM, FLAGS, SAMPLE
from tests.service.serving import Process, start

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "is_mobile": True},
}


def read(page: Page) -> None:
    """A page that was read, with evidence open."""
    page.locator("#sample").click()
    page.locator("#status .tag").wait_for()
    page.locator(".digest-sentence").first.wait_for()
    page.locator(".para-side button.chip").first.click()
    page.locator(".evidence-list").first.wait_for()


def brief(page: Page) -> None:
    """The page's 要览."""
    read(page)
    page.locator("#brief").click()
    page.locator("dialog .digest-list").first.wait_for()


def verify(page: Page) -> None:
    """A digest that was checked."""
    page.locator("#sample").click()
    page.locator(".quotation").first.wait_for()


def queue(page: Page) -> None:
    """A paragraph to label."""
    page.locator("#add-text").fill(SAMPLE)
    page.get_by_role("button", name="加入待标").click()
    page.locator(".work-card").wait_for()
    page.evaluate("scrollTo(0, 0)")


def tab(name: str) -> Callable[[Page], None]:
    """A tab of 标注."""

    def show(page: Page) -> None:
        page.get_by_role("tab", name=name).click()
        page.wait_for_load_state("networkidle")

    return show


def nothing(_: Page) -> None:
    """The page as it opens."""


def first_hit(page: Page) -> None:
    """The first article that was found."""
    page.locator(".hit h3 a").first.click()
    page.locator(".paragraph-text").first.wait_for()


def version(page: Page) -> None:
    """The first version there is."""
    page.locator("table a").first.click()
    page.locator("#quality-title").wait_for()


def endpoint(page: Page) -> None:
    """The API's documentation, once it is there."""
    page.locator(".opblock").first.wait_for()


SHOTS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "read-empty": ("/", nothing),
    "read": ("/", read),
    "brief": ("/", brief),
    "verify": ("/verify", verify),
    "label-empty": ("/label", nothing),
    "label": ("/label", queue),
    "label-suspects": ("/label", tab("可能标错")),
    "label-progress": ("/label", tab("进度与一致")),
    "archive": ("/archive?q=垃圾分类", nothing),
    "archive-trends": ("/archive/trends?q=垃圾&q=党&period=year", nothing),
    "archive-article": ("/archive?q=江边", first_hit),
    "archive-overview": ("/archive/overview?q=垃圾分类", nothing),
    "models": ("/models", nothing),
    "model": ("/models", version),
    "docs": ("/docs", endpoint),
    "nowhere": ("/nowhere", nothing),
}


def main(folder: Path, names: list[str]) -> None:
    """Take the pictures called ``names``, all if none."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, serving(Path(home)) as service:
        give_labels(service)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for look, options in LOOKS.items():
            for name, (path, prepare) in SHOTS.items():
                if names and name not in names:
                    continue
                context = browser.new_context(**options, device_scale_factor=1)
                page = context.new_page()
                page.set_default_timeout(120_000)
                page.goto(service.address + path)
                prepare(page)
                page.screenshot(path=folder / f"{name}-{look}.png", full_page=name not in ("brief",))
                context.close()
                print(folder / f"{name}-{look}.png", flush=True)
        browser.close()


def serving(home: Path) -> Process:
    """The service, with an archive to search."""
    config = home / "service.toml"
    config.write_text(f'archive = "{write_indexed(home / "archive")}"\n', encoding="utf-8")
    return start(None, "--home", home, "--config", config)


def give_labels(service: Process) -> None:
    """A few labels, one of them wrong."""
    labels = [
        {"text": "镇党委组织党员开展主题教育学习，取得了明显成效。", "topics": ["党建"]},
        {"text": "农商银行向小微企业发放信用贷款，年利率再降半个百分点。", "topics": ["生态"], "source": "市报"},
        {"text": "足球队在周末迎来大批观众。", "topics": []},
    ]
    service.post("/v1/labels", json={"labels": labels})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("screenshots"), sys.argv[2:])
