"""Impact: who would be left with what, at the edges of who counts as a candidate."""

from pathlib import Path

import pytest

from tests.support import decide, record

OF_1972 = {"CNT_ORDER": "102002001000", "OFN": "777", "STP_EVENT_DATE": "19720101"}


@pytest.mark.parametrize(
    ("second", "would_be_without"),
    [
        ({**OF_1972, "OFFENSE_DESCR": "11359 HS-POSSESS MARIJUANA FOR SALE"}, True),
        # Replaced in 1973: a person looks at it, and no count of Prop 64 convictions has it in it.
        ({**OF_1972, "OFFENSE_DESCR": "11530 HS-POSSESS MARIJUANA"}, False),
        ({**OF_1972, "OFFENSE_DESCR": "487 PC-GRAND THEFT"}, False),
    ],
)
def test_were_every_prop_64_conviction_dismissed(
    tmp_path: Path, second: dict[str, str], would_be_without: bool
) -> None:
    decided = decide(tmp_path / "home", [record(STP_EVENT_DATE="20040101"), record(**second)])
    told = decided.frame("select would_be_without_conviction, would_be_without_felony from impact.candidate_person")
    assert told.to_numpy().tolist() == [[would_be_without, would_be_without]]
