"""The page for the clerk: what the package is, how to check it, how to answer.

Belongs here: the words of `01_README_CLERK.txt` and of the workbook's guide. Does not belong here: the files they speak of.
It must fit on one printed page and name nobody: it lies open on a desk.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clearslate.court.layout import (
    ACTIONS,
    CASES,
    FORMS,
    MANIFEST,
    MATCH_KEYS,
    REVERSALS,
    SHORT_FORM_COLUMNS,
    SUMS,
    WORKBOOK,
    WORKBOOK_CASES,
    WORKBOOK_COLUMNS,
    PackageName,
)
from clearslate.court.totals import ControlTotals
from clearslate.sheets import Guide, column_letter

LINES_OF_A_PAGE = 60
_WIDTH = 88
_GUIDE = "How to fill in"
_WORDS = {
    ACTIONS: "CONFIDENTIAL: the lines to be entered, a count each",
    WORKBOOK: "CONFIDENTIAL: lines and cases, to work in",
    CASES: "CONFIDENTIAL: a row per case; open the workbook instead",
    REVERSALS: "CONFIDENTIAL: earlier lines to be undone; often none",
    MATCH_KEYS: "CONFIDENTIAL: identifiers, for technical staff only",
}
_CHALLENGED = (
    "CHALLENGE: nothing is asked on such a line. The order does not decide it unless the judge says so line by line. Leave "
    "it blank in the workbook; ALL and ranges leave it out."
)
_WHOLE = (
    "Of the whole package: RECEIVED, or PACKAGE_REJECTED with a code R01 to R05 as reason; only on a row ALL, with its "
    "date."
)


@dataclass(frozen=True)
class Page:
    """What the page tells. `codes` are the reason codes of a whole package with their meanings, `files` those of the
    package in order."""

    name: PackageName
    court_name: str
    program_title: str
    contact: str
    totals: ControlTotals
    n_challenged: int
    n_reversals: int
    is_canary: bool
    supersedes: str | None
    codes: Sequence[tuple[str, str]]
    files: Sequence[str]


def clerk_page(page: Page) -> str:
    """The text of 01_README_CLERK.txt. Lines end in CRLF, for the plainest of editors."""
    return "\r\n".join(_lines(page)) + "\r\n"


def _lines(page: Page) -> Iterator[str]:
    yield f"{page.program_title}: package {page.name.batch_id}"
    yield f"for the {page.court_name}"
    yield "=" * _WIDTH
    if page.name.is_test:
        yield from _wrap("*** TEST. Nothing in it is to be entered, ordered or filed. ***")
    if page.is_canary:
        yield from _wrap(
            "This is the first, small package. Please check every line; nothing more is sent before it is answered whole."
        )
    if page.supersedes:
        yield from _wrap(f"It takes the place of {page.supersedes}, which the court could not take.")
    yield from _section("What is in it")
    totals = page.totals.as_manifest()
    yield from _wrap(
        f"Lines: {totals['lines']:,}, in {totals['cases']:,} cases of {totals['subjects']:,} persons. Challenged, asking for "
        f"nothing: {page.n_challenged:,}. Reversals: {page.n_reversals:,}."
    )
    actions = ", ".join(f"{code} {n:,}" for code, n in totals["by_action"].items()) or "none"
    yield from _wrap(f"By action: {actions}.")
    for name in page.files:
        if name in _WORDS:
            yield f"  {name:<30}{_WORDS[name]}"[:_WIDTH]
        elif name.startswith("10_"):
            yield f"  {name:<30} CONFIDENTIAL: the same lines for this court"[:_WIDTH]
    documents = [name for name in page.files if name.endswith(".pdf") and "/" not in name]
    if documents:
        yield from _wrap(
            f"{documents[0]} to {documents[-1]}: motion, exhibits and proposed order, made from the same lines. "
            "CONFIDENTIAL: 22_exhibit_sealed (Exhibit B): lodge under seal."
        )
    if any(name.startswith(FORMS) for name in page.files):
        yield from _wrap(f"{FORMS}: CONFIDENTIAL: a draft for each case.")
    yield from _section("Before anything is entered")
    yield from _wrap(f"1. {SUMS} holds the SHA-256 of every file: `sha256sum -c {SUMS}`.")
    number, day = (column_letter(WORKBOOK_COLUMNS.index(column)) for column in ("line_no", "disposition_date"))
    last = totals["lines"] + 1
    if totals["lines"]:
        yield from _wrap(
            f"2. Open {WORKBOOK}, not the CSV (a spreadsheet spoils numbers and dates of a CSV). In a free cell:"
        )
        yield f"     =SUMPRODUCT(--{number}2:{number}{last})   must be {totals['sum_line_no']}"
        yield (
            f'     =SUMPRODUCT(--("0"&SUBSTITUTE({day}2:{day}{last},"-","")))   must be '
            f"{totals['hash_total_disposition_date']}"
        )
    yield from _wrap(
        "3. All agrees: answer RECEIVED. Anything differs: enter nothing, answer PACKAGE_REJECTED with R01 (in a file: "
        "RECEIVED, rejected, R01)."
    )
    yield from _section("What a line asks")
    yield from _wrap(
        "One count each, as action_code says, once the order is signed. A line is known by its action_key: if you meet a "
        "key a second time, it is the same line, never a second one. Names are there to check by, not to match by name "
        f"alone. Seal a whole case only where seal_scope says CASE on the workbook's sheet {WORKBOOK_CASES} (file 11)."
    )
    if page.n_challenged:
        yield from _wrap(_CHALLENGED)
    if page.n_reversals:
        yield from _wrap(
            f"Each row of {REVERSALS} asks to undo the line that it names in reverses_action_key, sent in an earlier package, "
            "once the court has so ordered; it is answered like a line, under its own action_key."
        )
    yield from _section("How to answer, in one of two ways")
    status, reason, when = SHORT_FORM_COLUMNS
    yield from _wrap(
        f"A. In {WORKBOOK}: fill in {status} (a list drops down), {reason} (a code such as R10, then words) and {when} "
        "for the lines you have done; leave the others blank; send the workbook back, as often as you like. One order for "
        "many lines is one more row at the end: line_no ALL or 1 TO 412, action_key blank, GRANTED, its number as reason. "
        f"{_WHOLE}"
    )
    yield from _wrap(
        f"B. A file ACK_{page.name.batch_id}_0001.csv with the rows H, L and T, which names batch_id and the SHA-256 of "
        f"{MANIFEST} (the first line of {SUMS}). Stages: RECEIVED, VALIDATED, ORDERED, POSTED, REPORTED_DOJ."
    )
    codes = "; ".join(f"{code} {meaning}" for code, meaning in page.codes)
    yield from _wrap(f'Codes of a whole package: {codes}. Of a line: the workbook\'s sheet "{_GUIDE}".')
    yield from _section("Questions")
    yield from _wrap(page.contact)


def workbook_guide(name: PackageName, words: Sequence[tuple[str, str]], codes: Sequence[tuple[str, str]]) -> Guide:
    """The workbook's last sheet. `words` are those of the status column with their meanings, `codes` the reason codes."""
    status, reason, when = SHORT_FORM_COLUMNS
    lines = [
        ("Package", name.batch_id + (" (TEST: nothing is to be entered)" if name.is_test else "")),
        (status, "What became of the line. Leave blank what is not done yet."),
        (reason, "Where it could not be done: a code (R10, R15, ...), then words. For R15 the case's new number."),
        (when, "The day on which it happened, as YYYY-MM-DD or month/day/year; needed in every row that is filled in."),
        (
            "One order for many",
            "One more row at the end: line_no ALL or 1 TO 412, action_key blank, GRANTED or DENIED,",
        ),
        ("", "the order's document number as reason, and its date."),
        ("The whole package", _WHOLE),
        ("Challenged lines", _CHALLENGED),
        (f"Sheet {WORKBOOK_CASES}", "A row per case, to look at. Seal a whole case only where seal_scope says CASE."),
        ("", ""),
        *words,
        ("", ""),
        *codes,
    ]
    return Guide(_GUIDE, lines)


def _section(title: str) -> Iterator[str]:
    yield ""
    yield title.upper()


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
