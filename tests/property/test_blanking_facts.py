"""Law 2 for every single fact of a conviction: a blank may make it unknown, and never turns it around.

Rules are safe under any policy if their facts are. Left out are facts that a blank may turn by design (docs/decisions.md):
the severity that falls back to the type of charge, the order that is or isn't there, and what is told apart per person.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from tests.property.blanking import Case, cases_of, extract
from tests.property.histories import History, draw_history
from tests.support import decide

FUZZ = os.environ.get("CLEARSLATE_FUZZ")
HISTORIES = 60 * int(FUZZ or "1")
AS_OF = "2026-02-01"

TRUE_OR_FALSE = (
    "felony_stated",
    "felony_now",
    "destruction_due",
    "superstrike_prior",
    "pc290_prior",
    "superstrike_before_conviction",
    "pc290_before_conviction",
    "superstrike_ever",
    "pc290_ever",
    "two_section_priors",
    "three_same_section_events",
    "companion_environmental",
    "companion_minor",
    "prop64_in_cycle",
    "import_text",
    "identity_theft_in_case",
    "probation_granted",
    "probation_revoked",
    "state_prison",
    "all_sentences_completed",
    "serious_listed",
    "violent_listed",
    "pc290_listed",
    "registration_on_record",
    "california_court",
    "federal_court",
    "supervision_violation",
    "related_charge",
    "related_flagged",
)
# TRUE is the worse of these for any remedy: a blank may bring it about (it parts what belonged together, or joins a later
# count without case number to a conviction), but may never take it back.
ONCE_TRUE = (
    "serving_other",
    "pending_charge",
    "new_felony_since",
    "prop47_relief_granted",
    "conviction_relief_granted",
)
# Days that may move only inside what they could be before.
DAYS = ("birth_date", "offense_date", "sentence_end_date", "probation_end_date")
# Days whose last may only become later: a blank that makes two convictions of one makes one more sentence, too.
NEVER_EARLIER = ("last_sentence_end_date",)
COUNTS = ("n_convictions", "n_felony_convictions")
SCREENS = ("history_complete", "identity_conflict", "possible_repeat", "order_known", "statute_certain")

Fact = dict[str, Any]
Rows = frozenset[int]


def test_a_blank_never_turns_a_fact_around() -> None:
    chance = Random(None if FUZZ else 20)
    cases = [case for _ in range(HISTORIES) for case in cases_of(draw_history(chance))]
    turned = sorted(set(_turned(cases)))
    assert turned == [], "\n".join(turned)


def _turned(cases: Iterable[Case]) -> Iterable[str]:
    people: list[History] = []
    pairs = []
    places: dict[int, int] = {}
    for case in cases:
        if id(case.history) not in places:
            places[id(case.history)] = len(people)
            people.append(case.history)
        pairs.append((case, places[id(case.history)], len(people)))
        people.append(case.variant)
    facts = _facts(people)
    for case, base, variant in pairs:
        for rows, before in facts[base].items():
            after = facts[variant].get(rows)
            if after is not None and _clear(after):
                yield from (f"{case.column}: {name}" for name in _changes(before, after))


def _clear(fact: Fact) -> bool:
    """Whether no screen that stands ahead of all rules sends the conviction to a person anyway."""
    return [fact[name] for name in SCREENS] == [True, False, False, True, True]


def _changes(before: Fact, after: Fact) -> Iterable[str]:
    yield from (name for name in TRUE_OR_FALSE if after[name] is not None and before[name] is (not after[name]))
    yield from (name for name in ONCE_TRUE if before[name] is True and after[name] is False)
    yield from (name for name in COUNTS if after[name] is not None and before[name] not in (None, after[name]))
    for name in DAYS:
        for bound, widens in (("_least", lambda old, new: new <= old), ("_most", lambda old, new: new >= old)):
            old, new = before[name + bound], after[name + bound]
            if new is not None and (old is None or not widens(old, new)):
                yield name + bound

    for name in NEVER_EARLIER:
        old, new = before[f"{name}_most"], after[f"{name}_most"]
        if new is not None and (old is None or new < old):
            yield f"{name}_most"


def _facts(people: list[History]) -> dict[int, dict[Rows, Fact]]:
    """By person, the facts of each conviction by the rows that it stands on."""
    columns = [
        *TRUE_OR_FALSE,
        *ONCE_TRUE,
        *COUNTS,
        *(name + bound for name in (*DAYS, *NEVER_EARLIER) for bound in ("_least", "_most")),
        *SCREENS,
    ]
    sql = f"""
    with placed as (
        select p.person_no, cast(regexp_extract(p.subject_key, '[0-9]+') as integer) as subject, s.record_hash,
            row_number() over (partition by p.person_no order by s.record_no) - 1 as place
        from core.person as p
        inner join core.record as r on p.person_no = r.person_no
        inner join staging.record as s on r.record_no = s.record_no
    ),
    standing as (
        select v.conviction_id, p.subject, list(distinct p.place) as places
        from core.conviction as v
        inner join core.entry as e on v.charge_no = e.charge_no
        inner join placed as p on e.person_no = p.person_no and e.record_hash = p.record_hash
        group by v.conviction_id, p.subject
    )
    select s.subject, s.places, {", ".join("f." + name for name in columns)}
    from standing as s inner join facts.conviction as f on s.conviction_id = f.conviction_id
    """
    found: dict[int, dict[Rows, Fact]] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as home:
        decided = decide(Path(home), extract(people), as_of=AS_OF)
        for subject, rows, *values in decided.rows(sql):
            found[subject][frozenset(rows)] = dict(zip(columns, values, strict=True))
    return found
