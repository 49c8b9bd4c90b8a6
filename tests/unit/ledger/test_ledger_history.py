"""Histories of a line: the lists are read strictly, and in whatever order a court tells things, the state is the same."""

import itertools
import os
import random
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearslate.errors import LawError
from clearslate.home import Home
from clearslate.law.lists import load_list, rules_root
from clearslate.ledger import Ledger
from clearslate.ledger.history import DOUBTED, FIRST, NEW, RECORDED, Courts, Saying
from clearslate.ledger.views import courts
from tests.support_ledger import batch_name, home_at, issue, order, read, states

MORE = int(os.environ.get("CLEARSLATE_FUZZ", "0"))
COURTS = courts()
SAYINGS = COURTS.sayings
START = date(2026, 1, 1)

Row = tuple[Saying, str]  # what is said, and its day


def in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[0].stage_rank, row[1], row[0].number))


class Line:
    """One line as apply_acks treats it: what is recorded, what waits for what is missing, and what is in doubt."""

    def __init__(self) -> None:
        self.recorded: list[Row] = []
        self.waiting: list[Row] = []
        self.refused: list[Row] = []

    def take(self, file: Sequence[Row]) -> None:
        before = list(self.recorded)
        rows = in_order(list(dict.fromkeys([*before, *self.waiting, *self.refused, *file])))
        known = {**dict.fromkeys(self.refused, DOUBTED), **dict.fromkeys(file, NEW), **dict.fromkeys(before, RECORDED)}
        told = COURTS.judge(tuple((row[0].number, known.get(row, NEW)) for row in rows))
        for row, verdict in zip(rows, told, strict=True):
            if row in before:
                assert verdict.verdict == "applied", "what is recorded stands"
            elif verdict.verdict == "applied":
                self.recorded.append(row)
                self.waiting = [other for other in self.waiting if other != row]
                self.refused = [other for other in self.refused if other != row]
            elif row not in self.waiting and row not in self.refused:
                (self.waiting if verdict.verdict == "illegal_transition" else self.refused).append(row)
        assert COURTS.read(tuple(row[0].number for row in in_order(self.recorded))).is_legal

    @property
    def state(self) -> str:
        return COURTS.read(tuple(row[0].number for row in in_order(self.recorded))).state


@st.composite
def legal_history(draw: st.DrawFn) -> list[Row]:
    """A walk through a court: stage after stage, each row some days after the one before."""
    state, day, rank, rows = FIRST, START, 0, []
    for _ in range(draw(st.integers(0, 9))):
        open_to = [s for s in SAYINGS if s.stage_rank >= rank and COURTS.step(state, s.token) is not None]
        if not open_to:
            break
        said = draw(st.sampled_from(open_to))
        day += timedelta(days=draw(st.integers(1, 40)))
        state = COURTS.step(state, said.token) or state
        rank = said.stage_rank
        rows.append((said, day.isoformat()))
    return rows


def grouped(rows: list[Row], cuts: list[int]) -> list[list[Row]]:
    """The rows as files: cut at these places."""
    places = [0, *sorted({cut % (len(rows) + 1) for cut in cuts}), len(rows)]
    return [rows[a:b] for a, b in itertools.pairwise(places)]


@settings(max_examples=max(150, MORE), deadline=None)
@given(legal_history(), st.randoms(use_true_random=False), st.lists(st.integers(0, 20), max_size=4))
def test_a_legal_history_ends_the_same_in_any_order_and_grouping(
    rows: list[Row], chance: random.Random, cuts: list[int]
) -> None:
    expected = COURTS.read(tuple(row[0].number for row in rows))
    assert expected.is_legal
    line = Line()
    shuffled = chance.sample(rows, len(rows))
    told: list[Row] = []
    for file in grouped(shuffled, cuts):
        told += file
        line.take([*file, *chance.sample(told, chance.randint(0, len(told)))])
    assert (line.state, line.waiting, line.refused) == (expected.state, [], [])
    line.take(shuffled)
    assert line.state == expected.state, "the same again changes nothing"


def row(stage: str, status: str, code: str, day: str) -> Row:
    return next(s for s in SAYINGS if (s.stage, s.status, s.reason_code) == (stage, status, code)), day


# Legal in the order of their days; but each of them has rows that contradict one another while a third is not known.
TOLD_TOO_EARLY = {
    "a clerk's reasons, one of them that the relief is held": [
        row("VALIDATED", "rejected", "R10", "2026-03-02"),
        row("VALIDATED", "rejected", "R30", "2026-03-03"),
        row("VALIDATED", "rejected", "R10", "2026-03-04"),
    ],
    "an order that names what a clerk refused, and the judge's word on that line": [
        row("VALIDATED", "rejected", "R10", "2026-03-02"),
        row("ORDERED", "granted", "", "2026-03-03"),
        row("ORDERED", "denied", "", "2026-03-04"),
    ],
}


@pytest.mark.parametrize("rows", TOLD_TOO_EARLY.values(), ids=TOLD_TOO_EARLY)
@pytest.mark.parametrize("turn", itertools.permutations(range(3)))
def test_what_contradicts_is_applied_once_what_explains_it_is_told(
    tmp_path: Path, rows: list[Row], turn: tuple[int, ...]
) -> None:
    ledger = Ledger.open(home_at(tmp_path))
    issue(ledger, "A")
    line, told = Line(), []
    for n in turn:
        said, day = rows[n]
        line.take([rows[n]])
        told.append((1, "A", said.stage, said.status, day, said.reason_code or None))
        read(ledger, batch_name(1), told)  # a court's newer list has the older rows as well
        assert states(ledger) == {"A": line.state}
    assert (in_order(line.recorded), line.waiting, line.refused) == (rows, [], [])
    with ledger.connect() as db:
        assert db.rows("select count(*) from open_exception") == [(0,)]
        assert db.rows("select count(*), count(distinct effective_date) from acks") == [(3, 3)]
    ledger.verify()


def test_what_is_in_doubt_counts_when_the_court_says_it_again_or_never() -> None:
    granted, denied = (row("ORDERED", status, "", "2026-03-03") for status in ("granted", "denied"))
    line = Line()
    line.take([granted, denied])
    line.take([row("VALIDATED", "matched", "", "2026-03-02")])
    assert (line.state, line.refused) == ("MATCHED", [granted, denied]), "not by what else it says"
    line.take([granted])
    assert (line.state, line.refused) == ("ORDERED", [denied])
    line.take([row("POSTED", "posted", "", "2026-03-04")])
    assert (line.state, line.refused) == ("POSTED", [denied]), "nothing recorded is given up"


@settings(max_examples=max(150, MORE), deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(SAYINGS), st.sampled_from(["2026-01-01", "2026-02-01", "2026-03-01"])), max_size=6
        ),
        max_size=5,
    )
)
def test_whatever_a_court_says_the_line_is_in_one_state_and_nothing_recorded_is_given_up(
    files: list[list[Row]],
) -> None:
    line = Line()
    for file in files:
        line.take(file)
        assert line.state in COURTS.states
    told = {row for file in files for row in file}
    assert told == {*line.recorded, *line.waiting, *line.refused}, "every row is accounted for"
    granted = any((row[0].stage, row[0].status) == ("ORDERED", "granted") for row in line.recorded)
    assert line.state not in ("ORDERED", "POSTED", "REPORTED") or granted, "nothing is granted without an order"


def small_ledger(home: Home, seed: int) -> None:
    """Random histories of eight lines, told in random files, partly by recorded orders, with nonsense between."""
    chance = random.Random(seed)
    ledger = Ledger.open(home)
    keys = [f"L{n}" for n in range(1, 9)]
    issue(ledger, keys)
    lines = {key: Line() for key in keys}
    told = []
    for number, key in enumerate(keys, start=1):
        state, rank, day = FIRST, 0, START
        for _ in range(chance.randint(0, 6)):
            open_to = [s for s in SAYINGS if s.stage_rank >= rank and COURTS.step(state, s.token) is not None]
            said = chance.choice([*open_to, chance.choice(SAYINGS)])
            day += timedelta(days=chance.randint(0, 9))
            state, rank = COURTS.step(state, said.token) or state, said.stage_rank
            told.append((number, key, (said, day.isoformat())))
    chance.shuffle(told)
    size = chance.randint(7, 14)
    for start in range(0, len(told), size):
        file = told[start : start + size]
        rows = [(number, key, s.stage, s.status, day, s.reason_code or None) for number, key, (s, day) in file]
        read(
            ledger,
            batch_name(1),
            [*rows, *chance.sample(rows, min(2, len(rows)))],
            source=chance.choice(["file", "short_form"]),
        )
        for key, line in lines.items():
            line.take([row for _, k, row in file if k == key])
        if chance.random() < 0.3:
            order(ledger, batch_name(1), 3, 5)
            granted = next(s for s in SAYINGS if (s.stage, s.status, s.reason_code) == ("ORDERED", "granted", ""))
            for key in keys[2:5]:
                lines[key].take([(granted, "2026-03-03")])
        assert states(ledger) == {key: line.state for key, line in lines.items()}
    ledger.verify()
    with ledger.connect() as db:
        kept = db.rows(
            "select action_key, stage, status, effective_date, coalesce(reason_code, '') from acks "
            "union select action_key, stage, status, effective_date, coalesce(reason_code, '') from open_exception"
        )
    assert {(key, s.stage, s.status, day, s.reason_code) for _, key, (s, day) in told} <= set(kept), (
        "nothing told is lost"
    )


@pytest.mark.parametrize("seed", range(max(2, MORE // 20)))
def test_the_ledger_does_in_sets_what_is_right_for_one_line(tmp_path: Path, seed: int) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    small_ledger(home, seed)


# --- the lists


def broken(tmp_path: Path, name: str, old: str, new: str) -> Path:
    root = Path(shutil.copytree(rules_root(), tmp_path / "rules"))
    path = root / "courts" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("transitions.csv", "SUBMITTED,", "SENT,"),
        ("transitions.csv", ",optional,", ",sometimes,"),
        ("transitions.csv", "from_state,", "state,"),
        ("reason_codes.csv", "VALIDATED POSTED", "VALIDATED MAILED"),
        ("reason_codes.csv", ",corrected,", ",always,"),
        ("reason_codes.csv", "R03,", "R01,"),
    ],
)
def test_the_lists_are_read_strictly(tmp_path: Path, name: str, old: str, new: str) -> None:
    with pytest.raises(LawError, match=name.partition(".")[0]):
        Courts(broken(tmp_path, name, old, new))


def test_every_reason_code_can_be_said_and_leads_somewhere() -> None:
    codes = load_list("courts/reason_codes")
    assert len(codes) == 25
    assert {said.reason_code for said in COURTS.sayings} == {"", *codes["code"]}
    final = codes.set_index("code")["resend"]
    assert final[["R01", "R10", "R15", "R20", "R31", "R40", "R30"]].tolist() == [
        "corrected", "new_number", "new_number", "corrected", "later", "never", "never",
    ]  # fmt: skip


def test_a_posting_needs_an_order_and_a_report_a_posting() -> None:
    moves = load_list("courts/transitions")
    assert set(moves.loc[moves["to_state"] == "POSTED", "from_state"]) == {"ORDERED", "POSTED", "REPORTED"}
    assert set(moves.loc[moves["to_state"] == "REPORTED", "from_state"]) == {"POSTED", "REPORTED"}
    assert set(moves.loc[moves["to_state"] == "ORDERED", "status"]) == {"granted", "partial", "failed"}
