from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.scaling.extremes import extremes

SIGNS = np.array([-1.0, 1.0])
NEAR = 1e-3


def _both(function, low, high, starts=None):
    """Search the least and the largest value of one function."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    begin = np.full((1, 1, low.size), 0.5) if starts is None else starts
    return extremes(lambda points: function(points), low, high, SIGNS, begin).tolist()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=4))
def test_a_sum_is_least_and_largest_at_corners(slopes):
    slopes = np.array(slopes)
    ends = -np.ones(slopes.size), 2 * np.ones(slopes.size)
    found = _both(lambda points: points @ slopes, *ends)
    up, down = slopes.clip(min=0).sum(), slopes.clip(max=0).sum()
    assert found == pytest.approx([2 * down - up, 2 * up - down])


def test_an_extreme_inside_is_found():
    def hill(points):
        return -((points - 0.3) ** 2).sum(axis=-1)

    assert _both(hill, [0, 0, 0], [1, 1, 1]) == pytest.approx([-3 * 0.49, 0.0], abs=NEAR)


def test_coordinates_known_exactly_stay():
    found = _both(lambda points: points.sum(axis=-1), [1, 7], [2, 7])
    assert found == [8, 9]


def test_a_box_of_one_point_gives_its_value_twice():
    assert _both(lambda points: points.prod(axis=-1), [3, 5], [3, 5]) == [15, 15]


def test_each_group_of_starts_is_followed():
    """Two hills, the higher one narrow: a start near it finds what the centre does not."""

    def hills(points):
        x = points[..., 0]
        return np.exp(-(((x - 0.5) / 0.3) ** 2)) + 2 * np.exp(-(((x - 0.93) / 0.01) ** 2))

    centre = np.full((1, 1, 1), 0.5)
    beside = np.concatenate([centre, np.full((1, 1, 1), 0.93)])
    assert _both(hills, [0], [1], centre)[1] < 1.5
    assert _both(hills, [0], [1], beside)[1] == pytest.approx(2 + np.exp(-((0.43 / 0.3) ** 2)))


def test_nothing_is_ever_minus_nothing():
    found = _both(lambda points: 0 * points.sum(axis=-1), [0, 0], [1, 1])
    assert [np.signbit(value) for value in found] == [False, False]
