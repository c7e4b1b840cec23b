"""The package as it is installed: wheel and sdist hold everything, and the programs run away from the source tree."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT
from tests.service.serving import Process, baozhai, started

PACKAGES = [
    ROOT / "model" / "baozhai_model",
    ROOT / "service" / "baozhai_service",
    ROOT / "training" / "baozhai_training",
]
LINE = json.dumps({"id": 1, "text": "镇党委组织党员开展主题教育学习，严肃组织生活。"}, ensure_ascii=False)


def uv(*arguments: str | Path) -> None:
    """Run uv, from its cache alone if that is enough."""
    program = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", "")]))
    if program is None:
        pytest.skip("no uv: `make test` installs it")
    command = [program, *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run([*command, "--offline"], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--python", sys.executable, "-o", folder, ROOT)
    return folder


@pytest.fixture(scope="session")
def programs(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an empty environment into which the wheel was installed, without extras."""
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = distributions.glob("*.whl")
    uv("venv", "--python", sys.executable, folder / "venv")
    locked = ("--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "-o", folder / "locked.txt")
    uv("export", "--project", ROOT, *locked)
    python = folder / "venv" / "bin" / "python"
    uv("pip", "install", "--python", python, "--no-deps", "-r", folder / "locked.txt", wheel)
    return python.parent


def run(programs: Path, folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program of the environment in ``folder``, which has nothing to do with the source tree."""
    command = [str(programs / arguments[0]), *arguments[1:]]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["BAOZHAI_HOME"] = str(folder / "home")
    return subprocess.run(
        command, input=given, capture_output=True, text=True, encoding="utf-8", check=False, cwd=folder, env=environment
    )


def test_wheel_and_sdist_hold_every_file_of_the_packages(distributions: Path) -> None:
    here = {
        path.relative_to(package.parent).as_posix()
        for package in PACKAGES
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    (wheel,), (sdist,) = distributions.glob("*.whl"), distributions.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert here - names == set()
    assert {name.partition("/")[0] for name in names} == {
        *(p.name for p in PACKAGES),
        wheel.name.rsplit("-", 3)[0] + ".dist-info",
    }
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"{package.parent.name}/{package.name}/py.typed" for package in PACKAGES} <= packed
    assert {"pyproject.toml", "README.md", "LICENSE"} <= packed


def test_only_the_base_dependencies_are_installed(programs: Path, tmp_path: Path) -> None:
    code = (
        "import importlib.util as u, baozhai_model, pathlib;"
        "print(pathlib.Path(baozhai_model.__file__).resolve());"
        "print([n for n in ('torch', 'transformers', 'pyarrow', 'sqlalchemy', 'pytest') if u.find_spec(n)])"
    )
    where, extras = run(programs, tmp_path, "python", "-c", code).stdout.splitlines()
    assert Path(where).is_relative_to(programs.parent.resolve())
    assert extras == "[]"


@pytest.mark.parametrize("program", [["baozhai"], ["python", "-m", "baozhai_service"]])
def test_the_programs_say_what_they_can_do(programs: Path, tmp_path: Path, program: list[str]) -> None:
    done = run(programs, tmp_path, *program, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("serve", "classify", "digest", "read", "score", "models", "promote"):
        assert re.search(rf"\b{command}\b", done.stdout)


def test_classify_answers_as_the_source_tree_does(programs: Path, tmp_path: Path) -> None:
    done = run(programs, tmp_path, "baozhai", "classify", "-", given=LINE)
    environment = {**os.environ, "BAOZHAI_HOME": str(tmp_path / "home")}
    here = subprocess.run(
        baozhai("classify", "-"),
        input=LINE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == here.stdout
    assert json.loads(done.stdout)["topics"] == ["党建"]


def test_a_command_of_an_extra_says_what_to_install(programs: Path, tmp_path: Path) -> None:
    for command in (["score", "x", "--out", "y"], ["labels", "export", "x"]):
        done = run(programs, tmp_path, "baozhai", *command)
        assert done.returncode == 2
        assert "pip install 'baozhai[" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture(scope="session")
def server(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("served")
    environment = {"BAOZHAI_HOME": str(folder / "home"), "PYTHONPATH": ""}
    with started([str(programs / "baozhai"), "serve", "--port", "0"], cwd=folder, env=environment) as process:
        yield process


def test_the_service_answers_from_the_default_bundle(server: Process) -> None:
    answer = server.post("/v1/classify", json={"texts": [json.loads(LINE)["text"]]})
    assert answer.json()["results"][0]["topics"] == ["党建"]
    assert server.get("/health/ready").status_code == 200
    assert server.get("/openapi.json").json()["info"]["title"] == "baozhai 报摘"


def test_a_browser_sees_a_page_with_everything_that_it_names(server: Process) -> None:
    page = server.get("/", follow_redirects=True)
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")
    named = set(re.findall(r"""(?:src|href)="(/[^"#]*)""", page.text))
    assert named
    for path in sorted(named):
        answer: httpx2.Response = server.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
