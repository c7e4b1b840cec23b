"""Who may ask: keys and roles, loopback without keys, and browsers that a web page sends."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Depends
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.access import Access, Key, Role, new_key, read_keys
from baozhai_service.app import create_app
from baozhai_service.errors import Forbidden, HostRefused, Unauthenticated
from baozhai_service.settings import Settings
from tests.service.serving import LOOPBACK


def key(name: str, role: Role) -> tuple[str, Key]:
    secret = f"secret-of-{name}"
    return secret, Key(name, role, hashlib.sha256(secret.encode()).hexdigest())


@pytest.fixture(scope="module")
def guarded(served_model: Model) -> Iterator[TestClient]:
    access = Access([key("reader", Role.READ)[1], key("boss", Role.OPERATE)[1]])
    with TestClient(create_app(served_model, Settings(), access), base_url="http://baozhai.example") as client:
        yield client


GUARDED = [
    ("POST", "/v1/classify"),
    ("POST", "/v1/digest"),
    ("POST", "/v1/read"),
    ("GET", "/v1/models"),
    ("GET", "/metrics"),
    ("GET", "/v2"),
    ("GET", "/v2/models/baozhai"),
    ("POST", "/v2/models/baozhai/infer"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic secret-of-reader", "secret-of-reader"]
)
def test_without_a_valid_key_nothing_is_answered(
    guarded: TestClient, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    reply = guarded.request(method, path, headers=headers)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.json()["type"] == "urn:baozhai:problem:unauthenticated"


def test_a_valid_key_is_answered(guarded: TestClient) -> None:
    for name in ("reader", "boss"):
        reply = guarded.post(
            "/v1/classify", json={"texts": ["河长办植树造林。"]}, headers={"authorization": f"Bearer secret-of-{name}"}
        )
        assert reply.status_code == 200


def test_health_is_for_whoever_asks(guarded: TestClient) -> None:
    for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"):
        assert guarded.get(path).status_code == 200


@pytest.mark.parametrize("held", list(Role))
@pytest.mark.parametrize("needed", list(Role))
def test_each_role_may_do_what_those_before_it_may(held: Role, needed: Role) -> None:
    secret, entry = key("someone", held)
    access = Access([entry])
    if list(Role).index(held) >= list(Role).index(needed):
        assert access.check(f"Bearer {secret}", "anywhere", needed) == "someone"
    else:
        with pytest.raises(Forbidden, match=needed.value):
            access.check(f"Bearer {secret}", "anywhere", needed)


def test_a_role_that_does_not_suffice_is_a_403(served_model: Model) -> None:
    secret, entry = key("reader", Role.READ)
    app = create_app(served_model, Settings(), Access([entry]))

    @app.get("/operate", dependencies=[Depends(app.state.parts.needs(Role.OPERATE))])
    def operate() -> None: ...

    with TestClient(app, base_url=LOOPBACK) as client:
        reply = client.get("/operate", headers={"authorization": f"Bearer {secret}"})
    assert (reply.status_code, reply.json()["type"]) == (403, "urn:baozhai:problem:forbidden")


LOOPBACK_NAMES = ["localhost", "localhost:8000", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000", "[::1]", "LOCALHOST"]
FOREIGN_NAMES = [
    "evil.example",
    "evil.example:8000",
    "",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "10.0.0.1",
    ":",
]


@pytest.mark.parametrize("host", LOOPBACK_NAMES)
def test_without_keys_loopback_names_are_answered(host: str) -> None:
    assert Access().check(None, host, Role.OPERATE) is None


@pytest.mark.parametrize("host", FOREIGN_NAMES)
def test_without_keys_a_name_that_points_here_is_not_enough(host: str) -> None:
    with pytest.raises(HostRefused):
        Access().check(None, host, Role.READ)


def test_a_refused_host_is_a_421(client: TestClient) -> None:
    reply = client.get("/v1/models", headers={"host": "evil.example"})
    assert (reply.status_code, reply.json()["type"]) == (421, "urn:baozhai:problem:host_refused")


def test_an_allowed_host_is_answered() -> None:
    assert Access(allowed_hosts=["Baozhai.lan"]).check(None, "baozhai.LAN:8000", Role.READ) is None


def test_any_address_but_loopback_needs_keys(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"0\.0\.0\.0 can be reached from elsewhere"):
        Access.of(Settings(host="0.0.0.0"))
    (tmp_path / "keys.toml").write_text(new_key("编辑部", Role.LABEL)[1], encoding="utf-8")
    assert Access.of(Settings(host="0.0.0.0", keys_file=tmp_path / "keys.toml")).by_key


def test_a_new_key_opens_what_its_entry_says_and_is_not_in_it(tmp_path: Path) -> None:
    secret, entry = new_key('编辑"部', Role.LABEL)
    assert secret not in entry
    (tmp_path / "keys.toml").write_text(entry, encoding="utf-8")
    access = Access(read_keys(tmp_path / "keys.toml"))
    assert access.check(f"Bearer {secret}", "anywhere", Role.LABEL) == '编辑"部'
    with pytest.raises(Unauthenticated):
        access.check(f"Bearer {secret}x", "anywhere", Role.READ)


@pytest.mark.parametrize(
    "content",
    ["", "keys = 3", "not toml", '[[keys]]\nname = "a"\nrole = "king"\nsha256 = "00"', '[[keys]]\nname = "a"'],
)
def test_a_file_of_keys_that_is_wrong_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"keys\.toml"):
        read_keys(path)


def test_no_web_page_is_let_in_by_default(client: TestClient) -> None:
    reply = client.get("/v1/models", headers={"origin": "https://page.example"})
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_a_web_page_is_let_in_by_setting(served_model: Model) -> None:
    settings = Settings(cors_origins=("https://page.example",))
    with TestClient(create_app(served_model, settings), base_url=LOOPBACK) as client:
        let_in = client.get("/v1/models", headers={"origin": "https://page.example"})
        other = client.get("/v1/models", headers={"origin": "https://other.example"})
    assert let_in.headers["access-control-allow-origin"] == "https://page.example"
    assert "access-control-allow-origin" not in other.headers
