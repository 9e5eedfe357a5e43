"""A panel as a matrix of units and periods, and all that difference-in-differences takes from it.

In a balanced panel treated from a cohort on, every estimate without covariates, and its standard
error, is a function of the means and the scatter of each cohort: so thousands of units are gone
through once, and every estimator works on cohorts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots.effects.trend import Floats, Ints

NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """A panel: outcome (units x periods, missing where not observed) and who was treated when.

    `cohort` is the column of the first period treated, NEVER for units never treated; it may lie
    behind the last column. `first` is the period of column 0, `districts` the parent of each unit.
    """

    outcome: Floats
    cohort: Ints
    units: NDArray[np.object_]
    districts: NDArray[np.object_]
    first: int

    @property
    def treated(self) -> NDArray[np.bool_]:
        """Whether each unit is treated in each period (units x periods)."""
        return np.arange(self.outcome.shape[1]) >= self.cohort[:, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What a balanced panel says of its cohorts, each unit's own mean taken off its outcomes.

    `cohorts` are columns of first treatment in order, NEVER last; `sizes` count units, `means` are
    cohorts x periods, `scatter` (cohorts x periods x periods) sums products about those means.
    """

    cohorts: Ints
    sizes: Ints
    means: Floats
    scatter: Floats
    first: int = 0

    @property
    def periods(self) -> int:
        """How many periods there are."""
        return int(self.means.shape[1])

    @property
    def ever(self) -> NDArray[np.bool_]:
        """Which cohorts are treated within the panel."""
        return self.cohorts < self.periods


def widen(panel: pd.DataFrame, *, outcome: str = "share") -> Wide:
    """Lay a long panel out as a matrix; months that nobody reports are missing columns or cells.

    `panel` has unit, period, cohort (missing: never treated), district and the outcome, as
    `clean.analysis_panel.build_panel` gives it. Raises ValueError for a unit-period told twice, a
    unit of two cohorts, or no rows.
    """
    if panel.empty or panel.duplicated(["unit", "period"]).any():
        raise ValueError("a panel has one row for each unit and period, and at least one")
    rows, units = pd.factorize(panel["unit"], sort=True)
    periods = panel["period"].to_numpy(dtype="int64")
    first = int(periods.min())
    matrix = np.full((len(units), int(periods.max()) - first + 1), np.nan)
    matrix[rows, periods - first] = panel[outcome].to_numpy(dtype="float64", na_value=np.nan)
    starts = panel["cohort"].to_numpy(dtype="int64", na_value=NEVER)
    cohort = np.empty(len(units), dtype="int64")
    cohort[rows] = starts
    if (cohort[rows] != starts).any():
        raise ValueError("cohort: a unit has one period of first treatment, or none")
    districts = np.empty(len(units), dtype=object)
    districts[rows] = panel["district"].to_numpy(dtype=object)
    return Wide(
        outcome=matrix,
        cohort=np.where(cohort == NEVER, NEVER, cohort - first),
        units=np.asarray(units, dtype=object),
        districts=districts,
        first=first,
    )


def without_opening(wide: Wide, *, anticipation: int) -> Wide:
    """Take out of each treated unit the periods that its start may be spread over."""
    periods = np.arange(wide.outcome.shape[1])
    starts = wide.cohort[:, None]
    opening = (periods < starts) & (periods >= starts - anticipation)
    return replace(wide, outcome=np.where(opening, np.nan, wide.outcome))


def is_balanced(wide: Wide) -> bool:
    """Say whether every unit is observed in every period."""
    return not bool(np.isnan(wide.outcome).any())


def moments_of(wide: Wide) -> Moments:
    """Go through a balanced panel once: means and scatter of every cohort.

    Raises ValueError where a cell is missing, a unit is treated from the first period on (nothing
    is known of it before), or nobody is treated.
    """
    if not is_balanced(wide):
        raise ValueError("the panel is not balanced: closed forms need every unit in every period")
    refuse_undated(wide)
    periods = wide.outcome.shape[1]
    # Who is treated after the last period is not treated in any: one comparison cohort with never.
    starts = np.where(wide.cohort < periods, wide.cohort, NEVER)
    order = np.argsort(starts, kind="stable")
    outcome = wide.outcome[order]
    outcome -= outcome.mean(axis=1, keepdims=True)
    cohorts, begins, sizes = np.unique(starts[order], return_index=True, return_counts=True)
    means = np.add.reduceat(outcome, begins, axis=0) / sizes[:, None]
    scatter = np.empty((len(cohorts), periods, periods))
    for at, (begin, size) in enumerate(zip(begins, sizes, strict=True)):
        apart = outcome[begin : begin + size] - means[at]
        np.matmul(apart.T, apart, out=scatter[at])
    return Moments(
        cohorts=cohorts.astype("int64"), sizes=sizes.astype("int64"), means=means,
        scatter=scatter, first=wide.first,
    )  # fmt: skip


def cohort_errors(loadings: Floats, moments: Moments) -> tuple[Floats, Floats]:
    """Give sums of loadings times outcomes over all units a standard error and degrees of freedom.

    `loadings` is rows x cohorts x periods. Cohorts count as samples of their own, their sizes as
    given, so variances are unbiased whatever the scatter of each (Welch 1947). Degrees of freedom
    are Satterthwaite's under one scatter in all cohorts, as Bell & McCaffrey 2002 have them: those
    of the estimated scatters find too much with three treated units (tests/recovery). A cohort of
    one unit that enters leaves its row without either.
    """
    enters = (loadings != 0).any(axis=2)
    sizes = np.where(moments.sizes > 1, moments.sizes, np.nan)
    pooled = moments.scatter.sum(axis=0) / max(int((moments.sizes - 1).sum()), 1)
    own = moments.scatter / (sizes - 1)[:, None, None]
    variance = np.where(enters, sizes * _squares(loadings, own), 0.0).sum(axis=1)
    expected = np.where(enters, sizes * _squares(loadings, pooled[None]), 0.0)
    spread = np.where(enters, expected**2 / (sizes - 1), 0.0).sum(axis=1)
    return np.sqrt(variance), expected.sum(axis=1) ** 2 / np.where(spread > 0, spread, np.nan)


def _squares(loadings: Floats, scatter: Floats) -> Floats:
    """Take the variance of loadings times outcomes, cohort by cohort (rows x cohorts)."""
    turned = np.matmul(loadings.transpose(1, 0, 2), scatter).transpose(1, 0, 2)
    return np.asarray((turned * loadings).sum(axis=2))


def refuse_undated(wide: Wide) -> None:
    """Refuse units treated from the first period on, and a panel in which nobody is treated."""
    if (wide.cohort <= 0).any():
        names = ", ".join(map(str, wide.units[wide.cohort <= 0][:5]))
        raise ValueError(f"treated from the first period on, so nothing is known before: {names}")
    if not (wide.cohort < wide.outcome.shape[1]).any():
        raise ValueError("nobody is treated within the panel")
