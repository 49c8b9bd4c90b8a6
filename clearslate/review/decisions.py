"""Taking worklists and spot checks that came back into the ledger.

Belongs here: holding a file's answers against what was given out and what the release knows now, and recording them in one
entry. Does not belong here: reading the sheet (answers.py), what a decision lets go (clearslate.court.selection), what the
verdicts say of all lines (samples.py).

A file is taken whole or not at all. Half a worklist in the ledger would be a list that nobody ever sent, and a person who
mends three rows would send the other thousand again: so every bad row is listed at once, and nothing is taken until there
is none. A file is known by its SHA-256; the same one again records nothing.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.court.release import Release
from clearslate.errors import SheetRefused
from clearslate.home import Home
from clearslate.ledger import Ledger
from clearslate.review.answers import Answer, Answers, ReviewRefused, RowProblem, read_answers
from clearslate.review.grounds import Ground, grounds_on
from clearslate.review.lines import DECIDABLE
from clearslate.review.samples import ErrorRate, error_rates_of
from clearslate.review.standing import Standing, standings
from clearslate.review.worklist import DECISIONS
from clearslate.warehouse import Warehouse

DECISIONS_IMPORTED, SPOT_CHECK_IMPORTED = "decisions_imported", "spot_check_imported"

_KNOWN = """
select
    a.action_key,
    r.version as current_version,
    r.outcome,
    r.path,
    coalesce(r.county, i.county) as county,
    coalesce(r.program, i.program) as program,
    list_contains(coalesce(i.versions, []), a.version) as was_given_out,
    i.action_key is not null as is_known
from asked as a
left join (select * from read_parquet($worklist)) as r on a.action_key = r.action_key
left join (
    select l.action_key, list(l.version) as versions, max(e.county) as county, max(e.program) as program
    from worklist_lines as l
    inner join issued as e on l.seq = e.seq
    where l.action_key in (select action_key from asked)
    group by l.action_key
) as i on a.action_key = i.action_key
"""


@dataclass(frozen=True)
class Known:
    """What is known of an answered line. `current_version` is None where the release no longer has it."""

    current_version: str | None
    outcome: str | None
    path: str | None
    county: str | None
    program: str | None
    was_given_out: bool
    is_known: bool


@dataclass(frozen=True)
class ReviewImport:
    """What became of a file. Counts are of lines.

    `answers`: how many per word. `n_blank` rows were left open. `n_stale` answers speak of a version that is no longer
    current and count as undecided, `n_gone` of them of lines that the release no longer has. `n_changed` differ from what was
    decided on the line before; `n_late` challenges come after the day by which the law wanted them told; `n_wrong_released`
    lines that a spot check called wrong are now decided NO_CHALLENGE. `error_rates`: of a spot check, with what it added.
    """

    file_name: str
    sha256: str
    kind: str
    already_imported: bool = False
    county: str = ""
    program: str = ""
    answers: Mapping[str, int] = field(default_factory=dict)
    n_blank: int = 0
    n_stale: int = 0
    n_gone: int = 0
    n_changed: int = 0
    n_late: int = 0
    n_wrong_released: int = 0
    stale_rows: tuple[str, ...] = ()
    error_rates: tuple[ErrorRate, ...] = ()


def import_review(home: Home, file: Path, on: dt.date) -> ReviewImport:
    """Take a worklist or a spot check that was filled in into the ledger, on this day.

    Raises SheetRefused (ReviewRefused, with every bad row, where it is rows), UsageError without a release, HomeLocked.
    Nothing is recorded then.
    """
    sha256 = _sha256(file)
    sent_back = read_answers(file, DECISIONS)
    kind = SPOT_CHECK_IMPORTED if sent_back.is_spot_check else DECISIONS_IMPORTED
    with home.lock():
        ledger = Ledger.open(home)
        if ledger.find(kind, sha256) is not None:
            return ReviewImport(file.name, sha256, kind, already_imported=True)
        if not sent_back.answers:
            return ReviewImport(file.name, sha256, kind, n_blank=sent_back.n_blank)
        release = Release.open(home)
        known = _look_up(ledger, release, sent_back.answers)
        county, program = _one_court(sent_back, known)
        if sent_back.is_spot_check:
            return _take_verdicts(ledger, sent_back, known, county, program, sha256, on)
        return _take_decisions(ledger, sent_back, known, county, program, sha256, on)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise SheetRefused(f"{file.name}: can't be opened ({error.strerror})") from None


def _look_up(ledger: Ledger, release: Release, answers: Sequence[Answer]) -> dict[str, Known]:
    """By action key, what the release knows of each answered line and whether it was ever given out."""
    issued = [
        {"seq": entry.seq, "county": entry.body["county"], "program": entry.body["program"]}
        for entry in ledger.entries("worklist_issued")
    ]
    schema = pa.schema([("seq", pa.int32()), ("county", pa.string()), ("program", pa.string())])
    with ledger.connect() as database:
        database.load_arrow("asked", _asked(answers))
        database.load_arrow("issued", pa.Table.from_pylist(issued, schema))
        return _known(database, release)


def _known(database: Warehouse, release: Release) -> dict[str, Known]:
    rows = database.rows(_KNOWN, {"worklist": str(release.table("review.worklist"))}, what="review.worklist")
    return {key: Known(*rest) for key, *rest in rows}


def _asked(answers: Sequence[Answer]) -> pa.Table:
    pairs = sorted({(answer.key, answer.version) for answer in answers})
    return pa.table(
        {
            "action_key": pa.array([key for key, _ in pairs], pa.string()),
            "version": pa.array([version for _, version in pairs], pa.string()),
        }
    )


def _one_court(sent_back: Answers, known: Mapping[str, Known]) -> tuple[str, str]:
    """The county and program of a file's answers. ReviewRefused where a key is nobody's, or they are of several."""
    problems, places = [], Counter[tuple[str, str]]()
    for answer in sent_back.answers:
        found = known[answer.key]
        if found.county is None or found.program is None or not (found.is_known or found.current_version):
            problems.append(answer.problem("no line has this key; copy it from the sheet that was sent"))
        elif answer.version != found.current_version and not found.was_given_out:
            problems.append(answer.problem("the key and the version do not belong together; copy both from the sheet"))
        else:
            places[found.county, found.program] += 1
    most = max(places, key=lambda place: (places[place], place), default=("", ""))
    if len(places) > 1:
        for answer in sent_back.answers:
            found = known[answer.key]
            if found.county and (found.county, found.program) != most:
                problems.append(answer.problem("belongs to another county or program than most rows; send it apart"))
    if problems:
        raise ReviewRefused(sent_back.name, problems)
    return most


def _take_decisions(
    ledger: Ledger,
    sent_back: Answers,
    known: Mapping[str, Known],
    county: str,
    program: str,
    sha256: str,
    on: dt.date,
) -> ReviewImport:
    grounds = grounds_on(program, on)
    problems = [
        answer.problem(words)
        for answer in sent_back.answers
        if (words := _decision_problem(answer, known[answer.key], grounds)) is not None
    ]
    if problems:
        raise ReviewRefused(sent_back.name, problems)
    before = standings(ledger, [{"action_key": a.key, "version": a.version} for a in sent_back.answers])
    counts = _count(sent_back.answers, known)
    table = pa.table(
        {
            "action_key": [answer.key for answer in sent_back.answers],
            "version": [answer.version for answer in sent_back.answers],
            "decision": [answer.word for answer in sent_back.answers],
            "ground": [answer.ground or None for answer in sent_back.answers],
            "row": pa.array([answer.row_no for answer in sent_back.answers], pa.int32()),
        },
        schema=pa.schema(
            [(name, pa.string()) for name in ("action_key", "version", "decision", "ground")] + [("row", pa.int32())]
        ),
    )
    body = _body(sent_back, county, program, sha256, counts["n_stale"])
    ledger.append(DECISIONS_IMPORTED, on, body, {"decisions": table})
    return ReviewImport(
        sent_back.name,
        sha256,
        DECISIONS_IMPORTED,
        county=county,
        program=program,
        answers=Counter(answer.word for answer in sent_back.answers),
        n_blank=sent_back.n_blank,
        n_changed=sum(_is_changed(answer, before.get(answer.key)) for answer in sent_back.answers),
        n_late=sum(_is_late(grounds.get(answer.ground), on) for answer in sent_back.answers),
        n_wrong_released=sum(_releases_wrong(answer, before.get(answer.key)) for answer in sent_back.answers),
        **counts,
    )


def _decision_problem(answer: Answer, line: Known, grounds: Mapping[str, Ground]) -> str | None:
    if answer.version == line.current_version and line.outcome not in DECIDABLE:
        return "the line is not eligible: there is nothing to decide"
    if answer.word != "CHALLENGE":
        return None
    ground = grounds.get(answer.ground)
    if ground is None:
        return f"the ground is none of {', '.join(grounds)}"
    if ground.serving_only and line.path == "completed":
        return f"the ground is open only while the sentence is being served ({ground.citation}); this one is completed"
    return None


def _is_changed(answer: Answer, before: Standing | None) -> bool:
    if before is None or before.decision is None or before.is_stale:
        return False
    return (before.decision, before.ground) != (answer.word, answer.ground)


def _is_late(ground: Ground | None, on: dt.date) -> bool:
    return ground is not None and ground.is_late_on(on)


def _releases_wrong(answer: Answer, before: Standing | None) -> bool:
    return answer.word == "NO_CHALLENGE" and before is not None and before.verdict == "WRONG"


def _take_verdicts(
    ledger: Ledger,
    sent_back: Answers,
    known: Mapping[str, Known],
    county: str,
    program: str,
    sha256: str,
    on: dt.date,
) -> ReviewImport:
    strata = _strata_of(ledger, sent_back.answers)
    problems: list[RowProblem] = [
        answer.problem("the line is not in this sample; send the spot check as it was written")
        for answer in sent_back.answers
        if (answer.sample_id, answer.key, answer.version) not in strata
    ]
    if problems:
        raise ReviewRefused(sent_back.name, problems)
    counts = _count(sent_back.answers, known)
    names = ("sample_id", "action_key", "version", "stratum", "verdict")
    table = pa.table(
        {
            "sample_id": [answer.sample_id for answer in sent_back.answers],
            "action_key": [answer.key for answer in sent_back.answers],
            "version": [answer.version for answer in sent_back.answers],
            "stratum": [strata[answer.sample_id, answer.key, answer.version] for answer in sent_back.answers],
            "verdict": [answer.word for answer in sent_back.answers],
            "row": pa.array([answer.row_no for answer in sent_back.answers], pa.int32()),
        },
        schema=pa.schema([(name, pa.string()) for name in names] + [("row", pa.int32())]),
    )
    body = _body(sent_back, county, program, sha256, counts["n_stale"])
    ledger.append(SPOT_CHECK_IMPORTED, on, body, {"verdicts": table})
    return ReviewImport(
        sent_back.name,
        sha256,
        SPOT_CHECK_IMPORTED,
        county=county,
        program=program,
        answers=Counter(answer.word for answer in sent_back.answers),
        n_blank=sent_back.n_blank,
        error_rates=tuple(error_rates_of(ledger, {answer.sample_id for answer in sent_back.answers})),
        **counts,
    )


def _strata_of(ledger: Ledger, answers: Sequence[Answer]) -> dict[tuple[str, str, str], str]:
    """The stratum of each answered line that was drawn, by sample, key and version."""
    with ledger.connect() as database:
        database.load_arrow("asked", _asked(answers))
        rows = database.rows(
            "select distinct s.sample_id, s.action_key, s.version, s.stratum from sample_lines as s "
            "inner join asked as a on s.action_key = a.action_key and s.version = a.version",
            what="sample_lines",
        )
    return {(sample_id, key, version): stratum for sample_id, key, version, stratum in rows}


def _count(answers: Sequence[Answer], known: Mapping[str, Known]) -> dict[str, Any]:
    """How many answers speak of another version than the line has now, and where."""
    stale = [answer for answer in answers if answer.version != known[answer.key].current_version]
    return {
        "n_stale": len(stale),
        "n_gone": sum(known[answer.key].current_version is None for answer in stale),
        "stale_rows": tuple(answer.problem("").place for answer in sorted(stale, key=lambda a: (a.sheet_no, a.row_no))),
    }


def _body(sent_back: Answers, county: str, program: str, sha256: str, n_stale: int) -> dict[str, Any]:
    return {
        "identity": sha256,
        "file_name": sent_back.name,
        "n": len(sent_back.answers),
        "county": county,
        "program": program,
        "n_stale": n_stale,
    }
