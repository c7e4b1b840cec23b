"""HTTP and the archive answer as the model does, whatever stage decides."""

from pathlib import Path

from starlette.testclient import TestClient

from baozhai_model.digest.digester import Budget
from baozhai_model.model import Model
from baozhai_service.api import render
from baozhai_service.app import create_app
from baozhai_service.archive.settings import ScoreSettings
from baozhai_service.batching.encoder_worker import canary_of
from tests.service.archive.archives import score, table
from tests.service.encoders import Recording
from tests.service.serving import LOOPBACK
from tests.tiny import labelled_paragraphs

TEXTS = [str(row["text"]) for row in labelled_paragraphs()]


def test_http_answers_as_the_model_does(staged_folder: Path, staged_model: Model) -> None:
    expected = [render.prediction(answer, "zh") for answer in staged_model.classify(TEXTS[:90])]
    assert {answer["stage"] for answer in expected} == {1, 2, 3}
    with TestClient(create_app(Model.load(staged_folder)), base_url=LOOPBACK) as client:
        together = client.post("/v1/classify", json={"texts": TEXTS[:90]}).json()["results"]
        alone = [client.post("/v1/classify", json={"texts": [text]}).json()["results"][0] for text in TEXTS[:30]]
    assert together == expected
    assert alone == expected[:30]


def test_the_archive_answers_as_the_model_does(
    archive: Path, staged_folder: Path, staged_model: Model, tmp_path: Path
) -> None:
    score(archive, tmp_path / "digested", staged_folder)
    score(archive, tmp_path / "topics", staged_folder, ScoreSettings(shard_bytes=4000, digests=False))
    rows, bare = (
        sorted(table(tmp_path / name, "paragraphs"), key=lambda row: (str(_article(row)), row["paragraph"]))
        for name in ("digested", "topics")
    )
    assert [{**row, "salience": None} for row in rows] == bare
    headlines = {_article(row): row["headline"] for row in table(tmp_path / "digested", "articles")}
    titles = [headlines[_article(row)] for row in rows]
    answers = staged_model.classify([row["text"] for row in rows], titles)
    for row, answer in zip(rows, answers, strict=True):
        expected = render.prediction(answer, "zh")
        assert {name: row[name] for name in ("topics", "confidences", "uncertain", "stage")} == {
            name: expected[name] for name in ("topics", "confidences", "uncertain", "stage")
        }
    assert {row["stage"] for row in rows} == {1, 2, 3}
    page = archive / "晨报" / "20230701-01.txt"
    read = render.page(staged_model.read(page.read_text(encoding="utf-8"), Budget(sentences=3)), "zh")["articles"]
    written = [row for row in table(tmp_path / "digested", "articles") if row["file"].endswith(page.name)]
    for row, article in zip(sorted(written, key=lambda row: int(row["article"])), read, strict=True):
        assert [piece["text"] for piece in row["digest"]] == [piece["text"] for piece in article["digest"]]
        assert [piece["salience"] for piece in row["digest"]] == [piece["salience"] for piece in article["digest"]]


def test_the_last_stage_is_part_of_an_archives_identity(archive: Path, staged_folder: Path, tmp_path: Path) -> None:
    for stages in (3, 1):
        outcome = score(archive, tmp_path / "out", staged_folder, ScoreSettings(shard_bytes=4000, stages=stages))
        assert outcome.kept == 0
    assert {row["stage"] for row in table(tmp_path / "out", "paragraphs")} == {1}


def test_encoders_never_share_a_pass(staged_folder: Path) -> None:
    model = Model.load(staged_folder)
    large = model.bundle.large
    assert large is not None
    recording = Recording(large.load())
    large._encoder = recording  # type: ignore[assignment]
    windows = {tuple(window) for text in TEXTS for window in large.reader.pairs(text, None)}
    with TestClient(create_app(model), base_url=LOOPBACK) as client:
        assert client.post("/v1/classify", json={"texts": TEXTS[:100]}).status_code == 200
    (canary,) = canary_of(model, large.encode)
    assert recording.batches[0] == [tuple(canary)]  # it is tried before it is asked
    assert {window for batch in recording.batches[1:] for window in batch} <= windows


def _article(row: dict) -> tuple:
    return row["file"], row["line"], row["article"]
