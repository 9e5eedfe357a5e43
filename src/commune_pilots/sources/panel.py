"""Counts by month as they come in: each row a whole month, a part of a whole, told once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from commune_pilots.errors import Failure
from commune_pilots.params import Indicator

_CELL = ["unit", "indicator", "definition", "period_start"]


def panel_failures(
    panel: pd.DataFrame, indicators: Mapping[str, Indicator], *, file: str = ""
) -> Iterator[Failure]:
    """Find every row of table `panel` that cannot be one month of one share.

    A row needs a share's indicator, a definition of that indicator, the first and the last day of
    one month, a numerator within its denominator, and no other row for the same unit, indicator,
    definition and month: two sources of one cell are for a person to settle. Rows stand in `file`,
    or where the table says.
    """
    starts, ends = panel["period_start"], panel["period_end"]
    whole_months = (starts.dt.day == 1) & (ends == starts + pd.offsets.MonthEnd(0))
    place = pd.Series(range(len(panel)), index=panel.index)
    firsts = place.groupby([panel[name] for name in _CELL], dropna=False).transform("min")
    rows = panel.to_dict("records")
    for at, (row, whole_month, first) in enumerate(zip(rows, whole_months, firsts, strict=True)):
        indicator = indicators.get(row["indicator"])
        if indicator and indicator.unit != "percent":
            yield _failure(file, row, "indicator", "share_only")
        elif indicator and row["definition"] not in indicator.definitions:
            accepted = ", ".join(indicator.definitions)
            yield _failure(file, row, "definition", "unknown_definition", accepted=accepted)
        if not whole_month:
            yield _failure(file, row, "period_end", "whole_month")
        known = pd.notna(row["numerator"]) and pd.notna(row["denominator"])
        if known and row["numerator"] > row["denominator"]:
            yield _failure(file, row, "numerator", "most", accepted=row["denominator"])
        if at != first:
            other = rows[first]
            elsewhere = "" if file or other["file"] == row["file"] else f"{other['file']} "
            accepted = f"{elsewhere}{other['row']}"
            yield _failure(file, row, "period_start", "figure_twice", accepted=accepted)


def _failure(
    file: str, row: Mapping[Any, Any], column: str, rule: str, **values: object
) -> Failure:
    found = row[column]
    return Failure(
        file=file or str(row["file"]),
        row=int(row["row"]),
        column=column,
        value=str(found.date() if isinstance(found, pd.Timestamp) else found)[:80],
        rule=rule,
        rule_values=tuple(values.items()),
    )
