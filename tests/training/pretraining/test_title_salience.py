"""Titles teach which sentences stand for their article."""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from baozhai_training.config import RunConfig
from baozhai_training.data.corpus import Document
from baozhai_training.learners.finetuning import UNKNOWN
from baozhai_training.learners.network import TopicNetwork
from baozhai_training.pretraining.pipeline import build_base
from baozhai_training.pretraining.title_salience import title_examples, titled
from tests import tiny


def documents() -> list[Document]:
    """Three articles in one, under the title of the first."""
    articles = tiny.digested_articles()
    return [
        Document("\n".join(str(articles[(i + j) % len(articles)]["text"]) for j in (0, 7, 13)), str(article["title"]))
        for i, article in enumerate(articles)
    ]


def test_sentences_that_say_the_title_are_the_salient_ones(bundle_folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(bundle_folder / "tokenizer.json"))
    document = documents()[0]
    (example,) = title_examples([document], tokenizer, 1024)
    assert example.topics is None
    assert example.salience is not None
    known = example.salience[example.salience != UNKNOWN]
    assert np.all((known > 0) & (known < 1))
    said = tokenizer.decode(np.array(example.ids)[example.salience == known.max()].tolist())
    assert "主题教育" in said.replace(" ", "")


def test_only_texts_as_long_as_articles_are_taken_and_the_seed_decides_which() -> None:
    fit = documents()
    unfit = [Document("短。", "短"), Document(fit[0].text), Document("长" * 4000, "长")]
    assert len(titled([*unfit, *fit], 100, seed=1)) == len(fit)
    assert titled(fit, 5, seed=1) == titled(fit, 5, seed=1) != titled(fit, 5, seed=2)


def test_the_base_keeps_the_salience_that_titles_taught(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(f"{tiny.CONFIG}[titles]\ndocuments = 20\nbf16 = false\n", encoding="utf-8")
    config = RunConfig.read(tmp_path / "recipe.toml")
    (tmp_path / "corpus").mkdir()
    rows: list[dict[str, object]] = [{"text": d.text, "title": d.title, "date": None} for d in documents()]
    tiny.write_lines(tmp_path / "corpus" / "own.jsonl", rows)
    base = build_base(config, tmp_path / "corpus", tmp_path / "work")
    assert build_base(config, tmp_path / "corpus", tmp_path / "work") == base
    heads = [TopicNetwork.from_base(str(base), topics, 0.1).salience_head.weight for topics in (2, 4)]
    assert torch.equal(*heads)
    assert len(AutoTokenizer.from_pretrained(base)) == len(AutoTokenizer.from_pretrained(base.with_name("base-1")))
