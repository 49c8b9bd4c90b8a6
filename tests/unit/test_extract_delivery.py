"""Whole deliveries: what is written, under which id, the marker, and that a refusal leaves nothing behind."""

import gzip
import hashlib
import json
import runpy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from clearslate.errors import ClearslateError, DeliveryRefused, UsageError
from clearslate.extract import DOJ_COLUMNS, Delivery, read_delivery
from clearslate.extract import delivery as delivery_module
from clearslate.extract import reader as reader_module

MAKE = runpy.run_path(str(Path(__file__).parents[1] / "data" / "broken" / "make.py"))
HEADER, fields, row, text = (MAKE[name] for name in ("HEADER", "fields", "row", "text"))
DAY = date(2026, 1, 31)
DAMAGED = text(HEADER, row(0), "", row(1) + ",x", row(2, comment_text="A\nB"))


def write(folder: Path, name: str, content: str | bytes = DAMAGED) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def marker_for(paths: list[Path], rows: int = 3, **changes: Any) -> dict[str, Any]:
    files = [{"name": p.name, "rows": rows, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()} for p in paths]
    return {"id": "doj-2026-01", "data_through": "2026-01-15", "scope": "statewide", "files": files} | changes


def write_marker(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


# --- what is written ------------------------------------------------------------------------------------------------


def test_a_delivery_of_two_files(tmp_path: Path) -> None:
    paths = [write(tmp_path, "a.csv"), write(tmp_path, "b.dat.gz", gzip.compress(text(row(3), row(4)).encode()))]
    out = tmp_path / "landed" / "d1"
    landed = read_delivery(paths, out, received_on=DAY)

    records = pq.read_table(out / "record").sort_by("record_no").to_pylist()
    place, line = ["record_no", "file_no", "line_first", "line_last"], ["csv_line", "is_plain"]
    assert list(records[0]) == [*place, *map(str.lower, DOJ_COLUMNS), *line]
    places = [(r["record_no"], r["file_no"], r["line_first"], r["line_last"]) for r in records]
    assert places == [(0, 0, 2, 2), (1, 0, 5, 6), (2, 1, 1, 1), (3, 1, 2, 2)]
    assert [list(r.values())[4:99] for r in records[::2]] == [fields(0), fields(3)]
    assert [r["csv_line"] for r in records] == [row(0), row(2, comment_text="A\nB"), row(3), row(4)]
    assert [r["is_plain"] for r in records] == [True, False, True, True]

    (hole,) = pq.read_table(out / "quarantine.parquet").to_pylist()
    assert hole.pop("mend")
    assert hole == {
        "file_no": 0,
        "file_name": "a.csv",
        "line_first": 4,
        "line_last": 4,
        "reason": "field_count",
        "text": row(1) + ",x",
        "subject_id": "10000002",
        "cii": "A10000002",
    }
    account = pq.read_table(out / "file.parquet").to_pylist()
    assert account[0] == {
        "file_no": 0,
        "file_name": "a.csv",
        "sha256": hashlib.sha256(DAMAGED.encode()).hexdigest(),
        "bytes": len(DAMAGED),
        "encoding": "utf-8",
        "delimiter": ",",
        "has_header": True,
        "lines_total": 6,
        "lines_header": 1,
        "lines_blank": 1,
        "lines_loaded": 3,
        "lines_quarantined": 1,
        "records_loaded": 2,
        "records_quarantined": 1,
    }
    assert account[1]["sha256"] == hashlib.sha256(paths[1].read_bytes()).hexdigest()
    assert Delivery.load(out) == Delivery.load(out / "delivery.json") == landed
    content = json.loads((out / "delivery.json").read_text())
    assert content["totals"] == {
        "bytes": len(DAMAGED) + paths[1].stat().st_size,
        "lines_total": 8,
        "lines_header": 1,
        "lines_blank": 1,
        "lines_loaded": 5,
        "lines_quarantined": 1,
        "records_loaded": 4,
        "records_quarantined": 1,
    }
    assert (landed.received_on, landed.data_through, landed.scope) == (DAY, None, None)
    assert [path.name for path in out.parent.iterdir()] == ["d1"]


def test_duckdb_reads_text_that_is_never_null(tmp_path: Path) -> None:
    read_delivery([write(tmp_path, "a.csv")], tmp_path / "out", received_on=DAY)
    schema = pq.read_schema(tmp_path / "out/record/part-00000.parquet")
    assert not any(field.nullable for field in schema)
    query = f"describe from read_parquet('{tmp_path}/out/record/*.parquet')"
    types = [column[1] for column in duckdb.sql(query).fetchall()]
    assert types == ["BIGINT", "INTEGER", "BIGINT", "BIGINT", *["VARCHAR"] * 96, "BOOLEAN"]


def test_small_blocks_give_the_same_records_in_order(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", text(HEADER, *(row(n, comment_text="A\nB" if n % 5 else "") for n in range(60))))
    tables = []
    for size in (100, 2000, 1 << 20):
        read_delivery([path, path], tmp_path / str(size), received_on=DAY, block_bytes=size)
        tables.append(pq.read_table(tmp_path / str(size) / "record"))
    assert tables[0].equals(tables[1])
    assert tables[1].equals(tables[2])
    assert tables[0]["record_no"].to_pylist() == list(range(120))


def test_a_delivery_of_nothing_but_damage_is_still_landed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", text(HEADER, *(row(n) + ",x" for n in range(3))))
    landed = read_delivery([path], tmp_path / "out", received_on=DAY)
    assert (landed.total("records_loaded"), landed.total("records_quarantined")) == (0, 3)
    assert pq.read_table(tmp_path / "out/record").num_rows == 0
    assert pq.read_table(tmp_path / "out/quarantine.parquet").num_rows == 3


def test_a_clean_delivery_has_an_empty_quarantine(tmp_path: Path) -> None:
    read_delivery([write(tmp_path, "a.csv", text(row(0)))], tmp_path / "out", received_on=DAY)
    table = pq.read_table(tmp_path / "out/quarantine.parquet")
    assert (table.num_rows, len(table.column_names)) == (0, 9)


def test_quarantine_in_many_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "_QUARANTINE_BATCH", 2)
    path = write(tmp_path, "a.csv", text(HEADER, *(row(n) + ",x" for n in range(9))))
    read_delivery([path], tmp_path / "out", received_on=DAY, block_bytes=900)
    assert pq.read_table(tmp_path / "out/quarantine.parquet")["line_first"].to_pylist() == list(range(2, 11))


def test_progress_runs_to_the_last_byte(tmp_path: Path) -> None:
    paths = [write(tmp_path, "a.csv"), write(tmp_path, "b.csv.gz", gzip.compress(DAMAGED.encode()))]
    seen: list[tuple[int, int]] = []
    read_delivery(
        paths, tmp_path / "out", received_on=DAY, block_bytes=100, on_progress=lambda *done: seen.append(done)
    )
    total = sum(path.stat().st_size for path in paths)
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)
    assert len(seen) > 10


# --- ids ------------------------------------------------------------------------------------------------------------


def test_the_id_is_a_hash_of_the_distinct_contents(tmp_path: Path) -> None:
    a, b = write(tmp_path, "a.csv"), write(tmp_path, "b.csv", text(row(1)))
    zipped = write(tmp_path, "c.csv.gz", gzip.compress(a.read_bytes()))
    ids = [
        read_delivery(paths, tmp_path / f"out{n}", received_on=DAY).id
        for n, paths in enumerate([[a, b], [b, a], [a, b, a], [zipped, b], [a, zipped, b], [a]])
    ]
    assert len(set(ids[:5])) == 1
    assert ids[5] != ids[0]
    digests = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in (a, b))
    assert ids[0] == "d-" + hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]


def test_an_id_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv")
    assert read_delivery([path], tmp_path / "out", received_on=DAY, delivery_id="doj-7").id == "doj-7"
    for bad in ("", "../x", "a b", "x" * 101):
        with pytest.raises(UsageError, match="a delivery id is"):
            read_delivery([path], tmp_path / "out2", received_on=DAY, delivery_id=bad)


# --- the marker -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.csv.marker.json", "delivery.marker.json", "elsewhere.json"])
def test_a_marker_names_the_delivery(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "a.csv")
    marker = write_marker(tmp_path / name, marker_for([path]))
    given = marker if name == "elsewhere.json" else None
    landed = read_delivery([path], tmp_path / "out", received_on=DAY, marker=given)
    assert (landed.id, landed.data_through, landed.scope) == ("doj-2026-01", date(2026, 1, 15), "statewide")
    assert Delivery.load(tmp_path / "out") == landed


def test_a_marker_need_not_say_what_it_does_not_know(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv")
    said = marker_for([path], scope=None)
    del said["data_through"]
    write_marker(tmp_path / "delivery.marker.json", said)
    landed = read_delivery([path], tmp_path / "out", received_on=DAY)
    assert (landed.id, landed.data_through, landed.scope) == ("doj-2026-01", None, None)


WRONG_MARKERS: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "not JSON"),
    "brackets without end": ("[" * 100_000, "not JSON"),
    "a repeated key": ('{"id": "a", "id": "b", "files": []}', "a key is repeated"),
    "a list": ([], "must be an object"),
    "no id": ({"id": None}, "id must be"),
    "an id that is a path": ({"id": "../a"}, "id must be"),
    "an unknown key": ({"county": "YOLO"}, "unknown county; known are id, files, data_through, scope"),
    "an unknown scope": ({"scope": "county"}, "scope must be statewide or partial"),
    "a scope that is no text": ({"scope": ["statewide"]}, "scope must be"),
    "no files": ({"files": []}, "at least one file"),
    "a bad day": ({"data_through": "2026-02-30"}, "data_through must be a date"),
    "a day in another form": ({"data_through": "20260115"}, "data_through must be a date"),
    "a day after receipt": ({"data_through": "2026-02-01"}, "later than the day of receipt"),
    "a file without rows": ({"files": [{"name": "a.csv", "sha256": "0" * 64}]}, "lacks rows"),
    "rows that are no number": ({"files": [{"name": "a.csv", "rows": True, "sha256": "0" * 64}]}, "a whole number"),
    "a sha256 that is none": ({"files": [{"name": "a.csv", "rows": 3, "sha256": "00"}]}, "64 hexadecimal"),
    "another sha256": ({"files": [{"name": "a.csv", "rows": 3, "sha256": "0" * 64}]}, "SHA-256 is not the one"),
    "other rows": ({"rows": 4}, "has 3 records, but delivery.marker.json says 4"),
    "another file": ({"other": "b.csv"}, "does not name a.csv"),
    "one file more": ({"more": "b.csv"}, "names files that were not delivered: b.csv"),
    "a file twice": ({"more": "a.csv"}, "names a file twice"),
}


@pytest.mark.parametrize("case", WRONG_MARKERS)
def test_a_wrong_marker_refuses_the_delivery(tmp_path: Path, case: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder, "a.csv")
    content, fault = WRONG_MARKERS[case]
    if isinstance(content, dict):
        said = marker_for([path], rows=content.pop("rows", 3))
        other, more = content.pop("other", "a.csv"), content.pop("more", None)
        said["files"][0]["name"] = other
        said["files"] += [said["files"][0] | {"name": more}] if more else []
        content = said | content
    write_marker(folder / "delivery.marker.json", content)
    with pytest.raises(DeliveryRefused, match=fault) as refused:
        read_delivery([path], tmp_path / "out", received_on=DAY)
    assert "\n" not in str(refused.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["in"]


def test_two_files_of_one_name_cannot_have_a_marker(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv")
    write_marker(tmp_path / "delivery.marker.json", marker_for([path]))
    with pytest.raises(DeliveryRefused, match="cannot tell apart"):
        read_delivery([path, path], tmp_path / "out", received_on=DAY)


def test_a_marker_and_another_id_do_not_go_together(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv")
    write_marker(tmp_path / "delivery.marker.json", marker_for([path]))
    with pytest.raises(UsageError, match="gives the delivery another id"):
        read_delivery([path], tmp_path / "out", received_on=DAY, delivery_id="other")


# --- all or nothing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("into_empty_folder", [True, False])
def test_a_refusal_leaves_nothing(tmp_path: Path, into_empty_folder: bool) -> None:
    inbox, out = tmp_path / "in", tmp_path / "landed"
    inbox.mkdir()
    if into_empty_folder:
        out.mkdir()
    good, cut = write(inbox, "a.csv"), write(inbox, "b.csv", text(HEADER, *map(row, range(50)))[:-9])
    with pytest.raises(DeliveryRefused, match=r"^b.csv: ends inside a record at line 51"):
        read_delivery([good, cut], out, received_on=DAY, block_bytes=500)
    assert sorted(path.name for path in tmp_path.iterdir()) == (["in", "landed"] if into_empty_folder else ["in"])
    assert not into_empty_folder or not list(out.iterdir())
    read_delivery([good], out, received_on=DAY)
    with pytest.raises(UsageError, match="landed: exists already"):
        read_delivery([good], out, received_on=DAY)
    with pytest.raises(UsageError, match="no file given"):
        read_delivery([], out, received_on=DAY)


@pytest.mark.parametrize("change", ["grow", "rewrite", "touch", "remove"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = write(tmp_path, "a.csv")
    moved = path.stat().st_mtime_ns
    survey_file = reader_module.survey_file

    def survey_then_change(given: Path) -> reader_module.Survey:
        survey = survey_file(given)
        if change == "grow":
            write(tmp_path, "a.csv", DAMAGED + text(row(5)))
        elif change == "rewrite":
            write(tmp_path, "a.csv", DAMAGED.replace("OKAPI", "OKAPA"))
            survey = replace(survey, fingerprint=reader_module.source.fingerprint(given))
        elif change == "touch":
            write(tmp_path, "a.csv")
            reader_module.source.os.utime(given, ns=(moved, moved + 10**9))
        else:
            given.unlink()
        return survey

    monkeypatch.setattr(delivery_module, "survey_file", survey_then_change)
    with pytest.raises(DeliveryRefused, match=r"^a.csv: (the file changed while|cannot be read)"):
        read_delivery([path], tmp_path / "out", received_on=DAY)
    assert not (tmp_path / "out").exists()


def test_a_fault_of_the_parser_tells_no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise delivery_module.pa.ArrowInvalid("CSV parse error: OKAPI,OLA")

    monkeypatch.setattr("pyarrow.csv.read_csv", fail)
    with pytest.raises(ClearslateError) as failed:
        read_delivery([write(tmp_path, "a.csv")], tmp_path / "out", received_on=DAY)
    assert "OKAPI" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_what_is_no_landed_delivery_is_told(tmp_path: Path) -> None:
    for content in ("", "{}", "[]", '{"totals": {}}'):
        write(tmp_path, "delivery.json", content)
        with pytest.raises(UsageError, match=r"^delivery.json: not the record of a landed delivery"):
            Delivery.load(tmp_path)
