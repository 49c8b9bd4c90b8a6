"""A home with the release of tests/support_review.py, made once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from clearslate.home import Home
from tests.support_court import tiny_home
from tests.support_review import release


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_home(tmp_path_factory.mktemp("review"))
    release(home)
    return home.root


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Home:
    return Home(shutil.copytree(made, tmp_path / "home", symlinks=True))
