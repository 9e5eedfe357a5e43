"""What would turn the verdict: the rule asked again with each assumption or threshold moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, isfinite

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.evidence import GRADES
from commune_pilots.scaling.decision import (
    Case,
    Chosen,
    Rule,
    alone,
    by_kind,
    carrying,
    choose,
    pooled_changes,
    rises,
)
from commune_pilots.scenario import Scenario
from commune_pilots.vocabulary import MeasuredIn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The rule asked once more: what was moved and to where, and what came out."""

    assumption: str
    setting: str
    chosen: Chosen
    at: float | None = None
    measured_in: MeasuredIn | None = None
    flips_at: float | None = None


def stress_verdict(case: Case, alternatives: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Ask the rule again under each assumption and threshold, one at a time (table stress).

    Rounding by any convention (A1), clustering (A2), a common rise (A3), filing counted otherwise
    before (A4), thresholds (A6), silent pilots as good as the others (A9); sizes come from the
    scenario. `flips_at` is the size beyond which the option is another, since each pair bears a
    size up to a margin of its own; missing where no size turns it, or where the option does not
    rest on a number of communes. One-way: two assumptions failing together can do more. The chance
    of the next gain is not pooled anew.
    """
    if case.contrasts.empty:
        return schemas.empty("stress")
    base = choose(case)
    rows = [
        {
            "assumption": one.assumption,
            "setting": one.setting,
            "at": one.at,
            "flips_at": one.flips_at,
            "measured_in": one.measured_in,
            "units_counted": one.chosen.units_counted,
            "units_piloted": len(case.piloted),
            "option": one.chosen.option,
            "grade": one.chosen.grade,
            "changes": one.chosen.option != base.option,
        }
        for one in (*_of_data(case, alternatives, scenario, base), *_of_rule(case, base))
    ]
    return schemas.build(rows, "stress")


def _of_data(
    case: Case, alternatives: pd.DataFrame, scenario: Scenario, base: Chosen
) -> Iterator[_Asked]:
    """Move what is assumed of the figures."""
    contrasts = case.contrasts
    judged = alternatives[
        (alternatives["rounding"] == "any") & (alternatives["method"] == "fisher_central")
    ].set_index("contrast")["denominators"]
    undecided = contrasts["contrast"].map(judged) != "decided"
    yield _Asked(
        assumption="A1",
        setting="any_rounding",
        chosen=_with(case, _without_grade(contrasts, undecided)),
    )
    # Each pair bears a size up to a margin: its design effect, its rise above the threshold.
    spare = rises(case) - case.rule.least_change
    borne = contrasts["design_effect"]
    resting = borne[contrasts["contrast"].isin(base.rests_on)]
    otherwise = contrasts["after"] * scenario.assisted_share / 100
    yield _Asked(
        assumption="A2",
        setting="clustering",
        at=scenario.design_effect,
        measured_in="ratio",
        # To stop takes one pair of the grade.
        flips_at=resting.max() if base.option == "stop" else _flips_at(borne, case, base),
        chosen=_with(case, _without_grade(contrasts, borne < scenario.design_effect)),
    )
    yield _Asked(
        assumption="A3",
        setting="common_trend",
        at=case.trend + scenario.common_trend,
        measured_in="points",
        flips_at=_flips_at(case.trend + spare.where(alone(contrasts), inf), case, base),
        chosen=choose(replace(case, trend=case.trend + scenario.common_trend)),
    )
    yield _Asked(
        assumption="A4",
        setting="counted_otherwise",
        at=scenario.assisted_share,
        measured_in="percent",
        # Nothing can be taken off a later share of 0.
        flips_at=_flips_at((100 * spare / contrasts["after"]).fillna(inf), case, base),
        chosen=_with(case, _less(contrasts, otherwise)),
    )
    yield _Asked(
        assumption="A9", setting="silent_alike", chosen=_with(case, _silent_alike(case, base))
    )


def _of_rule(case: Case, base: Chosen) -> Iterator[_Asked]:
    """Move the thresholds of the rule itself (A6)."""
    rule, piloted = case.rule, max(len(case.piloted), 1)
    higher = GRADES[min(GRADES.index(rule.grade_for_stages) + 1, len(GRADES) - 1)]
    change = rises(case)
    if base.option == "scale":  # the chance of a larger gain is not known
        change = change.clip(upper=pooled_changes(case)["threshold"].min())
    flips = _flips_at(change, case, base)
    share = _share_carrying(case, base)
    moved: tuple[tuple[str, float | None, MeasuredIn | None, float | None, Rule], ...] = (
        ("change_half", rule.least_change / 2, "points", None,
         replace(rule, least_change=rule.least_change / 2)),
        ("change_double", rule.least_change * 2, "points", flips,
         replace(rule, least_change=rule.least_change * 2)),
        ("one_pilot", 100 / piloted, "percent", None, replace(rule, least_share=100 / piloted)),
        ("every_pilot", 100.0, "percent", share, replace(rule, least_share=100.0)),
        ("grade_higher", None, None, None, replace(rule, grade_for_stages=higher)),
    )  # fmt: skip
    for setting, at, measured_in, flips_at, other in moved:
        yield _Asked(
            assumption="A6",
            setting=setting,
            at=at,
            measured_in=measured_in,
            flips_at=flips_at,
            chosen=choose(replace(case, rule=other)),
        )


def _with(case: Case, contrasts: pd.DataFrame) -> Chosen:
    return choose(replace(case, contrasts=contrasts))


def _without_grade(contrasts: pd.DataFrame, where: pd.Series[bool]) -> pd.DataFrame:
    """Take their grade from some pairs: chance alone could then print them."""
    return contrasts.assign(grade=contrasts["grade"].mask(where, "none"))


def _less(contrasts: pd.DataFrame, points: float | pd.Series[float]) -> pd.DataFrame:
    """Take points off every change, and off its interval."""
    return contrasts.assign(
        change_low=contrasts["change_low"] - points, conf_low=contrasts["conf_low"] - points
    )


def _silent_alike(case: Case, base: Chosen) -> pd.DataFrame:
    """Let every pilot commune without a pair have one like the best the verdict rests on."""
    contrasts = case.contrasts
    resting = contrasts[contrasts["contrast"].isin(base.rests_on)].sort_values("contrast")
    without = sorted(case.piloted - set(contrasts["unit"]))
    if resting.empty or not without:
        return contrasts
    best = resting.loc[[resting["grade"].map(GRADES.index).idxmax()]]
    like = best.iloc[[0] * len(without)].assign(
        unit=without, contrast=[f"like-{unit}" for unit in without]
    )
    return pd.concat([contrasts, like], ignore_index=True)


def _share_carrying(case: Case, base: Chosen) -> float | None:
    """Compute the per cent of the pilot communes that carry the option; none where all do."""
    if base.option not in ("stages", "scale"):
        return None
    resting = case.contrasts["contrast"].isin(base.rests_on)
    carrying = case.contrasts["unit"][resting].nunique()
    return 100 * carrying / len(case.piloted) if carrying < len(case.piloted) else None


def _flips_at(margins: pd.Series[float], case: Case, base: Chosen) -> float | None:
    """Find the size beyond which no definition has enough communes left to carry the option."""
    if base.option not in ("stages", "scale"):
        return None
    of = dict(zip(case.contrasts["contrast"], margins, strict=True))
    last = []
    for pairs in by_kind(carrying(case, base.option)):
        borne: dict[str, float] = {}
        for pair in pairs:
            borne[pair.unit] = max(of[pair.contrast], borne.get(pair.unit, -inf))
        last += sorted(borne.values(), reverse=True)[case.needed - 1 : case.needed]
    return float(max(last)) if isfinite(max(last)) else None
