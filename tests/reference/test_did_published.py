"""Difference-in-differences against published numbers and against R.

mpdta: county teen employment and minimum wages, 500 counties, 2003-2007 (Callaway & Sant'Anna 2021;
data set of the R package did). Its counties are not here: every number below depends on them only
through size, means and scatter of each cohort, which are typed in; counties cannot be told from
them. ATT(g, t) to four decimals and the p-value of the pre-test: R did 2.5.1, as its reference
prints them. Aggregates with analytic errors: diff-diff, differences and moderndid agree on seven
decimals. Not-yet-treated and imputation values: diff-diff 3.13.0 on the counties. CR2: R 4.2.2,
clubSandwich 0.5.8, coef_test(lm of unit-demeaned columns, vcovCR(type = "CR2"), "Satterthwaite");
CR1: type "CR1S"; of the counties CRV1 of pyfixest 0.60.0, which counts the constant as Stata does.

Castle doctrine: log homicides of 50 states, 2000-2010 (Cheng & Hoekstra 2013; data of Cunningham
2021, whose decomposition prints 0.069 for two-way fixed effects), cohort means typed in; the other
estimates are those of diff-diff 3.13.0 on the states.

Two samples: Imbens & Kolesar 2016, doi 10.1162/REST_a_00552, have 3 treated of 30 and 2.5 degrees
of freedom, (n + m)^2 (n - 1)(m - 1) / (n^2 (n - 1) + m^2 (m - 1)).

PRINTED: as many decimals as printed. AGGREGATE: seven printed decimals. SAME: one fit by two
programs, from numbers typed with ten digits.
"""

from __future__ import annotations

import numpy as np
import pytest

from commune_pilots.effects.clustered import clusters_of, robust
from commune_pilots.effects.did_group_time import (
    aggregate,
    group_time,
    group_time_effects,
    pre_trend,
)
from commune_pilots.effects.did_imputation import imputation
from commune_pilots.effects.did_moments import NEVER, Moments
from commune_pilots.effects.did_regression import event_study, two_way

PRINTED, AGGREGATE, SAME = 5.1e-5, 1e-6, 1e-8
SIZES = (20, 40, 131, 309)
MEANS = [
    [0.0881358683953, 0.0150025978164, -0.0321088784537, -0.0648566109393, -0.00617297681883],
    [0.0299347841463, -0.0261751277874, -0.0161175109258, 0.013375730422, -0.00101787585497],
    [0.0192125083003, -0.0129108604744, -0.00282831774838, 0.000172411162607, -0.00364574124017],
    [0.0243365671355, -0.0382934572224, -0.0254850216103, 0.00860282669037, 0.0308390850068],
]
SCATTER = [  # upper triangles, row by row
    [
        0.1495513046, 0.04839324182, -0.06242161467, -0.09257775863, -0.04294517315, 0.1251865083,
        -0.033362964, -0.03976883778, -0.1004479483, 0.06640632352, 0.0289733822, 0.0004048729552,
        0.1108948285, -0.007521614252, 0.1505098628,
    ],
    [
        0.7223389427, 0.1011024677, -0.2425174409, -0.2663622875, -0.3145616819, 0.1973179433,
        -0.05284248275, -0.08295438457, -0.1626235437, 0.1914566826, 0.05398658897, 0.04991665208,
        0.2135131997, 0.08181688336, 0.3454516902,
    ],
    [
        2.467585717, 0.8286654726, -0.4661680539, -1.216685882, -1.613397254, 1.425404211,
        -0.3128965095, -0.8470260477, -1.094147126, 1.300745427, -0.1324065542, -0.3892743092,
        1.694711285, 0.5014071985, 2.595411491,
    ],
    [
        6.787618306, 0.9383220153, -0.1448719325, -3.771128874, -3.809939515, 4.22964805,
        0.2257472714, -2.775707778, -2.618009559, 3.239706216, -1.538251582, -1.782329973,
        6.060426272, 2.024661962, 6.185617085,
    ],
]  # fmt: skip
CASTLE_SIZES = (1, 13, 4, 2, 1, 29)  # states from 2006, 2007, ... 2010 on, and never
CASTLE = [
    [
        1.75629, 1.69746, 1.71965, 1.71563, 1.71702, 1.62528, 1.83115, 1.89796,
        1.86087, 1.71937, 1.66493,
    ],
    [
        1.78685, 1.78979, 1.75514, 1.80674, 1.80250, 1.77540, 1.86999, 1.91120,
        1.80486, 1.73680, 1.67168,
    ],
    [
        1.30703, 1.48396, 1.35393, 1.46755, 1.44322, 1.62246, 1.44727, 1.58159,
        1.36398, 1.56426, 1.42766,
    ],
    [
        1.14395, 1.11408, 1.36501, 1.48585, 1.42894, 1.59888, 1.52642, 1.41183,
        1.43883, 1.52768, 1.31448,
    ],
    [
        0.82390, 1.35202, 0.59264, 1.21234, 1.20186, 0.68138, 1.28074, 0.88756,
        1.23840, 1.20788, 0.97188,
    ],
    [
        1.23806, 1.23857, 1.24366, 1.25355, 1.25435, 1.28288, 1.26949, 1.25840,
        1.24859, 1.11544, 1.09032,
    ],
]  # fmt: skip


@pytest.fixture(scope="module")
def counties():
    scatter = np.zeros((4, 5, 5))
    for cohort, upper in zip(scatter, SCATTER, strict=True):
        cohort[np.triu_indices(5)] = upper
    scatter += np.triu(scatter, 1).transpose(0, 2, 1)
    return Moments(
        cohorts=np.array([1, 3, 4, NEVER]), sizes=np.array(SIZES), means=np.array(MEANS),
        scatter=scatter, first=2003,
    )  # fmt: skip


@pytest.fixture(scope="module")
def states():
    means = np.array(CASTLE)
    return Moments(
        cohorts=np.array([6, 7, 8, 9, 10, NEVER]), sizes=np.array(CASTLE_SIZES), first=2000,
        means=means - means.mean(axis=1, keepdims=True), scatter=np.zeros((6, 11, 11)),
    )  # fmt: skip


def _pairs(effects):
    return [(one.estimate, one.std_error) for one in effects]


def test_all_twelve_group_time_effects_of_minimum_wages_are_the_published_ones(counties):
    found = group_time_effects(group_time(counties, comparison="never_treated"))
    told = {(one.estimand, one.at): one.estimate for one in found}
    published = {
        2004: [-0.0105, -0.0704, -0.1373, -0.1008],
        2006: [0.0065, -0.0028, -0.0046, -0.0412],
        2007: [0.0305, -0.0027, -0.0311, -0.0261],
    }
    assert told == {
        (f"att_cohort_{cohort}", year): pytest.approx(value, abs=PRINTED)
        for cohort, values in published.items()
        for year, value in zip(range(2004, 2008), values, strict=True)
    }


@pytest.mark.parametrize(
    ("over", "estimate", "error"),
    [
        ("simple", -0.0399513, 0.0120340),
        ("event_time", -0.0772398, 0.0199650),
        ("cohort", -0.031018, 0.012446),
    ],
)
def test_aggregates_and_their_errors_are_the_published_ones(counties, over, estimate, error):
    overall = aggregate(
        group_time(counties, comparison="never_treated"), over=over, law="influence"
    )[0]
    assert overall.estimate == pytest.approx(estimate, abs=AGGREGATE)
    assert overall.std_error == pytest.approx(error, abs=AGGREGATE)
    assert (overall.n_treated, overall.n_comparison) == (191, 309)


def test_the_mean_over_calendar_years_is_the_published_one(counties):
    overall = aggregate(group_time(counties, comparison="never_treated"), over="period")[0]
    assert overall.estimate == pytest.approx(-0.0417, abs=PRINTED)


def test_the_test_before_treatment_has_the_published_p_value(counties):
    test = pre_trend(group_time(counties, comparison="never_treated"), law="influence")
    assert (test.leads, test.refused) == (5, None)
    assert test.p_value == pytest.approx(0.16812, abs=PRINTED)


def test_errors_of_event_times_carry_the_estimated_shares_of_cohorts(counties):
    found = aggregate(
        group_time(counties, comparison="never_treated"), over="event_time", law="influence"
    )
    assert {one.at: (one.estimate, one.std_error) for one in found[1:]} == {
        -3: pytest.approx((0.03050665558, 0.01503356028), abs=SAME),
        -2: pytest.approx((-0.00056308463, 0.01329164474), abs=SAME),
        -1: pytest.approx((-0.02445874497, 0.01423640221), abs=SAME),
        0: pytest.approx((-0.01993181679, 0.01182636406), abs=SAME),
        1: pytest.approx((-0.05095736707, 0.01689347627), abs=SAME),
        2: pytest.approx((-0.13725873889, 0.03643566429), abs=SAME),
        3: pytest.approx((-0.10081136308, 0.03435922583), abs=SAME),
    }


def test_counties_not_yet_treated_as_comparison_give_the_library_s_numbers(counties):
    found = group_time(counties, comparison="not_yet_treated")
    overall = aggregate(found, over="simple", law="influence")[0]
    assert (overall.estimate, overall.std_error) == pytest.approx(
        (-0.03976362562, 0.01205242479), abs=SAME
    )
    assert _pairs(group_time_effects(found, law="influence"))[4:8] == [
        pytest.approx((-0.00256255094, 0.02253023515), abs=SAME),
        pytest.approx((-0.00193924610, 0.01904215861), abs=SAME),
        pytest.approx((0.00466087632, 0.01633558425), abs=SAME),
        pytest.approx((-0.04122447155, 0.02022918070), abs=SAME),
    ]


def test_imputation_gives_the_published_effect_and_the_library_s_errors(counties):
    overall, *by_time = imputation(counties, law="influence")
    assert overall.estimate == pytest.approx(-0.0477099, abs=AGGREGATE)
    assert overall.std_error == pytest.approx(0.01322248865, abs=SAME)
    assert _pairs(by_time) == [
        pytest.approx((-0.03106692719, 0.01357724975), abs=SAME),
        pytest.approx((-0.05223485675, 0.01881242682), abs=SAME),
        pytest.approx((-0.13607811444, 0.03534197213), abs=SAME),
        pytest.approx((-0.10470747158, 0.03376585336), abs=SAME),
    ]


@pytest.mark.parametrize(
    ("kind", "error", "df"),
    [("CR1", 0.0132651554293, 499.0), ("CR2", 0.0132704299803, 279.8262200965)],
)
def test_the_two_way_coefficient_has_the_errors_of_pyfixest_and_of_r(counties, kind, error, df):
    effect = two_way(counties, kind=kind).effect
    assert effect.estimate == pytest.approx(-0.03654893667, abs=SAME)
    assert effect.std_error == pytest.approx(error, abs=SAME)
    assert effect.df == pytest.approx(df, rel=SAME)


def test_an_event_study_has_the_errors_and_degrees_of_freedom_of_r(counties):
    effects = event_study(counties).effects
    published = {
        -4: (0.003549327, 0.022824581, 267.538381),
        -3: (0.024623502, 0.017675485, 254.545288),
        -2: (0.023354815, 0.013431801, 216.322462),
        0: (-0.018143927, 0.010978406, 226.401904),
        1: (-0.043472373, 0.017646026, 82.675749),
        2: (-0.131794858, 0.029290764, 23.519874),
        3: (-0.092246794, 0.032844176, 25.998105),
    }
    for one in effects:
        estimate, error, df = published[one.at]
        assert (one.estimate, one.std_error) == pytest.approx((estimate, error), abs=SAME)
        assert one.df == pytest.approx(df, abs=1e-5)
    assert len(effects) == len(published)


def test_castle_doctrine_by_two_way_effects_is_the_printed_number(states):
    found = two_way(states, kind="CR1")
    assert found.effect.estimate == pytest.approx(0.069, abs=5.1e-4)
    assert found.negative_weight == 0


def test_castle_doctrine_by_group_time_and_imputation_is_the_library_s(states):
    simple = aggregate(group_time(states, comparison="never_treated"), over="simple")[0]
    assert simple.estimate == pytest.approx(0.0194028, abs=PRINTED)
    assert imputation(states)[0].estimate == pytest.approx(0.0668998, abs=PRINTED)
    assert simple.refused == "no_std_error"  # a cohort of one state


def test_small_clusters_of_unequal_size_have_the_errors_of_r():
    cluster = np.repeat(np.arange(7), (3, 3, 2, 3, 3, 3, 3))
    time = np.array([1, 2, 3, 1, 2, 3, 1, 2, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
    filed = np.array(
        [
            12.1, 18.4, 21.0, 9.7, 14.9, 13.2, 22.4, 25.8, 31.0, 28.7,
            35.5, 15.2, 19.9, 24.3, 41.3, 47.7, 52.9, 8.8, 9.1, 15.6,
        ]
    )  # fmt: skip
    treated = np.isin(np.arange(20), (1, 2, 5, 15, 16))
    columns = np.column_stack([time == 2, time == 3, treated, filed]).astype(float)
    for own in np.unique(cluster):
        columns[cluster == own] -= columns[cluster == own].mean(axis=0)
    design, y = columns[:, :3], columns[:, 3]
    fit = np.linalg.solve(design.T @ design, design.T @ y)
    assert fit == pytest.approx([3.28, 7.15, 0.52], abs=SAME)
    clusters = clusters_of(design, y - design @ fit, cluster)
    stata = robust(clusters, contrasts=np.eye(3), kind="CR1")
    assert np.sqrt(np.diag(stata.covariance)) == pytest.approx(
        [1.6178157187, 1.0180701750, 2.7939700623], abs=SAME
    )
    corrected = robust(clusters, contrasts=np.eye(3), kind="CR2")
    assert np.sqrt(np.diag(corrected.covariance)) == pytest.approx(
        [1.6919329287, 1.0378018907, 3.1620077527], abs=SAME
    )
    assert corrected.df == pytest.approx([4.4030299250, 3.9188171322, 3.8381141119], abs=SAME)


def test_three_treated_of_thirty_have_the_published_degrees_of_freedom(rng):
    treated = np.arange(30) < 3
    design = np.column_stack([np.ones(30), treated]).astype(float)
    y = rng.normal(size=30)
    residuals = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    clusters = clusters_of(design, residuals, np.arange(30))
    found = robust(clusters, contrasts=np.array([[0.0, 1.0]]), kind="CR2")
    assert found.df[0] == pytest.approx(2.5, abs=0.051)
    by_hand = y[treated].var(ddof=1) / 3 + y[~treated].var(ddof=1) / 27
    assert found.covariance[0, 0] == pytest.approx(by_hand, rel=1e-12)
