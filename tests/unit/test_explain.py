"""Explaining: what is found, what is said of it, and that nothing of it runs in a browser."""

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from clearslate.errors import UsageError
from clearslate.explain import Answer, Question, explain
from clearslate.explain.answer import Decision
from clearslate.explain.page import page
from clearslate.home import Home, write_json
from pipelines.explain import answer_json, write_page
from tests.support import decide, record

SCRIPT = "<script>alert('x')</script>"
OPTIONS = {"baselineEligibility": {"dismiss": ["11357"]}, "additionalRelief": {"yearsSinceConvictionThreshold": 5}}

HISTORY = [
    record(PRI_NAME=SCRIPT, OFN="A-1"),
    record(SUBJECT_ID="2", REQ_CII_NUMBER="A2", OFN="B 22", STP_EVENT_DATE="20180601"),
    record(SUBJECT_ID="3", REQ_CII_NUMBER="A3", OFN="C33", STP_EVENT_DATE=""),
    record(SUBJECT_ID="4", REQ_CII_NUMBER="A4", OFN="D44", OFFENSE_DESCR="487 PC-GRAND THEFT"),
    record(SUBJECT_ID="5", REQ_CII_NUMBER="A5", OFN="E55", CNT_ORDER="101001001000", STP_TYPE_DESCR="ARREST/DETAINED/CITED",
           DISP_DESCR="", CONV_STAT_DESCR="", STP_EVENT_DATE="20091201"),
    record(SUBJECT_ID="5", REQ_CII_NUMBER="A5", OFN="E55"),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("explain")
    options = folder / "options.json"
    options.write_text(json.dumps(OPTIONS), "utf-8")
    decided = decide(folder / "home", HISTORY, options=options)
    decided.run.promote()
    return decided.run.home


def decision(answer: Answer, remedy: str = "prop64") -> Decision:
    """The decision under a remedy on the one candidate that was found."""
    [subject] = answer.subjects
    [under] = [under for under in subject.remedies if under.remedy == remedy]
    assert under.decision is not None
    return under.decision


def test_an_eligible_conviction_names_the_rule_and_its_authority(home: Home) -> None:
    told = decision(explain(home, Question(case="a1", county="Sacramento")))
    assert (told.outcome, told.relief, told.rule) == ("ELIGIBLE", "DISMISS_SEAL", "long_ago")
    assert told.says == "Eligible: dismissal and sealing."
    assert told.blocking is None
    assert told.policy == "clear-my-record"
    last = told.tried[-1]
    assert last.decides
    assert last.came_out == "yes"
    assert last.asks == "at least 5 years have passed since the conviction date"
    assert [(fact.name, fact.value) for fact in last.facts] == [("conviction_date", "2010-01-01")]
    assert all(tried.came_out == "no" for tried in told.tried[:-1])
    assert told.legal_basis == "county_policy"


def test_where_only_time_is_missing_the_day_is_told(home: Home) -> None:
    told = decision(explain(home, Question(person="A2")))
    assert told.outcome == "INELIGIBLE"
    assert told.eligible_on == date(2023, 6, 1)
    assert "on 2023-06-01" in told.says


def test_an_unknown_fact_is_named_and_the_rules_that_hang_on_it(home: Home) -> None:
    told = decision(explain(home, Question(person="3")))
    assert told.outcome == "REVIEW"
    assert told.missing
    assert "unknown" in {tried.came_out for tried in told.tried}
    assert [tried.rule for tried in told.tried if tried.leaves_open] == [told.rule]
    assert not any(tried.decides for tried in told.tried)


def test_a_remedy_that_does_not_concern_a_conviction_says_what_it_asks(home: Home) -> None:
    [subject] = explain(home, Question(case="D44")).subjects
    [under] = [under for under in subject.remedies if under.remedy == "prop64"]
    assert under.decision is None
    assert under.why_not.startswith("This law does not concern it. It asks that ")
    assert [fact.value for fact in under.facts] == ["no", "no"], "neither the sections nor their predecessors"


def test_a_conviction_is_found_by_case_id_and_person(home: Home) -> None:
    [by_case] = explain(home, Question(case="B-22")).subjects
    assert by_case.found.event.case_number == "B 22"
    for question in (Question(conviction=by_case.found.id), Question(person="2"), Question(person="A2")):
        assert [subject.found.id for subject in explain(home, question).subjects] == [by_case.found.id]


def test_an_arrest_is_found_with_its_case(home: Home) -> None:
    subjects = explain(home, Question(case="E55")).subjects
    assert [subject.found.kind for subject in subjects] == ["arrest", "conviction"]
    [arrest] = explain(home, Question(conviction=subjects[0].found.id)).subjects
    assert arrest.found.event.day == "2009-12-01"


def test_an_arrest_is_of_no_case_of_its_own(home: Home) -> None:
    cases = {subject.found.kind: subject.found.case for subject in explain(home, Question(case="E55")).subjects}
    assert cases == {"arrest": "", "conviction": "E55"}


def test_relief_on_record_is_shown_where_that_relief_is_recorded(tmp_path: Path) -> None:
    later = {"CNT_ORDER": "101003001000", "STP_EVENT_DATE": "20120101", "CONV_STAT_DESCR": ""}
    latest = {"CNT_ORDER": "101004001000", "STP_EVENT_DATE": "20190101", "CONV_STAT_DESCR": ""}
    history = [
        record(),
        record(**later, DISP_DESCR="CONV SET ASIDE & DISM PER 1203.4 PC"),
        record(**latest, DISP_DESCR="REDESIGNATED MISD PER 11361.8 HS"),
    ]
    decided = decide(tmp_path / "home", history, as_of="2025-01-15")
    decided.run.promote()
    answer = explain(decided.run.home, Question(person="1"))
    for remedy, event in (("conviction_relief", "101-003"), ("prop64", "101-004")):
        told = decision(answer, remedy)
        assert (told.outcome, told.rule) == ("ALREADY_RELIEVED", "already_relieved")
        assert told.blocking is not None
        assert told.blocking.event == event
        assert "Where it is recorded" in dict(told.points)


def test_nothing_is_found_where_there_is_nothing(home: Home) -> None:
    assert explain(home, Question(case="no such case")).subjects == ()
    assert explain(home, Question(case="---")).subjects == ()
    assert explain(home, Question(case="A1", county="Yolo")).subjects == ()


@pytest.mark.parametrize("asked", [{}, {"case": "1", "person": "2"}, {"case": ""}])
def test_a_question_is_about_one_thing(asked: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="--case NUMBER"):
        Question(**asked)


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)


def test_a_page_runs_nothing_that_a_record_says(home: Home, tmp_path: Path) -> None:
    answer = explain(home, Question(case="A1"))
    assert answer.subjects[0].found.person.name == SCRIPT
    written = tmp_path / "page.html"
    write_page(answer, written)
    text = written.read_text("utf-8")
    assert text == page(answer)
    assert written.stat().st_mode & 0o777 == 0o600
    assert SCRIPT not in text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in text
    assert not {"script", "img", "link", "iframe", "object", "a"} & _Tags(text).found
    assert "Prosecutor's notes" in text
    assert "Signature" in text


def test_the_document_holds_all_that_is_printed(home: Home) -> None:
    told = json.loads(json.dumps(answer_json(explain(home, Question(case="A1")))))
    assert told["as_of"] == "2019-11-11"
    [subject] = told["subjects"]
    by_remedy = {under["remedy"]: under for under in subject["remedies"]}
    assert by_remedy["prop64"]["decision"]["tried"][-1]["rule"] == "long_ago"


def test_nothing_is_explained_by_rules_that_did_not_decide(tmp_path: Path) -> None:
    options = tmp_path / "options.json"
    options.write_text(json.dumps(OPTIONS), "utf-8")
    decided = decide(tmp_path / "home", HISTORY[:1], options=options)
    decided.run.promote()
    before = explain(decided.run.home, Question(case="A1"))
    changed = {**OPTIONS, "baselineEligibility": {"dismiss": ["11359"]}}
    options.write_text(json.dumps(changed), "utf-8")
    assert explain(decided.run.home, Question(case="A1")) == before, "the settings are those that decided"
    record = decided.run.home.record(decided.run.run_id)
    told = json.loads(record.read_text("utf-8"))
    for other in ({"rule_set": "of other rules"}, {"policy": {**told["policy"], "id": "contra-costa", "settings": {}}}):
        write_json(record, {**told, **other})
        with pytest.raises(UsageError, match="clearslate redecide"):
            explain(decided.run.home, Question(case="A1"))


def test_an_empty_home_and_a_lost_build_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing has been published"):
        explain(Home(tmp_path / "empty"), Question(case="A1"))
    decided = decide(tmp_path / "home", HISTORY[:1])
    decided.run.promote()
    decided.run.home.database(decided.run.run_id).unlink()
    with pytest.raises(UsageError, match="clearslate redecide"):
        explain(decided.run.home, Question(case="A1"))


def test_a_question_changes_nothing(home: Home) -> None:
    before = sorted(path.name for path in (home.root / "work").iterdir())
    records = home.record("test").read_bytes()
    explain(home, Question(person="1"))
    assert sorted(path.name for path in (home.root / "work").iterdir()) == before
    assert home.record("test").read_bytes() == records
