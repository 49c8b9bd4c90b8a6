"""A release made by hand: its private tables from plain dictionaries, so that no test needs a whole run for a ledger.

    home = tiny_home(tmp_path)
    make_release(home, lines=[line(1), line(2, case="19-002", outcome="REVIEW", missing_facts="birth_date")])

A line is a row of review.worklist; what it does not say is what a plain eligible conviction has. The other tables follow
from the lines as the models would make them, and are held against their contracts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from clearslate.contracts import load_contracts
from clearslate.court.keys import KEY_DIGITS, VERSION_DIGITS, encode_key
from clearslate.court.release import TABLES, write_private
from clearslate.home import Home
from clearslate.keys import action_key
from clearslate.law.assignment import Assignment
from clearslate.law.lists import load_list
from clearslate.law.policy import load_policy
from clearslate.warehouse import Engine, Stamp, Warehouse

AS_OF = date(2020, 7, 1)
DATA_THROUGH = date(2020, 6, 15)
SUITES = ("landing", "staging", "core", "eligibility", "court")
_ENGINE = Engine(1, "500MB")
_COURT_CODES = dict(load_list("counties")[["name", "doj_code"]].to_numpy().tolist())
_ACTIONS = {
    relief: (code, level)
    for relief, code, level in load_list("courts/actions")[["relief", "action_code", "level_after"]].to_numpy().tolist()
}


def tiny_home(root: Path) -> Home:
    """An empty home below `root`, with its folders and its own action key."""
    home = Home(root / "home")
    home.prepare()
    action_key(home)
    return home


def key_of(*parts: object, digits: int = KEY_DIGITS) -> str:
    """A well-formed key that these parts and nothing else decide."""
    return encode_key(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:digits])


def line(
    number: int,
    *,
    county: str | None = "SACRAMENTO",
    case: str | None = None,
    person: int | None = None,
    count: int | None = 1,
    **changes: Any,
) -> dict[str, Any]:
    """A row of review.worklist for conviction `number`: eligible and dismissed, of a person and a case of its own.

    `changes` are columns of the table. The key follows from number, county and action; the version from everything that it
    is a digest of: change `facts` (no column) to say that a fact of the deciding rule has changed.
    """
    facts = changes.pop("facts", "")
    person = number if person is None else person
    case = f"19-{number:05d}" if case is None else (case or None)
    row: dict[str, Any] = {
        "conviction_id": hashlib.sha256(f"{number}|{county}".encode()).hexdigest()[:24],
        "person_no": person,
        "delivery_no": 1,
        "record_no": number,
        "remedy": "prop64",
        "remedy_version": "2016-11-09",
        "policy": "clear-my-record",
        "program": "P64",
        "county": county,
        "court_code": None if county is None else _COURT_CODES[county],
        "case_number": case,
        "case_number_source": "none" if case is None else "own_ofn",
        "case_key": None if case is None else "".join(c for c in case.upper() if c.isascii() and c.isalnum()) or None,
        "count_no": count,
        "statute_code": "HS",
        "statute_section": "11359",
        "offense_level_before": "F",
        "disposition_date": date(1999, 3, 4),
        "disposition_decade": 1990,
        "name_last": f"DOE{person}",
        "name_first": "JANE A",
        "birth_year": 1970,
        "outcome": "ELIGIBLE",
        "relief": "DISMISS_SEAL",
        "floor": None,
        "ceiling": None,
        "action_code": None,
        "offense_level_after": None,
        "path": "completed",
        "legal_basis": "statute",
        "rule": "dismissed_section",
        "reason": "Dismiss all HS 11359 convictions",
        "citation": "HS 11361.8(f)",
        "confidence": "high",
        "missing_facts": None,
        "blocking_event": None,
        "eligible_on": None,
        "withheld_reason": None,
    }
    unknown = set(changes) - {*row, "action_key", "version"}
    assert not unknown, f"no such columns of review.worklist: {unknown}"
    row |= changes
    is_eligible = row["outcome"] == "ELIGIBLE"
    if not is_eligible:
        row["relief"] = changes.get("relief", "NONE")
    row["ceiling"] = row["ceiling"] or (row["relief"] if is_eligible else "DISMISS_SEAL")
    row["floor"] = row["floor"] or row["relief"]
    if row["action_code"] is None:
        asked = _ACTIONS.get(row["relief"] if is_eligible else row["ceiling"], ("NONE", ""))
        row["action_code"], row["offense_level_after"] = asked[0], asked[1] or None
    if is_eligible and "withheld_reason" not in changes:
        missing = [
            ("county_unknown", row["county"]),
            ("no_case_number", row["case_key"]),
            ("no_count_number", row["count_no"]),
        ]
        row["withheld_reason"] = next((reason for reason, value in missing if value is None), None)
    version_of = (
        row["outcome"], row["relief"], row["rule"], row["legal_basis"], row["missing_facts"], facts, row["case_number"],
        row["count_no"], row["statute_code"], row["statute_section"], row["offense_level_before"],
        row["disposition_date"], row["action_code"], row["offense_level_after"], row["path"],
    )  # fmt: skip
    own = {
        "action_key": key_of(number, county, row["program"], row["action_code"]),
        "version": key_of(*version_of, digits=VERSION_DIGITS),
    }
    return {**own, **row, **{name: changes[name] for name in own if name in changes}}


def make_release(
    home: Home,
    lines: Iterable[Mapping[str, Any]],
    *,
    run_id: str = "release1",
    as_of: date = AS_OF,
    data_through: date | None = DATA_THROUGH,
    rule_set: str = "f" * 64,
    subjects: Iterable[Mapping[str, Any]] = (),
    closed: Iterable[str] = (),
    later_records: int = 0,
    is_data_current: bool | None = True,
) -> Path:
    """Make a release of these lines the home's current one; returns its folder. It has no drafts, review files or snapshot.

    `subjects` are rows of court.subject that replace those made up; `closed` are suites whose gate is to be closed;
    `later_records` are dated between the as-of date and their receipt; `is_data_current` is None where it does not tell.
    """
    stamp = Stamp(run_id, as_of, rule_set, "0123456789abcdef")
    tables = _tables([dict(row) for row in lines], stamp, list(subjects), set(closed), later_records)
    if is_data_current is not None:
        late = {"suite": "staging", "expectation": "staging.data_is_current", "passed": is_data_current}
        tables["quality.gate"].append({**tables["quality.gate"][-1], **late, "observed": float(not is_data_current)})
    database = home.database(run_id)
    with Warehouse.build(database, home=home, stamp=stamp, engine=_ENGINE) as warehouse:
        for name in TABLES:
            columns = list(load_contracts()[name].types)
            assert all(set(row) == set(columns) for row in tables[name]), name
            warehouse.create_from_frame(name, pd.DataFrame(tables[name], columns=columns, dtype=object))
        write_private(
            warehouse,
            home.staged(run_id),
            stamp=stamp,
            data_through=data_through,
            key_fingerprint=action_key(home).fingerprint,
            suites=SUITES,
            assignment=Assignment.of(load_policy()),
        )
    return home.promote(run_id, ["delivery1"])


def read_private(release: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a private table, in the order of its file."""
    with duckdb.connect() as connection:
        found = connection.execute("select * from read_parquet(?)", [str(release / "private" / f"{table}.parquet")])
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _tables(
    lines: list[dict[str, Any]], stamp: Stamp, subjects: list[Mapping[str, Any]], closed: set[str], later_records: int
) -> dict[str, list[dict[str, Any]]]:
    actions = _actions(lines)
    persons = {row["person_no"]: row for row in lines}
    given = {row["person_no"]: dict(row) for row in subjects}
    made_up = {
        number: {
            "person_no": number, "cii": f"A{number:08d}", "is_cii_shared": False,
            "name": f"{row['name_last']},{row['name_first']}", "other_names": None,
            "birth_date": date(row["birth_year"] or 1970, 1, 2),
        }
        for number, row in persons.items()
    }  # fmt: skip
    disposal = {
        row["action_key"]: "no_action" if row["outcome"] != "ELIGIBLE" else row["withheld_reason"] or "in_package"
        for row in lines
    }
    counted: dict[tuple[str, str, str, str], int] = {}
    for row in lines:
        key = (row["remedy"], row["county"] or "UNKNOWN", row["outcome"], disposal[row["action_key"]])
        counted[key] = counted.get(key, 0) + 1
    return {
        "review.worklist": lines,
        "court.action": actions,
        "court.case_summary": _cases(actions, lines),
        "court.accounting": [
            dict(zip(("remedy", "county", "outcome", "disposal", "n"), (*key, n), strict=True)) for key, n in counted.items()
        ],
        "court.source": [
            {
                "n_records_used": len(lines), "n_records_of_convictions": len(lines), "n_records_quarantined": 0,
                "n_persons": len(persons), "n_convictions": len(lines), "records_fingerprint": "a" * 64,
            }
        ],
        "court.subject": [*{**made_up, **given}.values()],
        "quality.gate": [
            {
                "suite": suite, "expectation": f"{suite}.all_is_well", "severity": "critical",
                "passed": suite not in closed, "observed": float(suite in closed), "bound": "at most 0", **vars(stamp),
            }
            for suite in SUITES
        ] + [
            {
                "suite": "core", "expectation": "core.after_as_of", "severity": "warning",
                "passed": not later_records, "observed": float(later_records), "bound": "at most 0", **vars(stamp),
            }
        ],
    }  # fmt: skip


def _actions(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """court.action of the eligible lines, numbered as the model numbers them."""
    columns = load_contracts()["court.action"].types
    eligible = [row for row in lines if row["outcome"] == "ELIGIBLE"]
    eligible.sort(key=lambda row: (row["case_key"] or "", row["count_no"] or 0, row["action_key"]))
    line_no: dict[str, int] = {}
    subjects: dict[str, dict[int, str]] = {}
    actions = []
    for row in eligible:
        packed = row["county"] if row["withheld_reason"] is None else None
        if packed is not None:
            line_no[packed] = line_no.get(packed, 0) + 1
            met = subjects.setdefault(packed, {})
            met.setdefault(row["person_no"], f"S{len(met) + 1:06d}")
        is_dismissal = row["action_code"] == "DISMISS_SEAL"
        own = {
            "package_county": packed,
            "line_no": line_no[packed] if packed else None,
            "subject_ref": subjects[packed][row["person_no"]] if packed else None,
            "case_number_sort": row["case_key"],
            "section_after": None if is_dismissal else row["statute_section"],
            "seal_scope": "COUNT" if is_dismissal else "NONE",
            "reason_code": row["rule"],
            "da_position": "DEFER",
            "sentence_path": row["path"],
            "supersedes_action_key": None,
        }
        actions.append({name: own[name] if name in own else row[name] for name in columns})
    return actions


def _cases(actions: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """court.case_summary: a case has the counts that the lines tell of, and no others."""
    columns = load_contracts()["court.case_summary"].types
    packed = [row for row in actions if row["package_county"] is not None]
    cases: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for row in packed:
        cases.setdefault((row["package_county"], row["case_number_sort"], row["person_no"]), []).append(row)
    counts_of: dict[tuple[str | None, str | None, int], list[dict[str, Any]]] = {}
    for row in lines:
        counts_of.setdefault((row["county"], row["case_key"], row["person_no"]), []).append(row)
    numbers: dict[str, int] = {}
    made = []
    for (county, case_key, person_no), own in cases.items():
        numbers[county] = numbers.get(county, 0) + 1
        counts = counts_of[county, case_key, person_no]
        relieved = sum(row["outcome"] == "ALREADY_RELIEVED" for row in counts)
        review = sum(row["outcome"] == "REVIEW" for row in counts)
        withheld = sum(row["withheld_reason"] is not None for row in counts)
        live = len(counts) - len(own) - relieved
        sealed = sum(row["action_code"] == "DISMISS_SEAL" for row in own)
        summary = {
            "remedy": own[0]["remedy"], "county": county, "case_number_sort": case_key, "person_no": person_no,
            "case_no": numbers[county], "first_line_no": own[0]["line_no"], "court_code": own[0]["court_code"],
            "case_number": min(row["case_number"] for row in own), "subject_ref": own[0]["subject_ref"],
            "n_counts": len(counts), "n_convicted": len(counts), "n_in_batch": len(own), "n_already_relieved": relieved,
            "n_remaining_live": live, "n_review": review, "n_withheld": withheld, "n_undisposed": 0, "n_unplaced": 0,
            "case_complete": "Y" if not live else "U" if live == review + withheld else "N",
            "all_counts_in_batch": "Y" if len(counts) == len(own) else "N",
            "seal_scope": "NONE" if not sealed else "CASE" if sealed == len(counts) else "COUNT",
        }  # fmt: skip
        made.append({name: summary[name] for name in columns})
    return made
