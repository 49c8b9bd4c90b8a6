"""What a batch has besides lines and cases: workbook, the court's own file, reversals, match keys, documents, the page.

Belongs here: writing these files from the very rows of 10_relief_actions.csv, which is read back for each of them. Does not
belong here: the rows (selection.py), the words of the papers (clearslate.documents), the manifest (contents.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from clearslate.acknowledgement.words import short_form
from clearslate.court.contents import Contents, Rows, as_rows
from clearslate.court.layout import (
    ACTIONS,
    CASES,
    FORMS,
    MATCH_KEY_COLUMNS,
    MATCH_KEYS,
    README,
    REVERSAL_COLUMNS,
    REVERSALS,
    SHORT_FORM_COLUMNS,
    WORKBOOK,
    WORKBOOK_CASE_COLUMNS,
    WORKBOOK_CASES,
    WORKBOOK_CASES_UNPRINTED,
    WORKBOOK_COLUMNS,
    WORKBOOK_UNPRINTED,
    FileFacts,
    PackageName,
    create_file,
    is_unsafe_cell,
    read_table_rows,
    write_table,
)
from clearslate.court.profile import Profile
from clearslate.court.programs import Program
from clearslate.court.readme import Page, clerk_page, workbook_guide
from clearslate.court.release import Release
from clearslate.documents import Background, BatchFacts, write_case_drafts, write_documents
from clearslate.law.lists import load_list
from clearslate.review.grounds import ground_on
from clearslate.review.standing import CHALLENGED_SINCE
from clearslate.sheets import XlsxTable, write_xlsx
from clearslate.warehouse import Warehouse

_ROWS_AT_ONCE = 10_000
_WIDTHS = {
    "line_no": 8,
    "case_number": 20,
    "count_no": 10,
    "statute_section": 16,
    "disposition_date": 16,
    "action_code": 15,
    "offense_level_after": 17,
    "name_last": 18,
    "name_first": 18,
    "birth_year": 11,
    "status": 18,
    "reason": 26,
    "date": 12,
    "action_key": 31,
    "batch_id": 24,
    "reason_code": 24,
}
_NOTE = "Fill in what is done; leave the rest blank. The date as YYYY-MM-DD."
_NOTE_ON_CASES = "Seal a whole case only where seal_scope says CASE."

_MATCH_KEYS = """
select a.action_key, cast(a.line_no as varchar), a.subject_ref, coalesce(s.cii, ''), coalesce(s.name, ''),
    coalesce(s.other_names, ''), coalesce(cast(s.birth_date as varchar), '')
from batch_line as a
left join court.subject as s on a.person_no = s.person_no
order by a.line_no
"""

_CHALLENGES = f"""
select d.ground, cast(d.on_day as date), c.challenged_since, count(*)
from batch_line as a
inner join (
    select * from decisions qualify row_number() over (partition by action_key order by seq desc, "row" desc) = 1
) as d on a.action_key = d.action_key
inner join ({CHALLENGED_SINCE}) as c on a.action_key = c.action_key
where a.da_position = 'CHALLENGE'
group by all
order by all
"""


@dataclass
class Extras:
    """The further files of one batch, whose lines and cases stand in `contents` already."""

    desk: Warehouse
    contents: Contents
    name: PackageName
    program: Program
    profile: Profile
    release: Release

    def write(self, *, is_canary: bool, supersedes: str | None, reversals: Rows = ()) -> None:
        """Write them all and add their facts to `contents`, which names its files in order of name from then on."""
        folder, files = self.contents.folder, self.contents.files
        self.contents.data_through = self.release.data_through
        files[REVERSALS] = write_table(folder / REVERSALS, REVERSAL_COLUMNS, reversals)
        self._write_workbook()
        if self.profile.court_file:
            self._write_court_file(self.profile.court_file)
        if self.profile.match_keys:
            (folder / MATCH_KEYS).parent.mkdir(mode=0o700)
            rows = as_rows(self.desk.stream(_MATCH_KEYS, what="match keys"))
            files[MATCH_KEYS] = write_table(
                folder / MATCH_KEYS, MATCH_KEY_COLUMNS, (_disarmed(batch) for batch in rows)
            )
        if self.contents.totals.lines:
            self._write_documents()
        page = Page(
            name=self.name,
            court_name=self.profile.court_name,
            program_title=self.program.title,
            contact=self.profile.contact,
            totals=self.contents.totals,
            n_challenged=self.positions()["challenged"],
            n_reversals=files[REVERSALS].rows or 0,
            is_canary=is_canary,
            supersedes=supersedes,
            codes=[(code, meaning) for code, meaning, stages in _codes() if stages == ["RECEIVED"]],
            files=sorted(files),
        )
        with create_file(folder / README) as file:
            file.write(clerk_page(page).encode("ascii", "replace"))
        files[README] = FileFacts.of(folder / README)
        self.contents.files = dict(sorted(files.items(), key=lambda named: ("/" in named[0], named[0])))

    def positions(self) -> dict[str, int]:
        """How many lines ask for relief, and how many are challenged."""
        challenged = self.contents.totals.by_action["CHALLENGE"]
        return {"not_challenged": self.contents.totals.lines - challenged, "challenged": challenged}

    def _rows(self) -> Iterator[dict[str, str]]:
        return read_table_rows(self.contents.folder / ACTIONS)

    def _write_workbook(self) -> None:
        words = short_form()
        mark = f"CONFIDENTIAL  {self.name.batch_id}"
        lines = XlsxTable(
            title="relief_actions",
            columns=WORKBOOK_COLUMNS,
            rows=([row.get(column, "") for column in WORKBOOK_COLUMNS] for row in self._rows()),
            widths=_WIDTHS,
            note=_NOTE,
            input_columns=SHORT_FORM_COLUMNS,
            choices={SHORT_FORM_COLUMNS[0]: tuple(words)},
            n_unprinted=WORKBOOK_UNPRINTED,
            mark=mark,
        )
        cases = XlsxTable(
            title=WORKBOOK_CASES,
            columns=WORKBOOK_CASE_COLUMNS,
            rows=(
                [row[column] for column in WORKBOOK_CASE_COLUMNS]
                for row in read_table_rows(self.contents.folder / CASES)
            ),
            widths=_WIDTHS,
            note=_NOTE_ON_CASES,
            n_unprinted=WORKBOOK_CASES_UNPRINTED,
            mark=mark,
        )
        guide = workbook_guide(
            self.name,
            [(word, told.meaning) for word, told in words.items()],
            [(code, meaning) for code, meaning, _ in _codes()],
        )
        path = self.contents.folder / WORKBOOK
        rows, _ = write_xlsx(path, [lines, cases], guide=guide)
        self.contents.files[WORKBOOK] = FileFacts.of(path, rows)

    def _write_court_file(self, name: str) -> None:
        headings = [column.heading for column in self.profile.columns]
        rows = (tuple(self.profile.court_row(row)) for row in self._rows())
        self.contents.files[name] = write_table(self.contents.folder / name, headings, _batches(rows))

    def _background(self) -> Background:
        [(by_policy,)] = self.desk.rows("select count(*) from batch_line where is_by_standing_policy")
        late, told_by = 0, set()
        for name, decided_on, since, n in self.desk.rows(_CHALLENGES, what="challenges"):
            ground = ground_on(self.program.program, name or "", decided_on)
            if ground is not None and ground.told_by is not None and ground.is_late_on(since):
                late += n
                told_by.add(ground.told_by)
        return Background(by_policy, late, tuple(sorted(told_by)))

    def _write_documents(self) -> None:
        folder, totals = self.contents.folder, self.contents.totals
        facts = BatchFacts(
            batch_id=self.name.batch_id,
            is_test=self.name.is_test,
            program=self.program.program,
            county=self.profile.county,
            court_name=self.profile.court_name,
            n_lines=totals.lines,
            actions_sha256=self.contents.files[ACTIONS].sha256,
            cases_sha256=self.contents.files[CASES].sha256,
            data_through=self.release.data_through,
            as_of=self.release.as_of,
            rule_set=self.release.rule_set,
            background=self._background(),
            filer=self.profile.filer,
        )
        for name in write_documents(folder, facts, self._rows()):
            self.contents.files[name] = FileFacts.of(folder / name)
        if self.profile.forms:
            (folder / FORMS).mkdir(mode=0o700)
            for name in write_case_drafts(folder / FORMS, facts, self._rows()):
                self.contents.files[FORMS + name] = FileFacts.of(folder / FORMS / name)


def _codes() -> list[tuple[str, str, list[str]]]:
    """The reason codes with their meanings and stages."""
    rows = load_list("courts/reason_codes").to_dict("records")
    return [(row["code"], row["meaning"], row["stages"].split()) for row in rows]


def _disarmed(batch: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows without cells that a spreadsheet would run: what only helps to find a person is left out rather than the line."""
    return [tuple("" if is_unsafe_cell(cell) else cell for cell in row) for row in batch]


def _batches(rows: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    rows = iter(rows)
    for first in rows:
        yield list(chain([first], islice(rows, _ROWS_AT_ONCE - 1)))
