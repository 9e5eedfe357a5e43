"""What one more online dossier costs, what it must be worth, and what waiting is worth."""

from __future__ import annotations

from math import sqrt
from typing import Any, NamedTuple, TypeVar

import pandas as pd
from scipy.stats import norm

from commune_pilots import schemas
from commune_pilots.scaling.gain import Gain, carried
from commune_pilots.scaling.information import Stakes, evpi, evsi_months, evsi_pilots, forgone
from commune_pilots.scenario import Scenario
from commune_pilots.vocabulary import Economic, MeasuredIn

_Value = TypeVar("_Value")
_WORTH = ("cost_per_commune", "dossiers_per_year", "value_per_dossier")
_NOISE = ("dossiers_per_month", "baseline_share")
_NEEDS: dict[Economic, tuple[str, ...]] = {
    "added_per_hundred": ("gain",),
    "cost_per_dossier": ("gain", "cost_per_commune", "dossiers_per_year"),
    "hours_per_dossier": ("gain", "hours_per_commune", "dossiers_per_year"),
    "break_even_fraction": ("gain", *_WORTH),
    "chance_worth": ("gain_distribution", *_WORTH),
    "evpi": ("gain_distribution", *_WORTH, "candidates"),
    "evsi_pilots": ("gain_distribution", *_WORTH, "candidates", *_NOISE),
    "evsi_month": ("gain_distribution", *_WORTH, "candidates", *_NOISE, "pilots"),
}
_MEASURED_IN: dict[Economic, MeasuredIn] = {
    "added_per_hundred": "dossiers",
    "cost_per_dossier": "dong",
    "hours_per_dossier": "hours",
    "break_even_fraction": "ratio",
    "chance_worth": "probability",
    "evpi": "dong",
    "evsi_pilots": "dong",
    "evsi_month": "dong",
}


def economics(
    gain: Gain | None, scenario: Scenario, *, candidates: int, pilots: int, more_pilots: int
) -> pd.DataFrame:
    """Reckon costs and worth of a gain net of the trend; unknown where a value is missing.

    One row a quantity (table economics). The gain is first carried to the scenario's baseline, so
    that it saturates at 100%. `missing` names the planning values and data still to be collected:
    fields of Scenario, `gain`, `gain_distribution` (a range alone gives no chance), `candidates`,
    `pilots`.

    added_per_hundred: further online dossiers of 100, the gain itself. cost_per_dossier and
    hours_per_dossier: those of a commune's first year over its further online dossiers.
    break_even_fraction: part of the gain that still pays, above 1 never. Their bounds are those of
    the gain, turned round; not_bounded where the gain may be 0 or less (Fieller 1954): then `low`
    alone is known, if any. chance_worth: that the next commune is worth its cost. evpi: the most
    that knowing the mean gain can be worth to `candidates` communes in their first year.
    evsi_pilots: the worth of `more_pilots` further pilots, one stage long, before their cost.
    evsi_month: the worth of one more month of the present `pilots` less what waiting forgoes; above
    0 it pays to wait. All in đồng of today. Assumes A10 and A11. Source:
    docs/methods.md, M9.
    """
    if gain is not None and scenario.baseline_share is not None:
        gain = carried(gain, to=scenario.baseline_share)
    case = _Case(scenario, gain, candidates, pilots, more_pilots)
    rows: list[dict[str, Any]] = []
    for quantity, measured_in in _MEASURED_IN.items():
        missing = [name for name in _NEEDS[quantity] if not _is_known(name, case)]
        found = {"outcome": "unknown", "missing": ";".join(missing)}
        rows.append(
            {
                "quantity": quantity,
                "measured_in": measured_in,
                **(found if missing else _reckon(quantity, case)),
            }
        )
    return schemas.build(rows, "economics")


def per_point(amount: float, gain: Gain) -> dict[str, Any]:
    """Divide an amount by a gain in points: bounds and outcome, as far as the gain bounds it."""
    if gain.low > 0:
        expected = None if gain.mean is None else amount / gain.mean
        ends = {"low": amount / gain.high, "expected": expected, "high": amount / gain.low}
        return {"outcome": "computed", **ends}
    return {"outcome": "not_bounded", "low": amount / gain.high if gain.high > 0 else None}


def chance_worth(gain: Gain, *, points: float) -> float | None:
    """Chance that the next commune gains more than `points`; None without a distribution."""
    if gain.mean is None or gain.std_dev is None:
        return None
    return float(norm.sf((points - gain.mean) / gain.std_dev))


def measuring_error(scenario: Scenario, gain: Gain, *, months: int) -> float | None:
    """Standard deviation of one commune's share over so many months around its own level, points.

    Binomial at the share half-way through the gain, and the scenario's from period to period, which
    is taken to be as large from month to month. None where dossiers or baseline are not known.
    """
    if scenario.dossiers_per_month is None or scenario.baseline_share is None:
        return None
    middle = (scenario.baseline_share + (gain.mean or 0) / 2) / 100
    binomial = 1e4 * middle * (1 - middle) / (scenario.dossiers_per_month * months)
    return sqrt(binomial + scenario.period_sd**2)


class _Case(NamedTuple):
    scenario: Scenario
    gain: Gain | None
    candidates: int
    pilots: int
    more_pilots: int


def _is_known(name: str, case: _Case) -> bool:
    if name in ("candidates", "pilots"):
        return bool(getattr(case, name))
    if name == "gain":
        return case.gain is not None
    if name == "gain_distribution":
        return case.gain is not None and None not in (case.gain.std_error, case.gain.std_dev)
    return getattr(case.scenario, name) is not None


def _reckon(quantity: Economic, case: _Case) -> dict[str, Any]:
    """Compute one quantity of which `_NEEDS` has found every part known."""
    scenario, gain = case.scenario, _given(case.gain)
    if quantity == "added_per_hundred":
        ends = {"low": gain.low, "expected": gain.mean, "high": gain.high}
        return {"outcome": "computed", **ends}
    a_point = _given(scenario.dossiers_per_year) / 100  # further dossiers a year for one point
    if quantity == "hours_per_dossier":
        return per_point(_given(scenario.hours_per_commune) / a_point, gain)
    cost = _given(scenario.cost_per_commune)
    if quantity == "cost_per_dossier":
        return per_point(cost / a_point, gain)
    value = _given(scenario.value_per_dossier) * a_point
    if quantity == "break_even_fraction":
        return per_point(cost / value, gain)
    if quantity == "chance_worth":
        return {"outcome": "computed", "expected": chance_worth(gain, points=cost / value)}
    stakes = Stakes(
        mean=_given(gain.mean),
        std_error=_given(gain.std_error),
        value=value,
        cost=cost,
        communes=case.candidates,
    )
    return {"outcome": "computed", "expected": _information(quantity, stakes, case)}


def _information(quantity: Economic, stakes: Stakes, case: _Case) -> float:
    """Worth of perfect information, of further pilots or of one month, đồng."""
    if quantity == "evpi":
        return evpi(stakes)
    scenario, spread = case.scenario, case.scenario.effect_sd
    if quantity == "evsi_pilots":
        stage = _given(measuring_error(scenario, _given(case.gain), months=scenario.stage_months))
        noise = sqrt(2) * stage  # a gain is the difference of two periods
        return evsi_pilots(stakes, pilots=case.more_pilots, effect_sd=spread, noise_sd=noise)
    month = _given(measuring_error(scenario, _given(case.gain), months=1))
    told = evsi_months(stakes, months=1, pilots=case.pilots, effect_sd=spread, noise_sd=month)
    return told - forgone(stakes, months=1)


def _given(value: _Value | None) -> _Value:
    if value is None:
        raise ValueError("a value is missing that was found known")
    return value
