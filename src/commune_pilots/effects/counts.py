"""The ordinary analysis where both counts are known: k1 of n1 dossiers before, k2 of n2 after.

A year's dossiers are all of them, not a sample. Every interval and p-value here refers to a
hypothetical process in which each dossier of a period has one constant chance (A2,
docs/assumptions.md): it says what chance alone could print, nothing about other communes and
nothing about a cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, exp, inf, isfinite, sqrt
from typing import Literal

import numpy as np
import pandas as pd

from commune_pilots.effects.exact import (
    Floats,
    boschloo,
    central,
    central_fisher,
    mid_tail,
    minlike_fisher,
)
from commune_pilots.effects.intervals import difference_interval, gap_closed, score_ratio

Correction = Literal["holm", "benjamini_hochberg"]
Table = tuple[int, int, int, int]
_STATSMODELS: dict[Correction, str] = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsResult:
    """What two known counts say of the change from k1 of n1 to k2 of n2.

    `difference` in percentage points, `gap_closed` in per cent; ratios of later over earlier;
    p-values two-sided. None where undefined or infinite; `boschloo` also where it takes too long.
    """

    k1: int
    n1: int
    k2: int
    n2: int
    alpha: float
    difference: float
    newcombe_low: float
    newcombe_high: float
    miettinen_nurminen_low: float
    miettinen_nurminen_high: float
    fisher_central: float
    fisher_mid_p: float
    fisher_minlike: float
    boschloo: float | None
    risk_ratio: float | None
    risk_ratio_low: float | None
    risk_ratio_high: float | None
    odds_ratio: float | None
    odds_ratio_low: float | None
    odds_ratio_high: float | None
    gap_closed: float | None
    gap_closed_low: float | None
    gap_closed_high: float | None
    cohen_h: float
    e_value: float | None
    e_value_limit: float | None
    rosenbaum_gamma: float | None


def compare_counts(k1: int, n1: int, k2: int, n2: int, *, alpha: float) -> CountsResult:
    """Measure the change from k1 of n1 to k2 of n2 on every usual scale, with its uncertainty.

    Difference in percentage points (limits: Newcombe 1998; Miettinen & Nurminen 1985); gap closed,
    (after - before) / (100 - before), in per cent; risk ratio (score limits, the same authors);
    conditional odds ratio (exact limits, Fisher 1935); Cohen's h. A fall is tested as a rise with
    the periods exchanged. E-values are of the risk ratio and of its limit nearer to 1 (VanderWeele
    & Ding 2017), 1 if the limits contain 1. `rosenbaum_gamma` is the odds by which an unmeasured
    factor must favour the period with the higher share until Fisher's one-sided p reaches alpha
    (extended hypergeometric; Rosenbaum 2002, ch. 4): the one-sided lower limit of the odds ratio,
    None where p is at alpha or above without one.

    Assumes A2; a year's dossiers are not a sample, so limits refer to a hypothetical process with
    one constant chance. Raises ValueError for a k that is not whole or outside 0..n, an n below 1
    and an alpha outside 0..1.
    """
    refuse_alpha(alpha)
    k1, n1 = whole_counts(k1, n1, where="before")
    k2, n2 = whole_counts(k2, n2, where="after")
    there: Table = (k1, n1, k2, n2)
    back: Table = (k2, n2, k1, n1)
    rise, fall = (there, back) if k2 * n1 >= k1 * n2 else (back, there)
    newcombe = difference_interval(k1, n1, k2, n2, method="newcombe", alpha=alpha)
    score = difference_interval(k1, n1, k2, n2, method="miettinen_nurminen", alpha=alpha)
    risk, risk_low, risk_high = _risk_ratio(k1, n1, k2, n2, alpha=alpha)
    gap, gap_low, gap_high = _gap_closed(k1, n1, k2, n2, alpha=alpha)
    most = _odds_ratio(k2, n2, k1, n1, tail=alpha / 2)
    gamma = _odds_ratio(*rise, tail=alpha)
    return CountsResult(
        k1=k1, n1=n1, k2=k2, n2=n2, alpha=alpha,
        difference=100 * (k2 / n2 - k1 / n1),
        newcombe_low=100 * float(newcombe[0]), newcombe_high=100 * float(newcombe[1]),
        miettinen_nurminen_low=100 * float(score[0]),
        miettinen_nurminen_high=100 * float(score[1]),
        fisher_central=central_fisher(*rise),
        fisher_mid_p=float(central(mid_tail(*rise), mid_tail(*fall))),
        fisher_minlike=minlike_fisher(k1, n1, k2, n2),
        boschloo=boschloo(*rise),
        risk_ratio=risk, risk_ratio_low=risk_low, risk_ratio_high=risk_high,
        odds_ratio=_odds_ratio(k1, n1, k2, n2, tail=None),
        odds_ratio_low=_odds_ratio(k1, n1, k2, n2, tail=alpha / 2),
        odds_ratio_high=1 / most if most else None,
        gap_closed=gap, gap_closed_low=gap_low, gap_closed_high=gap_high,
        cohen_h=2 * asin(sqrt(k2 / n2)) - 2 * asin(sqrt(k1 / n1)),
        e_value=e_value(risk) if risk else None,
        e_value_limit=_e_value_of_limit(risk_low, risk_high),
        rosenbaum_gamma=gamma if gamma is not None and gamma > 1 else None,
    )  # fmt: skip


def adjust(p_values: Mapping[str, float], *, method: Correction) -> dict[str, float]:
    """Adjust p-values for being several: the smallest error rate at which each would be kept.

    `holm` bounds the chance of any false finding, whatever the dependence (Holm 1979);
    `benjamini_hochberg` the expected share of false ones among those found, for independent or
    positively dependent tests (1995). Same names and order as given. Raises ValueError for a p
    outside 0..1.
    """
    from statsmodels.stats.multitest import multipletests  # seconds of import, only here

    for name, p in p_values.items():
        if not 0 <= p <= 1:
            raise ValueError(f"{name}: {p} is not a p-value; give a number from 0 to 1")
    given = list(p_values.values())
    adjusted = multipletests(given, method=_STATSMODELS[method])[1] if given else []
    return {name: float(p) for name, p in zip(p_values, adjusted, strict=True)}


def e_value(risk_ratio: float) -> float:
    """Size the unmeasured factor that alone makes a risk ratio: its ratio with both sides.

    RR + sqrt(RR (RR - 1)), of 1/RR below 1; infinite for a ratio of 0 or infinity. A factor must
    be tied to the period and to the filing by at least this risk ratio each. Source: VanderWeele &
    Ding 2017, doi 10.7326/M16-2607. Raises ValueError for a ratio below 0.
    """
    if not risk_ratio >= 0:
        raise ValueError(f"{risk_ratio} is not a risk ratio")
    if risk_ratio in (0, inf):
        return inf
    ratio = max(risk_ratio, 1 / risk_ratio)
    return ratio + sqrt(ratio * (ratio - 1))


def whole_counts(k: float, n: float, *, where: str) -> tuple[int, int]:
    """Check that k of n is a count out of a total."""
    if pd.isna(k) or pd.isna(n) or not (1 <= n < inf and 0 <= k <= n and k % 1 == n % 1 == 0):
        raise ValueError(
            f"{where}: {k} of {n} is not a count; give whole numbers, n from 1 and k from 0 to n"
        )
    return int(k), int(n)


def refuse_alpha(alpha: float) -> None:
    """Refuse an alpha outside 0..1."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; give a number between 0 and 1")


def _risk_ratio(k1: int, n1: int, k2: int, n2: int, *, alpha: float) -> tuple[float | None, ...]:
    """Divide the later share by the earlier; nothing is known of it where both are 0."""
    if k1 == k2 == 0:
        return None, None, None
    low, high = score_ratio(k1, n1, k2, n2, alpha=alpha)
    return (k2 * n1) / (k1 * n2) if k1 else None, _finite(low), _finite(high)


def _gap_closed(k1: int, n1: int, k2: int, n2: int, *, alpha: float) -> tuple[float | None, ...]:
    """Measure the part of the distance to 100% that was closed, in per cent."""
    if k1 == n1:
        return None, None, None
    low, high = gap_closed(k1, n1, k2, n2, alpha=alpha)
    return 100 * (k2 * n1 - k1 * n2) / ((n1 - k1) * n2), 100 * float(low), 100 * float(high)


def _e_value_of_limit(low: float | None, high: float | None) -> float | None:
    """Size the factor that takes the limit of a risk ratio nearer to 1 to it; 1 if 1 is inside."""
    if low is None:
        return None
    return e_value(low if low > 1 else min(1.0, inf if high is None else high))


def _odds_ratio(k1: int, n1: int, k2: int, n2: int, *, tail: float | None) -> float | None:
    """Find the odds ratio at which k2 is the mean given k1 + k2, or k2 or more has chance `tail`.

    Through sums over all tables with these margins: scipy's `odds_ratio` solves the same equations
    but takes half a minute at 100,000 dossiers and does not end at a million.
    """
    from scipy.optimize import brentq

    both = k1 + k2
    counts = np.arange(max(0, both - n1), min(n2, both) + 1, dtype=float)
    if len(counts) == 1 or (tail is None and k2 == counts[-1]):
        return None
    if k2 == counts[0]:
        return 0.0
    less = counts[:-1]
    ratios = (n2 - less) * (both - less) / ((less + 1) * (n1 - both + less + 1))
    log_weights = np.append(0.0, np.cumsum(np.log(ratios)))

    def excess(log_odds_ratio: float) -> float:
        log = log_weights + log_odds_ratio * counts
        weights = np.exp(log - log.max())
        if tail is None:
            return float((weights * (counts - k2)).sum() / weights.sum())
        return float(weights[counts >= k2].sum() / weights.sum()) - tail

    reach = 1.0
    while excess(-reach) > 0 or excess(reach) < 0:
        reach *= 2
    return exp(brentq(excess, -reach, reach, xtol=1e-13))


def _finite(value: Floats | float) -> float | None:
    return float(value) if isfinite(value) else None
