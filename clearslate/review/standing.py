"""Where the prosecutor's decisions stand: the newest one on each line, and whether it was made on the line as it is now.

Belongs here: reading decisions and verdicts from the ledger, as a person is told of them. Does not belong here: importing
them (decisions.py), what they let go to a court (clearslate.court.selection).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from clearslate.ledger import Ledger

# Since when a line has been challenged, whatever was decided before: the same challenge told once more is no later one.
CHALLENGED_SINCE = """
select action_key, cast(min(on_day) as date) as challenged_since
from (
    select action_key, on_day, seq, "row", decision,
        max(case when decision <> 'CHALLENGE' then struct_pack(seq := seq, nth := "row") end)
            over (partition by action_key) as otherwise
    from decisions
)
where decision = 'CHALLENGE' and (otherwise is null or struct_pack(seq := seq, nth := "row") > otherwise)
group by action_key
"""

_NEWEST = f"""
select k.action_key, k.version, d.decision, d.version as decided_version, d.ground, cast(d.on_day as date) as decided_on,
    c.challenged_since, v.verdict
from asked as k
left join (
    select * from decisions qualify row_number() over (partition by action_key order by seq desc, row) = 1
) as d on k.action_key = d.action_key
left join ({CHALLENGED_SINCE}) as c on k.action_key = c.action_key
left join (
    select * from verdicts qualify row_number() over (partition by action_key order by seq desc, row) = 1
) as v on k.action_key = v.action_key and k.version = v.version
where d.decision is not null or v.verdict is not null
"""


@dataclass(frozen=True)
class Standing:
    """What was said of a line last: a decision (None: none), whether on another version of it, and a spot check's verdict
    on the version that it has now. `challenged_since`: the day from which it has been challenged without a break."""

    decision: str | None
    ground: str
    decided_on: dt.date | None
    challenged_since: dt.date | None
    is_stale: bool
    verdict: str | None

    @property
    def words(self) -> str:
        """For the worklist's column."""
        parts = []
        if self.decision is not None and self.decided_on is not None:
            changed = "CHANGED SINCE " if self.is_stale else ""
            parts.append(f"{changed}{self.decided_on.isoformat()} {self.decision}")
        if self.verdict == "WRONG":
            parts.append("spot check: WRONG")
        return "; ".join(parts)


def standings(ledger: Ledger, lines: Sequence[Mapping[str, str]]) -> dict[str, Standing]:
    """By action key, of those of `lines` (with `action_key` and `version`) of which anything was said."""
    names = ("action_key", "version")
    asked = pa.table({name: pa.array([line[name] for line in lines], pa.string()) for name in names})
    with ledger.connect() as database:
        database.load_arrow("asked", asked)
        found = database.rows(_NEWEST, what="decisions")
    return {
        key: Standing(
            decision=decision,
            ground=ground or "",
            decided_on=decided_on,
            challenged_since=challenged_since,
            is_stale=decision is not None and decided_version != version,
            verdict=verdict,
        )
        for key, version, decision, decided_version, ground, decided_on, challenged_since, verdict in found
    }
