import hashlib
import shutil
import warnings
from pathlib import Path

import pytest

from baozhai_model.model import Model
from tests import tiny

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def bundle_folder(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle, trained by the whole recipe; copy it before changing it.

    It is kept in pytest's cache until the code that makes it changes (``pytest --cache-clear`` trains it again).
    """
    assert pytestconfig.cache is not None
    kept = pytestconfig.cache.mkdir("tiny-bundle") / _fingerprint()
    if not kept.exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's exporter has much to say
            trained = tiny.train_tiny_bundle(tmp_path_factory.mktemp("tiny"))
        partial = kept.with_suffix(f".{trained.parent.name}.partial")
        shutil.copytree(trained.parent, partial)
        partial.rename(kept)
    return kept / "bundle"


@pytest.fixture(scope="session")
def model(bundle_folder: Path) -> Model:
    return Model.load(bundle_folder)


# What is not the recipe: the bundle does not hang on it.
_BESIDE = {"checking", "cli", "gate", "proving", "retraining", "labelling", "suspects", "differences", "pool"}


def _fingerprint() -> str:
    """Of the code that shapes the bundle."""
    model, training = ROOT / "model" / "baozhai_model", ROOT / "training" / "baozhai_training"
    sources = [
        *sorted(path for path in training.glob("*.py") if path.stem not in _BESIDE),
        *(
            model / f"{name}.py"
            for name in ("bundle", "encoder", "ngrams", "salience", "sentences", "simplified", "tokens")
        ),
        Path(tiny.__file__),
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
