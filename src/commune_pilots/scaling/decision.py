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
from commune_pilots.scenario import Scenario
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


LEAST_UNITS = 2  # one commune is a story, whatever share of the pilots it makes


class Pair(NamedTuple):
    """What the rule reads of one contrast.

    `rise` is the least change left when rounding, chance over every number of dossiers and, below
    a comparison, the common rise are taken off; NaN if no lower end is known. `most` is the largest
    change that rounding leaves.
    """

    indicator: str
    definition: str
    unit: str
    contrast: str
    rise: float
    most: float
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
    """What a verdict is made of: contrasts, pilots and pooled (tables), the rule, the trend.

    `trend` is the rise in points that is assumed to have come without any pilot (A3): no pair
    without a comparison shows its own.
    """

    contrasts: pd.DataFrame
    pilots: pd.DataFrame
    pooled: pd.DataFrame
    rule: Rule
    trend: float

    @property
    def piloted(self) -> frozenset[str]:
        """Codes of the pilot communes."""
        return frozenset(self.pilots.loc[self.pilots["arm"] == "pilot", "unit"])

    @property
    def needed(self) -> int:
        """Number of pilot communes that `least_share` makes, at least `LEAST_UNITS`."""
        # 100/11 of 11 is more than 1 in floating point.
        share = round(self.rule.least_share * len(self.piloted) / 100, 9)
        return max(ceil(share), LEAST_UNITS)


def choose(case: Case) -> Chosen:
    """Choose the strongest option the rule allows; the first condition that holds decides.

    A pilot commune *counts* if under one definition its change is at least `least_change` at the
    grade asked, at the lowest that rounding and chance leave, and net of the common rise below a
    comparison; of the definitions that carry, the one under which most communes count speaks.
    Communes without a pair do not count: what is not printed is no evidence. At least two must
    count, and none of the pilots may have fallen as much under that definition.

    1. `prepare`: there is no contrast, or no pilot commune.
    2. `stop`: at `grade_for_scaling`, the next commune gains `least_change` with a chance of at
       most 1 - `least_chance`, whatever the method and the number of dossiers.
    3. `scale`: enough communes count at `grade_for_scaling` under a definition pooled at it, and
       that chance is at least `least_chance`, whatever the method and the number of dossiers.
    4. `stages`, in drawn order beside communes that wait: enough communes count at
       `grade_for_stages`. The stages make the comparison that the pairs lack
       (docs/decisions/0010).
    5. `extend`: anything else; the pilot is kept and measured.

    The grade is the weakest among the contrasts the option rests on. Assumes A1 to
    A6 and A9; a rise is taken as good. Source:
    the project's own rule; go and no-go on a predictive chance as in Bayesian trials.
    """
    rule, own = case.rule, _own_pairs(case)
    some, strong = (
        _one_definition(_large(_graded(own, grade), rule), own, case)
        for grade in (rule.grade_for_stages, rule.grade_for_scaling)
    )
    backed, chance = _backed(own, case), _chance(case)
    carried = _one_definition(_large(backed, rule), own, case)
    option: Option
    if case.contrasts.empty or not case.piloted:
        option, reason, rests_on = "prepare", "no_contrast", some
    elif backed and chance and chance[1] + rule.least_chance <= 1:
        option, reason, rests_on = "stop", "chance_too_small", backed
    elif _enough(carried, own, case) and chance and chance[0] >= rule.least_chance:
        option, reason, rests_on = "scale", "grade_and_chance", carried
    elif _enough(some, own, case):
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


def decide(case: Case, *, decision: str, plan: Scenario) -> pd.DataFrame:
    """Record one decision: option, grade, what it rests on, thresholds, conditions (one row).

    See `choose` for the rule. The decision is looked at again after `review_months` of the plan; of
    stages only the first is decided, so it is when that one ends.
    """
    chosen, rule = choose(case), case.rule
    review_months = plan.stage_months if chosen.option == "stages" else plan.review_months
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
    own = _own_pairs(case)
    graded = _backed(own, case) if option == "scale" else _graded(own, case.rule.grade_for_stages)
    kinds = by_kind(_large(graded, case.rule))
    return [pair for same in kinds if not _fell(same, own, case) for pair in same]


def by_kind(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Part pairs by indicator and definition, in the order of these; two are never counted up."""
    return [list(same) for _, same in groupby(sorted(pairs), key=lambda pair: pair.kind)]


def pooled_changes(case: Case) -> pd.DataFrame:
    """Take the pooled changes of all units of a definition; none is left out."""
    pooled = case.pooled
    whole = (pooled["outcome"] == "pooled") & pooled["left_out"].isna()
    return pooled[whole & (pooled["quantity"] == "change")]


def _own_pairs(case: Case) -> list[Pair]:
    """List the pairs of pilot communes."""
    piloted, table = case.piloted, case.contrasts
    columns = table.assign(rise=rises(case), most=table["change_high"])[list(Pair._fields)]
    pairs = starmap(Pair, columns.itertuples(index=False, name=None))
    return [pair for pair in pairs if pair.unit in piloted]


def _graded(own: Sequence[Pair], grade: Grade) -> list[Pair]:
    """List those that reach a grade, whatever their size."""
    return [pair for pair in own if at_least(pair.grade, grade)]


def rises(case: Case) -> pd.Series[float]:
    """Take the least rise that each contrast leaves, in points; NaN where none is known."""
    table = case.contrasts
    certain = table[["change_low", "conf_low"]].min(axis=1).where(table["change_low"].notna())
    return certain - case.trend * alone(table).astype(float)


def alone(contrasts: pd.DataFrame) -> pd.Series[bool]:
    """Say which pairs stand without a comparison: a common rise is no part of the others."""
    below = [not at_least(grade, "medium") for grade in contrasts["grade"]]
    return pd.Series(below, contrasts.index, dtype=bool)


def _large(pairs: Sequence[Pair], rule: Rule) -> list[Pair]:
    """List those that rose enough; one whose lower end is not known did not."""
    return [pair for pair in pairs if pair.rise >= rule.least_change]


def _enough(pairs: Sequence[Pair], own: Sequence[Pair], case: Case) -> bool:
    """Say whether enough communes count, and none fell as much under their definition."""
    return _units(pairs) >= case.needed and not _fell(pairs, own, case)


def _fell(pairs: Sequence[Pair], own: Sequence[Pair], case: Case) -> bool:
    """Say whether a pilot commune fell by `least_change` under the definition of these pairs."""
    same = [pair for pair in own if pair.kind == pairs[0].kind]
    return any(pair.most <= -case.rule.least_change for pair in same)


def _one_definition(pairs: Sequence[Pair], own: Sequence[Pair], case: Case) -> list[Pair]:
    """List those of the definition under which most communes count, first of those that carry."""
    return max(
        by_kind(pairs), key=lambda same: (_enough(same, own, case), _units(same)), default=[]
    )


def _units(pairs: Sequence[Pair]) -> int:
    return len({pair.unit for pair in pairs})


def _backed(own: Sequence[Pair], case: Case) -> list[Pair]:
    """List the pairs of the grade for scaling whose own definition is pooled at that grade."""
    needed = case.rule.grade_for_scaling
    pooled = pooled_changes(case)[["indicator", "definition", "grade"]]
    rows = pooled.itertuples(index=False, name=None)
    kinds = {(indicator, definition) for indicator, definition, at in rows if at_least(at, needed)}
    return [pair for pair in _graded(own, needed) if pair.kind in kinds]


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
