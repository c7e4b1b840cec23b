"""A paragraph is classified under its article's title: what the title may do, and what it may not."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baozhai_model.bundle import Manifest
from baozhai_model.model import Model
from baozhai_model.results import Prediction
from tests.tiny import labelled_paragraphs

ROWS = labelled_paragraphs()
TITLES = st.none() | st.sampled_from([str(row["title"]) for row in ROWS]) | st.text(max_size=400)
TEXTS = st.sampled_from([str(row["text"]) for row in ROWS]) | st.text(
    "党建金融。！？“”\n Aa1", min_size=1, max_size=300
)
relaxed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
VAGUE = "这项工作将持续到年底，取得了明显成效。"


@given(pairs=st.lists(st.tuples(TEXTS, TITLES), max_size=8))
@relaxed
def test_each_text_is_read_under_its_own_title_whatever_its_neighbours(model: Model, pairs) -> None:
    together = model.classify([text for text, _ in pairs], [title for _, title in pairs])
    for (text, title), answer in zip(pairs, together, strict=True):
        (alone,) = model.classify([text], [title])
        assert answer == alone if isinstance(alone, Prediction) else type(answer) is type(alone)


@pytest.mark.parametrize("title", [None, "", " \u3000"])
def test_a_title_that_says_nothing_changes_nothing(model: Model, title: str | None) -> None:
    assert model.classify([VAGUE], [title]) == model.classify([VAGUE])


def test_the_title_says_what_the_paragraph_leaves_unsaid(model: Model) -> None:
    about = {zh: str(next(row["title"] for row in ROWS if row["topics"] == [zh])) for zh in ("金融", "生态")}
    finance, ecology = model.classify([VAGUE, VAGUE], [about["金融"], about["生态"]])
    assert isinstance(finance, Prediction)
    assert isinstance(ecology, Prediction)
    for topic in (model.topic("金融"), model.topic("生态")):
        sign = 1 if topic.zh == "金融" else -1
        assert sign * finance.confidences[topic] > sign * ecology.confidences[topic]


def test_a_model_that_was_not_taught_titles_is_not_shown_them(model: Model) -> None:
    manifest = model.manifest
    assert manifest.titles
    untaught = Model(replace(model.bundle, manifest=replace(manifest, titles=False)))
    title = str(ROWS[0]["title"])
    assert untaught.classify([VAGUE], [title]) == model.classify([VAGUE])
    # Manifests of before say nothing of titles.
    raw = manifest.to_json()
    del raw["titles"]
    assert not Manifest.from_json(raw).titles
