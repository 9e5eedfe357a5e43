"""One weekday against the others, before against after, within the same communes.

For "Wednesday without appointment": the other weekdays of the same weeks are the comparison. That
comparison is not untouched: people who come on Wednesday instead of Tuesday move both. So the gain
of the day is set beside what the other days lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from math import exp, log
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots.effects.correlated import long_run
from commune_pilots.effects.estimate import Estimate, by_ratio, by_t
from commune_pilots.effects.trend import Floats

WORKING_DAYS = 5
WEDNESDAY = 2
LEAST_WEEKS = 8
LAG = 4
Counted = Literal["filed", "dossiers"]
_Number = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Whole working weeks, counts of all communes added up: weeks x Monday to Friday.

    `filed` of `dossiers` were filed online; `after` marks the weeks after the start. `dropped` has
    the weeks left out, by reason.
    """

    filed: Floats
    dossiers: Floats
    after: NDArray[np.bool_]
    dropped: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayContrast:
    """How much more one weekday changed than the other four.

    `share` in points of the share filed online; `count` in dossiers a day; `ratio` how many times
    more dossiers the day has beside the others than before. Standard errors and intervals are of
    weeks; p-values are ranks among the five weekdays, so none can be below 1/5. `by_weekday` has
    the same numbers for each weekday as if it had been the one.
    """

    share: Estimate
    count: Estimate
    ratio: Estimate
    weeks_before: int
    weeks_after: int
    by_weekday: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """What one weekday gained a week, what the other four lost, and how much of the gain that is.

    `displaced` is the loss of the others over the gain: 0 if they kept theirs, 1 if the week holds
    no more than before, unbounded where the gain itself could be none.
    """

    gain: Estimate
    others: Estimate
    total: Estimate
    displaced: Estimate
    expected: float


def whole_weeks(
    days: pd.DataFrame, *, opened: pd.Timestamp, holidays: Collection[pd.Timestamp]
) -> Weeks:
    """Add counts by day up to whole working weeks, Monday to Friday.

    `days` has unit, day, numerator (filed online) and denominator (dossiers), one row a unit and
    day. A day without a row is unknown and never 0. Weeks are left out with a holiday on a working
    day (`holiday`: the days beside it take its dossiers), with a day that a unit does not tell
    (`incomplete`), and the week that the start falls into unless it is its Monday (`opening`).
    """
    working = days[days["day"].dt.day_of_week < WORKING_DAYS]
    monday = working["day"] - pd.to_timedelta(working["day"].dt.day_of_week, unit="D")
    keyed = working.assign(week=monday, weekday=working["day"].dt.day_of_week)
    wide = keyed.dropna(subset=["numerator", "denominator"]).pivot_table(
        index="week", columns="weekday", values=["numerator", "denominator"], aggfunc="sum"
    )
    told = keyed.dropna(subset=["numerator", "denominator"]).groupby("week").size()
    weeks = pd.DatetimeIndex(sorted(keyed["week"].unique()))
    whole = told.reindex(weeks, fill_value=0).to_numpy() == WORKING_DAYS * days["unit"].nunique()
    working_holidays = [day for day in holidays if day.day_of_week < WORKING_DAYS]
    closed = {day - pd.Timedelta(days=day.day_of_week) for day in working_holidays}
    holiday = weeks.isin(list(closed))
    opening = np.asarray((weeks < opened) & (weeks + pd.Timedelta(days=WORKING_DAYS) > opened))
    kept = weeks[~holiday & ~opening & whole]
    reasons = {
        "holiday": int(holiday.sum()),
        "opening": int((opening & ~holiday).sum()),
        "incomplete": int((~whole & ~holiday & ~opening).sum()),
    }
    filed, dossiers = (
        wide[name].reindex(kept).to_numpy(dtype="float64") for name in ("numerator", "denominator")
    )
    return Weeks(
        filed=filed,
        dossiers=dossiers,
        after=np.asarray(kept >= opened),
        dropped={reason: count for reason, count in reasons.items() if count},
    )


def weekday_refusal(weeks: Weeks) -> str | None:
    """Name why weekdays cannot be compared: too few weeks on a side, or a day without dossiers."""
    if min(weeks.after.sum(), (~weeks.after).sum()) < LEAST_WEEKS:
        return "too_few_weeks"
    for side in (weeks.after, ~weeks.after):
        if (weeks.dossiers[side].sum(axis=0) == 0).any():
            return "no_dossiers"
    return None


def contrast_weekday(weeks: Weeks, *, alpha: float, weekday: int = WEDNESDAY) -> WeekdayContrast:
    """Estimate how much more one weekday changed than the other four days of the same weeks.

    (day after - day before) - (others after - others before), in shares, counts and as a ratio of
    counts. Standard errors by linear approximation, weeks correlated up to four apart (Newey & West
    1987), with the degrees of freedom of those weights on the shorter side, 3n/(2 x 5) (Priestley
    1981). The weeks must not be refused.

    Assumes that without the measure the day and the others would have changed alike, and that the
    others are untouched: what moved from them to the day is counted twice (see `displace`).
    """
    each = [_contrasts(weeks, day, alpha) for day in range(WORKING_DAYS)]
    table = pd.DataFrame(
        [[day, *(found.estimate for found in row)] for day, row in enumerate(each)],
        columns=["weekday", "share", "count", "log_ratio"],
    )
    sizes = table.drop(columns="weekday").abs()
    ranks = (sizes >= sizes.loc[weekday]).sum()
    share, count, ratio = (
        replace(found, p_value=float(rank) / WORKING_DAYS, smallest_p=1 / WORKING_DAYS)
        for found, rank in zip(each[weekday], ranks, strict=True)
    )
    return WeekdayContrast(
        share=share,
        count=count,
        ratio=replace(
            ratio,
            estimate=exp(ratio.estimate),
            std_error=exp(ratio.estimate) * ratio.std_error,
            conf_low=exp(ratio.conf_low),
            conf_high=exp(ratio.conf_high),
        ),
        weeks_before=int((~weeks.after).sum()),
        weeks_after=int(weeks.after.sum()),
        by_weekday=table,
    )


def displace(
    weeks: Weeks,
    *,
    counted: Counted,
    alpha: float,
    weekday: int = WEDNESDAY,
    expected: float = 1.0,
) -> Displacement:
    """Estimate how much of what one weekday gained the other days lost, per week.

    Gain, loss and total are after less `expected` times before, in dossiers (or those filed online)
    a week; `expected` is how many times as many there would have been anyway, 1 where nothing is
    known. The ratio has Fieller's interval. Weeks and standard errors as in `contrast_weekday`.

    Assumes that without the measure every weekday would have grown `expected`-fold; a season
    between the two sides breaks it, so compare the same months of the year.
    """
    own = np.eye(WORKING_DAYS)[weekday]
    place = 0 if counted == "filed" else WORKING_DAYS
    rows = np.zeros((2, 2 * WORKING_DAYS))
    rows[:, place : place + WORKING_DAYS] = own, 1 - own
    means, covariances, df = _sides(weeks)
    change = rows @ (means[1] - expected * means[0])
    spread = rows @ (covariances[1] + expected**2 * covariances[0]) @ rows.T
    gain, others = (
        by_t(float(change[at]), float(spread[at, at] ** 0.5), df=df, alpha=alpha) for at in (0, 1)
    )
    return Displacement(
        gain=gain,
        others=others,
        total=by_t(float(change.sum()), float(spread.sum() ** 0.5), df=df, alpha=alpha),
        displaced=by_ratio(
            -float(change[1]),
            float(change[0]),
            variances=(float(spread[1, 1]), float(spread[0, 0])),
            covariance=-float(spread[0, 1]),
            df=df,
            alpha=alpha,
        ),
        expected=expected,
    )


def _contrasts(weeks: Weeks, weekday: int, alpha: float) -> tuple[Estimate, Estimate, Estimate]:
    """Give the contrast of one weekday in share, count and log ratio, p-values of weeks."""
    means, covariances, df = _sides(weeks)
    found = []
    for number in (_share(weekday), _count(weekday), _log_ratio(weekday)):
        (before, own), (after, other) = number(means[0]), number(means[1])
        variance = own @ covariances[0] @ own + other @ covariances[1] @ other
        found.append(by_t(after - before, float(variance**0.5), df=df, alpha=alpha))
    return found[0], found[1], found[2]


def _sides(weeks: Weeks) -> tuple[list[Floats], list[Floats], float]:
    """Mean counts of a week (filed, then dossiers) before and after, and their covariances."""
    whole = np.hstack([weeks.filed, weeks.dossiers])
    means, covariances = [], []
    for side in (~weeks.after, weeks.after):
        rows = whole[side]
        size = len(rows)
        means.append(rows.mean(axis=0))
        around = long_run(rows - rows.mean(axis=0), lag=LAG)
        # About their own mean weeks scatter too little by as many of them as the weights span.
        covariances.append(around / size / (size - LAG - 1))
    shorter = int(min(weeks.after.sum(), (~weeks.after).sum()))
    return means, covariances, 3 * shorter / (2 * (LAG + 1))


def _share(weekday: int) -> _Number:
    own = np.eye(WORKING_DAYS)[weekday]

    def number(mean: Floats) -> tuple[float, Floats]:
        value, gradient = 0.0, np.zeros(2 * WORKING_DAYS)
        for sign, days in ((1, own), (-1, 1 - own)):
            filed, dossiers = days @ mean[:WORKING_DAYS], days @ mean[WORKING_DAYS:]
            share = 100 * filed / dossiers
            value += sign * float(share)
            gradient += sign * np.concatenate([100 * days, -share * days]) / dossiers
        return value, gradient

    return number


def _count(weekday: int) -> _Number:
    own = np.eye(WORKING_DAYS)[weekday]
    gradient = np.concatenate([np.zeros(WORKING_DAYS), own - (1 - own) / (WORKING_DAYS - 1)])
    return lambda mean: (float(gradient @ mean), gradient)


def _log_ratio(weekday: int) -> _Number:
    own = np.eye(WORKING_DAYS)[weekday]

    def number(mean: Floats) -> tuple[float, Floats]:
        day, others = own @ mean[WORKING_DAYS:], (1 - own) @ mean[WORKING_DAYS:]
        gradient = np.concatenate([np.zeros(WORKING_DAYS), own / day - (1 - own) / others])
        return log(day / others), gradient

    return number
