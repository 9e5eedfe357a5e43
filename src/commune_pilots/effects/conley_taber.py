"""One or few treated units against the scatter of many comparison units' changes.

With one treated unit nothing tells how far such a change scatters but the changes of the units
that had no pilot. Sources: Conley & Taber 2011; Ferman & Pinto 2019 for units of unequal size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import inf

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from commune_pilots.effects.assignment import Floats

LISTED = 20_000
_TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceboTest:
    """A mean effect on the treated beside what comparison units in their place would show.

    `errors` is the number of placebo errors compared with, all there are if `exact`.
    """

    estimate: float
    p_value: float
    smallest_p: float
    conf_low: float
    conf_high: float
    alpha: float
    n_treated: int
    n_comparison: int
    errors: int
    exact: bool


def conley_taber(
    treated: ArrayLike,
    comparison: ArrayLike,
    *,
    alpha: float,
    draws: int,
    rng: np.random.Generator,
    sizes: tuple[ArrayLike, ArrayLike] | None = None,
) -> PlaceboTest:
    """Estimate the mean effect on few treated units, its error taken from comparison units.

    `treated` (k,) are their changes; `comparison` (k, m) the m comparison units' changes over the
    months of each treated unit, or (m,) where all start together. A placebo error is a comparison
    unit's change less their mean; the error of the estimate is the mean of one, drawn at random,
    for each treated unit. `sizes` (k,) and (m,), such as dossiers, rescales errors to the
    treated units' size by a variance a + b / size fitted to the comparison units. The estimate
    itself counts as one of the errors, so p is at least 1 / (errors + 1). Raises ValueError for
    fewer than 2 comparison units or a size not above 0.

    Assumes that without the pilot the treated units' changes would scatter around the same mean as
    the comparison units', alike apart from size, and that units are independent.
    """
    own = np.atleast_1d(np.asarray(treated, dtype=np.float64))
    others = np.atleast_2d(np.asarray(comparison, dtype=np.float64))
    others = np.broadcast_to(others, (len(own), others.shape[1]))
    m = others.shape[1]
    if m < 2:
        raise ValueError(f"{m} comparison units; their scatter takes 2 at least")
    means = others.mean(axis=1)
    estimate = float((own - means).mean())
    # a deviation from the mean of m is too small, and the mean itself has an error
    placebos = (others - means[:, None]) * np.sqrt(m / (m - 1) * (1 + len(own) / m))
    if sizes is not None:
        placebos = placebos * _to_size(placebos, *(np.asarray(s, np.float64) for s in sizes))
    errors, exact = _errors(placebos, draws=draws, rng=rng)
    extreme = np.abs(errors) >= abs(estimate) * (1 - _TIE)
    low, high = _interval(estimate, errors, alpha)
    return PlaceboTest(
        estimate=estimate,
        p_value=float((1 + extreme.sum()) / (1 + len(errors))),
        smallest_p=1 / (1 + len(errors)),
        conf_low=low,
        conf_high=high,
        alpha=alpha,
        n_treated=len(own),
        n_comparison=m,
        errors=len(errors),
        exact=exact,
    )


def _errors(placebos: Floats, *, draws: int, rng: np.random.Generator) -> tuple[Floats, bool]:
    """List or draw the mean of one placebo error for each treated unit."""
    k, m = placebos.shape
    if m**k <= LISTED:
        return np.ravel(reduce(np.add.outer, placebos)) / k, True
    picked = rng.integers(m, size=(draws, k))
    return np.take_along_axis(placebos.T, picked, axis=0).mean(axis=1), False


def _to_size(placebos: Floats, own: Floats, others: Floats) -> Floats:
    """Find the factor (k, m) that turns an error at one size into one at another."""
    if min(own.min(), others.min()) <= 0:
        raise ValueError("a size is not above 0")
    squares = (placebos**2).mean(axis=0)
    design = np.column_stack([np.ones(len(others)), 1 / others])
    parts, _ = nnls(design, squares)
    fitted = design @ parts
    wanted = np.column_stack([np.ones(len(own)), 1 / own]) @ parts
    return np.asarray(np.sqrt(wanted[:, None] / fitted))


def _interval(estimate: float, errors: Floats, alpha: float) -> tuple[float, float]:
    """Keep the effects whose distance from the estimate enough errors reach; else no bound."""
    allowed = int(np.floor(alpha * (1 + len(errors)) + _TIE)) - 1
    if allowed < 0:
        return -inf, inf
    reach = float(np.sort(np.abs(errors))[::-1][allowed])
    return estimate - reach, estimate + reach
