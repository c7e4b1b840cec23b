"""One table from errors to statuses, complete and unambiguous."""

import pytest
from starlette.testclient import TestClient

from baozhai_model import errors as model_errors
from baozhai_model.errors import BaozhaiError
from baozhai_service import errors as service_errors
from baozhai_service.http.problems import STATUS, status_of

KINDS = sorted(
    {
        kind
        for module in (model_errors, service_errors)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, BaozhaiError)
    },
    key=lambda kind: kind.__name__,
)
ABSTRACT = {BaozhaiError, model_errors.InputError, model_errors.Unavailable, model_errors.BundleError}


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_the_status_of_its_kind(kind: type[BaozhaiError]) -> None:
    status = status_of(kind.__new__(kind))
    if issubclass(kind, model_errors.InputError):
        assert 400 <= status < 500
    elif issubclass(kind, model_errors.Unavailable | model_errors.BundleError):
        assert status in (429, 499, 503, 504)
    else:
        assert status == 500


def test_every_error_has_a_type_of_its_own() -> None:
    codes = [kind.code for kind in KINDS if kind not in (service_errors.RequestError, *ABSTRACT)]
    assert len(codes) == len(set(codes))


def test_the_drawn_trees_name_every_error() -> None:
    for module in (model_errors, service_errors):
        for name, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, BaozhaiError):
                assert name in (module.__doc__ or ""), name


def test_the_table_has_no_entry_that_does_nothing() -> None:
    for kind, status in STATUS.items():
        above = [STATUS[base] for base in kind.__mro__[1:] if base in STATUS]
        assert not above or above[0] != status, kind


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/v1/classify", 405)])
def test_the_routers_own_errors_are_problems_too(client: TestClient, method: str, path: str, status: int) -> None:
    reply = client.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert status != 405 or reply.headers["allow"] == "POST"
