"""Spot checks: samples of lines that a person judges without the computer's help, and what the verdicts say of all lines.

Belongs here: drawing and writing samples, recording them, and the error rates that come of the verdicts. Does not belong
here: the arithmetic (sampling.py), reading verdicts back (decisions.py).

    outbox/<county>/review/<program>_spot_check.xlsx, ..._spot_check.csv

Two populations are sampled, each by rule, court and decade: lines that would go to the court, and lines that the law is said
to deny. What a person must look at anyway needs no sample. Which lines are drawn follows from the lines themselves: the same
release gives the same sample, and nobody can draw again until one pleases.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from clearslate.court.release import Release
from clearslate.home import Home
from clearslate.ledger import Entry, Ledger
from clearslate.letters import encode_key
from clearslate.review.answers import VERDICTS
from clearslate.review.lines import (
    ELIGIBLE,
    Line,
    cells,
    counties_of,
    programs,
    read_lines,
    review_folder,
    write_csv,
)
from clearslate.review.sampling import Interval, StratumCount, allocate, draw, sample_size, weighted_interval
from clearslate.review.worklist import CASE, CONFIDENTIAL, KEYS, WIDTHS
from clearslate.sheets import Guide, XlsxTable, write_xlsx

CONFIDENCE, TOLERATED = 0.95, 0.01
SAMPLE_ISSUED = "sample_issued"
_ID_DIGITS = 10
_INPUTS = ("Verdict", "Note")
_POPULATIONS = {
    "eligible": ("Eligible", {"Relief": "relief_words"}),
    "not_eligible": ("Not eligible", {"Outcome": "outcome_words"}),
}
_NEWEST = """
select v.sample_id, v.stratum, v.verdict, count(*) as n
from (
    select * from verdicts qualify row_number() over (partition by sample_id, action_key order by seq desc, row) = 1
) as v
where list_contains($samples, v.sample_id)
group by v.sample_id, v.stratum, v.verdict
"""


@dataclass(frozen=True)
class Sample:
    """One sample as drawn: `lines` with their `stratum` and `sample_id`, `strata` with their lines and how many are drawn."""

    sample_id: str
    population: str
    n_lines: int
    strata: Mapping[str, tuple[int, int]]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class SpotCheck:
    """A county's spot check of a program as written."""

    county: str
    program: str
    samples: tuple[Sample, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class ErrorRate:
    """What the verdicts on a sample say of its population.

    `interval` is two-sided at `confidence`; None without a verdict. Lines that could not be judged count as right for its
    lower end and as wrong for its upper. `is_accepted`: every line drawn was found CORRECT, so at most the share `tolerated`
    of the population is wrong, with that confidence.
    """

    sample_id: str
    county: str
    program: str
    population: str
    confidence: float
    tolerated: float
    n_lines: int
    n_drawn: int
    strata: tuple[StratumCount, ...]
    interval: Interval | None

    @property
    def n_judged(self) -> int:
        return sum(stratum.n_judged for stratum in self.strata)

    @property
    def n_wrong(self) -> int:
        return sum(stratum.n_wrong for stratum in self.strata)

    @property
    def is_complete(self) -> bool:
        return self.n_judged == self.n_drawn

    @property
    def is_accepted(self) -> bool:
        return sum(stratum.n_correct for stratum in self.strata) == self.n_drawn


def write_samples(
    home: Home,
    counties: Sequence[str],
    on: dt.date,
    *,
    confidence: float = CONFIDENCE,
    tolerated: float = TOLERATED,
) -> list[SpotCheck]:
    """Draw and write the spot checks of the current release for the given counties (none given: all that have a line).

    The samples are in the ledger before the sheets are written. The same release and terms give the same bytes. Raises
    UsageError without a release or for terms that are no shares, HomeLocked.
    """
    with home.lock():
        release = Release.open(home)
        ledger = Ledger.open(home)
        written = []
        for county in counties or counties_of(release):
            for program in programs():
                lines = read_lines(release, county=county, program=program)
                drawn = [
                    draw_sample(lines, population, confidence=confidence, tolerated=tolerated)
                    for population in _POPULATIONS
                ]
                for sample in drawn:
                    _record(ledger, sample, county, program, on, confidence, tolerated)
                files = _write(home, drawn, county, program, release, confidence, tolerated)
                written.append(SpotCheck(county, program, tuple(drawn), files))
        return written


def draw_sample(lines: Iterable[Line], population: str, *, confidence: float, tolerated: float) -> Sample:
    """The sample of one population among `lines`, in their order."""
    own = [line for line in lines if _population(line) == population]
    digest = hashlib.sha256(f"{population} {confidence!r} {tolerated!r}\n".encode())
    for line in sorted(own, key=lambda line: line["action_key"]):
        digest.update(f"{line['action_key']}{line['version']}\n".encode())
    seed = digest.hexdigest()
    sample_id = encode_key(seed[:_ID_DIGITS])
    strata: dict[str, list[str]] = {}
    for line in own:
        strata.setdefault(_stratum(line), []).append(line["action_key"])
    size = sample_size(len(own), confidence=confidence, tolerated=tolerated)
    allotted = allocate({stratum: len(keys) for stratum, keys in strata.items()}, size)
    drawn = {key for stratum, keys in strata.items() for key in draw(keys, allotted[stratum], seed=seed)}
    return Sample(
        sample_id=sample_id,
        population=population,
        n_lines=len(own),
        strata={stratum: (len(keys), allotted[stratum]) for stratum, keys in sorted(strata.items())},
        lines=tuple(
            {**line, "sample_id": sample_id, "stratum": _stratum(line)} for line in own if line["action_key"] in drawn
        ),
    )


def _population(line: Line) -> str | None:
    if line["outcome"] == ELIGIBLE:
        return None if line["withheld_reason"] else "eligible"
    return "not_eligible" if line["outcome"] in ("INELIGIBLE", "NOT_YET") else None


def _stratum(line: Line) -> str:
    """Rule, court, decade."""
    decade = f"{line['disposition_decade']}s" if line["disposition_decade"] else "decade unknown"
    return f"{line['rule']} / {line['court_code'] or 'court unknown'} / {decade}"


def _record(
    ledger: Ledger, sample: Sample, county: str, program: str, on: dt.date, confidence: float, tolerated: float
) -> None:
    if not sample.lines:
        return
    lines = {
        name: pa.array([line[name] for line in sample.lines], pa.string())
        for name in ("sample_id", "action_key", "version", "stratum")
    }
    strata = [
        {"sample_id": sample.sample_id, "stratum": stratum, "n_lines": n_lines, "n_sampled": n_drawn}
        for stratum, (n_lines, n_drawn) in sample.strata.items()
    ]
    ledger.append(
        SAMPLE_ISSUED,
        on,
        {
            "identity": sample.sample_id,
            "sample_id": sample.sample_id,
            "county": county,
            "program": program,
            "population": sample.population,
            "confidence": str(confidence),
            "tolerated": str(tolerated),
            "n_lines": sample.n_lines,
            "n_sampled": len(sample.lines),
        },
        {"sample_lines": pa.table(lines).sort_by("action_key"), "sample_strata": pa.Table.from_pylist(strata)},
    )


def _write(
    home: Home,
    samples: Sequence[Sample],
    county: str,
    program: str,
    release: Release,
    confidence: float,
    tolerated: float,
) -> tuple[Path, ...]:
    folder = review_folder(home, county)
    tables, all_rows = [], []
    for sample in samples:
        title, outcome = _POPULATIONS[sample.population]
        columns = {
            **CASE,
            **outcome,
            "Why": "reason",
            "Authority": "citation",
            **dict.fromkeys(_INPUTS, ""),
            "Stratum": "stratum",
            "Sample": "sample_id",
            **KEYS,
        }
        rows = [cells(line, columns.values()) for line in sample.lines]
        all_rows += [[title, *row] for row in rows]
        tables.append(
            XlsxTable(
                title=title,
                columns=list(columns),
                rows=rows,
                widths={**WIDTHS, "Verdict": 15, "Stratum": 30, "Sample": 14},
                note="Look at the court's file, then choose: is what stands here right? Please judge every row.",
                input_columns=_INPUTS,
                choices={"Verdict": VERDICTS},
                n_unprinted=2 + len(KEYS),
                mark=CONFIDENTIAL,
            )
        )
    headings = ["Sheet", *("Result" if name == "Relief" else name for name in tables[0].columns)]
    files = (folder / f"{program}_spot_check.csv", folder / f"{program}_spot_check.xlsx")
    write_csv(files[0], headings, all_rows)
    write_xlsx(files[1], tables, guide=_guide(county, program, release, samples, confidence, tolerated))
    return files


def _guide(
    county: str, program: str, release: Release, samples: Sequence[Sample], confidence: float, tolerated: float
) -> Guide:
    def terms(sample: Sample) -> str:
        if not sample.lines:
            return "No lines."
        return (
            f"{len(sample.lines)} of {sample.n_lines} lines, from every one of {len(sample.strata)} strata "
            f"(rule, court, decade). If all are found right, then with {confidence:.0%} confidence at most "
            f"{tolerated:.1%} of the {sample.n_lines} are wrong."
        )

    return Guide(
        "How to fill in",
        [
            (f"{county.title()} County", f"Spot check for program {program}. {CONFIDENTIAL}."),
            ("Stands at", f"Records as of {release.as_of.isoformat()}."),
            *((_POPULATIONS[sample.population][0], terms(sample)) for sample in samples),
            ("", ""),
            ("How to fill in", "Look each case up in the court's own file, decide for yourself, then compare."),
            ("Verdict", "CORRECT: outcome, relief, section and case are right."),
            ("", "WRONG: any of them is not. The line waits until the prosecutor decides on it anew."),
            ("", "CANT_TELL: the file is gone, or does not say. Counted as possibly wrong."),
            ("Note", "For yourselves. It is not read back, since it may name people."),
            ("Every row", "The lines were drawn by a hash of all lines, nobody chose them. Please leave none out."),
            ("Sample, Key, Version", "How the answer finds its line: letters only. Please leave them as they are."),
            ("Send back", "as .xlsx or .csv; rows may be sorted or filtered."),
        ],
    )


def error_rates(home: Home, counties: Sequence[str] = ()) -> list[ErrorRate]:
    """The error rates of all samples that were drawn for the given counties (none given: all), in the order of drawing."""
    ledger = Ledger.open(home)
    wanted = {
        entry.identity for entry in ledger.entries(SAMPLE_ISSUED) if not counties or entry.body["county"] in counties
    }
    return error_rates_of(ledger, wanted)


def error_rates_of(ledger: Ledger, sample_ids: Collection[str]) -> list[ErrorRate]:
    """The error rates of these samples, in the order of drawing: the newest verdict on each line counts."""
    issued = [entry for entry in ledger.entries(SAMPLE_ISSUED) if entry.identity in sample_ids]
    if not issued:
        return []
    with ledger.connect() as database:
        bound = {"samples": [entry.identity for entry in issued]}
        strata = database.rows(
            "select distinct sample_id, stratum, n_lines, n_sampled from sample_strata "
            "where list_contains($samples, sample_id) order by sample_id, stratum",
            bound,
            what="sample_strata",
        )
        counted = database.rows(_NEWEST, bound, what="verdicts")
    verdicts = {(sample_id, stratum, verdict): n for sample_id, stratum, verdict, n in counted}
    return [_rate(entry, [own[1:] for own in strata if own[0] == entry.identity], verdicts) for entry in issued]


def _rate(
    entry: Entry, strata: Sequence[tuple[str, int, int]], verdicts: Mapping[tuple[str, str, str], int]
) -> ErrorRate:
    counts = tuple(
        StratumCount(
            stratum,
            n_lines,
            n_drawn,
            *(verdicts.get((entry.identity, stratum, verdict), 0) for verdict in VERDICTS),
        )
        for stratum, n_lines, n_drawn in strata
    )
    confidence = float(entry.body["confidence"])
    return ErrorRate(
        sample_id=entry.identity,
        county=entry.body["county"],
        program=entry.body["program"],
        population=entry.body["population"],
        confidence=confidence,
        tolerated=float(entry.body["tolerated"]),
        n_lines=entry.body["n_lines"],
        n_drawn=entry.body["n_sampled"],
        strata=counts,
        interval=weighted_interval(counts, confidence=confidence),
    )
