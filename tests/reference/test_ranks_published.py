"""Composite ranks, winners that fall back, and raking, against numbers printed elsewhere.

Sources: expected normal order statistics as tabulated by Harter 1961 (Biometrika 48, table 1), five
decimals; Galton 1886, "Regression towards mediocrity in hereditary stature": mean 68 1/4 inches,
ratio 2 to 3. The table raked is that of Smith 1976 (schooling by attitude to legal abortion,
United States 1972), as quoted by Agresti 2002, p. 345, with margins of 100; the raking itself is
done again here by Deming & Stephan's steps. Distances: Gower 1971, his similarity, by hand.

PRINTED: half of the last digit printed. RAKED: what iterating leaves.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from drawn import table

from commune_pilots.scaling.candidates import project
from commune_pilots.scaling.composite import (
    fall_of_winners,
    normal_order_statistic,
    rank_robustness,
    regression_to_mean,
)
from commune_pilots.scaling.reweighting import reweight

PRINTED, RAKED = 0.5e-5, 1e-7
HARTER = {  # number of units: the largest, the next, and so on
    2: [0.56419],
    3: [0.84628, 0.0],
    4: [1.02938, 0.29701],
    5: [1.16296, 0.49502, 0.0],
    10: [1.53875, 1.00136, 0.65606, 0.37576, 0.12267],
    20: [1.86748, 1.40760, 1.13095],
    100: [2.50759],
}
SMITH = np.array([[209, 101, 237], [151, 126, 426], [16, 21, 138]])


@pytest.mark.parametrize(("of", "largest"), HARTER.items())
def test_normal_order_statistics_are_those_of_the_table(of, largest):
    found = [normal_order_statistic(of - below, of) for below in range(len(largest))]
    assert found == pytest.approx(largest, abs=PRINTED)


def test_the_fall_of_the_best_two_of_ten_from_the_table():
    """Means of the two largest of ten: (1.53875 + 1.00136)/2 deviations, a quarter of it chance."""
    expected = 0.25 * (1.53875 + 1.00136) / 2 * 12
    assert fall_of_winners(2, 10, reliability=0.75, sd=12) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("parents", "children"), [("72.75", "71.25"), ("65.25", "66.25")])
def test_galtons_children_stand_two_thirds_as_far_from_the_mean(parents, children):
    fall = regression_to_mean(float(parents), reliability=2 / 3, mean=68.25)
    assert Fraction(parents) - Fraction(children) == (Fraction(parents) - Fraction("68.25")) / 3
    assert fall == pytest.approx(float(parents) - float(children), abs=1e-9)


def _raked(counts):
    """Fit rows, then columns, until both have their margins (Deming & Stephan 1940)."""
    fitted = counts.astype(float)
    for _ in range(400):
        fitted *= (100 / fitted.sum(axis=1))[:, None]
        fitted *= 100 / fitted.sum(axis=0)
    return fitted


def test_weights_of_least_entropy_rake_a_table():
    rows, columns = (np.repeat(at.ravel(), SMITH.ravel()) for at in np.indices(SMITH.shape))
    names = [f"{side}{at}" for side in "rc" for at in (1, 2)]
    people = pd.DataFrame(
        np.column_stack([side == at for side in (rows, columns) for at in (1, 2)]).astype(float),
        columns=names,
    )
    target = pd.DataFrame([[1 / 3] * 4], columns=names)
    found = reweight(people, target, covariates=names)
    fitted = np.zeros(SMITH.shape)
    np.add.at(fitted, (rows, columns), 300 * np.array(found.weights))
    assert found.outcome == "weighted"
    assert fitted == pytest.approx(_raked(SMITH), abs=100 * RAKED)
    assert fitted.round(1)[:, 0].tolist() == [49.4, 32.8, 17.8]


def test_gowers_distance_by_hand():
    """Two numbers over their ranges and one kind: 1 - (1 - 5/20 + 1 - 3/12 + 0)/3 = 1/2."""
    candidates = table(
        """
        candidate  name  type    formers  area_km2  population
        1          A     xã      00001    10        3
        2          B     phường  00002    15        6
        3          C     xã      00003    30        15
        """,
        of="candidates",
        source="s",
        province="80",
        former_province="80",
    )
    pilots = table("unit programme opened_precision arm source\n 00001 p year pilot s", of="pilots")
    found = project(candidates, pilots).set_index("candidate")["distance"]
    assert found["2"] == pytest.approx(1 - (1 - 5 / 20 + 1 - 3 / 12 + 0) / 3, abs=1e-12)
    assert found["3"] == pytest.approx(1 - (0 + 0 + 1) / 3, abs=1e-12)


def test_two_indicators_as_lines_over_the_weight():
    """Every change of order lies where two lines cross: exact, against the bounds of the ranks.

    Scores over the weight w of the first: a + w (b - a). Between crossings no rank changes, so
    ranks at the crossings and midway give the whole range within the band.
    """
    scores = pd.DataFrame(
        {"first": [81.0, 64.0, 70.0, 52.0, 77.0], "second": [35.0, 66.0, 58.0, 83.0, 41.0]},
        index=["01", "02", "03", "04", "05"],
    )
    low, high = Fraction(3, 8), Fraction(5, 8)  # 1 +- 1/4 over the sum of both
    first, second = (scores[name].map(Fraction) for name in scores)
    crossings = set()
    for i in scores.index:
        for j in scores.index:
            slope = (first[i] - second[i]) - (first[j] - second[j])
            if slope:
                crossings.add((second[j] - second[i]) / slope)
    cuts = [low, *sorted(at for at in crossings if low < at < high), high]
    weights = [*cuts, *((one + two) / 2 for one, two in pairwise(cuts))]
    ranks = {
        unit: [
            1
            + sum(
                _at(first, second, w, other) > _at(first, second, w, unit) for other in scores.index
            )
            for w in weights
        ]
        for unit in scores.index
    }
    found = rank_robustness(
        scores, {"first": 1.0, "second": 1.0}, definitions=["d"], seed=1, draws=4000
    ).set_index("unit")
    for unit, seen in ranks.items():
        row = found.loc[unit]
        assert row["best_bound"] <= min(seen) <= row["best_drawn"]
        assert row["worst_drawn"] <= max(seen) <= row["worst_bound"]
    leaders = {
        unit
        for unit in scores.index
        if any(
            all(
                _at(first, second, w, unit) >= _at(first, second, w, other)
                for other in scores.index
            )
            for w in [Fraction(0), Fraction(1), *(at for at in crossings if 0 <= at <= 1)]
        )
    }
    assert set(found.index[found["can_lead"]]) == leaders


def _at(first, second, weight, unit):
    return second[unit] + weight * (first[unit] - second[unit])
