"""Dossier logs with a known truth: seasons, a trend, a step where a pilot opened, planted dirt.

Unit codes are true, everything else is invented. Columns are those of table `dossiers`, then
`simulated`, always true, and `planted`, the kind of dirt that was put into a row. Rows come in
tables of about a million, one stretch of days each, so that a log of any length fits in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commune_pilots.simulate import dirt
from commune_pilots.simulate.filed import draw_columns

Ints = NDArray[np.int64]
MERGED = dt.date(2025, 7, 1)
CHUNK = 1_000_000
_TET = {2022: (1, 29), 2023: (1, 20), 2024: (2, 8), 2025: (1, 25), 2026: (2, 14)}
_WEEKDAYS = np.array([1.25, 1.1, 1.05, 1.0, 1.0, 0.08, 0.04])  # Monday is the busiest


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a simulated log: how much, when, where a pilot opened and what it moved.

    The chance that a dossier is filed online is `base` of its unit, plus `trend` points for each
    month since `first`, plus `step` points in pilot units from `opened` on; `base` is spread from
    15 to 45 over the units. `dirt` is the share of rows that something is wrong with.
    """

    rows: int
    seed: int
    first: dt.date = dt.date(2023, 1, 1)
    last: dt.date = dt.date(2025, 12, 31)
    opened: dt.date = dt.date(2024, 7, 1)
    pilots: tuple[str, ...] = ()
    step: float = 20.0
    trend: float = 0.4
    dirt: float = 0.005

    @property
    def drawn(self) -> dt.date:
        """Give the day the log was drawn from the system: two weeks after its last day."""
        return self.last + dt.timedelta(days=14)


def communes(units: pd.DataFrame) -> pd.DataFrame:
    """List the communes a log is drawn for: those merged whole on 1 July 2025, sorted by code.

    Columns: code until then, code of the successor from then on, and whether the old code means
    nothing afterwards.
    """
    old = units[(units["level"] == "commune") & (units["successor_part"] == "whole")]
    today = units.loc[units["valid_from"] >= pd.Timestamp(MERGED), "code"]
    listed = old.sort_values("code", ignore_index=True)
    return pd.DataFrame(
        {
            "code": listed["code"],
            "successor": listed["successor"],
            "gone": ~listed["code"].isin(today),
        }
    )


def base_shares(truth: Truth, count: int) -> NDArray[np.float64]:
    """Give the chance of online filing of each commune on the first day, without trend or step."""
    spread = np.linspace(0.15, 0.45, count)
    return np.random.default_rng([truth.seed, 1]).permutation(spread)


def dossier_tables(truth: Truth, units: pd.DataFrame, *, chunk: int = CHUNK) -> Iterator[pa.Table]:
    """Draw a log as tables of about `chunk` rows in the order of days; `truth.rows` in all.

    `units` is table `units`. The same truth and chunk draw the same rows. Column `file` names the
    file that each table is for.
    """
    places = communes(units)
    weights = np.random.default_rng([truth.seed, 0]).lognormal(0, 0.6, len(places))
    per_day = _rows_per_day(truth)
    first, waiting = 0, None
    for number, days in enumerate(_stretches(per_day, chunk), start=1):
        rng = np.random.default_rng([truth.seed, 2, number])
        day = np.repeat(np.arange(first, first + len(days)), days)
        first += len(days)
        unit = rng.choice(len(places), size=len(day), p=weights / weights.sum())
        order = np.lexsort((unit, day))
        table = _table(truth, places, day[order], unit[order], rng)
        last = first == len(per_day)
        spoilt, waiting = dirt.spoil(
            table, waiting, rate=truth.dirt, gone=places.loc[places["gone"], "code"].tolist(),
            rng=rng, last=last,
        )  # fmt: skip
        yield _numbered(spoilt, f"simulated-dossiers-seed{truth.seed}-{number:04d}.parquet")


def _rows_per_day(truth: Truth) -> Ints:
    """Part the rows among the days: quiet week-ends and Tết, busy Mondays and late summer."""
    days = pd.date_range(truth.first, truth.last)
    season = 1 + 0.15 * np.sin(2 * np.pi * (days.day_of_year - 135) / 365.25)
    weights = np.asarray(season) * _WEEKDAYS[days.day_of_week]
    for year, (month, day) in _TET.items():
        start = pd.Timestamp(year, month, day)
        weights[(days >= start) & (days < start + pd.Timedelta(days=8))] *= 0.02
    rng = np.random.default_rng([truth.seed, 3])
    return rng.multinomial(truth.rows, weights / weights.sum()).astype(np.int64)


def _stretches(per_day: Ints, chunk: int) -> list[Ints]:
    """Cut the days into stretches of about `chunk` rows."""
    at = (np.cumsum(per_day) - 1) // chunk
    return [part for part in np.split(per_day, np.flatnonzero(np.diff(at)) + 1) if part.sum()]


def _table(
    truth: Truth, places: pd.DataFrame, day: Ints, unit: Ints, rng: np.random.Generator
) -> pa.Table:
    """Lay drawn rows out: who filed what, where, and the codes that follow from it."""
    start = np.datetime64(truth.first, "D")
    after = start + day >= np.datetime64(MERGED, "D")
    months = (start + day).astype("datetime64[M]") - start.astype("datetime64[M]")
    pilot = places["code"].isin(truth.pilots).to_numpy()[unit]
    opened = start + day >= np.datetime64(truth.opened, "D")
    chance = base_shares(truth, len(places))[unit] + truth.trend / 100 * months.astype(np.int64)
    chance = np.clip(chance + truth.step / 100 * (pilot & opened), 0.0, 1.0)
    columns = draw_columns(
        start + day, unit, online=chance, drawn=truth.drawn, people=truth.rows // 2 + 1, rng=rng
    )
    code = pa.array(pd.concat([places["code"], places["successor"]]), pa.string())
    agency = pc.binary_join_element_wise("000.00.99.S", pc.utf8_lpad(_text(unit), 3, "0"), "")
    written = pc.strftime(pa.array((start + day).astype("datetime64[s]")), format="%y%m%d")
    numbers = pc.utf8_lpad(_text(_running(day, unit)), 4, "0")
    return pa.table(
        {
            "dossier": pc.binary_join_element_wise(agency, written, numbers, "-"),
            "agency": agency,
            "unit": code.take(pa.array(unit + len(places) * after)),
            **columns,
        }
    )


def _running(day: Ints, unit: Ints) -> Ints:
    """Number the dossiers of each unit and day from 1; rows are ordered by both."""
    begins = np.flatnonzero(np.r_[True, (np.diff(day) != 0) | (np.diff(unit) != 0)])
    lengths = np.diff(np.r_[begins, len(day)])
    return np.arange(len(day)) - np.repeat(begins, lengths) + 1


def _numbered(table: pa.Table, file: str) -> pa.Table:
    """Name the file, number the rows as a spreadsheet does, and label all of it."""
    count = table.num_rows
    planted = table["planted"]
    whole = table.drop_columns(["planted"])
    for name, values in {
        "file": pa.repeat(pa.scalar(file), count),
        "sheet": pa.nulls(count, pa.string()),
        "row": pa.array(np.arange(2, count + 2)),
        "simulated": pa.repeat(pa.scalar(value=True), count),
        "planted": planted,
    }.items():
        whole = whole.append_column(name, values)
    return whole


def _text(numbers: Ints) -> pa.Array:
    return pa.array(numbers).cast(pa.string())
