"""The definitions of person, identity and history at their edges, within a delivery and across deliveries."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.golden.corpus import SECTIONS, Setting
from tests.support import Decided, accept, decide, record, write_extract

CRIME_FREE = Setting("crime_free", reduce=SECTIONS, relief=(("yearsCrimeFreeThreshold", 5),))
FREE = ("Eligible for Dismissal", "No convictions in the past 5 years")
REDUCED = ("Eligible for Reduction", "Reduce all HS 11359 convictions")
HOLE = ("Hand Review", "Missing: history_complete")
MIXED = ("Hand Review", "The record mixes identities")

Rows = Sequence[Mapping[str, str]]


def person(subject: str, cii: str, **cells: str) -> dict[str, str]:
    return record(SUBJECT_ID=subject, REQ_CII_NUMBER=cii, **cells)


def burglary(subject: str, cii: str, **cells: str) -> dict[str, str]:
    """A conviction that the crime-free rule sees."""
    defaults = {
        "STP_EVENT_DATE": "20190101", "CNT_ORDER": "102002001000", "OFN": "2", "OFFENSE_DESCR": "459 PC-BURGLARY",
    }  # fmt: skip
    return person(subject, cii, **{**defaults, **cells})


@pytest.fixture(scope="module")
def one_delivery(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """Everybody whose identity is in question inside one delivery, and a record that can't be read."""
    folder = tmp_path_factory.mktemp("one")
    records = [
        # A row without SUBJECT_ID belongs to the one subject of its CII.
        person("11", "A00000011"), burglary("", "A00000011"),
        # Nobody can say to which of two subjects it belongs.
        person("21", "A00000021"), person("22", "A00000021"), burglary("", "A00000021"),
        # A shared CII alone takes nothing from either.
        person("31", "A00000031"), person("32", "A00000031"),
        # A CII without any subject is a person.
        person("", "A00000041"), burglary("NULL", "A00000041"),
        # CII_NUMBER comes before REQ_CII_NUMBER.
        person("51", "A00000051", CII_NUMBER="B00000051"), burglary("", "B00000051"),
        # Two CIIs; two births; the same on some rows and blank on others.
        person("61", "A00000061"), burglary("61", "A00000062", STP_EVENT_DATE="20000101"),
        person("71", "A00000071"), burglary("71", "A00000071", STP_EVENT_DATE="20000101", PRI_DOB="19700102"),
        person("81", "A00000081"), burglary("81", "", STP_EVENT_DATE="20000101"),
        person("82", "A00000082"), burglary("82", "A00000082", STP_EVENT_DATE="20000101", PRI_DOB=""),
        person("83", ""), person("84", "A00000084", PRI_DOB=""),
        # The record of theirs that is cut short is added below.
        person("91", "A00000091"), person("92", "A00000092"), person("93", "A00000093"),
        # Both blank: nobody's.
        burglary("", ""),
    ]  # fmt: skip
    path = write_extract(folder / "extract.csv", records)
    whole = write_extract(folder / "whole.csv", [burglary("91", "A00000091"), burglary("", "A00000092")])
    cut = [line.rsplit(",", 1)[0] for line in whole.read_text("utf-8").splitlines()[1:]]
    path.write_text(path.read_text("utf-8") + "\n".join(cut) + "\n", "utf-8")
    return decide(folder, path, options=CRIME_FREE.options(folder))


def told(decided: Decided) -> dict[str, list[tuple[str, str]]]:
    """Subject -> the last two cells of each line."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in decided.determinations.query("remedy == 'prop64'").itertuples():
        found.setdefault(str(row.subject_id), []).append((row.printed, row.printed_reason))
    return found


SUBJECTS = {
    "a row without subject belongs to its CII's only one": ("11", REDUCED),
    "a row that may be either's is a hole in both, one": ("21", HOLE),
    "a row that may be either's is a hole in both, two": ("22", HOLE),
    "a shared CII joins nobody": ("31", FREE),
    "a CII without subject is a person": ("A00000041", REDUCED),
    "CII_NUMBER comes first": ("51", REDUCED),
    "two CIIs": ("61", MIXED),
    "two births": ("71", MIXED),
    "a CII on some rows": ("81", ("Hand Review", "Missing: identity_conflict")),
    "a birth on some rows": ("82", ("Hand Review", "Missing: identity_conflict")),
    "no CII at all": ("83", FREE),
    "no birth at all": ("84", FREE),
    "a record that can't be read": ("91", HOLE),
    "a record that can't be read, by CII": ("92", HOLE),
    "somebody else's record that can't be read": ("93", FREE),
}


@pytest.mark.parametrize("what", SUBJECTS)
def test_who_is_one_person_in_a_delivery(what: str, one_delivery: Decided) -> None:
    subject, expected = SUBJECTS[what]
    assert told(one_delivery)[subject] == [expected]


def test_what_is_nobodys_is_quarantined(one_delivery: Decided) -> None:
    reasons = one_delivery.rows("select reason, count(*) from raw.quarantine group by reason order by reason")
    assert reasons == [("field_count", 2), ("no_person", 1)]
    unused = one_delivery.rows("select use, count(*) from core.record where use <> 'used' group by use")
    assert unused == []


# -- across deliveries -------------------------------------------------------------------------------------------------


def two_deliveries(home: Path, first: Rows, second: Rows, **second_states: Any) -> Decided:
    home.mkdir()
    accept(home, first, delivery_id="first")
    return decide(home, second, delivery_id="second", options=CRIME_FREE.options(home), **second_states)


def test_a_newer_delivery_replaces_a_person_whole(tmp_path: Path) -> None:
    """Two subjects are one person where CII and birth date agree: the burglary told before isn't told any more."""
    decided = two_deliveries(
        tmp_path / "home",
        [person("1", "A00000001"), burglary("1", "A00000001"), person("2", "A00000002"), burglary("2", "A00000002")],
        [person("901", "A00000001"), person("2", "A00000002", STP_EVENT_DATE="20050101")],
    )
    assert told(decided) == {"901": [FREE], "2": [FREE]}
    assert decided.rows("select count(*) from core.person") == [(2,)]
    assert decided.rows("select use, count(*) from core.record group by use order by use") == [
        ("superseded", 4),
        ("used", 2),
    ]


def test_who_is_absent_from_a_newer_delivery_stays(tmp_path: Path) -> None:
    decided = two_deliveries(
        tmp_path / "home", [person("1", "A00000001"), burglary("1", "A00000001")], [person("2", "A00000002")]
    )
    assert told(decided) == {"1": [REDUCED], "2": [FREE]}


def test_who_is_absent_from_a_statewide_delivery_leaves(tmp_path: Path) -> None:
    first = [person("1", "A00000001"), person("2", "A00000002")]
    decided = two_deliveries(tmp_path / "home", first, [person("2", "A00000002")], scope="statewide")
    assert told(decided) == {"2": [FREE]}
    assert decided.rows("select use, count(*) from core.record group by use order by use") == [
        ("superseded", 2),
        ("used", 1),
    ]


def test_a_statewide_delivery_keeps_its_persons_apart_from_those_it_replaced(tmp_path: Path) -> None:
    """Without a birth date nobody is joined over deliveries; what was replaced whole is nobody to be told apart from."""
    first = [person("1", "A00000001", PRI_DOB=""), person("2", "A00000002")]
    second = [first[0], person("3", "A00000003")]
    kept = two_deliveries(tmp_path / "partial", first, second)
    assert kept.rows("select count(*) from core.person where is_subject_repeated") == [(2,)]
    replaced = two_deliveries(tmp_path / "statewide", first, second, scope="statewide")
    assert replaced.rows("select count(*), count(*) filter (where is_subject_repeated) from core.person") == [(2, 0)]
    alone = decide(tmp_path / "alone", second)
    keys = "select person_key from core.person order by 1"
    assert replaced.rows(keys) == alone.rows(keys)


def test_a_cii_that_several_share_joins_nobody_across_deliveries(tmp_path: Path) -> None:
    first = [person("1", "A00000001"), person("2", "A00000001")]
    decided = two_deliveries(tmp_path / "home", first, [person("3", "A00000001")])
    assert told(decided) == {"1": [FREE], "2": [FREE], "3": [FREE]}
    assert decided.rows("select distinct is_cii_shared from core.person order by all") == [(False,), (True,)]


def test_another_birth_date_is_another_person(tmp_path: Path) -> None:
    decided = two_deliveries(
        tmp_path / "home", [burglary("1", "A00000001")], [person("901", "A00000001", PRI_DOB="19700102")]
    )
    assert told(decided) == {"901": [FREE]}
    assert decided.rows("select count(*) from core.person") == [(2,)]


def test_a_subject_told_twice_without_a_link_is_a_conflict(tmp_path: Path) -> None:
    """The same SUBJECT_ID in two deliveries, and no CII to tell whether it is one person: a person looks."""
    decided = two_deliveries(tmp_path / "home", [person("1", "")], [person("1", "")])
    assert list(decided.determinations.query("remedy == 'prop64'")["printed_reason"]) == [MIXED[1]] * 2


def test_what_cannot_be_read_in_a_newer_delivery_is_a_hole(tmp_path: Path) -> None:
    """All that the newer delivery holds of two people is a record each that can't be read, known by subject or by CII."""
    home = tmp_path / "home"
    home.mkdir()
    accept(home, [person(n, f"A0000000{n}") for n in ("1", "2", "3")], delivery_id="first")
    whole = write_extract(
        home / "whole.csv", [burglary("1", ""), burglary("902", "A00000002"), person("4", "A00000004")]
    )
    header, *lines, last = whole.read_text("utf-8").splitlines()
    path = home / "second.csv"
    path.write_text("\n".join([header, *(line.rsplit(",", 1)[0] for line in lines), last, ""]), "utf-8")
    decided = decide(home, path, delivery_id="second", options=CRIME_FREE.options(home))
    assert told(decided) == {"1": [HOLE], "2": [HOLE], "3": [FREE], "4": [FREE]}


def test_an_exact_copy_of_a_delivery_changes_nothing(tmp_path: Path) -> None:
    records = [person("1", "A00000001"), burglary("1", "A00000001"), person("2", "A00000002")]
    twice = two_deliveries(tmp_path / "twice", records, records)
    once = tmp_path / "once"
    once.mkdir()
    assert told(twice) == told(decide(once, records, options=CRIME_FREE.options(once)))
