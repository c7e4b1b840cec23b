"""Sessions: signed, bounded in time, and bound to a key that is in force."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from baozhai_service.http.auth import Key, Permission
from baozhai_service.http.sessions import Sessions

KEY = Key("editor", Permission.LABEL, "a" * 64)
OTHER = Key("reader", Permission.READ, "b" * 64)


def test_a_session_is_that_of_its_key() -> None:
    sessions = Sessions()
    cookie = sessions.issue(KEY)
    session = sessions.read(cookie, [OTHER, KEY])
    assert session is not None
    assert session.key == KEY
    assert KEY.sha256 not in cookie
    assert sessions.read(cookie, [OTHER]) is None  # withdrawn
    assert Sessions().read(cookie, [KEY]) is None  # another service's
    assert Sessions(seconds=-1.0).issue(KEY) != cookie
    expired = Sessions(b"s" * 32, seconds=-1.0).issue(KEY)
    assert Sessions(b"s" * 32).read(expired, [KEY]) is None


def test_services_of_one_home_share_their_sessions(tmp_path: Path) -> None:
    cookie = Sessions.kept_in(tmp_path / "home", 60.0).issue(KEY)
    assert Sessions.kept_in(tmp_path / "home", 60.0).read(cookie, [KEY]) is not None
    assert (tmp_path / "home" / "session.key").stat().st_mode & 0o077 == 0
    (tmp_path / "file").write_text("")
    assert Sessions.kept_in(tmp_path / "file" / "home", 60.0).issue(KEY)  # cannot be written: a secret of its own


@given(st.text(max_size=120), st.integers(0, 200))
def test_nothing_else_is_a_session(given_text: str, place: int) -> None:
    sessions = Sessions(b"s" * 32)
    cookie = sessions.issue(KEY)
    assert sessions.read(given_text, [KEY]) is None
    changed = cookie[:place] + "~" + cookie[place + 1 :]
    if changed != cookie:
        assert sessions.read(changed, [KEY]) is None
    assert not sessions.is_csrf(given_text, cookie)
    assert sessions.is_csrf(sessions.csrf(cookie), cookie)
    assert not sessions.is_csrf(sessions.csrf(None), cookie)
