"""One log counted in two ways: how far apart the shares are, over the same units and months."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from commune_pilots.clean.small_counts import LEAST_COUNT

_CELL = ["source", "indicator", "unit", "period_start", "period_end"]


def definition_gaps(panel: pd.DataFrame, *, least: int = LEAST_COUNT) -> pd.DataFrame:
    """Compare the shares of each definition of an indicator with those of the next one.

    Columns: indicator, first, second (definitions), months (unit-months that both tell),
    first_share and second_share (per cent, over all of these), difference (points, second less
    first). A share is missing where its counts are small (1 to least - 1, or what is left of the
    whole), and so is then the difference. Definitions without a month in common have no row; none
    of this says which of two is right.
    """
    known = panel[panel[["numerator", "denominator"]].notna().all(axis=1)]
    found = []
    for indicator, own in known.groupby("indicator", sort=True):
        ways = {str(name): rows for name, rows in own.groupby("definition", sort=True)}
        for first, second in pairwise(ways):
            both = ways[first].merge(ways[second], on=_CELL, suffixes=("_first", "_second"))
            if both.empty:
                continue
            shares = [_share(both, side, least) for side in ("first", "second")]
            gap = None if None in shares else shares[1] - shares[0]  # type: ignore[operator]
            found.append((indicator, first, second, len(both), *shares, gap))
    columns = ["indicator", "first", "second", "months", "first_share", "second_share"]
    told = pd.DataFrame(found, columns=[*columns, "difference"])
    numbers = dict.fromkeys(["first_share", "second_share", "difference"], "float64")
    return told.astype({"months": "Int64", **numbers})


def _share(both: pd.DataFrame, side: str, least: int) -> float | None:
    part, whole = (int(both[f"{name}_{side}"].sum()) for name in ("numerator", "denominator"))
    small = any(0 < count < least for count in (part, whole - part))
    return None if small or not whole else 100 * part / whole
