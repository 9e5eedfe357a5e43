from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import table
from staggered import draw, long, wide

from commune_pilots.effects.did_moments import (
    NEVER,
    cohort_errors,
    is_balanced,
    moments_of,
    refuse_undated,
    widen,
    without_opening,
)


def _panel(text):
    frame = table(text)
    return frame.assign(
        cohort=frame["cohort"].astype("Int64"), period=frame["period"].astype("Int64")
    )


SMALL = """
    unit  district  period  cohort  share
    b     d1            11      12    4.0
    b     d1            12      12    9.0
    a     d2            11       -    1.0
    a     d2            13       -    3.0
"""


def test_a_table_becomes_a_matrix_of_units_and_months():
    found = widen(_panel(SMALL))
    assert found.units.tolist() == ["a", "b"]
    assert found.districts.tolist() == ["d2", "d1"]
    assert found.cohort.tolist() == [NEVER, 1]
    assert found.first == 11
    assert found.outcome[0] == pytest.approx([1.0, np.nan, 3.0], nan_ok=True)
    assert found.outcome[1] == pytest.approx([4.0, 9.0, np.nan], nan_ok=True)
    assert found.treated.tolist() == [[False] * 3, [False, True, True]]
    assert not is_balanced(found)


def test_a_matrix_and_its_table_are_one(rng):
    panel = draw(rng, starts=[3, 5], never=4, periods=8)
    again = widen(long(panel))
    assert again.outcome == pytest.approx(panel.outcome)
    assert again.cohort.tolist() == panel.cohort.tolist()
    assert is_balanced(again)


def test_widening_leaves_the_table_as_it_was():
    panel = _panel(SMALL)
    before = panel.copy(deep=True)
    widen(panel)
    pd.testing.assert_frame_equal(panel, before)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: pd.concat([frame, frame]), "one row for each unit and period"),
        (lambda frame: frame.iloc[:0], "at least one"),
        (lambda frame: frame.assign(cohort=pd.array([12, 13, None, None], "Int64")), "cohort"),
    ],
)
def test_a_table_that_is_no_panel_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        widen(change(_panel(SMALL)))


def test_moments_are_means_and_scatter_of_each_cohort(rng):
    panel = draw(rng, starts=[3, 3, 5], never=4, periods=6)
    found = moments_of(panel)
    assert found.cohorts.tolist() == [3, 5, NEVER]
    assert found.sizes.tolist() == [2, 1, 4]
    own = panel.outcome - panel.outcome.mean(axis=1, keepdims=True)
    assert found.means[0] == pytest.approx(own[:2].mean(axis=0))
    assert found.scatter[2] == pytest.approx(3 * np.cov(own[3:], rowvar=False))
    assert found.scatter[1] == pytest.approx(np.zeros((6, 6)))
    assert (found.periods, found.ever.tolist()) == (6, [True, True, False])


def test_units_treated_after_the_last_month_stand_with_the_never_treated(rng):
    panel = draw(rng, starts=[3, 9], never=2, periods=6)
    assert moments_of(panel).sizes.tolist() == [1, 3]


def test_moments_leave_the_outcomes_as_they_were(rng):
    panel = draw(rng, starts=[3], never=2, periods=6)
    before = panel.outcome.copy()
    moments_of(panel)
    assert (panel.outcome == before).all()


def test_a_gap_is_refused_for_closed_forms():
    with pytest.raises(ValueError, match="not balanced"):
        moments_of(widen(_panel(SMALL)))


def test_units_treated_from_the_first_month_are_refused_by_name():
    with pytest.raises(ValueError, match="u0001"):
        refuse_undated(wide(np.ones((3, 4)), [2, 0, NEVER]))


def test_a_panel_without_treatment_is_refused():
    with pytest.raises(ValueError, match="nobody is treated"):
        refuse_undated(wide(np.ones((2, 4)), [NEVER, 4]))


def test_sums_of_loadings_have_the_variance_and_degrees_of_two_samples(rng):
    panel = draw(rng, starts=[2] * 5, never=12, periods=4)
    moments = moments_of(panel)
    loadings = np.array([[[0, -1, 1, 0], [0, 1, -1, 0]]]) / moments.sizes[None, :, None]
    errors, df = cohort_errors(loadings, moments)
    moved = panel.outcome[:, 2] - panel.outcome[:, 1]
    variance = moved[:5].var(ddof=1) / 5 + moved[5:].var(ddof=1) / 12
    assert errors[0] == pytest.approx(np.sqrt(variance))
    assert df[0] == pytest.approx((1 / 5 + 1 / 12) ** 2 / (1 / 25 / 4 + 1 / 144 / 11))


def test_a_sum_with_a_cohort_of_one_unit_has_no_error_and_others_do(rng):
    moments = moments_of(draw(rng, starts=[2, 3, 3], never=5, periods=5))
    loadings = np.zeros((2, 3, 5))
    loadings[0, 0, 1], loadings[1, 1, 1] = 1.0, 1.0
    errors, df = cohort_errors(loadings, moments)
    assert np.isnan([errors[0], df[0]]).all()
    assert errors[1] > 0
    assert df[1] == pytest.approx(1.0)


def test_opening_months_are_taken_out_before_the_start_only():
    found = without_opening(wide(np.ones((2, 5)), [3, NEVER]), anticipation=2)
    assert np.isnan(found.outcome).tolist() == [[False, True, True, False, False], [False] * 5]
