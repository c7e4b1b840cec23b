"""The archive answers as the model does, and as HTTP renders it."""

from pathlib import Path
from typing import Any

import pytest

from baozhai_model.digest.digester import Budget
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_service.api import render
from tests.service.archive.archives import score, table


def test_every_paragraph_has_the_answer_of_classify(scored: Path, model: Model) -> None:
    rows = table(scored, "paragraphs")
    headlines = {_article(row): row["headline"] for row in table(scored, "articles")}
    assert any(headlines.values())
    titles = [headlines[_article(row)] for row in rows]
    for row, answer in zip(rows, model.classify([row["text"] for row in rows], titles), strict=True):
        assert isinstance(answer, Prediction)
        expected = render.prediction(answer, "zh")
        assert {name: row[name] for name in ("topics", "confidences", "uncertain", "stage")} == {
            name: expected[name] for name in ("topics", "confidences", "uncertain", "stage")
        }


def _article(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["file"], row["line"], row["article"]


def test_pages_have_the_answer_of_read(scored: Path, archive: Path, model: Model) -> None:
    by_file: dict[str, list[dict[str, object]]] = {}
    for row in table(scored, "articles"):
        by_file.setdefault(str(row["file"]), []).append(row)
    pages = [path for path in sorted(archive.glob("晨报/202307*.txt"))]
    assert len(pages) == 8
    for path in pages:
        raw = path.read_bytes()
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        read = render.page(model.read(text, Budget(sentences=3)), "zh")["articles"]
        rows = sorted(by_file[path.relative_to(archive).as_posix()], key=lambda row: int(str(row["article"])))
        for row, article in zip(rows, read, strict=True):
            assert (row["headline"], row["topics"]) == (article["headline"], article["topics"])
            assert row["digest"] == [
                {**segment, "spans": [{"start": start, "end": end} for start, end in segment["spans"]]}
                for segment in article["digest"]
            ]


def test_offsets_slice_the_text_that_was_read(scored: Path, archive: Path) -> None:
    for row in table(scored, "paragraphs"):
        if row["file"].endswith("20230701-01.txt"):
            text = (archive / row["file"]).read_text(encoding="utf-8")
            assert "".join(text[span["start"] : span["end"]] for span in row["spans"]) == row["text"]
            assert (row["start"], row["end"]) == (row["spans"][0]["start"], row["spans"][-1]["end"])


def test_keys_are_unique(scored: Path) -> None:
    rows = table(scored, "paragraphs")
    keys = {(row["file"], row["line"], row["article"], row["paragraph"]) for row in rows}
    assert len(keys) == len(rows) > 150
    assert all(0 <= row["salience"] <= 1 for row in rows)


@pytest.mark.parametrize("threads", [0, 2])
def test_cores_do_not_change_answers(
    threads: int, archive: Path, bundle_folder: Path, scored: Path, tmp_path: Path
) -> None:
    score(archive, tmp_path / "out", bundle_folder, threads=threads)
    assert table(tmp_path / "out", "paragraphs") == table(scored, "paragraphs")
