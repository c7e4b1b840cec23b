import hashlib
import os
import shutil
import warnings
from pathlib import Path

import hypothesis
import pytest

from baozhai_model.model import Model
from tests import staged, tiny

hypothesis.settings.register_profile("baozhai", deadline=None)  # a busy machine is no fault of an example
hypothesis.settings.load_profile("baozhai")

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


@pytest.fixture(scope="session")
def staged_folder(bundle_folder: Path) -> Path:
    """A small bundle of three stages, kept beside the one that it is made of."""
    text = Path(staged.__file__).read_bytes()
    kept = bundle_folder.parent / f"staged-{hashlib.sha256(text).hexdigest()[:16]}"
    if not kept.exists():
        partial = kept.with_suffix(f".{os.getpid()}.partial")
        staged.stage_bundle(bundle_folder, partial).rename(kept)
    return kept


@pytest.fixture(scope="session")
def staged_model(staged_folder: Path) -> Model:
    return Model.load(staged_folder)


# The rooms that shape the bundle; a change anywhere else does not train it again.
_ROOMS = ("data", "pretraining", "learners", "recipe", "export")
_MEASURES = ("evaluation/measures.py", "evaluation/learning_curve.py")
_MODEL = ("bundle.py", "encoder", "text", "topics", "digest/salience.py")


def _fingerprint() -> str:
    """Of the code that shapes the bundle."""
    model, training = ROOT / "model" / "baozhai_model", ROOT / "training" / "baozhai_training"
    rooms = [*(training / name for name in ("config.py", *_ROOMS, *_MEASURES)), *(model / name for name in _MODEL)]
    sources = [source for room in rooms for source in (sorted(room.rglob("*.py")) if room.is_dir() else [room])]
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*sources, Path(tiny.__file__)])).hexdigest()[:16]
