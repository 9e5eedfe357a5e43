"""An interrupted series: what is refused, what is found again, what stays out."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from commune_pilots.effects.correlated import Errors
from commune_pilots.effects.interrupted import (
    add_up,
    interrupt,
    interruption_refusal,
    placebo_starts,
    rank_among,
)

FIRST = 12 * 2021
MONTHS = FIRST + np.arange(48)
START = FIRST + 30
EXACT = 0.02  # points: shares of so many dossiers, to the nearest whole
ERRORS = get_args(Errors)


def _share(months, *, level=0.5, slope=0.3, event=None, step=0.0, season=0.1):
    since = (months - FIRST) / 12
    value = logit(0.3) + 0.1 * since + season * np.sin(2 * np.pi * months / 12)
    value = value + (months >= START) * (level + slope * (months - START) / 12)
    return expit(value + (0 if event is None else step * (months >= event)))


def _counts(share, n=1_000_000):
    return np.round(share * n), np.full(len(share), float(n))


def _noisy(seed=3, **truth):
    rng = np.random.default_rng(seed)
    n = rng.integers(150, 250, len(MONTHS))
    share = expit(logit(_share(MONTHS, **truth)) + rng.normal(0, 0.1, len(MONTHS)))
    return rng.binomial(n, share).astype(float), n.astype(float)


def _points(horizon, **truth):
    month = np.array([START + horizon])
    without = {**truth, "level": 0.0, "slope": 0.0}
    return float(100 * (_share(month, **truth) - _share(month, **without))[0])


@pytest.mark.parametrize("errors", ERRORS)
def test_level_slope_and_horizon_are_found_again_without_chance(errors):
    found = interrupt(
        MONTHS, *_counts(_share(MONTHS)), start=START, horizon=12, alpha=0.05, errors=errors
    )
    assert found.level.estimate == pytest.approx(_points(0), abs=EXACT)
    assert found.at_horizon.estimate == pytest.approx(_points(12), abs=EXACT)
    assert found.slope.estimate == pytest.approx(0.3, abs=0.001)
    assert found.level.conf_low < found.level.estimate < found.level.conf_high
    assert (found.errors, found.months_before, found.months_after) == (errors, 30, 18)
    assert found.season


def test_a_known_event_is_not_counted_as_the_start():
    k, n = _counts(_share(MONTHS, level=0.0, slope=0.0, event=FIRST + 20, step=0.4))
    asked = {"start": START, "horizon": 6, "alpha": 0.05}
    told = interrupt(MONTHS, k, n, events=[FIRST + 20], **asked)
    untold = interrupt(MONTHS, k, n, **asked)
    assert told.at_horizon.estimate == pytest.approx(0, abs=EXACT)
    assert told.events == 1
    assert abs(untold.at_horizon.estimate) > 2


def test_nothing_before_or_after_moves_when_nothing_begins():
    found = interrupt(MONTHS, *_noisy(level=0.0, slope=0.0), start=START, horizon=12, alpha=0.05)
    assert found.at_horizon.conf_low < 0 < found.at_horizon.conf_high
    assert found.at_horizon.p_value > 0.05


def test_interval_and_p_value_agree():
    k, n = _noisy(level=0.3, slope=0.0)
    asked = {"start": START, "horizon": 6}
    p = interrupt(MONTHS, k, n, alpha=0.05, **asked).at_horizon.p_value
    touching = interrupt(MONTHS, k, n, alpha=p, **asked).at_horizon
    assert min(abs(touching.conf_low), abs(touching.conf_high)) == pytest.approx(0, abs=1e-3)


def test_the_further_ahead_the_less_is_known():
    k, n = _noisy()
    near, far = (
        interrupt(MONTHS, k, n, start=START, horizon=horizon, alpha=0.05).at_horizon
        for horizon in (4, 17)
    )
    assert far.std_error > near.std_error


def test_newey_west_is_the_narrowest_in_a_short_series_and_so_not_the_default():
    k, n = _noisy()
    errors = {
        name: interrupt(
            MONTHS, k, n, start=START, horizon=12, alpha=0.05, errors=name
        ).at_horizon.std_error
        for name in ERRORS
    }
    assert errors["newey_west"] < errors["independent"] < errors["autoregressive"]
    plain = interrupt(MONTHS, k, n, start=START, horizon=12, alpha=0.05)
    assert plain.at_horizon.std_error == errors["autoregressive"]


def test_counts_are_left_as_they_were():
    k, n = _noisy()
    kept = k.copy(), n.copy(), MONTHS.copy()
    interrupt(MONTHS, k, n, start=START, horizon=6, alpha=0.05)
    assert all((one == other).all() for one, other in zip(kept, (k, n, MONTHS), strict=True))


@pytest.mark.parametrize(
    ("start", "horizon", "events", "answer"),
    [
        (START, 12, [], None),
        (START, 12, [FIRST + 20], None),
        (FIRST + 11, 12, [], "too_few_months"),
        (FIRST + 43, 1, [], "too_few_months_after"),
        (START, 18, [], "too_few_months_after"),
        (START, 12, [START], "not_separable"),
        (START, 12, [FIRST], "not_separable"),
        (START, 12, [FIRST + 90], "not_separable"),
    ],
)
def test_a_series_is_refused_with_a_reason(start, horizon, events, answer):
    k, n = _noisy()
    asked = {"start": start, "horizon": horizon, "events": events}
    assert interruption_refusal(MONTHS, k, n, **asked) == answer


def test_each_coefficient_needs_ten_dossiers_of_each_kind():
    n = np.full(48, 100.0)
    for filed, answer in ((60, None), (59, "too_few_dossiers")):
        k = np.array([filed] + [0] * 47, dtype=float)
        for counts in (k, n - k):
            assert interruption_refusal(MONTHS, counts, n, start=START, horizon=6) == answer


# Pretended starts


def test_pretended_starts_lie_before_the_true_one_and_know_nothing_of_it():
    found = [
        placebo_starts(MONTHS, *_counts(share), start=START, horizon=5, alpha=0.05)
        for share in (_share(MONTHS), _share(MONTHS, level=2.0, slope=1.0))
    ]
    assert found[0]["month"].tolist() == list(range(FIRST + 12, FIRST + 25))
    pd.testing.assert_frame_equal(*found)
    assert found[0]["estimate"].abs().max() < EXACT


def test_an_event_before_the_start_keeps_its_step_among_pretended_starts():
    k, n = _counts(_share(MONTHS, level=0.0, slope=0.0, event=FIRST + 20, step=0.4))
    asked = {"start": START, "horizon": 5, "alpha": 0.05}
    told = placebo_starts(MONTHS, k, n, events=[FIRST + 20], **asked).set_index("month")
    untold = placebo_starts(MONTHS, k, n, **asked)
    assert told["estimate"].drop(FIRST + 20).abs().max() < EXACT
    assert untold["estimate"].abs().max() > 1


def test_too_few_months_before_leave_no_pretended_start():
    k, n = _noisy()
    found = placebo_starts(MONTHS, k, n, start=FIRST + 13, horizon=5, alpha=0.05)
    assert found.empty
    assert list(found.columns) == ["month", "estimate", "conf_low", "conf_high", "p_value"]


def test_an_estimate_beyond_all_pretended_ones_has_the_smallest_p_value():
    k, n = _noisy(level=2.0)
    placebos = placebo_starts(MONTHS, k, n, start=START, horizon=5, alpha=0.05)
    found = interrupt(MONTHS, k, n, start=START, horizon=5, alpha=0.05)
    assert rank_among(found, placebos) == pytest.approx((1 / 14, 1 / 14))
    small = interrupt(MONTHS, *_noisy(level=0.0, slope=0.0), start=START, horizon=5, alpha=0.05)
    assert rank_among(small, placebos)[0] > 1 / 14


# Communes added up


def _panel(rows):
    return pd.DataFrame(rows, columns=["unit", "period_start", "numerator", "denominator"]).astype(
        {"period_start": "datetime64[us]", "numerator": "Int64", "denominator": "Int64"}
    )


def test_communes_that_report_every_month_are_added_up_and_others_named():
    panel = _panel(
        [
            ["a", "2021-02-01", 3, 10], ["a", "2021-01-01", 1, 10],
            ["b", "2021-01-01", 5, 20], ["b", "2021-02-01", 5, 30],
            ["c", "2021-01-01", 9, 90], ["d", "2021-01-01", 9, 90], ["d", "2021-02-01", None, 90],
        ]
    )  # fmt: skip
    before = panel.copy()
    months, k, n, left_out = add_up(panel)
    assert months.tolist() == [FIRST, FIRST + 1]
    assert (k.tolist(), n.tolist()) == ([6.0, 8.0], [30.0, 40.0])
    assert left_out == ["c", "d"]
    pd.testing.assert_frame_equal(panel, before)
