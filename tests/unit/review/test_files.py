"""The prosecutor's CSV files, against the plainest way to write them: 95 cells a line, one after another."""

from pathlib import Path
from typing import Any

import pytest

from clearslate.extract import DOJ_COLUMNS
from clearslate.review.export import ALL, CONDENSED, PROP64, columns
from clearslate.settings import county_folder
from tests.support import Decided, decide, record

COUNTIES = ["ALAMEDA", "SACRAMENTO", "YOLO"]
COMMENT = 'CHRG 11358 HS-PLANT, "CULTIVATE"'  # names another section than the count it stands on
PERSONS = 40


def records() -> list[dict[str, str]]:
    """Persons with entries in one, several or no county, with candidates or without, and cells that have to be quoted."""
    found = []
    for n in range(PERSONS):
        who = {"SUBJECT_ID": str(n), "REQ_CII_NUMBER": f"A{n:08d}", "PRI_NAME": "DOE" if n % 7 == 0 else f"DOE,JO {n}"}
        odd = {"OFN": f'1"{n}'} if n % 5 == 0 else {"DISP_OFFENSE_DESCR": "A,B"} if n % 5 == 1 else {}
        for at, county in enumerate([*COUNTIES, "NOWHERE", ""]):
            if n % (at + 2) == 0:
                order = f"10{at + 1}002001000"
                text = COMMENT if n % 3 == 0 else ("A\nB" if n % 3 == 1 else "")
                if n % 4:  # every fourth person has no candidate at all
                    found.append(record(**who, **odd, STP_ORI_CNTY_NAME=county, CNT_ORDER=order, COMMENT_TEXT=text))
                other = {"OFFENSE_DESCR": "459 PC-BURGLARY", "CNT_ORDER": f"10{at + 1}002002000"}
                found.append(record(**who, STP_ORI_CNTY_NAME=county, **other))
    return found


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    return decide(tmp_path_factory.mktemp("files"), records(), review="full")


def line(cells: list[str]) -> str:
    special = '"', ",", "\n", "\r"
    return ",".join('"' + c.replace('"', '""') + '"' if any(s in c for s in special) else c for c in cells) + "\n"


def expected(decided: Decided, county: str) -> dict[str, str]:
    """Each file of a county, from the 95 columns."""
    appended = columns("appended")
    with decided.run.warehouse() as warehouse:
        results = {row["record_no"]: row for row in warehouse.dicts("select * from review.prop64_result")}
        entries = warehouse.dicts(
            "select w.*, e.person_no, q.comment_text is not null as is_shown "
            "from core.entry as e inner join raw.record as w on e.record_no = w.record_no "
            "inner join staging.record as s on e.record_no = s.record_no "
            "left join review.comment_charge as q on s.offense_key = q.offense_key and s.comment_text = q.comment_text "
            "order by e.person_no, w.cnt_order, w.sent_order, e.record_hash"
        )
        told = {row[0] for row in warehouse.rows("select person_no from core.entry where county = $c", {"c": county})}
    heads = {PROP64: [*DOJ_COLUMNS, *appended], ALL: [*DOJ_COLUMNS, *appended]}
    heads[CONDENSED] = [*columns("condensed"), *appended]
    files = {name: line(head) for name, head in heads.items() if county or name == PROP64}
    for entry in entries:
        result: dict[str, Any] = results.get(entry["record_no"], {"county": "somewhere else"})
        is_own = (result["county"] or "") == county
        shown = entry["comment_text"] if entry["is_shown"] else ""
        cells = [
            shown if source == "possible_other" else (result[source] or "" if is_own else "")
            for source in appended.values()
        ]
        for name in files:
            if is_own if name == PROP64 else entry["person_no"] in told:
                whole = columns("condensed") if name == CONDENSED else DOJ_COLUMNS
                files[name] += line([*(entry[column.lower()] for column in whole), *cells])
    return files


@pytest.mark.parametrize("county", [*COUNTIES, "YUBA", ""])
def test_files_hold_the_cells_as_sent_and_the_appended_ones(decided: Decided, county: str) -> None:
    folder: Path = decided.files / county_folder(county)
    found = {
        name: (folder / name).read_bytes().decode() for name in (PROP64, ALL, CONDENSED) if (folder / name).exists()
    }
    assert found == expected(decided, county)


def test_the_records_try_all_that_is_written_in_another_way(decided: Decided) -> None:
    text = {name: (decided.files / "sacramento" / name).read_text() for name in (PROP64, ALL, CONDENSED)}
    quoted = '"CHRG 11358 HS-PLANT, ""CULTIVATE"""'
    for name, content in text.items():
        assert quoted in content, name
    assert (decided.files / "_unknown" / PROP64).read_text().count("\n") > 1
    assert decided.rows("select count(*) from raw.record where not is_plain")[0][0] > PERSONS / 2
