"""Files broken in the ways in which real ones are: what the reader makes of each stands in tests/data/broken/expected.csv."""

import csv
import runpy
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clearslate.errors import DeliveryRefused
from clearslate.extract import inspect_file, read_delivery

FOLDER = Path(__file__).parents[1] / "data" / "broken"
EXPECTED = list(csv.DictReader((FOLDER / "expected.csv").read_text(encoding="utf-8").splitlines()))
DELIMITERS = {"comma": ",", "tab": "\t"}


def test_every_broken_file_has_its_expectation_and_the_script_still_writes_it(tmp_path: Path) -> None:
    made = runpy.run_path(str(FOLDER / "make.py"))
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix not in {".py", ""}}
    del files["expected.csv"]
    assert files.keys() == {row["file"] for row in EXPECTED}
    assert {name: content for name, content in files.items() if name != "two_members.zip"} == made["broken"]()
    assert len(files) >= 20


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: row["file"])
def test_broken_file(expected: dict[str, str], tmp_path: Path) -> None:
    path, out = FOLDER / expected["file"], tmp_path / "out"
    if expected["refused_because"]:
        with pytest.raises(DeliveryRefused) as refused:
            read_delivery([path], out, received_on=date(2026, 1, 1))
        assert str(refused.value) == f"{path.name}: {expected['refused_because']}"
        assert list(tmp_path.iterdir()) == []
        with pytest.raises(DeliveryRefused):
            inspect_file(path)
        return
    facts = read_delivery([path], out, received_on=date(2026, 1, 1)).files[0]
    rows = pq.read_table(out / "quarantine.parquet").to_pylist()
    found = [(str(r["line_first"]), r["reason"], r["subject_id"], r["cii"]) for r in rows]
    assert facts.encoding == expected["encoding"]
    assert facts.delimiter == DELIMITERS[expected["delimiter"]]
    assert (facts.lines_header, facts.lines_blank) == (int(expected["lines_header"]), int(expected["lines_blank"]))
    assert facts.records_loaded == int(expected["records_loaded"])
    assert "; ".join(" ".join(filter(None, each)) for each in found) == expected["quarantined"]
    assert facts.lines_total == facts.lines_header + facts.lines_blank + facts.lines_loaded + facts.lines_quarantined
    assert inspect_file(path).facts == facts
