"""Settings: where each is taken from, and that the file in ``configs`` tells the truth."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from baozhai_service.settings import Settings, is_loopback

FILE = Path(__file__).parents[2] / "configs" / "service.toml"
WITHOUT_DEFAULT = {"bundle", "home", "keys_file", "labels_url"}


def documented() -> dict[str, Any]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return tomllib.loads(
        "\n".join(line.removeprefix("# ") for line in lines if " = " in line and line.startswith("# "))
    )


def test_the_file_names_every_setting_and_its_default() -> None:
    fields = Settings.model_fields
    found = documented()
    assert set(found) == set(fields)
    for name in set(fields) - WITHOUT_DEFAULT:
        default = fields[name].default
        assert found[name] == (list(default) if isinstance(default, tuple) else default), name


def test_the_file_as_it_stands_changes_nothing() -> None:
    assert Settings.load(FILE) == Settings()


def test_options_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "service.toml"
    file.write_text("port = 1\nthreads = 1\nmax_texts = 1\n", encoding="utf-8")
    monkeypatch.setenv("BAOZHAI_PORT", "2")
    monkeypatch.setenv("BAOZHAI_THREADS", "2")
    settings = Settings.load(file, port=3, host=None)
    assert (settings.port, settings.threads, settings.max_texts, settings.host) == (3, 2, 1, "127.0.0.1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("prot = 1", "prot"),
        ("port = 70000", "port"),
        ("port = [", "no TOML"),
        ("max_request_characters = 10", "max_characters"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        Settings.load(file)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.2", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
