"""Months out of reports that count from 1 January on: the difference of one report and the last."""

from __future__ import annotations

import pandas as pd

from commune_pilots import schemas
from commune_pilots.errors import InputError

_SERIES = ["unit", "indicator", "definition"]
_COUNTS = ("numerator", "denominator")


def by_month(reports: pd.DataFrame) -> pd.DataFrame:
    """Take counts cumulative since 1 January apart into months (table panel).

    `reports` has the columns of table `panel`, each period from 1 January to the end of a month.
    A month is the difference to the report of the month before, the first one of January itself.
    Where that report is missing the month's counts are missing and the note says so: a difference
    over several months is none of them. Raises InputError where a cumulative count falls, naming
    file and row, and ValueError for a period that does not start on 1 January or is told twice.

    What is filed late or corrected in a later report counts in the month of that report: the
    definitions `..._cumulative` are their own and never join those of a dossier log.
    """
    starts, ends = reports["period_start"].dt, reports["period_end"].dt
    if not ((starts.month == 1) & (starts.day == 1) & ends.is_month_end).all():
        raise ValueError("a cumulative period runs from 1 January to the end of a month")
    if reports.duplicated([*_SERIES, "period_end"]).any():
        raise ValueError("a cumulative period is told twice")
    year = ends.year.rename("year")
    ordered = reports.assign(year=year).sort_values([*_SERIES, "period_end"], kind="stable")
    series = ordered.groupby([*_SERIES, "year"], sort=False)
    month = ordered["period_end"].dt.month
    before = month - series["period_end"].shift().dt.month.fillna(0)
    follows = before == 1
    found = ordered.copy()
    for name in _COUNTS:
        last = series[name].shift().fillna(0).where(month != 1, 0)
        told = series[name].shift().notna() | (month == 1)
        step = ordered[name] - last
        _refuse_fall(ordered, name, step.where(told), last)
        found[name] = step.where(follows & told)
    found["period_start"] = (
        ordered["period_end"].dt.to_period("M").dt.start_time.astype("datetime64[us]")
    )
    gaps = ~follows
    found["note"] = ordered["note"].where(~gaps, "no report of the month before")
    kept = found[list(schemas.empty("panel").columns)].sort_index()
    return schemas.check(kept, "panel")


def _refuse_fall(reports: pd.DataFrame, name: str, step: pd.Series, last: pd.Series) -> None:
    fallen = (step < 0).fillna(False)
    if fallen.any():
        at, before = reports[fallen].iloc[0], last[fallen].iloc[0]
        raise InputError(
            "cumulative_falls",
            file=at["file"],
            row=int(at["row"]),
            found=int(at[name]),
            before=int(before),
        )
