"""Simulated figures whose truth is known: what is claimed of them must hold.

The generators are seeded, so every run sees the same draws and no tolerance is for luck alone.
ERROR: a double beside an exact fraction.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from printed import shares, side

from commune_pilots import simulate
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.coverage import unit_names
from commune_pilots.effects.exact import central_fisher
from commune_pilots.effects.pairing import contrast_all
from commune_pilots.effects.worst_case import answer_of, worst_case

ALPHA = 0.05
DRAWS = 250
ERROR = 1e-9

pytestmark = pytest.mark.slow  # simulations: part of the whole suite, not of the quick one


def _measured(tables, rounding, least=1):
    return contrast_all(
        tables["observations"],
        unit_names(tables["units"]),
        Terms(rounding=rounding, least_dossiers=least, alpha=ALPHA),
        indicators=[],
    ).set_index("unit")


def _truth(tables):
    """Read the counts behind each figure from its note: unit and role to (count, total)."""
    found = tables["observations"]
    counts = found["note"].str.extract(r"(\d+) of (\d+)").astype(int)
    keys = zip(found["unit"], found["role"], strict=True)
    return dict(zip(keys, counts.itertuples(index=False, name=None), strict=True))


def _printed(count, total, decimals=1):
    """Print a share as most programs do: to the nearest figure."""
    return f"{float(round(Fraction(100 * count, total), decimals)):.{decimals}f}"


def _drawn(rng, chances, numbers):
    """Draw counts of both periods: k1, n1, k2, n2."""
    n1, n2 = (int(n) for n in rng.integers(*numbers, size=2))
    k1, k2 = (int(rng.binomial(n, p)) for n, p in zip((n1, n2), chances, strict=True))
    return k1, n1, k2, n2


def _judged(counts, *, decimals=1, least=1):
    """Judge two printed percentages without their numbers, for the verdict alone."""
    k1, n1, k2, n2 = counts
    pair = (side(_printed(k, n, decimals), "nearest", least=least) for k, n in ((k1, n1), (k2, n2)))
    return worst_case(*pair, alpha=ALPHA)


def _share_decided(rng, chances, numbers, *, draws, decimals=1, least=1):
    found = [
        answer_of(_judged(_drawn(rng, chances, numbers), decimals=decimals, least=least), ALPHA)
        for _ in range(draws)
    ]
    return found.count("decided") / draws


@pytest.mark.parametrize("rounding", ["nearest", "any"])
@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
def test_the_true_share_is_among_those_that_the_printed_one_admits(rng, rounding, decimals):
    for _ in range(100):
        n = int(rng.integers(1, 2000))
        k = int(rng.binomial(n, rng.uniform()))
        assert k in shares(_printed(k, n, decimals), rounding).counts(n)


@pytest.mark.parametrize(
    ("before", "after", "least", "rounding"),
    [(0.2, 0.7, 200, "any"), (0.02, 0.1, 30, "nearest"), (0.7, 0.2, 30, "nearest")],
)
def test_what_is_said_of_a_commune_holds_for_its_true_counts(rng, before, after, least, rounding):
    tables = simulate.press_tables(communes=2, before=before, after=after, least=least, rng=rng)
    truth, measured = _truth(tables), _measured(tables, rounding)
    for unit, row in measured.iterrows():
        (k1, n1), (k2, n2) = truth[unit, "before"], truth[unit, "after"]
        difference = 100 * (k2 / n2 - k1 / n1)
        assert row["change_low"] - ERROR <= difference <= row["change_high"] + ERROR
        assert row["conf_low"] - ERROR <= difference <= row["conf_high"] + ERROR
        assert central_fisher(k1, n1, k2, n2) <= row["bound_p"] * (1 + ERROR)
        assert row["smallest_before"] <= n1
        assert row["smallest_after"] <= n2
        if after > before:
            closed = difference / (1 - k1 / n1)
            assert row["gap_closed_low"] - ERROR <= closed <= row["gap_closed_high"] + ERROR


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_the_bound_covers_the_p_value_of_the_true_counts(rng, decimals):
    for _ in range(40):
        counts = _drawn(rng, (0.3, 0.5), (5, 400))
        found = _judged(counts, decimals=decimals)
        true = central_fisher(*counts)
        if found.certificate.bound < ALPHA:
            assert true <= found.certificate.bound * (1 + ERROR)
        if true >= ALPHA:
            assert answer_of(found, ALPHA) != "decided"


@pytest.mark.parametrize("chance", [0.03, 0.3, 0.9])
def test_under_a_constant_chance_at_most_one_pair_in_twenty_is_decided(chance):
    rng = np.random.default_rng(round(100 * chance))
    assert _share_decided(rng, (chance, chance), (20, 900), draws=DRAWS) <= ALPHA


@pytest.mark.parametrize("floor", [50, 200])
def test_a_true_floor_keeps_the_rate_of_false_decisions(floor):
    rng = np.random.default_rng(floor)
    found = _share_decided(rng, (0.4, 0.4), (floor, 3 * floor), draws=DRAWS, least=floor)
    assert found <= ALPHA


@pytest.mark.parametrize(("before", "after"), [(0.17, 0.98), (0.1, 0.85), (0.9, 0.2)])
def test_a_large_true_change_of_hundreds_of_dossiers_is_decided_in_most_communes(before, after):
    # Two decimals, as the press prints them: a share is then seldom one of a few dossiers.
    rng = np.random.default_rng([round(100 * before), round(100 * after)])
    assert _share_decided(rng, (before, after), (200, 901), draws=60, decimals=2) >= 0.8


def test_a_known_floor_decides_more_of_the_true_rises():
    decided = [
        _share_decided(np.random.default_rng(7), (0.2, 0.4), (200, 500), draws=60, least=least)
        for least in (1, 200)
    ]
    assert decided[0] < decided[1]
    assert decided[1] >= 0.9


def test_decided_means_that_no_admissible_pair_is_explained_by_chance(rng):
    checked = 0
    for _ in range(40):
        k1, n1, k2, n2 = _drawn(rng, (0.1, 0.9), (20, 60))
        before, after = side(_printed(k1, n1, 0)), side(_printed(k2, n2, 0))
        if answer_of(worst_case(before, after, alpha=ALPHA), ALPHA) != "decided":
            continue
        checked += 1
        for n_before in range(1, 60, 3):
            for n_after in range(1, 60, 3):
                for low in before.interval.counts(n_before)[-1:]:
                    for high in after.interval.counts(n_after)[:1]:
                        assert central_fisher(low, n_before, high, n_after) < ALPHA
    assert checked >= 10


def test_a_higher_floor_never_turns_decided_into_decisive(rng):
    for _ in range(30):
        before, after = (str(share) for share in sorted(rng.integers(1, 100, size=2)))
        answers = [
            answer_of(
                worst_case(side(before, least=floor), side(after, least=floor), alpha=ALPHA), ALPHA
            )
            for floor in (1, 30, 300)
        ]
        if "decided" in answers:
            assert set(answers[answers.index("decided") :]) == {"decided"}
