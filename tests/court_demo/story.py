"""What happens, stage by stage: from the worklist to the last posted line, with everything that goes wrong on the way.

Belongs here: the order of events, and what must be seen after each. Does not belong here: comparing the two sides
(agreement.py), the court's own decisions (tests/court_simulator).

Days are those of the story; after every stage `agree` holds the ledger against the court's books, line by line.
"""

import csv
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from clearslate.acknowledgement import exceptions, resolve_exception, take_inbox
from tests.court_demo import agreement, desk
from tests.court_demo.prosecutor import decide, fill_decisions, fill_verdicts
from tests.court_demo.source import AS_OF, COURT_CODE, Source, eligible_keys
from tests.court_simulator import Court, Fates, fill_short_form, write_answers
from tests.court_simulator.court import staged_keys

SHORT_FORM = {  # how the clerk's sheet calls a stage and a status
    ("VALIDATED", "rejected"): "NOT_FOUND",
    ("VALIDATED", "duplicate"): "DUPLICATE",
    ("VALIDATED", "already_relieved"): "ALREADY_RELIEVED",
    ("VALIDATED", "matched"): "MATCHED",
    ("ORDERED", "denied"): "DENIED",
    ("ORDERED", "granted"): "GRANTED",
    ("POSTED", "posted"): "POSTED",
}
EVERY_CODE = {
    *("R01", "R02", "R03", "R04", "R05", "R10", "R11", "R12", "R13", "R14", "R15", "R20", "R21", "R22", "R23", "R24"),
    *("R30", "R31", "R32", "R40", "R41", "R42", "R50", "R60", "R99"),
}
CLOSED = {
    "REPORTED": "posted and reported to DOJ",
    "ALREADY_RELIEVED": "relief was held already (R30)",
    "DUPLICATE": "the same count as another line",
}


class NotAsTold(AssertionError):
    """Something in the story did not happen as it must; the message has counts and codes only."""


def must(holds: bool, words: str) -> None:
    if not holds:
        raise NotAsTold(words)


@dataclass
class Story:
    """One telling. `folder`: where the court has its books and its post."""

    source: Source
    folder: Path
    out: Console
    court: Court = field(init=False)
    day: date = AS_OF + timedelta(days=5)
    sent: list[Path] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    _keys: dict[Path, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.court = Court(self.folder / "books.sqlite", court_code=COURT_CODE, fates=Fates(seed=64))

    @property
    def on(self) -> str:
        return self.day.isoformat()

    def tell(self) -> None:
        """The whole story."""
        self.source.first()
        self.agree("identified: nobody has decided anything")
        self.review(1)
        self.canary()
        self.volume()
        self.resubmission()
        self.reversals()
        self.last_round()
        self.close()

    # -- chapters -----------------------------------------------------------------------------------------------------

    def review(self, round_no: int) -> None:
        """Worklists and a sample go out to the prosecutor and come back filled in."""
        self.wait(1)
        worklist, sample, ground = desk.write_review(self.source.home, self.day)
        filled = self.folder / f"decided_{round_no}.csv"
        told = fill_decisions(worklist, filled, lambda key: decide(key, ground=ground, round_no=round_no))
        checked = self.folder / f"checked_{round_no}.csv"
        fill_verdicts(sample, checked)
        self.wait(10)
        for file in (filled, checked):
            desk.import_review(self.source.home, file, self.day)
        self.agree(f"reviewed, round {round_no}: {told['CHALLENGE']:,} challenged, {told['DEFER']:,} deferred")

    def canary(self) -> None:
        """A first small package, refused whole for every reason there is before the court takes it."""
        [package] = self.package(1)
        self.damage(package)
        must(self.court.receive(self.post(package), self.on) == "R03", "a damaged ZIP was taken")
        self.answer(package)
        self.agree("the first package arrived damaged (R03)")

        [package] = self.package(1, instead_of=package)
        elsewhere = Court(self.folder / "other.sqlite", court_code="34", fates=Fates.none())
        must(elsewhere.receive(package, self.on) == "R04", "the wrong court took a package")
        self.court.refuse(package, "R04", self.on)  # it was brought here from there, and the clerk read the cover only
        self.answer(package)
        [package] = self.package(1, instead_of=package)
        self.court.refuse(package, "R05", self.on)
        self.answer(package)
        [package] = self.package(1, instead_of=package)
        must(self.court.receive(self.tamper(package), self.on) == "R01", "a package with wrong totals was taken")
        self.answer(package)
        self.agree("refused three times more (R04, R05, R01)")

        [package] = self.package(1, instead_of=package)
        batch_id = self.receive(package)
        self.package(0)
        again = desk.send_again(self.source.home, batch_id, self.day)
        must(again.read_bytes() == package.read_bytes(), "the same batch sent again has other bytes")
        must(self.court.receive(again, self.on) == "R02", "the same batch was taken twice")
        self.answer(package)
        self.agree("the canary is at the court; sent again it is a duplicate (R02)")
        self.court.validate(batch_id, self.on)
        for _ in range(2):
            self.wait(7)
            self.court.hear(batch_id, self.on)
            self.court.post(batch_id, self.on)
        self.short_form(package, batch_id)
        self.finish(batch_id)
        self.agree("the canary is closed")

    def short_form(self, package: Path, batch_id: str) -> None:
        """The clerk fills in the spreadsheet; posted lines wait for the order, which a person records from paper."""
        sheet = self.folder / "worklist.xlsx"
        with zipfile.ZipFile(package) as archive:
            sheet.write_bytes(archive.read("10_relief_actions.xlsx"))
        n_lines = len(self.keys(package))
        filled = fill_short_form(self.court, batch_id, sheet, self.folder / f"{batch_id}_filled.xlsx", SHORT_FORM)
        self.wait(2)
        self.read([filled])
        held = exceptions(self.source.home)
        must(len(held) == 1, f"{len(held)} exceptions for posted lines without an order, not one for the batch")
        order = self.folder / "signed_order.pdf"
        order.write_bytes(f"signed for {batch_id}".encode())
        desk.record(self.source.home, batch_id, n_lines, order, self.day)
        self.agree("the clerk's spreadsheet and the signed order are recorded")

    def volume(self) -> None:
        """Everything else, stage by stage, with answers late, twice, in parts and out of order."""
        packages = self.package()
        self.agree(f"{len(packages)} packages are in the post")
        batches = [self.receive(package, parts=3, shuffle=5) for package in packages]
        self.agree("received; the answer came in three parts")
        self.wait(14)
        for batch_id in batches:
            self.court.validate(batch_id, self.on)
        late = [path for batch_id in batches for path in write_answers(self.court, batch_id, self.folder / "late")]
        self.wait(7)
        for batch_id in batches:
            self.court.hear(batch_id, self.on)
        ruled = [path for batch_id in batches for path in write_answers(self.court, batch_id, self.folder, shuffle=6)]
        self.read(ruled, gaps=len(batches))
        self.read(late)
        self.agree("matched and ruled on; the answer about the matching came late")
        self.wait(30)
        for batch_id in batches:
            self.court.post(batch_id, self.on)
            self.court.hear(batch_id, self.on)
        posted = [path for batch_id in batches for path in write_answers(self.court, batch_id, self.folder, parts=2)]
        self.to_inbox(posted)
        self.read(posted, repeated=True)
        self.contradict(posted[0])
        self.agree("posted; the same files again and a contradiction changed nothing")
        for batch_id in batches:
            self.finish(batch_id)
        self.agree("posted and reported to DOJ")

    def resubmission(self) -> None:
        """Old numbers are found and the prosecutor decides what was put off: what may be asked again is."""
        self.wait(60)
        taken = [self.name(path) for path in self.sent if self.is_taken(path)]
        found = sum(self.court.find_by_name(batch_id, self.on) for batch_id in taken)
        must(found > 0, "no case was found by name")
        self.read([path for batch_id in taken for path in write_answers(self.court, batch_id, self.folder)])
        self.agree(f"{found} cases found under another number")
        self.ask_again(2, {"R15"})

    def ask_again(self, round_no: int, expected: set[str]) -> None:
        """The prosecutor looks at what is open; lines refused for the codes `expected` go again, and those that
        the last round found under a new number; no others."""
        self.review(round_no)
        before = {key: code for key, (_, _, state, code) in self.court.standing().items() if state == "refused"}
        packages = self.package()
        codes = {before[key] for key in self.keys_of(packages) & before.keys()}
        must(expected <= codes <= expected | {"R15"}, f"asked again: lines refused for {sorted(codes)}")
        for package in packages:
            batch_id = self.receive(package)
            self.court.validate(batch_id, self.on)
            self.finish(batch_id)
        self.agree(f"round {round_no}: what was refused for {', '.join(sorted(codes))} went again")

    def reversals(self) -> None:
        """A later delivery no longer supports some posted lines: a human sends their reversal, the court takes them back."""
        relieved = self.court.relieved() - self.court.challenged()
        wanted = max(3, len(relieved) // 1000)
        lost = self.source.second(relieved, wanted)
        must(len(lost) > 0, "the later delivery changes nothing")
        self.wait(200)
        self.agree("a later run: some lines that were sent are no longer supported")
        due = desk.due_keys(self.source.home, self.day)
        must(due >= lost, f"{len(lost - due)} lines lost their support and are not due for reversal")
        self.out.print(f"{len(due):,} lines are on the reversals worklist; a person sends {len(lost)}, the others stay")
        packages = desk.send_reversals(self.source.home, lost, self.folder / "reversals.xlsx", self.day)
        must(len(packages) == 1, "the reversals did not go out in one package")
        self.sent += packages
        batch_id = self.receive(packages[0])
        self.agree("the reversals are at the court")
        self.court.validate(batch_id, self.on)
        self.finish(batch_id)
        self.agree("taken back")
        must(self.court.reversed() == lost, "the court took back other lines")

    def last_round(self) -> None:
        """Pending cases have ended and supervision has run out: by a later run those lines may be asked for again."""
        self.court.release_obstacles()
        self.ask_again(3, {"R31", "R32"})

    def close(self) -> None:
        """Every line is closed or explained; the chain holds."""
        lines = self.agree("the end")
        fates = Counter((line.state, self.why(line)) for line in lines)
        unexplained = {state: n for (state, why), n in fates.items() if not why}
        told = Table(title="how each line ended", title_justify="left", title_style="bold")
        for name in ("state", "because", "lines"):
            told.add_column(name, justify="right" if name == "lines" else "left")
        for (state, why), n in sorted(fates.items()):
            told.add_row(state, why, f"{n:,}")
        self.out.print(told)
        must(not unexplained, f"neither closed nor explained: {unexplained}")
        must(self.codes >= EVERY_CODE, f"reason codes that never came: {sorted(EVERY_CODE - self.codes)}")
        desk.verify(self.source.home)

    def why(self, line: agreement.Line) -> str:
        """Why a line ended as it did; blank where nobody can say."""
        if line.reversal_state:
            return {"REVERSED": "taken back", "REVERSAL_DUE": "a person looks at it anew"}.get(line.reversal_state, "")
        return CLOSED.get(line.state) or line.reason_code

    # -- what the chapters are made of ---------------------------------------------------------------------------------

    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)

    def package(self, wanted: int | None = None, *, instead_of: Path | None = None) -> list[Path]:
        """Prepare packages (`wanted`: so many, else at least one); returns their ZIPs."""
        self.wait(1)
        supersede = self.name(instead_of) if instead_of else None
        made = desk.package(self.source.home, self.day, supersede=supersede)
        must(wanted is None or len(made) == wanted, f"{len(made)} packages, not {wanted}")
        must(wanted is not None or len(made) > 0, "no package was made")
        self.sent += made
        return made

    def receive(self, package: Path, *, parts: int = 1, shuffle: int | None = None) -> str:
        """The court takes a package in and says so."""
        self.wait(3)
        code = self.court.receive(package, self.on)
        must(code == "", f"the court refused a sound package: {code}")
        self.read(write_answers(self.court, self.name(package), self.folder, parts=parts, shuffle=shuffle))
        return self.name(package)

    def answer(self, package: Path) -> None:
        """What the court has to say of a batch, read at once."""
        self.read(write_answers(self.court, self.name(package), self.folder))

    def finish(self, batch_id: str) -> None:
        """Hearings, postings and reports until nothing of a batch moves any more; one file for each round."""
        while True:
            self.wait(10)
            self.court.hear(batch_id, self.on)
            self.court.post(batch_id, self.on)
            self.court.report(batch_id, self.on, keys=staged_keys(desk.doj_stage(self.source.home, self.day)))
            self.court.confirm(batch_id, self.on)
            news = write_answers(self.court, batch_id, self.folder)
            if not news:
                return
            self.read(news)

    def read(self, files: Sequence[Path], *, repeated: bool = False, gaps: int = 0) -> None:
        """Read acknowledgement files into the ledger; nothing may be refused or queued, save a short form's postings."""
        report = desk.take(self.source.home, files, self.day)
        for file in report.files:
            must(
                file.outcome == ("already_taken" if repeated else "taken"),
                f"{file.file_name}: {file.outcome}: {file.words}",
            )
            kinds = set(file.exceptions) - ({"posted_without_order"} if file.source == "short_form" else set())
            must(not kinds, f"{file.file_name}: exceptions {dict(file.exceptions)}")
        must(len(report.gaps) == gaps, f"gaps in the numbers of the court's files: {len(report.gaps)}, not {gaps}")

    def to_inbox(self, files: Iterable[Path]) -> None:
        """Files come by way of the inbox that Dagster watches."""
        inbox = self.source.home.inbox
        inbox.mkdir(mode=0o700, exist_ok=True)
        for file in files:
            shutil.copy(file, inbox / file.name)
        report = take_inbox(self.source.home, self.day)
        must(all(file.outcome == "taken" for file in report.files), "the inbox was not taken")

    def contradict(self, told: Path) -> None:
        """A clerk's mistake: the file comes again and denies a line that it had posted. That is queued, changes nothing, and
        a person resolves it."""
        with told.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        line = next(row for row in rows if row["stage"] == "POSTED" and row["status"] == "posted")
        wrong = line | {"stage": "ORDERED", "status": "denied", "reason_code": "R40", "effective_date": self.on}
        path = self.folder / "mistake" / told.name
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(line))
            writer.writeheader()
            writer.writerows([rows[0], wrong, rows[-1] | {"line_no": "1"}])
        report = desk.take(self.source.home, [path], self.day)
        must([file.n_exceptions for file in report.files] == [1], "a contradiction was not queued")
        for held in exceptions(self.source.home):
            resolve_exception(self.source.home, held.exception_id, "dismissed", by="demo", on=self.day)

    def agree(self, stage: str) -> list[agreement.Line]:
        """Hold the ledger against the court's books, and print the stage."""
        lines = desk.line_status(self.source.home, self.day)
        keys = eligible_keys(self.source.home) | self.keys_of(self.sent)
        agreement.check(f"{self.on}  {stage}", lines, self.court, n_lines=len(keys), out=self.out)
        self.codes |= {row[0] for row in self.court.books.execute("select distinct reason_code from journal")}
        return lines

    def keys(self, package: Path) -> set[str]:
        """The action keys of the lines in a package."""
        if package not in self._keys:
            with zipfile.ZipFile(package) as archive, archive.open("10_relief_actions.csv") as file:
                self._keys[package] = {row["action_key"] for row in csv.DictReader(line.decode() for line in file)}
        return self._keys[package]

    def keys_of(self, packages: Iterable[Path]) -> set[str]:
        return set().union(*(self.keys(package) for package in packages))

    def name(self, package: Path) -> str:
        return package.name.split("_")[0]

    def is_taken(self, package: Path) -> bool:
        batch = (self.name(package),)
        return bool(
            self.court.books.execute("select 1 from batches where batch_id = ? and refused = ''", batch).fetchone()
        )

    def post(self, package: Path) -> Path:
        """The copy of a package that arrives (see `damage`)."""
        return self.folder / "post" / package.name

    def damage(self, package: Path) -> None:
        """A bit of the action file is lost on the way."""
        data = bytearray(package.read_bytes())
        with zipfile.ZipFile(package) as archive:
            data[archive.getinfo("10_relief_actions.csv").header_offset + 80] ^= 1
        self.post(package).parent.mkdir(exist_ok=True)
        self.post(package).write_bytes(data)

    def tamper(self, package: Path) -> Path:
        """Somebody has opened the package on the way, looked into the table and saved it again."""
        with zipfile.ZipFile(package) as source:
            members = {name: source.read(name) for name in source.namelist()}
        members["11_relief_cases.csv"] = members["11_relief_cases.csv"].replace(b'"', b"")
        with zipfile.ZipFile(self.post(package), "w") as target:
            for name, content in members.items():
                target.writestr(name, content)
        return self.post(package)
