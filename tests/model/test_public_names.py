"""The public surface: what ``from baozhai_model import …`` gives, and what importing it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import baozhai_model
from baozhai_model import errors


@pytest.mark.parametrize("name", baozhai_model.__all__)
def test_every_name_is_there_and_defined_in_the_package(name: str) -> None:
    value = getattr(baozhai_model, name)
    assert getattr(value, "__module__", "baozhai_model").startswith("baozhai_model.") or name.isupper()


def test_what_the_type_checker_sees_is_what_is_exported() -> None:
    """The imports under TYPE_CHECKING, `__all__` and the table of the lazy imports name the same things."""
    source = ast.parse(Path(baozhai_model.__file__).read_text(encoding="utf-8"))
    (guarded,) = [node for node in source.body if isinstance(node, ast.If)]
    seen = {
        alias.name: (node.module or "").removeprefix("baozhai_model.")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == baozhai_model._MODULE_OF
    assert set(seen) == set(baozhai_model.__all__)


def test_what_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Classifier'"):
        baozhai_model.Classifier  # noqa: B018
    assert set(baozhai_model.__all__) <= set(dir(baozhai_model))


def test_each_branch_of_the_error_tree_is_public_or_below_one_that_is() -> None:
    roots = ("InputError", "BundleError", "ExtraMissing", "RuntimeUnavailable", "Unavailable")
    public = tuple(getattr(baozhai_model, name) for name in roots)
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.BaozhaiError):
            assert issubclass(error, public) or error is errors.BaozhaiError


def test_importing_the_package_loads_no_library() -> None:
    code = (
        "import sys, baozhai_model;"
        "loaded = {'numpy', 'onnxruntime', 'tokenizers', 'opencc', 'safetensors'} & set(sys.modules);"
        "assert not loaded, loaded;"
        "from baozhai_model import BaozhaiError;"
        "assert 'numpy' not in sys.modules;"
        "from baozhai_model import *;"
        "assert Model.load"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
