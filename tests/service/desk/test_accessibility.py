"""Every page of the desk, light, dark and narrow, as axe-core sees it (WCAG 2.2 AA)."""

from typing import Any

import pytest

from tests.service.desk.browsing import SAMPLE, Desk, started

PAGES = ("/", "/verify", "/label", "/models", "/docs", "/nowhere")


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, browser: object, desk_address: str) -> Any:
    with started(browser, desk_address, color_scheme=request.param, bypass_csp=True) as desk:
        desk.expected = ("404",)
        yield desk


def test_pages_as_they_open(scheme: Desk) -> None:
    found = []
    for path in PAGES:
        scheme.open(path)
        if path == "/docs":
            scheme.page.locator(".opblock").first.wait_for()
        if path == "/models":
            scheme.page.locator("#runs p").wait_for()
        found += [(path, each) for each in scheme.serious()]
    scheme.open("/models").page.locator("table a").first.click()
    scheme.page.locator("#quality-title").wait_for()
    found += [("a version", each) for each in scheme.serious()]
    assert found == []


def test_the_page_to_sign_in_at(browser: object, keyed_address: str) -> None:
    with started(browser, keyed_address, bypass_csp=True) as desk:
        desk.expected = ("401",)
        found = desk.open("/signin").serious()
        desk.page.get_by_label("密钥").fill("bz_wrong")
        desk.page.get_by_role("button", name="登录").click()
        desk.page.get_by_role("alert").wait_for()
        assert found + desk.serious() == []


def test_pages_at_work(scheme: Desk) -> None:
    found = []
    scheme.open().read(SAMPLE)
    scheme.page.locator(".digest-sentence").first.wait_for()
    scheme.page.locator(".para-side button.chip").first.click()
    scheme.page.locator(".para-more .font-serif, .para-more .muted").first.wait_for()
    scheme.page.get_by_role("button", name="改这一段的主题").nth(1).click()
    found += scheme.serious()
    scheme.page.locator("#brief").click()
    scheme.page.locator("dialog .digest-list").first.wait_for()
    found += scheme.serious()
    scheme.open("/verify")
    scheme.page.locator("#sample").click()
    scheme.page.locator(".quotation").first.wait_for()
    found += scheme.serious()
    scheme.add_to_queue(SAMPLE)
    found += scheme.serious()
    for tab in ("可能标错", "进度与一致"):
        scheme.page.get_by_role("tab", name=tab).click()
        scheme.page.wait_for_load_state("networkidle")
        found += scheme.serious()
    assert found == []


def test_nothing_is_cut_off_on_a_phone(browser: object, desk_address: str) -> None:
    with started(browser, desk_address) as desk:
        desk.expected = ("404",)
        desk.page.set_viewport_size({"width": 360, "height": 740})
        for path in PAGES:
            desk.open(path)
            assert desk.page.evaluate("document.documentElement.scrollWidth") <= 360, path
        desk.open().read(SAMPLE)
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= 360
