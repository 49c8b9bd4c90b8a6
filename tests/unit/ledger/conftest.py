"""A ledger with something of everything in it, and copies of it to break."""

import shutil
from pathlib import Path

import pytest

from clearslate.home import Home
from clearslate.ledger import Ledger
from tests.support_ledger import decide, home_at, issue, read


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ledger has an opening, three imports, a batch and an acknowledgement."""
    home = home_at(tmp_path_factory.mktemp("written"))
    ledger = Ledger.open(home)
    for name in ("one", "two", "three"):
        decide(ledger, name)
    entry = issue(ledger, "ABC")
    read(ledger, entry.body["batch_id"], [(1, "A", "RECEIVED", "accepted")])
    ledger.verify()
    return home.root


@pytest.fixture
def home(written: Path, tmp_path: Path) -> Home:
    """A copy to break."""
    return Home(Path(shutil.copytree(written, tmp_path / "home")))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger with one batch of lines A to F."""
    ledger = Ledger.open(home_at(tmp_path))
    issue(ledger, "ABCDEF")
    return ledger
