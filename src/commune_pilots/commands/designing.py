"""The command `design`: what a planned pilot could show, before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from commune_pilots import screen
from commune_pilots.catalogue import Language, text
from commune_pilots.errors import ParameterError
from commune_pilots.numerals import number, p_value, percent, points

if TYPE_CHECKING:
    from commune_pilots.scaling.pilot_design import Foreseen, PilotPlan

_SURE = 0.995
_TIMES = (0.5, 1.0, 1.5, 2.0)  # of the gain asked for


def design(
    communes: Annotated[int, typer.Option(min=3, max=20_000, help="Communes, pilots included.")],
    pilots: Annotated[int, typer.Option(min=1, help="Pilot communes among them.")],
    months_before: Annotated[int, typer.Option(min=1, max=240, help="Months before the start.")],
    months_after: Annotated[int, typer.Option(min=1, max=240, help="Months after the start.")],
    sd_unit: Annotated[
        float,
        typer.Option(min=0, max=100, help="Points by which communes' lasting changes differ (SD)."),
    ],
    sd_month: Annotated[
        float, typer.Option(min=0, max=100, help="Points by which a commune's months vary (SD).")
    ],
    autocorrelation: Annotated[
        float, typer.Option(min=-0.99, max=0.99, help="Correlation of a month with the next.")
    ],
    per_district: Annotated[
        bool, typer.Option("--per-district", help="One pilot per district, not k among all.")
    ] = False,
    gain: Annotated[
        float, typer.Option(min=0.1, max=100, help="Gain that should be detected, in points.")
    ] = 5.0,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.499, help="Error level.")] = 0.05,
    power: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="Chance wanted to detect a gain.")
    ] = 0.8,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the simulation.")] = 1,
) -> None:
    """Say what a planned pilot could detect, and what no data from it could ever show.

    pilots design --communes 108 --pilots 8 --per-district --months-before 12 --months-after 12
    --sd-unit 3 --sd-month 5 --autocorrelation 0.4
    """
    least = 2 * pilots if per_district else pilots + 2
    if communes < least:
        raise ParameterError("design_few_communes", communes=communes, pilots=pilots, least=least)
    if sd_unit == sd_month == 0:
        raise ParameterError("design_no_scatter")
    from commune_pilots.scaling import pilot_design

    plan = pilot_design.PilotPlan(
        communes=communes,
        pilots=pilots,
        per_district=per_district,
        months_before=months_before,
        months_after=months_after,
        own_change=sd_unit,
        month=sd_month,
        autocorrelation=autocorrelation,
    )
    gains = tuple(gain * times for times in _TIMES)
    found = pilot_design.foresee(plan, gains=gains, alpha=alpha, wanted=power, seed=seed)
    asked = {"gain": gain, "alpha": alpha, "wanted": power}
    needed = (
        pilot_design.pilots_needed(plan, **asked),
        pilot_design.months_needed(plan, **asked),
    )
    screen.show_answer(
        {
            name: lines(plan, found, needed, gain=gain, alpha=alpha, wanted=power, language=name)
            for name in screen.languages()
        }
    )


def lines(
    plan: PilotPlan,
    found: Foreseen,
    needed: tuple[int | None, int | None],
    *,
    gain: float,
    alpha: float,
    wanted: float,
    language: Language,
) -> list[tuple[str, str]]:
    """Word a plan and what it could show: headings with their lines, in one language.

    `needed`: fewest pilots and fewest months on each side that detect `gain`, None if none do.
    """

    def said(key: str, **values: object) -> str:
        return text(f"design.{key}", language, **values)

    def share(value: float) -> str:
        # a simulated chance is never certainty
        return f"> {percent(99, language)}" if value > _SURE else percent(100 * value, language)

    shown = [
        (
            "plan",
            said(
                "plan.district" if plan.per_district else "plan.random",
                pilots=number(plan.pilots, language),
                communes=number(plan.communes, language),
                before=plan.months_before,
                after=plan.months_after,
            ),
        ),
        (
            "smallest_p",
            said(
                "smallest_p",
                p=p_value(found.smallest_p, language),
                choices=number(found.choices, language),
            ),
        ),
    ]
    if found.power is None or found.by_formula is None:
        level = number(alpha, language, decimals=3)
        shown.append(("power", said("why", decided=said("not_decidable"), alpha=level)))
    else:
        shown += [
            ("power", said("power", gain=_points(at, language), power=share(p), formula=share(t)))
            for at, p, t in zip(found.gains, found.power, found.by_formula, strict=True)
        ]
        least = found.detectable
        shown.append(
            (
                "detectable",
                said("none")
                if least is None
                else said("detectable", gain=_points(least, language), wanted=share(wanted)),
            )
        )
    asked = {"gain": _points(gain, language), "wanted": share(wanted)}
    shown += [
        (name, said(f"no_{name}" if least is None else name, needed=least, **asked))
        for name, least in zip(("pilots", "months"), needed, strict=True)
    ]
    shown.append(("assumes", said("assumes")))
    return _headed(shown, language)


def _headed(shown: list[tuple[str, str]], language: Language) -> list[tuple[str, str]]:
    """Put the heading beside the first line of its kind only."""
    names = ["", *(name for name, _ in shown)]
    return [
        ("" if name == before else text(f"design.heading.{name}", language), line)
        for before, (name, line) in zip(names, shown, strict=False)
    ]


def _points(value: float, language: Language) -> str:
    return points(value, language, decimals=1)
