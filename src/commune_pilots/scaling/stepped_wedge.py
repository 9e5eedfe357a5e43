"""Stages in randomised order as a stepped wedge: the draw, its power, the gain it can detect.

Shares and standard deviations in percentage points. Source: docs/methods.md, M9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ncfdtr, stdtrit
from scipy.stats import norm

Test = Literal["z", "t"]
_NOTHING = 1e-9  # of the information that would be there were the periods known


@dataclass(frozen=True, slots=True, kw_only=True)
class Wedge:
    """Planning values of one stepped wedge; no standard deviation has a default.

    `waves` is the number of communes that start after period 0, 1, 2 ...; `dossiers` those of one
    commune in one period; `baseline` the share not yet started. Standard deviations: `between`
    communes, of one commune from `period` to period, and of the gain (`effect`) between communes.
    """

    waves: tuple[int, ...]
    dossiers: int
    baseline: float
    between: float
    period: float
    effect: float


def power(
    wedge: Wedge, *, gain: float, alpha: float, through: int | None = None, test: Test = "t"
) -> float | None:
    """Chance that the roll-out detects a constant gain of `gain` points, two-sided.

    `through`: with the periods up to the end of that wave (default: all); communes of later waves
    compare. `test`: "z" takes the variances as known, "t" has I - 2 degrees of freedom for I
    communes and is the one to show. None where the design tells the gain from no period, or leaves
    no degree of freedom. Raises ValueError for planning values out of range. Assumes A2 within a
    commune and period, A10, and a gain at once and for good. Hussey & Hughes 2007; Hooper et al.
    2016 (`period`); Hughes et al. 2015 (`effect`).
    """
    _refuse(wedge, gain, alpha)
    freedom = sum(wedge.waves) - 2
    variance = gain_variance(wedge, gain=gain, through=through)
    if not isfinite(variance) or (test == "t" and freedom < 1):
        return None
    away = gain / sqrt(variance)
    if test == "z":
        limit = norm.isf(alpha / 2)
        return float(norm.sf(limit - away) + norm.cdf(-limit - away))
    return power_of_t(away, freedom=freedom, alpha=alpha)


def power_of_t(away: float, *, freedom: float, alpha: float) -> float:
    """Chance that a two-sided t test sees a gain of `away` standard errors: non-central t."""
    limit = float(stdtrit(freedom, 1 - alpha / 2))
    # The square of a non-central t is a non-central F, whose upper tail needs no second term.
    missed = float(ncfdtr(1, freedom, away**2, limit**2))
    # scipy gives NaN for some chances below 1e-40, which are none.
    return 1.0 if isnan(missed) else 1 - missed


def detectable(
    wedge: Wedge,
    *,
    alpha: float,
    wanted: float = 0.8,
    through: int | None = None,
    test: Test = "t",
) -> float | None:
    """Smallest gain in points that is detected with the chance `wanted`; None if no gain is.

    The power rises with the gain: the variance of its estimate is concave in the gain, so gain
    over standard error only grows. No gain is larger than the way to 100%. Raises ValueError where
    `wanted` is not between alpha and 1, and as `power` does.
    """
    if not alpha < wanted < 1:
        raise ValueError(f"wanted is {wanted}; give a chance between alpha ({alpha}) and 1")

    def short(gain: float) -> float:
        return (power(wedge, gain=gain, alpha=alpha, through=through, test=test) or 0.0) - wanted

    most = 100 - wedge.baseline
    if short(most) < 0:
        return None
    return float(brentq(short, 1e-9, most, xtol=1e-9))


def gain_variance(wedge: Wedge, *, gain: float, through: int | None = None) -> float:
    """Variance of the generalised least squares estimate of the gain, points squared.

    One free level a period, one gain. A dossier's variance is p(1 - p) at p half-way between
    baseline and baseline plus gain. Infinite where the periods explain all that the gain could.
    """
    periods = 1 + (len(wedge.waves) if through is None else through)
    if not 2 <= periods <= len(wedge.waves) + 1:
        raise ValueError(f"through is {through}; give a wave from 1 to {len(wedge.waves)}")
    middle = (wedge.baseline + gain / 2) / 100
    residual = 1e4 * middle * (1 - middle) / wedge.dossiers
    own = (residual + wedge.period**2) * np.eye(periods) + wedge.between**2
    levels = np.zeros((periods, periods))
    crossed = np.zeros(periods)
    alone = 0.0
    for wave, communes in enumerate(wedge.waves):
        treated = (np.arange(periods) > wave).astype(float)
        weights = np.linalg.inv(own + wedge.effect**2 * np.outer(treated, treated))
        levels += communes * weights
        crossed += communes * weights @ treated
        alone += communes * float(treated @ weights @ treated)
    information = alone - float(crossed @ np.linalg.solve(levels, crossed))
    return inf if information <= _NOTHING * alone else 1 / information


def draw_order(codes: Sequence[str], *, stages: int, seed: int) -> dict[str, int]:
    """Deal units to stages 1 .. `stages` in random order; sizes differ by at most one.

    The codes are sorted first, so the draw depends on the units and the recorded seed alone. Each
    code gets the next 64 bits of PCG64, whose stream is fixed for good; the order of these numbers
    is the order of the roll-out. Earlier stages take the rest of the division. Raises ValueError
    for a code given twice or fewer than one stage.
    """
    units = sorted(codes)
    if len(set(units)) < len(units):
        twice = sorted({code for code in units if units.count(code) > 1})
        raise ValueError(f"units given twice: {', '.join(twice)}; give each once")
    if stages < 1:
        raise ValueError(f"stages is {stages}; give at least 1")
    numbers: NDArray[np.uint64] = np.random.PCG64(seed).random_raw(len(units))
    order = np.argsort(numbers, kind="stable")
    parts = np.array_split(order, stages)
    dealt = {units[at]: stage for stage, part in enumerate(parts, start=1) for at in part}
    return {code: dealt[code] for code in units}


def _refuse(wedge: Wedge, gain: float, alpha: float) -> None:
    if not wedge.waves or min(wedge.waves) < 0 or sum(wedge.waves) == 0:
        raise ValueError(f"waves is {wedge.waves}; give the communes of each wave, some of them")
    if wedge.dossiers < 1 or not 0 < wedge.baseline < 100:
        raise ValueError(
            f"dossiers is {wedge.dossiers} and baseline {wedge.baseline}; "
            "give at least 1 and a share between 0 and 100"
        )
    if min(wedge.between, wedge.period, wedge.effect) < 0:
        raise ValueError("a standard deviation is negative; give points, 0 or more")
    if not 0 < gain <= 100 - wedge.baseline:
        raise ValueError(f"gain is {gain}; give points above 0, up to {100 - wedge.baseline:g}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; give a number between 0 and 1")
