"""Minimal inputs, each of them the whole record of an invented person, decided together.

Belongs here: giving every input its own person, and one decision per setting however many inputs share it (a decision
costs seconds). Does not belong here: the inputs and what they should give.
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support import DEFAULTS, Decided, decide

SECTIONS = ("11357", "11358", "11359", "11360")


@dataclass(frozen=True)
class Setting:
    """What a decision rests on beside the records: the as-of date, the county's options, what the delivery states."""

    name: str
    dismiss: tuple[str, ...] = ()
    reduce: tuple[str, ...] = ()
    relief: tuple[tuple[str, Any], ...] = ()
    as_of: str = "2019-11-11"
    data_through: str | None = None

    def options(self, folder: Path) -> Path:
        """Write the predecessor's options file."""
        path = folder / f"{self.name}.json"
        content = {
            "baselineEligibility": {"dismiss": list(self.dismiss), "reduce": list(self.reduce)},
            "additionalRelief": dict(self.relief),
        }
        path.write_text(json.dumps(content), "utf-8")
        return path


@dataclass(frozen=True)
class Case:
    """One input: the subject that its records were given, and the setting that they are decided under."""

    setting: Setting
    subject_id: str


@dataclass
class Corpus:
    """Collects inputs while a test module is imported; decides them when the first of a setting is asked for."""

    records: dict[Setting, list[Mapping[str, str]]] = field(default_factory=dict)
    decided: dict[Setting, Decided] = field(default_factory=dict)
    determinations: dict[Setting, pd.DataFrame] = field(default_factory=dict)
    n_cases: int = 0

    def add(self, setting: Setting, *records: Mapping[str, str]) -> Case:
        """Records of one person. SUBJECT_ID and CII are made their own where they are the defaults."""
        self.n_cases += 1
        subject = {"SUBJECT_ID": str(70_000_000 + self.n_cases), "REQ_CII_NUMBER": f"A{self.n_cases:08d}"}
        own = [
            {**one, **{key: value for key, value in subject.items() if one[key] == DEFAULTS[key]}} for one in records
        ]
        self.records.setdefault(setting, []).extend(own)
        return Case(setting, subject["SUBJECT_ID"])

    def decide(self, setting: Setting, folder: Path, builds: ExitStack) -> Decided:
        """The decision on all inputs of a setting, made once; `folder` takes a home for each. `builds` closes them."""
        if setting not in self.decided:
            home = folder / setting.name
            home.mkdir()
            decided = decide(
                home,
                self.records[setting],
                as_of=setting.as_of,
                options=setting.options(folder),
                data_through=setting.data_through,
            )
            self.decided[setting] = Decided(builds.enter_context(decided.run.holding()))
            self.determinations[setting] = self.decided[setting].determinations
        return self.decided[setting]


@dataclass(frozen=True)
class Told:
    """What became of a module's inputs."""

    corpus: Corpus
    folder: Path
    builds: ExitStack

    def frame(self, case: Case, sql: str) -> pd.DataFrame:
        """A query over the build of the input's setting; `$person` in it stands for the input's person_no."""
        decided = self.corpus.decide(case.setting, self.folder, self.builds)
        found = decided.rows(f"select person_no from core.person where subject_key = 'S{case.subject_id}'")
        return decided.frame(sql.replace("$person", str(found[0][0])))

    def facts(self, case: Case, *columns: str) -> list[tuple[Any, ...]]:
        """Expressions over the person's rows of facts.conviction, by date and count order; NULL is None."""
        frame = self.frame(
            case,
            f"select {', '.join(columns)} from facts.conviction as f "
            "inner join (select conviction_id, cnt_order from core.conviction) as v using (conviction_id) "
            "where f.person_no = $person order by f.conviction_date, v.cnt_order, f.section, conviction_id",
        )
        return [tuple(None if pd.isna(cell) else cell for cell in row) for row in frame.itertuples(index=False)]

    def printed(self, case: Case) -> list[tuple[str, str]]:
        """The last two cells of the person's lines in Prop64_Results.csv, by date and count order."""
        rows = self.rows(case)
        return list(zip(rows["printed"], rows["printed_reason"], strict=True))

    def rows(self, case: Case) -> pd.DataFrame:
        """The person's determinations under Prop 64."""
        self.corpus.decide(case.setting, self.folder, self.builds)
        found = self.corpus.determinations[case.setting]
        return found[(found["subject_id"] == case.subject_id) & (found["remedy"] == "prop64")]

    def cells(self, case: Case, column: str) -> list[str]:
        """One of the appended cells (review.prop64_result) of the person's lines, by date and count order."""
        return list(
            self.frame(
                case,
                f"select r.{column} as cell from review.prop64_result as r "
                "inner join core.conviction as v on r.conviction_id = v.conviction_id where r.person_no = $person "
                "order by v.conviction_date, v.cnt_order, v.section, v.conviction_id",
            )["cell"]
        )
