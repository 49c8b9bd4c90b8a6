"""A small home, papers of a line each, and courts' profiles to change."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clearslate.court import extras, office
from clearslate.court.profile import load_profile
from clearslate.home import Home
from tests.support_court import tiny_home
from tests.support_packages import PAPERS


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return tiny_home(tmp_path)


@pytest.fixture(autouse=True)
def plain_papers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of one line each, but for the test of the papers: typesetting takes a second."""
    if "papers" in request.node.name:
        return

    def write(folder: Path, facts: Any, rows: Iterable[dict[str, str]]) -> dict[str, None]:
        text = f"{facts.batch_id} {facts.n_lines} {facts.actions_sha256} {sum(1 for _ in rows)}"
        for name in PAPERS:
            (folder / name).write_text(text)
        return dict.fromkeys(PAPERS)

    monkeypatch.setattr(extras, "write_documents", write)


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Changes settings of every court's profile."""

    def change(**settings: Any) -> None:
        def load(county: str) -> Any:
            return replace(load_profile(county), **settings)

        monkeypatch.setattr(office, "load_profile", load)

    change(canary_lines=0)
    return change
