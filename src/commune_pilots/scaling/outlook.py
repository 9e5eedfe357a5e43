"""The fan of a roll-out scenario: the online share to be expected, month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from commune_pilots import schemas
from commune_pilots.scaling.gain import Gain, log_odds
from commune_pilots.scenario import Scenario

QUANTILES = {
    "low_95": 0.025,
    "low_80": 0.1,
    "low_50": 0.25,
    "expected": 0.5,
    "high_50": 0.75,
    "high_80": 0.9,
    "high_95": 0.975,
}
"""The columns of table outlook and the quantile that each holds."""


def outlook(stages: pd.DataFrame, scenario: Scenario, *, gain: Gain | None) -> pd.DataFrame:
    """Project the online share of all candidates together, month 0 to the last stage's end.

    Per cent, equal numbers of dossiers a commune (table outlook). Not started: the baseline, and a
    trend of constant log-odds that rises by `trend_per_month` points where it begins. Started: the
    same plus one change in log-odds, normal as `gain.log_odds` says, at once and for good. All
    communes share one draw: what the pilots leave unknown is common to them, so differences do not
    cancel and the bands are the wide ones. `expected` is the middle of the fan (its median). Bands
    are exact: the share rises with the draw, so its quantiles are those of the draw.

    Empty where baseline or trend is unknown, no candidate takes part or the gain has no
    distribution: a fan would be invented. Assumes A10 and A11. Source: docs/methods.md, M9.
    """
    communes = stages["candidates"].to_numpy(dtype=float)
    share = scenario.baseline_share
    change = None if gain is None or share is None else log_odds(gain, share=share)
    trend = scenario.trend_per_month
    if share is None or trend is None or change is None or communes.sum() == 0:
        return schemas.empty("outlook")
    months = np.arange(scenario.stages * scenario.stage_months + 1)
    first = stages["first_month"].to_numpy(dtype=int)
    started = (months[:, None] >= first) @ communes
    draws = change[0] + change[1] * np.asarray(norm.ppf(list(QUANTILES.values())))
    shares = expected_share(
        months,
        started / communes.sum(),
        baseline=share,
        trend=trend,
        changes=draws,
    )
    rows = [
        {"month": month, "started": int(begun), **dict(zip(QUANTILES, fan, strict=True))}
        for month, begun, fan in zip(months, started, shares, strict=True)
    ]
    return schemas.build(rows, "outlook")


def expected_share(
    months: NDArray[np.int64],
    started: NDArray[np.float64],
    *,
    baseline: float,
    trend: float,
    changes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of all communes together, per cent: a row a month, a column a change in log-odds.

    `started` is the part of the communes that has started by each month, 0..1.
    """
    slope = trend / 100 / (baseline / 100 * (1 - baseline / 100))
    level = logit(baseline / 100) + slope * np.asarray(months)[:, None]
    part = np.asarray(started)[:, None]
    mixed = (1 - part) * expit(level) + part * expit(level + np.asarray(changes))
    return np.clip(100 * mixed, 0, 100)
