"""A package sent again or superseded, refused, and killed at any point."""

from datetime import timedelta
from typing import Any

import pytest

from clearslate.court import batch, extras, office, verify_package
from clearslate.court.batch import resend
from clearslate.errors import ClearslateError, GateRefused, UsageError
from clearslate.ledger import Ledger
from tests.support_court import line, make_release, tiny_home
from tests.support_packages import ON, answer, decide, manifest_of, only, prepare, rows_of

# -- sent again -------------------------------------------------------------------------------------------------------


def test_sending_again_sends_the_same_bytes(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    again = resend(home, made.batch_id, on=ON + timedelta(days=1))
    assert again.path.name == "CRR-34-P64-000001_a2_P.zip" and again.attempt == 2
    assert again.path.read_bytes() == made.path.read_bytes()
    assert verify_package(again.path) == []
    assert resend(home, made.batch_id, on=ON + timedelta(days=1)) == again
    made.path.write_bytes(b"spoilt")
    again.path.unlink()
    with pytest.raises(UsageError, match="not what was sent"):
        resend(home, made.batch_id, on=ON + timedelta(days=2))
    with pytest.raises(UsageError, match="no batch of that id"):
        resend(home, "CRR-34-P64-000009", on=ON)


def test_a_batch_that_was_refused_whole_is_superseded_by_one_of_its_lines_that_may_still_go(home, profile):
    make_release(home, [line(1), line(2)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("RECEIVED", "rejected"), reason="R01")
    make_release(home, [line(1), line(2), line(3)], run_id="release2")
    decide(home, {"": "NO_CHALLENGE", "19-00002": "DEFER"})
    assert [row["case_number"] for row in rows_of(only(prepare(home)))] == ["19-00003"]
    new = only(prepare(home, supersede=made.batch_id))
    assert [row["case_number"] for row in rows_of(new)] == ["19-00001"]
    assert new.supersedes == made.batch_id and manifest_of(new)["supersedes_batch"] == made.batch_id
    assert prepare(home, supersede=made.batch_id).batches == ()
    with pytest.raises(UsageError, match="superseded"):
        resend(home, made.batch_id, on=ON)
    decide(home, {"19-00002": "NO_CHALLENGE"})
    assert [row["case_number"] for row in rows_of(only(prepare(home)))] == ["19-00002"]


def test_a_batch_that_the_court_treats_is_not_superseded(home, profile):
    make_release(home, [line(1)])
    decide(home, {"": "NO_CHALLENGE"})
    made = only(prepare(home))
    answer(home, made, ("VALIDATED", "matched"))
    with pytest.raises(ClearslateError, match="begun to treat"):
        prepare(home, supersede=made.batch_id)
    assert sorted(path.name for path in made.path.parent.iterdir()) == [made.path.name, "CRR-34-P64-000002_a1_P.zip"]
    assert prepare(home).swept == ("CRR-34-P64-000002_a1_P.zip",)


# -- refusals and kills -----------------------------------------------------------------------------------------------


def test_a_closed_gate_makes_no_package(home, profile):
    make_release(home, [line(1)], closed=["court"])
    with pytest.raises(GateRefused):
        prepare(home)
    assert not (home.outbox / "sacramento").exists()


def test_a_release_as_of_a_day_to_come_makes_test_packages_alone(home, profile):
    make_release(home, [line(1)], as_of=ON + timedelta(days=1))
    decide(home, {"": "NO_CHALLENGE"})
    with pytest.raises(UsageError, match="has not come"):
        prepare(home)
    assert only(prepare(home, test=True)).n_lines == 1
    assert only(prepare(home, on=ON + timedelta(days=1))).n_lines == 1


class Killed(BaseException):
    """Not an Exception: nothing of ours may catch it."""


@pytest.mark.parametrize("where", ["lines", "extras", "zip", "placed", "entered"])
def test_a_command_that_died_is_run_again_with_the_same_result(tmp_path, profile, monkeypatch, where):
    results = []
    for dies in (False, True):
        home = tiny_home(tmp_path / str(dies))
        (home.root / "keys" / "action.key").write_bytes(b"k" * 32)
        make_release(home, [line(1), line(2)])
        decide(home, {"": "NO_CHALLENGE"})
        if dies:
            with monkeypatch.context() as patch:
                kill(patch, where)
                with pytest.raises(Killed):
                    prepare(home)
            (home.outbox / "sacramento" / ".CRR-34-P64-000001_a1_P.zip.partial").write_bytes(b"torn")
        report = prepare(home)
        assert len(report.batches) == (0 if where == "entered" and dies else 1)
        files = {path.name: path.read_bytes() for path in (home.outbox / "sacramento").iterdir()}
        results.append((files, (home.ledger / "ledger.jsonl").read_bytes()))
    assert results[0] == results[1]


def kill(patch: pytest.MonkeyPatch, where: str) -> None:
    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    real = office.write_archive
    real_append = Ledger.append

    def placed(*given: Any) -> str:
        real(*given)
        raise Killed

    def entered(self: Ledger, *given: Any) -> Any:
        real_append(self, *given)
        raise Killed

    if where == "lines":
        patch.setattr(office.Contents, "write_lines", die)
    elif where == "extras":
        patch.setattr(extras, "clerk_page", die)
    elif where == "zip":
        patch.setattr(office.Contents, "seal", die)
    elif where == "placed":
        patch.setattr(office, "write_archive", placed)
    else:
        patch.setattr(batch.Ledger, "append", entered)
