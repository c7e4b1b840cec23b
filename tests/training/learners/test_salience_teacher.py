"""An encoder and a head that learn digested articles together, and what a student takes from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from baozhai_training.config import SalienceTeacherConfig
from baozhai_training.data.digested import DigestedArticle, read_digests, shared_picks
from baozhai_training.learners.examples import article_examples
from baozhai_training.learners.finetuning import UNKNOWN, window_outputs
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.learners.pseudo_labels import TaughtArticle
from baozhai_training.learners.salience_head import head_logits
from baozhai_training.learners.salience_teacher import teach_salience
from baozhai_training.learners.sentence_states import ArticleReader

CONFIG = SalienceTeacherConfig(epochs=30, batch=4, window=40, learning_rate=2e-3, head_learning_rate=3e-3, bf16=False)


@pytest.fixture(scope="module")
def articles(bundle_folder: Path) -> list[DigestedArticle]:
    return read_digests(bundle_folder.parent / "digests.jsonl")


@pytest.fixture(scope="module")
def checkpoint(bundle_folder: Path) -> Path:
    return bundle_folder / "checkpoint"


def reader_of(checkpoint: Path, *, by_paragraph: bool = False, under_title: bool = True) -> ArticleReader:
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    specials = (tokenizer.cls_token_id, tokenizer.sep_token_id)
    return ArticleReader(tokenizer.backend_tokenizer, specials, 40, by_paragraph, under_title)


def test_it_learns_what_readers_keep(checkpoint: Path, articles: list[DigestedArticle], tmp_path: Path) -> None:
    reader, known, asked = reader_of(checkpoint), articles[:16], articles[16:]
    network = TopicNetwork.from_base(str(checkpoint), 4, 0.0)
    before = {name: value.clone() for name, value in network.encoder.state_dict().items()}
    read = [reader.read(article) for article in known]
    head = teach_salience(network, read, 0, CONFIG, tmp_path / "taught.pt", seed=1)
    assert any(not value.equal(before[name]) for name, value in network.encoder.state_dict().items())

    def logits(mine: TopicNetwork) -> list[np.ndarray]:
        states = [
            reader.read(article).states(lambda windows: [o.states for o in window_outputs(mine, windows)])
            for article in asked
        ]
        return head_logits(head, states)

    assert shared_picks(asked, logits(network)) > 0.9
    again = TopicNetwork.from_base(str(checkpoint), 4, 0.0)
    head = teach_salience(again, read, 0, CONFIG, tmp_path / "taught.pt", seed=1)  # read from the file
    np.testing.assert_allclose(np.concatenate(logits(again)), np.concatenate(logits(network)), atol=1e-3)


@pytest.mark.parametrize("by_paragraph", [False, True])
@pytest.mark.parametrize("under_title", [False, True])
def test_every_token_of_a_text_has_its_sentence(
    checkpoint: Path, articles: list[DigestedArticle], by_paragraph: bool, under_title: bool
) -> None:
    reader = reader_of(checkpoint, by_paragraph=by_paragraph, under_title=under_title)
    article = replace(articles[0], text=articles[0].text.replace("。记者", "。\n记者", 1)[:-1])
    read = reader.read(article)
    ids = reader.tokenizer.encode(article.text.replace("\n", ""), add_special_tokens=False).ids
    tails = [window[-1 - len(places) : -1] for window, places in zip(read.windows, read.sentences, strict=True)]
    assert [token for tail in tails for token in tail] == ids
    assert np.all(np.diff(np.concatenate(read.sentences)) >= 0)
    title = reader.tokenizer.encode(article.title or "", add_special_tokens=False).ids
    assert read.title[1:-1] == title
    for window, tail in zip(read.windows, tails, strict=True):
        assert window[1 : len(window) - 1 - len(tail)] == ([*title, reader.specials[1]] if under_title else [])


def test_a_student_is_told_each_sentence_and_each_line_once(checkpoint: Path, articles: list[DigestedArticle]) -> None:
    article = replace(articles[0], text=articles[0].text.replace("。记者", "。\n记者", 1)[:-1])
    salience = np.linspace(0.1, 0.9, len(article.sentences))
    topics = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]])
    reader = reader_of(checkpoint, by_paragraph=True, under_title=False)
    examples = article_examples(TaughtArticle(article, topics, salience), reader)
    assert len(examples) > 2  # some line takes two windows
    told = [example.topics for example in examples if example.topics is not None]
    np.testing.assert_allclose(told, topics, rtol=1e-6)
    values = [example.salience for example in examples if example.salience is not None]
    assert set(np.concatenate(values).tolist()) == {UNKNOWN, *salience.astype(np.float32).tolist()}
    assert all(each[0] == each[-1] == UNKNOWN for each in values)
