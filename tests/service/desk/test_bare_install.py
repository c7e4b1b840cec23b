"""The desk of a bare install: every page opens, and says in one line what to install for the rest."""

import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from baozhai_service.app import create_app
from baozhai_service.resources import Resources
from baozhai_service.settings import Settings
from tests.service.serving import LOOPBACK

EXTRAS = ("sqlalchemy", "alembic", "torch", "docx", "pyarrow", "duckdb", "pypdfium2")


def test_pages_open_and_name_the_extra(bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in EXTRAS:
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    settings = Settings(home=tmp_path, bundle=bundle_folder)
    resources = Resources(tmp_path, settings)
    with TestClient(create_app(resources.live, settings, resources=resources), base_url=LOOPBACK) as client:
        for path in ("/", "/verify", "/docs"):
            assert client.get(path).status_code == 200
        assert "pip install 'baozhai[labels]'" in client.get("/label").text
        models = client.get("/models").text
        assert "baozhai[training,labels]" in models
        assert 'make serve EXTRAS="labels training"' in models
        token = models.split('name="csrf" content="')[1].split('"')[0]
        asked = {"format": "docx", "title": "甲", "sections": []}
        refused = client.post("/desk/export", json=asked, headers={"x-csrf-token": token})
        assert refused.status_code == 422
        assert "baozhai[documents]" in refused.json()["detail"]
        assert client.post("/desk/export", json=asked).status_code == 403  # not from a page of ours
        static = models.split('rel="stylesheet" href="')[1].split('"')[0]
        style = client.get(static)
        assert style.headers["cache-control"].endswith("immutable")
        assert client.get("/static/x/../../app.py").status_code == 404


def test_a_browser_gets_a_page_where_there_is_nothing_and_a_program_a_problem(client: TestClient) -> None:
    page = client.get("/nowhere", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "没有这一页" in page.text
    assert client.get("/nowhere").headers["content-type"] == "application/problem+json"
