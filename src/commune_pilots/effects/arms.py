"""Who is compared with whom: pilots, their comparison units, and how the pilots were chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from commune_pilots.clean.analysis_panel import AnalysisPanel, build_panel
from commune_pilots.effects.assignment import (
    Assignment,
    Bools,
    Floats,
    Ints,
    completely_random,
    within_strata,
)
from commune_pilots.effects.did_moments import (
    Moments,
    Wide,
    is_balanced,
    moments_of,
    widen,
    without_opening,
)
from commune_pilots.effects.start_dates import changes_at

LEAST_DISTRICTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """One definition's panel, laid out for comparison.

    `wide` has units with a month on both sides of every start, months of opening taken out;
    `treated` marks the pilots among them. `assignment` is the mechanism that randomisation repeats,
    `by_district` whether within districts; None without pilots, or without comparison. `moments`
    are those of units without a gap; None where they cannot be had.
    """

    panel: AnalysisPanel
    wide: Wide
    treated: Bools
    starts: Ints
    assignment: Assignment | None
    by_district: bool
    moments: Moments | None

    @property
    def months_before(self) -> int:
        """Months before the first start, those of the opening left out."""
        return max(int(self.starts.min()) - self.panel.anticipation, 0) if len(self.starts) else 0

    @property
    def months_after(self) -> int:
        """Months from the last start on."""
        return int(self.wide.outcome.shape[1] - self.starts.max()) if len(self.starts) else 0


def arms_of(
    panel: pd.DataFrame, units: pd.DataFrame, pilots: pd.DataFrame, *, definition: str
) -> Arms | None:
    """Lay table `panel` of one definition out for comparison; None if no row of it can be used.

    One pilot in each of several districts with other communes is read as a choice within districts;
    anything else as a choice at random among all units (A16). Raises ValueError as `build_panel`.
    """
    built = build_panel(panel, units, pilots, definition=definition, balanced=False)
    if built.panel.empty:
        return None
    whole = widen(built.panel)
    treated = whole.cohort < whole.outcome.shape[1]
    starts = np.unique(whole.cohort[treated])
    wide = without_opening(whole, anticipation=built.anticipation)
    sided = np.ones(len(treated), dtype=bool)
    for start in starts:
        known = ~np.isnan(changes_at(wide, int(start), anticipation=built.anticipation))
        sided &= known | (treated & (wide.cohort != start))
    kept = _keep(wide, sided)
    chosen = kept.cohort < kept.outcome.shape[1]
    assignment, by_district = _mechanism(kept, chosen)
    return Arms(
        panel=built,
        wide=kept,
        treated=chosen,
        starts=np.unique(kept.cohort[chosen]),
        assignment=assignment,
        by_district=by_district,
        moments=_moments(whole),
    )


def keep(arms: Arms, kept: Bools) -> Arms:
    """Take some of the units, the mechanism told anew (moments are not)."""
    wide, treated = _keep(arms.wide, kept), arms.treated[kept]
    assignment, by_district = _mechanism(wide, treated)
    return replace(
        arms, wide=wide, treated=treated, starts=np.unique(wide.cohort[treated]),
        assignment=assignment, by_district=by_district, moments=None,
    )  # fmt: skip


def common_changes(arms: Arms) -> Floats:
    """Take each unit's change about the one start date, in points."""
    return changes_at(arms.wide, int(arms.starts[0]), anticipation=arms.panel.anticipation)


def _keep(wide: Wide, kept: Bools) -> Wide:
    return replace(
        wide, outcome=wide.outcome[kept], cohort=wide.cohort[kept], units=wide.units[kept],
        districts=wide.districts[kept],
    )  # fmt: skip


def _mechanism(wide: Wide, treated: Bools) -> tuple[Assignment | None, bool]:
    """Tell how pilots were chosen as far as the panel shows it."""
    if not 0 < treated.sum() < len(treated):
        return None, False
    districts = pd.Series(wide.districts, dtype="object")
    piloted = districts[treated]
    if len(piloted) >= LEAST_DISTRICTS and piloted.notna().all() and piloted.is_unique:
        sizes = districts.groupby(districts).size()
        if (sizes[piloted] > 1).all():
            strata = districts.fillna("").to_numpy(dtype=str)
            return within_strata(treated, strata=strata), True
    return completely_random(treated), False


def _moments(wide: Wide) -> Moments | None:
    """Take the units that have every month, if pilots and others are among them."""
    full = _keep(wide, ~np.isnan(wide.outcome).any(axis=1) & (wide.cohort > 0))
    ever = full.cohort < full.outcome.shape[1]
    if not ever.any() or not is_balanced(full):
        return None
    return moments_of(full)
