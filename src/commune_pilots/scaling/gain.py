"""What the next commune may gain, in points, and the same gain carried to another share."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from scipy.special import expit, logit

_ROUNDING = 1e-9  # points; 100 - base + base need not be 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Gain in points, net of what would have come without the roll-out.

    `low` and `high` bound it. Where it has a distribution, `mean` is the expected gain, `std_error`
    how well that mean is known, `std_dev` the spread of the gain of the next commune (both parts).
    Where there is a range only, nothing is said of a distribution. `base` is the share the gain was
    measured from; None: the share it is put on.
    """

    low: float
    high: float
    mean: float | None = None
    std_error: float | None = None
    std_dev: float | None = None
    base: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.low, self.high, self.mean) if value is not None]
        if not all(isfinite(value) and -100 <= value <= 100 for value in given):
            raise ValueError(f"a gain of {given} points; give numbers from -100 to 100")
        if self.low > self.high:
            raise ValueError(f"low is {self.low} and high {self.high}; low is above high")
        spreads = [value for value in (self.std_error, self.std_dev) if value is not None]
        if spreads and (self.mean is None or min(spreads) <= 0 or spreads != sorted(spreads)):
            raise ValueError("give a mean, std_error above 0 and std_dev no smaller, or neither")
        if self.base is not None and not 0 < self.base < 100:
            raise ValueError(f"base is {self.base}; give a share between 0 and 100")


def carry(points: float, *, base: float, to: float) -> float:
    """Carry a gain from one share to another by the same change in log-odds.

    17 -> 87 is 70 points; from 40% the same change ends at 95.6%: 55.6 points, never above 100.
    Raises ValueError where base plus points is no share. Assumes A11: the change carries over.
    """
    reached = min(max(base + points, 0.0), 100.0)
    if abs(base + points - reached) > _ROUNDING or not 0 < base < 100 or not 0 < to < 100:
        raise ValueError(f"{points:g} points from {base:g}% on {to:g}%: not all are shares")
    change = logit(reached / 100) - logit(base / 100)
    return float(100 * expit(logit(to / 100) + change) - to)


def carried(gain: Gain, *, to: float) -> Gain:
    """Put a gain on the share `to`: bounds and mean by `carry`, spreads to first order.

    A gain without a base is taken as one from `to`: bounds are cut at 0 and 100%. Raises ValueError
    where the mean would leave no room below 100% or above 0.
    """
    base = to if gain.base is None else gain.base
    bounds = [
        carry(min(max(end, -base), 100 - base), base=base, to=to) for end in (gain.low, gain.high)
    ]
    if gain.mean is None:
        return Gain(low=bounds[0], high=bounds[1], base=to)
    _refuse_no_room(gain.mean, base)
    mean = carry(gain.mean, base=base, to=to)
    scale = _slope(to + mean) / _slope(base + gain.mean)
    spreads = [None if s is None else s * scale for s in (gain.std_error, gain.std_dev)]
    return Gain(
        low=bounds[0],
        high=bounds[1],
        mean=mean,
        std_error=spreads[0],
        std_dev=spreads[1],
        base=to,
    )


def log_odds(gain: Gain, *, share: float) -> tuple[float, float] | None:
    """Mean and standard deviation of the next commune's change in log-odds, if it has any.

    The mean is the change from the base to base plus mean gain; the standard deviation that of the
    points over the slope there (delta method). No share can leave 0..100 by such a change.
    """
    if gain.mean is None or gain.std_dev is None:
        return None
    base = share if gain.base is None else gain.base
    _refuse_no_room(gain.mean, base)
    reached = base + gain.mean
    change = float(logit(reached / 100) - logit(base / 100))
    return change, gain.std_dev / _slope(reached)


def _slope(share: float) -> float:
    """Points that a share moves for one unit of log-odds."""
    return share * (100 - share) / 100


def _refuse_no_room(mean: float, base: float) -> None:
    if not 0 < base + mean < 100:
        raise ValueError(
            f"a mean gain of {mean:g} points does not fit on {base:g}%; name the share that it "
            "was measured from (base)"
        )
