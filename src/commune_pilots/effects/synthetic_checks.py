"""How far a synthetic control can be trusted: placebos in space and time, donors left out."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd

from commune_pilots.effects.estimate import Estimate
from commune_pilots.effects.synthetic import (
    Month,
    Synthesis,
    Synthetic,
    months_before,
    synthetic_control,
    synthetic_did,
    synthetic_refusal,
)

_COLUMNS = ["unit", "estimate", "error_before", "ratio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebos:
    """A synthetic estimate beside those of donors that were not treated.

    `effect` has the p-value of its rank and the interval of `placebos_in_space`, `rank_of_fit` the
    place of the treated unit's error before the start among all (1 is the best fit). `table` has
    one row a donor: unit, estimate, error_before, ratio.
    """

    effect: Estimate
    rank_of_fit: int
    donors: int
    table: pd.DataFrame


def synthesise(shares: pd.DataFrame, *, treated: str, start: Month, method: Synthesis) -> Synthetic:
    """Make the synthetic unit by one of the two methods."""
    make = synthetic_control if method == "synthetic_control" else synthetic_did
    return make(shares, treated=treated, start=start)


def placebos_in_space(
    shares: pd.DataFrame, *, treated: str, start: Month, method: Synthesis, alpha: float
) -> Placebos:
    """Ask the same of each donor as if it had been treated, and rank the treated unit among them.

    The treated unit is never a donor of a placebo. The p-value is the rank of the ratio of errors
    (synthetic control) or of the absolute estimate (synthetic DiD) over donors + 1, the smallest
    that can be reached being 1/(donors + 1). The standard error is that of all placebo estimates
    about their mean. The interval takes their quantiles off the estimate (Conley & Taber 2011); it
    is unbounded where the smallest p-value is above alpha.

    Assumes that shocks of donors have the same distribution as those of the treated unit.
    Source: Abadie, Diamond & Hainmueller 2010; Arkhangelsky et al. 2021, algorithm 4.
    """
    own = synthesise(shares, treated=treated, start=start, method=method)
    others = shares.drop(index=treated)
    found = [
        synthesise(others, treated=str(unit), start=start, method=method) for unit in others.index
    ]
    table = pd.DataFrame(
        [[one.treated, one.estimate, one.error_before, one.ratio] for one in found],
        columns=_COLUMNS,
    )
    ratios = method == "synthetic_control"
    size = own.ratio if ratios else abs(own.estimate)
    as_large = int((table["ratio"] if ratios else table["estimate"].abs()).ge(size).sum())
    smallest = 1 / (len(table) + 1)
    low, high = np.quantile(table["estimate"], [alpha / 2, 1 - alpha / 2], method="weibull")
    bounded = smallest <= alpha
    return Placebos(
        effect=Estimate(
            estimate=own.estimate,
            std_error=float(table["estimate"].std(ddof=0)),
            conf_low=own.estimate - float(high) if bounded else -inf,
            conf_high=own.estimate - float(low) if bounded else inf,
            p_value=(as_large + 1) * smallest,
            smallest_p=smallest,
        ),
        rank_of_fit=1 + int((table["error_before"] < own.error_before).sum()),
        donors=len(table),
        table=table,
    )


def leave_one_donor_out(
    shares: pd.DataFrame, *, treated: str, start: Month, method: Synthesis, least: float
) -> pd.DataFrame:
    """Estimate again without each donor that weighs at least `least`: donor, weight, estimate.

    A number that hangs on one donor moves when it goes.
    """
    own = synthesise(shares, treated=treated, start=start, method=method)
    heavy = own.weights[own.weights >= least].sort_values(ascending=False, kind="stable")
    rows = [
        (unit, weight, _estimate(shares.drop(index=unit), treated, start, method))
        for unit, weight in heavy.items()
    ]
    return pd.DataFrame(rows, columns=["donor", "weight", "estimate"])


def placebos_in_time(
    shares: pd.DataFrame, *, treated: str, start: Month, method: Synthesis, least_after: int
) -> pd.DataFrame:
    """Pretend earlier starts, on the months before the true one only: month and estimate.

    No row where too few months are left before a pretended start, or fewer than `least_after`
    behind it: then the check is not possible with these data.
    """
    before = shares.loc[:, months_before(shares, start)]
    months: list[Any] = list(before.columns)[: len(before.columns) - least_after + 1]
    rows = [
        (month, _estimate(before, treated, month, method))
        for month in months
        if synthetic_refusal(before, treated=treated, start=month) is None
    ]
    return pd.DataFrame(rows, columns=["month", "estimate"])


def _estimate(shares: pd.DataFrame, treated: str, start: Month, method: Synthesis) -> float:
    if synthetic_refusal(shares, treated=treated, start=start):
        return nan
    return synthesise(shares, treated=treated, start=start, method=method).estimate
