"""How strong the evidence of one effect is: the ladder of designs, less what is not shown.

One function, so that no page and no notebook can cite more (docs/methods.md, M19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from commune_pilots.effects.evidence import grade_of, weakest
from commune_pilots.vocabulary import Design, Grade

Outcome = Literal["passed", "failed", "not_possible"]
Answer = Literal["told_apart", "not_told_apart", "not_decidable", "refused"]

FOR_MEDIUM = ("pre_trend",)
FOR_HIGH = ("pre_trend", "placebo_in_time", "leave_one_out")
LEAST_BEFORE, LEAST_AFTER, LEAST_PILOTS = 12, 6, 3


def comparison_design(*, pilots: int, months_before: int, months_after: int) -> Design:
    """Name the design of pilots beside comparison communes.

    A series with comparison takes a year before the first start, half a year from the last one on,
    and three pilots; else it is a comparison. That a choice was drawn by lot no table says, so no
    panel is taken for a randomised order.
    """
    long = months_before >= LEAST_BEFORE and months_after >= LEAST_AFTER
    return "series_comparison" if long and pilots >= LEAST_PILOTS else "comparison"


def grade_effect(design: Design, answer: Answer, *, checks: Mapping[str, Outcome]) -> Grade:
    """Grade one effect: never above what its design carries (`evidence.grade_of`).

    Chance not excluded, undecidable or refused: none. Low where the pre-trend check did not pass;
    at most medium where a placebo in time or leaving out one pilot did not. A check that is not
    possible, or not there, counts as one that failed: so taking data away never raises a grade.
    """
    found, _ = grade_of(design, denominators="decided" if answer == "told_apart" else "decisive")
    if any(checks.get(check) != "passed" for check in FOR_MEDIUM):
        return weakest([found, "low"])
    if any(checks.get(check) != "passed" for check in FOR_HIGH):
        return weakest([found, "medium"])
    return found
