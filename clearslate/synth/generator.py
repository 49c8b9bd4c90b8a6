"""Writing a synthetic extract to disk, block by block: the package's front door.

The file is a function of (rows, seed, county, dirty) alone: the same bytes on any machine. Each block of people has
chance of its own, by (seed, block), so that a longer file of the same seed begins like a shorter one.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np

from clearslate.errors import UsageError
from clearslate.extract.columns import DOJ_COLUMNS
from clearslate.synth.damage import damage_lines
from clearslate.synth.draws import Draws
from clearslate.synth.histories import draw_histories
from clearslate.synth.lines import MOST_PEOPLE, lines_of
from clearslate.synth.rows import lay_out
from clearslate.synth.supervision import SRF_HEADER, supervised
from clearslate.synth.supervision import STREAM as SUPERVISION_STREAM
from clearslate.synth.vocabulary import Vocabulary, vocabulary

PEOPLE_PER_BLOCK = 4096
MOST_ROWS = 4 * MOST_PEOPLE  # a person has more than four rows on average
MOST_DIRTY = 0.5

NoteDamage = Callable[[Iterable[tuple[int, str]]], object]
NoteSupervised = Callable[[Iterable[tuple[str, ...]]], object]


@dataclass(frozen=True)
class SynthReport:
    """What was written: `rows` data records (a header line on top), `damaged` lines by reason code, `size` in bytes; and
    the Supervised Release File beside it, if one was asked for."""

    path: Path
    srf: Path | None
    truth: Path | None
    rows: int
    people: int
    size: int
    damaged: Mapping[str, int]


def generate(
    path: Path, *, rows: int, seed: int, county: str | None = None, dirty: float = 0.0, srf: Path | None = None
) -> SynthReport:
    """Write an extract of exactly `rows` invented records to `path`: 95 columns, header, comma, LF, UTF-8.

    `county` (a name, any case, hyphens allowed) makes it one county's extract: everybody has a row there, and some
    have rows elsewhere, as in DOJ's own; without it all 58 take part by population. `dirty` is the share of lines
    that are damaged, one record each; `<path>.truth.csv` (line, damage) then lists them, lines counted from 1 with
    the header. `srf`: also write a Supervised Release File there, with about one of fifty people in it; the extract is the
    same with and without it.

    Raises UsageError for a county that isn't one, a share outside 0..0.5, a negative seed, no rows or too many.
    """
    words = vocabulary()
    home = _county(words, county)
    if not 1 <= rows <= MOST_ROWS:
        raise UsageError(f"rows must be from 1 to {MOST_ROWS:,}")
    if seed < 0:
        raise UsageError("the seed must be 0 or more")
    if not 0 <= dirty <= MOST_DIRTY:
        raise UsageError(f"the share of dirty lines must be from 0 to {MOST_DIRTY}")
    unfinished, truth = _unfinished(path), path.with_name(f"{path.name}.truth.csv")
    beside = [*([truth] if dirty else []), *([srf] if srf else [])]
    try:
        truth.unlink(missing_ok=True)  # that of an earlier file would be wrong for this one
        with ExitStack() as files:
            handle = files.enter_context(unfinished.open("wb"))
            note: NoteDamage | None = None
            if dirty:
                writer = csv.writer(
                    files.enter_context(_unfinished(truth).open("w", encoding="utf-8", newline="")),
                    lineterminator="\n",
                )
                writer.writerow(["line", "damage"])
                note = writer.writerows
            note_supervised: NoteSupervised | None = None
            if srf is not None:
                listed = files.enter_context(_unfinished(srf).open("w", encoding="utf-8", newline=""))
                lines = csv.writer(listed, lineterminator="\n")
                lines.writerow(SRF_HEADER)
                note_supervised = lines.writerows
            people, damaged = _write(
                handle, note, note_supervised, words, rows=rows, seed=seed, county=home, dirty=dirty
            )
        size = unfinished.stat().st_size
        unfinished.replace(path)
        for made in beside:
            _unfinished(made).replace(made)
    except OSError as error:
        raise UsageError(f"can't write {Path(error.filename or path).name}: {error.strerror}") from None
    finally:
        for left in (unfinished, *map(_unfinished, beside)):
            with suppress(OSError):
                left.unlink()
    return SynthReport(
        path=path,
        srf=srf,
        truth=truth if dirty else None,
        rows=rows,
        people=people,
        size=size,
        damaged=MappingProxyType(dict(damaged)),
    )


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _county(words: Vocabulary, county: str | None) -> int | None:
    if county is None:
        return None
    name = " ".join(county.replace("-", " ").upper().split())
    if name not in words.counties:
        raise UsageError("not a county of California; write it as in 'san-joaquin'")
    return words.counties.index(name)


def _write(
    handle: IO[bytes],
    note: NoteDamage | None,
    note_supervised: NoteSupervised | None,
    words: Vocabulary,
    *,
    rows: int,
    seed: int,
    county: int | None,
    dirty: float,
) -> tuple[int, Counter[str]]:
    """Write header and records, `note` each damage (line of the file, kind) and who is under supervision.

    Returns how many people and damages.
    """
    handle.write((",".join(DOJ_COLUMNS) + "\n").encode())
    written = people = block = 0
    damaged: Counter[str] = Counter()
    while written < rows:
        draws = Draws(seed=seed, block=block)
        histories = draw_histories(
            draws, words, first_number=block * PEOPLE_PER_BLOCK, size=PEOPLE_PER_BLOCK, county=county
        )
        steps, laid_out = lay_out(draws, words, histories)
        lines = lines_of(
            draws, words, histories.people, steps, laid_out, seed=seed, accents=dirty > 0, first_record=written + 1
        )[: rows - written]
        if note_supervised:
            apart = Draws(seed=seed, block=block, stream=SUPERVISION_STREAM)
            person = laid_out.person[: len(lines)]
            note_supervised(supervised(apart, lines, person, size=PEOPLE_PER_BLOCK, keep_first=written == 0))
        text, starts = _text_of(lines)
        if note:
            pieces, truth = damage_lines(
                Draws(seed=seed, block=block, stream=1),
                text,
                starts,
                share=dirty,
                keep_first=written == 0,
                keep_last=written + len(lines) == rows,
            )
            handle.writelines(pieces)
            note((written + at + 2, kind) for at, kind in truth)  # line 1 is the header
            damaged.update(kind for _, kind in truth)
        else:
            handle.write(text)
        people += int(laid_out.person[len(lines) - 1]) + 1
        written += len(lines)
        block += 1
    return people, damaged


def _text_of(lines: Any) -> tuple[memoryview, Any]:
    """The bytes of an Arrow string array, end to end, and where each string begins (one entry more than strings)."""
    _, offsets, text = lines.buffers()
    starts = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(text)[int(starts[0]) : int(starts[-1])], starts - starts[0]
