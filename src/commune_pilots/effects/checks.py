"""Checks of a contrast: which rival explanations are ruled out, which stand, which cannot be seen.

`passed` rules the rival out, `failed` says that it stands, `not_possible` that nothing printed can
tell. The statistic is the rival's size: how large it must be, or how many of it there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.contrast import contrast_all
from commune_pilots.params import Indicator

Outcome = Literal["passed", "failed", "not_possible"]
_DENOMINATORS: dict[str, Outcome] = {
    "decided": "passed",
    "decisive": "failed",
    "open": "not_possible",
}


def check_contrasts(
    contrasts: pd.DataFrame,
    observations: pd.DataFrame,
    events: pd.DataFrame,
    pilots: pd.DataFrame,
    catalogue: Mapping[str, Indicator],
    *,
    least_dossiers: int,
    alpha: float,
) -> pd.DataFrame:
    """Check each contrast against its rival explanations (table checks, eight rows a contrast)."""
    any_rounding = contrast_all(
        observations,
        dict(zip(contrasts["unit"], contrasts["unit_name"], strict=True)),
        indicators=list(contrasts["indicator"].unique()) or ["-"],
        rounding="any",
        least_dossiers=least_dossiers,
        alpha=alpha,
    ).set_index("contrast")["denominators"]
    figures = observations.set_index("observation")
    rows: list[dict[str, object]] = []
    for contrast in contrasts.to_dict("records"):
        definition = catalogue[contrast["indicator"]].definitions[contrast["definition"]]
        pilot_units = set(pilots.loc[pilots["arm"] == "pilot", "unit"])
        paired = set(contrasts.loc[contrasts["indicator"] == contrast["indicator"], "unit"])
        unreported = len(pilot_units - paired)
        compared = int((pilots["arm"] == "comparison").sum())
        rivals = rival_events(events, contrast, figures)
        undated = sum(
            bool(pd.isna(figures.loc[contrast[side], "period_end"]))
            for side in ("before_observation", "after_observation")
        )
        found: list[tuple[str, Outcome, float | None, int | None, str | None]] = [
            (
                "denominators",
                _DENOMINATORS[contrast["denominators"]],
                float(contrast["witness_p"]),
                4,
                None,
            ),
            (
                "rounding",
                "passed"
                if any_rounding[contrast["contrast"]] == contrast["denominators"]
                else "failed",
                None,
                None,
                None,
            ),
            (
                "common_trend",
                "not_possible",
                float(contrast["change"]),
                int(contrast["change_decimals"]),
                national_change(observations, contrast),
            ),
            (
                "other_measures",
                "failed" if len(rivals) else "not_possible",
                float(len(rivals)),
                0,
                ";".join(rivals["event"]) or None,
            ),
            (
                "assisted_filing",
                {"counted": "failed", "left_out": "passed", "unknown": "not_possible"}[
                    definition.assisted
                ],  # type: ignore[list-item]
                relabelled_share(contrast),
                1,
                None,
            ),
            ("comparison_units", "passed" if compared else "failed", float(compared), 0, None),
            (
                "selective_reporting",
                "failed" if unreported else "passed",
                float(unreported),
                0,
                None,
            ),
            ("dated_periods", "failed" if undated else "passed", float(undated), 0, None),
        ]
        rows.extend(
            {
                "contrast": contrast["contrast"],
                "check": name,
                "outcome": outcome,
                "statistic": statistic,
                "decimals": decimals,
                "reference": reference,
            }
            for name, outcome, statistic, decimals, reference in found
        )
    return schemas.build(rows, "checks")


def rival_events(
    events: pd.DataFrame, contrast: Mapping[Any, Any], figures: pd.DataFrame
) -> pd.DataFrame:
    """List province-wide measures outside the pilot that fall after the period before.

    A measure counts if it may move the contrast's indicator; one that starts after the later figure
    was reported does not. Unknown dates exclude nothing.
    """
    start = figures.loc[contrast["before_observation"], "period_end"]
    end = figures.loc[contrast["after_observation"], "period_end"]
    moves = events["moves"].fillna("").str.split(";").map(lambda ids: contrast["indicator"] in ids)
    inside = moves & events["programme"].isna()
    if pd.notna(start):
        inside &= ~(events["date_start"] <= start)
    if pd.notna(end):
        inside &= ~(events["date_start"] > end)
    return events[inside]


def national_change(observations: pd.DataFrame, contrast: Mapping[Any, Any]) -> str | None:
    """Find the printed national change of the same indicator, as an observation id.

    It is context under another definition: shown beside the break-even, never subtracted.
    """
    found = observations[
        (observations["indicator"] == f"{contrast['indicator']}_gain")
        & (observations["scope"] == "country")
        & observations["value"].notna()
    ]
    return None if found.empty else str(found["observation"].iloc[0])


def relabelled_share(contrast: Mapping[Any, Any]) -> float:
    """Compute the share of the later figure that must be counted otherwise to undo the change.

    In per cent: 100 (1 - before/after); 100 where no share before is known.
    """
    before = 0.0 if pd.isna(contrast["before"]) else float(contrast["before"])
    return 100 * (1 - before / float(contrast["after"]))
