"""One pilot per district: each set beside the other communes of its own district.

Whatever moves a whole district (its leaders, its sector, its one-stop network) falls out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots.effects.did_moments import Wide
from commune_pilots.effects.result import ASSUMES, Effect, judge
from commune_pilots.effects.trend import Floats

LEAST_DISTRICTS = 3
COLUMNS = (
    "unit", "district", "others", "months_before", "months_after", "before", "after", "change",
    "outcome",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinDistrict:
    """The mean over pilots, and each pilot beside its district.

    `pilots` has one row a treated unit: how many others it is set beside, the months used, its gap
    to their mean before and after (points), the change of that gap, and `outcome`: compared, or
    no_district, no_others, no_month_before, no_month_after.
    """

    effect: Effect
    pilots: pd.DataFrame


def within_district(panel: Wide, *, anticipation: int = 0, alpha: float = 0.05) -> WithinDistrict:
    """Estimate the average effect on pilots, each against the others of its district, in points.

    In each month the gap is the pilot's outcome less the mean of its district's units that are not
    treated in the panel and printed that month; the effect of a pilot is its mean gap from the
    start on less that before (the last `anticipation` periods left out). Their mean over pilots has
    Student's t over pilots: exact for independent changes of one normal law, and the better answer
    is the permutation within districts. Pilots of one district share their others and are not
    independent: they are put together first. Three districts at least for limits and p. Assumes
    that pilot and others of a district would have moved alike (A3), and one way of counting (A4).
    """
    periods = panel.outcome.shape[1]
    ever = panel.cohort < periods
    rows = [_beside(panel, int(unit), ever, anticipation) for unit in np.flatnonzero(ever)]
    pilots = pd.DataFrame(rows, columns=list(COLUMNS))
    used = pilots[pilots["outcome"] == "compared"]
    changes = used.groupby("district", sort=True)["change"].mean().to_numpy(dtype=float)
    number = len(changes)
    known = number >= LEAST_DISTRICTS
    others = used.drop_duplicates("district")["others"].sum()
    effect = judge(
        estimand="att_within_district",
        estimate=float(changes.mean()) if number else float("nan"),
        std_error=float(changes.std(ddof=1) / np.sqrt(number)) if known else float("nan"),
        df=max(number - 1, 0), small_sample=True,
        n_treated=len(used), n_comparison=int(others), method="within_district_t",
        assumptions=ASSUMES, alpha=alpha,
    )  # fmt: skip
    return WithinDistrict(effect=effect, pilots=pilots)


def _beside(
    panel: Wide, unit: int, ever: NDArray[np.bool_], anticipation: int
) -> tuple[object, ...]:
    """Set one pilot beside the others of its district."""
    name, district = str(panel.units[unit]), panel.districts[unit]
    blank = (name, district, 0, 0, 0, np.nan, np.nan, np.nan)
    if pd.isna(district):
        return (*blank, "no_district")
    others = (panel.districts == district) & ~ever
    if not others.any():
        return (*blank, "no_others")
    gap = panel.outcome[unit] - _mean(panel.outcome[others])
    start = int(panel.cohort[unit])
    before, after = gap[: max(start - anticipation, 0)], gap[start:]
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    told = (name, district, int(others.sum()), len(before), len(after))
    if not len(before) or not len(after):
        missing = "no_month_after" if len(before) else "no_month_before"
        return (*told, np.nan, np.nan, np.nan, missing)
    ends = float(before.mean()), float(after.mean())
    return (*told, *ends, ends[1] - ends[0], "compared")


def _mean(cells: Floats) -> Floats:
    """Average over units month by month; missing where nobody printed."""
    seen = ~np.isnan(cells)
    counts = seen.sum(axis=0)
    sums = np.where(seen, cells, 0.0).sum(axis=0)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
