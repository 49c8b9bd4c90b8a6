"""Whether the ledger and the courts' books tell the same of every line.

Belongs here: comparing them line by line, the table of a stage, and failing loudly. Does not belong here: moving the story
on (story.py).

The two sides name states differently on purpose; the one place where they meet is `IN_OUR_WORDS`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.court_simulator import Court

IN_OUR_WORDS = {
    "received": "RECEIVED",
    "matched": "MATCHED",
    "ordered": "ORDERED",
    "posted": "POSTED",
    "reported": "REPORTED",
    "refused": "REFUSED",
    "denied": "DENIED",
    "already": "ALREADY_RELIEVED",
    "duplicate": "DUPLICATE",
}
NOT_SENT = {"WITHHELD", "CHALLENGED", "DEFERRED", "AWAITING_REVIEW", "STALE_DECISION", "HELD", "READY"}
ON_THE_WAY = {"SUBMITTED", "WITHDRAWN"}
ORDER = [
    *(
        "WITHHELD",
        "AWAITING_REVIEW",
        "DEFERRED",
        "CHALLENGED",
        "STALE_DECISION",
        "HELD",
        "READY",
        "SUBMITTED",
        "WITHDRAWN",
    ),
    *("RECEIVED", "MATCHED", "ORDERED", "POSTED", "REPORTED", "ALREADY_RELIEVED", "DUPLICATE", "DENIED", "REFUSED"),
]


class Disagreement(AssertionError):
    """Ledger and books differ; the message gives counts and examples by action key."""


@dataclass(frozen=True)
class Line:
    """One line as the ledger has it."""

    action_key: str
    batch_id: str
    line_no: int
    state: str
    reason_code: str
    reversal_state: str


def check(stage: str, ledger: Sequence[Line], court: Court, *, n_lines: int, out: Console) -> Counter[str]:
    """Compare, print the table of the stage, and raise Disagreement where the two sides differ in anything.

    `n_lines`: how many lines there must be, counted from the releases. News that the court has not told yet may be
    missing on our side, and nothing else.
    """
    wrong = [] if len(ledger) == n_lines else [f"{len(ledger)} lines in the ledger's table, {n_lines} by the releases"]
    if len({line.action_key for line in ledger}) != len(ledger):
        wrong.append("a line is in two states")
    untold = _untold(court)
    taken, refused_whole = _batches(court)
    in_court = _of_batch(court)
    ours: Counter[str] = Counter(line.state for line in ledger)
    theirs: Counter[str] = Counter()
    waiting = 0
    for line in ledger:
        there = in_court.get((line.batch_id, line.action_key))
        if there is not None:
            state, code, line_no = there
            theirs[state] += 1
            if (line.batch_id, line.action_key) in untold:
                waiting += 1
            elif (state, code, line_no) != (line.state, line.reason_code if code else code, line.line_no):
                wrong.append(f"{line.action_key}: ledger {line.state} {line.reason_code}, court {state} {code}")
        elif line.batch_id in taken:
            wrong.append(f"{line.action_key}: the court's batch has no such line")
        elif line.state == "REFUSED":
            theirs["REFUSED"] += 1
            if refused_whole.get(line.batch_id) != line.reason_code:
                wrong.append(f"{line.action_key}: refused for {line.reason_code}, which the court has not said")
        elif line.state not in NOT_SENT | ON_THE_WAY:
            wrong.append(f"{line.action_key}: {line.state}, and the court has never had it")
    missing = court.standing().keys() - {line.action_key for line in ledger}
    wrong += [f"{key}: in the court's books and not in the ledger" for key in sorted(missing)]
    reversed_here = {line.action_key for line in ledger if line.reversal_state == "REVERSED"}
    reversed_there = {key for key in court.reversed() if ("", key) not in untold}
    if reversed_here != reversed_there:
        wrong.append(f"{len(reversed_here)} reversed lines in the ledger, {len(reversed_there)} in the court")
    wrong += court.findings()
    out.print(_table(stage, ours, theirs, waiting, ledger))
    if wrong:
        raise Disagreement(f"{stage}: {len(wrong)} differences, first: " + "; ".join(wrong[:5]))
    return ours


def _table(stage: str, ours: Counter[str], theirs: Counter[str], waiting: int, ledger: Sequence[Line]) -> Table:
    table = Table(title=stage, title_justify="left", title_style="bold", min_width=80)
    table.add_column("state")
    table.add_column("ledger", justify="right")
    table.add_column("court", justify="right")
    for state in [*ORDER, *sorted(ours.keys() - set(ORDER))]:
        if ours[state] or theirs[state]:
            table.add_row(state, f"{ours[state]:,}", f"{theirs[state]:,}" if state not in NOT_SENT else "-")
    table.add_section()
    table.add_row("all lines", f"{ours.total():,}", f"{theirs.total():,}")
    if waiting:
        table.add_row("told, not yet read", "", f"{waiting:,}")
    for state, n in sorted(Counter(line.reversal_state for line in ledger if line.reversal_state).items()):
        table.add_row(f"  {state}", f"{n:,}", "")
    return table


def _untold(court: Court) -> set[tuple[str, str]]:
    """(batch, action key) of lines about which the court has said nothing yet of its newest steps."""
    rows = court.books.execute("select distinct batch_id, action_key from journal where ack_seq is null")
    pairs = {(row[0], row[1]) for row in rows}
    reversals = court.books.execute("select action_key, reverses from lines where is_reversal")
    own = {row[0]: row[1] for row in reversals}
    return pairs | {("", own[key]) for _, key in pairs if key in own}


def _batches(court: Court) -> tuple[set[str], Mapping[str, str]]:
    rows = court.books.execute("select batch_id, refused from batches order by rowid").fetchall()
    taken = {row[0] for row in rows if not row[1]}
    return taken, {row[0]: row[1] for row in rows if row[1] and row[0] not in taken}


def _of_batch(court: Court) -> dict[tuple[str, str], tuple[str, str, int]]:
    rows = court.books.execute(
        "select batch_id, action_key, state, reason_code, line_no from lines where not is_reversal"
    )
    return {(row[0], row[1]): (IN_OUR_WORDS[row[2]], row[3], row[4]) for row in rows}
