"""Known counts in parts: strata pooled into one odds ratio, and sub-periods that may scatter.

Parts are pooled under one definition only, and each is a process of its own with one constant
chance (A2, docs/assumptions.md); `overdispersed` lets the chance differ between sub-periods.
statsmodels takes seconds to import, so only the functions that use it do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, stdtr, stdtrit

from commune_pilots.effects.counts import Table, refuse_alpha, whole_counts
from commune_pilots.effects.evidence import refuse_mixture
from commune_pilots.effects.trend import quasi_binomial

_LEAST_PERIODS, _LEAST_PERIODS_EACH = 4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MantelHaenszel:
    """One odds ratio common to all strata, and whether the strata agree on it.

    `x2` and `p` test an odds ratio of 1, `breslow_day` and its p that the strata share one.
    `informative` strata have dossiers of both outcomes; the others say nothing of an odds ratio.
    """

    strata: int
    informative: int
    alpha: float
    odds_ratio: float | None
    odds_ratio_low: float | None
    odds_ratio_high: float | None
    x2: float | None
    p: float | None
    breslow_day: float | None
    breslow_day_p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdispersed:
    """The odds ratio of after over before if sub-periods scatter more than one chance allows.

    `dispersion` is Pearson's, 1 for a constant chance; `design_effect` is the same, at least 1.
    """

    periods_before: int
    periods_after: int
    alpha: float
    odds_ratio: float
    odds_ratio_low: float
    odds_ratio_high: float
    p: float
    residual_df: int
    dispersion: float
    design_effect: float


def mantel_haenszel(strata: pd.DataFrame, *, alpha: float) -> MantelHaenszel:
    """Estimate the odds ratio of after over before that all strata share.

    One row a stratum: stratum, k1, n1, k2, n2, and `definition` where known. Pooled odds ratio
    (Mantel & Haenszel 1959; limits of Robins, Breslow & Greenland 1986), their X2 without
    continuity correction, and the statistic of Breslow & Day 1980, without Tarone's correction, on
    one degree of freedom less than there are informative strata. Undefined quantities are None.
    Assumes A2 within each stratum and one odds ratio in all; Breslow-Day needs strata of some size.
    Raises ValueError for missing columns, no or repeated strata or impossible counts, ClaimError
    for strata under more than one definition.
    """
    refuse_alpha(alpha)
    _refuse_columns(strata, ("stratum", "k1", "n1", "k2", "n2"))
    if "definition" in strata:
        refuse_mixture(strata["definition"].astype("str").fillna("not stated"), purpose="pooled")
    if strata.empty or strata["stratum"].duplicated().any():
        raise ValueError("strata: give one row for each stratum, and at least one")
    sides = (_counts(strata, f"k{at}", f"n{at}", row="stratum") for at in (1, 2))
    tables = [(*before, *after) for before, after in zip(*sides, strict=True)]
    kept = [table for table in tables if 0 < table[0] + table[2] < table[1] + table[3]]
    odds_ratio, low, high, x2 = _pooled(kept, alpha=alpha)
    agree = _breslow_day(kept, odds_ratio) if odds_ratio and len(kept) > 1 else None
    return MantelHaenszel(
        strata=len(tables), informative=len(kept), alpha=alpha,
        odds_ratio=odds_ratio, odds_ratio_low=low, odds_ratio_high=high,
        x2=x2, p=None if x2 is None else float(chdtrc(1, x2)),
        breslow_day=agree,
        breslow_day_p=None if agree is None else float(chdtrc(len(kept) - 1, agree)),
    )  # fmt: skip


def overdispersed(monthly: pd.DataFrame, *, alpha: float) -> Overdispersed:
    """Estimate the odds ratio of after over before from sub-periods that may scatter.

    One row a sub-period: period (sortable), k, n, after (True or False). Quasi-binomial
    regression on the logit scale; limits and p from Student's t with the residual degrees of
    freedom (Wedderburn 1974; McCullagh & Nelder 1989, 4.5). Dispersion is Pearson's X2 over those
    degrees; one below 1 is shown but not credited: the standard error uses the design effect.
    Assumes independent sub-periods, no trend on a side. Raises ValueError where this cannot be
    known (fewer than 4 sub-periods, or 2 on a side, or a side of one outcome), and for missing
    columns, impossible counts or periods out of order.
    """
    refuse_alpha(alpha)
    _refuse_columns(monthly, ("period", "k", "n", "after"))
    k, n = np.array(_counts(monthly, "k", "n", row="period"), dtype=float).reshape(-1, 2).T
    after = _sides(monthly)
    sides = int((~after).sum()), int(after.sum())
    if len(k) < _LEAST_PERIODS or min(sides) < _LEAST_PERIODS_EACH:
        raise ValueError(
            f"dispersion cannot be known from {sides[0]} sub-periods before and {sides[1]} after;"
            f" give at least {_LEAST_PERIODS}, and {_LEAST_PERIODS_EACH} on each side"
        )
    for name, side in (("before", ~after), ("after", after)):
        if k[side].sum() in (0, n[side].sum()):
            raise ValueError(f"the odds ratio cannot be known: all dossiers {name} are alike")
    fit = quasi_binomial(k, n, np.column_stack([np.ones(len(n)), after.astype(float)]))
    log_odds_ratio, dispersion = float(fit.coefficients[1]), fit.dispersion
    df = len(k) - 2
    error = sqrt(fit.covariance[1, 1] * max(1.0, dispersion))
    reach = float(stdtrit(df, 1 - alpha / 2)) * error
    return Overdispersed(
        periods_before=sides[0], periods_after=sides[1], alpha=alpha,
        odds_ratio=exp(log_odds_ratio),
        odds_ratio_low=exp(log_odds_ratio - reach),
        odds_ratio_high=exp(log_odds_ratio + reach),
        p=2 * float(stdtr(df, -abs(log_odds_ratio) / error)),
        residual_df=df, dispersion=dispersion, design_effect=max(1.0, dispersion),
    )  # fmt: skip


def _pooled(tables: Sequence[Table], *, alpha: float) -> tuple[float | None, ...]:
    """Pool informative tables: the odds ratio, its limits, and X2 without continuity correction."""
    if not tables:
        return None, None, None, None
    from statsmodels.stats.contingency_tables import StratifiedTable

    cells = [np.array([[k2, n2 - k2], [k1, n1 - k1]], dtype=float) for k1, n1, k2, n2 in tables]
    pooled = StratifiedTable(cells)
    x2 = float(pooled.test_null_odds(correction=False).statistic)
    if not any(k1 * (n2 - k2) for k1, _, k2, n2 in tables):
        return None, None, None, x2
    if not any(k2 * (n1 - k1) for k1, n1, k2, _ in tables):
        return 0.0, None, None, x2
    low, high = pooled.oddsratio_pooled_confint(alpha=alpha)
    return float(pooled.oddsratio_pooled), float(low), float(high), x2


def _breslow_day(tables: Sequence[Table], odds_ratio: float) -> float:
    """Compare each k2 with its fitted value under one odds ratio, in units of its variance.

    The fitted value solves a quadratic. statsmodels divides by 1 - odds_ratio and fails at and near
    a ratio of 1; nothing cancels in this form of the same root, for a ratio of at least 1.
    """
    k1, n1, k2, n2 = (np.array(column, dtype=float) for column in zip(*tables, strict=True))
    if odds_ratio < 1:
        k1, n1, k2, n2, odds_ratio = k2, n2, k1, n1, 1 / odds_ratio
    both, product = k1 + k2, odds_ratio * (k1 + k2) * n2
    middle = n1 + n2 + (odds_ratio - 1) * (both + n2)
    fitted = 2 * product / (middle + np.sqrt(middle**2 - 4 * (odds_ratio - 1) * product))
    cells = (fitted, both - fitted, n2 - fitted, n1 - both + fitted)
    return float(((k2 - fitted) ** 2 * sum(1 / cell for cell in cells)).sum())


def _sides(monthly: pd.DataFrame) -> NDArray[np.bool_]:
    """Read which sub-periods are after; every one must be later than all those before."""
    if not monthly["after"].isin([True, False]).all():
        raise ValueError("after: give True or False for each sub-period")
    after = monthly["after"].astype(bool)
    if monthly["period"].isna().any() or monthly["period"].duplicated().any():
        raise ValueError("period: give one row for each sub-period, each with its period")
    earlier, later = monthly.loc[~after, "period"], monthly.loc[after, "period"]
    if len(earlier) and len(later) and not earlier.max() < later.min():
        raise ValueError(f"period: {earlier.max()} is before and {later.min()} after the change")
    return after.to_numpy()


def _counts(frame: pd.DataFrame, k: str, n: str, *, row: str) -> list[tuple[int, int]]:
    """Read two columns as counts out of totals."""
    return [
        whole_counts(count, total, where=f"{row} {name}")
        for name, count, total in zip(frame[row], frame[k], frame[n], strict=True)
    ]


def _refuse_columns(frame: pd.DataFrame, needed: Sequence[str]) -> None:
    if missing := [name for name in needed if name not in frame]:
        raise ValueError(f"missing columns: {', '.join(missing)}; needed: {', '.join(needed)}")
