"""Rows as in 10_relief_actions.csv, and a batch to make documents of."""

from collections import defaultdict
from datetime import date

import pytest

from clearslate.documents import BatchFacts, Filer
from clearslate.documents.typesetter import Typesetter

SHA, CASES_SHA = "3f" * 32, "c5" * 32


@pytest.fixture
def row():
    """Makes a row of the action file."""

    def make(line_no, **cells):
        return {
            "batch_id": "CRR-34-P64-000001", "line_no": str(line_no), "action_key": "K", "court_code": "34",
            "case_number": f"97F{line_no:05d}", "count_no": "1", "statute_code": "HS", "statute_section": "11359",
            "offense_level_before": "F", "disposition_date": "1997-03-04", "action_code": "DISMISS_SEAL",
            "offense_level_after": "", "legal_basis": "statute", "da_position": "NO_CHALLENGE",
            "subject_ref": f"S{line_no:06d}", "name_last": "ROE", "name_first": "JANE Q", "birth_year": "1971",
            "sentence_path": "completed", "original_case_number": "", **cells,
        }  # fmt: skip

    return make


@pytest.fixture
def facts():
    """Makes the facts of a batch."""

    def make(n_lines, **fields):
        return BatchFacts(
            **{
                "batch_id": "CRR-34-P64-000001", "is_test": False, "program": "P64", "county": "SACRAMENTO",
                "court_name": "Superior Court of California, County of Sacramento", "n_lines": n_lines,
                "actions_sha256": SHA, "cases_sha256": CASES_SHA, "data_through": date(2020, 6, 15),
                "as_of": date(2020, 7, 1), "rule_set": "ab" * 32,
                "filer": Filer(agency="District Attorney of Sacramento", attorney="Pat Doe", bar_number="123456"),
                **fields,
            }
        )  # fmt: skip

    return make


@pytest.fixture
def sent(monkeypatch):
    """What templates are given, by title of the paper, in order; nothing else can get into a document."""
    jobs = defaultdict(list)
    original = Typesetter.set

    def record(self, template, data, *, rows=1):
        jobs[data["title"]].append(data)
        return original(self, template, data, rows=rows)

    monkeypatch.setattr(Typesetter, "set", record)
    return jobs
