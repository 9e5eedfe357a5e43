"""Planning values of a roll-out, one file each in params/scenarios: assumed, never measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from commune_pilots.keys import accepts, load_named, names_in

Points = Annotated[float, Field(ge=0, le=100)]
Months = Annotated[int, Field(ge=1, le=120)]


class Scenario(BaseModel):
    """What a plan assumes; None is not known, and what needs it is not computed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    stages: Annotated[int, Field(ge=2, le=20)] = Field(
        description="Stages of the roll-out; communes are dealt to them in drawn order"
    )
    stage_months: Months = Field(description="Months from one stage to the next")
    dossiers_per_month: Annotated[int, Field(ge=1)] | None = Field(
        description="Dossiers of one commune in one month, for the power of the stages"
    )
    baseline_share: Annotated[float, Field(gt=0, lt=100)] | None = Field(
        description="Online share where the roll-out has not started, per cent"
    )
    between_sd: Points = Field(description="SD of that share between communes, points")
    period_sd: Points = Field(description="SD of a commune's share from period to period, points")
    effect_sd: Points = Field(description="SD of the gain between communes, points")
    trend_per_month: Annotated[float, Field(ge=-10, le=10)] | None = Field(
        description="Rise everywhere without the roll-out, points a month; null: no outlook"
    )
    cost_per_commune: Annotated[float, Field(gt=0)] | None = Field(
        description="Cost of one commune in its first year, đồng"
    )
    hours_per_commune: Annotated[float, Field(gt=0)] | None = Field(
        description="Staff hours of one commune in its first year"
    )
    dossiers_per_year: Annotated[int, Field(ge=1)] | None = Field(
        description="Dossiers of one commune in one year, for costs"
    )
    value_per_dossier: Annotated[float, Field(gt=0)] | None = Field(
        description="What one more online dossier is worth, đồng"
    )
    review_months: Months = Field(description="Months until the decision is reviewed")
    design_effect: Annotated[float, Field(ge=1, le=1000)] = Field(
        description="Clustering of dossiers under which the rule is asked again"
    )
    common_trend: Points = Field(
        description="Rise without any pilot, taken off every change that has no comparison, points"
    )
    assisted_share: Annotated[float, Field(ge=0, lt=100)] = Field(
        description="Part of the later online dossiers taken as counted otherwise before, per cent"
    )


def load_scenario(name: str, params: Path) -> Scenario:
    """Read one scenario.

    Raises ParameterError for an unknown one (with the nearest known), an unknown or missing key, a
    wrong type or a value out of range, naming file, key, value and what is accepted.
    """
    return load_named(name, params / "scenarios", Scenario, unknown="unknown_scenario")


def names(params: Path) -> list[str]:
    """List the scenarios there are."""
    return names_in(params / "scenarios")


def key_table(params: Path) -> str:
    """Describe every key in Markdown: what it accepts, its value in each file, its meaning."""
    files = names(params)
    values = {name: load_scenario(name, params).model_dump() for name in files}
    head = ["key", "accepts", *(f"`{name}`" for name in files), "meaning"]
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for key, field in Scenario.model_fields.items():
        shown = [f"`{json.dumps(values[name][key])}`" for name in files]
        lines.append(
            f"| `{key}` | {accepts(Scenario, key)} | {' | '.join(shown)} | {field.description} |"
        )
    return "\n".join(lines) + "\n"
