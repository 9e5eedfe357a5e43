"""One estimate of one estimand with what judges it; which of them may carry a p-value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite, nan
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from commune_pilots.effects.trend import Floats

LEAST_UNITS, LEAST_TREATED = 30, 8
LEAST_DF = 2.0
LEAST_PER_LEAD = 5
Law = Literal["small_sample", "influence"]
"""Whose standard errors: cohorts as samples (small ones too), or the sources' for many units."""
ASSUMES = ("A3", "A4")
"""What difference-in-differences rests on: parallel trends, one way of counting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One estimate of one estimand: points, its standard error, limits and two-sided p.

    `at` is the event time, cohort or period it stands for, missing for an overall estimate; `df`
    are degrees of freedom, infinite for the normal law. Where `refused` says why, limits and p
    are missing. `n_treated` and `n_comparison` count units.
    """

    estimand: str
    at: int | None
    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    p_value: float
    n_treated: int
    n_comparison: int
    method: str
    assumptions: tuple[str, ...]
    refused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreTrend:
    """A joint test of all estimates before the start: Wald's statistic, and its p-value.

    A large p-value does not confirm parallel trends (Roth 2022). `refused` says why there is none:
    no_lead, few_degrees where leads are too many for the treated units, or as in `judge`.
    """

    statistic: float
    leads: int
    p_value: float
    refused: str | None


COLUMNS = tuple(Effect.__dataclass_fields__)


def judge(
    *,
    estimand: str,
    estimate: float,
    std_error: float,
    n_treated: int,
    n_comparison: int,
    method: str,
    assumptions: Sequence[str],
    at: int | None = None,
    df: float = inf,
    small_sample: bool = False,
    alpha: float = 0.05,
) -> Effect:
    """Put limits and a p-value on an estimate, or the reason why it has none.

    An asymptotic law needs 30 units, 8 of them treated, or it finds far too much (MacKinnon & Webb
    2017). `small_sample` marks a t law whose degrees of freedom were worked out for the design; it
    needs 2 of them: three treated units of one start (tests/recovery).
    `refused` is few_units, few_treated, few_degrees, or no_std_error where none can be known.
    """
    refused = _few_degrees(df) if small_sample else asymptotics_refused(n_treated, n_comparison)
    if not std_error > 0:
        refused = "no_std_error"
    estimate, std_error, df = float(estimate), float(std_error), float(df)
    low = high = p_value = nan
    if refused is None:
        reach, p_value = _law(estimate / std_error, df, alpha=alpha)
        low, high = estimate - reach * std_error, estimate + reach * std_error
    return Effect(
        estimand=estimand, at=at, estimate=estimate, std_error=std_error,
        df=df, conf_low=low, conf_high=high, p_value=p_value,
        n_treated=int(n_treated), n_comparison=int(n_comparison), method=method,
        assumptions=tuple(assumptions), refused=refused,
    )  # fmt: skip


def effects_table(effects: Sequence[Effect]) -> pd.DataFrame:
    """Lay estimates out, one row each, in the columns of `Effect`; assumptions joined by ;."""
    rows = [{**asdict(one), "assumptions": ";".join(one.assumptions)} for one in effects]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"at": "Int64"})


def asymptotics_refused(n_treated: int, n_comparison: int) -> str | None:
    """Name why a law for many units cannot be used: too few of them, or too few treated."""
    if n_treated + n_comparison < LEAST_UNITS:
        return "few_units"
    return "few_treated" if n_treated < LEAST_TREATED else None


def wald(values: Floats, covariance: Floats, *, n_treated: int, n_comparison: int) -> PreTrend:
    """Test jointly that estimates are 0 by the chi-square law, for many units.

    Besides what `asymptotics_refused` asks it needs five treated units an estimate: with fewer the
    covariance is as good as singular and the test finds trends everywhere (tests/recovery).
    """
    refused = asymptotics_refused(n_treated, n_comparison)
    if n_treated < LEAST_PER_LEAD * len(values):
        refused = refused or "few_degrees"
    statistic, refused = _statistic(values, covariance, refused)
    p_value = nan if refused else float(chdtrc(len(values), statistic))
    return PreTrend(statistic=statistic, leads=len(values), p_value=p_value, refused=refused)


def hotelling(values: Floats, covariance: Floats, *, df: Floats) -> PreTrend:
    """Test jointly that estimates are 0, the covariance known with few degrees of freedom.

    (df - q + 1)/(df q) times Wald's statistic has the law F(q, df - q + 1), exact for one sample
    and careful for two (Hotelling 1931; Tipton & Pustejovsky 2015); of the `df` of the q estimates
    the least is taken. With more estimates than degrees of freedom nothing can be tested.
    """
    number = len(values)
    left = float(df.min()) - number + 1 if number else nan
    statistic, refused = _statistic(values, covariance, None if left >= 1 else "few_degrees")
    p_value = nan
    if refused is None:
        p_value = float(fdtrc(number, left, statistic * left / (number * float(df.min()))))
    return PreTrend(statistic=statistic, leads=number, p_value=p_value, refused=refused)


def _statistic(values: Floats, covariance: Floats, refused: str | None) -> tuple[float, str | None]:
    if not len(values):
        return nan, "no_lead"
    if not np.isfinite(covariance).all():
        return nan, "no_std_error"
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(values):
        return nan, refused or "no_std_error"
    return float(values @ np.linalg.solve(covariance, values)), refused


def _few_degrees(df: float) -> str | None:
    return None if df >= LEAST_DF else "few_degrees"


def _law(statistic: float, df: float, *, alpha: float) -> tuple[float, float]:
    if isfinite(df):
        return float(stdtrit(df, 1 - alpha / 2)), 2 * float(stdtr(df, -abs(statistic)))
    return float(ndtri(1 - alpha / 2)), 2 * float(ndtr(-abs(statistic)))
