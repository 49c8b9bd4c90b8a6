"""The list of upcoming relief: whom it names, in which order, and that its ends are days of the window."""

import csv
from pathlib import Path

from tests.support import decide, record

THEFT = {
    "CONV_STAT_DESCR": "MISDEMEANOR", "OFFENSE_TOC": "M", "OFFENSE_DESCR": "484 PC-THEFT", "SENT_LOC_DESCR": "JAIL",
    "SENT_LOC_CODE": "1", "SENT_LENGTH": "30", "SENT_TIME_CODE": "D",
}  # fmt: skip
AS_OF = "2022-12-11"
DAYS = {
    "due today": "20211211",
    "first day": "20211212",
    "in between": "20220101",
    "last day": "20220609",
    "too late": "20220610",
}


def listed(files: Path, county: str) -> list[dict[str, str]]:
    with (files / county / "upcoming_relief.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_list_holds_what_becomes_due_within_half_a_year(tmp_path: Path) -> None:
    rows = [
        record(**THEFT, STP_EVENT_DATE=day, SUBJECT_ID=str(number), REQ_CII_NUMBER=f"A{number}", PRI_NAME=name)
        for number, (name, day) in enumerate(DAYS.items(), start=1)
    ]
    elsewhere = {"STP_ORI_CNTY_NAME": "NARNIA", "SUBJECT_ID": "9", "REQ_CII_NUMBER": "A9", "PRI_NAME": "elsewhere"}
    rows.append(record(**{**THEFT, **elsewhere}, STP_EVENT_DATE="20220101"))
    decided = decide(tmp_path, rows, as_of=AS_OF, review="convictions")

    found = listed(decided.files, "sacramento")
    assert [(row["PRI_NAME"], row["Eligible On"]) for row in found] == [
        ("first day", "2022-12-12"), ("in between", "2023-01-01"), ("last day", "2023-06-09"),
    ]  # fmt: skip
    first = found[0]
    assert first["Petition By"] == "2022-09-13"  # 90 days before: too late already
    assert (first["Case Number"], first["Code"], first["Section"]) == ("12345", "PC", "484")
    assert (first["Conviction Date"], first["Outcome Today"], first["Outcome If Clear"]) == (
        "2021-12-12",
        "REVIEW",
        "NOT_YET",
    )
    assert first["Missing Facts"] == "srf" and first["Citation"]
    # Whether a court of California convicted there is open: no day is named.
    assert listed(decided.files, "_unknown") == []
    assert listed(decided.files, "yolo") == []
