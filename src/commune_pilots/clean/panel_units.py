"""Which unit a row of counts is of, whether it may stand in a panel, and when it was treated.

Codes were given again on 1 July 2025, so a unit is its code with the day it began.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pandas as pd

from commune_pilots.clean.unit_validity import FIRST_DAY, validity

YEAR = 12
_DAY = dt.timedelta(days=1)
Unit = tuple[str, dt.date]


class _Start(NamedTuple):
    """Months counted from year 0: the first that the start falls into, the first full one."""

    opening_from: int
    cohort: int


def placed(panel: pd.DataFrame, units: pd.DataFrame, pilots: pd.DataFrame) -> pd.DataFrame:
    """Add to each row of table `panel` its unit, that unit's start, and a reason to leave it out.

    Adds unit_name, district (the parent, where it is a district), opening_from and cohort (months
    counted from year 0; missing for units never treated) and `reason`, missing where nothing speaks
    against the row.
    """
    spells = validity(units).drop(columns=["at_until", "then_unit", "then_since"])
    at_unit = _meant(panel, spells)
    first_day = panel["period_start"].min()
    treated = _treated(pilots, spells)
    holders = _holders(units, set(treated))
    known = {unit: start for unit, start in treated.items() if start}
    keys = list(zip(at_unit["at_unit"], at_unit["at_since"], strict=True))
    described = {_key(row): row for row in units[units["level"] == "commune"].to_dict("records")}
    rows = [described.get(key, {}) for key in keys]
    starts = [known.get(key) for key in keys]
    return panel.assign(
        unit_name=pd.Series([row.get("name") for row in rows], index=panel.index, dtype="str"),
        district=pd.Series(
            [row["parent"] if row.get("parent_level") == "district" else None for row in rows],
            index=panel.index, dtype="str",
        ),
        opening_from=_months([start and start.opening_from for start in starts], panel.index),
        cohort=_months([start and start.cohort for start in starts], panel.index),
        reason=pd.Series(
            [
                _reason(outcome, key, first_day.date(), treated, holders)
                for outcome, key in zip(at_unit["unit_outcome"], keys, strict=True)
            ],
            index=panel.index, dtype="str",
        ),
    )  # fmt: skip


def _meant(panel: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Look up what the code of each row stands for on the first day of its month."""
    asked = pd.DataFrame(
        {
            "code": panel["unit"].to_numpy(),
            "day": panel["period_start"].dt.date.to_numpy(),
            "row": range(len(panel)),
        }
    )
    months = asked[["code", "day"]].drop_duplicates()
    found = months.merge(spells, on="code")
    found = found[(found["starts"] <= found["day"]) & (found["day"] <= found["ends"])]
    return asked.merge(found, on=["code", "day"], how="left", validate="many_to_one")


def _reason(
    outcome: object,
    unit: Unit,
    first_day: dt.date,
    treated: dict[Unit, _Start | None],
    holders: set[Unit],
) -> str | None:
    if pd.isna(outcome):  # type: ignore[call-overload]
        return "unit_unknown"
    if outcome != "valid":
        return "unit_not_valid" if outcome == "not_yet" else "unit_ended"
    if unit in holders:
        return "contains_former_pilot"
    if unit[1] > first_day:
        return "unit_began_later"
    return "start_unknown" if unit in treated and treated[unit] is None else None


def _treated(pilots: pd.DataFrame, spells: pd.DataFrame) -> dict[Unit, _Start | None]:
    """Tell the first start of every pilot unit; None where one of its starts is not known.

    A pilot without a date is the first unit that had its code.
    """
    own = spells[spells["unit_outcome"] == "valid"].sort_values("starts")
    found: dict[Unit, _Start | None] = {}
    for row in pilots[pilots["arm"] == "pilot"].to_dict("records"):
        same = own[own["code"] == row["unit"]]
        start = _start(row["opened"], str(row["opened_precision"]))
        if start:
            day = row["opened"].date()
            same = same[(same["starts"] <= day) & (day <= same["ends"])]
        if same.empty:
            continue
        unit = (str(same["at_unit"].iloc[0]), same["at_since"].iloc[0])
        if unit not in found:
            found[unit] = start
        else:
            earlier = found[unit]
            found[unit] = min(earlier, start) if earlier and start else None
    return found


def _start(opened: pd.Timestamp, precision: str) -> _Start | None:
    if pd.isna(opened) or precision == "unknown":
        return None
    month = YEAR * opened.year + opened.month - 1
    if precision == "year":
        return _Start(YEAR * opened.year, YEAR * (opened.year + 1))
    whole = precision == "day" and opened.day == 1
    return _Start(month, month if whole else month + 1)


def _holders(units: pd.DataFrame, former: set[Unit]) -> set[Unit]:
    """Find every later unit that holds a pilot commune of before, whole or in part."""
    ended = units[
        (units["level"] == "commune") & units["valid_to"].notna() & units["successor"].notna()
    ]
    steps = [
        (_key(row), (str(row["successor"]), row["valid_to"].date() + _DAY))
        for row in ended.to_dict("records")
    ]
    found: set[Unit] = set()
    while more := {after for before, after in steps if before in former | found} - found:
        found |= more
    return found


def _key(row: dict[object, object] | dict[str, object]) -> Unit:
    since = row["valid_from"]
    return str(row["code"]), FIRST_DAY if pd.isna(since) else since.date()  # type: ignore


def _months(values: list[int | None], index: pd.Index) -> pd.Series:
    return pd.Series(pd.array(values, dtype="Int64"), index=index)
