"""Without the archive extra everything else works, and the commands say what to install."""

import subprocess
import sys

HIDDEN = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pyarrow", "fsspec", "altair", "duckdb", "tqdm", "vl_convert", "jinja2"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
sys.argv[1:] = ARGUMENTS
from baozhai_service.cli import main
main()
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = HIDDEN.replace("ARGUMENTS", repr(list(arguments)))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_the_program_starts() -> None:
    assert run("--help").returncode == 0


def test_the_extra_is_named() -> None:
    for command in (["score", "x", "--out", "y"], ["report", "x"], ["digest-issue", "x", "2023-07-19"]):
        done = run(*command)
        assert done.returncode == 2
        assert "pip install 'baozhai[archive]'" in done.stderr
        assert "Traceback" not in done.stderr
