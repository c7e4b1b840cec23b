"""Labels by HTTP and from files, in SQLite and in a real PostgreSQL."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as checked
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typer.testing import CliRunner

from baozhai_model.bundle import DEFAULT_BUNDLE
from baozhai_service.app import create_app
from baozhai_service.cli import app as command_line
from baozhai_service.http.auth import Access, Key, Permission
from baozhai_service.http.auth import new_key as make_key
from baozhai_service.labels.database import LabelDatabase, metadata
from baozhai_service.labels.records import Label, Prediction
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings
from tests.service.serving import LOOPBACK

sa = pytest.importorskip("sqlalchemy")


def program(name: str) -> str:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*map(str, places), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"no {name}: install Debian's package postgresql to test the label store on PostgreSQL")
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own, reached through a socket in its folder."""
    initdb, server = program("initdb"), program("postgres")
    folder = Path(tempfile.mkdtemp(prefix="baozhai-postgres-"))
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        try:
            user = pwd.getpwnam("postgres").pw_name
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        shutil.chown(folder, user)
    made = subprocess.run(
        [initdb, "-D", folder / "data", "-A", "trust", "-U", "baozhai", "-E", "UTF8", "--locale=C", "--no-sync"],
        capture_output=True, text=True, user=user, cwd=folder, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    command = [server, "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-c", "logging_collector=off"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, user=user, cwd=folder) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "ready to accept connections" in line:
                break
        yield f"postgresql+psycopg://baozhai@/postgres?host={folder}"
        process.terminate()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'labels.db'}"
        return
    address = request.getfixturevalue("postgres")
    yield address
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)
PREDICTIONS = st.builds(
    Prediction,
    TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
    st.dictionaries(TEXT, st.floats(0, 1), max_size=4),
)
LABELS = st.builds(
    Label,
    st.uuids().map(lambda each: each.hex),
    TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
    TEXT,
    st.datetimes().map(lambda at: at.isoformat()),
    st.none() | TEXT,
    st.just("") | TEXT,
    st.none() | PREDICTIONS,
)


@checked(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(given_labels=st.lists(LABELS, max_size=5, unique_by=lambda label: label.id))
def test_what_goes_in_comes_out_in_order_and_once(url: str, given_labels: list[Label]) -> None:
    database = LabelDatabase(url)
    before = {label.id for label in database.all()}
    new = [label for label in given_labels if label.id not in before]
    assert database.add(given_labels) == len(new)
    assert database.add(given_labels) == 0
    assert [label for label in database.all() if label.id not in before] == new
    database.close()


@given(LABELS)
def test_a_label_survives_json(label: Label) -> None:
    assert Label.from_json(json.loads(json.dumps(label.to_json()))) == label


def test_the_migrations_make_the_table_that_the_code_uses(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    LabelDatabase(url).close()
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_many_writers_lose_nothing(url: str) -> None:
    database = LabelDatabase(url)
    with ThreadPoolExecutor(6) as pool:
        kept = list(pool.map(lambda i: database.add([Label.new(f"第{i}段", (), "editor")]), range(60)))
    assert sum(kept) == 60
    assert sorted(label.text for label in database.all()) == sorted(f"第{i}段" for i in range(60))
    pages = [label for start in (0, 25, 50) for _, label in database.page(start, 25)]
    assert len({label.id for label in pages}) == 60
    database.close()


@pytest.fixture
def client(url: str, bundle_folder: Path, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(home=tmp_path / "home", bundle=bundle_folder, labels_url=url)
    resources = Resources(tmp_path / "home", settings)
    with TestClient(create_app(resources.live, settings, resources=resources), base_url=LOOPBACK) as client:
        yield client


FINANCE = "农商银行向小微企业发放信用贷款，取得了明显成效。"


def test_a_label_keeps_who_when_and_what_the_model_said(client: TestClient) -> None:
    given_labels = [
        {"text": FINANCE, "topics": ["金融", "finance"], "source": "daily"},
        {"text": "果农进城。", "topics": []},
    ]
    response = client.post("/v1/labels", json={"labels": given_labels})
    assert response.status_code == 200, response.text
    first, second = response.json()["labels"]
    assert (first["topics"], second["topics"], first["who"], first["source"]) == (["finance"], [], "local", "daily")
    assert first["prediction"]["model_version"] == response.json()["model_version"]
    assert first["prediction"]["topics"] == ["finance"]
    assert set(first["prediction"]["confidences"]) == {"party_building", "governance", "finance", "ecology"}
    page = client.get("/v1/labels?limit=1").json()
    assert page["labels"] == [first]
    assert client.get(f"/v1/labels?after={page['next']}").json() == {"labels": [second], "next": None}


@pytest.mark.parametrize(
    "labels",
    [
        [{"text": FINANCE, "topics": ["体育"]}],
        [{"text": FINANCE, "topics": ["金融"]}, {"text": "  ", "topics": []}],
        [{"text": FINANCE + "\x00", "topics": []}],
        [{"text": FINANCE}],
        [{"text": FINANCE, "topics": None}],
        [],
    ],
)
def test_a_bad_label_is_refused_and_none_is_kept(client: TestClient, labels: list[dict[str, object]]) -> None:
    response = client.post("/v1/labels", json={"labels": labels})
    assert (response.status_code, response.json()["type"]) == (422, "urn:baozhai:problem:invalid_request")
    assert client.get("/v1/labels").json()["labels"] == []


def test_a_topic_that_the_model_does_not_have_yet_is_taken_when_meant(client: TestClient) -> None:
    body = {"labels": [{"text": "足球队赢了。", "topics": ["体育", "治理"]}], "new_topics": True}
    assert client.post("/v1/labels", json=body).json()["labels"][0]["topics"] == ["体育", "governance"]


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001", "limit=x", "after=9999999999999999999"])
def test_a_page_that_cannot_be_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/labels?{query}").status_code == 422


def test_readers_hand_in_no_labels(bundle_folder: Path, tmp_path: Path) -> None:
    secret, entry = make_key("reader", Permission.READ)
    access = Access([Key("reader", Permission.READ, entry.split('sha256 = "')[1][:64])])
    settings = Settings(home=tmp_path, bundle=bundle_folder)
    resources = Resources(tmp_path, settings)
    headers = {"Authorization": f"Bearer {secret}"}
    with TestClient(create_app(resources.live, settings, access, resources), base_url=LOOPBACK) as client:
        body = {"labels": [{"text": FINANCE, "topics": []}]}
        assert client.post("/v1/labels", json=body, headers=headers).status_code == 403
        assert client.get("/v1/labels", headers=headers).status_code == 403
    assert not (tmp_path / "labels.db").exists()


def test_a_store_that_cannot_be_reached_is_a_503(bundle_folder: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, bundle=bundle_folder, labels_url=f"sqlite:///{tmp_path}/no/such/labels.db")
    resources = Resources(tmp_path, settings)
    with TestClient(create_app(resources.live, settings, resources=resources), base_url=LOOPBACK) as client:
        response = client.get("/v1/labels")
    assert (response.status_code, response.json()["type"]) == (503, "urn:baozhai:problem:label_store_down")
    assert str(tmp_path) not in response.text


def test_export_and_import_lose_nothing(url: str, tmp_path: Path) -> None:
    database = LabelDatabase(url)
    said = Prediction("v1", ("finance",), {"finance": 0.1 + 0.2})
    older = Label.new(FINANCE, ("finance",), "甲", prediction=said, title="银行")
    newer = Label.new(FINANCE, (), "乙")
    database.add([older, newer, Label.new("另一段\n两行", ("a", "b"), "丙", source="日报")])
    database.close()
    other = f"sqlite:///{tmp_path / 'other.db'}"

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(command_line, ["labels", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    file = tmp_path / "labels.jsonl"
    run("export", str(file), "--url", url)
    assert "3 of 3 labels are new" in run("import", str(file), "--url", other)
    assert "0 of 3 labels are new" in run("import", str(file), "--url", other)
    copied = LabelDatabase(other)
    assert list(copied.all())[:2] == [older, newer]
    assert copied.latest()[0] == newer
    copied.close()
    run("export", str(tmp_path / "again.jsonl"), "--url", other)
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "rejected"),
    [
        (
            "labels.csv",
            "正文,标签\n银行发放贷款。,金融\n支部学习。,党建、Governance\n下雨了。,体育\n",
            "row 4: unknown topic",
        ),
        (
            "labels.jsonl",
            '{"text": "银行发放贷款。", "label": ["finance"]}\n{"text": "支部学习。", "label": "党建#治理"}\n{\n',
            "row 3: not JSON",
        ),
        ("labels.csv", 'text,label\n银行发放贷款。,金融\n支部学习。,"党建\n治理"\n"散会。,党建\n', "row 4: no CSV row"),
    ],
)  # fmt: skip
def test_a_table_is_imported_and_each_bad_row_named(name: str, content: str, rejected: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'labels.db'}"
    arguments = ["labels", "import", str(tmp_path / name), "--url", url, "--who", "甲", "--bundle", str(DEFAULT_BUNDLE)]
    for new in (2, 0):
        result = CliRunner().invoke(command_line, arguments)
        assert result.exit_code == 1
        assert f"{new} of 2 labels are new" in result.output
        assert rejected in result.stderr
    database = LabelDatabase(url)
    kept = [(label.text, label.topics, label.who) for label in database.all()]
    database.close()
    assert kept == [("银行发放贷款。", ("finance",), "甲"), ("支部学习。", ("party_building", "governance"), "甲")]


def test_an_export_with_a_damaged_line_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text('{"text": "甲", "topics": [], "who": "乙"}\n', encoding="utf-8")
    result = CliRunner().invoke(
        command_line, ["labels", "import", str(file), "--url", f"sqlite:///{tmp_path / 'labels.db'}"]
    )
    assert result.exit_code == 1
    assert "line 1" in result.output


def test_without_the_extra_it_is_named(tmp_path: Path) -> None:
    without = (
        "import sys; sys.modules.update(sqlalchemy=None, alembic=None); from baozhai_service.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", without, "labels", "export", tmp_path / "out.jsonl"],
        capture_output=True, text=True, check=False, env={**os.environ, "BAOZHAI_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "baozhai: sqlalchemy is not installed; it comes with: pip install 'baozhai[labels]'\n"


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_store_that_cannot_be_opened_is_told_of_in_one_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "file.jsonl").touch()
    url = f"sqlite:///{tmp_path}/nowhere/labels.db"
    result = CliRunner().invoke(command_line, ["labels", command, str(tmp_path / "file.jsonl"), "--url", url])
    assert result.exit_code == 2
    assert result.stderr.startswith("baozhai: the label store cannot be used: ")
    assert result.stderr.count("\n") == 1


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "labels.jsonl").write_bytes(b"\xff\n")
    url = f"sqlite:///{tmp_path}/labels.db"
    result = CliRunner().invoke(command_line, ["labels", "import", str(tmp_path / "labels.jsonl"), "--url", url])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"baozhai: {tmp_path / 'labels.jsonl'} line 1: ")
    assert result.stderr.count("\n") == 1
