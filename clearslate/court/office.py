"""One command's work on packages: the release and the ledger on one desk, a court and program at a time.

Belongs here: choosing what goes out now (canary, limits of a day and of a package), issuing it, and what holds for the
whole command (gates, key). Does not belong here: the rules by which a single line waits (selection.py), the files
(contents.py, extras.py), the commands themselves (batch.py, reversals.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from clearslate.court.accounting import Accounts
from clearslate.court.bundle import building, outbox_of, sweep, write_archive
from clearslate.court.contents import Contents, Head, as_rows
from clearslate.court.extras import Extras
from clearslate.court.layout import ACTIONS, BATCH, MANIFEST, REVERSALS, SUMS, PackageName, parse_batch_id
from clearslate.court.profile import Profile, load_profile
from clearslate.court.programs import Program
from clearslate.court.release import Release
from clearslate.court.rows import cases_sql, lines_sql, number_lines
from clearslate.court.selection import GOING, Question, count_standings, find_standings, hold_all, limit
from clearslate.errors import ClearslateError, UsageError
from clearslate.home import Home
from clearslate.keys import ActionKeyBlocks
from clearslate.law.lists import load_list
from clearslate.ledger import Entry, Ledger
from clearslate.ledger.states import CHALLENGE, make_sendings
from clearslate.warehouse import Warehouse

_OF_COUNTY = ("court.action", "court.case_summary", "review.worklist")
_WHOLE = ("court.accounting", "court.source", "court.subject")
_ANSWERED = ("POSTED", "REPORTED", "REFUSED", "DENIED", "ALREADY_RELIEVED", "DUPLICATE")

# The lines of a batch in the ledger's columns; what was asked is kept beside what the prosecutor's position made of it.
_LEDGER_LINES = """
select batch_id, line_no, action_key, version, conviction_id, case_number, case_number_sort as case_key, count_no,
    statute_section, relief_code as action_code, cast(disposition_date as varchar) as disposition_date,
    offense_level_before, rule, legal_basis, da_position, is_first_line as first_line
from batch_line
order by line_no
"""


@dataclass
class Office:
    """The desk of one command. `ledger` grows as packages are entered; the desk is set up anew after each."""

    home: Home
    release: Release
    ledger: Ledger
    on: date
    is_test: bool
    _desk: Warehouse | None = None
    _county: str | None = None

    @staticmethod
    @contextmanager
    def open(
        home: Home, *, on: date, is_test: bool, key: ActionKeyBlocks | None, release: Release | None = None
    ) -> Iterator["Office"]:
        """The office over a release, the current one by default, to send from it; without a key, only to look.

        To send, the release's gates have to be open (GateRefused), and `key` the one that it was made with (UsageError); to
        send for good, the day that it decides for must have come, and nothing on record may lie after it (UsageError).
        """
        release = release or Release.open(home)
        if key is not None:
            release.gates_passed()
            if not is_test:
                release.speaks_of_now(on)
            if key.fingerprint != release.key_fingerprint:
                raise UsageError(
                    "the action key is not the one that the current release was made with; name that key's file in "
                    "CLEARSLATE_ACTION_KEY_FILE, or make the release anew with `clearslate redecide`"
                )
        office = Office(home, release, Ledger.open(home), on, is_test)
        try:
            yield office
        finally:
            office._close()

    # -- what there is ------------------------------------------------------------------------------------------------

    @property
    def batches(self) -> list[Entry]:
        """The entries of all batches, test and production, each attempt."""
        return self.ledger.entries("batch_issued")

    def counties(self, asked: Sequence[str], supersede: str | None) -> list[str]:
        """The counties to make packages for: those asked for, else all with an eligible line; with `supersede`, its own."""
        if supersede is not None:
            return [self._to_supersede(supersede).body["county"]]
        if asked:
            return list(asked)
        with self.ledger.connect() as db:
            path = {"path": str(self.release.table("court.action"))}
            found = db.rows(
                "select distinct county from read_parquet($path) where county is not null order by county", path
            )
        return [county for (county,) in found]

    def sweep(self, county: str) -> list[str]:
        """Clear a county's outbox of what a killed command left."""
        return sweep(outbox_of(self.home, county), {entry.body["zip_name"] for entry in self.batches})

    def desk(self, county: str) -> Warehouse:
        """The release's tables of one county and the ledger's, side by side, with `sending` made."""
        if self._desk is None:
            self._desk, self._county = self.ledger.connect(), None
            make_sendings(self._desk, test=self.is_test)
            for name in _WHOLE:
                self._lay_out(self._desk, name)
        if self._county != county:
            for name in _OF_COUNTY:
                self._lay_out(self._desk, name, county)
            self._county = county
        return self._desk

    def _lay_out(self, desk: Warehouse, name: str, county: str | None = None) -> None:
        """Make one of the release's tables on the desk, of one county or whole."""
        bound = {"path": str(self.release.table(name))} | ({} if county is None else {"county": county})
        where = "" if county is None else "where county = $county"
        desk.execute(f"create schema if not exists {name.split('.')[0]}")
        desk.execute(f"create or replace table {name} as select * from read_parquet($path) {where}", bound, what=name)

    def _close(self) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    # -- sending ------------------------------------------------------------------------------------------------------

    def send(
        self, county: str, program: Program, supersede: str | None
    ) -> tuple[list[Entry], dict[tuple[str, str], int]]:
        """Issue what may go to a court now; returns the entries, and how the county's eligible lines stand afterwards."""
        issued: list[Entry] = []
        while True:
            question, is_canary = self.choose(county, program, supersede)
            desk = self.desk(county)
            standings = count_standings(desk)
            name = self.next_name(question)
            if not number_lines(desk, question, name.batch_id):
                return issued, standings
            self._refuse_repeats(desk, issued)
            issued.append(self._issue(name, question, program, standings, is_canary))

    def _refuse_repeats(self, desk: Warehouse, issued: Sequence[Entry]) -> None:
        """A line that this command has just sent can't be ready again: if it is, the ledger was misread, so stop."""
        [(n,)] = desk.rows(
            "select count(*) from batch_line as b inner join lines as l on b.action_key = l.action_key "
            "where list_contains($issued, l.batch_id)",
            {"issued": [entry.body["batch_id"] for entry in issued]},
        )
        if n:
            raise ClearslateError(f"{n} lines that were just sent would be sent again; nothing more was sent")

    def choose(self, county: str, program: Program, supersede: str | None = None) -> tuple[Question, bool]:
        """Make `court_standing` on the desk, less what is kept back now; returns whose lines, and whether it is a canary."""
        desk, profile = self.desk(county), load_profile(county)
        question = self.question(county, program, supersede)
        find_standings(desk, question, profile)
        return question, self._hold_back(desk, question, profile)

    def question(self, county: str, program: Program, supersede: str | None = None) -> Question:
        """Whose lines are asked for, under this command's release and key."""
        codes = load_list("counties")
        return Question(
            remedy=program.remedy,
            program=program.program,
            county=county,
            court_code=str(codes.loc[codes["name"] == county, "doj_code"].item()),
            as_of=self.release.as_of.isoformat(),
            key_fingerprint=self.release.key_fingerprint,
            supersede=supersede,
            indicator="T" if self.is_test else "P",
        )

    def next_name(self, question: Question) -> PackageName:
        """The name of the court's next package of the program."""
        return PackageName(question.court_code, question.program, self.is_test, len(self._of_court(question)) + 1)

    def _of_court(self, question: Question) -> list[Entry]:
        """The first attempts of the batches of a court and program, test or production as this command."""
        indicator = "T" if self.is_test else "P"
        return [
            entry
            for entry in self.batches
            if entry.body["attempt"] == 1
            and (entry.body["court_code"], entry.body["program"], entry.body["test_indicator"])
            == (question.court_code, question.program, indicator)
        ]

    def _hold_back(self, desk: Warehouse, question: Question, profile: Profile) -> bool:
        """Hold back what the canary and the limits keep; returns whether what may go is a canary."""
        sent = self._of_court(question)
        if question.supersede is not None:
            old = self._to_supersede(question.supersede)
            if any(entry.body["supersedes_batch"] == question.supersede for entry in sent):
                hold_all(desk, "other_batch")
            return bool(old.body["is_canary"])
        if profile.canary_lines and not self.is_test:
            canaries = [entry.body["batch_id"] for entry in sent if entry.body["is_canary"]]
            if not canaries:
                limit(desk, profile.canary_lines, reason="canary", by_lot=True)
                return True
            if not self._is_answered(desk, canaries):
                hold_all(desk, "canary")
                return False
        today = sum(entry.on == self.on and not entry.body["is_canary"] and entry.body["n_lines"] > 0 for entry in sent)
        if profile.batches_per_day is not None and today >= profile.batches_per_day:
            hold_all(desk, "cap")
        else:
            limit(desk, profile.max_lines_per_batch, reason="cap")
        return False

    def _is_answered(self, desk: Warehouse, canaries: Sequence[str]) -> bool:
        """Whether some canary was answered to its last line. One that was refused whole was not; a line that was sent
        again was."""
        [(n,)] = desk.rows(
            """
            select count(*)
            from batches as b
            left join (
                select batch_id,
                    -- A challenged line asks for nothing, so nobody has to answer it.
                    coalesce(
                        bool_and(list_contains($answered, state)) filter (where da_position <> $challenge),
                        bool_and(state <> 'SUBMITTED')
                    ) as is_answered,
                    bool_or(coalesce(decided_stage, '') <> 'RECEIVED' or state <> 'REFUSED') as is_taken
                from sending
                group by batch_id
            ) as s on b.batch_id = s.batch_id
            where list_contains($canaries, b.batch_id) and b.superseded_by is null
                and coalesce(s.is_answered and s.is_taken, true)
            """,
            {"answered": list(_ANSWERED), "canaries": list(canaries), "challenge": CHALLENGE},
            what="canaries",
        )
        return bool(n)

    def _to_supersede(self, batch_id: str) -> Entry:
        """The entry of a batch that is to be superseded. Raises UsageError where there is none of this kind."""
        name = parse_batch_id(batch_id)
        found = [entry for entry in self.batches if entry.body["batch_id"] == batch_id]
        if name is None or not found:
            raise UsageError("no batch of that id was ever sent from this home; `clearslate court status` lists them")
        if name.is_test != self.is_test:
            raise UsageError("a test batch can be superseded by a test batch only, and one in production by its like")
        return found[0]

    # -- issuing ------------------------------------------------------------------------------------------------------

    def _issue(
        self,
        name: PackageName,
        question: Question,
        program: Program,
        standings: Mapping[tuple[str, str], int],
        is_canary: bool,
    ) -> Entry:
        desk = self.desk(question.county)
        with self.building(name, question) as contents:
            contents.write_lines(
                as_rows(desk.stream(lines_sql(), what="lines")), as_rows(desk.stream(cases_sql(), what="cases"))
            )
            extras = Extras(desk, contents, name, program, load_profile(question.county), self.release)
            extras.write(is_canary=is_canary, supersedes=question.supersede)
            [(by_policy,)] = desk.rows("select count(*) from batch_line where is_by_standing_policy")
            positions = extras.positions() | {"by_standing_policy": by_policy}
            waiting = {standing: n for standing, n in standings.items() if standing[0] not in GOING}
            tables = {"lines": desk.arrow(_LEDGER_LINES, what="lines")}
            return self.enter(contents, name, question, waiting, positions, tables, is_canary=is_canary)

    @contextmanager
    def building(self, name: PackageName, question: Question) -> Iterator[Contents]:
        """A folder for a package's files; it goes when this ends."""
        with building(outbox_of(self.home, question.county), name.folder) as folder:
            yield Contents(folder)

    def enter(
        self,
        contents: Contents,
        name: PackageName,
        question: Question,
        waiting: Mapping[tuple[str, str], int],
        positions: Mapping[str, int],
        tables: Mapping[str, pa.Table],
        *,
        is_canary: bool = False,
    ) -> Entry:
        """Seal a package, put its ZIP in place, and enter it in the ledger: from here on it is sent.

        `waiting`: the eligible lines that are not in it, by (state, reason).
        """
        desk, profile = self.desk(question.county), load_profile(question.county)
        accounts = Accounts.load(desk, question.remedy)
        policy = self.release.policy_of(question.county)
        [(version,)] = desk.rows(
            "select coalesce(max(remedy_version), '') from review.worklist where remedy = $remedy",
            {"remedy": question.remedy},
        )
        sent = self._of_court(question)
        previous = sent[-1].body["manifest_sha256"] if sent else None
        head = Head(
            kind=BATCH,
            name=name,
            county=question.county,
            remedy=question.remedy,
            remedy_version=version,
            policy_id=policy.id,
            policy_sha256=policy.sha256,
            rule_set=self.release.rule_set,
            as_of=question.as_of,
            records_fingerprint=accounts.source["records_fingerprint"],
            previous_manifest_sha256=previous,
            told={
                "issued_on": self.on.isoformat(),
                "is_canary": is_canary,
                "supersedes_batch": question.supersede,
                "profile": {"id": profile.id, "sha256": profile.hash},
                "key_fingerprint": question.key_fingerprint,
                "positions": dict(positions),
            },
        )
        totals = contents.totals
        manifest_sha256 = contents.seal(head, accounts.of_batch(question.county, waiting, totals.lines))
        target = outbox_of(self.home, question.county) / name.archive
        zip_sha256 = write_archive(contents.folder, [MANIFEST, SUMS, *contents.files], target)
        self._close()
        self.ledger.record_key(self.on, question.key_fingerprint)
        body = {
            "identity": f"{name.batch_id}/a{name.attempt}",
            "batch_id": name.batch_id,
            "program": name.program,
            "county": question.county,
            "court_code": name.court_code,
            "sequence": name.sequence,
            "attempt": name.attempt,
            "test_indicator": name.test_indicator,
            "manifest_sha256": manifest_sha256,
            "previous_manifest_sha256": previous,
            "actions_sha256": contents.files[ACTIONS].sha256,
            "zip_sha256": zip_sha256,
            "zip_name": name.archive,
            "n_lines": totals.lines,
            "n_cases": len(totals.cases),
            "n_subjects": len(totals.subjects),
            "n_reversals": contents.files[REVERSALS].rows,
            "as_of": question.as_of,
            "rule_set": self.release.rule_set,
            "key_fingerprint": question.key_fingerprint,
            "is_canary": is_canary,
            "supersedes_batch": question.supersede,
        }
        return self.ledger.append("batch_issued", self.on, body, tables)
