"""What `clearslate explain` prints and writes: one person's records, for someone who may see them.

Belongs here: layout of the text and of the JSON document, and the file of the HTML page. Does not belong here: the answer
(clearslate/explain).
"""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from clearslate.errors import UsageError
from clearslate.explain import Answer
from clearslate.explain.answer import Subject, Tried, UnderRemedy
from clearslate.explain.page import page

_MARKS = {"yes": "[green]yes[/]", "no": "no", "unknown": "[yellow]unknown[/]"}


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as one document; days as YYYY-MM-DD."""
    plain: dict[str, Any] = _plain(asdict(answer))
    return plain


def write_page(answer: Answer, path: Path) -> None:
    """The answer as an HTML page that only its owner can read. UsageError where it can't be written."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror or 'is its folder there?'})") from None
    with os.fdopen(opened, "w", encoding="utf-8", newline="\n") as file:
        os.fchmod(opened, 0o600)  # also where it was there before
        file.write(page(answer))


def print_answer(out: Console, answer: Answer, *, written: Path | None) -> None:
    """The answer for reading; where it was written as a page, only where that is."""
    if written is not None:
        out.print(f"written to {escape(str(written))}", soft_wrap=True, highlight=False)
        return
    through = ", ".join(answer.data_through)
    out.print(f"[bold]as of[/] {answer.as_of.isoformat()}   [bold]records speak up to[/] {through}", highlight=False)
    for subject in answer.subjects:
        _print_subject(out, subject)


def _print_subject(out: Console, subject: Subject) -> None:
    found, person = subject.found, subject.found.person
    out.print()
    out.print(f"[bold]{found.kind}: {_shown(found.what)}[/]", highlight=False)
    who = [person.name, f"CII {person.cii or 'unknown'}", f"born {person.birth_date}"]
    where = [found.county or "county unknown", f"case {found.case}" if found.case else "", found.event.day]
    for told in (who, where, [f"{found.kind} {found.id}", f"event {found.event.event or 'unknown'}"]):
        out.print(f"  {_shown(', '.join(part for part in told if part))}", highlight=False, soft_wrap=True)
    if not subject.remedies:
        out.print(f"  {subject.none}")
    for under in subject.remedies:
        _print_remedy(out, under)


def _print_remedy(out: Console, under: UnderRemedy) -> None:
    out.print()
    out.print(f"  [bold]{_shown(under.title)}[/] ({_shown(under.authority)})", highlight=False)
    if under.decision is None:
        lines = [under.why_not, *(fact.line for fact in under.facts)]
        for line in lines:
            out.print(Padding(_shown(line), (0, 0, 0, 4)), highlight=False)
        return
    decision = under.decision
    out.print(Padding(f"[bold]{_shown(decision.says)}[/]", (0, 0, 0, 4)), highlight=False)
    for label, told in decision.points:
        out.print(Padding(_shown(f"{label}: {told}"), (0, 0, 0, 4)), highlight=False)
    made = Table.grid(padding=(0, 1))
    for number, tried in enumerate(decision.tried, start=1):
        made.add_row(str(number), _MARKS[tried.came_out], _told(tried))
    out.print(Padding("The rules in the order in which they were tried:", (0, 0, 0, 4)))
    out.print(Padding(made, (0, 0, 0, 6)))


def _told(tried: Tried) -> str:
    """What a rule asked, what it looked at and what it would give; the one that decides stands out."""
    looked_at = "; ".join(fact.line for fact in tried.facts)
    heading = _shown(f"{tried.rule}: {tried.asks}")
    gives = _shown(f"{tried.effect} ({tried.citation}; {tried.confidence})")
    lines = [f"[bold]{heading}[/]" if tried.stands_out else heading]
    lines += [f"[dim]{_shown(looked_at)}[/]"] if looked_at else []
    lines.append(f"[bold]{gives}[/]" if tried.stands_out else f"[dim]{gives}[/]")
    return "\n".join(lines)


def _shown(text: str) -> str:
    """Text of a record as it can be printed: no markup in it, and no character that a terminal would obey."""
    return escape("".join(letter if letter.isprintable() else f"[U+{ord(letter):04X}]" for letter in text))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
