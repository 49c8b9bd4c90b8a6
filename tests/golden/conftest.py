"""What the tests over minimal inputs share."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.golden.corpus import Corpus, Told


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """What became of the inputs that the module collected in its `CORPUS`."""
    corpus: Corpus = request.module.CORPUS
    folder: Path = tmp_path_factory.mktemp("corpus")
    with ExitStack() as builds:
        yield Told(corpus, folder, builds)
