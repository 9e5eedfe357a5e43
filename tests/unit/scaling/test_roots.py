from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.scaling.roots import falling_root

SOLVED = 1e-9


def _line(root, slope=-1.0):
    return lambda point: (slope * (point - root), np.full(np.shape(point), slope))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6))
def test_each_of_many_roots_is_found(roots):
    wanted = np.array(roots)
    found = falling_root(_line(wanted), np.full(wanted.shape, -60.0), np.full(wanted.shape, 70.0))
    assert found == pytest.approx(wanted, abs=SOLVED)


@given(st.floats(0.001, 0.999))
def test_a_flat_start_does_not_lead_astray(level):
    """Far from its middle a logistic curve is so flat that Newton's step leaves the bracket."""

    def curve(point):
        share = 1 / (1 + np.exp(-point))
        return level - share, -share * (1 - share)

    found = falling_root(curve, np.asarray(-300.0), np.asarray(90.0))
    assert found == pytest.approx(np.log(level / (1 - level)), abs=1e-8)


def test_without_a_crossing_the_nearer_end_is_the_answer():
    low, high = np.array([0.0, 0.0]), np.array([1.0, 1.0])
    found = falling_root(_line(np.array([-3.0, 5.0])), low, high)
    assert found == pytest.approx([0.0, 1.0], abs=SOLVED)


def test_a_slope_of_nothing_is_no_obstacle():
    found = falling_root(
        lambda point: (1.0 - point, np.zeros(np.shape(point))), np.asarray(0.0), np.asarray(3.0)
    )
    assert found == pytest.approx(1.0, abs=SOLVED)


def test_the_start_does_not_change_the_root():
    low, high = np.asarray(-9.0), np.asarray(9.0)
    for start in (-8.9, 0.0, 8.9):
        found = falling_root(_line(2.5), low, high, start=np.asarray(start))
        assert found == pytest.approx(2.5, abs=SOLVED)
