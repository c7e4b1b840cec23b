"""What a student is taught: unlabelled paragraphs from every source, and none that people labelled."""

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from baozhai_model.bundle import read_manifest
from baozhai_training.cli import app
from baozhai_training.data.corpus import Document
from baozhai_training.data.labels import LabelledParagraph
from baozhai_training.data.unlabelled import Unlabelled, draw, fingerprint
from tests import tiny
from tests.training.encoders import random_bert
from tests.training.tables import labels_csv, own_rows

SIZES = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 60))
SENTENCE = "{source}第{number}号：今天下午，街道办组织居民代表到河边查看了新修的步道和护栏。"


def documents(**sizes: int) -> list[Document]:
    """One-paragraph documents of each source."""
    return [
        Document(SENTENCE.format(source=source, number=number), f"题{number}", source=source)
        for source, size in sizes.items()
        for number in range(size)
    ]


def drawn_from(given: list[Document], count: int, *labelled: LabelledParagraph, seed: int = 1) -> list[Unlabelled]:
    """A draw, whatever fits."""
    (drawn,) = draw(given, count, labelled, lambda _: True, rounds=1, seed=seed)
    return drawn


def test_small_sources_are_not_drowned() -> None:
    drawn = drawn_from(documents(large=900, small=100), 100)
    assert Counter(paragraph.text[:5] for paragraph in drawn) == {"large": 75, "small": 25}
    assert all(paragraph.title and paragraph.title[1:] in paragraph.text for paragraph in drawn)


def test_nothing_of_a_labelled_article_is_drawn() -> None:
    papers = documents(a=50)
    by_title = [LabelledParagraph("别的一段话。", frozenset(), title=document.title) for document in papers[:20]]
    by_sentence = [LabelledParagraph(f"昨天晴。{document.text}（完）", frozenset()) for document in papers[20:40]]
    drawn = drawn_from(papers, 50, *by_title, *by_sentence)
    assert {paragraph.text for paragraph in drawn} == {document.text for document in papers[40:]}


def test_what_does_not_fit_a_window_is_not_drawn() -> None:
    (drawn,) = draw(documents(a=50), 50, [], lambda text: "1" in text, rounds=1, seed=1)
    assert {paragraph.text for paragraph in drawn} == {d.text for d in documents(a=50) if "1" in d.text}


@given(sizes=SIZES, count=st.integers(1, 80), seed=st.integers(0, 9))
def test_a_draw_is_its_seed_s(sizes: dict[str, int], count: int, seed: int) -> None:
    drawn = drawn_from(documents(**sizes), count, seed=seed)
    assert drawn == drawn_from(documents(**sizes), count, seed=seed)
    assert len({paragraph.text for paragraph in drawn}) == len(drawn) <= count + len(sizes)
    assert fingerprint(drawn) == fingerprint(list(drawn))


@given(sizes=SIZES, count=st.integers(1, 40), seed=st.integers(0, 9))
def test_a_round_draws_what_none_before_it_drew(sizes: dict[str, int], count: int, seed: int) -> None:
    rounds = draw(documents(**sizes), count, [], lambda _: True, rounds=3, seed=seed)
    texts = [paragraph.text for drawn in rounds for paragraph in drawn]
    assert len(rounds) == 3
    assert len(set(texts)) == len(texts)
    assert rounds[0] == drawn_from(documents(**sizes), count, seed=seed)


def test_a_long_paragraph_is_taken_in_parts_of_whole_sentences() -> None:
    text = "".join(SENTENCE.format(source="县报", number=number) for number in range(30))
    parts = [paragraph.text for paragraph in drawn_from([Document(text)], 99)]
    assert len(parts) > 3
    assert all(part in text and part.startswith("县报") and part.endswith("。") and len(part) <= 400 for part in parts)


def test_the_small_bundle_s_students_were_taught(bundle_folder: Path) -> None:
    data = read_manifest(bundle_folder).about["data"]
    assert data["unlabelled"] == 80
    assert len(data["unlabelled_fingerprint"]) == 64
    card = (bundle_folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "after 80 unlabelled paragraphs in 2 rounds" in card


def test_a_recipe_that_wants_a_corpus_says_so(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f"{tiny.CONFIG}\n[selftraining]\nparagraphs = 50\n", encoding="utf-8")
    data = labels_csv(tmp_path / "labels.csv", own_rows())
    arguments = ["run", recipe, "--data", data, "--base", random_bert(tmp_path / "bert"), "--work", tmp_path / "work"]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 2
    assert "self-training on 50 unlabelled paragraphs: give --corpus" in result.output


def test_a_round_that_finds_nothing_left_is_refused(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f"{tiny.CONFIG}\n[selftraining]\nparagraphs = 50\nrounds = 2\n", encoding="utf-8")
    data = labels_csv(tmp_path / "labels.csv", own_rows())
    corpus = [{"text": document.text, "title": document.title} for document in documents(a=9)]
    (tmp_path / "corpus").mkdir()
    tiny.write_lines(tmp_path / "corpus" / "own.jsonl", corpus)
    arguments = ["run", recipe, "--data", data, "--base", random_bert(tmp_path / "bert"), "--work", tmp_path / "work"]
    result = CliRunner().invoke(app, [str(argument) for argument in (*arguments, "--corpus", tmp_path / "corpus")])
    assert result.exit_code == 2
    assert "has no paragraph left for round 2 of self-training" in result.output
