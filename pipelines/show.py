"""What the command line prints: inspections, results, and the rows behind a gate.

Belongs here: layout of text and of the `--json` documents. Does not belong here: any count or decision. Only `print_rows`
shows people's records, and only on request.
"""

import csv
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from clearslate.errors import UsageError
from clearslate.extract import inspect_file
from clearslate.home import SCRATCH, Home
from pipelines.launch import Result


def inspection_facts(path: Path) -> dict[str, Any]:
    """What inspecting one file found; nothing of a record's text."""
    found = inspect_file(path)
    facts = found.facts
    return {
        "file": facts.file_name,
        "sha256": facts.sha256,
        "bytes": facts.bytes,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "has_header": facts.has_header,
        "columns": found.columns,
        "in_doj_order": found.in_doj_order,
        "trailing_field": found.trailing_field,
        "lines": {
            "total": facts.lines_total,
            "header": facts.lines_header,
            "blank": facts.lines_blank,
            "loaded": facts.lines_loaded,
            "quarantined": facts.lines_quarantined,
        },
        "records": {"loaded": facts.records_loaded, "quarantined": facts.records_quarantined},
        "quarantined": {str(reason): n for reason, n in found.quarantined.items()},
        "problems": [{"line": p.line, "reason": str(p.reason), "mend": p.mend} for p in found.problems],
    }


_DELIMITERS = {",": "comma", "\t": "tab", "|": "|", "~": "~"}


def print_inspections(out: Console, found: list[dict[str, Any]]) -> None:
    """The inspections of files, for reading."""
    for facts in found:
        _print_inspection(out, facts)


def _print_inspection(out: Console, facts: dict[str, Any]) -> None:
    order = "in DOJ's order" if facts["in_doj_order"] else "in another order: read by name"
    header = f"header, {order}" if facts["has_header"] else "no header: DOJ's order is taken"
    lines, records = facts["lines"], facts["records"]
    out.print(f"[bold]{escape(facts['file'])}[/]  {facts['bytes']:,} bytes  sha256 {facts['sha256'][:16]}…")
    delimiter = _DELIMITERS.get(facts["delimiter"], facts["delimiter"])
    out.print(
        f"  {facts['encoding']}, {delimiter}-delimited, {header}{', 96th empty field' if facts['trailing_field'] else ''}"
    )
    out.print(
        f"  {lines['total']:,} lines = {lines['header']:,} header + {lines['blank']:,} blank + "
        f"{lines['loaded']:,} in {records['loaded']:,} records + {lines['quarantined']:,} in "
        f"{records['quarantined']:,} that would be quarantined"
    )
    if not facts["in_doj_order"]:
        moved = ", ".join(f"{position} {name}" for position, name in facts["columns"].items())
        out.print(f"  columns: {moved}")
    for reason, n in sorted(facts["quarantined"].items()):
        out.print(f"  {reason}: {n:,}")
    for problem in facts["problems"]:
        out.print(f"  line {problem['line']:,}: {problem['reason']}: {escape(problem['mend'])}")


def _two_columns(title: str, rows: list[tuple[str, int]]) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    made.add_column()
    made.add_column(justify="right")
    for name, n in rows:
        made.add_row(name, f"{n:,}")
    return made


def print_result(out: Console, result: Result) -> None:
    """What came in, what came out, and where it is."""
    facts = result.facts
    for row in facts["expectations_not_met"]:
        mark = {"critical": "[red]refused[/]", "warning": "[yellow]warning[/]"}.get(row["severity"], "finding")
        said = f"{mark} {row['name']}: {row['observed']:g} ({escape(str(row['bound']))}). {escape(row['meaning'])}"
        if row["severity"] in ("critical", "warning"):
            said += f" {escape(row['mend'])}"
        out.print(said, soft_wrap=True, highlight=False)
        if row["severity"] == "critical":
            command = f"clearslate rows --gate {row['name']} --home {escape(str(result.home.root))}"
            out.print(f"  see the rows: {command}", soft_wrap=True, highlight=False)
    told = facts.get("account")
    if told is not None:
        read, records, made = told["read"], told["records"], told["made"]
        out.print(_two_columns("came in", [
            ("lines", read["lines"]),
            ("  header and blank", read["header_lines"] + read["blank_lines"]),
            ("  in loaded records", read["lines_in_loaded_records"]),
            ("  in quarantined records", read["lines_in_quarantined_records"]),
            ("records loaded", read["records_loaded"]),
            ("  used", records["used"]),
            ("  exact duplicates", records["duplicate"]),
            ("  superseded", records["superseded"]),
            ("people", made["people"]),
            ("convictions", made["convictions"]),
        ]))  # fmt: skip
        out.print(_two_columns("came out", [
            ("determinations", made["determinations"]),
            *(
                row
                for remedy, outcomes in told["outcomes"].items()
                for row in (
                    (f"  {remedy}", sum(outcomes.values())),
                    *((f"    {name}", n) for name, n in outcomes.items()),
                )
            ),
            *((f"court: {name}", n) for name, n in told["court"].items()),
        ]))  # fmt: skip
        if "published" in facts.get("places", {}):
            out.print("outcomes by remedy and county: impact.remedy_summary in the published snapshot", highlight=False)
    for name, place in facts.get("places", {}).items():
        out.print(f"{name:<10} {escape(place)}", soft_wrap=True, highlight=False)
    seconds = sum(facts.get("seconds", {}).values())
    out.print(f"{facts['status']} in {seconds:.1f} s of stages, run {result.run_id}", highlight=False)


def print_rows(out: Console, home: Path | None, gate: str, limit: int, *, as_json: bool) -> None:
    """The records behind an expectation or finding of the newest build, on standard output: CSV, or one JSON document."""
    from clearslate.run import Run
    from expectations.gate import violations

    place = Home.existing(home)
    builds = [path for path in (place.root / "work").glob("*.duckdb") if not path.name.startswith(SCRATCH)]
    builds.sort(key=lambda path: path.stat().st_mtime_ns)
    if not builds:
        raise UsageError(f"there is no build in {place.root} to look into; run something first")
    with place.lock():
        columns, found = violations(Run.reopen(place, builds[-1].stem), gate)
        shown = list(islice(found, limit))
    if as_json:
        rows = [dict(zip(columns, row, strict=True)) for row in shown]
        json.dump({"gate": gate, "rows": rows}, sys.stdout, default=str, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *shown])
    first = f" (the first {limit:,}; --limit shows more)" if len(shown) == limit else ""
    Console(stderr=True).print(f"{len(shown):,} rows of {gate}{first}", highlight=False)
