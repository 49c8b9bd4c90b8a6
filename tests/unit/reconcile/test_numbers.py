"""Case numbers as keys: which writings of a number meet, and which never do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearslate.reconcile.mapping import ListMapping
from clearslate.reconcile.numbers import BY_RULE, MUNICIPAL, WRITTEN, municipal_keys, number_keys

PLAIN = ListMapping.default()
MUNICIPALITIES = replace(PLAIN, municipal_prefixes=("MC", "M"))


def meet(one: str, other: str, mapping: ListMapping = PLAIN) -> int | None:
    """How two writings meet, the surest way; None where they don't."""
    shared = set(number_keys(one, mapping)) & set(number_keys(other, mapping))
    return min((how for how, _ in shared), default=None)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("ba-123 456", "BA123456", WRITTEN),
        ("0012345", "12345", BY_RULE),
        ("99F01234", "99F1234", BY_RULE),
        ("CR99-001234", "cr99 1234", BY_RULE),
        ("BA001234", "BA-1234", BY_RULE),
        ("99-0012", "9-90012", WRITTEN),  # as written they are one: the same letters and digits
        ("99-0012", "9-912", None),
        ("0012345", "0012346", None),
        ("12345", "M12345", None),
    ],
)
def test_two_writings_meet(one: str, other: str, how: int | None) -> None:
    assert meet(one, other) == how


@pytest.mark.parametrize(
    ("one", "other"), [("MC-0012345", "12345"), ("M12345", "12345"), ("MCCR99-12", "CR99-0012"), ("MC12", "M12")]
)
def test_a_municipal_prefix_is_the_weakest_link(one: str, other: str) -> None:
    assert meet(one, other, MUNICIPALITIES) == MUNICIPAL


def test_zeros_stay_where_the_county_says_so() -> None:
    assert meet("0012345", "12345", replace(PLAIN, drops_zeros=False)) is None


def test_a_suffix_is_no_part_of_the_number() -> None:
    by_defendant = replace(PLAIN, suffix="-[0-9]{2}")
    assert meet("BA123456-02", "BA123456", by_defendant) == BY_RULE
    assert meet("BA123456-02", "BA123456") is None
    assert number_keys("-02", by_defendant), "a number that is nothing but a suffix stays what it is"


def test_the_courts_own_form_is_looked_for_too() -> None:
    keys = number_keys("BA 123456 01", PLAIN, lambda number: number[:9].replace(" ", ""))
    assert set(keys) & set(number_keys("BA123456", PLAIN))


@pytest.mark.parametrize("filler", ["", "  ", "NONE", "n/a", "null", "UNKNOWN", "---"])
def test_a_filler_is_no_number(filler: str) -> None:
    assert number_keys(filler, PLAIN) == []


def test_a_municipal_number_is_never_a_superior_courts() -> None:
    assert {how for how, _ in municipal_keys("MC0012", MUNICIPALITIES)} == {MUNICIPAL}


@given(st.integers(0, 10**9), st.integers(1, 12))
def test_zeros_lost_from_a_plain_number_never_matter(number: int, width: int) -> None:
    assert meet(str(number), str(number).zfill(width)) in (WRITTEN, BY_RULE)


@given(st.text(max_size=30))
def test_any_text_has_keys_of_plain_signs_or_none(text: str) -> None:
    for _, key in number_keys(text, MUNICIPALITIES):
        assert key
        assert key.replace("-", "").isascii()
        assert any(sign.isdigit() for sign in key)
