"""Lines that were sent and that the current release no longer supports: a worklist for a person, and what that person sends.

Belongs here: finding such lines, the worklist, and the package that asks the court to undo them. Does not belong here: the
states of a reversal that was sent (clearslate.ledger). Nothing here is sent by itself: a person says of each line `YES`.

A reversal package has rows in 12_reversals.csv only. It has no motion: what a court needs to undo an order differs from case
to case, and is for an attorney to write.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearslate.court.batch import BatchReport, report_of
from clearslate.court.bundle import outbox_of
from clearslate.court.extras import Extras
from clearslate.court.keys import KEY_DIGITS, encode_key, key_problem, normalize_key
from clearslate.court.layout import REVERSAL_COLUMNS, is_unsafe_cell
from clearslate.court.office import Office
from clearslate.court.profile import load_profile
from clearslate.court.programs import Program, load_programs
from clearslate.court.release import Release
from clearslate.court.selection import GOING, Question, count_standings, find_told_anew
from clearslate.errors import SheetRefused, UsageError
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks
from clearslate.settings import check_counties
from clearslate.sheets import Guide, XlsxTable, read_table, write_xlsx
from clearslate.warehouse import Warehouse

SEND = "send"
_COLUMNS = (
    "action_key",
    "batch_id",
    "line_no",
    "state",
    "since",
    "reason",
    "case_number",
    "count_no",
    "statute_section",
    "action_code",
    "outcome_now",
    "missing_facts_now",
    "case_number_now",
)
_GUIDE = [
    ("What this is", "Lines that a court was sent and that the records or the prosecutor no longer support."),
    ("reason", "not_on_record: the conviction is gone from DOJ's records. other_relief: another relief is due now."),
    (
        "",
        "identity_changed: DOJ has corrected the person's birth date or CII, or writes the case number otherwise: look at",
    ),
    ("", "the line that may be the same now (case_number_now); most often there is nothing to undo."),
    ("", "now_...: the outcome has changed to that. challenged: the prosecutor has challenged it since."),
    (SEND, "YES asks the court to undo the line, in a package of its own. Leave blank what is to stand."),
]

# Under another key the release knows the same conviction by another id: then what it says tells it.
_DUE = """
create or replace temp table due as
with sent as (
    select s.*, b.seq
    from sending as s
    inner join batches as b on s.batch_id = b.batch_id
    where s.county = $county and s.program = $program and s.da_position <> 'CHALLENGE' and not s.is_superseded
        and s.state in ('SUBMITTED', 'RECEIVED', 'MATCHED', 'ORDERED', 'POSTED', 'REPORTED')
        and coalesce(s.reversal_state, '') not in ('REVERSED', 'REVERSAL_SENT')
),

decided as (
    select action_key, decision, version, seq
    from decisions
    qualify row_number() over (partition by action_key order by seq desc, "row" desc) = 1
),

known as (
    select s.action_key as sent_key, w.*, s.key_fingerprint = $key_fingerprint as is_same_key
    from sent as s
    inner join review.worklist as w
        on w.remedy = $remedy and (
            (s.key_fingerprint = $key_fingerprint and s.conviction_id = w.conviction_id)
            or (s.key_fingerprint <> $key_fingerprint and s.case_key = w.case_key
                and s.statute_section = w.statute_section and s.count_no is not distinct from w.count_no)
        )
    qualify row_number() over (partition by s.action_key order by w.outcome = 'ELIGIBLE' desc, w.action_key) = 1
),

-- DOJ has corrected a birth date or CII, or writes the case number otherwise: the count may stand under another id now.
renamed as (
    select t.sent_key as action_key, string_agg(distinct w.case_number, '; ' order by w.case_number) as case_number
    from told_anew as t
    inner join review.worklist as w on t.action_key = w.action_key
    group by t.sent_key
),

judged as (
    select
        s.*,
        k.person_no,
        k.statute_code,
        k.name_last,
        k.name_first,
        k.birth_year,
        k.outcome as outcome_now,
        k.missing_facts as missing_facts_now,
        coalesce(k.case_number, r.case_number) as case_number_now,
        case
            when k.sent_key is null and r.action_key is not null then 'identity_changed'
            when k.sent_key is null then 'not_on_record'
            when k.outcome = 'ALREADY_RELIEVED' then null
            -- Of records that are too old it is unknown what has happened since: that is no reason to undo anything.
            when k.outcome = 'REVIEW' and not $is_data_current then null
            when k.outcome <> 'ELIGIBLE' then 'now_' || lower(k.outcome)
            when k.action_code <> s.action_code or (k.is_same_key and k.action_key <> s.action_key) then 'other_relief'
            when d.decision = 'CHALLENGE' and d.seq > s.seq and d.version = k.version then 'challenged'
        end as reason
    from sent as s
    left join known as k on s.action_key = k.sent_key
    left join renamed as r on s.action_key = r.action_key
    left join decided as d on s.action_key = d.action_key
)

select * from judged where reason is not null
"""


@dataclass(frozen=True)
class ReversalsReport:
    """A county's worklist: lines by (program, reason), and the workbook, None where nothing is due."""

    county: str
    due: Mapping[tuple[str, str], int]
    path: Path | None


def reversals_due(home: Home, *, on: date, test: bool = False, release: Release | None = None) -> pa.Table:
    """Lines of all counties that a release (the current one by default) no longer supports: action_key, program, county,
    reason."""
    tables = []
    with Office.open(home, on=on, is_test=test, key=None, release=release) as office:
        for county in _counties(office):
            for program in load_programs().values():
                desk, _ = _find(office, county, program)
                tables.append(desk.arrow("select action_key, program, county, reason from due order by action_key"))
    columns = pa.schema([(name, pa.string()) for name in ("action_key", "program", "county", "reason")])
    return pa.concat_tables([columns.empty_table(), *(table.cast(columns) for table in tables)])


def write_reversals_worklist(
    home: Home, *, counties: Collection[str] = (), on: date, test: bool = False
) -> list[ReversalsReport]:
    """Write `outbox/<county>/reversals/<program>_reversals.xlsx` for every county where something is due, for a person to
    fill in; one that is no longer due is removed. Holds the home's lock."""
    reports = []
    with home.lock(), Office.open(home, on=on, is_test=test, key=None) as office:
        for county in check_counties(counties) or _counties(office):
            due: dict[tuple[str, str], int] = {}
            written = None
            for program in load_programs().values():
                desk, _ = _find(office, county, program)
                path = outbox_of(home, county) / "reversals" / f"{program.program}_reversals.xlsx"
                counts = desk.rows("select reason, count(*) from due group by reason order by reason")
                due |= {(program.program, reason): n for reason, n in counts}
                if counts:
                    written = _write_worklist(desk, path)
                else:
                    path.unlink(missing_ok=True)
            reports.append(ReversalsReport(county, due, written))
    return reports


def prepare_reversals(
    home: Home,
    *,
    county: str,
    on: date,
    test: bool,
    key: ActionKeyBlocks,
    file: Path | None = None,
    keys: Collection[str] = (),
) -> list[BatchReport]:
    """Send what a person has decided to undo: the lines of the worklist `file` that say YES, or the action `keys`.

    One package for each program concerned. Lines whose reversal was sent before are passed over, so that a command that was
    killed can be run again. Holds the home's lock. Raises UsageError for a key that is not due, naming its row, and where the
    release's data are too old to undo anything for good.
    """
    [county] = check_counties([county])
    wanted = _chosen(file) if file is not None else {text: f"key {n}" for n, text in enumerate(sorted(keys), start=1)}
    reports = []
    with home.lock(), Office.open(home, on=on, is_test=test, key=key) as office:
        if not test:
            office.release.may_undo()
        office.sweep(county)
        known: set[str] = set()
        chosen: list[tuple[Program, set[str]]] = []
        for program in load_programs().values():
            desk, question = _find(office, county, program)
            due = {name for (name,) in desk.rows("select action_key from due")} & set(wanted)
            sent = desk.rows(
                "select action_key from sending where county = $county and program = $program "
                "and reversal_state in ('REVERSAL_SENT', 'REVERSED')",
                {"county": county, "program": question.program},
            )
            known |= due | {name for (name,) in sent}
            if due:
                chosen.append((program, due))
        strange = [where for name, where in wanted.items() if name not in known]
        if strange:
            raise UsageError(
                f"{len(strange)} of the lines are not due for reversal (the first: {strange[0]}); nothing was sent. "
                "Write the worklist anew with `clearslate court reversals`"
            )
        for program, due in chosen:
            reports.append(_send(office, county, program, due, key))
    return reports


def reversal_key(key: ActionKeyBlocks, action_key: str, batch_id: str) -> str:
    """The action key of a reversal: of the line that it undoes, as it was sent in that batch."""
    text = f"REVERSE\x1f{batch_id}\x1f{action_key}".encode()
    inner = hashlib.sha256(key.inner + text).digest()
    return encode_key(hashlib.sha256(key.outer + inner).hexdigest()[:KEY_DIGITS])


def _counties(office: Office) -> list[str]:
    """The counties to whose courts something was sent."""
    return sorted({entry.body["county"] for entry in office.batches})


def _find(office: Office, county: str, program: Program) -> tuple[Warehouse, Question]:
    """Make `due` on the desk of a county."""
    desk, question = office.desk(county), office.question(county, program)
    bound = {name: question.bound[name] for name in ("county", "program", "remedy", "key_fingerprint")}
    find_told_anew(desk, question)
    desk.execute(_DUE, {**bound, "is_data_current": office.release.is_data_current is True}, what="reversals")
    return desk, question


def _write_worklist(desk: Warehouse, path: Path) -> Path:
    columns = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in _COLUMNS)
    rows = desk.rows(f"select {columns} from due order by batch_id, due.line_no", what="reversals")
    path.parent.mkdir(mode=0o700, exist_ok=True)
    table = XlsxTable(
        title="reversals",
        columns=(*_COLUMNS, SEND),
        rows=((*_safe(row), "") for row in rows),
        widths={"action_key": 26, "batch_id": 24, "case_number": 20, "reason": 18},
        note="YES asks the court to undo the line. Blank: it stands.",
        input_columns=(SEND,),
        choices={SEND: ("YES",)},
    )
    write_xlsx(path, [table], guide=Guide("What to do", _GUIDE))
    return path


def _chosen(file: Path) -> dict[str, str]:
    """The keys that a worklist says YES to, each with its place. Raises SheetRefused."""
    sheet = read_table(file)
    by_name = {name.strip().lower(): name for name in sheet.columns}
    if not {"action_key", SEND} <= set(by_name):
        raise SheetRefused(f"{file.name}: needs the columns action_key and {SEND}")
    chosen: dict[str, str] = {}
    for number, cells in sheet.rows:
        answer = cells.get(by_name[SEND], "").strip().upper()
        if answer not in ("", "YES", "NO"):
            raise SheetRefused(f"{file.name} row {number}: {SEND} is YES or blank")
        if answer != "YES":
            continue
        name = normalize_key(cells.get(by_name["action_key"], ""))
        problem = key_problem(name)
        if problem:
            raise SheetRefused(f"{file.name} row {number}: action_key {problem}")
        chosen[name] = f"{file.name} row {number}"
    return chosen


def _send(office: Office, county: str, program: Program, chosen: Collection[str], key: ActionKeyBlocks) -> BatchReport:
    office.choose(county, program)
    desk, question = _find(office, county, program)
    waiting = count_standings(desk)
    profile = load_profile(county)
    name = office.next_name(question)
    desk.load_arrow("chosen", pa.table({"action_key": pa.array(sorted(chosen), pa.string())}))
    rows = desk.dicts(
        "select * from due where action_key in (select action_key from chosen) order by case_key, count_no, action_key",
        what="reversals",
    )
    lines = [_row(number, row, name.batch_id, reversal_key(key, row["action_key"], row["batch_id"]))
             for number, row in enumerate(_numbered(rows), start=1)]  # fmt: skip
    with office.building(name, question) as contents:
        contents.write_lines([], [])
        extras = Extras(desk, contents, name, program, profile, office.release)
        extras.write(is_canary=False, supersedes=None, reversals=[[tuple(line.values()) for line in lines]])
        told = {
            name: [line[name] for line in lines] for name in ("batch_id", "action_key", "reverses_action_key", "reason")
        }
        table = pa.table({**told, "reversal_no": pa.array(range(1, len(lines) + 1), pa.int32())})
        entry = office.enter(
            contents,
            name,
            question,
            {(state, reason if state not in GOING else ""): n for (state, reason), n in waiting.items()},
            extras.positions() | {"by_standing_policy": 0},
            {"reversal_lines": table},
        )
    return report_of(office.home, entry)


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the number of their subject in the package; who is not on record any more counts by case."""
    subjects: dict[object, int] = {}
    for row in rows:
        who = row["person_no"] if row["person_no"] is not None else ("case", row["case_key"])
        row["subject_no"] = subjects.setdefault(who, len(subjects) + 1)
    return rows


def _row(number: int, due: Mapping[str, Any], batch_id: str, own_key: str) -> dict[str, str]:
    """A row of 12_reversals.csv: the line as it was sent, to be put back to what it was before."""
    told: dict[str, Any] = {
        "batch_id": batch_id,
        "line_no": number,
        "action_key": own_key,
        "court_code": due["court_code"],
        "case_number": due["case_number"],
        "count_no": due["count_no"],
        "statute_code": due["statute_code"],
        "statute_section": due["statute_section"],
        "action_code": "REVERSE",
        "seal_scope": "NONE",
        "reason_code": due["reason"],
        "subject_ref": f"S{due['subject_no']:06d}",
        "name_last": due["name_last"],
        "name_first": due["name_first"],
        "birth_year": due["birth_year"],
        "reverses_action_key": due["action_key"],
        "reverses_batch_id": due["batch_id"],
        "reverses_line_no": due["line_no"],
        "reason": due["reason"],
    }
    cells = ("" if told.get(column) is None else str(told[column]) for column in REVERSAL_COLUMNS)
    return dict(zip(REVERSAL_COLUMNS, _safe(tuple(cells)), strict=True))


def _safe(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("" if is_unsafe_cell(cell) else cell for cell in cells)
