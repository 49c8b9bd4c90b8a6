"""The words of motions, orders and exhibits: `rules/courts/motions/<program>.yaml`, read strictly.

Belongs here: what such a file may hold, which names in braces it may use, and filling them in. Does not belong here: the
facts of a batch (facts.py), how a page looks (templates/), the law itself (the file).
"""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from clearslate.court.programs import load_programs
from clearslate.errors import ClearslateError
from clearslate.law.lists import rules_root
from clearslate.law.strict import Node, Passage, read_yaml

# What a text may name in braces, and the facts of a batch under which a paragraph may stand (facts.py fills both).
PLACEHOLDERS = (
    "act",
    "as_of",
    "asked_lines",
    "cases",
    "challenged_lines",
    "challenged_where",
    "completed_lines",
    "data_through",
    "decided_lines",
    "deferred_lines",
    "late_lines",
    "lines",
    "persons",
    "policy_lines",
    "serving_lines",
    "standing_policy_lines",
    "told_by",
    "untold_lines",
)
CONDITIONS = (
    "challenged",
    "unchallenged",
    "late",
    "deferred",
    "policy",
    "standing_policy",
    "decided",
    "dated",
    "undated",
    "uncompleted",
)
INSERTS = {
    "motion": ("actions", "identification", "volumes", "filer_signature", "declarant_signature"),
    "order": ("identification", "orders", "judge_signature", "struck_lines", "volumes"),
}
_CONFIDENCE = ("high", "med", "low")


@dataclass(frozen=True)
class Action:
    """What a line may ask for. `orders` is None where no relief is asked: the line is challenged."""

    code: str
    level_after: str
    label: str
    asks: str
    orders: str | None

    @property
    def is_challenge(self) -> bool:
        return self.orders is None


@dataclass(frozen=True)
class Item:
    """A piece of a paper's body: `kind` is heading, text, numbered or insert; `text` its words or the insert's name."""

    kind: str
    text: str
    when: str | None


@dataclass(frozen=True)
class Paper:
    """A paper on pleading lines: its title, the short one in its footer, a note below it in the caption, its body."""

    title: str
    footer: str
    caption_note: str
    body: tuple[Item, ...]


@dataclass(frozen=True)
class Wording:
    """All words of a program. The plain texts of exhibits, attachment and drafts are mappings by the file's keys."""

    program: str
    texts: Mapping[str, str]
    actions: Mapping[tuple[str, str], Action]
    motion: Paper
    order: Paper
    struck_lines: Mapping[str, str]
    exhibits: Mapping[str, Mapping[str, str]]
    notes: Mapping[str, str]
    case: Mapping[str, str | list[str]]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its names in braces filled in. The values are not looked at for braces."""
    return "".join(
        literal + (values[name] if name is not None else "") for literal, name, _, _ in string.Formatter().parse(text)
    )


@cache
def load_wording(program: str, root: Path | None = None) -> Wording:
    """The words of a program by its short name. LawError, with file and line, for anything that isn't understood;
    ClearslateError for a program that has none."""
    files = [known.motion for known in load_programs().values() if known.program == program]
    if not files:
        raise ClearslateError(f"program {program} has no motion in rules/courts/programs.csv")
    node = read_yaml(rules_root(root) / "courts" / files[0])
    texts = ("act", "statutes", "filer_role", "defendants", "short_title")
    entries = node.mapping(("program", *texts, "actions", "motion", "order", "exhibit", "case"))
    if entries["program"].text() != program:
        raise entries["program"].error(f"this file is not that of program {program}")
    exhibit = entries["exhibit"].mapping(("public", "sealed", "notes"))
    return Wording(
        program=program,
        texts={name: entries[name].text() for name in texts},
        actions=_actions(entries["actions"]),
        motion=_paper(entries["motion"], "motion"),
        order=_paper(entries["order"], "order", extra=("struck_lines",)),
        struck_lines=_texts(entries["order"].entries()["struck_lines"], ("title", "text")),
        exhibits={"public": _exhibit(exhibit["public"], ()), "sealed": _exhibit(exhibit["sealed"], ("cover",))},
        notes=_texts(exhibit["notes"], ("legend", "dates", "policy", "serving", "untold", "challenged")),
        case=_case(entries["case"]),
    )


def _cited(entries: Mapping[str, Node]) -> None:
    entries["cite"].text()
    entries["confidence"].choice(_CONFIDENCE)


def _actions(node: Node) -> dict[tuple[str, str], Action]:
    found: dict[tuple[str, str], Action] = {}
    for item in node.items():
        entries = item.mapping(("code", "level_after", "label", "asks", "orders", "cite", "confidence"))
        _cited(entries)
        action = Action(
            code=entries["code"].text(),
            level_after=_optional(entries["level_after"]) or "",
            label=entries["label"].text(),
            asks=entries["asks"].text(),
            orders=_optional(entries["orders"]),
        )
        if (action.code, action.level_after) in found or action.label in {known.label for known in found.values()}:
            raise item.error("an action with this code and level, or this label, stands above")
        found[action.code, action.level_after] = action
    return found


def _paper(node: Node, paper: str, extra: tuple[str, ...] = ()) -> Paper:
    entries = node.mapping(("title", "footer", "caption_note", "body", *extra))
    body = tuple(_item(item, INSERTS[paper]) for item in entries["body"].items())
    missing = set(INSERTS[paper]) - {item.text for item in body if item.kind == "insert"}
    if missing:
        raise entries["body"].error(f"nowhere inserted: {', '.join(sorted(missing))}")
    return Paper(entries["title"].text(), entries["footer"].text(), _optional(entries["caption_note"]) or "", body)


def _item(node: Node, inserts: Iterable[str]) -> Item:
    kinds = [kind for kind in ("heading", "text", "numbered", "insert") if kind in node.entries()]
    if len(kinds) != 1:
        raise node.error("expected one of heading, text, numbered, insert")
    [kind] = kinds
    says_law = kind in ("text", "numbered")
    entries = node.mapping((kind, *(("cite", "confidence") if says_law else ())), ("when",))
    if says_law:
        _cited(entries)
    when = entries["when"].choice(CONDITIONS) if "when" in entries else None
    if kind == "insert":
        return Item(kind, entries[kind].choice(inserts), when)
    return Item(kind, _checked(entries[kind].passage()), when)


def _checked(passage: Passage) -> str:
    """The text, once its braces are known to be in order."""
    try:
        parsed = list(string.Formatter().parse(passage.text))
    except ValueError:
        raise passage.error("a brace without its other half") from None
    for _, name, form, conversion in parsed:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            raise passage.error(f"unknown name in braces; known: {', '.join(PLACEHOLDERS)}")
    return passage.text


def _optional(node: Node) -> str | None:
    return None if node.scalar() is None else node.text()


def _texts(node: Node, names: tuple[str, ...]) -> dict[str, str]:
    entries = node.mapping(names)
    return {name: entries[name].text() for name in names}


def _exhibit(node: Node, extra: tuple[str, ...]) -> dict[str, str]:
    cited = ("cite", "confidence") if extra else ()
    entries = node.mapping(("letter", "title", "subtitle", "notice", *extra, *cited))
    if cited:
        _cited(entries)
    texts = {name: entries[name].text() for name in ("letter", "title", "subtitle", *extra)}
    return {"cover": "", **texts, "notice": _optional(entries["notice"]) or ""}


def _case(node: Node) -> dict[str, str | list[str]]:
    entries = node.mapping(("notice", "forms", "petition", "order", "cite", "confidence"))
    _cited(entries)
    petition = _texts(entries["petition"], ("title", "text", "confirm"))
    order = entries["order"].mapping(("title", "text", "choices", "text_after"))
    choices = order["choices"].texts()
    if not choices:
        raise order["choices"].error("expected what a judge may choose from")
    return {
        "notice": entries["notice"].text(),
        "forms": entries["forms"].text(),
        **{f"petition_{name}": text for name, text in petition.items()},
        **{f"order_{name}": order[name].text() for name in ("title", "text", "text_after")},
        "choices": choices,
    }
