"""`clearslate court ...`: packages out, the courts' answers in, and where every line stands.

Belongs here: options and what is printed. Does not belong here: any of the work (clearslate/court, clearslate/ledger,
clearslate/acknowledgement, clearslate/reconcile).

Exit codes are those of cli.py; a court's file that can't be taken, and a package that does not add up, are 1.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from clearslate.errors import ClearslateError, UsageError
from clearslate.home import Home
from clearslate.settings import check_counties, parse_day
from pipelines.options import AsJson, Counties, HomeOption, On, day_of, err, out, print_whole, show

if TYPE_CHECKING:
    from clearslate.court.batch import BatchReport

court_app = typer.Typer(no_args_is_help=True, help="To the court and back: packages, acknowledgements, status.")

Production = Annotated[
    bool, typer.Option("--production/--test", help="Packages that count. Without it they bear the test indicator.")
]
OneCounty = Annotated[str, typer.Option("--county", help="The court's county.")]


@court_app.command()
def package(
    home: HomeOption = None,
    county: Counties = None,
    production: Production = False,
    supersede: Annotated[
        str | None, typer.Option(help="A batch that its court refused whole: only a new one in its place.")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Make the packages that may go out today into the outbox, and enter them in the ledger."""
    from clearslate.court.batch import prepare_packages
    from clearslate.keys import action_key

    place, day = Home.existing(home), day_of(on)
    report = prepare_packages(
        place,
        counties=check_counties(county or []),
        on=day,
        test=not production,
        key=action_key(place),
        supersede=supersede,
    )
    _publish(place, on)

    def tell() -> None:
        if report.swept:
            out.print(f"cleared away what a killed command had left: {', '.join(report.swept)}", highlight=False)
        _batches(report.batches)
        waiting = Table("county", "program", "state", "reason", "lines", title="Eligible lines, as they stand now")
        for name, standings in report.standings.items():
            for (program, state, reason), n in sorted(standings.items()):
                waiting.add_row(name, program, state, reason, f"{n:,}")
        print_whole(waiting)

    show(report, as_json, tell)


@court_app.command()
def resend(
    batch: Annotated[str, typer.Argument(help="The batch to send once more, byte for byte.")],
    home: HomeOption = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Send a batch again: the same files, another attempt in the name."""
    from clearslate.court.batch import resend as send_again

    place = Home.existing(home)
    report = send_again(place, batch, on=day_of(on))
    _publish(place, on)
    show(report, as_json, lambda: _batches([report]))


@court_app.command()
def check(
    packages: Annotated[list[Path], typer.Argument(help="ZIPs or folders.", metavar="PACKAGE...")],
    as_json: AsJson = False,
) -> None:
    """Check packages as a court can: hashes, totals, every row."""
    from clearslate.court import verify_package

    for path in packages:
        if not path.exists():
            raise UsageError(f"{path}: no such file")
    found = {str(path): verify_package(path) for path in packages}

    def tell() -> None:
        for path, problems in found.items():
            out.print(f"{escape(path)}: {'in order' if not problems else ''}", highlight=False, soft_wrap=True)
            for problem in problems:
                out.print(f"  {escape(problem)}", highlight=False, soft_wrap=True)

    show(found, as_json, tell)
    raise typer.Exit(1 if any(found.values()) else 0)


@court_app.command()
def verify(home: HomeOption = None, as_json: AsJson = False) -> None:
    """Check the ledger: its chain, every table that it names, the order of batches, and that nothing was sent twice."""
    from clearslate.ledger import Ledger

    ledger = Ledger.open(Home.existing(home), create=False)
    report = ledger.verify()

    def tell() -> None:
        if ledger.mended:
            out.print(escape(ledger.mended), highlight=False)
        out.print(
            f"the ledger is whole: {report.entries:,} entries, {report.objects:,} tables with {report.rows:,} rows, "
            f"{report.batches:,} batches with {report.lines:,} lines",
            highlight=False,
        )

    show(report, as_json, tell)


@court_app.command()
def ack(
    files: Annotated[list[Path] | None, typer.Argument(help="What courts sent back.", metavar="[FILE...]")] = None,
    inbox: Annotated[bool, typer.Option(help="Take whatever lies in the home's inbox.")] = False,
    home: HomeOption = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Read acknowledgements: H/L/T files, or the XLSX with status, reason and date filled in. Twice does no harm."""
    from clearslate.acknowledgement import read_acknowledgements, take_inbox

    if bool(files) == inbox:
        raise UsageError("name the files, or say --inbox")
    place, day = Home.existing(home), day_of(on)
    report = take_inbox(place, day) if inbox else read_acknowledgements(place, files or [], day)
    _publish(place, on)

    def tell() -> None:
        table = Table("file", "batch", "outcome", "rows", "applied", "known before", "exceptions")
        for file in report.files:
            counts = (file.n_rows, file.n_applied, file.n_repeated, file.n_exceptions)
            table.add_row(escape(file.file_name), file.batch_id, file.outcome, *(f"{n:,}" for n in counts))
        print_whole(table)
        for file in report.files:
            if file.words:
                out.print(f"{escape(file.file_name)}: {escape(file.words)}", highlight=False, soft_wrap=True)
            for kind, n in file.exceptions.items():
                out.print(f"  {n:,} {kind}: `clearslate court exceptions` lists them", highlight=False)
        for batch, numbers in report.gaps.items():
            out.print(f"{batch}: file {', '.join(map(str, numbers))} has not come yet", highlight=False)

    show(report, as_json, tell)
    raise typer.Exit(1 if report.refused else 0)


@court_app.command()
def order(
    batch: Annotated[str, typer.Argument(help="The batch that the order speaks of.")],
    document: Annotated[Path, typer.Option(help="The signed order; its hash goes to the ledger.")],
    date: Annotated[str, typer.Option(help="The day of the order, YYYY-MM-DD.")],
    by: Annotated[str, typer.Option(help="Who records it.")],
    lines: Annotated[str, typer.Option(help="A range of lines such as 1-412, or one line.")],
    denied: Annotated[bool, typer.Option("--denied/--granted", help="What the court ordered.")] = False,
    number: Annotated[str, typer.Option(help="The court's own number of the document.")] = "",
    home: HomeOption = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Record a signed order for a range of lines."""
    from clearslate.acknowledgement import record_order

    first, _, last = lines.partition("-")
    if not first.strip().isdecimal() or not (last.strip() or first.strip()).isdecimal():
        raise UsageError("--lines is a range such as 1-412, or one line")
    place = Home.existing(home)
    report = record_order(
        place,
        batch,
        first_line=int(first),
        last_line=int(last or first),
        status="denied" if denied else "granted",
        document=document,
        effective_date=parse_day(date, "--date"),
        by=by,
        on=day_of(on),
        order_doc_id=number,
    )
    _publish(place, on)

    def tell() -> None:
        challenged = f"; {report.n_challenged:,} challenged lines left out" if report.n_challenged else ""
        out.print(
            f"{report.batch_id} lines {report.first_line} to {report.last_line}: {report.status}, document "
            f"{report.document_sha256[:12]}; {report.n_applied:,} lines changed, {report.n_repeated:,} knew it, "
            f"{report.n_exceptions:,} exceptions, {report.n_released:,} answers that had waited for it hold now"
            f"{challenged}"
            f"{'' if report.is_new else ' (recorded before)'}",
            highlight=False,
        )

    show(report, as_json, tell)


@court_app.command()
def exceptions(home: HomeOption = None, as_json: AsJson = False) -> None:
    """The queue of answers that contradict the ledger or can't be read, for a person to settle."""
    from clearslate.acknowledgement import exceptions as queue

    found = queue(Home.existing(home))

    def tell() -> None:
        table = Table("exception", "batch", "line", "lines", "row", "kind", "stage", "status", "reason", "since")
        for one in found:
            cells = (one.line_no, one.n_lines, one.row, one.kind, one.stage, one.status, one.reason_code, one.on)
            shown = ("" if cell is None else str(cell) for cell in cells)
            table.add_row(one.exception_id, one.batch_id, *shown)
        print_whole(table) if found else out.print("no exception is open")
        for one in found:
            if one.words:
                out.print(f"{one.exception_id}: {escape(one.words)}", highlight=False, soft_wrap=True)

    show(found, as_json, tell)


@court_app.command()
def resolve(
    exception: Annotated[str, typer.Argument(help="The exception, as `exceptions` lists it.")],
    resolution: Annotated[str, typer.Option("--as", help="corrected, dismissed or noted.")],
    by: Annotated[str, typer.Option(help="Who decided.")],
    home: HomeOption = None,
    on: On = None,
) -> None:
    """Take an exception from the queue."""
    from clearslate.acknowledgement import resolve_exception

    place = Home.existing(home)
    resolve_exception(place, exception, resolution, by=by, on=day_of(on))
    _publish(place, on)
    out.print(f"{escape(exception)}: {escape(resolution)}", highlight=False)


@court_app.command()
def status(
    home: HomeOption = None,
    county: Counties = None,
    lines: Annotated[Path | None, typer.Option(help="Also write a row per line to this CSV; it names nobody.")] = None,
    production: Annotated[bool, typer.Option("--production/--test", help="Whose packages.")] = True,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Where every line stands, per county and batch: how long it has waited there, and who has to act."""
    import pyarrow.csv

    from clearslate.court.status import court_status

    found = court_status(Home.existing(home), day_of(on), counties=check_counties(county or []), test=not production)
    rows = found.counts.to_pylist()
    if lines is not None:
        pyarrow.csv.write_csv(found.lines, lines)
    show({"on": found.on, "rows": rows}, as_json, lambda: _status(rows, found.on.isoformat()))


@court_app.command()
def reversals(
    home: HomeOption = None,
    county: Counties = None,
    send: Annotated[
        Path | None, typer.Option(help="The worklist with YES where a line is to be undone; needs one --county.")
    ] = None,
    production: Production = False,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Lines that were sent and are no longer supported: write the worklist, or send what a person has decided."""
    from clearslate.court.reversals import prepare_reversals, write_reversals_worklist
    from clearslate.keys import action_key

    place, day, counties = Home.existing(home), day_of(on), check_counties(county or [])
    if send is not None:
        if len(counties) != 1:
            raise UsageError("--send needs the one --county that the worklist is of")
        batches = prepare_reversals(
            place, county=counties[0], on=day, test=not production, key=action_key(place), file=send
        )
        _publish(place, on)
        show(batches, as_json, lambda: _batches(batches))
        return
    reports = write_reversals_worklist(place, counties=counties, on=day, test=not production)

    def tell() -> None:
        table = Table("county", "program", "reason", "lines")
        for one in reports:
            for (program, reason), n in one.due.items():
                table.add_row(one.county, program, reason, f"{n:,}")
        print_whole(table) if table.rows else out.print("nothing that was sent has lost its support")
        for one in reports:
            if one.path is not None:
                out.print(f"  {escape(str(one.path))}", highlight=False, soft_wrap=True)

    show(reports, as_json, tell)


@court_app.command()
def followup(county: OneCounty, home: HomeOption = None, as_json: AsJson = False) -> None:
    """Write what the court's reason codes call for: new case numbers, findings for DOJ, lines never to send again."""
    from clearslate.acknowledgement import write_followups

    [name] = check_counties([county])
    found = write_followups(Home.existing(home), name)

    def tell() -> None:
        for file, n in found.items():
            out.print(f"{file}: {n:,} rows", highlight=False)

    show(found, as_json, tell)


@court_app.command("doj-stage")
def doj_stage(county: OneCounty, home: HomeOption = None, on: On = None, as_json: AsJson = False) -> None:
    """Write the court's worklist for reporting granted lines to DOJ."""
    from clearslate.court.doj_stage import doj_stage as write

    report = write(Home.existing(home), county, on=day_of(on))
    show(report, as_json, lambda: out.print(f"{report.rows:,} lines: {escape(str(report.path))}", soft_wrap=True))


@court_app.command()
def reconcile(
    file: Annotated[Path, typer.Argument(help="The court's own list of cases (CSV, XLSX).")],
    county: OneCounty,
    home: HomeOption = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Hold a court's own list of cases against ours: what each side lacks, where they differ, what may be the same."""
    from clearslate.court.profile import load_profile
    from clearslate.reconcile.job import reconcile as hold

    [name] = check_counties([county])
    report = hold(Home.existing(home), name, file, day_of(on), load_profile(name))

    def tell() -> None:
        table = Table("what", "number", title=f"{name}, as of {report.as_of.isoformat()}")
        for what, n in report.counts.items():
            table.add_row(what, f"{n:,}")
        print_whole(table)
        out.print(f"  {escape(str(report.folder))}", highlight=False, soft_wrap=True)

    show(report, as_json, tell)


def _publish(home: Home, on: str | None) -> None:
    """Bring published/court_status.duckdb up to the ledger. What was done is done, whether or not this succeeds."""
    from clearslate.court.status import publish_status

    try:
        publish_status(home, day_of(on))
    except ClearslateError as error:
        err.print(f"[yellow]published/court_status.duckdb was not renewed:[/] {escape(str(error))}", soft_wrap=True)


def _batches(batches: "Iterable[BatchReport]") -> None:
    made = list(batches)
    table = Table("batch", "attempt", "county", "lines", "cases", "people", "reversals", "kind")
    for one in made:
        counts = (f"{n:,}" for n in (one.n_lines, one.n_cases, one.n_subjects, one.n_reversals))
        table.add_row(one.batch_id, str(one.attempt), one.county, *counts, "canary" if one.is_canary else "")
    print_whole(table) if made else out.print("nothing may go out now")
    for one in made:
        out.print(f"  {escape(str(one.path))}", highlight=False, soft_wrap=True)


def _status(rows: list[dict[str, Any]], day: str) -> None:
    table = Table(title=f"Lines on {day}", title_justify="left")
    for heading in ("county", "batch", "state", "reason", "reversal", "with", "waits", "since"):
        table.add_column(heading, no_wrap=True)
    table.add_column("lines", justify="right")
    table.add_column("exceptions", justify="right")
    for row in rows:
        waits = "" if row["waited"] is None else f"{row['waited']}+ days" if row["waited"] else "under 30"
        told = (row["county"] or "unknown", row["batch_id"], row["state"], row["reason_code"], row["reversal_state"])
        since = row["oldest_since"].isoformat() if row["oldest_since"] else ""
        numbers = (f"{row['n_lines']:,}", f"{row['n_exceptions_open']:,}" if row["n_exceptions_open"] else "")
        table.add_row(*told, row["with_whom"], waits if row["with_whom"] != "nobody" else "", since, *numbers)
    print_whole(table)
