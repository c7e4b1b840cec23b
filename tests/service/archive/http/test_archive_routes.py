"""``/v1/archive``: answers as documented, pages without gaps, and clear refusals."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from baozhai_model.model import Model
from baozhai_service.app import create_app
from baozhai_service.archive.explore.explorer import Explorer, Search
from baozhai_service.archive.explore.trends import trends
from baozhai_service.archive.http import schemas
from baozhai_service.http.auth import Access, Key, Permission
from baozhai_service.settings import Settings
from tests.service.archive.explore.conftest import explorer, papers  # noqa: F401  # fixtures
from tests.service.archive.explore.papers import STORY
from tests.service.serving import LOOPBACK, PATIENT

KEYS = {"read": "aa", "none": "bb"}


@pytest.fixture(scope="module")
def client(served_model: Model, papers: Path) -> Iterator[TestClient]:  # noqa: F811
    settings = Settings(archive=str(papers), deadline_seconds=PATIENT)
    with TestClient(create_app(served_model, settings), base_url=LOOPBACK) as opened:
        yield opened


def get(client: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    response = client.get(f"/v1/archive{path}", params=parameters)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("query", ["", "垃圾分类", "党 NOT 贷款"])
def test_pages_hold_each_hit_once(client: TestClient, query: str, sort: str) -> None:
    seen, cursor, total = [], None, None
    while True:
        page = get(client, "/search", q=query, sort=sort, limit=17, **({"cursor": cursor} if cursor else {}))
        schemas.ArchiveSearchResponse.model_validate(page)
        seen += [(hit["article"], hit["paragraph"]) for hit in page["hits"]]
        total, cursor = page["total"], page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == total
    whole = get(client, "/search", q=query, sort=sort, limit=100)["hits"]
    assert [(hit["article"], hit["paragraph"]) for hit in whole] == seen[:100]


def test_dates_are_in_their_order(client: TestClient) -> None:
    for sort, reverse in (("newest", True), ("oldest", False)):
        dates = [hit["date"] for hit in get(client, "/search", sort=sort, limit=100)["hits"] if hit["date"]]
        assert dates == sorted(dates, reverse=reverse)


def test_the_other_answers_are_as_documented(client: TestClient, explorer: Explorer) -> None:  # noqa: F811
    (hit, *_) = get(client, "/search", q=STORY[:10], role="body", sort="oldest")["hits"]
    name = hit["article"]
    schemas.ArchiveArticleResponse.model_validate(get(client, f"/articles/{name}"))
    alike = get(client, f"/articles/{name}/paragraphs/1/similar", meaning="true")
    schemas.SimilarResponse.model_validate(alike)
    assert alike["similar"][0]["meaning"] == pytest.approx(1, abs=0.01)
    assert alike["similar"][0]["repeat"]
    schemas.IssueResponse.model_validate(get(client, "/issues/2023-07-19"))
    schemas.TypicalResponse.model_validate(get(client, "/typical", topic="金融"))
    schemas.OverviewResponse.model_validate(get(client, "/overview", q="垃圾分类进小区"))
    found = get(client, "/trends", q=["垃圾", "党"])
    schemas.TrendsResponse.model_validate(found)
    assert found == json.loads(json.dumps(trends(explorer, [Search("垃圾"), Search("党")])))


@pytest.mark.parametrize(
    ("path", "kind", "begins"),
    [
        ("/chart?q=垃圾&format=svg", "image/svg+xml", b"<svg"),
        ("/chart?format=png", "image/png", b"\x89PNG"),
        ("/overview-file?q=垃圾&format=docx", "application/vnd.openxmlformats", b"PK"),
        ("/overview-file?q=垃圾", "text/markdown", b"# "),
        ("/export?q=垃圾&format=xlsx", "application/vnd.openxmlformats", b"PK"),
        ("/export?q=垃圾", "text/csv", "\ufeffarticle".encode()),
        ("/export?q=垃圾&format=parquet", "application/vnd.apache.parquet", b"PAR1"),
    ],
)
def test_files(client: TestClient, path: str, kind: str, begins: bytes) -> None:
    response = client.get(f"/v1/archive{path}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(kind)
    assert response.content.startswith(begins)


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/search?q=" + "x" * 10_000, 422, "has 10000 characters; at most 500"),
        ("/search?q=" + "x" * 10_001, 422, "at most 10000 are accepted"),
        ("/search?q=%22垃圾", 422, "is never closed"),
        ("/search?q=(((((((((((((((((((((a", 422, "more than 20 parentheses"),
        ("/search?q=" + "a " * 60, 422, "more than 50 words"),
        ("/search?q=(a*)*b", 200, '"total":0'),
        ("/search?q=OR", 422, "lacks a word"),
        ("/search?from=2023-02-01&to=2023-01-01", 422, "turned round"),
        ("/search?from=2023-02-30", 422, "is no day"),
        ("/search?topic=体育", 422, "is no topic of this archive; its topics are 党建"),
        ("/search?topic=finance", 200, '"total"'),
        ("/search?confidence=2", 422, "a number from 0 to 1"),
        ("/search?confidence=nan", 422, "a number from 0 to 1"),
        ("/search?uncertain=yes", 422, "true or false"),
        ("/search?limit=0", 422, "a whole number from 1 to 100"),
        ("/search?limit=1.5", 422, "a whole number"),
        ("/search?role=caption", 422, "must be one of body, headline"),
        ("/search?colour=red", 422, "unknown parameter; accepted are q, topic"),
        ("/search?q=a&q=b", 422, "given 2 times"),
        ("/search?cursor=abc", 422, "the cursor is none that was given"),
        ("/search?cursor=W10", 422, "the cursor is none that was given"),
        ("/trends?" + "q=a&" * 7, 422, "at most 6"),
        ("/trends?period=week", 422, "day, month, year"),
        ("/articles/0123456789abcdef", 404, "there is no article"),
        ("/articles/0123456789abcdef/paragraphs/1/similar", 404, "there is no article"),
        ("/issues/2020-01-01", 404, "the nearest days are"),
        ("/issues/yesterday", 422, "is no day"),
        ("/overview?q=没有这样的词", 404, "widen"),
        ("/export?format=pdf", 422, "csv, xlsx, jsonl, parquet"),
    ],
)
def test_what_cannot_be_answered_says_why(client: TestClient, path: str, status: int, told: str) -> None:
    response = client.get(f"/v1/archive{path}")
    assert response.status_code == status, response.text
    assert told in response.text
    if status != 200:
        assert response.headers["content-type"] == "application/problem+json"


def test_a_cursor_is_of_one_search(client: TestClient) -> None:
    cursor = get(client, "/search", q="党", limit=1)["next"]
    response = client.get("/v1/archive/search", params={"q": "金融", "limit": 1, "cursor": cursor})
    assert response.status_code == 422
    assert "of another search" in response.text


def test_openapi_has_every_route(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path in ("search", "trends", "articles/{article}", "issues/{date}", "export", "overview"):
        operation = paths[f"/v1/archive/{path}"]["get"]
        assert {"200", "422"} <= operation["responses"].keys()
    names = [each["name"] for each in paths["/v1/archive/search"]["get"]["parameters"]]
    assert names[:3] == ["q", "topic", "confidence"]


def test_without_an_index_the_service_says_what_to_do(served_model: Model, papers: Path, tmp_path: Path) -> None:  # noqa: F811
    out = shutil.copytree(papers, tmp_path / "out")
    shutil.rmtree(out / ".baozhai" / "search")
    with TestClient(create_app(served_model, Settings(archive=str(out))), base_url=LOOPBACK) as client:
        response = client.get("/v1/archive/search")
        assert response.status_code == 503
        assert f"baozhai index {out}" in response.json()["detail"]
        shutil.copytree(papers / ".baozhai" / "search", out / ".baozhai" / "search")
        assert client.get("/v1/archive/search").status_code == 200


def test_a_key_of_the_read_role_is_needed(served_model: Model, papers: Path) -> None:  # noqa: F811
    import hashlib

    key = Key("a", Permission.READ, hashlib.sha256(b"secret").hexdigest())
    app = create_app(served_model, Settings(archive=str(papers)), Access([key]))
    with TestClient(app, base_url=LOOPBACK) as client:
        assert client.get("/v1/archive/search").status_code == 401
        answer = client.get("/v1/archive/search", headers={"authorization": "Bearer secret"})
        assert answer.status_code == 200
