"""The files given beside the extracts: strict reading, safe messages, what the home keeps, and the tables they become."""

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearslate.errors import UsageError
from clearslate.home import Home, write_json
from clearslate.inputs import keep_inputs, read_input, register_inputs
from clearslate.settings import Request
from clearslate.warehouse import Stamp, Warehouse

SRF = "CII_NUMBER,SUPERVISION,START_DATE,END_DATE\n"
PROHIBITIONS = "COUNTY,CASE_NUMBER,DATE\n"
WEIGHTS = "COURT_NUMBER,GRAMS\n"


def write(folder: Path, content: str | bytes, name: str = "given.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """The frame's rows with days as days and what is missing as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        tuple(cell.date() if isinstance(cell, pd.Timestamp) else cell for cell in row)
        for row in plain.itertuples(index=False, name=None)
    ]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


# --- reading ------------------------------------------------------------------------------------------------------------


def test_columns_come_in_any_order_and_case_behind_a_byte_order_mark(tmp_path: Path) -> None:
    text = '\ufeffend_date, Supervision ,START_DATE,cii_number\r\n,"parole ",2019-01-02,"a12345678"\r\n\r\n20250101,,, B1 \r\n'
    read = read_input("srf", write(tmp_path, text))
    assert rows(read.frame) == [
        (2, "A12345678", "PAROLE", date(2019, 1, 2), None),
        (4, "B1", None, None, date(2025, 1, 1)),
    ]


def test_a_prohibition_names_county_and_case_as_the_models_know_them(tmp_path: Path) -> None:
    read = read_input("prohibition", write(tmp_path, PROHIBITIONS + 'san-joaquin,"SF-12 3a",2024-02-29\nYolo,7,NULL\n'))
    assert rows(read.frame) == [(2, "SAN JOAQUIN", "SF123A", date(2024, 2, 29)), (3, "YOLO", "7", None)]


def test_a_list_of_prohibitions_or_weights_may_be_empty(tmp_path: Path) -> None:
    assert len(read_input("prohibition", write(tmp_path, PROHIBITIONS)).frame) == 0
    assert len(read_input("drug_weight", write(tmp_path, WEIGHTS)).frame) == 0


def test_a_weight_said_twice_counts_once(tmp_path: Path) -> None:
    read = read_input("drug_weight", write(tmp_path, WEIGHTS + "A-1,28.5\nB2,0\na 1,28.50\n"))
    assert rows(read.frame) == [(2, "A1", 28.5), (3, "B2", 0.0)]


@pytest.mark.parametrize(
    ("table", "content", "said"),
    [
        ("srf", "", ": the file is empty"),
        ("srf", "\n\n", ": the file is empty"),
        ("srf", SRF, "nobody is under supervision"),
        (
            "srf",
            "CII_NUMBER,SUPERVISION,START_DATE\nA1,,\n",
            ":1: the header lacks END_DATE; the columns are CII_NUMBER,",
        ),
        ("srf", "A1,PAROLE,,\n", ":1: the header lacks"),
        ("srf", SRF.strip() + ",NAME\nA1,,,,DOE\n", ":1: the header has further columns, or one twice"),
        ("srf", SRF + "A1,PAROLE\n", ":2: 2 fields, the header has 4"),
        ("srf", SRF + "A1,,,\n ,PAROLE,,\n", ":3: CII_NUMBER is blank"),
        ("srf", SRF + "null,PAROLE,,\n", ":2: CII_NUMBER is blank"),
        ("srf", SRF + "1.2E+07,PAROLE,,\n", ":2: CII_NUMBER holds other than letters and digits"),
        ("srf", SRF + "A1,,2019-02-29,\n", ":2: START_DATE is no date; write it as YYYY-MM-DD"),
        ("srf", SRF + "A1,,,1/2/2019\n", ":2: END_DATE is no date"),
        ("srf", SRF + "A1,,2019-01-02,2019-01-01\n", ":2: END_DATE is before START_DATE"),
        ("srf", SRF + 'A1,"PAROLE,,\n', ":2: not valid CSV"),
        ("srf", SRF + 'A1,"PA"ROLE,,\n', ":2: not valid CSV"),
        ("srf", SRF.encode("utf-16"), "not UTF-8 text (byte 0); save it as CSV in UTF-8"),
        ("srf", SRF + "A\0001,,,\n", ": not plain text"),
        ("prohibition", PROHIBITIONS + "SAN JOAQUINN,1,\n", ":2: COUNTY is none of California's 58 counties"),
        ("prohibition", PROHIBITIONS + ",1,\n", ":2: COUNTY is none"),
        ("prohibition", PROHIBITIONS + "YOLO,--,\n", ":2: CASE_NUMBER is blank, or without any letter or digit"),
        ("drug_weight", WEIGHTS + "A1,\n", ":2: GRAMS is no number"),
        ("drug_weight", WEIGHTS + "A1,-1\n", ":2: GRAMS is no number"),
        ("drug_weight", WEIGHTS + "A1,nan\n", ":2: GRAMS is no number"),
        ("drug_weight", WEIGHTS + 'A1,"1,5"\n', ":2: GRAMS is no number"),
        ("drug_weight", WEIGHTS + "A1,1\nB,2\na-1,2\n", ":4: another weight for the COURT_NUMBER of line 2"),
    ],
)
def test_what_cannot_be_read_whole_is_refused_with_line_and_mend(
    tmp_path: Path, table: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as refused:
        read_input(table, write(tmp_path, content))
    assert str(refused.value).startswith("given.csv")


@given(cell=st.text(st.characters(codec="utf-8"), min_size=12).filter(lambda text: text.strip() and text.isprintable()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_message_quotes_a_cell(tmp_path: Path, cell: str) -> None:
    for table, content in (("srf", f"{SRF}{cell},{cell},{cell},{cell}\n"), ("drug_weight", f"{WEIGHTS}A,{cell}\n")):
        with pytest.raises(UsageError) as refused:
            read_input(table, write(tmp_path, content))
        assert cell.strip() not in str(refused.value)


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^nowhere\.csv: can't be read"):
        read_input("srf", tmp_path / "nowhere.csv")


# --- keeping ------------------------------------------------------------------------------------------------------------


def test_the_home_keeps_a_file_under_its_hash_for_its_owner_alone(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path, SRF + "A1,,,\nA2,,,\n")
    kept = keep_inputs(home, {"srf": path})
    assert kept == {"srf": {"file": "given.csv", "sha256": kept["srf"]["sha256"], "rows": 2}}
    copy = home.input(kept["srf"]["sha256"])
    assert copy.read_bytes() == path.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert keep_inputs(home, {"srf": copy})["srf"]["sha256"] == kept["srf"]["sha256"]
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_a_bad_file_is_not_kept(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        keep_inputs(home, {"srf": write(tmp_path, SRF)})
    assert not list((home.root / "inputs").iterdir())


def test_a_sweep_keeps_what_the_run_or_a_release_rests_on(home: Home, tmp_path: Path) -> None:
    for run_id in ("released", "refused", "new"):
        kept = keep_inputs(home, {"srf": write(tmp_path, f"{SRF}{run_id},,,\n")})
        write_json(home.record(run_id), {"run_id": run_id, "status": "x", "input_files": kept})
        if run_id == "released":
            home.promote(run_id, [])
    home.sweep("new", keep=[])
    left = {read_input("srf", path).frame["cii"][0] for path in (home.root / "inputs").iterdir()}
    assert left == {"RELEASED", "NEW"}


# --- the tables ---------------------------------------------------------------------------------------------------------


def test_a_run_without_files_has_empty_tables_that_say_so(home: Home, tmp_path: Path) -> None:
    given_files = {"drug_weight": write(tmp_path, WEIGHTS + "A1,3\n")}
    kept = keep_inputs(home, given_files)
    stamp = Stamp("run", date(2024, 1, 1), "rules", "deliveries")
    with Warehouse.build(home.database("run"), home=home, stamp=stamp) as warehouse:
        register_inputs(warehouse, home, kept)
        assert warehouse.rows("select count(*) from raw.srf") == [(0,)]
        assert warehouse.rows("select count(*) from raw.prohibition") == [(0,)]
        assert warehouse.rows("select case_key, grams from raw.drug_weight") == [("A1", 3.0)]
        assert warehouse.rows("select name, is_given, sha256, n_rows from raw.input order by name") == [
            ("drug_weight", True, kept["drug_weight"]["sha256"], 1),
            ("prohibition", False, None, 0),
            ("srf", False, None, 0),
        ]
        register_inputs(warehouse, home, keep_inputs(home, {"srf": write(tmp_path, SRF + "A1,,2024-01-01,\n")}))
        assert warehouse.rows("select cii, start_date, end_date from raw.srf") == [("A1", date(2024, 1, 1), None)]


def test_a_request_lists_its_files_by_table() -> None:
    request = Request(date(2024, 1, 1), srf=Path("a"), weights=Path("b"))
    assert request.inputs == {"srf": Path("a"), "drug_weight": Path("b")}
