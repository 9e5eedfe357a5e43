"""What to collect, and the strongest grade that each kind of figures may carry.

Designs and grades are those of `effects.evidence`; every number is the constant that the estimator
refuses by, so the list cannot promise what the program would not keep (docs/methods.md, M5, M12 to
M19).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from commune_pilots import assumptions
from commune_pilots.effects import alone, compared, effect_grade, interrupted, placebos, trend
from commune_pilots.effects.assignment import completely_random, smallest_p
from commune_pilots.effects.evidence import DESIGNS, GRADES, grade_of
from commune_pilots.scaling.decision import LEAST_UNITS
from commune_pilots.vocabulary import Design, Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing to collect, where it is entered, and what it allows.

    `places` pairs a sheet of the study workbook with its columns. `grade` is the highest that
    `design` may carry, `assumed` the ids of the assumptions it then rests on. The words are those
    of `new_study.checklist.<name>` in the catalogue, with `numbers` filled in.
    """

    name: str
    places: tuple[tuple[str, tuple[str, ...]], ...]
    design: Design
    grade: Grade
    assumed: tuple[str, ...]
    numbers: Mapping[str, int] = field(default_factory=dict)


def checklist(*, alpha: float) -> tuple[Asked, ...]:
    """List what to collect, from what carries no grade to what may carry the highest.

    `alpha` is the error level of the run: with it goes how many comparison communes make a p-value
    below it possible at all.
    """
    before, after = effect_grade.LEAST_BEFORE, effect_grade.LEAST_AFTER
    pilots = effect_grade.LEAST_PILOTS
    others = fewest_others(pilots, alpha=alpha)
    # The check that leaves one pilot out has to be able to tell as well.
    others_for_high = max(others, fewest_others(pilots - 1, alpha=alpha))
    figure = ("unit", "indicator", "definition", "role", "printed")
    months = ("unit", "indicator", "definition", "month", "numerator", "denominator")
    series = {"before": trend.LEAST_MONTHS, "after": interrupted.LEAST_AFTER}
    asked = [
        _asked("one_figure", "after_only", ("pilots", ("unit",)), ("observations", figure)),
        _asked(
            "pair",
            "before_after_without_n",
            ("observations", ("role", "period_start", "period_end")),
            least=LEAST_UNITS,
        ),
        _asked("one_definition", "before_after_without_n", ("observations", ("definition",))),
        _asked("counts", "before_after_with_n", ("observations", ("numerator", "denominator"))),
        _asked("start", "trend_adjusted", ("pilots", ("opened",))),
        _asked(
            "months",
            "trend_adjusted",
            ("panel", months),
            **series,
            dossiers=trend.EVENTS_PER_COEFFICIENT,
        ),
        _asked("events", "trend_adjusted", ("events", ("date_start", "moves"))),
        _asked(
            "comparison",
            "comparison",
            ("panel", months),
            before=placebos.LEAST_MONTHS,
            pilots=pilots,
            others=others,
            one=fewest_others(1, alpha=alpha),
            two=fewest_others(2, alpha=alpha),
        ),
        _asked("chosen", "comparison", ("pilots", ("note",))),
        _asked(
            "long_series",
            "series_comparison",
            ("panel", months),
            before=before,
            after=after,
            pilots=pilots,
            others=others_for_high,
        ),
        _asked("lots", "randomised_order", ("pilots", ("note",))),
    ]
    return tuple(
        sorted(asked, key=lambda row: (GRADES.index(row.grade), DESIGNS.index(row.design)))
    )


def fewest_others(pilots: int, *, alpha: float) -> int:
    """Count the comparison communes that a choice of so many pilots needs to decide anything.

    With fewer no data could bring the p-value of randomisation down to `alpha`
    (`effects.assignment.smallest_p`; pilots chosen among all communes).
    """
    others = 1
    while smallest_p(completely_random(np.arange(pilots + others) < pilots)) > alpha:
        others += 1
    return others


def _asked(
    name: str, design: Design, *places: tuple[str, tuple[str, ...]], **numbers: int
) -> Asked:
    return Asked(
        name=name,
        places=places,
        design=design,
        grade=grade_of(design)[0],
        assumed=_ASSUMED[design],
        numbers=numbers,
    )


_ASSUMED: Mapping[Design, tuple[str, ...]] = {
    "after_only": assumptions.resting("level"),
    "before_after_without_n": assumptions.resting("change_worst_case"),
    "before_after_with_n": assumptions.resting("difference"),
    "trend_adjusted": alone.SERIES,
    "comparison": compared.BY_LOT,
    "series_comparison": compared.BY_LOT,
    "randomised_order": compared.BY_LOT,
}
