"""The compiler against an oracle: random tables of rules over facts that may be unknown, every combination tried.

The oracle knows nothing of SQL. It evaluates the rules in Kleene's logic, follows the definition of possible outcomes
word by word, and checks the result against every completion of the unknown facts.
"""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from clearslate.contracts import load_contracts
from clearslate.errors import LawError
from clearslate.law.assignment import Assignment
from clearslate.law.compile import compile_all, compile_remedy
from clearslate.law.policy import Policy, load_policy
from clearslate.law.remedy import Remedy, load_remedies, load_remedy
from clearslate.models import parse_model

NAMES = "abcd"
FACTS = {
    **dict.fromkeys(NAMES, "BOOLEAN"),
    **dict.fromkeys(("conviction_id", "county", "section", "sentence_path", "event"), "VARCHAR"),
    "person_no": "INTEGER",
    "listed": "BOOLEAN",
    **{f"{name}{end}": "DATE" for name in ("since",) for end in ("", "_least", "_most")},
}
BY_KIND = {"conviction": FACTS}
RELIEFS = ("REDESIGNATE_MISD", "REDESIGNATE_INFR", "DISMISS_SEAL")
VERDICTS = ["INELIGIBLE", "ALREADY_RELIEVED", "NOT_YET", "REVIEW", *(f"ELIGIBLE {relief}" for relief in RELIEFS)]
AS_OF = "2019-11-11"

Known = bool | None
Formula = str | tuple[str, Any] | tuple[str, Any, Any]


def rule(name: str, then: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "then": then, "reason": f"reason {name}", "cite": f"cite {name}", "confidence": "high", **more}


def write_law(
    root: Path, rules: list[dict[str, Any]], *, on_unknown: dict[str, str] | None = None, **changes: Any
) -> tuple[Remedy, Policy]:
    """A remedy with these rules and a policy without settings; JSON is YAML."""
    remedy: dict[str, Any] = {
        "id": "relief",
        "title": "t",
        "authority": "a",
        "versions": [{"version": "v1", "effective_from": "2016-11-09", "effective_to": None, "enacted": True}],
        "candidates": {"kind": "conviction", "when": "listed", "cite": "c"},
        "relief": list(RELIEFS),
        "on_unknown": {
            "default": {"do": "review", "cite": "cite default"},
            "facts": {fact: {"do": action, "cite": f"cite {fact}"} for fact, action in (on_unknown or {}).items()},
        },
        "rules": rules,
    } | changes
    policy = {
        "id": "plain",
        "title": "Plain",
        "authority": "a",
        "remedy": "relief",
        "parameters": {},
        "prints": dict.fromkeys(VERDICTS, "x"),
        "rules": [rule("from_policy", "INELIGIBLE", when="a and not a and b and not b")],
    }
    for folder, name, content in (("remedies", "relief", remedy), ("policies", "plain", policy)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=1).replace('"2016-11-09"', "2016-11-09")
        (root / folder / f"{name}.yaml").write_text(text)
    return load_remedy(root / "remedies" / "relief.yaml"), load_policy(name="plain", root=root)


INSERT = {"insert": "policy_rules"}


def decide(sql: str, rows: list[dict[str, Any]], as_of: str = AS_OF) -> dict[str, dict[str, Any]]:
    """Runs the compiled SELECT over rows of facts (what isn't named is NULL, `listed` true); by candidate."""
    with duckdb.connect() as connection:
        connection.execute("create schema facts")
        columns = ", ".join(f"{name} {type_}" for name, type_ in FACTS.items())
        connection.execute(f"create table facts.conviction ({columns})")
        filled = [{"listed": True, **row} for row in rows]
        values = [[row.get(name) for name in FACTS] for row in filled]
        connection.executemany(f"insert into facts.conviction values ({', '.join('?' for _ in FACTS)})", values)
        result = connection.execute(sql, {"as_of": as_of, "rule_set": "hash"})
        names = [column[0] for column in result.description or []]
        return {row[1]: dict(zip(names, row, strict=True)) for row in result.fetchall()}


# --- the oracle -------------------------------------------------------------------------------------------------------


def kleene(formula: Formula, facts: dict[str, Known]) -> Known:
    if isinstance(formula, str):
        return facts[formula]
    if formula[0] == "not":
        inner = kleene(formula[1], facts)
        return None if inner is None else not inner
    left, right = kleene(formula[1], facts), kleene(formula[2], facts)
    decisive = formula[0] == "or"
    if left is decisive or right is decisive:
        return decisive
    return None if left is None or right is None else not decisive


def text_of(formula: Formula) -> str:
    if isinstance(formula, str):
        return formula
    if formula[0] == "not":
        return f"not ({text_of(formula[1])})"
    return f"({text_of(formula[1])} {formula[0]} {text_of(formula[2])})"


def names_in(formula: Formula) -> set[str]:
    return {formula} if isinstance(formula, str) else set().union(*(names_in(part) for part in formula[1:]))


def expected(
    table: list[tuple[str, Formula | None]], actions: dict[str, str], facts: dict[str, Known]
) -> dict[str, Any]:
    values = [True if formula is None else kleene(formula, facts) for _, formula in table]
    verdicts = [verdict for verdict, _ in table]
    first = values.index(True)
    possible = [number for number in range(first) if values[number] is None] + [first]
    differing = [number for number in possible if verdicts[number] != verdicts[first]]
    chosen, verdict, missing = first, verdicts[first], set()
    if differing:
        for number in possible[:-1]:
            formula = table[number][1]
            if number <= max(differing) and formula is not None:
                missing |= {name for name in names_in(formula) if facts[name] is None}
        said = {actions.get(name, "review") for name in missing}
        if "review" in said:
            chosen, verdict = possible[0], "REVIEW"
        else:
            worth = [VERDICTS.index(verdicts[number]) for number in possible]
            wanted = min(worth) if "deny" in said else max(worth)
            chosen = possible[worth.index(wanted)]
            verdict = verdicts[chosen]

    settled = next((n for n, v in enumerate(values) if v is True and verdicts[n] != "REVIEW"), len(table))
    reachable = [n for n in range(len(table)) if n == settled or (values[n] is None and n < settled)]
    reliefs = [0 if not verdicts[n].startswith("ELIGIBLE") else VERDICTS.index(verdicts[n]) for n in possible]
    best = [0 if not verdicts[n].startswith("ELIGIBLE") else VERDICTS.index(verdicts[n]) for n in reachable] or [0]
    name = {0: "NONE"} | {VERDICTS.index(f"ELIGIBLE {relief}"): relief for relief in RELIEFS}
    outcome, _, relief = verdict.partition(" ")
    return {
        "outcome": outcome,
        "relief": relief or "NONE",
        "rule": f"r{chosen}",
        "floor": name[min(reliefs)],
        "ceiling": name[max(best)],
        "missing_facts": "; ".join(sorted(missing)) or None,
    }


def random_formula(draw: random.Random, depth: int = 2) -> Formula:
    kind = draw.choice(("fact", "fact", "not", "and", "or")) if depth else "fact"
    if kind == "fact":
        return draw.choice(NAMES)
    if kind == "not":
        return ("not", random_formula(draw, depth - 1))
    return (kind, random_formula(draw, depth - 1), random_formula(draw, depth - 1))


ROWS = [dict(zip(NAMES, values, strict=True)) for values in itertools.product((True, False, None), repeat=len(NAMES))]


def key_of(facts: dict[str, Known]) -> str:
    return "".join({True: "T", False: "F", None: "?"}[facts[name]] for name in NAMES)


def completions(facts: dict[str, Known]) -> list[dict[str, Known]]:
    open_ = [name for name in NAMES if facts[name] is None]
    return [facts | dict(zip(open_, v, strict=True)) for v in itertools.product((True, False), repeat=len(open_))]


@pytest.mark.parametrize("seed", range(60))
def test_random_tables_agree_with_the_oracle(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    table: list[tuple[str, Formula | None]] = [
        (draw.choice(VERDICTS), random_formula(draw)) for _ in range(draw.randint(1, 7))
    ]
    table.append((draw.choice(VERDICTS), None))
    actions = (
        {} if seed % 2 else {name: draw.choice(("review", "deny", "presume", "deny", "presume")) for name in NAMES}
    )
    rules = [
        rule(f"r{number}", verdict, **({"when": text_of(formula)} if formula is not None else {}))
        for number, (verdict, formula) in enumerate(table)
    ]
    remedy, policy = write_law(tmp_path, [INSERT, *rules], on_unknown=actions)
    decided = decide(compile_remedy(remedy, policy, BY_KIND), [{"conviction_id": key_of(row), **row} for row in ROWS])
    assert len(decided) == len(ROWS)

    for facts in ROWS:
        got = decided[key_of(facts)]
        # The policy's one rule is false wherever it isn't unknown, so it is a rule that never fires but may be unknown.
        mine = expected([("INELIGIBLE", POLICY_FORMULA), *table], actions, facts)
        mine["rule"] = {"r0": "from_policy"}.get(mine["rule"], f"r{int(mine['rule'][1:]) - 1}")
        assert {name: got[name] for name in mine} == mine, (key_of(facts), table)
        if not actions:
            check_against_completions(got, table, facts)
            check_blanking(decided, facts)


POLICY_FORMULA: Formula = ("and", ("and", ("and", "a", ("not", "a")), "b"), ("not", "b"))


def check_against_completions(
    got: dict[str, Any], table: list[tuple[str, Formula | None]], facts: dict[str, Known]
) -> None:
    """With `review` everywhere: the verdict of all completions or REVIEW, and a range of relief that holds them all."""
    verdicts = set()
    for whole in completions(facts):
        verdicts.add(next(verdict for verdict, formula in table if formula is None or kleene(formula, whole)))
    verdict = f"{got['outcome']} {got['relief']}" if got["outcome"] == "ELIGIBLE" else got["outcome"]
    assert verdict == "REVIEW" or verdicts == {verdict}
    order = ["NONE", *RELIEFS]
    reliefs = [order.index(verdict.partition(" ")[2] or "NONE") for verdict in verdicts]
    assert order.index(got["floor"]) <= min(reliefs)
    assert order.index(got["ceiling"]) >= max(reliefs)


def check_blanking(decided: dict[str, dict[str, Any]], facts: dict[str, Known]) -> None:
    """A fact that is blanked never makes anyone eligible and never adds relief."""
    before = decided[key_of(facts)]
    for name in NAMES:
        after = decided[key_of(facts | {name: None})]
        if after["outcome"] == "ELIGIBLE":
            assert (before["outcome"], before["relief"]) == ("ELIGIBLE", after["relief"])


# --- single definitions -----------------------------------------------------------------------------------------------


def test_an_unknown_fact_that_cannot_change_the_verdict_is_not_missing(tmp_path: Path) -> None:
    rules = [
        INSERT,
        rule("first", "ELIGIBLE DISMISS_SEAL", when="c"),
        rule("second", "ELIGIBLE DISMISS_SEAL", when="d"),
        rule("no_rule", "INELIGIBLE"),
    ]
    remedy, policy = write_law(tmp_path, rules)
    row = {"conviction_id": "1", "a": False, "d": True}
    got = decide(compile_remedy(remedy, policy, BY_KIND), [row])["1"]
    assert (got["outcome"], got["rule"], got["missing_facts"]) == ("ELIGIBLE", "second", None)
    assert (got["floor"], got["ceiling"]) == ("DISMISS_SEAL", "DISMISS_SEAL")


@pytest.mark.parametrize(
    ("actions", "outcome", "citation"),
    [
        ({"c": "review", "d": "deny"}, "REVIEW", "cite c"),
        ({"c": "deny", "d": "deny"}, "INELIGIBLE", "cite no_rule; cite c"),
        ({"c": "presume", "d": "presume"}, "ELIGIBLE", "cite first; cite c"),
        ({"c": "presume", "d": "deny"}, "INELIGIBLE", "cite no_rule; cite d"),
        ({"c": "presume"}, "REVIEW", "cite default"),
    ],
)
def test_the_most_cautious_missing_fact_decides(
    actions: dict[str, str], outcome: str, citation: str, tmp_path: Path
) -> None:
    rules = [INSERT, rule("first", "ELIGIBLE DISMISS_SEAL", when="c and d"), rule("no_rule", "INELIGIBLE")]
    remedy, policy = write_law(tmp_path, rules, on_unknown=actions)
    got = decide(compile_remedy(remedy, policy, BY_KIND), [{"conviction_id": "1", "a": False}])["1"]
    assert (got["outcome"], got["citation"], got["missing_facts"]) == (outcome, citation, "c; d")
    assert (got["floor"], got["ceiling"]) == ("NONE", "DISMISS_SEAL")


def test_a_rule_that_ends_in_review_says_what_is_missing_and_what_may_come_of_it(tmp_path: Path) -> None:
    rules = [
        rule("blocked", "REVIEW", when="c", missing=["section"], event="event"),
        rule("also", "REVIEW", when="d", missing=["section", "county"]),
        INSERT,
        rule("grant", "ELIGIBLE REDESIGNATE_MISD"),
    ]
    remedy, policy = write_law(tmp_path, rules)
    rows = [
        {"conviction_id": "1", "a": False, "c": True, "d": True, "event": "e1"},
        {"conviction_id": "2", "a": False, "c": False, "d": True, "event": "e2"},
    ]
    decided = decide(compile_remedy(remedy, policy, BY_KIND), rows)
    assert [decided[key]["missing_facts"] for key in "12"] == ["section", "county; section"]
    assert [decided[key]["blocking_event"] for key in "12"] == ["e1", None]
    assert {(row["outcome"], row["floor"], row["ceiling"]) for row in decided.values()} == {
        ("REVIEW", "NONE", "REDESIGNATE_MISD")
    }


def test_unknown_candidacy_is_no_candidacy(tmp_path: Path) -> None:
    remedy, policy = write_law(tmp_path, [INSERT, rule("no_rule", "INELIGIBLE")])
    rows = [{"conviction_id": str(number), "listed": listed} for number, listed in enumerate((True, False, None))]
    assert list(decide(compile_remedy(remedy, policy, BY_KIND), rows)) == ["0"]


def test_the_version_in_force_on_the_as_of_date_is_named(tmp_path: Path) -> None:
    versions = [
        {"version": "old", "effective_from": "2016-11-09", "effective_to": "2018-12-31", "enacted": True},
        {"version": "new", "effective_from": "2019-01-01", "effective_to": None, "enacted": True},
        {"version": "bill", "effective_from": "2018-01-01", "effective_to": None, "enacted": False},
    ]
    _, policy = write_law(tmp_path, [INSERT, rule("no_rule", "INELIGIBLE")])
    file = tmp_path / "remedies" / "relief.yaml"
    content = json.loads(file.read_text().replace("2016-11-09", '"2016-11-09"')) | {"versions": versions}
    text = json.dumps(content)
    for date in ("2016-11-09", "2018-12-31", "2019-01-01", "2018-01-01"):
        text = text.replace(f'"{date}"', date)
    file.write_text(text)
    sql = compile_remedy(load_remedy(file), policy, BY_KIND)
    row = [{"conviction_id": "1"}]
    named = {day: decide(sql, row, day) for day in ("2016-11-08", "2016-11-09", "2018-12-31", "2019-01-01")}
    assert [found["1"]["remedy_version"] if found else None for found in named.values()] == [None, "old", "old", "new"]


SINCE = {"since_least": "2014-11-12", "since_most": "2014-11-12"}


def waiting(root: Path, *, strict: bool = False, when: str | None = None) -> str:
    wait = {"from": "since", "add": "P5Y", "strict": strict}
    rules = [
        INSERT,
        rule("screen", "REVIEW", when="c"),
        rule("served", "ELIGIBLE DISMISS_SEAL", wait=wait, **({"when": when} if when else {})),
        rule("less", "ELIGIBLE REDESIGNATE_MISD", when="d"),
        rule("no_rule", "INELIGIBLE"),
    ]
    return compile_remedy(*write_law(root, rules), BY_KIND)


@pytest.mark.parametrize(("strict", "day"), [(False, "2019-11-12"), (True, "2019-11-13")])
def test_eligible_on_is_the_first_day_on_which_the_rule_fires(strict: bool, day: str, tmp_path: Path) -> None:
    sql = waiting(tmp_path, strict=strict)
    row = {"conviction_id": "1", "a": False, "c": False, "d": True, **SINCE}
    got = decide(sql, [row])["1"]
    assert (got["rule"], str(got["eligible_on"])) == ("less", day)
    later = decide(sql, [row], day)["1"]
    assert (later["rule"], later["eligible_on"]) == ("served", None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"c": True}, "a screen stands before it"),
        ({"c": None}, "a screen before it is unknown"),
        ({"since_least": "2014-01-01", "since_most": "2014-12-31"}, "the date is not exactly known"),
        ({"since_least": None, "since_most": None}, "the date is not known"),
        ({"b": False}, "the rest of the rule is false"),
        ({"b": None}, "the rest of the rule is unknown"),
    ],
)
def test_no_eligible_on_where(change: dict[str, Any], why: str, tmp_path: Path) -> None:
    row = {"conviction_id": "1", "a": False, "b": True, "c": False, "d": False, **SINCE}
    sql = waiting(tmp_path, when="b")
    assert decide(sql, [row])["1"]["eligible_on"] is not None
    assert decide(sql, [row | change])["1"]["eligible_on"] is None, why


def test_the_determination_has_the_columns_of_the_contract_in_order(tmp_path: Path) -> None:
    sql = compile_remedy(*write_law(tmp_path, [INSERT, rule("no_rule", "INELIGIBLE")]), BY_KIND)
    with duckdb.connect() as connection:
        connection.execute("create schema facts")
        connection.execute(f"create table facts.conviction ({', '.join(f'{n} {t}' for n, t in FACTS.items())})")
        types = connection.execute(f"describe {sql}", {"as_of": AS_OF, "rule_set": "x"}).fetchall()
    assert [(row[0], row[1]) for row in types] == list(load_contracts()["eligibility.determination"].types.items())
    kinds = {row[0]: row[1] for row in types if row[1] != "VARCHAR"}
    assert kinds == {"person_no": "INTEGER", "eligible_on": "DATE", "eligible_year": "INTEGER", "as_of": "DATE"}


def test_the_text_is_one_select_over_the_facts_and_always_the_same(tmp_path: Path) -> None:
    remedy, policy = write_law(tmp_path, [INSERT, rule("first", "REVIEW", when="c"), rule("no_rule", "INELIGIBLE")])
    sql = compile_remedy(remedy, policy, BY_KIND)
    model = parse_model("eligibility", "determination", sql)
    assert (model.reads, model.parameters) == (("facts.conviction",), ("as_of", "rule_set"))
    assert sql == compile_remedy(remedy, policy, {"conviction": dict(sorted(FACTS.items()))})
    functions = {type(node).__name__ for node in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Func)}
    assert functions <= {
        "Cast",
        "Case",
        "If",
        "And",
        "Or",
        "Coalesce",
        "Concat",
        "ConcatWs",
        "Nullif",
        "Extract",
        "Replace",
        "Least",
    }


def test_several_remedies_make_one_select(tmp_path: Path) -> None:
    _, policy = write_law(tmp_path, [INSERT, rule("no_rule", "INELIGIBLE")])
    file = tmp_path / "remedies" / "relief.yaml"
    (tmp_path / "remedies" / "second.yaml").write_text(file.read_text().replace('"relief"', '"second"', 1))
    remedies = load_remedies(tmp_path)
    sql = compile_all(remedies, Assignment.of(policy), BY_KIND)
    assert parse_model("eligibility", "determination", sql).reads == ("facts.conviction",)
    with duckdb.connect() as connection:
        connection.execute("create schema facts")
        connection.execute(f"create table facts.conviction ({', '.join(f'{n} {t}' for n, t in FACTS.items())})")
        connection.execute("insert into facts.conviction (conviction_id, listed) values ('1', true)")
        query = f"select remedy, rule from ({sql})"
        found = connection.execute(query, {"as_of": AS_OF, "rule_set": "x"}).fetchall()
    # The policy speaks for the first remedy only: its rule, unknown here, has the default's verdict.
    assert sorted(found) == [("relief", "no_rule"), ("second", "no_rule")]


def test_a_table_has_as_many_rules_as_a_number_has_bits(tmp_path: Path) -> None:
    # The policy's own rule, which is false here, is among them.
    many = [rule(f"r{number}", "NOT_YET", when="a and b") for number in range(60)]
    sql = compile_remedy(*write_law(tmp_path / "most", [INSERT, *many, rule("last", "INELIGIBLE")]), BY_KIND)
    got = decide(sql, [{"conviction_id": "1", "a": False, "b": None}, {"conviction_id": "2", "a": None, "b": True}])
    assert (got["1"]["rule"], got["1"]["rests_on"]) == ("last", "last")
    assert got["2"]["rests_on"].split("; ") == [*(f"r{number}" for number in range(60)), "last"]
    remedy, policy = write_law(
        tmp_path / "more", [INSERT, *many, rule("r60", "REVIEW", when="b"), rule("last", "INELIGIBLE")]
    )
    with pytest.raises(LawError, match=r"relief\.yaml:\d+: a decision table has at most 62 rules"):
        compile_remedy(remedy, policy, BY_KIND)


def test_a_policy_that_always_decides_replaces_the_remedys_default(tmp_path: Path) -> None:
    remedy, _ = write_law(tmp_path, [INSERT, rule("no_rule", "INELIGIBLE")])
    file = tmp_path / "policies" / "plain.yaml"
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"rules": [rule("otherwise", "REVIEW")]}))
    sql = compile_remedy(remedy, load_policy(name="plain", root=tmp_path), BY_KIND)
    assert decide(sql, [{"conviction_id": "1"}])["1"]["rule"] == "otherwise"
    assert "no_rule" not in sql


def test_a_reason_quotes_the_rows_own_text(tmp_path: Path) -> None:
    rules = [INSERT, rule("no_rule", "INELIGIBLE", reason="it's {section} in {county}")]
    sql = compile_remedy(*write_law(tmp_path, rules), BY_KIND)
    got = decide(sql, [{"conviction_id": "1", "section": "11357"}])["1"]
    assert got["reason"] == "it's 11357 in unknown"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"when": "nobody_knows"}, "unknown fact `nobody_knows`"),
        ({"when": "section"}, "`section` is text"),
        ({"reason": "{nobody}"}, "unknown fact `nobody`"),
        ({"reason": "{since}"}, "fact `since` is date, not text"),
        ({"event": "a"}, "fact `a` is boolean, not text"),
        ({"missing": ["wrong"]}, "unknown fact `wrong`"),
        ({"wait": {"from": "a", "add": "P5Y"}}, "fact `a` is boolean, not date"),
        ({"wait": {"from": "since", "add": "5 years"}}, "is not a period"),
        ({"examples": {"fires": [{"wrong": True}]}}, "names `wrong`, which is no fact"),
        ({"id": "from_policy"}, "stands in the remedy and in the policy"),
        ({"if": "b"}, "`b` is not a parameter"),
    ],
)
def test_what_needs_the_facts_is_checked_with_file_and_line(
    changed: dict[str, Any], message: str, tmp_path: Path
) -> None:
    rules = [rule("first", "REVIEW", when="c") | changed, INSERT, rule("no_rule", "INELIGIBLE")]
    remedy, policy = write_law(tmp_path, rules)
    with pytest.raises(LawError, match=rf"^(relief|plain)\.yaml:\d+: .*{message}"):
        compile_remedy(remedy, policy, BY_KIND)


def test_facts_without_a_column_that_is_shown_are_refused(tmp_path: Path) -> None:
    remedy, policy = write_law(tmp_path, [INSERT, rule("no_rule", "INELIGIBLE")])
    facts = {name: type_ for name, type_ in FACTS.items() if name != "county"}
    with pytest.raises(LawError, match="no column `county`"):
        compile_remedy(remedy, policy, {"conviction": facts})
