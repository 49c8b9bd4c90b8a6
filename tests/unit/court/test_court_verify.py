"""verify_package: every way of tampering with a package is told, and no cell is quoted in telling it."""

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from clearslate.court import verify_package
from clearslate.court.layout import ACTIONS, CASES, MANIFEST, SUMS, FileFacts, is_unsafe_cell


@pytest.fixture(scope="module")
def package(tmp_path_factory, make_world, make_court):
    folder = tmp_path_factory.mktemp("package")
    world = make_world(2)
    world.conviction(1, "1-A", count_no=1)
    world.conviction(1, "1-A", count_no=2, relief="REDESIGNATE_MISD")
    world.conviction(2, "2-B", count_no=1)
    world.conviction(2, "2-B", count_no=2, outcome="REVIEW")
    court = make_court(folder, world)
    [report] = court.write()
    court.warehouse.close()
    return report.folder


@pytest.fixture
def copy(package, tmp_path):
    return Path(shutil.copytree(package, tmp_path / package.name))


def seal(folder: Path, *names: str) -> None:
    """What a careful forger would do: state the changed files' hashes in the manifest, and all in SHA256SUMS."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    for name in names:
        content = (folder / name).read_bytes()
        facts = FileFacts(hashlib.sha256(content).hexdigest(), len(content), content.count(b"\r\n") - 1)
        manifest["files"][name] = asdict(facts)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    seal_sums(folder)


def seal_sums(folder: Path) -> None:
    sums = "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in (MANIFEST, ACTIONS, CASES)
    )
    (folder / SUMS).write_text(sums)


def replace(folder: Path, name: str, old: bytes, new: bytes, *, sealed: bool = True) -> list[str]:
    content = (folder / name).read_bytes()
    assert old in content
    (folder / name).write_bytes(content.replace(old, new, 1))
    if sealed:
        seal(folder, name)
    return verify_package(folder)


def cell(folder: Path, name: str, row: int, column: str, value: str) -> list[str]:
    """Set one cell (row 1 is the first line), seal, verify."""
    lines = (folder / name).read_bytes().decode().split("\r\n")
    fields = lines[row][1:-1].split('","')
    fields[lines[0][1:-1].split('","').index(column)] = value
    lines[row] = '"' + '","'.join(fields) + '"'
    (folder / name).write_bytes("\r\n".join(lines).encode())
    seal(folder, name)
    return verify_package(folder)


def told(problems: list[str], *words: str) -> bool:
    return any(all(word in problem for word in words) for problem in problems)


def test_an_untouched_package_is_sound_and_sealing_it_again_keeps_it_so(copy):
    assert verify_package(copy) == []
    seal(copy, ACTIONS, CASES)
    assert verify_package(copy) == []


@pytest.mark.parametrize("name", [MANIFEST, ACTIONS, CASES, SUMS])
def test_a_missing_file_is_told(copy, name):
    (copy / name).unlink()
    assert verify_package(copy) == [f"{name} is missing"]


def test_a_file_too_many_and_a_missing_folder_are_told(copy, tmp_path):
    (copy / "DOE.txt").write_text("x")
    assert verify_package(copy) == ["a file too many"]
    assert len(verify_package(tmp_path / "nowhere")) == 4


@pytest.mark.parametrize("name", [MANIFEST, ACTIONS, CASES])
def test_one_changed_byte_is_told_by_the_checksum(copy, name):
    problems = replace(copy, name, b"T000000", b"T000002", sealed=False)
    assert told(problems, SUMS, name)


def test_checksums_in_another_form_are_told(copy):
    text = (copy / SUMS).read_text()
    (copy / SUMS).write_text(text.upper())
    assert told(verify_package(copy), SUMS, "checksum of")
    (copy / SUMS).write_text(text + "\n")
    assert told(verify_package(copy), SUMS, "sha256sum")


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\r\n", b"\n"), (b'"F"', b"F"), (b'"batch_id"', b'\xef\xbb\xbf"batch_id"'), (b"DOE", b"D\xff\xff")],
)
def test_another_dialect_is_told(copy, old, new):
    assert told(replace(copy, ACTIONS, old, new), ACTIONS)


def test_another_header_and_a_ragged_row_are_told(copy, tmp_path):
    assert told(replace(copy, ACTIONS, b'"line_no"', b'"line"'), "header")
    replace(copy, ACTIONS, b'"line"', b'"line_no"')
    assert told(replace(copy, ACTIONS, b'"DISMISS_SEAL",', b""), "row 2", "not 27 fields; 1 such rows")


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "words"),
    [
        (ACTIONS, 2, "line_no", "3", ("line_no does not run",)),
        (ACTIONS, 2, "line_no", "x", ("row 3", "line_no is not of its form")),
        (ACTIONS, 1, "action_key", "XYZ", ("action_key is not of its form",)),
        (ACTIONS, 1, "case_number", "=1A", ("10_relief_actions.csv row 2", "case_number is an unsafe cell")),
        (ACTIONS, 1, "name_first", "J\u200bX", ("name_first is an unsafe cell",)),
        (ACTIONS, 1, "case_number", "9-Z", ("not sorted",)),
        (ACTIONS, 1, "case_number", "0-A", ("not one row for each case",)),
        (ACTIONS, 1, "subject_ref", "S000009", ("numbered by first appearance",)),
        (ACTIONS, 1, "batch_id", "CRR-35-P64-T000000", ("another batch",)),
        (ACTIONS, 1, "court_code", "35", ("another batch or court",)),
        (ACTIONS, 1, "offense_level_after", "M", ("row 2", "disagree")),
        (ACTIONS, 2, "seal_scope", "COUNT", ("row 3", "disagree")),
        (ACTIONS, 2, "section_after", "", ("row 3", "disagree")),
        (ACTIONS, 1, "disposition_date", "2010-01-03", ("control_totals",)),
        (ACTIONS, 1, "disposition_date", "Jan 2", ("disposition_date is not of its form",)),
        (ACTIONS, 1, "statute_section", "11360", ("control_totals",)),
        (ACTIONS, 1, "case_complete", "N", ("case_complete or all_counts_in_batch differs",)),
        (CASES, 1, "case_no", "2", ("case_no does not run",)),
        (CASES, 1, "batch_id", "CRR-35-P64-T000000", ("another batch",)),
        (CASES, 1, "counts_in_batch", "1", ("11_relief_cases.csv row 2", "do not add up")),
        (CASES, 1, "first_line_no", "2", ("do not add up",)),
        (CASES, 2, "counts_review", "2", ("row 3", "do not add up")),
        (CASES, 2, "counts_total", "1", ("do not add up",)),
        (CASES, 1, "counts_undisposed", "1", ("11_relief_cases.csv row 2: its counts do not add up",)),
        (CASES, 1, "counts_total", "many", ("counts_total is not of its form",)),
    ],
)
def test_a_changed_cell_is_told_even_where_every_hash_was_made_to_fit(copy, name, row, column, value, words):
    problems = cell(copy, name, row, column, value)
    assert told(problems, *words)
    assert not told(problems, "DOE") and not (len(value) > 3 and told(problems, value))


def test_a_repeated_key_and_a_lost_line_are_told(copy):
    lines = (copy / ACTIONS).read_bytes().split(b"\r\n")
    key = lines[1].split(b'","')[2]
    assert told(cell(copy, ACTIONS, 2, "action_key", key.decode()), "stands twice")
    (copy / ACTIONS).write_bytes(b"\r\n".join([*lines[:3], b""]))
    seal(copy, ACTIONS)
    problems = verify_package(copy)
    assert told(problems, "control_totals") and told(problems, "another number of lines")
    assert told(problems, "not one row for each case")


def edit_manifest(folder: Path, change) -> list[str]:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    change(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    seal_sums(folder)
    return verify_package(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(version=2), ("not clearslate-court-package version 1",)),
        (lambda m: m.update(batch_id="CRR-34-P64-000002"), ("batch_id differs",)),
        (lambda m: m.update(test_indicator="P"), ("folder's name",)),
        (lambda m: m.update(test_indicator="X"), ("neither T nor P",)),
        (lambda m: m.update(attempt=2), ("folder's name",)),
        (lambda m: m.update(data_through="June"), ("data_through is neither a day nor null",)),
        (lambda m: m.pop("data_through"), ("not a manifest",)),
        (lambda m: m["files"][ACTIONS].update(rows=9), ("files.10_relief_actions.csv differs",)),
        (lambda m: m["files"].update(other={}), ("names others",)),
        (lambda m: m["control_totals"].update(lines=9), ("control_totals differ",)),
        (lambda m: m["accounting"]["county"].update(candidates=9), ("the county's candidates",)),
        (lambda m: m["accounting"]["county"]["eligible"].update(in_package=2, withheld=1), ("another number",)),
        (lambda m: m["accounting"]["county"]["eligible"].update(withheld=1), ("+ withheld",)),
        (lambda m: m["accounting"]["statewide"]["distinct_records"].update(used=9), ("records used",)),
        (lambda m: m["accounting"]["statewide"]["convictions"].update(total=9), ("convictions =",)),
        (lambda m: m["accounting"].pop("statewide"), ("not a manifest",)),
        (lambda m: m.pop("control_totals"), ("not a manifest",)),
        (lambda m: m.update(accounting=[1]), ("not a manifest",)),
    ],
)  # fmt: skip
def test_a_changed_manifest_is_told(copy, change, words):
    assert told(edit_manifest(copy, change), *words)


def test_a_manifest_that_is_no_json_is_told(copy):
    (copy / MANIFEST).write_text("DOE")
    seal_sums(copy)
    assert verify_package(copy) == [f"{MANIFEST}: not a manifest of this format"]


def test_many_problems_are_told_in_few_lines(copy):
    content = (copy / ACTIONS).read_bytes()
    head, *lines = content.split(b"\r\n")[:-1]
    (copy / ACTIONS).write_bytes(b"\r\n".join([head, *[lines[0].replace(b"11359", b"=11")] * 50, b""]))
    seal(copy, ACTIONS)
    problems = verify_package(copy)
    assert len(problems) < 5 and told(problems, "row 2: statute_section is an unsafe cell; 50 such rows")


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@A", "\t1", "1\r", "1\x00", "＝1", "a\u202eb", "a\u2028b", "\ufeffa"]
)
def test_cells_that_mislead_are_unsafe(text):
    assert is_unsafe_cell(text)


@pytest.mark.parametrize("text", ["", "1", "A-1", "a=b", "PEÑA", "O'NEIL", "山田", "12\u00a034"])
def test_other_cells_are_safe(text):
    assert not is_unsafe_cell(text)
