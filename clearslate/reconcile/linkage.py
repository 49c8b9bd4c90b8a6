"""Where numbers fail: how probable it is that two cases are one, by Splink.

Belongs here: the model and running it. Does not belong here: what is done with a weight (a pair found here is possible,
whatever its weight).

The model is that of Fellegi and Sunter with fixed probabilities: nothing is trained, so that the same lists give the same
pairs and weights on any machine. `m` is how often an aspect looks so between two writings of one case, `u` between two
cases. They are our estimates, set for high recall; what they achieve on lists with known truth is asserted in the tests.
"""

from __future__ import annotations

import logging
from typing import Any

import pyarrow as pa

from clearslate.home import Home
from clearslate.warehouse import Warehouse

LEAST_WEIGHT = 6.0  # in bits, over a prior of one in 2**17
_PRIOR = 2.0**-17

PARTIES = pa.schema(
    [
        ("unique_id", pa.int64()),
        ("last", pa.string()),
        ("first", pa.string()),
        ("birth", pa.string()),
        ("swapped", pa.string()),
        ("number", pa.string()),
        ("day", pa.date32()),
        ("sections", pa.list_(pa.string())),
    ]
)
PAIRS = pa.schema([("cid", pa.int64()), ("oid", pa.int64()), ("weight", pa.float64())])

_Level = tuple[str, float, float]


def _comparison(name: str, missing: str, levels: list[_Level], otherwise: tuple[float, float]) -> dict[str, Any]:
    """An aspect: when it can't be compared, its levels (condition, m, u) from the closest on, and m and u of the rest."""
    return {
        "output_column_name": name,
        "comparison_levels": [
            {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True},
            *(
                {"sql_condition": condition, "label_for_charts": condition, "m_probability": m, "u_probability": u}
                for condition, m, u in levels
            ),
            {
                "sql_condition": "ELSE",
                "label_for_charts": "else",
                "m_probability": otherwise[0],
                "u_probability": otherwise[1],
            },
        ],
    }


_COMPARISONS = [
    _comparison(
        "name",
        "last_l is null or last_r is null or first_l is null or first_r is null",
        [
            ("last_l = last_r and first_l = first_r", 0.82, 0.0002),
            ("last_l = first_r and first_l = last_r", 0.01, 0.00001),
            (
                "jaro_winkler_similarity(last_l, last_r) >= 0.88 and jaro_winkler_similarity(first_l, first_r) >= 0.85",
                0.12,
                0.002,
            ),
            ("first_l = first_r", 0.02, 0.02),
            ("last_l = last_r", 0.02, 0.01),
        ],
        (0.01, 0.9678),
    ),
    _comparison(
        "birth",
        "birth_l is null or birth_r is null",
        [
            ("birth_l = birth_r", 0.9, 0.00006),
            ("birth_l = swapped_r", 0.03, 0.00006),
            ("levenshtein(birth_l, birth_r) <= 1", 0.04, 0.001),
            ("substr(birth_l, 1, 4) = substr(birth_r, 1, 4)", 0.015, 0.02),
        ],
        (0.015, 0.97888),
    ),
    _comparison(
        "day",
        "day_l is null or day_r is null",
        [
            ("day_l = day_r", 0.88, 0.0003),
            ("abs(date_diff('day', day_l, day_r)) <= 45", 0.06, 0.01),
            ("year(day_l) = year(day_r)", 0.03, 0.04),
        ],
        (0.03, 0.9497),
    ),
    _comparison(
        "sections",
        "len(sections_l) = 0 or len(sections_r) = 0",
        [("list_has_any(sections_l, sections_r)", 0.92, 0.3)],
        (0.08, 0.7),
    ),
    _comparison(
        "number",
        "number_l is null or number_r is null",
        [
            ("number_l = number_r", 0.3, 0.00002),
            ("damerau_levenshtein(number_l, number_r) <= 1", 0.2, 0.0002),
        ],
        (0.5, 0.99978),
    ),
]

# What is compared at all. A common number is no reason to: matching.py has looked at those pairs already.
_BLOCKS = [
    "l.birth = r.birth",
    "l.last = r.last and l.first = r.first and l.day = r.day",
    "l.last = r.last and l.first = r.first and substr(l.birth, 1, 4) = substr(r.birth, 1, 4)",
    "l.last = r.last and l.first = r.first and substr(l.birth, 5, 4) = substr(r.birth, 5, 4)",
    "l.birth = r.swapped and l.last = r.last",
    "l.day = r.day and substr(l.last, 1, 3) = substr(r.last, 1, 3)",
]


def link(court: pa.Table, ours: pa.Table, home: Home) -> pa.Table:
    """Pairs of parties (columns PARTIES) that may be one: columns PAIRS, sorted, weight in bits and LEAST_WEIGHT or more.

    Runs in a locked-down database in memory, which spills below `home`. Raises WarehouseError if the engine fails.
    """
    if not court.num_rows or not ours.num_rows:
        return PAIRS.empty_table()
    from splink import Linker, SettingsCreator  # takes a second to load, and few commands need it
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=_PRIOR,
        comparisons=list(_COMPARISONS),
        blocking_rules_to_generate_predictions=[{"blocking_rule": rule} for rule in _BLOCKS],
        retain_matching_columns=False,
        linker_uid="reconcile",
    )
    with Warehouse.reading(home) as warehouse:
        with warehouse.lent("linking cases") as connection:
            backend = DuckDBAPI(connection)
            sides = [backend.register(court, table_name="court"), backend.register(ours, table_name="ours")]
            linker = Linker(sides, settings, log_level=None, validate_settings=False)
            found = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT, warning_mode="never")
        return warehouse.arrow(
            "select cast(unique_id_l as bigint) as cid, cast(unique_id_r as bigint) as oid, "
            f"round(match_weight, 2) as weight from {found.physical_name} order by cid, oid",
            what="linked cases",
        ).cast(PAIRS)
