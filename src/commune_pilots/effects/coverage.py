"""What is measured at all: pilot units against indicators, interventions against evidence."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import get_args

import pandas as pd

from commune_pilots import schemas
from commune_pilots.vocabulary import Evidence, Pillar


def unit_names(units: pd.DataFrame) -> dict[str, str]:
    """Map each code to the name it carried before 1 July 2025, or its only name.

    Press figures of 2021-2024 speak of the old units, so the earliest validity period wins.
    """
    ordered = units.sort_values("valid_from", na_position="first", kind="stable")
    return dict(ordered.drop_duplicates("code")[["code", "name"]].itertuples(index=False))


def cover_pilots(
    pilots: pd.DataFrame, observations: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Cross every pilot unit with every indicator printed of any of them; blanks stay visible.

    Returns one row per unit, indicator and definition, with the observation ids of the figures
    before and after, missing where nothing is printed.
    """
    codes = pilots.loc[pilots["arm"] == "pilot", "unit"].tolist()
    own = observations[
        observations["unit"].isin(codes)
        & (observations["scope"] == "unit")
        & observations["role"].isin(["before", "after"])
    ]
    kinds = own[["indicator", "definition"]].drop_duplicates().itertuples(index=False)
    rows = []
    for (indicator, definition), code in product(kinds, codes):
        of = own[
            (own["unit"] == code)
            & (own["indicator"] == indicator)
            & (own["definition"] == definition)
        ]
        before, after = (_first(of, role) for role in ("before", "after"))
        evidence: Evidence = (
            "before_after" if before and after else "after_only" if after else "none"
        )
        rows.append(
            {
                "unit": code,
                "unit_name": names[code],
                "indicator": indicator,
                "definition": definition,
                "before": before,
                "after": after,
                "evidence": evidence,
            }
        )
    return schemas.build(rows, "coverage")


def map_evidence(interventions: pd.DataFrame) -> pd.DataFrame:
    """Count interventions by pillar (rows) and class of evidence (columns), zeros included."""
    counts = pd.crosstab(interventions["pillar"], interventions["evidence"])
    return counts.reindex(
        index=list(get_args(Pillar)),
        columns=list(get_args(Evidence)),
        fill_value=0,
    )


def _first(figures: pd.DataFrame, role: str) -> str | None:
    found = figures.loc[figures["role"] == role, "observation"]
    return None if found.empty else str(found.iloc[0])
