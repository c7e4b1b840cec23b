from pathlib import Path

import pytest

from tests.service.archive.archives import contents, make_archive, score


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive; copy it before changing it."""
    return make_archive(tmp_path_factory.mktemp("input") / "papers")


@pytest.fixture(scope="session")
def scored(archive: Path, bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of an uninterrupted run over `archive`; copy it before changing it."""
    out = tmp_path_factory.mktemp("output") / "scored"
    score(archive, out, bundle_folder)
    return out


@pytest.fixture(scope="session")
def expected(scored: Path) -> dict[str, str]:
    """What every run over `archive` must leave."""
    return contents(scored)
