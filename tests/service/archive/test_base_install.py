"""Without an extra everything else works, and the commands say what to install."""

import subprocess
import sys
from pathlib import Path

ARCHIVE = ("pyarrow", "fsspec", "altair", "duckdb", "tqdm", "vl_convert", "jinja2")
PROGRAM = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
sys.argv[1:] = ARGUMENTS
from baozhai_service.cli import main
main()
"""


def run(*arguments: str, hidden: tuple[str, ...] = ARCHIVE) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.replace("ARGUMENTS", repr(list(arguments))).replace("HIDDEN", repr(hidden))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_the_program_starts() -> None:
    assert run("--help").returncode == 0


def test_the_extra_is_named() -> None:
    for command in (["score", "x", "--out", "y"], ["report", "x"], ["digest-issue", "x", "2023-07-19"]):
        done = run(*command)
        assert done.returncode == 2
        assert "pip install 'baozhai[archive]'" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_extra_of_a_runtime_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "党支部组织学习。"}', encoding="utf-8")
    command = ["score", f"{tmp_path}/a.jsonl", "--out", f"{tmp_path}/out", "--runtime", "openvino-bf16"]
    done = run(*command, hidden=("openvino",))
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'baozhai[openvino]'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_extra_of_an_engine_is_named(tmp_path: Path) -> None:
    done = run("score", f"{tmp_path}", "--out", f"{tmp_path}/out", "--engine", "ray", hidden=("ray",))
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'baozhai[ray]'" in done.stderr
