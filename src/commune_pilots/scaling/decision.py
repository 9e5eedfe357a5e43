"""From evidence to an option: the strongest that a rule stated in params lets it carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, starmap
from math import ceil
from typing import Literal, NamedTuple

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.evidence import at_least, weakest
from commune_pilots.vocabulary import Grade, Option

# What each option is tied to, in the order a reader should meet it (briefing.condition.*).
CONDITIONS: Mapping[Option, tuple[str, ...]] = {
    "scale": ("keep_measuring", "same_definition"),
    "stages": (
        "comparison_first",
        "drawn_order",
        "monthly_counts",
        "stage_gate",
        "same_definition",
    ),
    "extend": ("monthly_counts", "comparison_first", "all_pilots_report", "same_definition"),
    "prepare": ("numeric_target", "baseline", "comparison_first", "monthly_counts"),
    "stop": ("publish_result", "keep_measuring"),
}


class Pair(NamedTuple):
    """What the rule reads of one contrast; a change whose lower end is not known is NaN."""

    indicator: str
    definition: str
    unit: str
    contrast: str
    change_low: float
    grade: Grade

    @property
    def kind(self) -> tuple[str, str]:
        """Indicator and definition: what is counted together."""
        return self.indicator, self.definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Thresholds of one decision, set before the data are read (A6); changes in points.

    `least_share` is in per cent of the pilot communes, `least_chance` a probability.
    """

    grade_for_scaling: Grade
    grade_for_stages: Grade
    least_change: float
    least_share: float
    least_chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The option, why, the contrasts it rests on, the chance of the next gain.

    `units_counted` and `units_strong` are the pilot communes that count at `grade_for_stages` and
    at `grade_for_scaling`.
    """

    option: Option
    reason: str
    grade: Grade
    rests_on: tuple[str, ...]
    units_counted: int
    units_strong: int
    chance: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a verdict is made of: contrasts, pilots and pooled (tables), and the rule."""

    contrasts: pd.DataFrame
    pilots: pd.DataFrame
    pooled: pd.DataFrame
    rule: Rule

    @property
    def piloted(self) -> frozenset[str]:
        """Codes of the pilot communes."""
        return frozenset(self.pilots.loc[self.pilots["arm"] == "pilot", "unit"])

    @property
    def needed(self) -> int:
        """Number of pilot communes that `least_share` makes, at least one."""
        # 100/11 of 11 is more than 1 in floating point.
        share = round(self.rule.least_share * len(self.piloted) / 100, 9)
        return max(ceil(share), 1)


def choose(case: Case) -> Chosen:
    """Choose the strongest option the rule allows; the first condition that holds decides.

    A pilot commune *counts* if under one definition its whole change is at least `least_change` at
    the grade asked; the definition under which most communes count speaks for the run. Communes
    without a pair do not count: what is not printed is no evidence.

    1. `prepare`: there is no contrast.
    2. `stop`: at `grade_for_scaling`, the next commune gains `least_change` with a chance of at
       most 1 - `least_chance`, whatever the method and the number of dossiers.
    3. `scale`: enough communes count at `grade_for_scaling` under a definition pooled at it, and
       that chance is at least `least_chance`, whatever the method and the number of dossiers.
    4. `stages`, in drawn order beside communes that wait: enough communes count at
       `grade_for_stages`. The stages make the comparison that the pairs lack
       (docs/decisions/0010).
    5. `extend`: anything else; the pilot is kept and measured.

    The grade is the weakest among the contrasts the option rests on. Assumes A5, A6, A9. Source:
    the project's own rule; go and no-go on a predictive chance as in Bayesian trials.
    """
    rule = case.rule
    some, strong = (
        _one_definition(_large(_graded(case, grade), rule))
        for grade in (rule.grade_for_stages, rule.grade_for_scaling)
    )
    backed, chance = _backed(case), _chance(case)
    carried = _one_definition(_large(backed, rule))
    option: Option
    if case.contrasts.empty:
        option, reason, rests_on = "prepare", "no_contrast", some
    elif backed and chance and chance[1] + rule.least_chance <= 1:
        option, reason, rests_on = "stop", "chance_too_small", backed
    elif _units(carried) >= case.needed and chance and chance[0] >= rule.least_chance:
        option, reason, rests_on = "scale", "grade_and_chance", carried
    elif _units(some) >= case.needed:
        option, reason, rests_on = "stages", "enough_units", some
    else:
        option, rests_on = "extend", some
        reason = "too_few_units" if some else "no_unit"
    return Chosen(
        option=option,
        reason=reason,
        grade=weakest([pair.grade for pair in rests_on]),
        rests_on=tuple(sorted(pair.contrast for pair in rests_on)),
        units_counted=_units(some),
        units_strong=_units(strong),
        chance=chance,
    )


def decide(case: Case, *, decision: str, review_months: int) -> pd.DataFrame:
    """Record one decision: option, grade, what it rests on, thresholds, conditions (one row).

    See `choose` for the rule; `review_months` is when the decision is looked at again.
    """
    chosen, rule = choose(case), case.rule
    verdict = {
        "decision": decision,
        "option": chosen.option,
        "grade": chosen.grade,
        "reason": chosen.reason,
        "rests_on": ";".join(chosen.rests_on) or None,
        "contrasts": len(case.contrasts),
        "units_with_contrast": len(case.piloted & set(case.contrasts["unit"])),
        "units_counted": chosen.units_counted,
        "units_strong": chosen.units_strong,
        "units_piloted": len(case.piloted),
        "grade_for_scaling": rule.grade_for_scaling,
        "grade_for_stages": rule.grade_for_stages,
        "least_change": rule.least_change,
        "least_share": rule.least_share,
        "least_chance": rule.least_chance,
        "chance_low": chosen.chance[0] if chosen.chance else None,
        "chance_high": chosen.chance[1] if chosen.chance else None,
        "conditions": ";".join(CONDITIONS[chosen.option]),
        "review_months": review_months,
    }
    return schemas.build([verdict], "verdicts")


def carrying(case: Case, option: Literal["scale", "stages"]) -> list[Pair]:
    """List the pairs that count towards an option, under every definition that may carry it."""
    if option == "scale":
        return _large(_backed(case), case.rule)
    return _large(_graded(case, case.rule.grade_for_stages), case.rule)


def by_kind(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Part pairs by indicator and definition, in the order of these; two are never counted up."""
    return [list(same) for _, same in groupby(sorted(pairs), key=lambda pair: pair.kind)]


def pooled_changes(case: Case) -> pd.DataFrame:
    """Take the pooled changes of all units of a definition; none is left out."""
    pooled = case.pooled
    whole = (pooled["outcome"] == "pooled") & pooled["left_out"].isna()
    return pooled[whole & (pooled["quantity"] == "change")]


def _graded(case: Case, grade: Grade) -> list[Pair]:
    """List the pairs of pilot communes that reach a grade, whatever their size."""
    piloted = case.piloted
    rows = case.contrasts[list(Pair._fields)].itertuples(index=False, name=None)
    pairs = starmap(Pair, rows)
    return [pair for pair in pairs if pair.unit in piloted and at_least(pair.grade, grade)]


def _large(pairs: Sequence[Pair], rule: Rule) -> list[Pair]:
    """List those whose whole change is large enough; one whose lower end is not known is not."""
    return [pair for pair in pairs if pair.change_low >= rule.least_change]


def _one_definition(pairs: Sequence[Pair]) -> list[Pair]:
    """List those of the definition under which most communes count."""
    return max(by_kind(pairs), key=_units, default=[])


def _units(pairs: Sequence[Pair]) -> int:
    return len({pair.unit for pair in pairs})


def _backed(case: Case) -> list[Pair]:
    """List the pairs of the grade for scaling whose own definition is pooled at that grade."""
    needed = case.rule.grade_for_scaling
    pooled = pooled_changes(case)[["indicator", "definition", "grade"]]
    rows = pooled.itertuples(index=False, name=None)
    kinds = {(indicator, definition) for indicator, definition, at in rows if at_least(at, needed)}
    return [pair for pair in _graded(case, needed) if pair.kind in kinds]


def _chance(case: Case) -> tuple[float, float] | None:
    """Bound the chance that the next commune gains enough, over every method and definition.

    None where nothing of the grade for scaling could be pooled. Weaker definitions widen the range
    too: to ask for a higher grade must not make scaling easier. A chance of another size of gain
    bounds this one on one side only.
    """
    rule, known = case.rule, pooled_changes(case)
    if not any(at_least(grade, rule.grade_for_scaling) for grade in known["grade"]):
        return None
    low = known["chance_low"].where(known["threshold"] >= rule.least_change).fillna(0.0)
    high = known["chance_high"].where(known["threshold"] <= rule.least_change).fillna(1.0)
    return float(low.min()), float(high.max())
