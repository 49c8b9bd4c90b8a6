"""The four remedies as ordered rules, each test written out, under the statute alone or under Clear My Record's settings.

Belongs here: order, ids and outcomes of the rules. Does not belong here: how a fact is found (facts.py, arrests.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.oracle.arrests import Arrest, arrests
from tests.oracle.facts import PROP64_DAY as ACT
from tests.oracle.facts import View, equal, offense_truth
from tests.oracle.history import Count, Person
from tests.oracle.offenses import Offense
from tests.oracle.standing import (
    Inputs,
    Sentence,
    enhanced,
    is_violation,
    new_felonies,
    pending,
    prohibited,
    registered,
    revoked,
    serving,
    supervised,
    supervision_known,
)
from tests.oracle.table import Rule, Verdict, decide
from tests.oracle.truth import Truth, before, both, either, known, no, not_after

GRANTED = "ELIGIBLE RELIEF_GRANTED"
RELIEFS = ("REDESIGNATE_MISD", "REDESIGNATE_INFR", "DISMISS_SEAL")


@dataclass(frozen=True)
class Settings:
    """Clear My Record's options; 0 and empty: off."""

    dismiss: tuple[str, ...] = ()
    reduce: tuple[str, ...] = ()
    under_21: bool = False
    age: int = 0
    years_since: int = 0
    years_free: int = 0
    only_prop64: bool = False
    deceased: bool = False


def identity(view: View) -> list[Rule]:
    """Whose conviction it is, and that it is one."""
    return [
        Rule("history_incomplete", not view.person.complete, "REVIEW"),
        Rule("identity_conflict", view.person.conflict, "REVIEW"),
        Rule("possible_repeat", view.conviction.possible_repeat, "REVIEW"),
        Rule("order_unknown", view.count.order is None, "REVIEW"),
    ]


def screens(view: View) -> list[Rule]:
    """What must be clear about any conviction before anything is granted on it."""
    relation = view.offense.relation or None
    return [
        Rule("after_as_of", view.after_as_of(), "INELIGIBLE"),
        Rule("already_relieved", view.relieved("prop64"), "ALREADY_RELIEVED"),
        *identity(view),
        Rule("predecessor", view.count.predecessor, "REVIEW"),
        Rule("statute_uncertain", no(view.statute_certain()), "REVIEW"),
        Rule("conspiracy", relation and relation == "conspiracy", "INELIGIBLE"),
        Rule("related_offense", relation and relation != "none", "REVIEW"),
        Rule("aggravated_form", view.offense.section == "11359" and view.offense.letters in ("c", "d"), "REVIEW"),
        Rule("disposition_conflict", view.disposition_conflict(), "REVIEW"),
        Rule("juvenile_court", view.juvenile_court(), "REVIEW"),
        Rule("federal_court", view.federal_court(), "REVIEW"),
    ]


def clear_my_record(view: View, settings: Settings) -> list[Rule]:
    """The predecessor's configurable flow."""
    today, day, born = view.today, view.count.day, view.born
    section = view.offense.section
    dismiss, reduce = "ELIGIBLE DISMISS_SEAL", "ELIGIBLE REDESIGNATE_MISD"
    rules = [Rule("not_felony", no(view.felony()), dismiss)]
    if settings.dismiss:
        rules.append(Rule("dismiss_section", section in settings.dismiss, dismiss))
    if settings.under_21:
        rules.append(Rule("under_21", before(day, born.after(21)), dismiss))
    if settings.age:
        rules.append(Rule("older_than_threshold", not_after(born.after(settings.age), today), dismiss))
    if settings.years_since:
        rules.append(Rule("long_ago", not_after(day.after(settings.years_since), today), dismiss))
    if settings.years_free:
        free = before(view.latest_conviction().after(settings.years_free), today)
        rules.append(Rule("crime_free", free, dismiss))
    if settings.only_prop64:
        rules.append(Rule("only_prop64", view.all_prop64(), dismiss))
    if settings.deceased:
        rules.append(Rule("deceased", view.deceased(), dismiss))
    if settings.reduce:
        rules.append(Rule("reduce_section", section in settings.reduce, reduce))
    return [*rules, Rule("no_rule", True, "INELIGIBLE")]


def outcome_table(view: View) -> list[Rule]:
    """What the old conviction would be today, by form and age at the offense; unknown quantities are taken at their worst."""
    misdemeanor, infraction, dismiss = (f"ELIGIBLE {relief}" for relief in RELIEFS)
    form, offense, at_21 = view.form(), view.offense_day, no(view.under(21))

    def is_(*forms: str) -> Truth:
        return equal(form, *forms)

    graver = is_("11358", "11359", "11360(a)")
    return [
        Rule("offense_after_act", not_after(ACT, offense), "INELIGIBLE"),
        Rule("convicted_after_act", not_after(ACT, view.count.day), "REVIEW"),
        Rule("form_inferred", view.form_inferred(), "REVIEW"),
        Rule(
            "infraction_already",
            both(is_("11357(b)", "11360(b)"), equal(view.count.severity, "I"), view.under(21)),
            "INELIGIBLE",
        ),
        Rule("under_18", both(view.under(18), no(is_("11357(d)"))), infraction),
        Rule("possession_at_21", both(is_("11357(b)"), at_21), dismiss),
        Rule("possession", is_("11357(b)"), infraction),
        Rule("gift_at_21", both(is_("11360(b)"), at_21), dismiss),
        Rule("gift", is_("11360(b)"), infraction),
        Rule("possession_large_destroy", both(is_("11357(c)"), view.destruction_due()), "INELIGIBLE"),
        Rule("possession_large", is_("11357(c)"), "INELIGIBLE"),
        Rule("school_grounds", is_("11357(d)", "11357(e)"), "REVIEW"),
        Rule("concentrate_misdemeanor", both(is_("11357(a)"), no(view.felony_stated())), "REVIEW"),
        Rule("concentrate_floor_at_21", both(is_("11357(a)"), at_21), misdemeanor),
        Rule("concentrate_floor", is_("11357(a)"), misdemeanor),
        Rule("level_contradicts", both(graver, no(view.felony_stated())), "REVIEW"),
        Rule("d1_superstrike", both(graver, view.superstrike_prior()), "REVIEW"),
        Rule("d2_pc290", both(graver, view.registrable_prior()), "REVIEW"),
        Rule("d3_unsettled", both(graver, view.two_section_priors()), "REVIEW"),
        Rule("d4_environmental", both(is_("11358"), view.in_case(lambda one: _told(one, one.environmental))), "REVIEW"),
        Rule("d5_minor", both(is_("11359", "11360(a)"), view.in_case(lambda one: _told(one, one.minor))), "REVIEW"),
        Rule("d7_import", both(is_("11360(a)"), view.says_import()), "REVIEW"),
        Rule("cultivation_floor_at_21", both(is_("11358"), at_21), misdemeanor),
        Rule("cultivation_floor", is_("11358"), misdemeanor),
        Rule("for_sale", is_("11359"), misdemeanor),
        Rule("transport_floor_at_21", both(is_("11360(a)"), at_21), misdemeanor),
        Rule("transport", is_("11360(a)"), misdemeanor),
        Rule("form_unknown", True, "REVIEW"),
    ]


def _told(offense: Offense, listed: bool) -> Truth:
    return None if offense.section is None else listed


def prop64(view: View, settings: Settings | None) -> Verdict | None:
    """HS 11361.8 and 11361.9; no candidate where the section isn't one of the four or their predecessors, or can't be read."""
    if not (view.count.prop64 or view.count.predecessor) or before(view.today, ACT):
        return None
    granted = clear_my_record(view, settings) if settings else outcome_table(view)
    return decide([*screens(view), *granted], "review", RELIEFS)


def prop47(view: View) -> Verdict | None:
    """PC 1170.18(f), (g): the sections that it names, as felonies, for offenses before 5 November 2014."""
    named = view.prop47()
    if named not in ("decidable", "value") or before(view.today, known(date(2014, 11, 5))):
        return None
    forged = view.offense.section in ("470", "471", "472", "473", "475", "476")
    relation = view.offense.relation or None
    rules = [
        Rule("after_as_of", view.after_as_of(), "INELIGIBLE"),
        Rule("already_relieved", view.relieved("prop47"), "ALREADY_RELIEVED"),
        Rule("relieved_prop64", view.relieved("prop64"), "ALREADY_RELIEVED"),
        *identity(view),
        Rule("statute_uncertain", no(view.statute_certain()), "REVIEW"),
        Rule("related_offense", relation and relation != "none", "REVIEW"),
        Rule("disposition_conflict", view.disposition_conflict(), "REVIEW"),
        Rule("juvenile_court", view.juvenile_court(), "REVIEW"),
        Rule("federal_court", view.federal_court(), "REVIEW"),
        Rule("not_felony", no(view.felony_stated()), "INELIGIBLE"),
        Rule("offense_after_act", not_after(known(date(2014, 11, 5)), view.offense_day), "INELIGIBLE"),
        Rule("superstrike", view.superstrike_ever(), "INELIGIBLE"),
        Rule("pc290", view.registrable_ever(), "INELIGIBLE"),
        Rule("forgery_identity_theft", both(view.identity_theft_in_case(), forged), "INELIGIBLE"),
        Rule("value_unknown", named == "value", "REVIEW"),
        Rule("deadline_passed", date(2022, 11, 5) <= view.as_of <= date(2023, 10, 9), "REVIEW"),
        Rule("decidable", named == "decidable", "ELIGIBLE REDESIGNATE_MISD"),
        Rule("not_listed", True, "INELIGIBLE"),
    ]
    return decide(rules, "review", RELIEFS)


def conviction_relief(view: View, inputs: Inputs) -> Verdict | None:
    """PC 1203.425; limb III since 1 October 2024. Without a Supervised Release File it waits for one."""
    if view.as_of < date(2022, 7, 1):
        return None
    has_limb_3 = view.as_of >= date(2024, 10, 1)
    today, sentence = view.today, Sentence(view)
    end, felony, misdemeanor = sentence.end, view.felony_now(), no(view.felony_now())
    probation, prison, broken = sentence.probation(), sentence.prison(), revoked(view)
    serious, violent, sexual = (offense_truth(view.count, told) for told in (_serious, _violent, _registrable))
    if enhanced(view):
        serious, violent = serious or None, violent or None
    relieved = view.relieved("1203.4", "1203.4a", "1203.41", "1203.42", "1203.425", "1203.43", "1203.45", "1203.49")
    kept = both(probation, no(broken))
    third = both(felony, either(no(probation), broken))
    new_felony, felony_day = new_felonies(view, end)
    year, four = view.count.day.after(1), end.after(4)
    second = both(misdemeanor, no(probation), no(prison))
    listed = both(felony, kept, no(prison), either(serious, violent))
    rules = [
        Rule("after_as_of", view.after_as_of(), "INELIGIBLE"),
        Rule("already_relieved", relieved, "ALREADY_RELIEVED"),
        *identity(view),
        Rule("disposition_conflict", view.disposition_conflict(), "REVIEW"),
        Rule("juvenile_court", view.juvenile_court(), "REVIEW"),
        Rule("no_california_court", no(view.california_court()), "REVIEW"),
        Rule("before_1973", before(view.count.day, known(date(1973, 1, 1))), "INELIGIBLE"),
        Rule("prohibited", prohibited(view, inputs), "INELIGIBLE"),
        Rule("registered", registered(view), "INELIGIBLE"),
        Rule("registrable", either(sexual, view.registrable_ever()), "INELIGIBLE"),
        Rule("supervision_violation", is_violation(view.count), "INELIGIBLE"),
        Rule("serving", both(serving(view), not_after(end, today)), "INELIGIBLE"),
        Rule("pending", pending(view), "INELIGIBLE"),
        Rule("prison", both(not has_limb_3, prison), "INELIGIBLE"),
        Rule("no_limb_before_2024", both(not has_limb_3, third), "INELIGIBLE"),
        Rule("misdemeanor_probation_failed", both(misdemeanor, probation, broken), "INELIGIBLE"),
        Rule(
            "prison_bars_limbs_1_and_2",
            both(has_limb_3, prison, either(kept, both(misdemeanor, no(probation)))),
            "INELIGIBLE",
        ),
        Rule("limb_3_excluded", both(has_limb_3, third, either(serious, violent, sexual)), "INELIGIBLE"),
        Rule("limb_3_new_felony", both(has_limb_3, third, new_felony, before(felony_day, four)), "INELIGIBLE"),
        Rule("limb_3_later_felony", both(has_limb_3, third, new_felony), "REVIEW"),
        Rule("sentence_untold", not sentence.told, "INELIGIBLE"),
        Rule("limb_1_listed_not_yet", both(listed, before(today, end)), "NOT_YET"),
        Rule("limb_1_listed", listed, "REVIEW"),
        Rule("supervised", supervised(view, inputs), "INELIGIBLE"),
        Rule("srf_missing", not supervision_known(view, inputs), "REVIEW", awaits=True),
        Rule("limb_1", both(kept, no(prison), not_after(end, today)), GRANTED),
        Rule("limb_2", both(second, not_after(end, today), not_after(year, today)), GRANTED),
        Rule("limb_3", both(has_limb_3, third, no(new_felony), not_after(four, today)), GRANTED),
        Rule("limb_1_not_yet", both(kept, no(prison), before(today, end)), "NOT_YET"),
        Rule("limb_2_not_yet", both(second, either(before(today, end), before(today, year))), "NOT_YET"),
        Rule("limb_3_not_yet", both(has_limb_3, third, either(prison, before(today, four))), "NOT_YET"),
        Rule("reduction_unclear", view.reduction_unclear(), "REVIEW"),
        Rule("no_limb", True, "INELIGIBLE"),
    ]
    return decide(rules, "deny", ("RELIEF_GRANTED",), looked_at=("already_relieved", "no_california_court"))


def _serious(offense: Offense) -> Truth:
    return offense.serious


def _violent(offense: Offense) -> Truth:
    return offense.violent


def _registrable(offense: Offense) -> Truth:
    return offense.registrable


def arrest_relief(arrest: Arrest) -> Verdict | None:
    """PC 851.93; the felony limb since 1 October 2024."""
    if arrest.as_of < date(2022, 7, 1):
        return None
    has_felony_limb = arrest.as_of >= date(2024, 10, 1)
    misdemeanor, felony = no(arrest.felony()), arrest.felony()
    free = either(no(arrest.proceedings()), arrest.all_ended("acquitted"))
    favorable = both(arrest.all_ended("dismissed", "acquitted", "rejected"), no(arrest.all_ended("acquitted")))
    year, six = arrest.day.after(1), arrest.day.after(6)
    rules = [
        Rule("after_as_of", arrest.after_as_of(), "INELIGIBLE"),
        Rule("order_unknown", arrest.cycle is None, "REVIEW"),
        Rule("already_relieved", arrest.relieved(), "ALREADY_RELIEVED"),
        Rule("history_incomplete", not arrest.person.complete, "REVIEW"),
        Rule("identity_conflict", arrest.person.conflict, "REVIEW"),
        Rule("possible_repeat", arrest.possible_repeat, "REVIEW"),
        Rule("juvenile_court", arrest.juvenile(), "REVIEW"),
        Rule("before_1973", before(arrest.day, known(date(1973, 1, 1))), "INELIGIBLE"),
        Rule("supervision_violation", arrest.is_violation(), "INELIGIBLE"),
        Rule("convicted", arrest.convicted(), "INELIGIBLE"),
        Rule("other_case", arrest.of_other_case(), "REVIEW"),
        Rule("federal_agency", arrest.federal(), "REVIEW"),
        Rule("repeat_elsewhere", arrest.repeated_elsewhere(), "REVIEW"),
        Rule("tried_elsewhere", arrest.tried_elsewhere(), "REVIEW"),
        Rule("ar_d", arrest.diversion_completed(), "REVIEW"),
        Rule("ar_a", both(misdemeanor, arrest.all_ended("dismissed")), GRANTED),
        Rule("filed_felony", both(felony, favorable), "INELIGIBLE"),
        Rule("mixed", both(misdemeanor, favorable), "REVIEW"),
        Rule("ar_b", both(misdemeanor, free, not_after(year, arrest.today)), GRANTED),
        Rule("ar_c", both(has_felony_limb, free, not_after(six, arrest.today)), GRANTED),
        Rule("ar_c_before_2024", both(not has_felony_limb, felony, free), "REVIEW"),
        Rule("ar_b_not_yet", both(misdemeanor, free, before(arrest.today, year)), "NOT_YET"),
        Rule("ar_c_not_yet", both(has_felony_limb, felony, free, before(arrest.today, six)), "NOT_YET"),
        Rule("no_case", True, "INELIGIBLE"),
    ]
    is_relief_open = (
        arrest.cycle is not None and arrest.relieved() is None
    )  # without a cycle, order_unknown ends it before
    return decide(rules, "review" if is_relief_open else "deny", ("RELIEF_GRANTED",))


def decide_person(
    person: Person, as_of: date, received: date, settings: Settings | None, inputs: Inputs
) -> Iterator[tuple[str, str, Verdict]]:
    """Every determination about a person: remedy, where the conviction or the arrest's first charge stands, verdict."""
    for conviction in person.convictions:
        view = View(person, conviction, as_of, received)
        for remedy, verdict in (
            ("prop64", prop64(view, settings)),
            ("prop47", prop47(view)),
            ("conviction_relief", conviction_relief(view, inputs)),
        ):
            if verdict:
                yield remedy, _place(conviction.count), verdict
    for arrest in arrests(person, as_of, received):
        verdict = arrest_relief(arrest)
        if verdict:
            yield "arrest_relief", _place(min(arrest.counts, key=lambda count: count.order or (0, 0, 0))), verdict


def _place(count: Count) -> str:
    return "{:03}-{:03}-{:03}".format(*count.order) if count.order else "--"
