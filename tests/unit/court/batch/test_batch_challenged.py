"""Challenged lines and test packages: neither keeps a court waiting for what nobody has to answer, nor moves a real case."""

from dataclasses import replace
from typing import Any

import pytest

from clearslate.court import office
from clearslate.court.batch import prepare_packages
from clearslate.court.profile import load_profile
from clearslate.home import Home
from clearslate.keys import action_key
from tests.support_court import line, make_release
from tests.support_packages import ON, answer, decide, rows_of


def prepare(home: Home, monkeypatch: pytest.MonkeyPatch, *, canary_lines: int, test: bool = False) -> list[Any]:
    monkeypatch.setattr(office, "load_profile", lambda county: replace(load_profile(county), canary_lines=canary_lines))
    return list(prepare_packages(home, counties=["SACRAMENTO"], on=ON, test=test, key=action_key(home)).batches)


def test_a_challenged_line_does_not_keep_the_canary_waiting(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    make_release(home, [line(n) for n in range(1, 6)])
    decide(home, {"": "CHALLENGE"})
    [canary] = prepare(home, monkeypatch, canary_lines=5)
    assert canary.is_canary and canary.n_lines == 5
    make_release(home, [line(n) for n in range(1, 9)])
    decide(home, {f"19-0000{n}": "NO_CHALLENGE" for n in (6, 7, 8)})
    assert prepare(home, monkeypatch, canary_lines=5) == [], "nobody has opened it yet"
    answer(home, canary, ("RECEIVED", "accepted"))
    [made] = prepare(home, monkeypatch, canary_lines=5)
    assert made.n_lines == 3


def test_the_other_lines_of_a_canary_have_to_be_answered(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    make_release(home, [line(n) for n in range(1, 4)])
    decide(home, {"19-00001": "CHALLENGE", "19-00002": "NO_CHALLENGE"})
    [canary] = prepare(home, monkeypatch, canary_lines=2)
    decide(home, {"19-00003": "NO_CHALLENGE"})
    answer(home, canary, ("ORDERED", "granted"), lines="19-00002")
    assert prepare(home, monkeypatch, canary_lines=2) == []
    answer(home, canary, ("POSTED", "posted"), lines="19-00002")
    [made] = prepare(home, monkeypatch, canary_lines=2)
    assert made.n_lines == 1 and not made.is_canary


def test_what_a_court_says_of_a_test_package_renumbers_no_real_case(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    [trial] = prepare(home, monkeypatch, canary_lines=0, test=True)
    answer(home, trial, ("VALIDATED", "rejected"), reason="R15", court_case_number="TRIAL-999")
    [made] = prepare(home, monkeypatch, canary_lines=0)
    assert [(row["case_number"], row["case_number_source"]) for row in rows_of(made)] == [("19-00001", "own_ofn")]
