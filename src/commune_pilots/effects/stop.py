"""What happens after support ends: is the share kept, in communes that stop at different dates?

A commune that stopped is compared with communes still supported in the same months.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import factorial, inf, nan, prod
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots.effects.estimate import Estimate, by_t
from commune_pilots.effects.trend import Floats, Ints

Kept = Literal["kept", "lost", "open"]
_NEVER = 1 << 30
_EQUAL = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEffect:
    """How the share moved after support ended, beyond that of communes still supported, in points.

    `change` is the mean over the stopped communes and the months looked at; `by_month` the same for
    each month since the stop (0 is the first without support), `by_unit` for each stopped commune.
    `answer`: `kept` if even the lower limit loses less than the margin, `lost` if even the upper
    one loses more, else, or where the design cannot reach alpha, `open`.
    """

    change: Estimate
    answer: Kept
    margin: float
    n_stopped: int
    n_comparison: int
    by_month: pd.DataFrame
    by_unit: pd.DataFrame


def stop_refusal(shares: pd.DataFrame, stops: pd.Series, *, back: int, ahead: int) -> str | None:
    """Name why nothing can be said after a stop: nobody stopped, or nobody is left to compare."""
    if shares.isna().any(axis=None):
        return "incomplete"
    at = _positions(shares, stops)
    if (at == _NEVER).all():
        return "no_stop"
    found = _changes(shares.to_numpy(dtype="float64"), at, back=back, ahead=ahead)
    return None if len(found.units) else "no_comparison"


def stop_effect(
    shares: pd.DataFrame,
    stops: pd.Series,
    *,
    back: int,
    ahead: int,
    margin: float,
    alpha: float,
    draws: int,
    rng: np.random.Generator,
) -> StopEffect:
    """Estimate the change after support ended, net of communes still supported.

    `shares` is units x months in per cent, columns in order and nothing missing; `stops` has the
    column in which each unit is first without support, missing if it never stops. For each stopped
    unit: the mean of the `ahead` months from its stop on less that of the `back` months before,
    less the mean of the same difference over units still supported in all those months. The
    standard error leaves out one unit after the other, t with the stopped units less 1; the p-value
    deals the stops anew among units. `margin` is the loss in points, set beforehand, that still
    counts as kept. Must not be refused by `stop_refusal`.

    Assumes that stopped units would have moved like those still supported, and that dates of
    stopping were not chosen by how the share moved. Source: the comparison with those not yet
    treated of Callaway & Sant'Anna 2021, doi 10.1016/j.jeconom.2020.12.001, turned round.
    """
    values, at = shares.to_numpy(dtype="float64"), _positions(shares, stops)
    found = _changes(values, at, back=back, ahead=ahead)
    estimate = float(found.rows.mean())
    left_out = []
    for unit in range(len(values)):
        other = _changes(np.delete(values, unit, 0), np.delete(at, unit), back=back, ahead=ahead)
        if len(other.units):
            left_out.append(float(other.rows.mean()) - estimate)
    size = len(left_out)
    error = float(np.sqrt((size - 1) / size * np.square(left_out).sum())) if size else nan
    dealt = [
        _changes(values, rng.permutation(at), back=back, ahead=ahead).rows.mean()
        for _ in range(draws)
    ]
    as_large = int((np.abs(dealt) >= _EQUAL * abs(estimate)).sum())
    smallest = max(1 / (draws + 1), 1 / _ways(at))
    change = replace(
        by_t(estimate, error, df=len(found.units) - 1, alpha=alpha),
        p_value=max((as_large + 1) / (draws + 1), smallest),
        smallest_p=smallest,
    )
    by_unit = {"unit": shares.index[found.units], "change": found.rows.mean(axis=1)}
    by_month = {"since": np.arange(ahead), "change": found.rows.mean(axis=0)}
    return StopEffect(
        change=change,
        answer=_answer(change, margin=margin, alpha=alpha),
        margin=margin,
        n_stopped=len(found.units),
        n_comparison=int(found.compared.sum()),
        by_month=pd.DataFrame(by_month),
        by_unit=pd.DataFrame(by_unit),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """Net changes by stopped unit and month since its stop, those units, and who was compared."""

    rows: Floats
    units: Ints
    compared: NDArray[np.bool_]


def _changes(values: Floats, at: Ints, *, back: int, ahead: int) -> _Changes:
    rows, units = [], []
    compared = np.zeros(len(at), dtype=np.bool_)
    for stop in np.unique(at[at != _NEVER]):
        supported = at >= stop + ahead
        if stop < back or stop + ahead > values.shape[1] or not supported.any():
            continue
        level = values[:, stop - back : stop].mean(axis=1, keepdims=True)
        since = values[:, stop : stop + ahead] - level
        stopped = np.flatnonzero(at == stop)
        rows.append(since[stopped] - since[supported].mean(axis=0))
        units.append(stopped)
        compared |= supported
    if not rows:
        return _Changes(
            rows=np.empty((0, ahead)), units=np.empty(0, dtype=np.int64), compared=compared
        )
    return _Changes(rows=np.vstack(rows), units=np.concatenate(units), compared=compared)


def _positions(shares: pd.DataFrame, stops: pd.Series) -> Ints:
    place = {column: at for at, column in enumerate(shares.columns)}
    known = stops.reindex(shares.index)
    return np.array([_NEVER if pd.isna(stop) else place[stop] for stop in known], dtype=np.int64)


def _ways(at: Ints) -> float:
    """Count the different ways in which the dates could have been dealt."""
    counts = np.unique(at, return_counts=True)[1]
    ways = factorial(len(at)) // prod(factorial(int(count)) for count in counts)
    return float(ways) if ways < 10**300 else inf


def _answer(change: Estimate, *, margin: float, alpha: float) -> Kept:
    if change.smallest_p > alpha or np.isnan(change.std_error):
        return "open"
    if change.conf_low > -margin:
        return "kept"
    return "lost" if change.conf_high < -margin else "open"
