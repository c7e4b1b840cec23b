"""A page of the desk as somebody before it sees it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
SAMPLE = (Path(__file__).parents[3] / "service" / "baozhai_service" / "desk" / "sample.txt").read_text(encoding="utf-8")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--disable-dev-shm-usage"]
PATIENT = 120_000  # milliseconds that a busy machine may take


class Desk:
    """A browser page at the desk, and what went wrong in it."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.wrong: list[str] = []
        self.expected: tuple[str, ...] = ()  # parts of messages that are what a test is about
        page.set_default_timeout(PATIENT)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}") or dialog.dismiss())

    def open(self, path: str = "/") -> Desk:
        self.page.goto(self.address + path)
        return self

    def sign_in(self, key: str, path: str = "/") -> Desk:
        self.open(path)
        self.page.get_by_label("密钥").fill(key)
        self.page.get_by_role("button", name="登录").click()
        self.page.locator(".account .tag").wait_for()
        return self

    def read(self, text: str) -> Desk:
        """Paste a page at 读版 and wait until it is read."""
        self.page.locator("#page-text").fill(text)
        self.page.get_by_role("button", name="开始读").click()
        return self.read_out()

    def read_out(self) -> Desk:
        self.page.locator("#status .tag").wait_for()
        return self

    def add_to_queue(self, text: str) -> Desk:
        """Paste a page at 标注 and wait for its first paragraph."""
        self.open("/label")
        self.page.locator("#add-text").fill(text)
        self.page.get_by_role("button", name="加入待标").click()
        self.page.locator(".work-card").wait_for()
        return self

    def texts(self, selector: str) -> list[str]:
        """What they hold, on the screen or further down."""
        return [str(text) for text in self.page.locator(selector).all_text_contents()]

    def labels(self) -> list[dict[str, Any]]:
        """What the label store has, as this browser's session sees it."""
        found: list[dict[str, Any]] = self.page.evaluate("() => fetch('/v1/labels').then((r) => r.json())")["labels"]
        return found

    def serious(self) -> list[str]:
        """What axe-core finds that is serious or worse."""
        # As an init script would be: the page's policy is for its own scripts, not for the examiner's.
        self.page.evaluate(AXE)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in self.expected):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"another host: {request.url}")


@contextlib.contextmanager
def started(browser: Any, address: str, **options: Any) -> Iterator[Desk]:
    """A clean context; at its end nothing may have gone wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True, **options)
    desk = Desk(context.new_page(), address)
    try:
        yield desk
        assert desk.wrong == []
    finally:
        context.close()
