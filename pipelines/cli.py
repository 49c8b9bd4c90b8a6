"""The command line: `clearslate synth | inspect | run | redecide | rows | explain | compare | try-rules | review | court`.

Belongs here: options, what is printed, exit codes; `review` and `court` have files of their own. Does not belong here: any
of the work; `run` and `redecide` launch the same Dagster jobs that the UI shows (pipelines/launch.py).

Exit codes: 0 done, 1 a gate refused, 2 wrong use or files that can't be taken, 3 anything else that went wrong, 141 whoever
read the output has gone away.
"""

import gc
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from clearslate.errors import (
    ClearslateError,
    DeliveryRefused,
    GateRefused,
    HomeLocked,
    LawError,
    UsageError,
    is_disk_full,
    is_interruption,
)
from pipelines.court_cli import court_app
from pipelines.environment import quiet_environment
from pipelines.options import AsJson, Counties, HomeOption, err, out, show
from pipelines.review_cli import review_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Bulk California DOJ extracts to record relief: files for prosecutors and courts, and statistics.",
)
app.add_typer(review_app, name="review")
app.add_typer(court_app, name="court")

_READER_GONE = 141  # as a shell tells it
_CTRL_C = 130  # as typer tells it
_WRONG_USE = (UsageError, DeliveryRefused, LawError, HomeLocked)

AsOf = Annotated[str | None, typer.Option(help="The date of every rule and statistic, YYYY-MM-DD. Default: today.")]
PolicyOption = Annotated[
    str | None,
    typer.Option(
        help="A policy's name, an options file of Clear My Record (JSON), or a policy per county "
        "(CSV county,policy,options). Default: printed."
    ),
]
Srf = Annotated[
    Path | None,
    typer.Option(help="The Supervised Release File (CSV CII_NUMBER,SUPERVISION,START_DATE,END_DATE). Default: none."),
]
Prohibitions = Annotated[
    Path | None,
    typer.Option(help="Court orders that prohibit automatic relief (CSV COUNTY,CASE_NUMBER,DATE). Default: none."),
]
Weights = Annotated[
    Path | None, typer.Option(help="Drug weights by court number (CSV COURT_NUMBER,GRAMS). Default: none.")
]


def main() -> None:
    """The entry point. Leaves without taking a million objects of imported libraries apart, which takes seconds: every file
    and database that a command opened, it has closed.

    Nor does it look for garbage after every 700 objects: imports make a million that stay, and little of ours is circular."""
    gc.set_threshold(50_000, 10, 10)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # ends a command like Ctrl-C: it puts away what is half made
    code = command()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def command() -> int:
    """One command; returns its exit code. Errors of ours become one line."""
    try:
        code = int(app(standalone_mode=False, prog_name="clearslate") or 0)
        return _interrupted() if code == _CTRL_C else code
    except typer.Exit as done:
        return _interrupted() if done.exit_code == _CTRL_C else done.exit_code
    except KeyboardInterrupt:
        return _interrupted()
    except typer.Abort:
        return 2
    except SystemExit:  # how a reader that has gone away ends a command (`... | head`)
        return _READER_GONE
    except GateRefused as refused:
        err.print(f"[red]refused[/] {escape(str(refused))}", soft_wrap=True, highlight=False)
        return 1
    except ClearslateError as error:
        err.print(f"[red]error[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        return 2 if isinstance(error, _WRONG_USE) else 3
    except Exception as error:
        if is_interruption(error):
            return _interrupted()
        if hasattr(error, "show"):  # typer's own usage errors know how to show themselves
            error.show()
            return 2
        if (cause := _outside(error)) is not None:
            err.print(f"[red]error[/] {cause}", highlight=False, soft_wrap=True)
            return 3
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"  # but not its words: they could quote a record
        err.print(f"[red]error[/] a fault of Clearslate: {type(error).__name__} in {where}", highlight=False)
        return 3


def _interrupted() -> int:
    err.print("[red]error[/] interrupted", highlight=False)
    return 3


def _outside(error: BaseException) -> str | None:
    """What an error says that is no fault of the code: a full disk, or Dagster's own databases. Its words stay unsaid."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    if any(is_disk_full(one) for one in chain):
        return "the disk is full"
    if any(isinstance(one, sqlite3.DatabaseError) for one in chain):
        return (
            "Dagster's databases below dagster/ of the home can't be used: the disk is full, or they are damaged. Move that "
            "folder away, and the next run makes it anew; it holds the history that the UI shows, nothing else"
        )
    return None


@app.command()
def synth(
    rows: Annotated[int, typer.Option(help="Number of data records.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")],
    file: Annotated[Path, typer.Option("--out", help="The CSV file to write.")],
    county: Annotated[str | None, typer.Option(help="Everybody has at least one row in this county.")] = None,
    dirty: Annotated[float, typer.Option(help="Damage this share of lines; the truth goes to FILE.truth.csv.")] = 0.0,
    srf: Annotated[Path | None, typer.Option(help="Also write a Supervised Release File for these people.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic DOJ extract: invented people, real format."""
    from clearslate.settings import check_counties
    from clearslate.synth import generate

    home = check_counties([county])[0] if county else None
    report = generate(file, rows=rows, seed=seed, county=home, dirty=dirty, srf=srf)
    facts = {
        "file": str(report.path),
        "srf": str(report.srf) if report.srf else None,
        "rows": report.rows,
        "people": report.people,
        "bytes": report.size,
        "truth": str(report.truth) if report.truth else None,
        "damaged": dict(report.damaged),
    }
    show(facts, as_json, lambda: out.print(f"{report.rows:,} rows of {report.people:,} people in {report.path}"))


@app.command()
def inspect(files: Annotated[list[Path], typer.Argument(help="Extracts.")], as_json: AsJson = False) -> None:
    """Say what an extract is and what is wrong with it; loads nothing."""
    from pipelines.show import inspection_facts, print_inspections

    found = [inspection_facts(path) for path in files]
    show(found, as_json, lambda: print_inspections(out, found))


@app.command()
def run(
    paths: Annotated[list[Path], typer.Argument(help="The files of one delivery.", metavar="PATH...")],
    home: HomeOption = None,
    as_of: AsOf = None,
    data_through: Annotated[str | None, typer.Option(help="The day up to which the delivery speaks.")] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            help="statewide: whoever is not in the delivery leaves. partial: they stay. Default: its marker's, else partial."
        ),
    ] = None,
    policy: PolicyOption = None,
    srf: Srf = None,
    prohibitions: Prohibitions = None,
    weights: Weights = None,
    county: Counties = None,
    delivery: Annotated[
        str | None, typer.Option(help="An id for the delivery; else its marker's, or its contents'.")
    ] = None,
    review: Annotated[str, typer.Option(help="full, convictions or none.")] = "convictions",
    as_json: AsJson = False,
) -> None:
    """Take a delivery from its files to the prosecutor's and the court's."""
    config = {
        "files": [str(path.resolve()) for path in paths],
        "data_through": data_through,
        "scope": scope,
        "delivery": delivery,
        "counties": county or [],
        "review": review,
        **_inputs(srf, prohibitions, weights),
    }
    _launch("statewide", home, as_of, policy, config, as_json)


@app.command()
def redecide(
    home: HomeOption = None,
    as_of: AsOf = None,
    policy: PolicyOption = None,
    srf: Srf = None,
    prohibitions: Prohibitions = None,
    weights: Weights = None,
    county: Counties = None,
    review: Annotated[str, typer.Option(help="full, convictions or none.")] = "convictions",
    as_json: AsJson = False,
) -> None:
    """Decide everything anew from the accepted deliveries; reads no extract. Files given earlier beside them (--srf,
    --prohibitions, --weights) count only where they are given again."""
    config = {"counties": county or [], "review": review, **_inputs(srf, prohibitions, weights)}
    _launch("redecide", home, as_of, policy, config, as_json)


@app.command()
def rows(
    gate: Annotated[str, typer.Option(help="The name of an expectation or a finding.")],
    home: HomeOption = None,
    limit: Annotated[int, typer.Option(help="At most this many rows.", min=1)] = 1000,
    as_json: AsJson = False,
) -> None:
    """Show the rows behind a gate's finding, for someone who may see them: this prints people's records."""
    from pipelines.show import print_rows

    print_rows(out, home, gate, limit, as_json=as_json)


@app.command()
def explain(
    case: Annotated[str | None, typer.Option(help="A court's case number.")] = None,
    conviction: Annotated[str | None, typer.Option(help="The id of a conviction, or of an arrest.")] = None,
    person: Annotated[str | None, typer.Option(help="A SUBJECT_ID or a CII.")] = None,
    county: Annotated[str | None, typer.Option(help="Only what belongs to this county.")] = None,
    home: HomeOption = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to print, sign and file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how it was decided, by which rule, and what stands in the way: this prints people's records."""
    from clearslate.explain import Question
    from clearslate.explain import explain as ask
    from clearslate.home import Home
    from pipelines.explain import answer_json, print_answer, write_page

    answer = ask(Home.existing(home), Question(case=case, conviction=conviction, person=person, county=county))
    if html is not None and answer.subjects:
        write_page(answer, html)
    show(answer_json(answer), as_json, lambda: print_answer(out, answer, written=html if answer.subjects else None))
    if not answer.subjects:
        raise UsageError("the current release has no conviction and no arrest of that case, id or person")


@app.command()
def compare(
    policy: Annotated[
        list[str], typer.Option(help="A policy's id, an options file (JSON) or one per county (CSV); repeat it.")
    ],
    variant: Annotated[
        list[str] | None, typer.Option(help="The first policy under a variant of the law that is not enacted.")
    ] = None,
    home: HomeOption = None,
    as_of: Annotated[str | None, typer.Option(help="As of another day than the current release's.")] = None,
    file: Annotated[Path | None, typer.Option("--out", help="Write all rows as CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """What would be gained and lost under other policies, over the facts of the current release; changes nothing."""
    from clearslate.compare import asked_scenarios
    from clearslate.compare import compare as decide
    from clearslate.home import Home
    from clearslate.settings import Thresholds, parse_day
    from pipelines.compare import comparison_json, print_comparison, write_comparison

    place = Home.existing(home)
    small = Thresholds.load(place.root / "settings.toml").small_cell
    scenarios = asked_scenarios(policy, variant or ())
    compared = decide(place, scenarios, day=parse_day(as_of, "--as-of") if as_of else None)
    if file is not None:
        write_comparison(compared, file, small=small)
    facts = comparison_json(compared, small=small)
    show(facts, as_json, lambda: print_comparison(out, compared, small=small))


@app.command("try-rules")
def try_rules(
    folder: Annotated[Path, typer.Argument(help="A copy of rules/ with some change.", metavar="FOLDER")],
    home: HomeOption = None,
    as_json: AsJson = False,
) -> None:
    """What a change of the rule files would change, over the facts of the current release; changes nothing."""
    from clearslate.home import Home
    from clearslate.rule_change import try_rules as decide
    from pipelines.compare import print_rule_change

    change = decide(Home.existing(home), folder)
    facts = {**asdict(change), "as_of": change.as_of.isoformat(), "n_changed": change.n_changed}
    show(facts, as_json, lambda: print_rule_change(out, change))


def _inputs(srf: Path | None, prohibitions: Path | None, weights: Path | None) -> dict[str, str | None]:
    given = {"srf": srf, "prohibitions": prohibitions, "weights": weights}
    return {option: str(path.resolve()) if path else None for option, path in given.items()}


def _launch(
    job: str, home: Path | None, as_of: str | None, policy: str | None, config: dict[str, Any], as_json: bool
) -> None:
    """Check what can be checked at once, launch the job, and show what came of it."""
    from clearslate.home import Home
    from clearslate.settings import INPUT_OPTIONS, check_counties, check_scope, parse_day
    from expectations.great import warm_up

    if config["review"] not in ("full", "convictions", "none"):
        raise UsageError(f"--review is full, convictions or none, not {config['review']!r}")
    asked = parse_day(as_of, "--as-of") if as_of else None
    if config.get("data_through"):
        parse_day(config["data_through"], "--data-through")
    check_scope(config.get("scope"))
    counties = check_counties(config["counties"]) if config["counties"] else ()
    place = Home.find(home) if job == "statewide" else Home.existing(home)
    quiet_environment()
    warm_up()  # beside the imports of all else, which take seconds too

    from clearslate.extract.source import check_path
    from clearslate.inputs import check_input

    for name in config.get("files", ()):  # what is not there is said before Dagster is loaded, which takes seconds
        check_path(Path(name))
    for option in INPUT_OPTIONS.values():
        if config[option]:
            check_input(Path(config[option]))

    from clearslate.law.assignment import load_assignment, names_policy
    from clearslate.run import today
    from clearslate.warehouse import Engine
    from pipelines.launch import launch

    day = asked or today()
    Engine.from_environment()  # what is wrong with it is said now, and not in the middle of a run
    config = {
        **config,
        "counties": list(counties),
        "as_of": day.isoformat(),
        "policy": str(Path(policy).resolve()) if policy and not names_policy(policy) else policy,
    }
    stated = load_assignment(policy).describe()
    if not as_json:
        out.print(
            f"[bold]as of[/] {day.isoformat()}{'' if as_of else ' (today)'}   [bold]home[/] {escape(str(place.root))}"
        )
        for line in stated:
            out.print(f"  {escape(line)}", highlight=False)
        files = ", ".join(
            f"--{name} {Path(config[name]).name if config[name] else 'none'}" for name in INPUT_OPTIONS.values()
        )
        out.print(f"[bold]input files[/] {escape(files)}", highlight=False)
    with _progress(quiet=as_json) as listener:
        result = launch(job, place, config, listener)
    from pipelines.show import print_result

    show(result.facts, as_json, lambda: print_result(out, result))
    if result.error is not None:
        raise result.error
    raise typer.Exit(result.exit_code)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, dict[str, Any]], None]]:
    """A line that says which stage a run is in; reading a file also says how far it is."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=quiet or not err.is_terminal,
    ) as progress:
        task = progress.add_task("starting", total=None)

        def listener(stage: str, counts: dict[str, Any]) -> None:
            if stage != "failed":
                progress.update(task, description=stage, completed=counts.get("done", 0), total=counts.get("total"))

        yield listener


if __name__ == "__main__":
    main()
