from dataclasses import replace
from pathlib import Path

from baozhai_model.model import Model
from baozhai_model.results import Prediction
from baozhai_model.stages import DigestSpec
from baozhai_model.topics.calibration import Rules
from baozhai_training.export.publish import identity


def test_a_tiny_bundle_knows_its_topics(model: Model) -> None:
    texts = [
        "镇党委组织党员开展主题教育学习，取得了明显成效。",
        "河长办治理污染河道、修复湿地，取得了明显成效。",
        "足球队公布了新的比赛日程。",
    ]
    answers = model.classify(texts)
    named = [[topic.zh for topic in answer.topics] for answer in answers if isinstance(answer, Prediction)]
    assert named == [["党建"], ["生态"], []]


def test_its_checkpoint_loads_with_transformers(bundle_folder: Path) -> None:
    from transformers import AutoModel, AutoTokenizer

    encoder = AutoModel.from_pretrained(bundle_folder / "checkpoint")
    tokenizer = AutoTokenizer.from_pretrained(bundle_folder / "checkpoint")
    assert encoder.config.vocab_size == len(tokenizer)


def test_it_tells_nothing_of_the_machine_that_trained_it(bundle_folder: Path) -> None:
    here = str(Path(__file__).parents[3]).encode()
    assert not [path.name for path in bundle_folder.rglob("*") if path.is_file() and here in path.read_bytes()]


def test_its_version_hangs_on_all_that_answers_hang_on(model: Model) -> None:
    manifest = model.manifest
    files = {name: digest for name, digest in manifest.files.items() if name != "MODEL_CARD.md"}  # written afterwards
    made = replace(manifest, files=files)
    assert manifest.version.endswith(f"-{identity(made)}")
    first, *others = made.rules
    lower = Rules((replace(first, threshold=first.threshold / 2), *others))
    changed = [
        made.with_rules(lambda _: lower),
        made.with_rules(lambda rules: Rules(rules.topics, exclusive=True)),
        replace(made, digests={"small": DigestSpec({**made.digest_weights, "length": 1.0})}),
        replace(made, titles=not made.titles),
        replace(made, files={**files, "model.onnx": "0" * 64}),
    ]
    assert len({identity(other) for other in (made, *changed)}) == 6
    assert identity(replace(made, about={**made.about, "created": "2001-01-01"})) == identity(made)


def test_the_card_tells_what_fewer_labels_teach(model: Model, bundle_folder: Path) -> None:
    (point,) = model.manifest.about["metrics"]["curve"]  # there are no 5,000 labels
    assert point["count"] == 80
    assert all(0.0 <= figure <= 1.0 for figure in (*point["ours"], *point["floor"]))
    assert len(point["ours"]) == len(point["floor"]) == 2
    card = (bundle_folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| 80 | 2 | " in card
    assert card.count("```mermaid") == len(model.topics)
