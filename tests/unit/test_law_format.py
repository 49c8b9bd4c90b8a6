"""What a rule file may say beside `when`, compiled and run: parameters, versions, awaited inputs, ranges, policies, kinds."""

import itertools
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from clearslate.errors import LawError
from clearslate.law.assignment import Assignment
from clearslate.law.compile import compile_all, compile_remedy, compile_scenarios, traces
from clearslate.law.policy import Policy, load_policy
from clearslate.law.remedy import Remedy, load_remedies
from clearslate.models import parse_model

NAMES = "abcd"
SHOWN = {"person_no": "INTEGER", **dict.fromkeys(("county", "section", "sentence_path", "event"), "VARCHAR")}
DAYS = {f"{name}{end}": "DATE" for name in ("since", "until") for end in ("", "_least", "_most")}
COMMON = {**SHOWN, **dict.fromkeys(NAMES, "BOOLEAN"), **DAYS}
FACTS = {
    "conviction": {"conviction_id": "VARCHAR", **COMMON, "listed": "BOOLEAN", "county_known": "BOOLEAN"},
    "arrest": {"arrest_id": "VARCHAR", **COMMON},
}
RELIEFS = ["LESS", "MORE", "MOST"]
INSERT = {"insert": "policy_rules"}
NOTHING = {"then": "INELIGIBLE"}


def rule(name: str, then: str, **more: Any) -> dict[str, Any]:
    more = {key.removesuffix("_"): value for key, value in more.items()}
    return {"id": name, "then": then, "reason": f"reason {name}", "cite": f"cite {name}", "confidence": "high", **more}


def write(path: Path, content: Mapping[str, Any], days: tuple[str, ...] = ("2016-11-09",)) -> None:
    """A law file in JSON, which is YAML but for its dates."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1)
    for day in days:
        text = text.replace(f': "{day}"', f": {day}")
    path.write_text(text)


def law(root: Path, rules: list[dict[str, Any]], *, days: tuple[str, ...] = ("2016-11-09",), **changes: Any) -> Remedy:
    content = {
        "id": "relief",
        "title": "t",
        "authority": "a",
        "versions": [{"version": "v1", "effective_from": "2016-11-09", "effective_to": None, "enacted": True}],
        "candidates": {"kind": "conviction", "when": "all", "cite": "c"},
        "relief": RELIEFS,
        "on_unknown": {"default": {"do": "review", "cite": "cite default"}},
        "rules": rules,
        **changes,
    }
    write(root / "remedies" / f"{content['id']}.yaml", content, days)
    (remedy,) = (one for one in load_remedies(root) if one.id == content["id"])
    return remedy


def policy(root: Path, rules: list[dict[str, Any]], *, name: str = "mine", **changes: Any) -> Policy:
    verdicts = [
        *("REVIEW", "INELIGIBLE", "ALREADY_RELIEVED", "NOT_YET"),
        *(f"ELIGIBLE {relief}" for relief in RELIEFS),
    ]
    content: dict[str, Any] = {
        "id": name,
        "title": name,
        "authority": "a",
        "remedy": "relief",
        "prints": dict.fromkeys(verdicts, "x"),
        **({"rules": rules} if rules else {}),
        **changes,
    }
    write(root / "policies" / f"{name}.yaml", content)
    return load_policy(name=name, root=root)


def run(sql: str, rows: list[dict[str, Any]], as_of: str = "2019-11-11", **bound: Any) -> list[dict[str, Any]]:
    """The SELECT over these rows of both facts tables (each a conviction and an arrest), in the order of the rows."""
    with duckdb.connect() as connection:
        connection.execute("create schema facts")
        for kind, columns in FACTS.items():
            connection.execute(f"create table facts.{kind} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
            values = [
                [{f"{kind}_id": f"{number:06}", **row}.get(name) for name in columns] for number, row in enumerate(rows)
            ]
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"insert into facts.{kind} values ({marks})", values)
        stamps = {"as_of": as_of} | ({"rule_set": "hash"} if "$rule_set" in sql else {})
        result = connection.execute(sql, {**stamps, **bound})
        names = [column[0] for column in result.description or []]
        found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return sorted(found, key=lambda row: str(row.get("candidate_id")))


def decide(root: Path, remedy: Remedy, rows: list[dict[str, Any]], as_of: str = "2019-11-11") -> list[dict[str, Any]]:
    silent = policy(root, [], name="silent", remedy="another")
    return run(compile_remedy(remedy, silent, FACTS), rows, as_of)


def exactly(name: str, day: str) -> dict[str, str]:
    return dict.fromkeys((name, f"{name}_least", f"{name}_most"), day)


# --- parameters ------------------------------------------------------------------------------------------------------

PARAMETERS = {
    "stale_years": {
        "value": 0,
        "unit": "years",
        "cite": "c",
        "variants": [{"id": "bill", "value": 3, "enacted": False, "cite": "a bill"}],
    },
    "wait_months": {"value": 18, "unit": "months", "cite": "c"},
    "quantity": {"value": "floor", "unit": "choice", "allowed": ["floor", "ceiling"], "cite": "c"},
    "counts": {"value": True, "unit": "flag", "cite": "c"},
}


def test_parameters_fill_in_tests_waits_and_reasons_and_switch_rules(tmp_path: Path) -> None:
    rules = [
        rule("stale", "REVIEW", if_="stale_years > 0", when="since + interval '{stale_years}' year <= as_of"),
        rule(
            "waited", "ELIGIBLE LESS", wait={"from": "since", "add": "P{wait_months}M"}, reason="{wait_months} months"
        ),
        rule("ceiling", "ELIGIBLE MOST", if_="quantity = 'ceiling'", when="a"),
        rule("floor", "ELIGIBLE MORE", if_="quantity <> 'ceiling' and counts", when="a"),
        rule("rest", "INELIGIBLE"),
    ]
    remedy = law(tmp_path, rules, parameters=PARAMETERS)
    old, known = {**exactly("since", "2015-01-01")}, {"a": True, **exactly("since", "2019-01-01")}
    enacted = decide(tmp_path, remedy, [old, known])
    assert [(row["rule"], row["reason"]) for row in enacted] == [("waited", "18 months"), ("floor", "reason floor")]
    assert {row["remedy_version"] for row in enacted} == {"v1"}
    (bill,) = load_remedies(tmp_path, variants=["bill"])
    proposed = decide(tmp_path, bill, [old, known])
    assert [(row["rule"], row["remedy_version"]) for row in proposed] == [("stale", "v1+bill"), ("floor", "v1+bill")]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"when": "since + interval '{stale_years}' year <= as_of"}, "is a period of no length"),
        ({"when": "since + interval '{months}' month <= as_of"}, "unknown fact `months`"),
        ({"when": "since + interval '{quantity}' month <= as_of"}, "`{quantity}` is not a whole number"),
        ({"wait": {"from": "since", "add": "P{stale_years}Y"}}, "is a period of no length"),
        ({"when": "quantity = 'floor'"}, "parameter `quantity` is no number; it belongs under `if`"),
        ({"when": "counts"}, "parameter `counts` is no number; it belongs under `if`"),
        ({"when": "a", "if": "quantity = 'flor'"}, "`quantity` is one of floor, ceiling, never `flor`"),
        ({"when": "a", "if": "quantity"}, "`quantity` is not a parameter of type flag or integer"),
        ({"when": "a", "if": "wait_months = 'x'"}, "`if` must be a comparison of parameters"),
        ({"when": "a", "in": ["v2"]}, "remedy relief has no version `v2`; it has v1"),
        ({"when": "a", "awaits": "e", "then": "REVIEW"}, "unknown fact `e`"),
    ],
)
def test_what_needs_parameters_and_facts_is_checked(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    remedy = law(
        tmp_path, [rule("first", "ELIGIBLE LESS") | changed, rule("rest", "INELIGIBLE")], parameters=PARAMETERS
    )
    with pytest.raises(LawError) as caught:
        decide(tmp_path, remedy, [])
    assert str(caught.value).startswith("relief.yaml:")
    assert message in str(caught.value)


def test_a_parameter_that_has_the_name_of_a_fact(tmp_path: Path) -> None:
    remedy = law(tmp_path, [rule("rest", "INELIGIBLE")], parameters={"a": PARAMETERS["counts"]})
    with pytest.raises(LawError, match="parameter `a` has the name of a fact"):
        decide(tmp_path, remedy, [])


# --- versions, waits -------------------------------------------------------------------------------------------------


def test_a_rule_stands_only_in_its_versions_and_is_false_in_the_others(tmp_path: Path) -> None:
    versions = [
        {"version": "old", "effective_from": "2016-11-09", "effective_to": "2019-12-31", "enacted": True},
        {"version": "new", "effective_from": "2020-01-01", "effective_to": None, "enacted": True},
    ]
    rules = [
        rule("unknown_here", "REVIEW", in_=["new"], when="b"),
        rule("first", "ELIGIBLE LESS", in_=["old"]),
        rule("waits", "ELIGIBLE MORE", in_=["new"], wait={"from": "since", "add": "P5Y"}),
        rule("rest", "INELIGIBLE"),
    ]
    days = ("2016-11-09", "2019-12-31", "2020-01-01")
    remedy = law(tmp_path, rules, versions=versions, days=days)
    waiting = exactly("since", "2016-06-01")
    rows = [waiting, {"b": False, **waiting}]
    before = decide(tmp_path, remedy, rows, "2019-12-31")
    assert [(row["rule"], row["missing_facts"], row["eligible_on"]) for row in before] == [("first", None, None)] * 2
    after = decide(tmp_path, remedy, rows, "2020-01-01")
    assert [(row["rule"], row["outcome"], str(row["eligible_on"])) for row in after] == [
        ("unknown_here", "REVIEW", "None"),
        ("rest", "INELIGIBLE", "2021-06-01"),
    ]


def test_a_wait_of_no_time_is_over_on_the_day(tmp_path: Path) -> None:
    wait = {"from": "until", "add": "P0D"}
    remedy = law(tmp_path, [rule("over", "ELIGIBLE LESS", wait=wait), rule("rest", "INELIGIBLE")])
    rows = [exactly("until", day) for day in ("2019-11-10", "2019-11-11", "2019-11-12")]
    found = decide(tmp_path, remedy, [*rows, {"until_least": "2019-11-11", "until_most": "2019-11-12"}])
    assert [row["rule"] for row in found] == ["over", "over", "rest", "over"]
    assert [str(row["eligible_on"]) for row in found] == ["None", "None", "2019-11-12", "None"]
    assert [row["outcome"] for row in found] == ["ELIGIBLE", "ELIGIBLE", "INELIGIBLE", "REVIEW"]


def test_where_silence_denies_the_reason_is_what_is_not_on_record(tmp_path: Path) -> None:
    said = {"default": {"do": "deny", "cite": "law"}}
    remedy = law(tmp_path, [rule("over", "ELIGIBLE LESS", when="a and b"), rule("rest", "INELIGIBLE")], on_unknown=said)
    (row,) = decide(tmp_path, remedy, [{"b": True}])
    assert (row["outcome"], row["reason"], row["missing_facts"]) == ("INELIGIBLE", "Not on record: a", "a")


# --- awaited inputs --------------------------------------------------------------------------------------------------


def test_for_want_of_an_input_it_is_a_review_that_says_what_it_would_be(tmp_path: Path) -> None:
    said = {"default": {"do": "deny", "cite": "law"}}
    rules = [
        rule("barred", "INELIGIBLE", when="a"),
        rule("supervised", "INELIGIBLE", when="b and c"),
        rule("no_list", "REVIEW", when="not b", awaits="c"),
        rule("waited", "ELIGIBLE LESS", wait={"from": "since", "add": "P5Y"}),
        rule("rest", "INELIGIBLE"),
    ]
    remedy = law(tmp_path, rules, on_unknown=said)
    long_ago, lately = exactly("since", "2010-01-01"), exactly("since", "2017-02-01")
    rows = [
        {"a": False, "b": False, **long_ago},
        {"a": False, "b": False, **lately},
        {"a": False, "b": False},
        {"a": True, "b": False, **long_ago},
        {"b": False, **long_ago},
        {"a": False, "b": True, "c": False, **long_ago},
        {"a": False, "b": True, "c": True, **long_ago},
        {"a": False, "b": True, **long_ago},
    ]
    found = decide(tmp_path, remedy, rows)
    assert [(row["rule"], row["outcome"], row["outcome_if_clear"]) for row in found] == [
        ("no_list", "REVIEW", "ELIGIBLE"),
        ("no_list", "REVIEW", "INELIGIBLE"),
        ("no_list", "REVIEW", "INELIGIBLE"),
        ("barred", "INELIGIBLE", None),
        ("barred", "INELIGIBLE", None),
        ("waited", "ELIGIBLE", None),
        ("supervised", "INELIGIBLE", None),
        ("supervised", "INELIGIBLE", None),
    ]
    assert [row["missing_facts"] for row in found] == ["c", "c", "c", None, "a; c", None, None, "c"]
    assert [str(row["eligible_on"]) for row in found[:3]] == ["None", "2022-02-01", "None"]
    assert {(row["floor"], row["ceiling"]) for row in found[:1]} == {("NONE", "LESS")}


@pytest.mark.parametrize("seed", range(12))
def test_the_outcome_if_clear_is_that_of_the_table_without_the_rules_that_await(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    said = {
        "default": {"do": draw.choice(("review", "deny")), "cite": "c"},
        "facts": {name: {"do": draw.choice(("review", "deny", "presume")), "cite": "c"} for name in "ab"},
    }
    rules = []
    for number in range(draw.randint(2, 6)):
        tested = draw.choice(("{0}", "not {0}", "{0} and {1}", "{0} or {1}")).format(*draw.sample(NAMES, 2))
        awaited = {"awaits": "d"} if number == 1 else {}
        verdict = "REVIEW" if awaited else draw.choice(("INELIGIBLE", "REVIEW", "NOT_YET", "ELIGIBLE MORE"))
        rules.append(rule(f"r{number}", verdict, when=tested, **awaited))
    rules.append(rule("rest", draw.choice(("INELIGIBLE", "ELIGIBLE LESS"))))
    rows = [dict(zip(NAMES, row, strict=True)) for row in itertools.product((True, False, None), repeat=len(NAMES))]
    whole = decide(tmp_path / "whole", law(tmp_path / "whole", rules, on_unknown=said), rows)
    clear = [one for one in rules if "awaits" not in one]
    without = decide(tmp_path / "clear", law(tmp_path / "clear", clear, on_unknown=said), rows)
    for one, other in zip(whole, without, strict=True):
        assert one["outcome_if_clear"] == (other["outcome"] if one["rule"] == "r1" else None)


# --- ranges of relief ------------------------------------------------------------------------------------------------


def test_a_rule_states_the_range_of_relief_that_it_leaves_open(tmp_path: Path) -> None:
    rules = [
        rule("screen", "REVIEW", when="c"),
        rule("look", "REVIEW", when="a", floor="LESS", ceiling="MORE"),
        rule("least", "ELIGIBLE LESS", when="b", ceiling="MOST"),
        rule("rest", "ELIGIBLE MORE"),
    ]
    remedy = law(tmp_path, rules)
    rows = [
        {"a": True, "b": False, "c": False},
        {"a": False, "b": True, "c": False},
        {"a": False, "b": False, "c": False},
        {"a": False, "b": None, "c": False},
        {"a": False, "b": True, "c": True},
        {"a": None, "b": False, "c": False},
        {"a": True, "b": True, "c": True},
    ]
    found = decide(tmp_path, remedy, rows)
    assert [(row["rule"], row["outcome"], row["floor"], row["ceiling"]) for row in found] == [
        ("look", "REVIEW", "LESS", "MORE"),
        ("least", "ELIGIBLE", "LESS", "MOST"),
        ("rest", "ELIGIBLE", "MORE", "MORE"),
        ("least", "REVIEW", "LESS", "MOST"),
        ("screen", "REVIEW", "NONE", "MOST"),
        ("look", "REVIEW", "LESS", "MORE"),
        ("screen", "REVIEW", "NONE", "MORE"),
    ]


# --- policies --------------------------------------------------------------------------------------------------------

STATUTE = [
    rule("whose", "REVIEW", if_="by_county", when="not county_known", missing=["county"]),
    INSERT,
    rule("floor", "ELIGIBLE LESS", if_="unknown_quantity = 'floor'", when="a", ceiling="MOST"),
    rule("ceiling", "ELIGIBLE MOST", if_="unknown_quantity = 'ceiling'", when="a"),
    rule("rest", "INELIGIBLE"),
]
QUANTITY = {"unknown_quantity": {"value": "floor", "unit": "choice", "allowed": ["floor", "ceiling"], "cite": "c"}}
LISTED = {"kind": "conviction", "when": "listed", "cite": "c"}


def test_every_county_goes_by_its_policy_and_no_unknown_one_by_any(tmp_path: Path) -> None:
    remedy = law(tmp_path, STATUTE, parameters=QUANTITY, candidates=LISTED)
    statute = policy(tmp_path, [], name="statute-only")
    closed = policy(tmp_path, [rule("closed", "INELIGIBLE", when="b"), rule("open", "ELIGIBLE MORE")], name="closed")
    widest = policy(
        tmp_path, [], name="widest", unknown_quantity="ceiling", candidates={"when": "listed or d", "cite": "c"}
    )
    assignment = Assignment(statute, {"YOLO": closed, "KERN": widest, "NAPA": closed})
    sql = compile_all([remedy], assignment, FACTS)
    assert parse_model("eligibility", "determination", sql).reads == ("facts.conviction",)
    known = {"a": True, "b": False, "county_known": True}
    rows = [
        {**known, "county": "YOLO", "listed": True},
        {**known, "county": "NAPA", "listed": True},
        {**known, "county": "KERN", "listed": True},
        {**known, "county": "ALAMEDA", "listed": True},
        {**known, "county": None, "county_known": False, "listed": True},
        {**known, "county": "KERN", "listed": False, "d": True},
        {**known, "county": "ALAMEDA", "listed": False, "d": True},
    ]
    found = run(sql, rows)
    assert [(row["candidate_id"], row["policy"], row["rule"], row["relief"], row["ceiling"]) for row in found] == [
        ("000000", "closed", "open", "MORE", "MORE"),
        ("000001", "closed", "open", "MORE", "MORE"),
        ("000002", "widest", "ceiling", "MOST", "MOST"),
        ("000003", "statute-only", "floor", "LESS", "MOST"),
        ("000004", "statute-only", "whose", "NONE", "MOST"),
        ("000005", "widest", "ceiling", "MOST", "MOST"),
    ]
    alone = run(compile_remedy(remedy, statute, FACTS), rows)
    assert [row["rule"] for row in alone] == ["floor"] * 5


def test_what_no_outcome_of_a_policy_needs_is_not_printed(tmp_path: Path) -> None:
    remedy = law(tmp_path, STATUTE, parameters=QUANTITY, candidates=LISTED)
    prints = {"REVIEW": "Look", "INELIGIBLE": ""}
    own = [rule("ours", "ELIGIBLE MORE", when="b", prints="Ours"), rule("none", "INELIGIBLE")]
    closed = policy(tmp_path, own, prints=prints)
    compile_remedy(remedy, closed, FACTS)
    assert ("ours", "ELIGIBLE", "MORE", "Ours") in closed.texts()
    with pytest.raises(LawError, match=r"relief\.yaml:\d+: `prints` of policy mine has no text for ELIGIBLE LESS"):
        compile_remedy(remedy, policy(tmp_path, own[:1], prints=prints), FACTS)
    off = [rule("late", "ALREADY_RELIEVED", if_="by_county", when="b"), *own]
    with pytest.raises(LawError, match=r"mine\.yaml:\d+: `prints` of policy mine has no text for ALREADY_RELIEVED"):
        compile_remedy(remedy, policy(tmp_path, off, prints=prints), FACTS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unknown_quantity": "half"}, "remedy relief knows no such choice of `unknown_quantity`"),
        ({"candidates": {"when": "nobody", "cite": "c"}}, "unknown fact `nobody`"),
        ({"rules": [rule("whose", "INELIGIBLE")]}, "`whose` stands in the remedy and in the policy"),
    ],
)
def test_a_policy_that_does_not_fit_its_remedy(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    remedy = law(tmp_path, STATUTE, parameters=QUANTITY)
    with pytest.raises(LawError) as caught:
        compile_remedy(remedy, policy(tmp_path, **{"rules": [], **changes}), FACTS)
    assert message in str(caught.value)


def test_a_policy_for_a_remedy_without_a_place_for_it(tmp_path: Path) -> None:
    with pytest.raises(LawError, match=r"^mine\.yaml:1: remedy relief has no place for a policy's rules"):
        compile_remedy(law(tmp_path, [rule("rest", "INELIGIBLE")]), policy(tmp_path, []), FACTS)


# --- several at once -------------------------------------------------------------------------------------------------


def test_remedies_of_both_kinds_make_one_select(tmp_path: Path) -> None:
    first = law(tmp_path, [INSERT, rule("rest", "INELIGIBLE")], candidates=LISTED)
    arrests = {"kind": "arrest", "when": "all", "cite": "c"}
    second = law(
        tmp_path, [rule("clear", "ELIGIBLE LESS", when="a"), rule("no", "INELIGIBLE")], id="b", candidates=arrests
    )
    mine = policy(tmp_path, [rule("ours", "ELIGIBLE MOST")])
    sql = compile_all([first, second], Assignment.of(mine), FACTS)
    assert parse_model("eligibility", "determination", sql).reads == ("facts.arrest", "facts.conviction")
    found = run(sql, [{"listed": True, "a": True}, {"listed": False}])
    keys = ("candidate_kind", "candidate_id", "remedy", "policy", "outcome")
    assert sorted(tuple(row[key] for key in keys) for row in found) == [
        ("arrest", "000000", "b", "statute-only", "ELIGIBLE"),
        ("arrest", "000001", "b", "statute-only", "REVIEW"),
        ("conviction", "000000", "relief", "mine", "ELIGIBLE"),
    ]


def test_scenarios_are_decided_in_one_select(tmp_path: Path) -> None:
    rules = [INSERT, rule("stale", "ELIGIBLE LESS", if_="stale_years > 0", when="a"), rule("rest", "INELIGIBLE")]
    remedy = law(tmp_path, rules, parameters=PARAMETERS)
    proposed = load_remedies(tmp_path, variants=["bill"])
    statute, mine = (
        policy(tmp_path, [], name="statute-only"),
        policy(tmp_path, [rule("ours", "ELIGIBLE MOST", when="b")]),
    )
    by_county = Assignment(statute, {"YOLO": mine})
    scenarios = {
        "now": ([remedy], Assignment.of(statute)),
        "it's a bill": (proposed, Assignment.of(statute)),
        "counties": ([remedy], by_county),
    }
    sql = compile_scenarios(scenarios, FACTS)
    assert sql == compile_scenarios(scenarios, FACTS)
    rows = [{"a": True, "b": True, "county": "YOLO"}, {"a": True, "b": True, "county": "KERN"}]
    found = [(row["scenario"], row["candidate_id"][-1], row["rule"]) for row in run(sql, rows)]
    assert sorted(found) == [
        ("counties", "0", "ours"),
        ("counties", "1", "rest"),
        ("it's a bill", "0", "stale"),
        ("it's a bill", "1", "stale"),
        ("now", "0", "rest"),
        ("now", "1", "rest"),
    ]


def test_a_trace_tells_every_rules_value_and_the_facts(tmp_path: Path) -> None:
    rules = [
        rule("first", "REVIEW", when="a", missing=["c"]),
        rule("waited", "ELIGIBLE MORE", when="b", wait={"from": "since", "add": "P5Y"}),
        rule("rest", "INELIGIBLE"),
    ]
    remedy = law(tmp_path, rules)
    silent = Assignment.of(policy(tmp_path, [], remedy="another"))
    (trace,) = traces([remedy], silent, FACTS, where="person_no = $person_no")
    rows = [{"person_no": 7, "a": False, **exactly("since", "2014-01-31")}, {"person_no": 8}]
    (row,) = run(trace.sql, rows, person_no=7)
    assert {name: row[name] for name in ("conviction_id", "person_no", "a", "b", "p_first", "p_waited")} == {
        "conviction_id": "000000", "person_no": 7, "a": False, "b": None, "p_first": False, "p_waited": None,
    }  # fmt: skip
    assert (row["rule_no"], row["on_unknown"], row["lacks_b"], row["missing_facts"]) == (2, "review", True, "b")
    assert (str(row["since_least_plus_5y"]), row["remedy_version"]) == ("2019-01-31", "v1")
    assert [(one.number, one.rule.id, one.flag) for one in trace.table.rows] == [
        (1, "first", "p_first"),
        (2, "waited", "p_waited"),
        (3, "rest", "p_rest"),
    ]
