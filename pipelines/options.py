"""What all commands share: common options, where they print, and how they show a result.

Belongs here: what more than one file of commands needs. Does not belong here: any one command.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from clearslate.errors import UsageError

out = Console()
err = Console(stderr=True)


def _folder(given: str) -> Path:
    if not given.strip():  # a shell variable that is not set; as a path it would be the folder that one stands in
        raise typer.BadParameter("it is blank")
    return Path(given)


HomeOption = Annotated[
    Path | None,
    typer.Option("--home", parser=_folder, metavar="PATH", help="The home folder; else CLEARSLATE_HOME, else ./var."),
]
Counties = Annotated[
    list[str] | None, typer.Option("--county", help="Write files for this county only; may be repeated.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
On = Annotated[str | None, typer.Option("--on", help="The day that the ledger notes, YYYY-MM-DD. Default: today.")]


def day_of(given: str | None) -> date:
    """`--on` as a date, else today. Raises UsageError, for a day to come too: what the ledger holds can't be taken back."""
    from clearslate.run import today
    from clearslate.settings import parse_day

    day = parse_day(given, "--on") if given else today()
    if day > today():
        raise UsageError(f"--on {day} is still to come")
    return day


def show(facts: Any, as_json: bool, otherwise: Callable[[], Any]) -> None:
    """Print the facts as JSON, or what a person would rather read."""
    if as_json:
        typer.echo(json.dumps(plain(facts), indent=2, sort_keys=True, ensure_ascii=False))
    else:
        otherwise()


def plain(value: Any) -> Any:
    """A report of dataclasses, dates and paths in what JSON has words for."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict) or hasattr(value, "items"):
        return {
            " ".join(map(str, key)) if isinstance(key, tuple) else str(key): plain(one) for key, one in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, date | Path) else value


def print_whole(made: Table, to: Console = out) -> None:
    """A table with nothing cut off, however narrow the terminal."""
    wanted = Console(width=1000).measure(made).maximum
    Console(file=to.file, width=max(wanted, to.width), force_terminal=to.is_terminal).print(made)
