"""The root of a falling function, for many functions at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from commune_pilots.effects.exact import Floats

_STEPS = 100
_EXACT = 1e-12


def falling_root(
    function: Callable[[Floats], tuple[Floats, Floats]],
    low: Floats,
    high: Floats,
    *,
    start: Floats | None = None,
) -> Floats:
    """Find where each falling function crosses zero: Newton's steps, halving where one leaves.

    `function` takes points of the shape of `low` and gives values and slopes of that shape. Without
    a crossing between `low` and `high` the nearer end is the answer. `start` lies between them;
    without one the middle is tried first.
    """
    span = high - low
    point = (low + high) / 2 if start is None else start
    for _ in range(_STEPS):
        value, slope = function(point)
        low, high = np.where(value > 0, point, low), np.where(value > 0, high, point)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = point - value / slope
        inside = (newton >= low) & (newton <= high)  # a comparison with nan is false
        after = np.where(inside, newton, (low + high) / 2)
        done = np.abs(after - point) <= _EXACT * (span + np.abs(point))
        point = after
        if done.all():
            break
    return point
