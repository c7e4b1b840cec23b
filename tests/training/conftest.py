import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import tiny
from tests.training.tables import FIVE_TOPICS, SPORT, labels_csv, own_rows, trainer

Command = Callable[[Path], list[str]]
SELF_TRAINING = """
[selftraining]
paragraphs = 20
rounds = 2
learning_rate = 1e-3
[selftraining.labelled]
learning_rate = 2e-3
"""


@pytest.fixture(scope="session")
def five_topics(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command that teaches the small bundle a fifth topic, with students, in a work folder that is given."""
    folder = tmp_path_factory.mktemp("five-topics")
    data = labels_csv(folder / "labels.csv", own_rows() + SPORT)
    recipe = folder / "five.toml"
    recipe.write_text(FIVE_TOPICS + SELF_TRAINING, encoding="utf-8")
    corpus = [{"text": text, "title": title} for text, title in tiny.unlabelled_paragraphs()]
    tiny.write_lines(folder / "corpus.jsonl", corpus)
    options = ("--data", data, "--base", bundle_folder, "--hold-out", "0.3", "--corpus", folder)
    return lambda work: trainer("run", recipe, *options, "--work", work)


@pytest.fixture(scope="session")
def retrained(five_topics: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work folder of a run with a fifth topic that nothing disturbed."""
    work = tmp_path_factory.mktemp("retrained") / "work"
    ended = subprocess.run(five_topics(work), capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stderr
    assert "体育" in ended.stdout  # the model card
    return work
