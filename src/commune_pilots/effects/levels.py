"""Figures that stand alone: levels to report, never to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.contrast import share_interval
from commune_pilots.effects.pairing import figure_of
from commune_pilots.effects.rounding import implied_denominators
from commune_pilots.params import Indicator
from commune_pilots.vocabulary import Rounding

SATURATED_FROM = 99.0
_ALONE = ("after", "level", "rank")


def levels_alone(
    observations: pd.DataFrame,
    names: Mapping[str, str],
    catalogue: Mapping[str, Indicator],
    *,
    paired: Sequence[str],
    rounding: Rounding,
) -> pd.DataFrame:
    """List the figures without a partner in time: levels to report, never to compare.

    A share at or above 99% is saturated: it cannot tell a good unit from a better one. A printed
    count beside a percentage implies its denominator, given as a range.
    """
    alone = observations[
        observations["role"].isin(_ALONE)
        & observations["value"].notna()
        & ~observations["observation"].isin(list(paired))
    ]
    rows = []
    for figure in alone.to_dict("records"):
        share = catalogue[figure["indicator"]].unit == "percent"
        interval = (
            share_interval(replace(figure_of(figure), numerator=None), rounding) if share else None
        )
        implied = (
            implied_denominators(int(figure["numerator"]), interval)
            if interval is not None and interval.low > 0 and pd.notna(figure["numerator"])
            else None
        )
        rows.append(
            {
                **{
                    name: figure[name]
                    for name in (
                        "observation",
                        "unit",
                        "scope",
                        "indicator",
                        "definition",
                        "role",
                        "value",
                        "decimals",
                        "qualifier",
                    )
                },
                "unit_name": names[figure["unit"]],
                "low": None if interval is None else float(100 * interval.low),
                "high": None if interval is None else float(100 * interval.high),
                "saturated": share and figure["value"] >= SATURATED_FROM,
                "denominator_low": implied[0] if implied else None,
                "denominator_high": implied[-1] if implied else None,
            }
        )
    return schemas.build(rows, "levels")
