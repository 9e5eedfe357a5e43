"""Designs without a comparison commune: a series cut at its start, one weekday beside others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from commune_pilots.effects.effect_rows import About, Row, refused_row, row
from commune_pilots.effects.forecast import forecast_gap
from commune_pilots.effects.interrupted import add_up, interrupt, interruption_refusal
from commune_pilots.effects.trend import YEAR, Floats, Ints, refusal
from commune_pilots.effects.weekday import contrast_weekday, weekday_refusal, whole_weeks

SERIES = ("A4", "A14", "A15")
WEEKDAYS = ("A4", "A15", "A18")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Counts of all units that report each month, added up, and where the series is cut.

    `months` count from year 0; months of an opening are left out. `start` and `events` are months.
    """

    months: Ints
    filed: Floats
    dossiers: Floats
    start: int
    horizon: int
    events: tuple[int, ...]
    refused: str | None


def cut_series(
    panel: pd.DataFrame, events: pd.DataFrame, *, indicator: str, anticipation: int
) -> Cut | None:
    """Add an analysis panel up to one series and find where it is cut; None if nobody starts in it.

    `panel` as `clean.analysis_panel.build_panel` gives it. The horizon is a year, or as many months
    as there are. Known events are dated measures outside the pilot that may move the indicator and
    fall inside the months. Refused besides `interruption_refusal`: start_dates_differ.
    """
    starts = panel.loc[panel["treated"], "cohort"].unique()
    if not len(starts):
        return None
    kept = panel.assign(period_start=panel["period_start"].astype("datetime64[us]"))
    months, filed, dossiers, _ = add_up(kept)
    start = int(min(starts))
    outside = (months < start - anticipation) | (months >= start)
    months, filed, dossiers = months[outside], filed[outside], dossiers[outside]
    if len(starts) > 1 or not len(months):
        reason: str | None = "start_dates_differ" if len(starts) > 1 else "too_few_months"
        return Cut(
            months=months, filed=filed, dossiers=dossiers, start=start, horizon=0, events=(),
            refused=reason,
        )  # fmt: skip
    horizon = min(YEAR, int(months.max()) - start)
    known = _known(events, indicator, months, start)
    return Cut(
        months=months, filed=filed, dossiers=dossiers, start=start, horizon=horizon, events=known,
        refused=interruption_refusal(
            months, filed, dossiers, start=start, horizon=horizon, events=known
        ),
    )  # fmt: skip


def series_rows(cut: Cut, about: About) -> Iterator[Row]:
    """Estimate what a series did at its start beyond its own level, trend and season, in points.

    First the gap at the horizon, with months that remember; beside it the gap in the month of the
    start, the same with Newey and West's errors (too sure in short series), and the gap of all
    months to a forecast.
    """
    if cut.refused:
        yield refused_row(
            about, method="interrupted", estimand="gap_at_horizon", reason=cut.refused
        )
        return
    series = cut.months, cut.filed, cut.dossiers
    asked = {"start": cut.start, "horizon": cut.horizon, "events": cut.events}
    found = interrupt(*series, alpha=about.alpha, **asked)  # type: ignore[arg-type]
    yield row(
        about, found.at_horizon, method="interrupted", estimand="gap_at_horizon", at=cut.horizon
    )
    if cut.horizon:
        yield row(about, found.level, method="interrupted", estimand="gap_at_start", at=0)
    beside = interrupt(*series, alpha=about.alpha, errors="newey_west", **asked)  # type: ignore[arg-type]
    yield row(
        about, beside.at_horizon, method="newey_west", estimand="gap_at_horizon", at=cut.horizon,
        refused="too_sure",
    )  # fmt: skip
    before = cut.months < cut.start
    if cut.events or refusal(cut.months[before], cut.filed[before], cut.dossiers[before]):
        reason = "events_known" if cut.events else "too_few_months"
        yield refused_row(about, method="forecast", estimand="gap_mean", reason=reason)
    else:
        gap = forecast_gap(*series, start=cut.start, alpha=about.alpha).gap
        yield row(about, gap, method="forecast", estimand="gap_mean")


def weekday_row(days: pd.DataFrame, pilots: pd.DataFrame, *, about: About) -> Row:
    """Estimate how much more the share changed on Wednesdays than on the other working days.

    `days` are those of table `days` of one indicator and definition; only pilot units enter, from
    the first start among them. Five weekdays can give no p-value below 1/5, so at the usual levels
    nothing is decided by it.
    """
    own = pilots[(pilots["arm"] == "pilot") & pilots["unit"].isin(days["unit"])]
    opened, counts = own["opened"].min(), days[days["unit"].isin(own["unit"])]
    about = replace(about, n_treated=int(counts["unit"].nunique()))
    reason: str | None = "start_unknown"
    if not pd.isna(opened):
        weeks = whole_weeks(counts, opened=opened, holidays=closed_days(counts))
        reason = weekday_refusal(weeks)
        if reason is None:
            share = contrast_weekday(weeks, alpha=about.alpha).share
            return row(
                about, share, method="weekday", estimand="weekday_share",
                smallest_p=share.smallest_p,
            )  # fmt: skip
    return refused_row(
        about, method="weekday", estimand="weekday_share", reason=reason or "start_unknown"
    )


def closed_days(days: pd.DataFrame) -> list[pd.Timestamp]:
    """List the working days between first and last on which no unit tells a count.

    Nothing says why; for a comparison of whole weeks a day closed everywhere is a holiday.
    """
    told = pd.DatetimeIndex(days.loc[days["denominator"].notna(), "day"].unique())
    span = pd.date_range(days["day"].min(), days["day"].max(), freq="B")
    return list(span.difference(told))


def _known(events: pd.DataFrame, indicator: str, months: Ints, start: int) -> tuple[int, ...]:
    """Find the months of dated measures outside the pilot that get a step of their own."""
    moves = events["moves"].fillna("").str.split(";").map(lambda ids: indicator in ids)
    dated = events[moves & events["programme"].isna() & events["date_start"].notna()]
    at = np.unique(
        (YEAR * dated["date_start"].dt.year + dated["date_start"].dt.month - 1).to_numpy()
    )
    return tuple(int(month) for month in at if months.min() < month <= months.max())
