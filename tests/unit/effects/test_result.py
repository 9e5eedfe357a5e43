from __future__ import annotations

from math import inf, isnan

import numpy as np
import pytest
from scipy import stats

from commune_pilots.effects.result import (
    COLUMNS,
    asymptotics_refused,
    effects_table,
    hotelling,
    judge,
    wald,
)

NAMES = {"estimand": "att", "method": "none", "assumptions": ("A3", "A4")}


def _judge(estimate=2.0, std_error=1.0, n_treated=20, n_comparison=40, **given):
    return judge(
        estimate=estimate, std_error=std_error, n_treated=n_treated, n_comparison=n_comparison,
        **NAMES, **given,
    )  # fmt: skip


def test_many_units_give_limits_and_p_by_the_normal_law():
    found = _judge()
    assert found.refused is None
    assert found.p_value == pytest.approx(2 * stats.norm.sf(2))
    assert (found.conf_low, found.conf_high) == pytest.approx((2 - 1.959964, 2 + 1.959964))


def test_degrees_of_freedom_give_student_s_law():
    found = _judge(df=10, small_sample=True, alpha=0.1)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2, 10))
    assert found.conf_low == pytest.approx(2 - stats.t.ppf(0.95, 10))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"n_treated": 7, "n_comparison": 100}, "few_treated"),
        ({"n_treated": 8, "n_comparison": 21}, "few_units"),
        ({"std_error": float("nan")}, "no_std_error"),
        ({"std_error": 0.0}, "no_std_error"),
        ({"df": 1.9, "small_sample": True}, "few_degrees"),
    ],
)
def test_too_little_for_a_law_gives_a_reason_and_no_p(given, reason):
    found = _judge(**given)
    assert found.refused == reason
    assert isnan(found.p_value)
    assert isnan(found.conf_low)
    assert isnan(found.conf_high)
    assert found.estimate == 2.0


def test_thirty_units_eight_of_them_treated_are_just_enough():
    assert asymptotics_refused(8, 22) is None
    assert asymptotics_refused(8, 21) == "few_units"
    assert asymptotics_refused(7, 23) == "few_treated"


def test_few_units_may_have_a_law_worked_out_for_their_design():
    assert _judge(n_treated=5, n_comparison=10, df=4.2, small_sample=True).refused is None
    assert _judge(n_treated=3, n_comparison=9, df=2, small_sample=True).refused is None


def test_effects_become_a_table_with_one_row_each():
    found = effects_table([_judge(), _judge(at=-3)])
    assert list(found.columns) == list(COLUMNS)
    assert found["assumptions"].tolist() == ["A3;A4", "A3;A4"]
    assert found["at"].isna().tolist() == [True, False]
    assert found["at"].dtype == "Int64"
    assert found["df"].tolist() == [inf, inf]


def test_no_effects_are_a_table_of_no_rows():
    assert list(effects_table([]).columns) == list(COLUMNS)


def test_a_joint_test_of_independent_estimates_adds_their_squares():
    values, covariance = np.array([1.0, -2.0]), np.diag([1.0, 4.0])
    found = wald(values, covariance, n_treated=20, n_comparison=40)
    assert (found.statistic, found.leads) == (pytest.approx(2.0), 2)
    assert found.p_value == pytest.approx(stats.chi2.sf(2.0, 2))


def test_one_estimate_with_few_degrees_is_student_s_test():
    found = hotelling(np.array([2.0]), np.array([[1.0]]), df=np.array([7.0]))
    assert found.p_value == pytest.approx(2 * stats.t.sf(2, 7))


def test_hotelling_s_test_of_one_sample_is_exact(rng):
    drawn = rng.normal(size=(2_000, 9, 4))
    p_values = []
    for sample in drawn:
        covariance = np.cov(sample, rowvar=False) / 9
        p_values.append(hotelling(sample.mean(axis=0), covariance, df=np.full(4, 8.0)).p_value)
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize(
    ("leads", "treated", "reason"), [(4, 19, "few_degrees"), (4, 20, None), (1, 7, "few_treated")]
)
def test_a_law_for_many_needs_five_treated_units_a_lead(leads, treated, reason):
    found = wald(np.ones(leads), np.eye(leads), n_treated=treated, n_comparison=90)
    assert found.refused == reason
    assert isnan(found.p_value) == (reason is not None)


def test_a_joint_test_says_why_it_has_no_p():
    none, two = np.array([]), np.array([1.0, 1.0])
    many = {"n_treated": 50, "n_comparison": 50}
    assert wald(none, np.zeros((0, 0)), **many).refused == "no_lead"
    assert wald(two, np.ones((2, 2)), **many).refused == "no_std_error"
    assert wald(two, np.full((2, 2), np.nan), **many).refused == "no_std_error"
    assert hotelling(none, np.zeros((0, 0)), df=none).refused == "no_lead"
    few = hotelling(two, np.eye(2), df=np.array([1.9, 5.0]))
    assert few.refused == "few_degrees"
    assert isnan(few.p_value)
