"""How large each rival explanation of a contrast must be to leave nothing of the change.

Every size is taken at the ends of the two figures that make the rival's work easiest (the nearer
ends): the sizes err on the side of the rival. A size is arithmetic on the printed figures: it
neither shows that a rival is at work nor that it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

import pandas as pd
from scipy.special import expit, logit

from commune_pilots import schemas
from commune_pilots.effects.contrast import share_interval
from commune_pilots.effects.counts import compare_counts, e_value
from commune_pilots.effects.evidence import refuse_mixture
from commune_pilots.effects.pairing import figure_of
from commune_pilots.effects.rounding import Interval
from commune_pilots.vocabulary import Rival, Rounding

RELIABILITIES = (80, 50, 20)
_FIGURES = ("before", "after", "level")
_MOST_POINTS = 100  # a share cannot move by more


class _Size(NamedTuple):
    """A row of table sensitivities, all but the contrast; `value` None if no number answers."""

    rival: Rival
    setting: str
    value: float | None
    unit: str
    possible: bool = True
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Shares before and after, 0..1, at the ends that lie nearest and farthest from each other."""

    nearer: tuple[Fraction, Fraction]
    farther: tuple[Fraction, Fraction]
    rises: bool


def sensitivities(
    contrasts: pd.DataFrame,
    observations: pd.DataFrame,
    pilots: pd.DataFrame,
    *,
    rounding: Rounding,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Size each rival explanation of each contrast: how large it must be to leave no change.

    One row a contrast, rival and setting (table sensitivities); sizes in points, per cent, log-odds
    (logit), times, risk ratios or units. A size that is not finite is missing or has no row.
    `alpha` sets the limits taken where both numbers of dossiers are printed. Assumes A1, and that
    `rounding` is the one the contrasts were measured with. Source: docs/methods.md, M3. Raises
    KeyError for a contrast of unknown observations, ValueError for a figure without an interval.
    """
    figures = observations.set_index("observation").to_dict("index")
    rows: list[dict[str, object]] = []
    for contrast in contrasts.to_dict("records"):
        before, after = (
            figure_of(figures[contrast[name]])
            for name in ("before_observation", "after_observation")
        )
        shares = share_interval(before, rounding), share_interval(after, rounding)
        ends = ends_of(*shares, rises=(after.value or 0) >= (before.value or 0))
        sizes = [
            *_common_trend(contrast, ends),
            *_national_trend(observations, contrast, ends),
            *_assisted_filing(ends),
            *_definition_change(ends),
            *_regression_to_mean(ends),
            *_selective_reporting(contrasts, contrast, pilots),
            *_unmeasured_factor(ends),
        ]
        if before.denominator is not None and after.denominator is not None:
            sizes += _with_counts(*shares, before.denominator, after.denominator, ends, alpha)
        rows.extend({"contrast": contrast["contrast"], **size._asdict()} for size in sizes)
    return schemas.build(rows, "sensitivities")


def ends_of(before: Interval, after: Interval, *, rises: bool) -> Ends:
    """Find the ends of two figures that lie nearest and farthest from each other, on 0..1.

    Figures that admit one common share have it as both nearer ends: no change may have happened.
    """
    far = (before.low, after.high) if rises else (before.high, after.low)
    near = (before.high, after.low) if rises else (before.low, after.high)
    if rises != (near[0] <= near[1]):
        low, high = max(before.low, after.low), min(before.high, after.high)
        near = (low, low) if rises else (high, high)
    return Ends(nearer=near, farther=far, rises=rises)


def log_odds_change(before: float | Fraction, after: float | Fraction) -> float | None:
    """Measure the change of log-odds between two shares on 0..1; None at a share of 0 or 1."""
    change = float(logit(float(after))) - float(logit(float(before)))
    return change if isfinite(change) else None


def relabelled_share(before: float | Fraction, after: float | Fraction) -> float:
    """Measure the part of the higher share that must be counted otherwise to leave no change.

    In per cent: 100 (1 - lower/higher); 100 where the lower is 0, and 0 where both are.
    """
    lower, higher = sorted((before, after))
    return float(100 * (1 - lower / higher)) if higher else 0.0


def mean_that_explains(
    before: float | Fraction, after: float | Fraction, reliability: float | Fraction
) -> float:
    """Find the mean of similar units from which regression to it alone gives the later share.

    In the unit of the shares; outside their range no such mean exists. A figure of reliability r is
    expected to move from `before` to mean + r (before - mean). Assumes units chosen because their
    figure was extreme. Source: Galton 1886; Stigler 1997. Raises ValueError for a reliability
    outside [0, 1).
    """
    if not 0 <= reliability < 1:
        raise ValueError(f"a reliability of {reliability} leaves no mean to regress to")
    return float((after - reliability * before) / (1 - reliability))


def programme_change(pairs: pd.DataFrame, *, units: int) -> float:
    """Average the printed changes over all units of a programme, those without a pair at nothing.

    `pairs` are rows of contrasts, one a unit; in percentage points. Assumes that units without a
    pair did not move. Raises ClaimError for pairs under more than one definition.
    """
    refuse_mixture(pairs["definition"].tolist(), purpose="pooled")
    return float(pairs["change"].sum()) / units


def national_change(observations: pd.DataFrame, contrast: Mapping[Any, Any]) -> str | None:
    """Find the printed national change of the same indicator, as an observation id.

    It is context under another definition: shown beside the break-even, never subtracted.
    """
    found = observations[
        (observations["indicator"] == f"{contrast['indicator']}_gain")
        & (observations["scope"] == "country")
        & observations["value"].notna()
    ]
    return None if found.empty else str(found["observation"].iloc[0])


def _common_trend(contrast: Mapping[Any, Any], ends: Ends) -> list[_Size]:
    """Size the trend that alone makes the change, in points and in log-odds; a fall is negative."""
    low, high = contrast["change_low"], contrast["change_high"]
    least, most = (max(low, 0.0), high) if ends.rises else (min(high, 0.0), low)
    sizes: list[tuple[str, float | None, str]] = [("points_most", most, "points")]
    if pd.notna(low):
        sizes.insert(0, ("points_least", least, "points"))
    sizes.append(("logit_least", log_odds_change(*ends.nearer), "logit"))
    sizes.append(("logit_most", log_odds_change(*ends.farther), "logit"))
    return [
        _Size("common_trend", setting, value, unit)
        for setting, value, unit in sizes
        if value is not None
    ]


def _national_trend(
    observations: pd.DataFrame, contrast: Mapping[Any, Any], ends: Ends
) -> list[_Size]:
    """Set the printed national change beside the trend needed, where one is printed.

    On the log-odds scale only with the level that the same source prints for the same period:
    a rise of 20 points is another thing at 17% than at 90%.
    """
    reference = national_change(observations, contrast)
    if reference is None:
        return []
    gain = observations[observations["observation"] == reference].iloc[0]
    points = float(gain["value"])
    sizes = [_Size("common_trend", "national_points", points, "points", reference=reference)]
    same_start = (observations["period_start"] == gain["period_start"]) | (
        observations["period_start"].isna() & pd.isna(gain["period_start"])
    )
    level = observations[
        (observations["indicator"] == contrast["indicator"])
        & (observations["scope"] == "country")
        & (observations["source"] == gain["source"])
        & (observations["period_end"] == gain["period_end"])
        & same_start
        & observations["role"].isin(_FIGURES)
        & observations["value"].notna()
    ]
    if len(level) != 1:
        return sizes
    later = float(level["value"].iloc[0])
    if not (0 < later < 100 and 0 < later - points < 100):
        return sizes
    change = float(logit(later / 100) - logit((later - points) / 100))
    both = f"{reference};{level['observation'].iloc[0]}"
    sizes.append(_Size("common_trend", "national_logit", change, "logit", reference=both))
    if 0 < ends.nearer[0] < 1:
        there = 100 * float(expit(float(logit(float(ends.nearer[0]))) + change))
        sizes.append(_Size("common_trend", "national_at_base", there, "percent", reference=both))
    return sizes


def _assisted_filing(ends: Ends) -> list[_Size]:
    least, most = relabelled_share(*ends.nearer), relabelled_share(*ends.farther)
    return [
        _Size("assisted_filing", "least", least, "percent"),
        _Size("assisted_filing", "most", most, "percent"),
    ]


def _definition_change(ends: Ends) -> list[_Size]:
    """Size how many times as much the later way of counting must count as the earlier one."""
    before, after = ends.nearer
    times = None if before == 0 else float(after / before)
    return [_Size("definition_change", "ratio", times, "times")]


def _regression_to_mean(ends: Ends) -> list[_Size]:
    sizes = []
    for percent in RELIABILITIES:
        before, after = (100 * share for share in ends.nearer)
        mean = mean_that_explains(before, after, Fraction(percent, 100))
        setting, possible = f"reliability_{percent}", 0 <= mean <= 100
        sizes.append(_Size("regression_to_mean", setting, mean, "percent", possible))
    return sizes


def _selective_reporting(
    contrasts: pd.DataFrame, contrast: Mapping[Any, Any], pilots: pd.DataFrame
) -> list[_Size]:
    """Size what the pilot units of the same programme without a printed pair can undo.

    Nothing for a unit outside every pilot.
    """
    own = pilots.loc[pilots["unit"] == contrast["unit"], "programme"]
    inside = pilots["programme"].isin(own) & (pilots["arm"] == "pilot")
    units = set(pilots.loc[inside, "unit"])
    if not units:
        return []
    alike = (contrasts["indicator"] == contrast["indicator"]) & (
        contrasts["definition"] == contrast["definition"]
    )
    pairs = contrasts[alike & contrasts["unit"].isin(units)].drop_duplicates("unit")
    overall = programme_change(pairs, units=len(units))
    missing = len(units) - len(pairs)
    fall = overall * len(units) / missing if missing else None
    reachable = fall is not None and abs(fall) <= _MOST_POINTS
    rival: Rival = "selective_reporting"
    return [
        _Size(rival, "nothing", overall, "points", missing > 0),
        *([] if fall is None else [_Size(rival, "fall_needed", fall, "points", reachable)]),
        _Size(rival, "unreported", float(missing), "units", missing > 0),
    ]


def _unmeasured_factor(ends: Ends) -> list[_Size]:
    before, after = ends.nearer
    sizes = []
    for setting, first, second in (
        ("online", before, after),
        ("not_online", 1 - before, 1 - after),
    ):
        factor = None if 0 in (first, second) else e_value(float(second / first))
        sizes.append(_Size("unmeasured_factor", setting, factor, "ratio"))
    return sizes


def _with_counts(
    before: Interval, after: Interval, n1: int, n2: int, ends: Ends, alpha: float
) -> list[_Size]:
    """Size the unmeasured factor that takes the change down to what chance could print.

    At the counts nearest to each other; a gamma is missing where chance needs no help.
    """
    limit: float | None = 1.0
    gamma: float | None = None
    if ends.nearer[0] != ends.nearer[1]:
        k1 = before.counts(n1)[-1 if ends.rises else 0]
        k2 = after.counts(n2)[0 if ends.rises else -1]
        found = compare_counts(k1, n1, k2, n2, alpha=alpha)
        limit, gamma = found.e_value_limit, found.rosenbaum_gamma
    return [
        _Size("unmeasured_factor", "limit", limit, "ratio"),
        _Size("unmeasured_factor", "gamma", gamma, "ratio"),
    ]
