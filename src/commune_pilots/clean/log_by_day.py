"""From a judged log to counts by unit and day, for comparisons of weekdays."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from commune_pilots.clean.log_definitions import Definition, sides, tallies
from commune_pilots.clean.unit_validity import unit_on


def unit_days(log: ir.Table, definition: Definition) -> ir.Table:
    """Count a log by unit and day of reception, under one definition.

    Rows with a `verdict` are counted where it is accepted. Columns: unit, day, numerator,
    denominator and unknown (dossiers whose place cannot be told, in neither). Raises ValueError for
    a definition that counts by another day than that of reception.
    """
    if definition.basis != "received":
        raise ValueError(f"{definition.id} does not count by day of reception")
    kept = log.filter(_.verdict == "accepted") if "verdict" in log.columns else log
    kept = kept.filter(_.received.notnull())
    day = kept.received.date()
    unit = unit_on(day, kept)[0] if "at_unit" in kept.columns else kept.unit
    placed = kept.mutate(counted_unit=unit, day=day, **sides(definition))
    counted = placed.group_by(["counted_unit", "day"])
    names = {"numerator": "part", "denominator": "whole", "unknown": "unknown"}
    found = counted.aggregate(**tallies(definition))
    columns = {name: f"{definition.id}__{part}" for name, part in names.items()}
    return found.rename(unit="counted_unit", **columns)[["unit", "day", *names]]


def every_day(counted: pd.DataFrame) -> pd.DataFrame:
    """Give each unit a row for each day from the first to the last of the log, 0 where none came.

    A log holds every dossier, so a day between without one is a count of 0 and not unknown; days
    beyond its ends are not told. A day with unknown dossiers has no counts.
    """
    days = counted.assign(day=pd.to_datetime(counted["day"]).astype("datetime64[us]"))
    span = pd.date_range(days["day"].min(), days["day"].max(), unit="us", name="day")
    units = pd.Index(sorted(days["unit"].unique()), name="unit")
    index = pd.MultiIndex.from_product([units, span])
    sums = days.set_index(["unit", "day"]).reindex(index, fill_value=0)
    told = sums[["numerator", "denominator"]].astype("Int64").where(sums["unknown"] == 0)
    return told.reset_index()
