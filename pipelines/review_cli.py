"""`clearslate review ...`: the prosecutor's worklists out, the prosecutor's decisions in.

Belongs here: options and what is printed. Does not belong here: any of the work (clearslate/review).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipelines.options import AsJson, Counties, HomeOption, On, day_of, out, print_whole, show

if TYPE_CHECKING:
    from clearslate.review.samples import ErrorRate

review_app = typer.Typer(no_args_is_help=True, help="The prosecutor's review: worklists out, decisions in.")


@review_app.command()
def worklist(home: HomeOption = None, county: Counties = None, on: On = None, as_json: AsJson = False) -> None:
    """Write each county's worklist of the current release (CSV, XLSX) into the outbox, to be filled in and sent back."""
    from clearslate.home import Home
    from clearslate.review.worklist import write_worklists
    from clearslate.settings import check_counties

    made = write_worklists(Home.existing(home), check_counties(county or []), day_of(on))

    def tell() -> None:
        table = Table("county", "program", "eligible", "review", "not eligible", "undecided", "decision stale")
        for one in made:
            rows = (one.rows.get(name, 0) for name in ("eligible", "review", "not_eligible"))
            table.add_row(
                one.county, one.program, *(f"{n:,}" for n in rows), f"{one.n_undecided:,}", f"{one.n_stale:,}"
            )
        print_whole(table)
        _folders(path.parent for one in made for path in one.files)

    show(made, as_json, tell)


@review_app.command()
def sample(
    home: HomeOption = None,
    county: Counties = None,
    confidence: Annotated[float, typer.Option(help="How sure the check shall be, below 1.")] = 0.95,
    tolerated: Annotated[float, typer.Option(help="The share of wrong lines that is still borne, below 1.")] = 0.05,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Draw each county's spot check, by rule, court and decade, so large that no wrong line in it means at most that share."""
    from clearslate.home import Home
    from clearslate.review.samples import write_samples
    from clearslate.settings import check_counties

    made = write_samples(
        Home.existing(home), check_counties(county or []), day_of(on), confidence=confidence, tolerated=tolerated
    )

    def tell() -> None:
        table = Table("county", "program", "of", "lines", "drawn", "strata", "sample")
        for check in made:
            for one in check.samples:
                numbers = (f"{n:,}" for n in (one.n_lines, len(one.lines), len(one.strata)))
                table.add_row(check.county, check.program, one.population, *numbers, one.sample_id)
        print_whole(table)
        _folders(path.parent for check in made for path in check.files)

    facts = [
        {
            "county": check.county,
            "program": check.program,
            "files": check.files,
            "samples": [
                {
                    "sample_id": one.sample_id,
                    "population": one.population,
                    "n_lines": one.n_lines,
                    "n_drawn": len(one.lines),
                }
                for one in check.samples
            ],
        }
        for check in made
    ]
    show(facts, as_json, tell)


@review_app.command("import")
def take(
    files: Annotated[list[Path], typer.Argument(help="Worklists or spot checks as they came back.", metavar="FILE...")],
    home: HomeOption = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Take what was filled in into the ledger. A file with a bad row is refused whole, and every bad row is named."""
    from clearslate.home import Home
    from clearslate.review.decisions import import_review

    place, day = Home.existing(home), day_of(on)
    taken = [import_review(place, file, day) for file in files]

    def tell() -> None:
        for one in taken:
            if one.already_imported:
                out.print(f"{escape(one.file_name)}: was imported before; nothing new")
                continue
            words = ", ".join(f"{n:,} {word}" for word, n in sorted(one.answers.items())) or "no answer"
            out.print(f"{escape(one.file_name)}: {words}; {one.n_blank:,} left open", highlight=False)
            notes = {
                "speak of a version that is no longer current and count as undecided": one.n_stale,
                "are of lines that the release no longer has": one.n_gone,
                "differ from what was decided before": one.n_changed,
                "challenge later than the law wanted it": one.n_late,
                "release a line that a spot check called wrong": one.n_wrong_released,
            }
            for words, n in notes.items():
                if n:
                    out.print(f"  {n:,} {words}", highlight=False)
            _rates(one.error_rates)

    show(taken, as_json, tell)


@review_app.command()
def rates(home: HomeOption = None, county: Counties = None, as_json: AsJson = False) -> None:
    """The error rate that each spot check gives so far, with its interval."""
    from clearslate.home import Home
    from clearslate.review.samples import error_rates
    from clearslate.settings import check_counties

    found = error_rates(Home.existing(home), check_counties(county or []))
    show(found, as_json, lambda: _rates(found) if found else out.print("no spot check has been drawn"))


@review_app.command()
def notices(home: HomeOption = None, county: Counties = None, on: On = None, as_json: AsJson = False) -> None:
    """Write the list of challenged cases for the public defender."""
    from clearslate.home import Home
    from clearslate.review.notices import write_notices
    from clearslate.settings import check_counties

    made = write_notices(Home.existing(home), check_counties(county or []), day_of(on))

    def tell() -> None:
        table = Table("county", "program", "counts challenged", "cases", "after the law's day", "stale, left out")
        for one in made:
            counts = (one.n_counts, one.n_cases, one.n_late, one.n_stale)
            table.add_row(one.county, one.program, *(f"{n:,}" for n in counts))
        print_whole(table)
        _folders(path.parent for one in made for path in one.files)

    show(made, as_json, tell)


def _rates(found: "Iterable[ErrorRate]") -> None:
    for one in found:
        told = f"{one.n_wrong:,} wrong of {one.n_judged:,} judged ({one.n_drawn:,} drawn of {one.n_lines:,})"
        if one.interval is not None:
            told += f"; error rate {one.interval.low:.2%} to {one.interval.high:.2%} at {one.confidence:.0%}"
        verdict = "accepted" if one.is_accepted else "not accepted" if one.is_complete else "not complete"
        out.print(f"  {one.county} {one.program} {one.population}: {told}; {verdict}", highlight=False)


def _folders(folders: Iterable[Path]) -> None:
    for folder in sorted(set(folders)):
        out.print(f"  {escape(str(folder))}", highlight=False, soft_wrap=True)
