"""One unit over time: its monthly shares beside what the months before its start would go on to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from commune_pilots import schemas
from commune_pilots.effects.trend import YEAR, Ints, fit_trend, go_on, refusal

Texts = NDArray[np.str_]
KEY = ["unit", "indicator", "definition"]


def project_series(
    panel: pd.DataFrame, pilots: pd.DataFrame, names: Mapping[str, str], *, alpha: float
) -> pd.DataFrame:
    """Set each month's share beside the one expected had the months before the start gone on.

    One series per unit, indicator and definition of table `panel`; the start is the unit's first
    `opened` in table `pilots`. Returns table `series`: shares in per cent, `low` to `high` the band
    of a single month with chance 1 - alpha, and the `side` of the band that the month printed on.
    A month that the start falls into is neither before nor after; with a start known to the year
    that is the whole year. Months are not projected further ahead than the months before reach
    back. Where nothing can be projected `outcome` says why and the bands are missing.

    Assumes that without the pilot the months before would have gone on, each month scattering on
    its own (A14), and one way of counting (A4). A month outside the band is no effect: whatever
    else began with the pilot stands in it too. Sources and the model: `trend` and docs/methods.md,
    M11.
    """
    opened = _opened(pilots)
    ordered = panel.sort_values([*KEY, "period_start"], kind="stable")
    rows: list[dict[str, Any]] = []
    for _, months in ordered.groupby(KEY, sort=False):
        unit = str(months["unit"].iloc[0])
        start, precision = opened.get(unit, (None, "unknown"))
        found = _one_series(months, _phases(months, start, precision), alpha=alpha)
        told = found.assign(unit_name=names[unit], opened=start)
        rows.extend(cast(list[dict[str, Any]], told.to_dict("records")))
    return schemas.build(rows, "series")


def summarise(series: pd.DataFrame) -> pd.DataFrame:
    """Count for each series its months, those beyond the band, and the longest run on one side.

    `longest_run` is that of months after the start above, or below, the median share of the months
    before; months on the median neither add nor break. Six in a row are the shift of a run chart
    (Perla, Provost & Murray 2011, doi 10.1136/bmjqs.2009.037895); where the months before had a
    trend of their own, that alone makes one. Returns one row a series, the longest series first.
    """
    rows = []
    for key, own in series.groupby(KEY, sort=False):
        before, after = (own.loc[own["phase"] == phase, "share"] for phase in ("before", "after"))
        median = before.median()
        judged = own["side"].notna()
        rows.append(
            {
                **dict(zip(KEY, key, strict=True)),
                **own.iloc[0][["unit_name", "opened", "outcome"]],
                "months": int(own["share"].notna().sum()),
                "before": int(before.notna().sum()),
                "judged": int(judged.sum()),
                "above": int((own["side"] == "above").sum()),
                "below": int((own["side"] == "below").sum()),
                "median": median,
                "longest_run": longest_run(np.sign(after - median)),
                **own.iloc[0][["season", "dispersion", "autocorrelation"]],
            }
        )
    found = pd.DataFrame(rows, columns=_SUMMARY)
    return found.sort_values("months", ascending=False, kind="stable", ignore_index=True)


_SUMMARY = [
    *KEY, "unit_name", "opened", "outcome", "months", "before", "judged", "above", "below",
    "median", "longest_run", "season", "dispersion", "autocorrelation",
]  # fmt: skip


def longest_run(signs: pd.Series) -> int:
    """Count the longest run of equal signs; 0 and unknown neither add to a run nor break it."""
    useful = signs[signs.notna() & (signs != 0)]
    lengths = useful.groupby((useful != useful.shift()).cumsum()).size()
    return int(lengths.max()) if len(lengths) else 0


def _opened(pilots: pd.DataFrame) -> dict[str, tuple[pd.Timestamp, str]]:
    """Take the first start of each pilot unit, with its precision."""
    dated = pilots[(pilots["arm"] == "pilot") & pilots["opened"].notna()]
    dated = dated[dated["opened_precision"] != "unknown"].sort_values("opened", kind="stable")
    first = dated.drop_duplicates("unit")
    starts = zip(first["opened"], first["opened_precision"], strict=True)
    return dict(zip(first["unit"], starts, strict=True))


def _phases(months: pd.DataFrame, start: pd.Timestamp | None, precision: str) -> Texts:
    """Say of each month whether it lies before the start, holds it, or lies after it."""
    if start is None:
        return np.full(len(months), "unknown")
    span = {"year": "Y", "month": "M"}.get(precision, "D")
    held = start.to_period(span)
    goes_on = start if span == "D" else (held + 1).start_time
    before, after = months["period_end"] < held.start_time, months["period_start"] >= goes_on
    return np.select([before, after], ["before", "after"], "opening")


def _one_series(months: pd.DataFrame, phases: Texts, *, alpha: float) -> pd.DataFrame:
    """Fit the months before and set every month beside what they go on to."""
    starts = months["period_start"].dt
    at = (YEAR * starts.year + starts.month - 1).to_numpy(dtype="int64")
    k, n = (
        months[name].to_numpy(dtype="float64", na_value=np.nan)
        for name in ("numerator", "denominator")
    )
    share = 100 * k / np.where(n > 0, n, np.nan)
    known, after = ~np.isnan(share), phases == "after"
    fitted = (phases == "before") & known
    ahead = after & (at <= _farthest(at[fitted]))
    judged = ahead & known
    found = months[[*KEY, "period_start", "numerator", "denominator"]].assign(
        phase=phases, share=share, season=False
    )
    outcome = refusal(at[fitted], k[fitted], n[fitted])
    if (phases == "unknown").all():
        outcome = "no_start"
    if outcome is None and not judged.any():
        outcome = "no_month_after"
    if outcome:
        return found.assign(outcome=outcome)
    trend = fit_trend(at[fitted], k[fitted], n[fitted])
    band = go_on(trend, at, n, alpha=alpha)
    low, high = 100 * band.low, 100 * band.high
    side = np.select([share < low, share > high], ["below", "above"], "inside")
    return found.assign(
        outcome="projected",
        season=trend.season,
        dispersion=trend.fit.dispersion,
        autocorrelation=trend.autocorrelation,
        expected=np.where(ahead | ~after, 100 * band.expected, np.nan),
        low=np.where(ahead, low, np.nan),
        high=np.where(ahead, high, np.nan),
        side=np.where(judged, side, None),  # type: ignore[call-overload]
    )


def _farthest(months: Ints) -> int:
    """Tell the last month to project: as far after the last one fitted as the first lies before."""
    return int(2 * months.max() - months.min() + 1) if len(months) else 0
