"""Who was piloted: how pilot and comparison units differed before any of them started."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from commune_pilots.effects.trend import YEAR

COLUMNS = (
    "covariate", "n_treated", "n_comparison", "mean_treated", "mean_comparison", "difference",
    "standardised", "by_chance", "variance_ratio",
)  # fmt: skip
LEAST_MONTHS = 2


def before_treatment(panel: pd.DataFrame) -> pd.DataFrame:
    """Describe each unit in the months before the first start in the panel, the same for all.

    `panel` as `clean.analysis_panel.build_panel` gives it. Returns one row a unit: unit, treated
    (ever in the panel), share_before (per cent, all dossiers together), trend_before (points a
    year, a line through the months; missing with fewer than 2), dossiers_before (a month). Missing
    months count for nothing. Raises ValueError where no unit starts, or none is seen before the
    first start.
    """
    starts = panel.loc[panel["treated"] | panel["opening"], "period"]
    if starts.empty:
        raise ValueError("nobody is treated within the panel")
    early = panel[panel["period"] < starts.min()]
    if early.empty:
        raise ValueError("no month lies before the first start")
    last = panel["period"].max()
    rows = [
        {
            "unit": unit,
            "treated": bool((own["cohort"] <= last).fillna(value=False).any()),
            "share_before": 100 * float(own["numerator"].sum()) / float(own["denominator"].sum()),
            "trend_before": _slope(own),
            "dossiers_before": float(own["denominator"].mean()),
        }
        for unit, own in early.groupby("unit", sort=True)
    ]
    return pd.DataFrame(rows)


def balance(units: pd.DataFrame, *, covariates: Sequence[str]) -> pd.DataFrame:
    """Compare treated and comparison units covariate by covariate, in standard deviations.

    `units` has `treated` and the covariates, one row a unit. `standardised` is the difference of
    means over the root of the mean of both variances; `by_chance` is its standard deviation had
    the treated been drawn by lot, the root of 1/n + 1/m: with eight pilots a third, so that the
    usual limits of 0.1 and 0.25 ask what a fair lot would not give. Missing values are left out of
    their covariate. No test and no p-value: balance is of this sample. Source: Austin 2009, doi
    10.1002/sim.3697; Imbens & Rubin 2015, chapter 14. Missing where a side has fewer than two
    units or nobody differs.
    """
    rows = []
    for name in covariates:
        values = units[name].astype("float64")
        sides = [values[units["treated"] == side].dropna() for side in (True, False)]
        (n, m), means = map(len, sides), [side.mean() for side in sides]
        variances = [side.var(ddof=1) if len(side) > 1 else np.nan for side in sides]
        spread = float(np.sqrt(np.mean(variances)))
        difference = means[0] - means[1]
        rows.append(
            {
                "covariate": name, "n_treated": n, "n_comparison": m,
                "mean_treated": means[0], "mean_comparison": means[1], "difference": difference,
                "standardised": difference / spread if spread > 0 else np.nan,
                "by_chance": np.sqrt(1 / n + 1 / m) if n and m else np.nan,
                "variance_ratio": variances[0] / variances[1] if variances[1] > 0 else np.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _slope(own: pd.DataFrame) -> float:
    """Fit a line through monthly shares; points a year."""
    if len(own) < LEAST_MONTHS:
        return float("nan")
    months = own["period"].to_numpy(dtype=float)
    shares = own["share"].to_numpy(dtype=float)
    apart = months - months.mean()
    return float(YEAR * (apart @ shares) / (apart @ apart))
