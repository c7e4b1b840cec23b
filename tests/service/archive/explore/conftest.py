from collections.abc import Iterator
from pathlib import Path

import pytest

from baozhai_service.archive.explore.explorer import Explorer
from baozhai_service.archive.output.folder import Output
from baozhai_service.archive.search.index import SearchIndex, index_folder
from tests.service.archive.explore.papers import write_indexed


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made archive, indexed in several parts; copy it before changing it."""
    return write_indexed(tmp_path_factory.mktemp("explored"))


@pytest.fixture(scope="session")
def explorer(papers: Path) -> Iterator[Explorer]:
    output = Output(str(papers))
    index = SearchIndex(output, index_folder(output))
    yield Explorer(index)
    index.close()
