"""Matches made by hand: what is sure, what is only possible, and what is missing on either side, and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from clearslate.home import Home
from clearslate.reconcile.mapping import ListMapping
from clearslate.synth.court_list import KnownCount
from tests.support_reconcile import PROFILE, Held, hold, world, write_list

COLUMNS = ("Case Number", "Name", "DOB", "Section", "Level", "Disposition Date", "Status")
BORN = date(1970, 3, 4)
DAY = date(2010, 5, 6)


def count(at: str, case: str, name: str = "DOE JANE A", born: date | None = BORN, **told: object) -> KnownCount:
    """A count as DOJ knows it; `name` is last, first and middle."""
    last, first, middle, *_ = [*name.split(" "), "", "", ""]
    plain = KnownCount(at, case, last, first, middle, born, "11359 HS", "F", DAY)
    return replace(plain, **told)  # type: ignore[arg-type]


def row(case: str, name: str = "DOE, JANE A", born: str = "03/04/1970", section: str = "11359 HS", level: str = "F",
        day: str = "05/06/2010", status: str = "") -> tuple[str, ...]:  # fmt: skip
    return (case, name, born, section, level, day, status)


Against = Callable[..., Held]


@pytest.fixture
def against(tmp_path: Path) -> Against:
    """Hold rows against counts."""

    def run(
        counts: list[KnownCount], rows: list[tuple[str, ...]], mapping: ListMapping = PROFILE, **how: object
    ) -> Held:
        home = Home(tmp_path / "home")
        path = write_list(tmp_path / "list.csv", COLUMNS, rows)
        with world(home, counts) as warehouse:
            return hold(warehouse, home, path, mapping, **how)  # type: ignore[arg-type]

    return run


@dataclass(frozen=True)
class Case:
    """Counts that DOJ knows and rows of the court, and what becomes of the rows: `A`, `B`, `possible` or why not."""

    doj: tuple[KnownCount, ...]
    court: tuple[tuple[str, ...], ...]
    rows: tuple[str, ...]


# Every scenario has letters of its own ahead of its numbers and in its names, so that all fit into one world.
SCENARIOS = {
    "all agree": Case((count("a", "1001"),), (row("1001"),), ("A",)),
    "no birth date": Case((count("a", "1001"),), (row("1001", born=""),), ("B",)),
    "no name": Case((count("a", "1001"),), (row("1001", name=""),), ("B",)),
    "number alone": Case((count("a", "1001"),), (row("1001", name="", born=""),), ("B",)),
    "a slip in the name": Case((count("a", "1001"),), (row("1001", name="DOE, JAEN A"),), ("B",)),
    "married": Case((count("a", "1001"),), (row("1001", name="ROE, JANE A"),), ("B",)),
    "day and month swapped": Case((count("a", "1001"),), (row("1001", born="04/03/1970"),), ("B",)),
    "father and son": Case((count("a", "1001"),), (row("1001", born="07/22/1941"),), ("possible",)),
    "another name": Case((count("a", "1001"),), (row("1001", name="XAVIER, QUENTIN"),), ("possible",)),
    "somebody else": Case(
        (count("a", "1001"),),
        (row("1001", name="XAVIER, QUENTIN", born="07/22/1941"),),
        ("doj_has_number_for_another_person",),
    ),
    "two defendants, told apart": Case(
        (count("a", "1001"), count("b", "1001", "BIGGS LOU", date(1960, 1, 2))),
        (row("1001"), row("1001", name="BIGGS, LOU", born="01/02/1960")),
        ("A", "A"),
    ),
    "two defendants, number alone": Case(
        (count("a", "1001"), count("b", "1001", "BIGGS LOU", date(1960, 1, 2))),
        (row("1001", name="", born=""),),
        ("possible",),
    ),
    "two defendants, one named": Case(
        (count("a", "1001"), count("b", "1001", "BIGGS LOU", date(1960, 1, 2))),
        (row("1001"), row("1001", name="", born="")),
        ("A", "possible"),
    ),
    "one case of ours, two of the court's": Case(
        (count("a", "0001001"),), (row("01001", section=""), row("001001", section="")), ("possible", "possible")
    ),
    "as written comes first": Case(
        (count("a", "0001001"),), (row("0001001"), row("1001")), ("A", "possible")
    ),
    "zeros lost": Case((count("a", "0001001"),), (row("1001"),), ("A",)),
    "zeros lost, number alone": Case((count("a", "0001001"),), (row("1001", name="", born=""),), ("B",)),
    "municipal, person agrees": Case((count("a", "MC-1001"),), (row("1001"),), ("A",)),
    "municipal, no birth date": Case((count("a", "MC-1001"),), (row("1001", born=""),), ("possible",)),
    "municipal, number alone": Case((count("a", "MC-1001"),), (row("1001", name="", born=""),), ("possible",)),
    "no number at all": Case(
        (count("a", ""),), (row("NONE", name="XAVIER, QUENTIN", born="07/22/1941"),), ("no_case_number",)
    ),
    "no number, but the very case": Case((count("a", ""),), (row(""),), ("possible",)),
    "renumbered": Case((count("a", "1001"),), (row("24NEW777"),), ("possible",)),
    "another case of the same person": Case(
        (count("a", "1001"),), (row("24NEW777", section="11358 HS", day="09/09/1999"),), ("not_found",)
    ),
    "two counts": Case(
        (count("a", "1001"), count("b", "1001", offense="11358 HS")), (row("1001"), row("1001", section="11358 HS")),
        ("A", "A"),
    ),
    "a count that DOJ has not": Case(
        (count("a", "1001"),), (row("1001"), row("1001", section="11358 HS")), ("A", "doj_has_case_without_this_count")
    ),
    "blank birth date on one of two rows": Case(
        (count("a", "1001"), count("b", "1001", offense="11358 HS")),
        (row("1001"), row("1001", born="", section="11358 HS")),
        ("A", "A"),
    ),
}  # fmt: skip

_VOWELS = str.maketrans("", "", "AEIOU")


def own(case: Case, at: int) -> Case:
    """A scenario with numbers, names and ids that no other has."""
    mark = f"{'BCDFGHJKLM'[at // 10]}{'BCDFGHJKLM'[at % 10]}"

    def number(text: str) -> str:
        digits = f"{at + 10}{text}" if text.isdigit() and not text.startswith("0") else text
        if text.isdigit() and text.startswith("0"):
            digits = f"{text[: len(text) - len(text.lstrip('0'))]}{at + 10}{text.lstrip('0')}"
        return digits.replace("MC-", f"MC-{at + 10}").replace("24NEW", f"24NEW{at + 10}")

    def name(text: str) -> str:
        return f"{mark}{text}" if text else ""

    return Case(
        tuple(
            replace(
                one, conviction_id=f"{at}{one.conviction_id}", case_number=number(one.case_number), last=name(one.last)
            )
            for one in case.doj
        ),
        tuple((number(one[0]) or "", name(one[1]), *one[2:]) for one in case.court),
        case.rows,
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """What became of the rows of each scenario."""
    folder = tmp_path_factory.mktemp("scenarios")
    cases = {name: own(case, at) for at, (name, case) in enumerate(SCENARIOS.items())}
    home = Home(folder / "home")
    path = write_list(folder / "list.csv", COLUMNS, [one for case in cases.values() for one in case.court])
    with world(home, [one for case in cases.values() for one in case.doj]) as warehouse:
        held = hold(warehouse, home, path)
    standing = {int(str(one["row"])): str(one["grade"]) for one in held.lists["matches.csv"]}
    standing |= {int(str(one["row"])): str(one["why"]) for one in held.lists["in_court_not_in_doj.csv"]}
    for one in held.lists["possible_matches.csv"]:
        standing |= {int(row_no): "possible" for row_no in str(one["rows"]).split("; ")}
    row_no, found = 2, {}
    for name, case in cases.items():
        found[name] = [standing[at] for at in range(row_no, row_no + len(case.court))]
        row_no += len(case.court)
    yield found


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_becomes_of_a_row(outcomes: dict[str, list[str]], name: str) -> None:
    assert outcomes[name] == list(SCENARIOS[name].rows)


def test_every_row_and_conviction_is_accounted_for_once(against: Against) -> None:
    held = against(
        [count("a", "1001"), count("b", "1002", "POE ANN"), count("c", "1003", "ROE KIM")],
        [row("1001"), row("9999", "POE, ANN"), row("7777", "XAVIER, QUENTIN", "07/22/1941")],
    )
    assert [held.counts[f"court_rows_{name}"] for name in ("matched", "possible", "missing")] == [1, 1, 1]
    assert [held.counts[f"doj_convictions_{name}"] for name in ("matched", "possible", "missing")] == [1, 1, 1]
    [missing] = held.lists["in_doj_not_in_court.csv"]
    assert (missing["conviction_id"], missing["why"]) == ("c", "not_found")


def test_conflicts_of_level_section_subdivision_date_and_person(against: Against) -> None:
    later = date(2011, 1, 1)
    held = against(
        [
            count("a", "1001"), count("b", "1002", "POE ANN"), count("c", "1003", "ROE KIM", offense="11357(b) HS"),
            count("d", "1004", "LOW SAM"), count("e", "1005", "HIGHTOWER PAT"), count("f", "1006", "DAY EVE"),
            count("g", "1007", "TWIN LOU"), count("h", "1007", "TWIN LOU", day=later),
        ],
        [
            row("1001", level="MISD"), row("1002", "POE, ANN", section="484 PC"),
            row("1003", "ROE, KIM", section="11357(c) HS"), row("1004", "LOW, SAM", day="05/12/2010"),
            row("1005", "HIGHTOWRE, PAT", born="03/05/1970"), row("1006", "DAY, EVE", day="05/07/2010"),
            row("1007", "TWIN, LOU", day="01/01/2011"), row("1007", "TWIN, LOU"),
        ],
        replace(PROFILE, date_tolerance_days=1),
    )  # fmt: skip
    told = [
        (one["conviction_id"], one["kind"], one["court_says"], one["doj_says"]) for one in held.lists["conflicts.csv"]
    ]
    assert told == [
        ("a", "level", "M", "F"),
        ("b", "section", "PC 484", "HS 11359"),
        ("c", "subdivision", "HS 11357(c)", "HS 11357(b)"),
        ("d", "date", "2010-05-12", "2010-05-06"),
        (None, "birth_date", "1970-03-05", "1970-03-04"),
        (None, "name", "HIGHTOWRE, PAT", "HIGHTOWER,PAT"),
    ]
    pairs = [one["conviction_id"] for one in held.lists["matches.csv"]]
    assert pairs == ["a", "b", "c", "d", "e", "f", "h", "g"], "equal counts are paired before unequal ones"


def test_a_list_of_cases_is_held_to_no_count_that_it_leaves_out(against: Against) -> None:
    held = against(
        [
            count("a", "1001"), count("b", "1001", offense="11358 HS"),
            count("c", "1002", "POE ANN"), count("d", "1002", "POE ANN", offense="11358 HS"),
        ],
        [row("1001"), row("1002", "POE, ANN", section="484 PC")],
        replace(PROFILE, rows="case"),
    )  # fmt: skip
    assert held.lists["in_doj_not_in_court.csv"] == []
    assert [(one["row"], one["kind"], one["doj_says"]) for one in held.lists["conflicts.csv"]] == [
        (3, "section", "11358; 11359")
    ]


def test_a_missing_row_in_scope_is_a_likely_candidate(against: Against) -> None:
    sections = ["11359 HS", "11360(a) HS", "484 PC", "664/11359 HS", "marijuana", "", "11357(a) HS"]
    rows = [row(f"90{at}", "XAVIER, QUENTIN", "07/22/1941", section) for at, section in enumerate(sections)]
    rows[-1] = (*rows[-1][:-1], "Dismissed")
    known = row("24NEW777", section="11358 HS", day="09/09/1999")
    held = against([count("a", "1001")], [*rows, known], replace(PROFILE, not_convicted=frozenset({"DISMISSED"})))
    missing = held.lists["in_court_not_in_doj.csv"]
    assert [one["likely_candidate"] for one in missing] == ["yes", "yes", "no", "check", "check", None, "no", "yes"]
    assert held.counts["likely_candidates: yes"] == 3
    assert [one["person_in_doj"] for one in missing] == ["no"] * len(rows) + ["yes"]


def test_a_number_that_half_the_list_has_is_a_filler(against: Against) -> None:
    fillers = [row("0000000", f"X{'ABCDEFGH'[at % 8] * (at // 8 + 1)}, Q", "") for at in range(70)]
    held = against([count("a", "0000000", "ZZTOP LOU", None)], fillers)
    assert held.counts["court_rows_missing"] == 70
    assert "possible_pairs" not in held.counts or held.counts["possible_pairs"] == 0


def test_the_courts_form_of_a_number_is_used(against: Against) -> None:
    held = against(
        [count("a", "BA 123456 01")], [row("BA123456")], court_form=lambda number: number[:9].replace(" ", "")
    )
    assert [one["grade"] for one in held.lists["matches.csv"]] == ["A"]
