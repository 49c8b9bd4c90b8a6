"""The arithmetic of spot checks against exact counting and published tables."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearslate.errors import UsageError
from clearslate.review.sampling import (
    StratumCount,
    allocate,
    clopper_pearson,
    draw,
    sample_size,
    weighted_interval,
)


@pytest.mark.parametrize(
    ("n_lines", "tolerated", "size"),
    [
        (0, 0.01, 0),
        (1, 0.01, 1),
        (50, 0.01, 48),  # fewer than 95 % would leave the one wrong line a chance of more than 5 %
        (100, 0.01, 78),
        (66_000, 0.01, 299),  # the rule of three: 3 / 0.01
        (66_000, 0.001, 2_887),
        (10_000_000, 0.05, 60),
    ],
)
def test_sizes(n_lines: int, tolerated: float, size: int) -> None:
    assert sample_size(n_lines, confidence=0.95, tolerated=tolerated) == size


@pytest.mark.parametrize(("confidence", "tolerated"), [(1, 0.01), (0.4, 0.01), (0.95, 0), (0.95, 1), (95, 1)])
def test_terms_that_are_no_shares_are_refused(confidence: float, tolerated: float) -> None:
    with pytest.raises(UsageError, match=r"0\.95"):
        sample_size(10, confidence=confidence, tolerated=tolerated)


STRATA = st.lists(st.integers(1, 400), min_size=1, max_size=8)


@given(STRATA, st.sampled_from([0.9, 0.95, 0.99]), st.sampled_from([0.01, 0.05, 0.2]), st.data())
def test_too_many_wrong_lines_are_missed_no_oftener_than_stated_wherever_they_lie(
    sizes: list[int], confidence: float, tolerated: float, data: st.DataObject
) -> None:
    """Exactly, by hypergeometric chances, for wrong lines spread over the strata as the test pleases."""
    total = sum(sizes)
    wrong_left = math.floor(tolerated * total + 1e-9) + 1
    strata = {str(n): size for n, size in enumerate(sizes)}
    drawn = allocate(strata, sample_size(total, confidence=confidence, tolerated=tolerated))
    chance = 1.0
    for n, (name, size) in enumerate(strata.items()):
        later = sum(sizes[n + 1 :])
        wrong = data.draw(st.integers(max(0, wrong_left - later), min(size, wrong_left)))
        wrong_left -= wrong
        chance *= math.comb(size - wrong, drawn[name]) / math.comb(size, drawn[name])
    assert chance <= 1 - confidence + 1e-9


@given(STRATA, st.floats(0, 1))
def test_every_stratum_gets_one_and_none_more_than_it_has(sizes: list[int], share: float) -> None:
    size = max(1, int(sum(sizes) * share))
    allotted = allocate({str(n): n_lines for n, n_lines in enumerate(sizes)}, size)
    assert all(1 <= allotted[str(n)] <= n_lines for n, n_lines in enumerate(sizes))
    assert size <= sum(allotted.values()) <= size + len(sizes)


def test_a_draw_is_the_same_again_in_any_order_and_another_for_another_seed() -> None:
    keys = [f"K{n}" for n in range(100)]
    drawn = draw(keys, 10, seed="a")
    assert len(set(drawn)) == 10
    assert draw(reversed(keys), 10, seed="a") == drawn
    assert draw(keys, 5, seed="a") == drawn[:5]
    assert draw(keys, 10, seed="b") != drawn


@pytest.mark.parametrize(
    ("wrong", "n", "low", "high"),
    # Clopper and Pearson at 95 %, as R's binom.test gives them.
    [(0, 10, 0.0, 0.30850), (1, 10, 0.00253, 0.44502), (3, 100, 0.00623, 0.08518), (10, 10, 0.69150, 1.0)],
)
def test_exact_intervals(wrong: int, n: int, low: float, high: float) -> None:
    found = clopper_pearson(wrong, n, confidence=0.95)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-6), pytest.approx(high, abs=5e-6))


@given(st.integers(1, 200), st.integers(0, 200), st.sampled_from([0.8, 0.95]))
def test_an_interval_holds_what_binomial_chances_say(n: int, wrong: int, confidence: float) -> None:
    """At its ends the tail of the binomial distribution is exactly what is left over."""
    wrong = min(wrong, n)
    found = clopper_pearson(wrong, n, confidence=confidence)
    tail = (1 - confidence) / 2

    def chance(of: range, share: float) -> float:
        return math.fsum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in of)

    if wrong < n:
        assert chance(range(wrong + 1), found.high) == pytest.approx(tail, rel=1e-6)
    if wrong > 0:
        assert chance(range(wrong, n + 1), found.low) == pytest.approx(tail, rel=1e-6)


def test_rates_are_weighted_by_the_lines_of_each_stratum() -> None:
    strata = [StratumCount("big", 900, 30, 29, 1, 0), StratumCount("small", 100, 20, 10, 10, 0)]
    found = weighted_interval(strata, confidence=0.95)
    assert found is not None
    assert found.rate == pytest.approx(0.9 / 30 + 0.1 / 2)
    assert found.low < found.rate < found.high
    alone = strata[1].interval(0.95)
    assert alone == clopper_pearson(10, 20, confidence=0.95)


def test_proportional_samples_have_their_own_size() -> None:
    strata = [StratumCount(str(n), 1_000, 50, 50, 0, 0) for n in range(6)]
    found = weighted_interval(strata, confidence=0.95)
    assert found is not None
    assert found.high == pytest.approx(clopper_pearson(0, 300, confidence=0.95).high)


def test_what_can_not_be_told_widens_the_interval_at_its_upper_end_only() -> None:
    sure = weighted_interval([StratumCount("a", 1_000, 100, 98, 2, 0)], confidence=0.95)
    unsure = weighted_interval([StratumCount("a", 1_000, 100, 93, 2, 5)], confidence=0.95)
    worst = weighted_interval([StratumCount("a", 1_000, 100, 93, 7, 0)], confidence=0.95)
    assert sure and unsure and worst
    assert (unsure.rate, unsure.low, unsure.high) == (sure.rate, sure.low, worst.high)


def test_without_verdicts_there_is_no_rate_and_strata_without_one_are_left_out() -> None:
    blank = StratumCount("b", 900, 9, 0, 0, 0)
    assert weighted_interval([blank], confidence=0.95) is None
    assert blank.interval(0.95) is None
    judged = StratumCount("a", 100, 10, 9, 1, 0)
    assert weighted_interval([judged, blank], confidence=0.95) == weighted_interval([judged], confidence=0.95)


def test_where_everything_was_looked_at_nothing_is_left_to_chance() -> None:
    found = weighted_interval([StratumCount("a", 4, 4, 3, 1, 0), StratumCount("b", 4, 4, 3, 0, 1)], confidence=0.95)
    assert found is not None
    assert (found.rate, found.low, found.high) == (0.125, 0.125, 0.25)
