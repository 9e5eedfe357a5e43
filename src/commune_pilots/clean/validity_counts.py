"""Counts behind the checks of a log as they may be shown: small counts of dossiers are missing."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from commune_pilots.clean.disclosure import Name, Sum
from commune_pilots.clean.small_counts import LEAST_COUNT
from commune_pilots.clean.suppression import hide
from commune_pilots.contracts.logs import NOT_RECEIVED

FRIDAY = 4
LEAST_DAYS = 10  # working days on record, for a month to be looked at
SLOTS = 48  # half-hours of a day
SIZES = (1, 2, 5, 10, 20)  # dossiers of one account, the least of each class
DESK = frozenset([*range(15, 23), *range(27, 34)])  # 7:30-11:30 and 13:30-17:00


def working_days(days: pd.DataFrame) -> pd.DataFrame:
    """Place each working day in its month (columns month, place, filed); week-ends are left out.

    `days` is what `validity.by_day` gives. place counts from the end of the month, 1 the last
    working day on record; months with fewer than ten are left out.
    """
    at = pd.to_datetime(days["day"])
    own = pd.DataFrame({"day": at, "filed": days["filed"].astype(float)})
    own = own.assign(month=at.dt.to_period("M"))[at.dt.day_of_week <= FRIDAY].sort_values("day")
    own = own[own.groupby("month")["day"].transform("size") >= LEAST_DAYS]
    place = own.groupby("month").cumcount(ascending=False) + 1
    return own.assign(place=place)[["month", "place", "filed"]].reset_index(drop=True)


def shares(panel: pd.DataFrame, *, least: int) -> pd.Series:
    """Give the shares of unit-months in per cent, small months and unknown counts left out."""
    known = panel[(panel["denominator"] >= least) & panel["numerator"].notna()]
    return 100 * known["numerator"].astype(float) / known["denominator"].astype(float)


def by_place(days: pd.DataFrame) -> pd.DataFrame:
    """Count dossiers filed online by working day from the end of the month (place, filed).

    The last ten working days, every month having them; small counts are missing.
    """
    own = working_days(days)
    counted = own[own["place"] <= LEAST_DAYS].groupby("place")["filed"].sum()
    return _shown(counted.rename_axis("place"))


def by_half_hour(accepted: ir.Table) -> pd.DataFrame:
    """Count dossiers filed online from Monday to Friday by half-hour of the day (slot, filed).

    slot is 0 to 47; dossiers without a time of day are left out; small counts are missing.
    """
    minute = _.received.hour() * 60 + _.received.minute()
    timed = (minute > 0) | (_.received.second() > 0)
    online = accepted.filter(
        (_.channel == "online") & _.status.notin(NOT_RECEIVED),
        timed & (_.received.day_of_week.index() <= FRIDAY),
    )
    counted = online.group_by(slot=(minute // 30).cast("int64")).aggregate(filed=_.count())
    found = counted.to_pyarrow().to_pandas().set_index("slot")["filed"]
    return _shown(found.reindex(range(SLOTS), fill_value=0).rename_axis("slot"))


def by_point(panel: pd.DataFrame, *, least: int = 100) -> pd.DataFrame:
    """Count unit-months by whole per cent of their share (point 0 to 100, months).

    Months are counted, not people or dossiers, so none is suppressed; only those with `least`
    dossiers or more, whose shares lie on a fine grid.
    """
    points = shares(panel, least=least).astype(int).value_counts()
    counted = points.reindex(range(101), fill_value=0).rename_axis("point").rename("months")
    return counted.reset_index().astype("Int64")


def by_account(accepted: ir.Table) -> pd.DataFrame:
    """Count dossiers filed online by how many their account filed (size, filed).

    size is the least of its class: 1, 2, 5, 10 or 20 and more; dossiers without an account are left
    out; small counts are missing.
    """
    online = accepted.filter((_.channel == "online") & _.status.notin(NOT_RECEIVED))
    accounts = online.filter(_.account.notnull()).group_by("account").aggregate(filed=_.count())
    size = ibis.cases(*((_.filed >= least, least) for least in reversed(SIZES)))
    counted = accounts.group_by(size=size).aggregate(filed=_.filed.sum().cast("int64"))
    found = counted.to_pyarrow().to_pandas().set_index("size")["filed"]
    return _shown(found.reindex(SIZES, fill_value=0).rename_axis("size"))


def by_filer(accepted: ir.Table) -> pd.DataFrame:
    """Give the share of dossiers filed online by somebody else, by quarter (quarter, share).

    Per cent of those whose filer is known; quarter is its first day. A share with a small count
    behind it, of either kind, is missing.
    """
    online = accepted.filter((_.channel == "online") & _.status.notin(NOT_RECEIVED))
    known = online.filter(_.filer.notnull() & _.received.notnull())
    other = (_.filer == "somebody_else").ifelse(1, 0)
    counted = known.group_by(quarter=_.received.date().truncate("Q")).aggregate(
        known=_.count(), other=other.sum().cast("int64")
    )
    found = counted.order_by("quarter").to_pyarrow().to_pandas()
    both = [found["other"], found["known"] - found["other"]]
    small = both[0].between(1, LEAST_COUNT - 1) | both[1].between(1, LEAST_COUNT - 1)
    share = (100 * found["other"] / found["known"]).astype("float64").mask(small)
    return pd.DataFrame({"quarter": pd.to_datetime(found["quarter"]), "share": share})


def _shown(counted: pd.Series) -> pd.DataFrame:
    """Leave small counts out, with those that would give them away to whoever knows the total."""
    total: Name = ("total",)
    cells: dict[Name, int] = {(str(name),): int(value) for name, value in counted.items()}
    whole = Sum(total, tuple(cells))
    hidden = hide({**cells, total: sum(cells.values())}, [whole], least=LEAST_COUNT)
    kept = [value if (str(name),) not in hidden else None for name, value in counted.items()]
    filed = pd.Series(kept, index=counted.index, dtype="Int64", name="filed")
    return filed.reset_index()
