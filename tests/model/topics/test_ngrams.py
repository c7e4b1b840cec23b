import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from baozhai_model.topics.calibration import logit, sigmoid
from baozhai_model.topics.ngrams import NgramModel, hashed_ngrams


@given(text=st.text(max_size=60))
def test_a_text_has_as_many_ngrams_as_there_are(text: str) -> None:
    import unicodedata

    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    buckets, weights = hashed_ngrams(text, 20)
    assert np.all(np.diff(buckets) > 0)
    counts = np.round(np.exp(weights - 1.0)).sum()
    assert counts == sum(max(0, len(plain) - size + 1) for size in range(1, 5))


def test_width_case_and_spaces_do_not_matter() -> None:
    assert np.array_equal(hashed_ngrams("ＡＢ１２ 党 建", 18)[0], hashed_ngrams("ab12党建", 18)[0])


def test_logits_are_the_linear_model_of_unit_length_tfidf() -> None:
    random = np.random.default_rng(0)
    model = NgramModel(
        random.random(2**12).astype(np.float16),
        random.normal(size=(2**12, 3)).astype(np.float16),
        np.array([0.1, 0.2, 0.3], dtype=np.float32),
    )
    dense = np.zeros(2**12)
    buckets, counts = hashed_ngrams("基层治理有了新办法", 12)
    dense[buckets] = counts
    dense *= model.idf
    expected = (dense / np.linalg.norm(dense)) @ model.weights.astype(np.float64) + model.bias
    np.testing.assert_allclose(model.logits("基层治理有了新办法"), expected, rtol=1e-4)
    assert np.array_equal(model.logits(""), model.bias)


def test_confidences_do_not_overflow() -> None:
    extreme = np.array([-1e30, -1000.0, -95.0, 0.0, 95.0, 1000.0, 1e30])
    with np.errstate(all="raise", under="ignore"):
        confidences = sigmoid(extreme)
    assert np.all((confidences >= 0) & (confidences <= 1))
    assert np.all(np.diff(confidences) >= 0)


@given(st.floats(0.001, 0.999))
def test_logit_undoes_sigmoid(confidence: float) -> None:
    np.testing.assert_allclose(sigmoid(logit(np.array([confidence]))), confidence, rtol=1e-9)
