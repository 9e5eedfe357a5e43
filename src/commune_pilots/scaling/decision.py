"""From grades to an option: the strongest the evidence carries, by a rule stated in params."""

from __future__ import annotations

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.evidence import at_least, best
from commune_pilots.vocabulary import Grade, Option


def decide(
    contrasts: pd.DataFrame,
    pilots: pd.DataFrame,
    *,
    decision: str,
    grade_for_scaling: Grade,
    grade_for_stages: Grade,
    least_change: float,
) -> pd.DataFrame:
    """Choose scale, stages, extend or prepare for one decision (table verdicts, one row).

    Rule: the best grade among contrasts whose change is at least `least_change` points over its
    whole range must reach the grade set for the option; a pilot without such evidence is extended
    with measurement; where no contrast exists at all, measurement is prepared first. Thresholds are
    the user's, set before the data are read (docs/assumptions.md, A6).
    """
    large = contrasts[contrasts["change_low"].fillna(-100.0) >= least_change]
    grade = best(contrasts["grade"].tolist())
    carried = best(large["grade"].tolist())
    option: Option
    if at_least(carried, grade_for_scaling):
        option, reason = "scale", "grade_reached"
    elif at_least(carried, grade_for_stages):
        option, reason = "stages", "grade_reached_for_stages"
    elif len(contrasts):
        option, reason = "extend", "grade_below_stages"
    else:
        option, reason = "prepare", "no_contrast"
    verdict = {
        "decision": decision,
        "option": option,
        "grade": grade,
        "contrasts": len(contrasts),
        "units_with_contrast": contrasts["unit"].nunique(),
        "units_piloted": pilots.loc[pilots["arm"] == "pilot", "unit"].nunique(),
        "grade_for_scaling": grade_for_scaling,
        "grade_for_stages": grade_for_stages,
        "least_change": least_change,
        "reason": reason,
    }
    return schemas.build([verdict], "verdicts")
