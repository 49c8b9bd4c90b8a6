"""A release's determinations (decisions and verdicts, put together by a view) against the rules compiled to one SELECT.

Comparisons and what-ifs decide in one SELECT over the facts; a release keeps what is a candidate's own apart from what many
share. Here both decide the same people: under one policy, and under several, whose decision tables then share the candidates.
"""

from pathlib import Path

import pytest

from clearslate.contracts import load_contracts
from clearslate.law.compile import DETERMINATION, compile_all
from clearslate.run import fact_columns
from clearslate.synth import generate
from tests.support import decide

POLICIES = "county,policy,options\nLOS ANGELES,los-angeles,\nSACRAMENTO,sacramento,\nALAMEDA,statute-only,\n"


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("synth") / "extract.csv"
    generate(path, rows=4000, seed=11)
    return path


@pytest.mark.parametrize("policies", [None, POLICIES], ids=["one policy", "a policy per county"])
def test_both_say_the_same(tmp_path: Path, extract: Path, policies: str | None) -> None:
    asked = None
    if policies is not None:
        asked = tmp_path / "policies.csv"
        asked.write_text(policies)
    decided = decide(tmp_path / "home", extract, as_of="2024-11-01", options=asked)
    run = decided.run
    whole = compile_all(run.remedies, run.assignment, fact_columns(run.remedies))
    columns = ", ".join(DETERMINATION)
    with run.warehouse() as warehouse:
        bound = {name: run.parameters()[name] for name in ("as_of", "rule_set")}
        warehouse.execute(f"create table quality.whole as {whole}", bound)
        for one, other in (
            ("quality.whole", "eligibility.determination"),
            ("eligibility.determination", "quality.whole"),
        ):
            only = f"select count(*) from (select {columns} from {one} except all select {columns} from {other}) as only_one"
            assert warehouse.rows(only) == [(0,)], f"only in {one}"
        [[determined, candidates, kinds]] = warehouse.rows(
            "select (select count(*) from eligibility.determination), (select count(*) from eligibility.candidate), "
            "(select count(distinct reason) from eligibility.determination)"
        )
    assert determined == candidates > 1000
    assert kinds > 50, "the histories are varied enough to tell the two apart"
    assert list(DETERMINATION) == list(load_contracts()["eligibility.determination"].types)
