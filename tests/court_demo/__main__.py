"""`python -m tests.court_demo`: the demo at the size of Los Angeles in 2020, or smaller."""

import argparse
import os
import shutil
import time
from pathlib import Path

from rich.console import Console

from tests.court_demo.source import ByRuns
from tests.court_demo.story import Story

ROWS = 3_760_000  # records of an extract in which about 66,000 convictions of the county are eligible
FOLDER = Path("var/court-demo")


def main() -> None:
    """Tell the story in a folder made anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.court_demo", description=__doc__)
    parser.add_argument("--rows", type=int, default=int(os.environ.get("CLEARSLATE_COURT_DEMO", ROWS)))
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    shutil.rmtree(given.out, ignore_errors=True)
    given.out.mkdir(parents=True)
    out, begun = Console(), time.monotonic()
    Story(ByRuns(given.out, given.rows), given.out / "court", out).tell()
    out.print(f"[bold green]ledger and books agree line by line[/] ({time.monotonic() - begun:,.0f} s)")


if __name__ == "__main__":
    main()
