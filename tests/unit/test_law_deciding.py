"""The facts that a determination rests on: those that its deciding rule names, and no others."""

import re

from clearslate.law.assignment import Assignment, load_assignment
from clearslate.law.deciding import compile_deciding
from clearslate.law.remedy import load_remedies
from clearslate.run import fact_columns
from tests.support import decide, record

REMEDIES = [remedy for remedy in load_remedies() if remedy.id == "prop64"]
FACTS = fact_columns(REMEDIES)["conviction"]


def branches(assignment):
    """Rule (and policy, where it matters) to the columns that are told of it."""
    sql = compile_deciding(REMEDIES, assignment, FACTS)
    found = {}
    for condition, told in re.findall(r"when (d\..*?) then concat_ws\((.*?)\n        \)", sql, re.DOTALL):
        policy = re.search(r"d\.policy = '([^']*)'", condition)
        for rule in re.findall(r"'([^']*)'", condition.partition("d.rule in")[2]):
            found[policy.group(1) if policy else None, rule] = set(re.findall(r"f\.(\w+)", told))
    return found


def test_a_rule_names_the_facts_of_its_test_and_its_waiting_period():
    told = branches(load_assignment("san-joaquin"))
    assert told[None, "all_possession"] == {"section"}
    assert told[None, "several_crime_free"] == {
        "n_convictions",
        "latest_conviction_date_least",
        "latest_conviction_date_most",
    }


def test_a_rule_that_policies_word_differently_names_the_facts_of_each():
    one, other = (load_assignment(name).default for name in ("san-joaquin", "los-angeles"))
    told = branches(Assignment(one, {"LOS ANGELES": other}))
    alone = {policy.id: branches(Assignment.of(policy)) for policy in (one, other)}
    for policy, rules in alone.items():
        for (_, rule), facts in rules.items():
            assert told.get((policy, rule), told.get((None, rule))) == facts


def test_the_text_is_the_same_every_time():
    assignment = load_assignment("los-angeles")
    assert compile_deciding(REMEDIES, assignment, FACTS) == compile_deciding(REMEDIES, assignment, FACTS)


def test_only_decisions_on_a_named_fact_grow_stale(tmp_path, monkeypatch):
    """One more conviction of the same person: the line that rests on the section keeps its version, the one on their number
    does not."""
    (tmp_path / "key").write_text("k" * 32)
    monkeypatch.setenv("CLEARSLATE_ACTION_KEY_FILE", str(tmp_path / "key"))
    counts = [
        record(OFN="1", OFFENSE_DESCR="11357(A) HS-POSSESS CONCENTRATED CANNABIS", CNT_ORDER="101002001000"),
        record(OFN="2", OFFENSE_DESCR="11359 HS-POSSESS MARIJUANA FOR SALE", CNT_ORDER="102002001000"),
    ]
    another = record(OFN="3", OFFENSE_DESCR="459 PC-BURGLARY", CNT_ORDER="103002001000", STP_EVENT_DATE="19950101")
    told = []
    for number, given in enumerate((counts, [*counts, another])):
        decided = decide(tmp_path / str(number), given, options="san-joaquin")
        rows = decided.rows("select case_number, action_key, rule, outcome, version from review.worklist")
        told.append({case: row for case, *row in rows})
    before, after = told
    assert {case: row[:3] for case, row in before.items()} == {case: row[:3] for case, row in after.items()}
    assert [row[1] for _, row in sorted(before.items())] == ["all_possession", "several_crime_free"]
    assert before["1"] == after["1"] and before["2"][3] != after["2"][3]
