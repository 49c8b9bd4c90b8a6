"""The law lists: CSV files under `rules/`, their columns, and a reader that refuses what it does not expect.

Belongs here: which lists exist, what each column may hold, the strict reader, the rule-set hash, and the one list that
is matched by text (dispositions). Does not belong here: remedies and policies (YAML; `remedy.py`, `policy.py`) and the
reading of statutes (`clearslate.statutes`).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

import clearslate
from clearslate.errors import LawError

_FLAG = frozenset({"yes", "no"})
_CONFIDENCE = frozenset({"high", "medium", "low"})
DISPOSITION_CLASSES = (
    "convicted",
    "dismissed",
    "acquitted",
    "rejected",
    "diverted",
    "set_aside",
    "modified",
    "revoked",
    "relief_granted",
    "other",
)
STEP_TYPES = (
    "arrest",
    "court_action",
    "registration",
    "deceased",
    "applicant",
    "custody",
    "jail",
    "probation",
    "other",
)
SENTENCE_KINDS = ("probation", "jail", "prison", "supervision", "parole", "fine", "suspended", "other")
COMPANION_KINDS = ("environmental", "minor", "identity_theft")
OTHER_CASE_KINDS = ("elsewhere", "appearance")
PRESUPPOSED = "conviction"
"""In the place of a relief: the disposition presupposes a conviction, which may be told nowhere."""
RELATIONS = ("none", "attempt", "conspiracy", "accessory", "solicitation", "unknown")


@dataclass(frozen=True)
class ListSchema:
    """What a list consists of: columns in their order, those that may be blank, allowed values, and the key.

    A list with `effective_from` and `effective_to` may repeat a key as long as the dates do not overlap; both dates are
    inclusive and a blank one is open. In any other list a key stands once.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] | None = None

    @property
    def dated(self) -> bool:
        """Whether rows hold for a time only."""
        return "effective_from" in self.columns


def _schema(columns: str, key: str, optional: str = "", **choices: frozenset[str]) -> ListSchema:
    names = tuple(columns.split())
    if "confidence" in names:
        choices["confidence"] = _CONFIDENCE
    return ListSchema(names, tuple(key.split()), frozenset(optional.split()), choices)


def _offense_list(ahead: str = "", key: str = "", **choices: frozenset[str]) -> ListSchema:
    """A list of offenses, with columns of its own ahead of those that every such list has."""
    return _schema(
        f"{ahead} section subdivision statute description citation confidence source decidable effective_from effective_to "
        "notes",
        f"{key} statute section subdivision",
        "subdivision effective_from effective_to notes",
        decidable=frozenset({"code", "subdivision", "fact", "enh"}),
        **choices,
    )


SCHEMAS: Mapping[str, ListSchema] = {
    "ages": _schema("age years citation confidence notes", "age", "notes"),
    "counties": _schema("doj_code fips name citation", "name"),
    "courts/actions": _schema(
        "remedy relief action_code level_after seal_scope citation notes",
        "remedy relief",
        "level_after notes",
        action_code=frozenset({"DISMISS_SEAL", "REDESIGNATE"}),
        level_after=frozenset({"M", "I"}),
        seal_scope=frozenset({"COUNT", "NONE"}),
    ),
    "courts/programs": _schema("remedy program title authority motion citation notes", "remedy", "notes"),
    "courts/agency_prefixes": _schema(
        "prefix kind is_court citation confidence notes", "prefix", "notes", is_court=_FLAG
    ),
    "courts/reason_codes": _schema(
        "code meaning stages final_state effect resend citation notes",
        "code",
        "notes",
        final_state=frozenset({"REFUSED", "DENIED", "ALREADY_RELIEVED", "DUPLICATE", "KEEP"}),
        effect=frozenset({"crosswalk", "data_finding", "already_held", "never_resend", "resend", "wait", "reversal"}),
        resend=frozenset({"never", "new_number", "corrected", "later"}),
    ),
    "courts/short_form": _schema(
        "word stage status reason_code needs_code meaning citation notes",
        "word stage",
        "reason_code notes",
        needs_code=_FLAG,
    ),
    "courts/transitions": _schema(
        "from_state stage status to_state reason why citation",
        "from_state stage status",
        reason=frozenset({"required", "optional", "none"}),
    ),
    "courts/grounds": _schema(
        "program ground path words told_by citation confidence source effective_from effective_to notes",
        "program ground",
        "told_by effective_from effective_to notes",
        path=frozenset({"any", "serving"}),
    ),
    "counsel": _schema("rank question practice rules citation", "rank", "rules"),
    "dispositions": _schema(
        "pattern match class relief citation confidence notes",
        "pattern match",
        "relief notes",
        match=frozenset({"exact", "prefix"}),
        **{"class": frozenset(DISPOSITION_CLASSES)},
    ),
    "disposition_doubts": _schema("word citation confidence notes", "word", "notes"),
    "disposition_sentences": _schema(
        "pattern kind citation confidence notes",
        "pattern kind",
        "notes",
        kind=frozenset({"probation", "jail", "prison", "none"}),
    ),
    "genders": _schema("gender unknown citation confidence notes", "gender", "notes", unknown=_FLAG),
    "null_tokens": _schema("token citation notes", "token", "notes"),
    "races": _schema("race unknown citation confidence notes", "race", "notes", unknown=_FLAG),
    "record_destruction": _schema("form years citation confidence notes", "form", "notes"),
    "reductions": _schema(
        "pattern level citation confidence notes",
        "pattern",
        "level notes",
        level=frozenset({"M", "I"}),
    ),
    "recorded_relief": _schema(
        "relief remedy stands named_by citation notes", "relief", "stands named_by notes", stands=_FLAG
    ),
    "review/comment_groups": _schema(
        "section subdivision comment_group citation notes", "section subdivision", "notes"
    ),
    "review/columns": _schema("file position heading source citation", "file heading", "source"),
    "statutes/codes": _schema("spelling code name citation confidence notes", "spelling", "notes"),
    "statutes/codes_of_sections": _schema("section code citation confidence notes", "section code", "notes"),
    "statutes/companions": _offense_list("kind", "kind", kind=frozenset(COMPANION_KINDS)),
    "statutes/lettered_sections": _schema("section code citation confidence notes", "section", "notes"),
    "statutes/other_cases": _offense_list("kind", kind=frozenset(OTHER_CASE_KINDS)),
    "statutes/pc290": _offense_list(),
    "statutes/procedural_sections": _schema(
        "section code description citation confidence notes", "section code", "notes"
    ),
    "statutes/prop47_sections": _offense_list(),
    "statutes/prop64_forms": _schema(
        "section subdivision severity form inferred citation confidence source effective_from effective_to notes",
        "section subdivision severity",
        "subdivision severity effective_from effective_to notes",
        severity=frozenset({"FELONY", "MISDEMEANOR", "INFRACTION"}),
        inferred=_FLAG,
    ),
    "statutes/prop64_predecessors": _offense_list(),
    "statutes/prop64_scope": _schema(
        "section subdivision statute aggravated decidable description citation confidence effective_from effective_to "
        "notes",
        "statute section subdivision",
        "subdivision effective_from effective_to notes",
        aggravated=_FLAG,
        decidable=frozenset({"code", "subdivision", "fact", "enh"}),
    ),
    "statutes/prop64_sections": _offense_list(),
    "statutes/registration": _offense_list(),
    "statutes/qualifiers": _schema(
        "text relation citation confidence notes", "text", "notes", relation=frozenset(RELATIONS) - {"unknown"}
    ),
    "statutes/related": _offense_list("flagged", flagged=_FLAG),
    "statutes/relations": _schema(
        "kind text relation glued dotted unlisted in_title citation confidence notes",
        "kind text",
        "glued dotted unlisted in_title notes",
        kind=frozenset({"section", "word"}),
        relation=frozenset(RELATIONS) - {"none", "unknown"},
        glued=_FLAG,
        dotted=_FLAG,
        unlisted=frozenset({"none", "possible"}),
        in_title=_FLAG,
    ),
    "statutes/section_aliases": _schema(
        "written section subdivision code citation confidence notes", "written", "subdivision notes"
    ),
    "statutes/serious_felonies": _offense_list(),
    "statutes/superstrikes": _offense_list(),
    "statutes/supervision": _offense_list(),
    "statutes/text_marks": _schema(
        "mark word citation confidence notes", "mark word", "notes", mark=frozenset({"import", "other_case"})
    ),
    "statutes/traps": _schema(
        "list section subdivision statute description handling citation confidence source notes",
        "list statute section subdivision",
        "subdivision notes",
        handling=frozenset({"never", "review"}),
    ),
    "statutes/violent_felonies": _offense_list(),
    "sentence_locations": _schema(
        "text kind supervision_years citation confidence notes",
        "text",
        "supervision_years notes",
        kind=frozenset(SENTENCE_KINDS),
    ),
    "step_types": _schema("text step_type citation confidence notes", "text", "notes", step_type=frozenset(STEP_TYPES)),
}


def rules_root(root: Path | None = None) -> Path:
    """The folder of rule files: `root`, or `rules/` beside the package."""
    return root if root is not None else Path(clearslate.__file__).parents[1] / "rules"


def rule_files(root: Path | None = None) -> list[Path]:
    """All files under `rules/`, sorted by relative path; names that start with a dot are no rules."""
    base = rules_root(root)
    found = [path for path in base.rglob("*") if path.is_file()]
    visible = [path for path in found if not any(part.startswith(".") for part in path.relative_to(base).parts)]
    return sorted(visible, key=lambda path: path.relative_to(base).as_posix())


def hash_rules(root: Path | None = None) -> str:
    """The rule-set hash: SHA-256 (hex) over relative path, length and bytes of every rule file."""
    base = rules_root(root)
    digest = hashlib.sha256()
    for path in rule_files(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(base).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def load_list(name: str, root: Path | None = None) -> pd.DataFrame:
    """One law list, by its path under `rules/` without `.csv` (`statutes/superstrikes`), rows in the file's order.

    All columns are text, blank cells are '', except `effective_from` and `effective_to`: `datetime.date`, or None where
    open. LawError (file and line) for an unknown, missing or doubled column, a short or long row, blanks where a value
    is due (the citation always), surrounding whitespace, values outside a column's choices, a bad date, and keys that
    stand twice or overlap in time.
    """
    if name not in SCHEMAS:
        raise LawError(f"rules/{name}.csv: no such list; known: {', '.join(SCHEMAS)}")
    try:
        content = (rules_root(root) / f"{name}.csv").read_bytes()
    except OSError as error:
        raise LawError(f"rules/{name}.csv: cannot be read ({error.strerror})") from None
    return _checked(name, content).copy()


@lru_cache(maxsize=256)
def _checked(name: str, content: bytes) -> pd.DataFrame:
    """A list from its bytes. Kept, because a run asks for the same lists again and again."""
    schema, file = SCHEMAS[name], f"rules/{name}.csv"
    rows = list(_read(content, file, schema))
    _check_keys(rows, file, schema)
    for line, row in rows:
        if name == "dispositions":
            _check_disposition(row, f"{file}:{line}")
        elif name == "disposition_doubts":
            _check_word(row, f"{file}:{line}")
        elif name == "statutes/relations":
            _check_relation(row, f"{file}:{line}")
    if name == "statutes/prop64_forms":
        _check_forms(rows, file)
    frame = pd.DataFrame([row for _, row in rows], columns=list(schema.columns), dtype=object)
    text = [column for column in schema.columns if column not in ("effective_from", "effective_to")]
    return frame.astype(dict.fromkeys(text, "str"))


def classify_dispositions(texts: pd.Series, root: Path | None = None) -> pd.DataFrame:
    """What disposition texts mean by `rules/dispositions.csv`, one row per input row, index kept.

    Columns `disp_text` (as given), `disp_class` (one of DISPOSITION_CLASSES) and `disp_relief` (the statute of the relief;
    `diversion` that was completed; `conviction` that is presupposed). Text is matched in upper case with runs of whitespace
    collapsed: an exact pattern wins over a prefix, a longer prefix over a shorter one. Missing where the text is missing,
    blank or not covered: unknown, never "other". So is a text that names an act (`named_by` of `rules/recorded_relief.csv`)
    and is covered only by a pattern that does not: it may say that relief was granted, or that it was denied. And one with
    a word of `rules/disposition_doubts.csv` (denied, filed, pending, ...) that its pattern does not have: the pattern
    speaks of the rest of the text only.
    """
    rows = load_list("dispositions", root)
    exact: dict[str, tuple[str, str]] = {}
    prefixes: dict[str, tuple[str, str]] = {}
    columns = (rows[name] for name in ("pattern", "match", "class", "relief"))
    for pattern, match, meant, relief in zip(*columns, strict=True):
        (exact if match == "exact" else prefixes)[pattern] = (meant, relief)
    lengths = sorted({len(pattern) for pattern in prefixes}, reverse=True)
    acts = [act for named in load_list("recorded_relief", root)["named_by"] for act in named.split(";") if act]
    doubts = set(load_list("disposition_doubts", root)["word"])

    def classify(text: str) -> tuple[str | None, str | None]:
        key = " ".join(text.upper().split())
        if key in exact:
            meant, relief = exact[key]
        else:
            best = next((key[:size] for size in lengths if key[:size] in prefixes), None)
            if best is None or doubts & (_words(key) - _words(best)):
                return None, None
            meant, relief = prefixes[best]
        if relief in ("", PRESUPPOSED) and any(act in key for act in acts):
            return None, None
        return meant, relief or None

    meaning = {text: classify(text) for text in texts.dropna().unique()}
    pairs = [meaning[text] if isinstance(text, str) else (None, None) for text in texts]
    return pd.DataFrame(
        {
            "disp_text": texts.astype("str"),
            "disp_class": pd.Series([pair[0] for pair in pairs], index=texts.index, dtype="str"),
            "disp_relief": pd.Series([pair[1] for pair in pairs], index=texts.index, dtype="str"),
        }
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Z]+", text))


_Row = tuple[int, dict[str, object]]


def _read(content: bytes, file: str, schema: ListSchema) -> Iterator[_Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LawError(f"{file}: not UTF-8 text (byte {error.start})") from None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise LawError(f"{file}:1: the file is empty")
        _check_header(header, file, schema)
        for cells in reader:
            if cells:
                yield reader.line_num, _row(cells, header, f"{file}:{reader.line_num}", schema)
    except csv.Error as error:
        raise LawError(f"{file}:{reader.line_num}: not valid CSV: {error}") from None


def _check_header(header: list[str], file: str, schema: ListSchema) -> None:
    for name in header:
        if name not in schema.columns:
            raise LawError(f"{file}:1: unknown column `{name}`; known: {', '.join(schema.columns)}")
        if header.count(name) > 1:
            raise LawError(f"{file}:1: column `{name}` stands twice")
    for name in schema.columns:
        if name not in header:
            raise LawError(f"{file}:1: missing column `{name}`")


def _row(cells: list[str], header: list[str], place: str, schema: ListSchema) -> dict[str, object]:
    if len(cells) != len(header):
        raise LawError(f"{place}: {len(cells)} fields, expected {len(header)}")
    row: dict[str, object] = {}
    for name, value in zip(header, cells, strict=True):
        if value != value.strip():
            raise LawError(f"{place}: `{name}` begins or ends with whitespace")
        if not value and name not in schema.optional:
            raise LawError(f"{place}: `{name}` is blank")
        allowed = (schema.choices or {}).get(name)
        if allowed is not None and value and value not in allowed:
            raise LawError(f"{place}: `{value}` is no {name}; allowed: {', '.join(sorted(allowed))}")
        row[name] = _date(value, name, place) if name in ("effective_from", "effective_to") else value
    start, end = row.get("effective_from"), row.get("effective_to")
    if isinstance(start, dt.date) and isinstance(end, dt.date) and start > end:
        raise LawError(f"{place}: effective_from is after effective_to")
    return row


def _date(value: str, name: str, place: str) -> dt.date | None:
    if not value:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise LawError(f"{place}: `{name}` is no date YYYY-MM-DD")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise LawError(f"{place}: `{name}` is no date of the calendar") from None


def _check_keys(rows: list[_Row], file: str, schema: ListSchema) -> None:
    seen: dict[tuple[object, ...], list[tuple[int, dt.date, dt.date]]] = {}
    for line, row in rows:
        key = tuple(row[name] for name in schema.key)
        start, end = row.get("effective_from"), row.get("effective_to")
        first = start if isinstance(start, dt.date) else dt.date.min
        last = end if isinstance(end, dt.date) else dt.date.max
        for other, other_first, other_last in seen.setdefault(key, []):
            if first <= other_last and other_first <= last:
                what = "dates overlap with" if schema.dated else "same key as"
                raise LawError(f"{file}:{line}: {what} line {other} ({', '.join(schema.key)})")
        seen[key].append((line, first, last))


def _check_disposition(row: dict[str, object], place: str) -> None:
    pattern = str(row["pattern"])
    if pattern != " ".join(pattern.upper().split()):
        raise LawError(f"{place}: a pattern is in upper case with single blanks")
    if row["class"] == "relief_granted" and not row["relief"]:
        raise LawError(f"{place}: relief_granted must name the relief")
    if (row["class"], row["relief"]) in (
        ("dismissed", "diversion"),
        ("dismissed", PRESUPPOSED),
        ("other", PRESUPPOSED),
    ):
        return
    if row["class"] not in ("relief_granted", "set_aside") and row["relief"]:
        raise LawError(
            f"{place}: only relief_granted and set_aside name a relief; dismissed may have completed `diversion`, "
            f"dismissed and other presuppose a `{PRESUPPOSED}`"
        )


def _check_word(row: dict[str, object], place: str) -> None:
    if not re.fullmatch(r"[A-Z]+", str(row["word"])):
        raise LawError(f"{place}: `word` is one word in upper case")


def _check_forms(rows: list[_Row], file: str) -> None:
    """A section and subdivision whose form no severity changes may not also have one that a severity does."""
    whatever = {(row["section"], row["subdivision"]) for _, row in rows if not row["severity"]}
    for line, row in rows:
        if row["severity"] and (row["section"], row["subdivision"]) in whatever:
            raise LawError(f"{file}:{line}: another row gives this section and subdivision a form at any severity")


def _check_relation(row: dict[str, object], place: str) -> None:
    due = ("glued", "dotted", "unlisted") if row["kind"] == "section" else ("in_title",)
    for name in due:
        if not row[name]:
            raise LawError(f"{place}: `{name}` is blank")
