"""The command line: one line out per line in, in order; exit statuses; the same bytes as HTTP."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from starlette.testclient import TestClient
from typer.testing import CliRunner

from baozhai_service.cli import app
from tests.service.serving import baozhai

TEXT = "证券营业部下调贷款利率、扩大融资规模。"
PAGE = "县城管局推行一窗受理\n    县城管局推行一窗受理方便群众\n办事，取得了明显成效。\n（责任编辑 王五）\n"


@pytest.fixture
def run(bundle_folder: Path) -> Any:
    def invoke(*arguments: str | Path, given: bytes = b"") -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--bundle", str(bundle_folder)], input=given)

    return invoke


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def parsed(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_classify_gives_a_line_per_line_in_order(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(lines(*({"id": number, "text": TEXT * (number % 7 + 1)} for number in range(100))))
    result = run("classify", file)
    assert result.exit_code == 0
    answers = parsed(result)
    assert [answer["id"] for answer in answers] == list(range(100))
    for answer in answers:
        assert list(answer) == ["id", "model_version", "topics", "confidences", "uncertain", "stage", "coverage"]


def test_the_same_text_gives_the_same_bytes_as_over_http(run: Any, client: TestClient) -> None:
    for given in ({"text": TEXT}, {"text": TEXT, "title": "一则通知"}):
        out = run("classify", "-", given=lines({"id": 1, **given})).stdout.strip()
        over_http = client.post("/v1/classify", json={"texts": [TEXT], "title": given.get("title")}).text
        version, result = over_http.split('"results":[')
        assert out == '{"id":1,' + version.removeprefix("{") + result.removesuffix("]}").removeprefix("{")
    request = {"text": TEXT * 5, "max_sentences": 1}
    digest = run("digest", "-", given=lines({"id": "x", **request})).stdout.strip()
    assert digest == '{"id":"x",' + client.post("/v1/digest", json=request).text.removeprefix("{")


BAD = {
    "a title that is no text": b'{"text": "' + TEXT.encode() + rb'", "title": "\ud800"}',
    "no JSON": b"{",
    "not UTF-8": '{"text": "文"}'.encode("gbk"),
    "a list": b"[]",
    "no text": b'{"id": 2}',
    "an empty text": b'{"id": 2, "text": ""}',
    "a number": b'{"id": 2, "text": 5}',
    "an unknown field": b'{"id": 2, "text": "a", "tpoic": 1}',
    "half a surrogate pair": b'{"id": 2, "text": "\\ud800"}',
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["classify", "digest"])
def test_a_bad_line_is_an_error_line_and_the_rest_goes_through(run: Any, command: str, name: str) -> None:
    good = {"id": 1, "text": TEXT}
    result = run(command, "-", given=lines(good) + BAD[name] + b"\n" + lines({**good, "id": 3}))
    first, bad, last = parsed(result)
    assert result.exit_code == 1
    assert {**first, "id": 0} == {**last, "id": 0}
    assert set(bad) == {"id", "error"}
    assert bad["id"] in (2, None)
    assert set(bad["error"]) == {"type", "detail"}
    assert bad["error"]["detail"].startswith("line 2: ")
    assert "1 of 3 lines" in result.stderr


@pytest.mark.parametrize("command", ["classify", "digest"])
def test_blank_lines_are_passed_over_and_counted_where_one_is_named(run: Any, command: str) -> None:
    result = run(command, "-", given=b"\n" + lines({"id": 1, "text": TEXT}) + b" \r\n{\n\n")
    good, bad = parsed(result)
    assert good["id"] == 1
    assert bad["error"]["detail"].startswith("line 4: it is not JSON: Expecting property name")
    assert bad["error"]["detail"].endswith("at column 2")
    assert "1 of 2 lines" in result.stderr


@pytest.mark.parametrize("identity", [None, 7, "七", ["a", 1], {"page": 3}, 1.5, "\ud800"])
def test_an_id_comes_back_as_it_is(run: Any, identity: Any) -> None:
    given = json.dumps({"id": identity, "text": TEXT}).encode()
    assert parsed(run("classify", "-", given=given))[0]["id"] == identity


def test_the_last_line_may_lack_its_break_and_the_first_have_a_mark(run: Any) -> None:
    result = run("classify", "-", given=b"\xef\xbb\xbf" + lines({"id": 1, "text": TEXT}).rstrip())
    assert (result.exit_code, len(parsed(result))) == (0, 1)


def test_no_lines_are_no_lines(run: Any) -> None:
    result = run("classify", "-")
    assert (result.exit_code, result.stdout) == (0, "")


def test_topics_by_id_and_evidence_on_request(run: Any) -> None:
    (answer,) = parsed(run("classify", "-", "--names", "id", "--evidence", given=lines({"text": TEXT})))
    assert "finance" in answer["confidences"]
    assert "evidence" in answer


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_read_prints_the_page_whatever_its_encoding(
    run: Any, client: TestClient, tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "page.txt"
    file.write_bytes(PAGE.encode(encoding))
    result = run("read", file, "--max-sentences", "1")
    expected = client.post("/v1/read", json={"text": PAGE, "digest": {"max_sentences": 1}})
    assert result.exit_code == 0
    assert result.stdout.strip() == expected.text


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["classify", "nowhere.jsonl"], 2, "nowhere.jsonl cannot be read"),
        (["classify", "-", "--names", "en"], 2, "must be zh or id"),
        (["read", "-"], 1, "the text is empty"),
        (["read", "-", "--topic", "体育"], 2, "no topic of this model"),
        (["read", "-", "--topic", "长" * 101], 2, "baozhai: --topic: has 101 characters"),
        (["read", "-", "--max-sentences", "0"], 2, "baozhai: --max-sentences: is 0; it must be at least 1"),
        (["read", "-", "--max-sentences", "1", "--max-characters", "9"], 2, "not both"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run: Any, arguments: list[str], status: int, said: str) -> None:
    given = b"" if arguments == ["read", "-"] else PAGE.encode()
    result = run(*arguments, given=given)
    assert result.exit_code == status
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_read_takes_a_page_in_big5(run: Any) -> None:
    text = "議事亭建起來\n\n居民有事到亭裡商量，網格員每週三下午坐班，已經解決停車等問題四十餘件。\n"
    (answer,) = parsed(run("read", "-", given=text.encode("big5")))
    assert answer["articles"][0]["headline"] == "議事亭建起來"


def test_text_in_no_encoding_that_is_read_is_refused(run: Any) -> None:
    result = run("read", "-", given=b"\xff\xff\xff")
    assert (result.exit_code, "neither UTF-8 nor GB18030" in result.stderr) == (1, True)


@pytest.mark.parametrize("config", ["nowhere.toml", "."])
def test_a_settings_file_that_cannot_be_read_is_named(config: str) -> None:
    result = CliRunner().invoke(app, ["serve", "--config", config])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"baozhai: {config} cannot be read: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_output_that_cannot_be_written_is_told_of(bundle_folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            baozhai("classify", "-", "--bundle", bundle_folder),
            input=lines({"text": TEXT}), stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == b"baozhai: standard output cannot be written: No space left on device\n"


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["classify", "-", "--bundle", str(tmp_path)], input=b"")
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr


@pytest.mark.parametrize("role", ["read", "label", "operate"])
def test_a_new_key_is_shown_once_and_only_its_hash_is_to_be_kept(role: str) -> None:
    result = CliRunner().invoke(app, ["new-key", "编辑部", "--role", role])
    secret = result.stderr.strip().rpartition(" ")[2]
    assert secret.startswith("bz_")
    assert secret not in result.stdout
    assert f'role = "{role}"' in result.stdout


def test_a_pipe_gets_its_answer_before_it_closes(bundle_folder: Path) -> None:
    command = baozhai("classify", "-", "--bundle", bundle_folder)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for identity in (1, 2):
            process.stdin.write(lines({"id": identity, "text": TEXT}))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == identity
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("baozhai_service.server", ["torch", "transformers", "datasets", "sklearn", "polars"]),
        ("baozhai_service.api.operations", ["fastapi", "starlette", "uvicorn", "torch", "transformers"]),
    ],
)
def test_nothing_is_imported_that_is_not_needed(module: str, absent: list[str]) -> None:
    code = f"import sys, {module}; found = set({absent!r}) & set(sys.modules); assert not found, found"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
