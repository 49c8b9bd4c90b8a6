"""The simulated court itself: it takes sound packages, refuses unsound ones, finds the faults of its file, tells each
piece of news once, and its books balance."""

import csv
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.court_simulator import Court, Fates, write_answers
from tests.court_simulator.parcel import CASE_FIELDS, LINE_FIELDS, REVERSAL_FIELDS, control_totals

N = 400


def table(fields: list[str], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([fields, *([row.get(name, "") for name in fields] for row in rows)])
    return text.getvalue().encode()


def made_lines(batch_id: str, n: int = N, start: int = 1) -> list[dict[str, str]]:
    return [
        {
            "batch_id": batch_id, "line_no": str(number), "action_key": f"KEY{start + number:06d}", "court_code": "19",
            "case_number": f"BA-{start + number:06d}", "count_no": "1", "statute_section": "11359",
            "offense_level_before": "F", "disposition_date": "2005-03-04", "action_code": "DISMISS_SEAL",
            "da_position": "NO_CHALLENGE", "subject_ref": f"S{number:06d}", "name_last": f"NAME{number}",
            "birth_year": "1970",
        }
        for number in range(1, n + 1)
    ]  # fmt: skip


def package(
    folder: Path,
    lines: list[dict[str, str]],
    *,
    sequence: int = 1,
    reversals: list[dict[str, str]] | None = None,
    change: Callable[[dict[str, Any]], None] = lambda manifest: None,
    damage: Callable[[dict[str, bytes]], None] = lambda files: None,
) -> Path:
    batch_id = f"CRR-19-P64-{sequence:06d}"
    files = {
        "10_relief_actions.csv": table(LINE_FIELDS, lines),
        "11_relief_cases.csv": table(CASE_FIELDS, []),
        "12_reversals.csv": table(REVERSAL_FIELDS, reversals or []),
    }
    manifest = {
        "batch_id": batch_id, "sequence": sequence, "test_indicator": "P", "court_code": "19",
        "previous_manifest_sha256": None, "control_totals": control_totals(lines),
        "files": {name: {"sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()},
    }  # fmt: skip
    change(manifest)
    files["00_manifest.json"] = json.dumps(manifest).encode()
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    files["SHA256SUMS"] = sums.encode()
    damage(files)
    path = folder / f"{batch_id}_a1_P.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def told(paths: list[Path]) -> list[dict[str, str]]:
    return [row for path in paths for row in csv.DictReader(path.open(encoding="utf-8", newline=""))]


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return Court(tmp_path / "books.sqlite", court_code="19", fates=Fates(seed=1))


def work(court: Court, batch_id: str) -> None:
    """Everything that a court does with a batch, twice: what was put off is done the second time."""
    court.validate(batch_id, "2025-02-02")
    for month in ("03", "04"):
        court.hear(batch_id, f"2025-{month}-01")
        court.post(batch_id, f"2025-{month}-02")
        court.report(batch_id, f"2025-{month}-03")
        court.confirm(batch_id, f"2025-{month}-04")


def test_every_fault_of_the_case_file_is_found_and_every_line_is_closed(court: Court, tmp_path: Path) -> None:
    assert court.receive(package(tmp_path, made_lines("CRR-19-P64-000001")), "2025-02-01") == ""
    work(court, "CRR-19-P64-000001")
    states = Counter(f"{state} {code}".strip() for _, _, state, code in court.standing().values())
    assert sum(states.values()) == N
    found = {code for name in states for code in name.split() if code.startswith("R")}
    assert found == {"R10", "R11", "R12", "R13", "R14", "R15", "R20", "R21", "R22", "R23", "R24", "R30", "R31", "R32",
                     "R40", "R41", "R42", "R99"}  # fmt: skip
    assert {name.split()[0] for name in states} == {"reported", "posted", "denied", "refused", "already", "duplicate"}
    assert court.findings() == []
    codes = {row[0] for row in court.books.execute("select reason_code from journal")}
    assert {"R50", "R60"} <= codes


def test_news_is_told_once_and_the_totals_of_each_file_hold(court: Court, tmp_path: Path) -> None:
    court.receive(package(tmp_path, made_lines("CRR-19-P64-000001")), "2025-02-01")
    work(court, "CRR-19-P64-000001")
    paths = write_answers(court, "CRR-19-P64-000001", tmp_path, parts=3, shuffle=4)
    assert [path.name[-8:] for path in paths] == ["0001.csv", "0002.csv", "0003.csv"]
    for path in paths:
        rows = told([path])
        assert [rows[0]["rec"], rows[-1]["rec"], rows[-1]["line_no"]] == ["H", "T", str(len(rows) - 2)]
    n_news = sum(row["rec"] == "L" for row in told(paths))
    assert n_news == court.books.execute("select count(*) from journal").fetchone()[0]
    assert write_answers(court, "CRR-19-P64-000001", tmp_path) == []


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("R01", {"change": lambda manifest: manifest["control_totals"].update(lines=1)}),
        ("R01", {"change": lambda manifest: manifest["files"]["10_relief_actions.csv"].update(sha256="0")}),
        ("R01", {"damage": lambda files: files.update({"11_relief_cases.csv": b"x"})}),
        ("R01", {"damage": lambda files: files.pop("12_reversals.csv")}),
        ("R03", {"damage": lambda files: files.update({"00_manifest.json": b"{"})}),
        ("R04", {"change": lambda manifest: manifest.update(court_code="34")}),
        ("R05", {"change": lambda manifest: manifest.update(test_indicator="T")}),
    ],
)
def test_an_unsound_package_is_refused_whole(court: Court, tmp_path: Path, code: str, options: dict[str, Any]) -> None:
    assert court.receive(package(tmp_path, made_lines("CRR-19-P64-000001", 3), **options), "2025-02-01") == code
    assert court.standing() == {}
    [path] = write_answers(court, "CRR-19-P64-000001", tmp_path)
    assert [(row["stage"], row["status"], row["reason_code"]) for row in told([path]) if row["rec"] == "L"] == [
        ("RECEIVED", "rejected", code)
    ]


def test_a_batch_is_taken_once_and_a_damaged_zip_not_at_all(court: Court, tmp_path: Path) -> None:
    path = package(tmp_path, made_lines("CRR-19-P64-000001", 3))
    assert court.receive(path, "2025-02-01") == ""
    assert court.receive(path, "2025-02-01") == "R02"
    data = bytearray(path.read_bytes())
    at = data.index(b"KEY000002")
    data[at] ^= 1
    path.write_bytes(data)
    assert court.receive(path, "2025-02-01") == "R03"
    assert len(court.standing()) == 3


def test_a_renumbered_case_is_found_under_its_new_number(tmp_path: Path) -> None:
    court = Court(tmp_path / "books.sqlite", court_code="19", fates=Fates(per_mille={"renumbered": 1000}))
    first, second = "CRR-19-P64-000001", "CRR-19-P64-000002"
    court.receive(package(tmp_path, made_lines(first, 3)), "2025-02-01")
    court.validate(first, "2025-02-02")
    news = told(write_answers(court, first, tmp_path))
    number = {row["action_key"]: row["court_case_number"] for row in news if row["reason_code"] == "R15"}
    assert len(number) == 3
    again = [{**row, "batch_id": second, "case_number": number[row["action_key"]]} for row in made_lines(second, 3)]
    court.receive(package(tmp_path, again, sequence=2), "2025-03-01")
    work(court, second)
    assert {state for _, _, state, _ in court.standing().values()} == {"reported"}


def test_another_key_for_a_count_that_is_posted_relieves_nothing_twice(tmp_path: Path) -> None:
    court = Court(tmp_path / "books.sqlite", court_code="19", fates=Fates.none())
    court.receive(package(tmp_path, made_lines("CRR-19-P64-000001", 2)), "2025-02-01")
    work(court, "CRR-19-P64-000001")
    again = [{**row, "action_key": f"OTHER{n}"} for n, row in enumerate(made_lines("CRR-19-P64-000002", 2))]
    court.receive(package(tmp_path, again, sequence=2), "2025-03-01")
    work(court, "CRR-19-P64-000002")
    assert [court.standing()[f"OTHER{n}"][2] for n in range(2)] == ["duplicate", "duplicate"]
    assert court.findings() == []


def test_a_reversal_takes_a_posting_back(tmp_path: Path) -> None:
    court = Court(tmp_path / "books.sqlite", court_code="19", fates=Fates.none())
    lines = made_lines("CRR-19-P64-000001", 3)
    court.receive(package(tmp_path, lines), "2025-02-01")
    work(court, "CRR-19-P64-000001")
    second = "CRR-19-P64-000002"
    taken_back = {
        **lines[1],
        "batch_id": second,
        "action_key": "REVERSAL",
        "reverses_action_key": lines[1]["action_key"],
    }
    court.receive(package(tmp_path, [], sequence=2, reversals=[taken_back]), "2025-06-01")
    work(court, second)
    assert court.reversed() == {lines[1]["action_key"]}
    assert court.relieved() == {lines[0]["action_key"], lines[2]["action_key"]}
