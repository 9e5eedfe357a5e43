"""Counts by month and by day as they come in: each row a part of a whole, told once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from commune_pilots.errors import Failure
from commune_pilots.params import Indicator

_CELL = ["unit", "indicator", "definition"]


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
    months = (starts.dt.day == 1) & (ends == starts + pd.offsets.MonthEnd(0))
    yield from _failures(panel, indicators, "period_start", ~months, "period_end", file)


def day_failures(
    days: pd.DataFrame, indicators: Mapping[str, Indicator], *, file: str = ""
) -> Iterator[Failure]:
    """Find every row of table `days` that cannot be one day of one share.

    As `panel_failures`, with a day in place of a month: a date without a time of day.
    """
    timed = days["day"] != days["day"].dt.normalize()
    yield from _failures(days, indicators, "day", timed, "day", file)


def _failures(
    counts: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    begins: str,
    odd: pd.Series,
    period: str,
    file: str,
) -> Iterator[Failure]:
    """Find rows whose period is `odd`, whose parts do not fit, or which stand in another row."""
    place = pd.Series(range(len(counts)), index=counts.index)
    firsts = place.groupby([counts[name] for name in [*_CELL, begins]], dropna=False)
    rows = counts.to_dict("records")
    told = zip(rows, odd, firsts.transform("min"), strict=True)
    for at, (row, odd_period, first) in enumerate(told):
        indicator = indicators.get(row["indicator"])
        if indicator and indicator.unit != "percent":
            yield _failure(file, row, "indicator", "share_only")
        elif indicator and row["definition"] not in indicator.definitions:
            accepted = ", ".join(indicator.definitions)
            yield _failure(file, row, "definition", "unknown_definition", accepted=accepted)
        if odd_period:
            yield _failure(file, row, period, "kind_date" if period == "day" else "whole_month")
        known = pd.notna(row["numerator"]) and pd.notna(row["denominator"])
        if known and row["numerator"] > row["denominator"]:
            yield _failure(file, row, "numerator", "most", accepted=row["denominator"])
        if at != first:
            other = rows[first]
            elsewhere = "" if file or other["file"] == row["file"] else f"{other['file']} "
            accepted = f"{elsewhere}{other['row']}"
            yield _failure(file, row, begins, "figure_twice", accepted=accepted)


def _failure(
    file: str, row: Mapping[Any, Any], column: str, rule: str, **values: object
) -> Failure:
    found = row[column]
    return Failure(
        file=file or str(row["file"]),
        row=int(row["row"]),
        column=column,
        value=_written(found)[:80],
        rule=rule,
        rule_values=tuple(values.items()),
    )


def _written(value: object) -> str:
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return str(value)
