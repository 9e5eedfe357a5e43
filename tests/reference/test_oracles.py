"""The package against numbers made outside it: R, and brute force on whole numbers and fractions.

Sources, columns and tolerances: tests/reference/oracle/README.md. Odds ratios and everything with
printed counts are compared elsewhere.

P: relative, sums of floats against exact fractions; LIMIT: relative, or NEAR_0 in absolute terms.
"""

from __future__ import annotations

import numpy as np
import pytest
from printed import oracle, shares, sides

from commune_pilots.effects.break_even import break_even_floor, floor_curve
from commune_pilots.effects.exact import (
    central_fisher,
    clustered_tail,
    minlike_fisher,
    upper_tail,
)
from commune_pilots.effects.intervals import gap_closed, newcombe, score_difference, score_ratio
from commune_pilots.effects.rounding import feasible
from commune_pilots.effects.worst_case import worst_case

P = 1e-9
LIMIT, NEAR_0 = 1e-8, 1e-9
ALPHA = 0.05
NAMES = ("k1", "n1", "k2", "n2")


def _columns(name):
    """Read a file of numbers as arrays by column."""
    rows = oracle(name)
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}


def _printed(row):
    return f"{row['before']}-{row['after']}-{row['rounding']}-{row.get('floor', row.get('alpha'))}"


def test_fishers_p_values_are_those_of_r():
    expected = _columns("fisher.csv")
    tables = [expected[name].astype(int) for name in NAMES]
    assert upper_tail(*tables) == pytest.approx(expected["greater"], rel=P)
    one_by_one = list(zip(*(column.tolist() for column in tables), strict=True))
    for found, column in ((central_fisher, "central"), (minlike_fisher, "two_sided_minlike")):
        p_values = [found(*counts) for counts in one_by_one]
        assert p_values == pytest.approx(expected[column].tolist(), rel=P), column


def test_the_clustered_tail_without_clustering_is_that_of_r():
    expected = _columns("fisher.csv")
    tables = [expected[name] for name in NAMES]
    found = clustered_tail(*tables, design_effect=1)
    assert found == pytest.approx(expected["greater"], rel=1e-8)


@pytest.mark.parametrize(
    ("column", "limits"),
    [
        ("newcombe", lambda k1, n1, k2, n2: newcombe(k1 / n1, n1, k2 / n2, n2, alpha=ALPHA)),
        ("mee", lambda *counts: score_difference(*counts, alpha=ALPHA, corrected=False)),
        ("mn", lambda *counts: score_difference(*counts, alpha=ALPHA)),
        ("rr_mn", lambda *counts: score_ratio(*counts, alpha=ALPHA)),
        ("rr_koopman", lambda *counts: score_ratio(*counts, alpha=ALPHA, corrected=False)),
        ("qq_mn", lambda *counts: [1 - end for end in gap_closed(*counts, alpha=ALPHA)[::-1]]),
        (
            "qq_koopman",
            lambda k1, n1, k2, n2: score_ratio(
                n1 - k1, n1, n2 - k2, n2, alpha=ALPHA, corrected=False
            ),
        ),
    ],
)
def test_intervals_are_those_of_r(column, limits):
    expected = _columns("intervals.csv")
    low, high = limits(*(expected[name] for name in NAMES))
    assert low == pytest.approx(expected[f"{column}_low"], rel=LIMIT, abs=NEAR_0)
    assert high == pytest.approx(expected[f"{column}_high"], rel=LIMIT, abs=NEAR_0)


@pytest.mark.parametrize("row", oracle("worst_cases.csv"), ids=_printed)
def test_the_worst_case_is_that_of_brute_force(row):
    worst = worst_case(
        *sides(row["before"], row["after"], row["rounding"], least=int(row["floor"]))
    )
    largest = float(row["p"])
    assert central_fisher(*(int(row[name]) for name in NAMES)) == pytest.approx(largest, rel=P)
    gone_through = worst.n1 <= int(row["most_before"]) and worst.n2 <= int(row["most_after"])
    assert worst.p == pytest.approx(largest, rel=P) or (not gone_through and worst.p > largest)
    assert worst.certificate.bound >= largest * (1 - P)


def _floor_sides(row):
    none_yet = row["before"] == "none yet"
    before, after = sides(None if none_yet else row["before"], row["after"], row["rounding"])
    return before, after, "before" if none_yet else "both"


@pytest.mark.parametrize("row", oracle("floors.csv"), ids=_printed)
def test_the_floor_that_suffices_is_that_of_brute_force(row):
    before, after, which = _floor_sides(row)
    found = break_even_floor(before, after, alpha=float(row["alpha"]), which=which)
    floor = int(row["floor_found"])
    assert (found.floor, found.short) == (floor, floor - 1)
    at, below = floor_curve(before, after, floors=[floor, floor - 1], which=which)
    assert at.p == pytest.approx(float(row["worst_p_at_floor"]), rel=P)
    assert below.p == pytest.approx(float(row["worst_p_below"]), rel=P)


@pytest.mark.parametrize(
    "row", oracle("feasible.csv"), ids=lambda row: f"{row['printed']}-{row['rounding']}"
)
def test_the_numbers_that_can_print_a_figure_are_those_of_brute_force(row):
    n, first, last = feasible(shares(row["printed"], row["rounding"]), least=1, most=2000)
    assert len(n) == int(row["sizes_to_2000"])
    assert n[:10].tolist() == [int(one) for one in row["first_ten_sizes"].split()]
    assert int((last - first + 1)[n <= 400].sum()) == int(row["pairs_to_400"])
