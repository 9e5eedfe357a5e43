"""From monthly counts to a panel for comparison: who was treated when, who is left out and why.

One definition and one map of units to a panel. A former commune's series ends where it was merged;
the unit that holds it now, with an unknown share of a pilot, is neither pilot nor comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from commune_pilots import schemas
from commune_pilots.clean.panel_units import YEAR, placed

COLUMNS = (
    "unit", "unit_name", "district", "period", "period_start", "numerator", "denominator", "share",
    "cohort", "event_time", "treated", "opening", "comparison",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPanel:
    """One unit in one month a row, and what was left out.

    Columns of `panel`: `period` and `cohort` count months from year 0; `share` is in per cent;
    `cohort`, the first full month treated, and `event_time` are missing for units never treated;
    `treated` from the cohort on; `opening` marks months that the start falls into, neither before
    nor after; `comparison` says what an untreated month is: never_treated or not_yet_treated.
    `anticipation` is the longest opening in months, which estimators take off before the cohort.
    `dropped` counts rows of table `panel` by reason, as table `dropped` has them.
    """

    panel: pd.DataFrame
    dropped: pd.DataFrame
    definition: str
    balanced: bool
    anticipation: int


def build_panel(
    panel: pd.DataFrame,
    units: pd.DataFrame,
    pilots: pd.DataFrame,
    *,
    definition: str,
    balanced: bool,
) -> AnalysisPanel:
    """Lay tables `panel`, `units` and `pilots` out for comparison under one definition.

    Reasons in `dropped`, the first that holds: other_definition; unit_unknown, unit_not_valid (no
    unit has the code yet), unit_ended (merged or split), contains_former_pilot (share unknown),
    unit_began_later (after the first month of the panel); start_unknown; count_unknown,
    no_dossiers; no_month_before (treated from its first month on); months_missing (balanced only:
    a unit without every month from first to last). Opening months stay in and are marked. Raises
    ValueError for a definition the table does not hold, or a unit with two rows in a month.
    """
    known = sorted(set(panel["definition"]))
    if definition not in known:
        raise ValueError(f"definition {definition!r} is not in the panel; it has {known}")
    other = panel["definition"] != definition
    reasons = {"other_definition": int(other.sum())}
    frame = placed(panel[~other], units, pilots)
    starts = frame["period_start"].dt
    frame = frame.assign(period=(YEAR * starts.year + starts.month - 1).astype("Int64"))
    whole = frame["denominator"]
    frame["reason"] = frame["reason"].mask(
        frame["reason"].isna() & (frame["numerator"].isna() | whole.isna()), "count_unknown"
    )
    frame["reason"] = frame["reason"].mask(
        frame["reason"].isna() & whole.eq(0).fillna(value=False), "no_dossiers"
    )
    kept = frame[frame["reason"].isna()].drop(columns="reason")
    if kept.duplicated(["unit", "period"]).any():
        raise ValueError("a unit has two rows in one month: two sources of one cell")
    first = kept.groupby("unit")["period"].transform("min")
    early = (kept["opening_from"] <= first).fillna(value=False).astype(bool)
    gaps = pd.Series(data=False, index=kept.index)
    if balanced and not kept[~early].empty:
        months = kept.loc[~early, "period"]
        span = int(months.max() - months.min()) + 1
        gaps = ~early & (kept.groupby("unit")["period"].transform("size") < span)
    counts = frame["reason"].value_counts(sort=False)
    reasons |= {str(name): int(rows) for name, rows in counts.items()}
    reasons |= {"no_month_before": int(early.sum()), "months_missing": int(gaps.sum())}
    return _described(kept[~early & ~gaps], reasons, definition=definition, balanced=balanced)


def _described(
    kept: pd.DataFrame, reasons: dict[str, int], *, definition: str, balanced: bool
) -> AnalysisPanel:
    """Say of each month how it stands to its unit's start."""
    treated = (kept["period"] >= kept["cohort"]).fillna(value=False).astype(bool)
    before = (kept["period"] < kept["opening_from"]).fillna(value=False).astype(bool)
    ever = kept["cohort"].notna()
    found = kept.assign(
        share=100 * kept["numerator"].astype("float64") / kept["denominator"].astype("float64"),
        event_time=kept["period"] - kept["cohort"],
        treated=treated,
        opening=ever & ~treated & ~before,
        comparison=pd.Series(
            np.select([~ever, before], ["never_treated", "not_yet_treated"], ""),
            index=kept.index, dtype="str",
        ).replace("", None),
    )  # fmt: skip
    lengths = (found["cohort"] - found["opening_from"]).dropna()
    rows = [{"table": "panel", "reason": name, "rows": n} for name, n in reasons.items() if n]
    return AnalysisPanel(
        panel=found[list(COLUMNS)].sort_values(["unit", "period"], ignore_index=True),
        dropped=schemas.build(rows, "dropped"),
        definition=definition,
        balanced=balanced,
        anticipation=int(lengths.max()) if len(lengths) else 0,
    )
