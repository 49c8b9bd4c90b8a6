"""The tables that no SELECT makes: the deliveries' Parquet, the law lists, and what is parsed once per distinct text.

Belongs here: putting those into a build database, each under the name and contract that the models read. Does not belong
here: reading extracts (clearslate/extract), the grammar (clearslate/statutes), any decision.
"""

import hashlib
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from clearslate.extract import Delivery
from clearslate.home import Home
from clearslate.law.assignment import Assignment
from clearslate.law.lists import classify_dispositions, hash_rules, load_list
from clearslate.models import load_models
from clearslate.offenses import describe_offenses, words_of
from clearslate.warehouse import ENGINE_VERSION, Warehouse

RAW_TABLES = ("raw.delivery", "raw.file", "raw.record", "raw.quarantine")
LAW_TABLES = (
    "law.county",
    "law.sentence_location",
    "law.disposition_sentence",
    "law.reduction",
    "law.agency_prefix",
    "law.race",
    "law.gender",
    "law.prop64_form",
    "law.record_destruction",
    "law.recorded_relief",
    "law.program",
    "law.court_action",
    "law.determination_text",
)
PARSED_TABLES = ("staging.step_text", "staging.disposition_text", "core.offense")

# Dictionaries of more texts than that (names, numbers, days) take longer to make than they save.
_STAGED = "format parquet, parquet_version v2, dictionary_size_limit 4000, compression zstd, compression_level 1"


def null_tokens() -> list[str]:
    """The texts that stand for nothing, upper case; the empty one among them."""
    return ["", *load_list("null_tokens")["token"]]


def reading() -> dict[str, object]:
    """What law lists tell the model `staging.record`, as its parameters."""
    return {"null_tokens": null_tokens(), "other_case_words": words_of("other_case")}


def _parquet(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def _union(home: Home, deliveries: Sequence[Delivery], inside: str) -> str:
    """One SELECT over the same Parquet of all deliveries, each row with its delivery's number in order of acceptance."""
    return "\nunion all\n".join(
        f"select cast({number} as integer) as delivery_no, * from {_parquet(home.delivery(delivery.id) / inside)}"
        for number, delivery in enumerate(deliveries, start=1)
    )


def _view_records(warehouse: Warehouse, home: Home, deliveries: Sequence[Delivery]) -> None:
    warehouse.create_view("raw.record", _union(home, deliveries, "record/*.parquet"))


def register_raw(warehouse: Warehouse, home: Home, deliveries: Sequence[Delivery]) -> None:
    """Make the raw views over the deliveries, which come in the order of their acceptance."""
    warehouse.create_from_frame(
        "raw.delivery",
        pd.DataFrame(
            [
                (number, delivery.id, delivery.received_on, delivery.data_through, delivery.scope)
                for number, delivery in enumerate(deliveries, start=1)
            ],
            columns=["delivery_no", "delivery_id", "received_on", "data_through", "scope"],
        ),
    )
    warehouse.create_view("raw.file", _union(home, deliveries, "file.parquet"))
    warehouse.create_view("raw.quarantine", _union(home, deliveries, "quarantine.parquet"))
    _view_records(warehouse, home, deliveries)


def register_law(warehouse: Warehouse, assignment: Assignment) -> None:
    """Put the lists that SQL joins into the database, and what the run's policies call their determinations."""
    warehouse.create_from_frame("law.county", load_list("counties")[["name", "doj_code"]])
    locations = load_list("sentence_locations").rename(columns={"text": "location"})
    locations = locations[["location", "kind", "supervision_years"]].replace({"supervision_years": {"": None}})
    warehouse.create_from_frame("law.sentence_location", locations)
    sentences = load_list("disposition_sentences")
    warehouse.create_from_frame("law.disposition_sentence", sentences[["pattern", "kind"]])
    reductions = load_list("reductions")[["pattern", "level"]].replace({"level": {"": None}})
    warehouse.create_from_frame("law.reduction", reductions)
    destruction = load_list("record_destruction")
    warehouse.create_from_frame("law.record_destruction", destruction[["form", "years"]])
    forms = load_list("statutes/prop64_forms").rename(columns={"inferred": "is_inferred"})
    forms = forms[["section", "subdivision", "severity", "form", "is_inferred", "effective_from", "effective_to"]]
    forms["is_inferred"] = forms["is_inferred"] == "yes"
    warehouse.create_from_frame("law.prop64_form", forms.replace({"subdivision": {"": None}, "severity": {"": None}}))
    recorded = load_list("recorded_relief")[["relief", "remedy", "stands"]].rename(columns={"stands": "is_standing"})
    recorded["is_standing"] = recorded["is_standing"] == "yes"
    warehouse.create_from_frame("law.recorded_relief", recorded)
    prefixes = load_list("courts/agency_prefixes").rename(columns={"kind": "agency_kind"})
    warehouse.create_from_frame("law.agency_prefix", prefixes[["prefix", "agency_kind"]])
    for trait in ("race", "gender"):
        told = load_list(f"{trait}s").rename(columns={"unknown": "is_unknown"})
        told["is_unknown"] = told["is_unknown"] == "yes"
        warehouse.create_from_frame(f"law.{trait}", told[[trait, "is_unknown"]])
    warehouse.create_from_frame("law.program", load_list("courts/programs")[["remedy", "program"]])
    actions = load_list("courts/actions")[["remedy", "relief", "action_code", "level_after", "seal_scope"]]
    warehouse.create_from_frame("law.court_action", actions.replace({"level_after": {"": None}}))
    policies = {policy.id: policy for policy in assignment.policies}
    texts = [(policy.id, *text) for policy in policies.values() for text in policy.texts()]
    columns = ["policy", "rule", "outcome", "relief", "printed"]
    warehouse.create_from_frame("law.determination_text", pd.DataFrame(texts, columns=columns, dtype="str"))


def stage(warehouse: Warehouse, home: Home, deliveries: Sequence[Delivery]) -> None:
    """Type each delivery's records once, into Parquet beside the raw ones, and make `staging.record` over all of them.

    A delivery is staged again only when the model, the law lists it uses or the engine (whose hash tells records apart)
    have changed: all three are in the folder's name.
    """
    model = load_models()["staging.record"]
    version = hashlib.sha256((model.sql + hash_rules() + ENGINE_VERSION).encode()).hexdigest()[:12]
    for delivery in deliveries:
        target = home.delivery(delivery.id) / "staging"
        if not (target / version).is_dir():
            shutil.rmtree(target, ignore_errors=True)
            partial = target / f".{version}"
            partial.mkdir(parents=True)
            _view_records(warehouse, home, [delivery])  # for this COPY, raw.record is this delivery alone
            warehouse.copy_to(
                model.sql,
                partial / "record.parquet",
                reading() | {"received_on": delivery.received_on},
                options=_STAGED,
                what=model.name,
            )
            partial.rename(target / version)
    _view_records(warehouse, home, deliveries)
    warehouse.create_view("staging.record", _union(home, deliveries, f"staging/{version}/record.parquet"))


def parse_texts(warehouse: Warehouse) -> None:
    """Read every distinct step, disposition and offense text once (thousands, however many records)."""
    steps = warehouse.frame(
        "select step_text, cast(count(*) as bigint) as n_records from staging.record "
        "where step_text is not null group by step_text order by step_text"
    )
    types = load_list("step_types").set_index("text")["step_type"]
    listed = steps["step_text"].map(types).astype(object)
    warehouse.create_from_frame("staging.step_text", steps.assign(step_type=listed.where(listed.notna(), None)))
    texts = warehouse.frame(
        "select disp_text, cast(count(*) as bigint) as n_records from staging.record "
        "where disp_text is not null group by disp_text order by disp_text"
    )
    meant = classify_dispositions(texts["disp_text"])
    warehouse.create_from_frame(
        "staging.disposition_text",
        texts.assign(
            disposition_class=meant["disp_class"].to_numpy(), disposition_relief=meant["disp_relief"].to_numpy()
        ),
    )
    offenses = warehouse.frame(
        "select offense_key, cast(sum(n) as bigint) as n_records from ("
        "select offense_key, count(*) as n from staging.record group by offense_key union all "
        "select convicted_text, count(*) from staging.record where convicted_text is not null group by convicted_text "
        "union all "
        "select disposed_text, count(*) from staging.record where disposed_text is not null group by disposed_text"
        ") group by offense_key order by offense_key"
    )
    warehouse.create_from_frame("core.offense", describe_offenses(offenses))


def newest_event(warehouse: Warehouse) -> date | None:
    """The latest day on which anything happened in the deliveries."""
    found: date | None = warehouse.rows("select max(event_date) from staging.record")[0][0]
    return found
