"""Labels that slipped against their texts make no version, whether the locked test slipped with them or not."""

import random
from pathlib import Path

import pytest

from baozhai_model.bundle import read_manifest
from baozhai_training.data.labels import read_labelled
from baozhai_training.evaluation.gate_run import prove
from baozhai_training.recipe.retraining import TEST, TRAIN, Retraining, write_labelled
from baozhai_training.recipe.workdir import held_out
from tests.training.tables import labels_csv, own_rows

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's exporter has much to say


@pytest.fixture(scope="module")
def work(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work folder of a run on a table whose column of topics was shuffled."""
    rows = own_rows()
    topics = [names for _, names, _ in rows]
    random.Random(3).shuffle(topics)
    folder = tmp_path_factory.mktemp("shuffled")
    data = labels_csv(
        folder / "labels.csv", [(text, names, title) for (text, _, title), names in zip(rows, topics, strict=True)]
    )
    Retraining(data, folder / "work", base=str(bundle_folder), quick=True).run()
    return folder / "work"


def test_it_is_refused_by_true_labels(work: Path, bundle_folder: Path, tmp_path: Path) -> None:
    paragraphs = read_labelled(labels_csv(tmp_path / "true.csv", own_rows()), read_manifest(bundle_folder).topics)
    locked = [p for p, out in zip(paragraphs, held_out(paragraphs, 0.2), strict=True) if out]
    test = write_labelled(tmp_path / "test.jsonl", locked)
    report = prove(work / "bundle", bundle_folder, work / TRAIN, test)
    assert any("not shown to be better" in reason for reason in report.reasons), report.reasons


def test_it_is_refused_by_its_own_shuffled_test(work: Path, bundle_folder: Path) -> None:
    report = prove(work / "bundle", bundle_folder, work / TRAIN, work / TEST)
    assert any("no better than chance" in reason for reason in report.reasons), report.reasons
