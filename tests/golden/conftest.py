"""What the tests over minimal inputs share."""

from pathlib import Path

import pytest

from tests.golden.corpus import Corpus, Told


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What became of the inputs that the module collected in its `CORPUS`."""
    corpus: Corpus = request.module.CORPUS
    folder: Path = tmp_path_factory.mktemp("corpus")
    return Told(corpus, folder)
