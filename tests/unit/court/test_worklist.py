"""review.worklist: every determination of a program has a line with a key and a version; court.action is the eligible ones."""

from datetime import date

import pytest

from clearslate.court.keys import VERSION_DIGITS, key_problem
from clearslate.court.programs import load_programs
from clearslate.law.remedy import load_remedies


def listed(court):
    """The rows of the worklist by their conviction."""
    names = court.warehouse.describe("review.worklist")
    rows = court.warehouse.rows("select * from review.worklist order by conviction_id")
    return {row["conviction_id"]: row for row in (dict(zip(names, row, strict=True)) for row in rows)}


def test_every_determination_has_a_line_whatever_its_outcome(world, build):
    wanted = {
        world.conviction(outcome=outcome): outcome
        for outcome in ("ELIGIBLE", "NOT_YET", "REVIEW", "INELIGIBLE", "ALREADY_RELIEVED")
    }
    world.conviction(outcome=None)
    world.conviction(county=None, outcome="REVIEW")
    rows = listed(build(world))
    assert {key: row["outcome"] for key, row in rows.items() if row["county"]} == wanted
    assert len(rows) == len(wanted) + 1
    assert all(key_problem(row["action_key"]) is None for row in rows.values())
    assert all(key_problem(row["version"], digits=VERSION_DIGITS) is None for row in rows.values())
    assert len({row["action_key"] for row in rows.values()}) == len(rows)


def test_an_action_has_the_key_and_version_of_its_line(world, build):
    world.conviction(case="1")
    world.conviction(case="2", relief="REDESIGNATE_INFR")
    world.conviction(case=None)
    court = build(world)
    rows = listed(court)
    for action in court.actions():
        row = rows[action["conviction_id"]]
        same = ("action_key", "version", "action_code", "withheld_reason", "program", "offense_level_after", "count_no")
        assert [action[name] for name in same] == [row[name] for name in same]


def test_a_line_keeps_its_key_when_what_was_missing_speaks_for_the_most(world, make_world, build):
    world.conviction(outcome="REVIEW", ceiling="DISMISS_SEAL")
    (doubtful,) = listed(build(world)).values()
    later = make_world(1)
    later.conviction(outcome="ELIGIBLE", relief="DISMISS_SEAL")
    (clear,) = listed(build(later)).values()
    assert doubtful["action_key"] == clear["action_key"] and doubtful["version"] != clear["version"]
    assert doubtful["withheld_reason"] is None


def test_the_key_tells_the_action_and_nothing_is_asked_for_where_nothing_is_possible(make_world, build):
    keys = {}
    for ceiling in ("DISMISS_SEAL", "REDESIGNATE_MISD", "REDESIGNATE_INFR", "NONE"):
        world = make_world(1)
        world.conviction(outcome="REVIEW", ceiling=ceiling)
        (row,) = listed(build(world)).values()
        keys.setdefault(row["action_code"], set()).add(row["action_key"])
    assert set(keys) == {"DISMISS_SEAL", "REDESIGNATE", "NONE"}
    assert len(set().union(*keys.values())) == len(keys)


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "REVIEW", "ceiling": "DISMISS_SEAL"},
        {"facts": "section=11360"},
        {"case": "12 345"},
        {"count_no": 2},
        {"section": "11360"},
        {"severity": "M"},
        {"severity": None},
        {"day": date(2010, 1, 3)},
        {"day": None},
    ],
)
def test_a_version_changes_with_what_a_decision_rests_on(change, make_world, build):
    versions = set()
    for changes in ({}, change):
        world = make_world(1)
        world.conviction(**changes)
        (row,) = listed(build(world)).values()
        versions.add(row["version"])
    assert len(versions) == 2


def test_a_version_stays_where_something_else_changes(make_world, build):
    versions = set()
    for name, born, others, current in (
        ("DOE,JANE", date(1980, 2, 3), 0, True),
        ("ROE,JO", date(1981, 1, 1), 3, False),
    ):
        world = make_world(0)
        world.person(1, name, born)
        world.conviction()
        for _ in range(others):
            world.count(case="99-1")
        (row,) = listed(build(world, current=current)).values()
        versions.add((row["action_key"], row["version"]))
    assert len(versions) == 1


def test_a_decade_is_told_where_it_is_sure(world, build):
    decades = {}
    for case, least, most in (
        ("1", date(1999, 12, 31), date(1999, 12, 31)),
        ("2", date(1990, 1, 1), date(1999, 12, 31)),
        ("3", date(1999, 12, 31), date(2000, 1, 1)),
        ("4", None, None),
    ):
        decades[world.conviction(case=case)] = (least, most)
        world.tables["core.conviction"][-1].update(conviction_date_least=least, conviction_date_most=most)
    assert [row["disposition_decade"] for row in listed(build(world)).values()] == [1990, 1990, None, None]


def test_only_who_is_on_the_worklist_is_a_subject_with_all_names(world, build):
    world.person(2)
    world.conviction()
    world.tables["core.person"][0].update(cii="A1", is_cii_shared=False, birth_date=date(1980, 2, 3))
    for number, (person, name) in enumerate(
        [(1, "DOE,JANE A"), (1, "ROE,JANE"), (1, "DOE,JENNY"), (2, "X,Y")], start=1
    ):
        world._add("core.record", delivery_no=1, record_no=number, person_no=person, use="used")
        world._add("staging.record", delivery_no=1, record_no=number, name=name)
    rows = build(world).warehouse.rows("select * from court.subject")
    assert rows == [(1, "A1", False, "DOE,JANE A", "DOE,JENNY; ROE,JANE", date(1980, 2, 3))]


def test_every_relief_of_a_program_is_an_action():
    remedies = {remedy.id: remedy for remedy in load_remedies()}
    for name, program in load_programs().items():
        assert program.reliefs == frozenset(remedies[name].reliefs)
        assert remedies[name].kind == "conviction"
