"""Settings: where each is taken from, and that the file in ``configs`` tells the truth."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from baozhai_service.settings import Settings, is_loopback

FILE = Path(__file__).parents[2] / "configs" / "service.toml"
WITHOUT_DEFAULT = {"archive", "archive_index", "bundle", "home", "keys_file", "labels_url"}


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
        ("prot = 1", "prot is not a setting; did you mean port\\? Settings are host, port, .*log_level$"),
        ("port = 70000", "port"),
        ("port = [", "not a TOML file"),
        ("max_request_characters = 10", "max_characters"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        Settings.load(file)


def test_limits_agree_wherever_each_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "service.toml"
    for in_file, value, variable, said in (
        ("max_request_characters", 400_000, "BAOZHAI_MAX_CHARACTERS", 300_000),
        ("max_characters", 300_000, "BAOZHAI_MAX_REQUEST_CHARACTERS", 400_000),
    ):
        file.write_text(f"{in_file} = {value}\n", encoding="utf-8")
        with monkeypatch.context() as environment:
            environment.setenv(variable, str(said))
            settings = Settings.load(file)
        assert (settings.max_characters, settings.max_request_characters) == (300_000, 400_000)


@pytest.mark.parametrize("name", ["BAOZHAI_PROT", "baozhai_prot"])
def test_a_misspelt_variable_is_refused_with_what_it_may_mean(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "5")
    with pytest.raises(ValueError, match=rf"^{name} is not a setting; .*BAOZHAI_PORT.*BAOZHAI_LOG_LEVEL$"):
        Settings.load()


def test_variables_of_others_are_no_misspelt_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOZHAI_SERVICE_HOST", "10.0.0.1")  # of Kubernetes
    monkeypatch.setenv("BAOZHAI_PORT_8000_TCP_ADDR", "10.0.0.1")
    assert Settings.load() == Settings()


@pytest.mark.parametrize(
    ("name", "given", "accepted"),
    [
        ("PORT", "70000", "a whole number from 0 to 65535"),
        ("PORT", "true", "a whole number from 0 to 65535"),
        ("MAX_TEXTS", "many", "a whole number of at least 1"),
        ("DEADLINE_SECONDS", "inf", "a number above 0 and at most 604800"),
        ("DEADLINE_SECONDS", "1e300", "a number above 0 and at most 604800"),
        ("DRAIN_SECONDS", "inf", "a number from 0 to 604800"),
        ("STUCK_SECONDS", "nan", "a number above 0 and at most 604800"),
        ("LOG_LEVEL", "loud", "debug or info or warning or error"),
        ("RUNTIME", "cuda", "onnxruntime or openvino-bf16"),
        ("CORS_ORIGINS", "[x", "a list of names, or names separated by commas"),
        ("HOST", " ", "text that is not blank"),
    ],
)
def test_a_wrong_variable_is_told_what_would_be_accepted(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, accepted: str
) -> None:
    monkeypatch.setenv(f"BAOZHAI_{name}", given)
    with pytest.raises(ValueError, match="not accepted") as refused:
        Settings.load()
    assert str(refused.value) == f"BAOZHAI_{name}: {given!r} is not accepted; it must be {accepted}"


def test_every_wrong_setting_is_told_of_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "service.toml"
    file.write_text("port = true\ndrain_seconds = nan\nkeys_file = 3\n", encoding="utf-8")
    monkeypatch.setenv("BAOZHAI_MAX_TEXTS", "0")
    with pytest.raises(ValueError, match="not accepted") as refused:
        Settings.load(file, host="")
    assert sorted(str(refused.value).splitlines()) == sorted(
        [
            "--host: '' is not accepted; it must be text that is not blank",
            f"{file}: port: true is not accepted; it must be a whole number from 0 to 65535",
            f"{file}: drain_seconds: nan is not accepted; it must be a number from 0 to 604800",
            f"{file}: keys_file: 3 is not accepted; it must be a path",
            "BAOZHAI_MAX_TEXTS: '0' is not accepted; it must be a whole number of at least 1",
        ]
    )


def test_limits_that_disagree_are_named_with_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "service.toml"
    file.write_text("max_characters = 9\n", encoding="utf-8")
    monkeypatch.setenv("BAOZHAI_MAX_REQUEST_CHARACTERS", "8")
    with pytest.raises(ValueError, match="max_characters is 9 but max_request_characters is 8") as refused:
        Settings.load(file)
    assert str(refused.value).startswith(f"{file}: max_characters and BAOZHAI_MAX_REQUEST_CHARACTERS: ")


@pytest.mark.parametrize("given", ["a.example,b.example", " a.example , b.example,", '["a.example", "b.example"]'])
def test_the_environment_lists_by_commas_or_in_json(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("BAOZHAI_ALLOWED_HOSTS", given)
    assert Settings.load().allowed_hosts == ("a.example", "b.example")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"BAOZHAI_{name.upper()}", "")
    assert Settings.load().model_fields_set == set()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.2", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_what_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
