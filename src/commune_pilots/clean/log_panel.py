"""From a judged log to counts by unit and month, ready for table `panel`.

One set of expressions for every engine; pandas only lays out what is already counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import Deferred, _

from commune_pilots import schemas
from commune_pilots.clean.log_definitions import (
    Basis,
    Definition,
    knows,
    refuse_absent,
    sides,
    tallies,
)
from commune_pilots.clean.unit_validity import unit_on
from commune_pilots.errors import InputError

MOST_UNKNOWN = 0.05
_CELL = ["unit", "since", "month"]
_GROUP = ["file", "sheet", "verdict", *_CELL]


def unit_months(
    log: ir.Table,
    definitions: Sequence[Definition],
    *,
    basis: Basis,
    flags: Mapping[str, Deferred] | None = None,
) -> ir.Table:
    """Count a log by file, sheet, unit and month, under the definitions of one basis.

    Months are those of reception or of completion; a unit is the one that held the dossier on that
    day with the day that unit began, after `unit_validity.locate`, else the code itself.
    Rows with a `verdict` are counted apart by it. Columns: file, sheet, verdict (accepted where
    there is none), unit, since, month, rows; for each definition the sums of `tallies` and
    `knows`; and `flags`.
    """
    stands: dict[str, Any] = {}
    sums: dict[str, Any] = {"rows": _.count()}
    for one in definitions:
        if one.basis == basis:
            stands |= sides(one)
            sums |= tallies(one) | knows(one.variant.columns)
    day = log[basis].date()
    unit, since = log.unit, ibis.literal(None, type="date")
    if "at_unit" in log.columns:
        unit, since = unit_on(day, log)
    # Numbers of the month are cheaper to group by than its first day.
    when = {"month_year": log[basis].year(), "month_number": log[basis].month()}
    placed = log.mutate(counted_unit=unit, since=since, **when, **stands)
    told = ["verdict"] if "verdict" in log.columns else []
    keys = ["file", "sheet", *told, "counted_unit", "since", *when]
    counted = placed.group_by(keys).aggregate(**sums, **(flags or {}))
    if not told:
        counted = counted.mutate(verdict=ibis.literal("accepted"))
    months = counted.mutate(month=ibis.date(_.month_year, _.month_number, 1))
    return months.drop(*when).rename(unit="counted_unit")


def take_off(everything: pd.DataFrame, noted: pd.DataFrame) -> pd.DataFrame:
    """Take what is not accepted off what was counted of the whole log.

    Both come from `unit_months`: of every row, and of the rows set aside by verdict. Returns the
    same columns, the rows of every verdict apart, in the order of file, verdict, unit and month.
    Sums of whole numbers, so nothing is lost.
    """
    out = noted[noted["verdict"] != "accepted"]
    sums = [name for name in everything.columns if name not in _GROUP]
    less = out.assign(verdict="accepted", **{name: -out[name] for name in sums})
    kept = pd.concat([everything, less]).groupby(_GROUP, dropna=False, sort=False)[sums].sum()
    kept = kept[kept["rows"] != 0].reset_index()
    return pd.concat([kept, out]).sort_values(_GROUP, kind="stable", ignore_index=True)


def account(counted: pd.DataFrame) -> pd.DataFrame:
    """Say what became of the rows of each file and sheet, from `take_off`.

    Columns: file, sheet, read, accepted, rejected, duplicates; read is always the sum of the rest.
    Rows in conflict count as rejected.
    """
    became = {"conflict": "rejected", "duplicate": "duplicates"}
    rows = counted["rows"].astype("Int64")
    told = pd.DataFrame({"file": counted["file"], "sheet": counted["sheet"], "read": rows})
    verdicts = counted["verdict"].replace(became)
    for name in ("accepted", "rejected", "duplicates"):
        told[name] = rows.where(verdicts == name, 0)
    return told.groupby(["file", "sheet"], dropna=False, as_index=False).sum()


def as_panel(
    counted: pd.DataFrame,
    definitions: Sequence[Definition],
    *,
    source: str,
    file: str,
    simulated: bool = False,
    most_unknown: float = MOST_UNKNOWN,
) -> pd.DataFrame:
    """Lay counts out as table `panel`: one row a unit, indicator, definition and whole month.

    `counted` is what `take_off` gives for the basis of `definitions`. Counts are over dossiers
    whose place is known; the note tells how many are not, and where these are more than
    `most_unknown` of a cell the numerator is missing: what is left might not be like them.
    A month without dossiers of the whole has no row. Raises InputError where no dossier tells a
    column that a definition needs, and where one code stands for two units in these months.
    """
    accepted = counted[(counted["verdict"] == "accepted") & counted["month"].notna()]
    _refuse_reused(accepted)
    sums = accepted.drop(columns=["file", "sheet", "verdict"]).groupby(
        _CELL, sort=True, dropna=False
    )
    cells = sums.sum().reset_index()
    starts = pd.to_datetime(cells["month"]).astype("datetime64[us]")
    told = []
    for one in definitions:
        if len(cells):
            columns = [f"{name}__known" for name in one.variant.columns]
            refuse_absent(one, {name: int(cells[name].sum()) for name in columns})
        part, whole, unknown = (
            cells[f"{one.id}__{name}"].astype("Int64") for name in ("part", "whole", "unknown")
        )
        unclear = _share_unknown(cells, one) > most_unknown
        told.append(
            pd.DataFrame(
                {
                    "source": source,
                    "unit": cells["unit"],
                    "indicator": one.variant.indicator,
                    "definition": one.id,
                    "period_start": starts,
                    "period_end": starts + pd.offsets.MonthEnd(0),
                    "numerator": part.mask(unclear),
                    "denominator": whole,
                    "note": _notes(unknown, simulated=simulated),
                    "file": file,
                }
            )[(whole > 0) | (unknown > 0)]
        )
    blank = schemas.empty("panel")
    found = pd.concat(told, ignore_index=True) if told else blank
    rows = found.assign(row=range(2, len(found) + 2))[list(blank.columns)]
    return schemas.check(rows.astype(dict(blank.dtypes)), "panel", file=file)


def _share_unknown(cells: pd.DataFrame, one: Definition) -> pd.Series:
    """Give the share of unknown dossiers among those of the whole, or maybe of it."""
    known = cells[f"{one.id}__{'counted' if one.variant.whole_sum else 'whole'}"]
    unknown = cells[f"{one.id}__unknown"]
    return (unknown / (known + unknown)).fillna(0.0)


def _notes(unknown: pd.Series, *, simulated: bool) -> pd.Series:
    label = "simulated" if simulated else ""
    gap = "; " if simulated else ""
    told = unknown.map(lambda count: f"{label}{gap}{count} unknown" if count else label)
    return told.astype("str").where(told != "")


def _refuse_reused(cells: pd.DataFrame) -> None:
    """Refuse to join two units that carry one code, one after the other, into one series."""
    begun = cells[["unit", "since"]].drop_duplicates().sort_values(["unit", "since"])
    again = begun[begun["unit"].duplicated()]
    if len(again):
        code, day = again.iloc[0]
        raise InputError("log_code_reused", code=code, day=str(day)[:10])
