"""One plan for the tests of stages, outlook and costs: values of none of the project's files."""

from __future__ import annotations

from typing import Any

from commune_pilots.scenario import Scenario

VALUES = {
    "stages": 3,
    "stage_months": 2,
    "dossiers_per_month": 100,
    "baseline_share": 40.0,
    "between_sd": 10.0,
    "period_sd": 5.0,
    "effect_sd": 8.0,
    "trend_per_month": 0.0,
    "cost_per_commune": None,
    "hours_per_commune": None,
    "dossiers_per_year": None,
    "value_per_dossier": None,
    "review_months": 12,
    "design_effect": 5.0,
    "common_trend": 15.0,
    "assisted_share": 50.0,
}


def plan_of(**changes: Any) -> Scenario:
    """Make the plan, with other values where some are given."""
    return Scenario(**{**VALUES, **changes})
