"""Who may ask: keys and roles, loopback without keys, and browsers that a web page sends."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import Depends
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.errors import Forbidden, HostRefused, Unauthenticated
from baozhai_service.http.auth import Access, Key, KeyFile, Permission, new_key
from baozhai_service.settings import Settings
from tests.service.serving import LOOPBACK, start


def key(name: str, role: Permission) -> tuple[str, Key]:
    secret = f"secret-of-{name}"
    return secret, Key(name, role, hashlib.sha256(secret.encode()).hexdigest())


@pytest.fixture(scope="module")
def guarded(served_model: Model) -> Iterator[TestClient]:
    access = Access([key("reader", Permission.READ)[1], key("boss", Permission.OPERATE)[1]])
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


@pytest.mark.parametrize("held", list(Permission))
@pytest.mark.parametrize("needed", list(Permission))
def test_each_role_may_do_what_those_before_it_may(held: Permission, needed: Permission) -> None:
    secret, entry = key("someone", held)
    access = Access([entry])
    if list(Permission).index(held) >= list(Permission).index(needed):
        assert access.check(f"Bearer {secret}", "anywhere", needed) == "someone"
    else:
        with pytest.raises(Forbidden, match=needed.value):
            access.check(f"Bearer {secret}", "anywhere", needed)


def test_a_role_that_does_not_suffice_is_a_403(served_model: Model) -> None:
    secret, entry = key("reader", Permission.READ)
    app = create_app(served_model, Settings(), Access([entry]))

    @app.get("/operate", dependencies=[Depends(app.state.context.needs(Permission.OPERATE))])
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
    assert Access().check(None, host, Permission.OPERATE) is None


@pytest.mark.parametrize("host", FOREIGN_NAMES)
def test_without_keys_a_name_that_points_here_is_not_enough(host: str) -> None:
    with pytest.raises(HostRefused):
        Access().check(None, host, Permission.READ)


def test_a_refused_host_is_a_421(client: TestClient) -> None:
    reply = client.get("/v1/models", headers={"host": "evil.example"})
    assert (reply.status_code, reply.json()["type"]) == (421, "urn:baozhai:problem:host_refused")


def test_an_allowed_host_is_answered() -> None:
    assert Access(allowed_hosts=["Baozhai.lan"]).check(None, "baozhai.LAN:8000", Permission.READ) is None


def test_any_address_but_loopback_needs_keys(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"0\.0\.0\.0 can be reached from elsewhere"):
        Access.of(Settings(host="0.0.0.0"))
    (tmp_path / "keys.toml").write_text(new_key("编辑部", Permission.LABEL)[1], encoding="utf-8")
    assert Access.of(Settings(host="0.0.0.0", keys_file=tmp_path / "keys.toml")).by_key


def test_a_new_key_opens_what_its_entry_says_and_is_not_in_it(tmp_path: Path) -> None:
    secret, entry = new_key('编辑"部', Permission.LABEL)
    assert secret not in entry
    (tmp_path / "keys.toml").write_text(entry, encoding="utf-8")
    access = Access(KeyFile(tmp_path / "keys.toml"))
    assert access.check(f"Bearer {secret}", "anywhere", Permission.LABEL) == '编辑"部'
    with pytest.raises(Unauthenticated):
        access.check(f"Bearer {secret}x", "anywhere", Permission.READ)


HASH = "0" * 64


def entry(**given: str) -> str:
    fields = {"name": '"a"', "role": '"read"', "sha256": f'"{HASH}"', **given}
    return "[[keys]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items() if value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no [[keys]]"),
        ("keys = 3", "keys is a number; write each key as a table under [[keys]]"),
        ("keys = ['a']", "key 1: it is a string; write it as a table under [[keys]]"),
        ("not toml", "cannot be read as a file of keys"),
        (entry(role=""), "key 1: role is missing; it needs name, role (read, label, operate) and sha256"),
        (entry(role='"king"'), "key 1: role is 'king'; it must be one of read, label, operate"),
        (entry() + entry(name="5"), "key 2: name is a number; it must be a string"),
        (entry(name='" "'), "key 1: name is ' '; it must be one line of 1 to 200 characters"),
        (entry(sha256=""), "key 1: sha256 is missing"),
        (entry(sha256='"00"'), "key 1: sha256 must be 64 hexadecimal digits, without blanks"),
        (entry(sha256=f'" {HASH}"'), "key 1: sha256 must be 64 hexadecimal digits, without blanks"),
        (entry(sha256=f'"{"00 " * 32}"'), "key 1: sha256 must be 64 hexadecimal digits, without blanks"),
    ],
)
def test_a_file_of_keys_that_is_wrong_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        KeyFile(path)
    assert str(refused.value).startswith(str(path))


def test_a_missing_file_of_keys_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"keys\.toml cannot be read as a file of keys: No such file"):
        KeyFile(tmp_path / "keys.toml")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x7f", "\ud800", "长" * 201])
def test_nobody_gets_a_key_under_a_name_that_tells_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="must be one line"):
        new_key(name, Permission.READ)


def admitted(access: Access, secret: str) -> bool:
    try:
        access.check(f"Bearer {secret}", "127.0.0.1", Permission.READ)
    except Unauthenticated:
        return False
    return True


def test_keys_are_added_and_revoked_while_the_service_runs(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    (first, first_entry), (second, second_entry) = new_key("first", Permission.READ), new_key("other", Permission.READ)
    path.write_text(first_entry, encoding="utf-8")
    access = Access(KeyFile(path, every=0))
    seen = []
    for content in (first_entry, first_entry + second_entry, second_entry, ""):
        path.write_text(content, encoding="utf-8")
        seen.append((admitted(access, first), admitted(access, second)))
    assert seen == [(True, False), (True, True), (False, True), (False, False)]
    assert access.by_key  # nobody is let in by the name of the host instead


def test_a_file_of_keys_that_breaks_leaves_the_old_ones_in_force(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    secret, good = new_key("someone", Permission.READ)
    path.write_text(good, encoding="utf-8")
    access = Access(KeyFile(path, every=0))
    with structlog.testing.capture_logs() as logged:
        for broken in (good + '[[keys]]\nsha256 = "bz_secret"\n', "keys = "):
            path.write_text(broken, encoding="utf-8")
            assert admitted(access, secret)
            assert admitted(access, secret)
        path.unlink()
        assert admitted(access, secret)
        path.write_text("", encoding="utf-8")
        assert not admitted(access, secret)
    assert [line["log_level"] for line in logged] == ["error", "error", "error", "info"]
    assert secret not in str(logged)
    assert "bz_" not in str(logged)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no /dev/fd here")
def test_keys_from_a_pipe_stay() -> None:
    """As of ``--keys-file <(decrypt keys)``: read again, a pipe is empty."""
    secret, good = new_key("someone", Permission.READ)
    reading, writing = os.pipe()
    os.write(writing, good.encode())
    os.close(writing)
    access = Access(KeyFile(Path(f"/dev/fd/{reading}"), every=0))
    assert admitted(access, secret)
    assert admitted(access, secret)
    os.close(reading)


def test_a_running_server_takes_up_a_changed_file_of_keys(bundle_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    secret, good = new_key("someone", Permission.READ)
    path.write_text(good, encoding="utf-8")
    headers = {"authorization": f"Bearer {secret}"}
    with start(bundle_folder, "--keys-file", path) as server:
        assert server.get("/v1/models", headers=headers).status_code == 200
        path.write_text("", encoding="utf-8")
        while server.get("/v1/models", headers=headers).status_code != 401:
            pass


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
