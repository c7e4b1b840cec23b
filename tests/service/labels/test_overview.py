"""What the label store holds at a glance."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baozhai_service.labels.agreement import alpha
from baozhai_service.labels.overview import LabelOverview
from baozhai_service.labels.records import Label, Prediction

pytest.importorskip("sqlalchemy")
from baozhai_service.labels.database import LabelDatabase

SURE = Prediction("v1", ("finance",), {"finance": 0.97, "ecology": 0.02})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[LabelDatabase]:
    with closing(LabelDatabase(f"sqlite:///{tmp_path / 'labels.db'}")) as opened:
        yield opened


def test_progress_counts_the_last_label_of_each_text(database: LabelDatabase) -> None:
    overview = LabelOverview(lambda: database)
    assert (overview.progress().texts, overview.progress().corrected) == (0, None)
    database.add(
        [
            Label.new("甲", ("finance",), "张", prediction=SURE),
            Label.new("甲", ("ecology",), "李", prediction=SURE),
            Label.new("乙", (), "张"),
        ]
    )
    progress = overview.progress()
    assert (progress.texts, progress.labels, progress.people) == (2, 3, {"张": 2, "李": 1})
    assert progress.topics == {"ecology": 1, "": 1}
    assert (progress.corrected, progress.shared, progress.same) == (1.0, 1, 0.0)
    database.add([Label.new("甲", ("finance",), "李", prediction=SURE)])  # who thought better of it
    progress = overview.progress()
    assert (progress.labels, progress.corrected, progress.same) == (4, 0.0, 1.0)


def test_a_label_that_the_model_found_unlikely_is_suspected_until_it_is_corrected(database: LabelDatabase) -> None:
    overview = LabelOverview(lambda: database)
    database.add(
        [
            Label.new("甲", ("ecology",), "张", prediction=SURE),
            Label.new("乙", ("finance",), "张", prediction=SURE),
            Label.new("丙", (), "张", prediction=SURE),
            Label.new("丁", ("ecology",), "张"),
        ]
    )
    found = [(each.label.text, each.topic, each.given, round(each.likely, 2)) for each in overview.suspects(9)]
    assert found == [("甲", "ecology", True, 0.02), ("丙", "finance", False, 0.03)]
    database.add([Label.new("甲", ("finance",), "李", prediction=SURE)])
    assert [each.label.text for each in overview.suspects(9)] == ["丙"]
    assert overview.labelled_by("张", ["甲", "戊"]) == [True, False]


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", part A: two observers, binary, ten units.
    one, two = "0100000000", "1110010100"
    units = [(a == "1", b == "1") for a, b in zip(one, two, strict=True)]
    assert alpha(units) == pytest.approx(0.095, abs=0.001)


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=4), max_size=30))
def test_alpha_is_one_for_full_agreement_and_never_more(units: list[list[bool]]) -> None:
    value = alpha(units)
    assert value is None or value <= 1.0
    agreed = alpha([[unit[0]] * len(unit) for unit in units])
    assert agreed is None or agreed == 1.0
