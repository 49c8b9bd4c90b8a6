"""A court's profile: how it wants its packages, from `rules/courts/profiles/*.yaml`, read strictly.

Belongs here: what a profile may say, and turning a DOJ case number into the court's own. Does not belong here: choosing
and writing lines (selection.py, batch.py), and how a court's own list of cases is read (clearslate.reconcile).

`default.yaml` says everything; a county's file (named like its folder, `los-angeles.yaml`) says what is different there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearslate.court.layout import ACTION_COLUMNS, is_unsafe_cell
from clearslate.documents.facts import Filer
from clearslate.law.lists import rules_root
from clearslate.law.strict import Node, read_yaml
from clearslate.reconcile.mapping import ListMapping, read_mapping
from clearslate.settings import county_folder, county_names

_SETTINGS = (
    "prosecutor",
    "court_name",
    "contact",
    "max_lines_per_batch",
    "batches_per_day",
    "canary_lines",
    "case_hold",
    "undecided",
    "case_numbers",
    "columns",
    "codes",
    "forms",
    "match_keys",
    "reconcile",
)
_MAY_MISS = ("prosecutor", "reconcile")
_PLACEHOLDER = re.compile(r"\{(\d)(?::0>(\d{1,2}))?\}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*")


@dataclass(frozen=True)
class NumberRule:
    """One spelling of a case number: a pattern that the whole DOJ number must match, and the court's form of it.

    `form` is text with `{1}`, `{2}` for the pattern's groups; `{2:0>6}` fills up with zeros from the left.
    """

    pattern: re.Pattern[str]
    form: str


@dataclass(frozen=True)
class CourtColumn:
    """A column of the court's own file: its heading, and the column or formatted number that fills it."""

    heading: str
    source: str


@dataclass(frozen=True)
class Profile:
    """How one court wants its packages. None as a limit: there is none."""

    id: str
    county: str
    court_name: str
    contact: str
    filer: Filer
    confidence: str
    max_lines_per_batch: int
    batches_per_day: int | None
    canary_lines: int
    case_hold: bool
    sends_undecided: bool
    case_numbers: Mapping[str, tuple[NumberRule, ...]]
    columns: tuple[CourtColumn, ...]
    codes: Mapping[str, str]
    forms: bool
    match_keys: bool
    reconcile: ListMapping
    hash: str

    @property
    def court_file(self) -> str | None:
        """The name of the court's own file beside the canonical one; None where it asks for none."""
        return f"10_relief_actions.{county_folder(self.county)}.csv" if self.columns else None

    def number(self, kind: str, case_number: str) -> str:
        """The court's form of a DOJ case number: that of the first spelling that fits, else blank."""
        for rule in self.case_numbers[kind]:
            found = rule.pattern.fullmatch(case_number.strip())
            if found:
                number = rule.form.format("", *(group or "" for group in found.groups()))
                return "" if is_unsafe_cell(number) else number
        return ""

    def court_row(self, line: Mapping[str, str]) -> list[str]:
        """A row of the court's own file, of a row of 10_relief_actions.csv by column.

        A `court_case_number` in no known spelling stays as DOJ has it; the other numbers are blank then.
        """
        return [self._cell(column.source, line) for column in self.columns]

    def _cell(self, source: str, line: Mapping[str, str]) -> str:
        if source in self.case_numbers:
            number = self.number(source, line["case_number"])
            return number or (line["case_number"] if source == "court_case_number" else "")
        value = line[source]
        return self.codes.get(value, value) if source == "action_code" else value


def load_profile(county: str, *, root: Path | None = None) -> Profile:
    """The profile of a county, named as DOJ does. LawError, with file and line, for anything that isn't understood."""
    folder = rules_root(root) / "courts" / "profiles"
    paths = [folder / "default.yaml"]
    default = read_yaml(paths[0]).mapping(
        (*(name for name in _SETTINGS if name not in _MAY_MISS), "confidence", "source"), _MAY_MISS
    )
    entries, name = dict(default), "default"
    own = folder / f"{county_folder(county)}.yaml"
    if own.exists():
        paths.append(own)
        given = read_yaml(own).mapping(("county", "confidence", "source"), _SETTINGS)
        name = own.stem
        if given["county"].text() != county:
            raise given["county"].error(f"the file's name asks for `{county}`")
        entries |= given
    numbers = _case_numbers(entries["case_numbers"])
    return Profile(
        id=name,
        county=county,
        court_name=entries["court_name"].text().replace("{county}", county.title()),
        contact=entries["contact"].text(),
        filer=_filer(entries["prosecutor"]) if "prosecutor" in entries else Filer(),
        confidence=entries["confidence"].choice(("high", "medium", "low")),
        max_lines_per_batch=_at_least(entries["max_lines_per_batch"], 1),
        batches_per_day=_limit(entries["batches_per_day"]),
        canary_lines=_at_least(entries["canary_lines"], 0),
        case_hold=entries["case_hold"].choice(("hold", "send")) == "hold",
        sends_undecided=entries["undecided"].choice(("wait", "send")) == "send",
        case_numbers=numbers,
        columns=_columns(entries["columns"], numbers),
        codes=_codes(entries["codes"]),
        forms=entries["forms"].flag(),
        match_keys=entries["match_keys"].flag(),
        reconcile=read_mapping(entries["reconcile"]) if "reconcile" in entries else ListMapping.default(),
        hash=hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest(),
    )


def check_profiles(*, root: Path | None = None) -> list[str]:
    """Read every profile there is; returns their names. LawError for one that is wrong or that no county is called by."""
    by_folder = {county_folder(county): county for county in county_names()}
    paths = sorted((rules_root(root) / "courts" / "profiles").glob("*.yaml"))
    for path in paths:
        if path.stem == "default":
            load_profile(county_names()[0], root=root)
        elif path.stem not in by_folder:
            raise read_yaml(path).error("the file's name is no county's folder")
        else:
            load_profile(by_folder[path.stem], root=root)
    return [path.stem for path in paths]


def _at_least(node: Node, least: int) -> int:
    value = node.integer()
    if value < least:
        raise node.error(f"must be {least} or more")
    return value


def _limit(node: Node) -> int | None:
    return None if node.scalar() is None else _at_least(node, 1)


def _filer(node: Node) -> Filer:
    entries = node.mapping((), ("agency", "attorney", "bar_number", "address", "phone", "email"))
    told: dict[str, Any] = {name: item.text() for name, item in entries.items() if name != "address"}
    return Filer(**told, address=tuple(entries["address"].texts()) if "address" in entries else ())


def _case_numbers(node: Node) -> dict[str, tuple[NumberRule, ...]]:
    numbers = {}
    for kind, rules in node.entries().items():
        if kind in ACTION_COLUMNS or not _NAME.fullmatch(kind):
            raise rules.error(f"`{kind}` is no name for a number: letters, digits and _, and no column of the package")
        numbers[kind] = tuple(_number_rule(item) for item in rules.items(empty=True))
    if "court_case_number" not in numbers:
        raise node.error("missing key `court_case_number`")
    return numbers


def _number_rule(node: Node) -> NumberRule:
    entries = node.mapping(("pattern", "form"), ("note",))
    try:
        pattern = re.compile(entries["pattern"].text(), re.ASCII)
    except re.error as error:
        raise entries["pattern"].error(f"no regular expression: {error.msg}") from None
    form = entries["form"].text()
    rest = _PLACEHOLDER.sub("", form)
    if "{" in rest or "}" in rest:
        raise entries["form"].error("may hold {1} or {1:0>6}, and no other brace")
    if any(not 1 <= int(found[1]) <= pattern.groups for found in _PLACEHOLDER.finditer(form)):
        raise entries["form"].error(f"names a group that the pattern does not have (it has {pattern.groups})")
    return NumberRule(pattern, form)


def _columns(node: Node, numbers: Mapping[str, Any]) -> tuple[CourtColumn, ...]:
    columns: list[CourtColumn] = []
    for item in node.items(empty=True):
        entries = item.mapping(("heading", "from"))
        heading = entries["heading"].text()
        if heading in {column.heading for column in columns}:
            raise entries["heading"].error(f"`{heading}` stands twice")
        columns.append(CourtColumn(heading, entries["from"].choice((*ACTION_COLUMNS, *numbers))))
    if columns and "action_key" not in {column.source for column in columns}:
        raise node.error("action_key must be among the columns: without it no line can be acknowledged")
    return tuple(columns)


def _codes(node: Node) -> dict[str, str]:
    codes = {code: value.text() for code, value in node.entries().items()}
    if any(is_unsafe_cell(value) for value in codes.values()):
        raise node.error("a spreadsheet would run one of these words")
    return codes
