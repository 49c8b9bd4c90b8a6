"""Homes from which batches were sent."""

import shutil
from pathlib import Path

import pytest

from clearslate.home import Home
from tests.support_acknowledgements import OTHER_BATCH, TEST_BATCH, issue
from tests.support_court import tiny_home


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home from which three batches were sent. Nobody may change it."""
    home = tiny_home(tmp_path_factory.mktemp("issued"))
    issue(home)
    issue(home, OTHER_BATCH, n_lines=5)
    issue(home, TEST_BATCH)
    return home


@pytest.fixture
def home(issued: Home, tmp_path: Path) -> Home:
    """A copy of that home, for a test of its own."""
    shutil.copytree(issued.root, tmp_path / "home")
    return Home(tmp_path / "home")
