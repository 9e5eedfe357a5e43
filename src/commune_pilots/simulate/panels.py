"""Three worked examples with a known truth: a panel with pilots, a campaign, a weekday.

Shares are straight sums of points, so that what is true is true in points: communes start between
20 and 40 per cent and months are like their neighbours. Nothing is near 0 or 100.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots.simulate.press_figures import LABEL_VI
from commune_pilots.simulate.worked_tables import PROVINCE, Worked, worked_tables

Floats = NDArray[np.float64]
_FIRST = pd.Timestamp(2021, 1, 1)
_TREND = 0.4  # points a month, everywhere: the country moves
_SEASON = 2.0
_MEMORY, _NOISE = 0.4, 1.5
WEDNESDAYS_OPENED = pd.Timestamp(2024, 1, 1)  # a Monday
_WEDNESDAY, _SATURDAY = 2, 5
_CLOSED = ((4, 30), (9, 2))
_WEEKDAYS = np.array([1.25, 1.1, 1.05, 1.0, 1.0, 0.08])  # Monday is the busiest; closed on Sunday


def pilot_panel(
    *,
    rng: np.random.Generator,
    effect: float = 9.0,
    communes: int = 108,
    districts: int = 8,
    months: int = 36,
    before: int = 24,
) -> Worked:
    """Draw a province with one pilot commune in each district, chosen by lot within it.

    Shares are level + trend + season + shocks of the month in the province and in the district +
    noise of the commune with memory + `effect` points in pilot communes from month `before` on.
    Dossiers follow the size of the commune. Truth: effect (points), memory, first_month_after.
    """
    at = np.arange(months)
    codes = np.array([f"{PROVINCE}{index:03d}" for index in range(1, communes + 1)])
    district = np.sort(np.arange(communes) % districts)
    chosen = [int(rng.choice(np.flatnonzero(district == place))) for place in range(districts)]
    shares = _common(communes, at, rng)
    shares += rng.normal(0, 0.8, months) + rng.normal(0, 0.8, (districts, months))[district]
    shares += _remembering(communes, months, rng)
    shares[np.isin(np.arange(communes), chosen)[:, None] & (at >= before)] += effect
    sizes = rng.lognormal(np.log(120), 0.5, communes)
    counts = _counts(codes, shares, sizes, at, rng)
    opened = _FIRST + pd.DateOffset(months=before)
    tables = worked_tables(
        counts,
        programme="simulated_pilot",
        name_vi="Hướng dẫn nộp hồ sơ trực tuyến",
        name_en="Guided online filing",
        pilots={str(codes[place]): opened for place in chosen},
        districts={
            str(code): f"{PROVINCE}{place + 1:02d}"
            for code, place in zip(codes, district, strict=True)
        },
    )
    truth = {"effect": effect, "memory": _MEMORY, "first_month_after": float(before)}
    return Worked(tables=tables, truth=truth)


def campaign_series(
    *,
    rng: np.random.Generator,
    level: float = 6.0,
    slope: float = 0.3,
    communes: int = 30,
    months: int = 54,
    before: int = 36,
    event: int = 20,
    event_step: float = 3.0,
) -> Worked:
    """Draw a campaign that starts in every commune at once: nobody is left to compare.

    The share gains `level` points at month `before` and `slope` points more each month after it,
    beside the trend of the country, a season, and a known event worth `event_step` points from
    month `event` on. Truth: level, slope (points a month), event_step, at_12_months.
    """
    at = np.arange(months)
    codes = np.array([f"{PROVINCE}{index:03d}" for index in range(1, communes + 1)])
    shares = _common(communes, at, rng) + _remembering(communes, months, rng)
    shares += _remembering(1, months, rng) / 2
    shares += event_step * (at >= event) + (at >= before) * (level + slope * (at - before))
    sizes = rng.lognormal(np.log(150), 0.4, communes)
    opened = _FIRST + pd.DateOffset(months=before)
    begins = _FIRST + pd.DateOffset(months=event)
    tables = worked_tables(
        _counts(codes, shares, sizes, at, rng),
        programme="simulated_campaign",
        name_vi="Phong trào nộp hồ sơ trực tuyến",
        name_en="Campaign for online filing",
        pilots={str(code): opened for code in codes},
        districts={},
        events=[
            {
                "event": "sim-e1",
                "date_start": begins,
                "date_end": begins + pd.offsets.MonthEnd(0),
                "name_vi": f"Giảm lệ phí nộp trực tuyến ({LABEL_VI})",
                "name_en": "Lower fees for online filing (simulated)",
                "moves": "online_share",
                "note": f"simulated; moves the share by {event_step} points",
            }
        ],
    )
    truth = {
        "level": level,
        "slope": slope,
        "event_step": event_step,
        "at_12_months": level + 12 * slope,
    }
    return Worked(tables=tables, truth=truth)


def weekday_log(
    *,
    rng: np.random.Generator,
    gain: float = 8.0,
    displaced: float = 0.5,
    step: float = 10.0,
    communes: int = 3,
) -> Worked:
    """Draw counts by day of two whole years; Wednesdays without appointment fill the second.

    `draw_days` says what is drawn. Truth: gain (dossiers a Wednesday and commune), displaced (part
    of it), step (points of the share on Wednesdays).
    """
    days = draw_days(rng=rng, gain=gain, displaced=displaced, step=step, communes=communes)
    month = days["day"].dt.to_period("M").dt.to_timestamp()
    # The first month lacks its first day: a Sunday, closed.
    keyed = days.assign(month=month).groupby(["unit", "month"], as_index=False)
    tables = worked_tables(
        keyed[["numerator", "denominator"]].sum(),
        programme="simulated_wednesday",
        name_vi="Ngày thứ Tư không hẹn",
        name_en="Wednesday without appointment",
        pilots=dict.fromkeys(sorted(days["unit"].unique()), WEDNESDAYS_OPENED),
        districts={},
        days=days,
    )
    truth = {"gain": gain, "displaced": displaced, "step": step}
    return Worked(tables=tables, truth=truth)


def draw_days(
    *,
    rng: np.random.Generator,
    gain: float,
    displaced: float,
    step: float,
    communes: int,
    per_day: float = 20.0,
) -> pd.DataFrame:
    """Draw unit, day, numerator and denominator of each day that is open, Monday to Saturday.

    From `WEDNESDAYS_OPENED` on each commune has `gain` more dossiers on a Wednesday, of which the
    part `displaced` comes from the other four working days alike, and the share filed online is
    `step` points higher on Wednesdays. Busy and quiet weeks move all days of a commune together.
    Public holidays have no row.
    """
    calendar = pd.date_range(pd.Timestamp(2023, 1, 2), pd.Timestamp(2024, 12, 29))
    calendar = calendar[(calendar.day_of_week < len(_WEEKDAYS)) & ~calendar.isin(holidays())]
    weekday = calendar.day_of_week.to_numpy()
    after = np.asarray(calendar >= WEDNESDAYS_OPENED)
    week = (calendar - calendar[0]).days.to_numpy() // 7
    rows = []
    for index in range(1, communes + 1):
        busy = np.exp(rng.normal(0, 0.1, week.max() + 1))[week]
        expected = per_day * _WEEKDAYS[weekday] * busy
        expected += after * gain * (weekday == _WEDNESDAY)
        others = (weekday < _SATURDAY) & (weekday != _WEDNESDAY)
        expected -= after * displaced * gain / 4 * others
        share = 30 + 5 * (index % 3) + step * (after & (weekday == _WEDNESDAY))
        dossiers = rng.poisson(np.maximum(expected, 0.0))
        rows.append(
            pd.DataFrame(
                {
                    "unit": f"{PROVINCE}{index:03d}",
                    "day": calendar,
                    "numerator": rng.binomial(dossiers, share / 100),
                    "denominator": dossiers,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def holidays() -> list[pd.Timestamp]:
    """List the public holidays of the weekday log: 30 April and 2 September of both years."""
    return [pd.Timestamp(year, month, day) for year in (2023, 2024) for month, day in _CLOSED]


def _common(communes: int, at: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Give level, trend and season of each commune, in per cent."""
    level = rng.uniform(20, 40, (communes, 1))
    return level + _TREND * at + _SEASON * np.sin(2 * np.pi * at / 12)


def _remembering(rows: int, months: int, rng: np.random.Generator) -> Floats:
    """Draw noise in which each month keeps a part of the month before."""
    noise = rng.normal(0, _NOISE, (rows, months))
    for month in range(1, months):
        noise[:, month] = _MEMORY * noise[:, month - 1] + (1 - _MEMORY**2) ** 0.5 * noise[:, month]
    return noise


def _counts(
    codes: NDArray[np.str_],
    shares: Floats,
    sizes: Floats,
    at: NDArray[np.int64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw dossiers by size of the commune, and of them those filed online by its share."""
    dossiers = rng.poisson(np.repeat(sizes[:, None], len(at), axis=1)) + 1
    online = rng.binomial(dossiers, np.clip(shares / 100, 0.0, 1.0))
    return pd.DataFrame(
        {
            "unit": np.repeat(codes, len(at)),
            "month": np.tile(pd.date_range(_FIRST, periods=len(at), freq="MS"), len(codes)),
            "numerator": online.ravel(),
            "denominator": dossiers.ravel(),
        }
    )
