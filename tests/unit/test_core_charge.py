"""Charges: an entry that stands alone is one as it is, and grouping would say the same of it.

Belongs here: that the two ways through sql/core/charge.sql agree, column by column. Does not belong here: what a charge of
several entries says (tests/golden).
"""

import os
from datetime import date

import pytest

from clearslate.models import load_models
from tests.differential.engine import write
from tests.oracle.histories import Histories
from tests.support import Decided, decide

PEOPLE = int(os.environ.get("CLEARSLATE_CHARGE", "1500"))
AS_OF = date(2025, 3, 1)
ENTRIES = "    from core.entry\n    group by person_no, cnt_order\n    having count(*) > "


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """Messy histories, with their charges once more where every entry goes through the grouping: core.charge_grouped."""
    folder = tmp_path_factory.mktemp("charges")
    drawn = Histories(11, AS_OF)
    people = [[{**row, "FE_NUM_CRT_CASE": row.get("OFN", "")} for row in drawn.draw()] for _ in range(PEOPLE)]
    write(folder / "extract.csv", people)
    decided = decide(folder / "home", folder / "extract.csv", as_of=AS_OF.isoformat())
    model = load_models()["core.charge"].sql
    assert model.count(ENTRIES + "1") == 1
    with decided.run.warehouse() as warehouse:
        warehouse.execute(f"create table core.charge_grouped as {model.replace(ENTRIES + '1', ENTRIES + '0')}")
    return decided


def test_alone_or_grouped_a_charge_is_the_same(built: Decided) -> None:
    for left, right in (("charge", "charge_grouped"), ("charge_grouped", "charge")):
        assert built.rows(f"select count(*) from (from core.{left} except all from core.{right})") == [(0,)]


ALONE = (
    "from core.charge as c inner join ("
    "select person_no, cnt_order from core.entry group by person_no, cnt_order having count(*) = 1"
    ") as e on c.person_no = e.person_no and c.cnt_order = e.cnt_order "
    "where c.person_no not in (select person_no from core.entry where cnt_order is null)"
)


@pytest.mark.parametrize(
    "told",
    [
        "severity is null", "severity = 'F' and stated_severity is null", "severity = 'M'",
        "event_date is null", "event_date_least is null", "is_event_after_receipt", "not is_offense_told",
        "is_convicted_offense_told", "county is null", "agency_text is null",
        "is_juvenile_court", "not is_juvenile_court", "is_juvenile_court is null",
        "is_california_court", "not is_california_court", "is_california_court is null",
        "is_federal_court", "not is_federal_court", "is_federal_court is null",
        "is_convicted", "is_disposition_unknown", "is_prop64_relief", "is_relief_unstated", "is_prop47_relief",
        "is_conviction_relief", "is_set_aside", "is_annulled", "is_revoked", "is_dismissed",
        "not is_disposed", "is_wholly_disposed",
        "disp_date is null", "is_ofn_stated", "not is_ofn_stated", "court_case_number is not null",
        "convicted_record_no is null",
    ],
)  # fmt: skip
def test_what_is_compared_is_there(built: Decided, told: str) -> None:
    assert built.rows(f"select count(*) > 0 {ALONE} and {told}") == [(True,)]
