"""Checks of a contrast: which rival explanations are ruled out, which stand, which cannot be seen.

`passed` rules the rival out, `failed` says that it stands, `not_possible` that nothing printed can
tell. The statistic is the rival's size: how large it must be, or how many of it there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any, Literal, NamedTuple

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.sensitivity import RELIABILITIES
from commune_pilots.params import Indicator
from commune_pilots.vocabulary import Answer, Rival

Outcome = Literal["passed", "failed", "not_possible"]
_DENOMINATORS: dict[Answer, Outcome] = {
    "decided": "passed",
    "decisive": "failed",
    "open": "not_possible",
}
_ASSISTED: dict[str, Outcome] = {
    "counted": "failed",
    "left_out": "passed",
    "unknown": "not_possible",
}
_ONE_OF_EACH = 1  # a design effect below it: the pair hangs on chance with each dossier by itself


class _Check(NamedTuple):
    """A row of table checks, all but the contrast."""

    check: str
    outcome: Outcome
    statistic: float | None = None
    decimals: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The rows of table sensitivities of one contrast, by rival and setting."""

    rows: Mapping[tuple[str, str], Mapping[Any, Any]]

    def value(self, rival: Rival, setting: str) -> float | None:
        value = self.rows.get((rival, setting), {}).get("value")
        return None if pd.isna(value) else float(value)

    def reference(self, rival: Rival, setting: str) -> str | None:
        reference = self.rows.get((rival, setting), {}).get("reference")
        return None if pd.isna(reference) else str(reference)

    def possible(self, rival: Rival, setting: str) -> bool:
        return bool(self.rows[rival, setting]["possible"])


def check_contrasts(
    contrasts: pd.DataFrame,
    observations: pd.DataFrame,
    events: pd.DataFrame,
    pilots: pd.DataFrame,
    catalogue: Mapping[str, Indicator],
    alternatives: pd.DataFrame,
    sensitivities: pd.DataFrame,
) -> pd.DataFrame:
    """Check each contrast against its rival explanations (table checks, twelve rows a contrast).

    Reads sizes from `alternatives` and `sensitivities` of the same contrasts and computes none
    anew; statistics in the units of those tables, with the decimals to show. Assumes A1 and A2.
    Raises KeyError for an indicator or definition the catalogue does not hold and for a contrast
    without its sensitivities.
    """
    figures = observations.set_index("observation")
    rows: list[dict[str, object]] = []
    for contrast in contrasts.to_dict("records"):
        definition = catalogue[contrast["indicator"]].definitions[contrast["definition"]]
        own = sensitivities[sensitivities["contrast"] == contrast["contrast"]]
        sizes = _Sizes({(row["rival"], row["setting"]): row for row in own.to_dict("records")})
        found = [
            *_of_chance(contrast, alternatives[alternatives["contrast"] == contrast["contrast"]]),
            _common_trend(contrast, sizes),
            _other_measures(rival_events(events, contrast, figures)),
            _assisted_filing(definition.assisted, sizes),
            _Check(
                "definition_change", "not_possible", sizes.value("definition_change", "ratio"), 1
            ),
            _regression_to_mean(sizes),
            _comparison_units(pilots),
            _selective_reporting(sizes),
            _dated_periods(contrast, figures),
            _unmeasured_factor(sizes),
        ]
        rows.extend({"contrast": contrast["contrast"], **check._asdict()} for check in found)
    return schemas.build(rows, "checks")


def rival_events(
    events: pd.DataFrame, contrast: Mapping[Any, Any], figures: pd.DataFrame
) -> pd.DataFrame:
    """List province-wide measures outside the pilot that fall after the period before.

    A measure counts if it may move the contrast's indicator; one that starts after the later figure
    was reported does not. Unknown dates exclude nothing. `figures` are observations by their id.
    """
    start = figures.loc[contrast["before_observation"], "period_end"]
    end = figures.loc[contrast["after_observation"], "period_end"]
    moves = events["moves"].fillna("").str.split(";").map(lambda ids: contrast["indicator"] in ids)
    inside = moves & events["programme"].isna()
    if pd.notna(start):
        inside &= ~(events["date_start"] <= start)
    if pd.notna(end):
        inside &= ~(events["date_start"] > end)
    return events[inside]


def _of_chance(contrast: Mapping[Any, Any], alternatives: pd.DataFrame) -> Iterator[_Check]:
    """Ask of chance three times: unknown denominators, the way of rounding, alike dossiers."""
    own = contrast["denominators"]
    yield _Check("denominators", _DENOMINATORS[own], float(contrast["worst_p"]), 4)
    ways = alternatives[alternatives["method"] == "fisher_central"]
    if ways.empty:
        yield _Check("rounding", "not_possible")
    else:
        same = bool((ways["denominators"] == own).all())
        yield _Check("rounding", "passed" if same else "failed", float(ways["p_value"].max()), 4)
    effect = float(contrast["design_effect"])
    yield _Check("dependence", "failed" if effect < _ONE_OF_EACH else "not_possible", effect, 1)


def _common_trend(contrast: Mapping[Any, Any], sizes: _Sizes) -> _Check:
    national = sizes.reference("common_trend", "national_points")
    change, decimals = float(contrast["change"]), int(contrast["change_decimals"])
    return _Check("common_trend", "not_possible", change, decimals, national)


def _other_measures(rivals: pd.DataFrame) -> _Check:
    listed = ";".join(rivals["event"]) or None
    outcome: Outcome = "failed" if listed else "not_possible"
    return _Check("other_measures", outcome, float(len(rivals)), 0, listed)


def _assisted_filing(assisted: str, sizes: _Sizes) -> _Check:
    ends = [sizes.value("assisted_filing", setting) for setting in ("least", "most")]
    known = [end for end in ends if end is not None]
    return _Check("assisted_filing", _ASSISTED[assisted], mean(known) if known else None, 1)


def _definition_change(sizes: _Sizes) -> _Check:
    times = sizes.value("definition_change", "ratio")
    return _Check("definition_change", "not_possible", times, 1)


def _regression_to_mean(sizes: _Sizes) -> _Check:
    settings = [f"reliability_{percent}" for percent in RELIABILITIES]
    possible = any(sizes.possible("regression_to_mean", setting) for setting in settings)
    middle = sizes.value("regression_to_mean", "reliability_50")
    return _Check("regression_to_mean", "not_possible" if possible else "passed", middle, 1)


def _comparison_units(pilots: pd.DataFrame) -> _Check:
    compared = int((pilots["arm"] == "comparison").sum())
    return _Check("comparison_units", "passed" if compared else "failed", float(compared), 0)


def _selective_reporting(sizes: _Sizes) -> _Check:
    unreported = sizes.value("selective_reporting", "unreported")
    if unreported is None:
        return _Check("selective_reporting", "not_possible")
    return _Check("selective_reporting", "failed" if unreported else "passed", unreported, 0)


def _dated_periods(contrast: Mapping[Any, Any], figures: pd.DataFrame) -> _Check:
    ends = [contrast["before_observation"], contrast["after_observation"]]
    undated = int(figures.loc[ends, "period_end"].isna().sum())
    return _Check("dated_periods", "failed" if undated else "passed", float(undated), 0)


def _unmeasured_factor(sizes: _Sizes) -> _Check:
    factors = [sizes.value("unmeasured_factor", setting) for setting in ("online", "not_online")]
    least = min((factor for factor in factors if factor is not None), default=None)
    return _Check("unmeasured_factor", "not_possible", least, 1)
