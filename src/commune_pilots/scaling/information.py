"""What it is worth to know more before scaling: perfect information, more pilots, more months.

Money in đồng, gains in points. The decision is one: start every commune now, or none. Sources:
Raiffa & Schlaifer 1961 (unit normal loss), Rothery et al. 2020 (ISPOR task force on the value of
information); docs/methods.md, M9. Assumes A10 and a gain whose mean is normally uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from scipy.stats import norm


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """One decision: the gain of a commune, its worth and its cost.

    `mean` is the expected gain of a commune and `std_error` how well the mean is known, points;
    `value` is what one point is worth in one commune and one year, `cost` what a commune costs in
    that year, đồng; `communes` are decided together.
    """

    mean: float
    std_error: float
    value: float
    cost: float
    communes: int

    def __post_init__(self) -> None:
        if self.std_error < 0 or self.value <= 0 or self.cost < 0 or self.communes < 0:
            raise ValueError(
                f"stakes {self.std_error}, {self.value}, {self.cost}, {self.communes}; give a "
                "value above 0, std_error, cost and communes of 0 or more"
            )


def unit_normal_loss(distance: float) -> float:
    """Mean of what a standard normal exceeds `distance` by: L(u) = phi(u) - |u| Phi(-|u|)."""
    away = abs(distance)
    return float(norm.pdf(away) - away * norm.cdf(-away))


def evpi(stakes: Stakes) -> float:
    """Expected value of perfect information on the mean gain: the most any study can be worth."""
    return _worth(stakes, stakes.std_error)


def evsi_pilots(stakes: Stakes, *, pilots: int, effect_sd: float, noise_sd: float) -> float:
    """Expected value of `pilots` more pilot communes, before what they cost.

    Each shows its own gain (`effect_sd` between communes) with an error of `noise_sd`, points.
    """
    _refuse(pilots, effect_sd, noise_sd)
    if pilots == 0 or stakes.std_error == 0:
        return 0.0
    known = stakes.std_error**2
    error = (effect_sd**2 + noise_sd**2) / pilots
    return _worth(stakes, known / sqrt(known + error))


def evsi_months(
    stakes: Stakes, *, months: int, pilots: int, effect_sd: float, noise_sd: float
) -> float:
    """Expected value of `months` more of the same `pilots` communes, before the delay.

    A month shows the gain of each with an error of `noise_sd` points. Only error of measurement can
    shrink so: what is unknown because communes differ (`effect_sd` / root of the pilots) stays. All
    the rest of `std_error` is taken as such error, so the value is at most this.
    """
    _refuse(pilots, effect_sd, noise_sd)
    if months < 0 or pilots == 0:
        raise ValueError(f"months is {months} and pilots {pilots}; give 0 or more, at least 1")
    shrinking = stakes.std_error**2 - effect_sd**2 / pilots
    if shrinking <= 0 or months == 0:
        return 0.0
    error = noise_sd**2 / (pilots * months)
    return _worth(stakes, shrinking / sqrt(shrinking + error))


def forgone(stakes: Stakes, *, months: int) -> float:
    """Expected net benefit of the months that all communes start later; 0 if none is expected."""
    return months / 12 * stakes.communes * max(0.0, stakes.value * stakes.mean - stakes.cost)


def _worth(stakes: Stakes, spread: float) -> float:
    """Expected gain of deciding after the mean has moved by a normal of this spread."""
    if spread == 0:
        return 0.0
    distance = (stakes.mean - stakes.cost / stakes.value) / spread
    return stakes.communes * stakes.value * spread * unit_normal_loss(distance)


def _refuse(pilots: int, effect_sd: float, noise_sd: float) -> None:
    if pilots < 0 or effect_sd < 0 or noise_sd < 0:
        raise ValueError(
            f"pilots {pilots}, effect_sd {effect_sd}, noise_sd {noise_sd}; give 0 or more"
        )
