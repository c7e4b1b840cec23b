"""Who may see and do what at the desk, and what a session that ends loses: nothing."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from baozhai_service.http.auth import Permission, new_key
from tests.service.desk.browsing import Desk, started
from tests.service.desk.test_hostile_text import EVIL
from tests.service.serving import start


@pytest.fixture
def keyed(browser: object, keyed_address: str) -> Any:
    with started(browser, keyed_address) as desk:
        yield desk


def test_a_key_becomes_a_session_and_signing_out_ends_it(keyed: Desk, keys: dict[str, str]) -> None:
    keyed.open("/models?x=1")
    assert keyed.page.url.endswith("/signin?next=%2Fmodels%3Fx%3D1")
    keyed.expected = ("401",)
    keyed.page.get_by_label("密钥").fill("bz_wrong")
    keyed.page.get_by_role("button", name="登录").click()
    keyed.page.get_by_role("alert").wait_for()
    keyed.page.get_by_label("密钥").fill(keys["read"])
    keyed.page.get_by_role("button", name="登录").click()
    keyed.page.wait_for_url("**/models?x=1")
    (cookie,) = keyed.page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
    assert cookie["expires"] > 0
    assert keys["read"] not in cookie["value"]
    assert "reader" in keyed.page.locator(".account").inner_text()
    keyed.page.get_by_role("button", name="退出").click()
    keyed.page.wait_for_url("**/signin")
    assert keyed.page.context.cookies() == []


@pytest.mark.parametrize(
    ("role", "tabs", "refused"),
    [
        ("read", ["/", "/verify", "/models"], ["/label"]),
        ("label", ["/", "/verify", "/label", "/models"], []),
        ("operate", ["/", "/verify", "/label", "/models"], []),
    ],
)
def test_what_a_role_may_not_do_is_not_shown_and_refused(
    keyed: Desk, keys: dict[str, str], role: str, tabs: list[str], refused: list[str]
) -> None:
    keyed.sign_in(keys[role])
    shown = [link.get_attribute("href") for link in keyed.page.locator(".tabs a").all()]
    assert set(tabs) <= set(shown)
    assert not set(refused) & set(shown)
    keyed.expected = ("403", "404")
    for path in refused:
        keyed.open(path)
        assert "没有这项权限" in keyed.page.locator("h1").inner_text()
    keyed.open("/models")
    assert keyed.page.get_by_role("button", name="开始训练").count() == (role == "operate")
    posted = keyed.page.evaluate(
        """async () => {
          const csrf = document.querySelector('meta[name=csrf]').content;
          const headers = {'content-type': 'application/json', 'X-CSRF-Token': csrf};
          const post = async (path, body) => (await fetch(path, {method: 'POST', headers, body})).status;
          return [await post('/v1/labels', '{"labels": [{"text": "甲", "topics": []}]}'),
                  await post('/v1/runs/none/cancel', '{}')];
        }"""
    )
    assert posted == {"read": [403, 403], "label": [200, 403], "operate": [200, 404]}[role]


def test_another_site_cannot_use_a_session(keyed: Desk, keys: dict[str, str]) -> None:
    keyed.sign_in(keys["operate"])
    cookies = {cookie["name"]: cookie["value"] for cookie in keyed.page.context.cookies()}
    with httpx2.Client(base_url=keyed.address, cookies=cookies, timeout=None) as client:
        assert client.get("/v1/models").status_code == 200
        label = {"labels": [{"text": "甲", "topics": []}]}
        for token in (None, "", "x" * 43):
            headers = {} if token is None else {"x-csrf-token": token}
            refused = client.post("/v1/labels", json=label, headers=headers)
            assert refused.status_code == 403
            assert refused.json()["type"].endswith("cross_site")
        assert client.post("/signout", data={"csrf": "no"}).status_code == 403
        elsewhere = {"sec-fetch-site": "cross-site"}
        assert client.post("/signin", data={"key": keys["read"]}, headers=elsewhere).status_code == 403


def test_without_keys_no_page_of_another_site_may_send_anything(desk_address: str) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}, {"origin": "null"}):
        refused = httpx2.post(f"{desk_address}/v1/runs/none/cancel", headers=headers, timeout=None)
        assert refused.status_code == 403, headers
    same = {"origin": desk_address, "sec-fetch-site": "same-origin"}
    answer = httpx2.post(f"{desk_address}/v1/classify", json={"texts": ["甲"]}, headers=same, timeout=None)
    assert answer.status_code == 200


def test_a_session_that_ends_in_the_middle_of_work_loses_nothing(keyed: Desk, keys: dict[str, str]) -> None:
    keyed.expected = ("401",)
    keyed.sign_in(keys["label"]).add_to_queue("林业局植树造林第一批。\n农商银行发放信用贷款第二批。")
    first = keyed.page.locator(".work-text").inner_text()
    keyed.page.context.clear_cookies()
    keyed.page.keyboard.press("4")
    keyed.page.keyboard.press("3")
    again = keyed.page.get_by_role("dialog")
    again.wait_for()
    again.get_by_label("密钥").fill("bz_wrong")
    again.get_by_role("button", name="登录并继续").click()
    again.get_by_role("alert").wait_for()
    again.get_by_label("密钥").fill(keys["label"])
    again.get_by_role("button", name="登录并继续").click()
    keyed.page.get_by_text("条待送出").wait_for(state="detached")
    kept = {label["text"]: label for label in keyed.labels()}
    assert kept[first]["topics"] == ["ecology"]
    assert kept[first]["who"] == "labeler"


def test_a_key_that_is_withdrawn_ends_its_sessions(
    browser: object, bundle_folder: Path, keys: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "keys.toml"
    secret, entry = new_key(f"reader {EVIL}", Permission.READ)
    entries = Path(keys["file"]).read_text(encoding="utf-8") + "\n" + entry
    file.write_text(entries, encoding="utf-8")
    serving = start(bundle_folder, "--home", tmp_path / "home", "--keys-file", file)
    with serving as process, started(browser, process.address) as desk:
        desk.expected = ("401",)
        desk.sign_in(secret)
        assert EVIL in desk.page.locator(".account").inner_text()
        assert desk.page.locator("header img, header svg").count() == 0
        without = [part for part in entries.split("[[keys]]")[1:] if "reader" not in part]
        changed = file.with_suffix(".new")
        changed.write_text("".join("[[keys]]" + part for part in without), encoding="utf-8")
        changed.replace(file)  # whole: the service never reads half of it
        # Each request lets the service look at the file, which it does once a second. (`wait_for_function` would not
        # wait: to it, a promise is true.)
        last = desk.page.evaluate(
            """async () => {
              for (;;) {
                const { status } = await fetch('/v1/models');
                if (status !== 200) return status;
              }
            }"""
        )
        assert last == 401
        desk.open("/models")
        assert "/signin" in desk.page.url
