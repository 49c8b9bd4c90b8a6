"""The court at work: what it does with a package, from the counter to the report to DOJ.

Belongs here: the steps of a line and what decides each. Every step writes a line's state and an entry of the journal in
one transaction; answers.py turns the journal into acknowledgement files. Does not belong here: the case file's faults
(casefile.py).

A step takes the day as text, YYYY-MM-DD. What waits is done when the step is called again: a hearing that was continued,
a posting that failed.
"""

import csv
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.court_simulator.books import open_books
from tests.court_simulator.casefile import Fates, learn
from tests.court_simulator.clerk import Entry, Records, look_up
from tests.court_simulator.parcel import Parcel, Refused, Row, letters_and_digits, open_parcel

_QUESTIONS = {
    "a batch is not chained to the one before it": "select count(*) from batches as b join batches as p on"
    " substr(p.batch_id, 1, length(p.batch_id) - 6) = substr(b.batch_id, 1, length(b.batch_id) - 6)"
    " and cast(substr(p.batch_id, -6) as integer) = b.sequence - 1"
    " where b.refused = '' and p.manifest_sha256 <> '' and b.previous <> p.manifest_sha256",
    "a posted line without a posting": "select count(*) from standing where state in ('posted', 'reported')"
    " and not is_reversal and action_key not in (select action_key from postings)",
    "a posting without an order": "select count(*) from postings where action_key not in"
    " (select action_key from journal where stage = 'ORDERED' and status = 'granted')",
    "a count relieved for two lines": "select count(*) from (select count_id from postings where reversed_on = ''"
    " group by count_id having count(*) > 1)",
}


class Court:
    """One superior court. `fates`: how its case file differs from what it is sent. `takes`: P, or T for a test system."""

    def __init__(self, path: Path, *, court_code: str, fates: Fates, takes: str = "P") -> None:
        self.books = open_books(path)
        self.court_code, self.fates, self.takes = court_code, fates, takes

    # -- the counter --------------------------------------------------------------------------------------------------

    def receive(self, package: Path, on: str) -> str:
        """Take a package in. Returns '' if it was accepted, else the reason code with which the whole of it was refused."""
        try:
            parcel = open_parcel(package, court_code=self.court_code, test_indicator=self.takes)
            self._refuse_what_was_here(parcel)
        except Refused as refused:
            self._note_refusal(refused, package, on)
            return refused.code
        with self.books as books:
            learn(books, parcel.lines, self.fates)
            self._enter(books, parcel, on)
        return ""

    def refuse(self, package: Path, code: str, on: str) -> str:
        """Refuse a sound package whole, as a court may by its own fault or policy."""
        parcel = open_parcel(package, court_code=self.court_code, test_indicator=self.takes)
        refused = Refused(
            code, "refused at the counter", batch_id=parcel.batch_id, manifest_sha256=parcel.manifest_sha256
        )
        self._note_refusal(refused, package, on)
        return code

    def _refuse_what_was_here(self, parcel: Parcel) -> None:
        taken = self.books.execute(
            "select 1 from batches where batch_id = ? and refused = ''", (parcel.batch_id,)
        ).fetchone()
        if taken:
            raise Refused("R02", "taken already", batch_id=parcel.batch_id, manifest_sha256=parcel.manifest_sha256)

    def _note_refusal(self, refused: Refused, package: Path, on: str) -> None:
        batch_id = refused.batch_id or package.name.split("_")[0]
        with self.books as books:
            books.execute(
                "insert or ignore into batches values (?, ?, '', null, null, null, null, ?, ?, ?, null)",
                (batch_id, refused.manifest_sha256, on, refused.code, refused.words),
            )
            books.execute(
                "insert into journal values (null, ?, null, '', 'RECEIVED', 'rejected', ?, ?, ?, '', '', '', null)",
                (batch_id, refused.code, refused.words, on),
            )

    def _enter(self, books: sqlite3.Connection, parcel: Parcel, on: str) -> None:
        manifest = parcel.manifest
        books.execute(
            "insert into batches values (?, ?, ?, ?, ?, ?, ?, ?, '', '', ?)",
            (parcel.batch_id, parcel.manifest_sha256, parcel.test_indicator, manifest["sequence"],
             manifest["previous_manifest_sha256"], len(parcel.lines), len(parcel.reversals), on,
             manifest.get("supersedes_batch")),
        )  # fmt: skip
        rows = [(row, int(row["line_no"]), 0, "") for row in parcel.lines]
        rows += [(row, n, 1, row["reverses_action_key"]) for n, row in enumerate(parcel.reversals, start=1)]
        books.executemany(
            "insert into lines (batch_id, line_no, is_reversal, action_key, reverses, case_number, count_no, section, level,"
            " disposition_date, action_code, da_position, name_last, birth_year, state, reason_code, since)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', ?)",
            [
                (parcel.batch_id, line_no, is_reversal, row["action_key"], reverses, row["case_number"], row["count_no"],
                 row["statute_section"], row["offense_level_before"], row["disposition_date"], row["action_code"],
                 row["da_position"], row["name_last"], row["birth_year"], on)
                for row, line_no, is_reversal, reverses in rows
            ],
        )  # fmt: skip
        books.executemany(
            "insert into journal values (null, ?, ?, ?, 'RECEIVED', 'accepted', '', '', ?, '', '', '', null)",
            [(parcel.batch_id, line_no, row["action_key"], on) for row, line_no, _, _ in rows],
        )

    # -- the steps of a line ------------------------------------------------------------------------------------------

    def validate(self, batch_id: str, on: str) -> None:
        """Look every received line up in the case file."""
        records = Records(self.books)
        claims: list[tuple[int, int, str, int]] = []

        def find(line: sqlite3.Row) -> Entry:
            if line["is_reversal"]:
                return self._look_up_reversal(line)
            found, case_id, count_id = look_up(line, records)
            if count_id:
                claims.append((case_id, count_id, line["action_key"], line["item"]))
                records.claim(count_id, line["action_key"])
            return found

        with self.books as books:
            self._step(batch_id, "VALIDATED", ("received",), on, find)
            books.executemany(
                "update lines set case_id = ?, count_id = ? where item = ?", [(c, k, i) for c, k, _, i in claims]
            )
            books.executemany(
                "update counts set claimed_by = ? where count_id = ?", [(key, k) for _, k, key, _ in claims]
            )

    def find_by_name(self, batch_id: str, on: str) -> int:
        """A clerk looks in the old index for cases that were not found, and finds every second one under a new number.
        Returns how many."""
        found: dict[tuple[str, str], list[sqlite3.Row]] = {}
        for line in self._lines(batch_id, ("refused",)):
            if line["reason_code"] == "R10" and _draw("index", line["case_number"]) % 2 == 0:
                found.setdefault((line["case_number"], line["name_last"]), []).append(line)
        with self.books as books:
            for lines in found.values():
                number = f"OLD{lines[0]['item']:07d}"
                case_id = books.execute(
                    "insert into cases values (null, ?, ?, 'here', '', ?, ?, 0, 0)",
                    (number, letters_and_digits(number), lines[0]["name_last"], lines[0]["birth_year"]),
                ).lastrowid
                for line in lines:
                    books.execute(
                        "insert into counts values (null, ?, ?, ?, ?, ?, 1, 0, '', '', '')",
                        (case_id, line["count_no"], line["section"], line["level"], line["disposition_date"]),
                    )
                    self._write(line, "VALIDATED", Entry("refused", "rejected", "R15", "found by name", number), on)
        return len(found)

    def hear(self, batch_id: str, on: str) -> str:
        """The judge rules on every matched line of the batch; returns the number of the order."""
        tempers = self._tempers(batch_id)
        with self.books as books:
            number = books.execute("select count(*) + 1 from orders where batch_id = ?", (batch_id,)).fetchone()[0]
            order = f"ORD-{batch_id}-{number}"
            granted = self._step(
                batch_id,
                "ORDERED",
                ("matched",),
                on,
                lambda line: _rule(line, tempers.get(line["item"], "")),
                order=order,
            )
            books.execute("insert into orders values (?, ?, ?, 'granted', ?)", (order, batch_id, on, granted))
        return order

    def post(self, batch_id: str, on: str) -> None:
        """Enter ordered lines into the register of actions."""
        tempers = self._tempers(batch_id)

        def enter(line: sqlite3.Row) -> Entry:
            temper = tempers.get(line["item"], "")
            if temper in ("cms_error", "partial") and not line["tries"]:
                return Entry("ordered", {"cms_error": "failed"}.get(temper, temper), "R50", "register not available")
            return Entry("posted", "posted")

        with self.books as books:
            before = self._lines(batch_id, ("ordered",))
            self._step(batch_id, "POSTED", ("ordered",), on, enter)
            done = {line["item"] for line in self._lines(batch_id, ("posted",))}
            for line in before:
                if line["item"] in done:
                    self._register(books, line, on)

    def _register(self, books: sqlite3.Connection, line: sqlite3.Row, on: str) -> None:
        if line["is_reversal"]:
            books.execute(
                "update counts set relieved_on = '' where count_id in"
                " (select count_id from postings where action_key = ? and reversed_on = '')",
                (line["reverses"],),
            )
            books.execute(
                "update postings set reversed_on = ? where action_key = ? and reversed_on = ''", (on, line["reverses"])
            )
        else:
            books.execute("insert into postings values (?, ?, ?, '')", (line["action_key"], line["count_id"], on))
            books.execute("update counts set relieved_on = ? where count_id = ?", (on, line["count_id"]))

    def report(self, batch_id: str, on: str, *, keys: Iterable[str] | None = None) -> None:
        """Report posted lines to DOJ: all of them, or those with the given action keys."""
        tempers, wanted = self._tempers(batch_id), None if keys is None else set(keys)

        def send(line: sqlite3.Row) -> Entry | None:
            if wanted is not None and line["action_key"] not in wanted:
                return None
            temper = tempers.get(line["item"], "")
            if line["tries"] > 1:
                return None  # refused twice: the court's desk looks into it on paper
            if temper == "doj_rejects" or (temper == "doj_rejects_once" and not line["tries"]):
                return Entry("posted", "rejected", "R60", "DOJ: no such arrest on file")
            return Entry("reported", "sent")

        with self.books as books:
            self._step(batch_id, "REPORTED_DOJ", ("posted",), on, send)
            self._copy_to_doj(books, batch_id, on)

    def confirm(self, batch_id: str, on: str) -> None:
        """DOJ confirms what was reported, once."""

        def note(line: sqlite3.Row) -> Entry | None:
            return None if line["tries"] else Entry("reported", "confirmed")

        with self.books as books:
            self._step(batch_id, "REPORTED_DOJ", ("reported",), on, note)
            self._copy_to_doj(books, batch_id, on)

    def _copy_to_doj(self, books: sqlite3.Connection, batch_id: str, on: str) -> None:
        books.execute(
            "insert or ignore into doj_reports select action_key, effective_date, status from journal"
            " where batch_id = ? and stage = 'REPORTED_DOJ' and effective_date = ?",
            (batch_id, on),
        )

    def release_obstacles(self) -> None:
        """Pending cases end and supervision runs out."""
        with self.books as books:
            books.execute("update cases set is_pending = 0, is_supervised = 0")

    # -- what others ask ----------------------------------------------------------------------------------------------

    def manifest_sha256(self, batch_id: str) -> str:
        """The manifest that the court holds for a batch."""
        row = self.books.execute(
            "select manifest_sha256 from batches where batch_id = ? order by refused = '' desc, rowid desc", (batch_id,)
        ).fetchone()
        return str(row[0])

    def standing(self) -> dict[str, tuple[str, int, str, str]]:
        """Of each action key that the court has taken in: batch, line number, state and reason code of its newest line."""
        rows = self.books.execute(
            "select action_key, batch_id, line_no, state, reason_code from standing where not is_reversal"
        )
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}

    def reversed(self) -> set[str]:
        """Action keys whose posting was taken back."""
        return {row[0] for row in self.books.execute("select action_key from postings where reversed_on <> ''")}

    def challenged(self) -> set[str]:
        """Action keys that the prosecutor challenged."""
        return {row[0] for row in self.books.execute("select action_key from lines where da_position = 'CHALLENGE'")}

    def relieved(self) -> set[str]:
        """Action keys whose relief stands in the register today."""
        return {row[0] for row in self.books.execute("select action_key from postings where reversed_on = ''")}

    def findings(self) -> list[str]:
        """What the court's own bookkeeper would find wrong; an empty list if nothing is."""
        numbers = sorted({int(row[0]) for row in self.books.execute("select substr(batch_id, -6) from batches")})
        found = ["a batch's number leaves a gap"] * (numbers != [*range(1, len(numbers) + 1)])
        return found + [words for words, sql in _QUESTIONS.items() if self.books.execute(sql).fetchone()[0]]

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lines(self, batch_id: str, states: Sequence[str]) -> list[sqlite3.Row]:
        marks = ", ".join("?" * len(states))
        return self.books.execute(
            f"select * from lines where batch_id = ? and state in ({marks}) order by is_reversal, line_no",
            (batch_id, *states),
        ).fetchall()

    def _tempers(self, batch_id: str) -> dict[int, str]:
        rows = self.books.execute(
            "select item, temper from lines join counts using (count_id) where batch_id = ? and temper <> ''",
            (batch_id,),
        )
        return {row[0]: row[1] for row in rows}

    def _step(
        self,
        batch_id: str,
        stage: str,
        states: Sequence[str],
        on: str,
        decide: Callable[[sqlite3.Row], Entry | None],
        *,
        order: str = "",
    ) -> int:
        """Take every line of a batch that is in one of `states` through a stage; returns how many changed their state."""
        decided = [(line, entry) for line in self._lines(batch_id, states) if (entry := decide(line)) is not None]
        self._write_all(decided, stage, on, order)
        return sum(line["state"] != entry.state for line, entry in decided)

    def _write(self, line: sqlite3.Row, stage: str, entry: Entry, on: str) -> None:
        self._write_all([(line, entry)], stage, on, "")

    def _write_all(self, decided: Sequence[tuple[sqlite3.Row, Entry]], stage: str, on: str, order: str) -> None:
        self.books.executemany(
            "update lines set state = ?, reason_code = ?, since = case when state = ? then since else ? end,"
            " tries = case when state = ? then tries + 1 else 0 end, order_doc_id = iif(? = '', order_doc_id, ?)"
            " where item = ?",
            [
                (e.state, e.code if e.state not in ("posted", "ordered", "matched") else "", e.state, on, e.state, order,
                 order, line["item"])
                for line, e in decided
            ],
        )  # fmt: skip
        self.books.executemany(
            "insert into journal values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
            [
                (line["batch_id"], line["line_no"], line["action_key"], stage, e.status, e.code, e.words, on, e.number,
                 f"EV{line['item']:08d}" if stage == "POSTED" else "", order)
                for line, e in decided
            ],
        )  # fmt: skip

    def _look_up_reversal(self, line: sqlite3.Row) -> Entry:
        posted = self.books.execute(
            "select 1 from postings where action_key = ? and reversed_on = ''", (line["reverses"],)
        ).fetchone()
        return (
            Entry("matched", "matched") if posted else Entry("refused", "rejected", "R20", "nothing posted to reverse")
        )


def _rule(line: sqlite3.Row, temper: str) -> Entry:
    if line["action_code"] == "CHALLENGE" and _draw("challenge", line["action_key"]) % 3:
        return Entry("denied", "denied", "R40", "challenge sustained")
    if temper in ("continued", "off_calendar") and not line["tries"]:
        return Entry("matched", temper)
    refusal = {"denied": "R40", "withdrawn": "R41", "objected": "R42"}.get(temper)
    return Entry("denied", "denied", refusal) if refusal else Entry("ordered", "granted")


def _draw(what: str, action_key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{what}|{action_key}".encode()).digest()[:4])


def staged_keys(path: Path) -> list[str]:
    """The action keys of a disposition worklist for the court's DOJ desk (40_doj_disposition_stage.csv)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: Iterable[Row] = csv.DictReader(file)
        return [row["action_key"] for row in rows]
