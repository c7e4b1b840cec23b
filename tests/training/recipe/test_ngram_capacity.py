"""Where the plain SVM is ahead because n-grams share buckets, they get more; where it still is, the card says so."""

import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baozhai_model.bundle import Bundle
from baozhai_training.cli import app
from baozhai_training.config import RunConfig, TopicConfig
from baozhai_training.recipe.ngram_capacity import widened
from tests.training.encoders import random_bert
from tests.training.recipe.test_silent_encoder import UNTAUGHT
from tests.training.tables import labels_csv, own_rows

FEW = UNTAUGHT.partition("[curve]")[0].replace("ngram_bits = 12\nwidest_ngram_bits = 12", "ngram_bits = 8")
ANY = [chr(point) for point in range(0x4E00, 0x9FA5)]  # characters that say nothing fill the buckets
BETTER = "The plain SVM is better on these labels"


def trained(folder: Path, recipe: str) -> Path:
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    chance = random.Random(3)
    crowded = [(text + "".join(chance.choices(ANY, k=60)), *rest) for text, *rest in own_rows()]
    data, base = labels_csv(folder / "labels.csv", crowded), random_bert(folder / "bert")
    options = ["--data", data, "--base", base, "--work", folder / "work", "--hold-out", "0"]
    result = CliRunner().invoke(app, ["run", str(folder / "recipe.toml"), *map(str, options)])
    assert result.exit_code == 0, result.output
    return folder / "work" / "bundle"


@pytest.mark.filterwarnings("ignore")  # torch's exporter has much to say
def test_the_floor_s_lead_is_made_up_for_or_told(tmp_path: Path) -> None:
    found = {}
    for widest in (8, 16):
        (tmp_path / str(widest)).mkdir()
        folder = trained(tmp_path / str(widest), f"widest_ngram_bits = {widest}\n{FEW}")
        bundle = Bundle.load(folder)
        topics = bundle.manifest.about["metrics"]["topics"]["topics"]
        found[widest] = sum(topic["f1"] for topic in topics), sum(topic["linear_f1"] for topic in topics)
        assert bundle.manifest.about["config"]["ngram_bits"] == bundle.ngrams.bits == widest
        ours, floor = found[widest]
        behind = round((floor - ours) / len(topics), 3) > 0
        assert (BETTER in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")) == behind
    assert found[8][0] < found[8][1]
    assert found[8][0] < found[16][0]


def test_buckets_are_as_many_as_64_mebibytes_hold() -> None:
    def bits(topics: int, **given: int) -> int | None:
        some = tuple(TopicConfig(id=f"t{number}", zh=f"题{number}") for number in range(topics))
        wide = widened(RunConfig(topics=some, **given), None)
        return wide.ngram_bits if wide else None

    assert [bits(topics) for topics in (2, 8, 9, 100)] == [22, 22, 21, None]
    assert bits(4, ngram_bits=20, widest_ngram_bits=20) is None
    assert bits(4, ngram_bits=20, widest_ngram_bits=21) == 21
