"""Simulated figures whose truth is known: what is claimed of them must hold.

The generators are seeded, so every run sees the same draws and no tolerance is for luck alone.
DRAWS no-change pairs estimate a false-decision rate; its Monte Carlo error is at most
sqrt(alpha (1 - alpha) / DRAWS), and three of these are allowed on top of alpha.
ERROR: a double beside an exact fraction.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from commune_pilots import simulate
from commune_pilots.effects.contrast import contrast_all
from commune_pilots.effects.coverage import unit_names
from commune_pilots.effects.rounding import printed_interval, smallest_denominator
from commune_pilots.effects.worst_case import central_fisher, judge_unknown_denominators

DRAWS = 150
ERROR = 1e-9


def _measured(tables, rounding, least=1):
    return contrast_all(
        tables["observations"],
        unit_names(tables["units"]),
        indicators=[],
        rounding=rounding,
        least_dossiers=least,
        alpha=0.05,
    ).set_index("unit")


def _truth(tables):
    """Read the counts behind each figure from its note: unit and role to (count, total)."""
    found = tables["observations"]
    counts = found["note"].str.extract(r"(\d+) of (\d+)").astype(int)
    keys = zip(found["unit"], found["role"], strict=True)
    return dict(zip(keys, counts.itertuples(index=False, name=None), strict=True))


def _printed(count, total, decimals, rounding="nearest"):
    shown = round(Fraction(100 * count, total), decimals)
    exact = Decimal(shown.numerator) / Decimal(shown.denominator)
    return printed_interval(exact, decimals=decimals, rounding=rounding)


@pytest.mark.parametrize("rounding", ["nearest", "any"])
@pytest.mark.parametrize(
    ("before", "after"), [(0.2, 0.7), (0.02, 0.1), (0.9, 0.99), (0.5, 0.5), (0.7, 0.2)]
)
def test_the_range_of_a_change_covers_the_true_difference(rng, rounding, before, after):
    tables = simulate.press_tables(communes=15, before=before, after=after, rng=rng)
    truth, measured = _truth(tables), _measured(tables, rounding)
    for unit, row in measured.iterrows():
        (k1, n1), (k2, n2) = truth[unit, "before"], truth[unit, "after"]
        true = 100 * (k2 / n2 - k1 / n1)
        assert row["change_low"] - ERROR <= true <= row["change_high"] + ERROR


def test_the_range_of_the_gap_closed_covers_the_true_one(rng):
    tables = simulate.press_tables(communes=30, rng=rng)
    truth, measured = _truth(tables), _measured(tables, "nearest")
    for unit, row in measured.iterrows():
        (k1, n1), (k2, n2) = truth[unit, "before"], truth[unit, "after"]
        true = 100 * (k2 / n2 - k1 / n1) / (1 - k1 / n1)
        assert row["gap_closed_low"] - ERROR <= true <= row["gap_closed_high"] + ERROR


def test_no_true_number_of_dossiers_is_below_the_smallest_denominator(rng):
    tables = simulate.press_tables(communes=30, least=5, most=80, rng=rng)
    truth, measured = _truth(tables), _measured(tables, "nearest")
    for unit, row in measured.iterrows():
        assert row["smallest_before"] <= truth[unit, "before"][1]
        assert row["smallest_after"] <= truth[unit, "after"][1]


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_the_bound_covers_the_p_value_of_the_true_counts(rng, decimals):
    for _ in range(DRAWS):
        n1, n2 = rng.integers(5, 400, size=2)
        k1, k2 = rng.binomial(n1, 0.3), rng.binomial(n2, 0.5)
        before, after = _printed(int(k1), int(n1), decimals), _printed(int(k2), int(n2), decimals)
        found = judge_unknown_denominators(before, after, least=1, alpha=0.05)
        true = central_fisher(int(k1), int(n1), int(k2), int(n2))
        assert true <= found.bound_p * (1 + ERROR)


@pytest.mark.parametrize("decimals", [0, 1, 2])
@pytest.mark.parametrize("chance", [0.03, 0.3, 0.5, 0.97])
def test_decided_is_rarely_said_where_nothing_changed(chance, decimals):
    alpha = 0.05
    rng = np.random.default_rng([decimals, round(100 * chance)])
    wrong = 0
    for _ in range(DRAWS):
        n1, n2 = (int(n) for n in rng.integers(20, 600, size=2))
        k1, k2 = (int(rng.binomial(n, chance)) for n in (n1, n2))
        found = judge_unknown_denominators(
            _printed(k1, n1, decimals), _printed(k2, n2, decimals), least=1, alpha=alpha
        )
        wrong += found.answer == "decided"
    assert wrong / DRAWS <= alpha + 3 * sqrt(alpha * (1 - alpha) / DRAWS)


@pytest.mark.parametrize("floor", [50, 200])
def test_decided_under_a_true_floor_is_rarely_said_where_nothing_changed(floor):
    alpha = 0.05
    rng = np.random.default_rng(floor)
    wrong = 0
    for _ in range(DRAWS):
        n1, n2 = (int(n) for n in rng.integers(floor, 3 * floor, size=2))
        k1, k2 = (int(rng.binomial(n, 0.4)) for n in (n1, n2))
        found = judge_unknown_denominators(
            _printed(k1, n1, 1), _printed(k2, n2, 1), least=floor, alpha=alpha
        )
        wrong += found.answer == "decided"
    assert wrong / DRAWS <= alpha + 3 * sqrt(alpha * (1 - alpha) / DRAWS)


def test_a_large_true_rise_is_decided_in_most_communes(rng):
    tables = simulate.press_tables(communes=30, before=0.1, after=0.9, rng=rng)
    measured = _measured(tables, "any")
    # Two decimals of shares near 10 and 90% need some 20 dossiers at least in most draws.
    assert (measured["denominators"] == "decided").mean() >= 0.8


def test_decided_means_that_no_admissible_pair_is_explained_by_chance(rng):
    checked = 0
    for _ in range(60):
        n1, n2 = (int(n) for n in rng.integers(20, 60, size=2))
        k1, k2 = int(rng.binomial(n1, 0.1)), int(rng.binomial(n2, 0.9))
        before, after = _printed(k1, n1, 0), _printed(k2, n2, 0)
        if judge_unknown_denominators(before, after, least=1, alpha=0.05).answer != "decided":
            continue
        checked += 1
        for n_before in range(smallest_denominator(before), 60, 3):
            for n_after in range(smallest_denominator(after), 60, 3):
                for low in before.counts(n_before)[-1:]:
                    for high in after.counts(n_after)[:1]:
                        assert central_fisher(low, n_before, high, n_after) < 0.05
    assert checked >= 10


def test_a_true_floor_never_turns_decided_into_decisive(rng):
    for _ in range(60):
        before, after = (int(share) for share in sorted(rng.integers(1, 100, size=2)))
        ends = [
            printed_interval(Decimal(share), decimals=0, rounding="half_up")
            for share in (before, after)
        ]
        answers = [
            judge_unknown_denominators(*ends, least=floor, alpha=0.05).answer
            for floor in (1, 30, 300)
        ]
        if "decided" in answers:
            later = answers[answers.index("decided") :]
            assert set(later) == {"decided"}
