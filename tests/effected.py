"""Tables of effects drawn by hand, and findings that hold them beside a run's other tables."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
from asked import changed
from built import findings_of

from commune_pilots import schemas
from commune_pilots.briefing.findings import Findings

INDICATOR, DEFINITION = "online_share", "online_level34_assisted"
EIGHT_AND_HUNDRED = {"n_treated": 8, "n_comparison": 100}


def effect(name: str, **told: Any) -> dict[str, Any]:
    """Draw one estimate: eight pilots beside a hundred communes, 9.1 points, told apart."""
    return {
        "effect": f"e-{name}", "indicator": INDICATOR, "definition": DEFINITION,
        "estimand": "att_mean", "method": name, "design": "series_comparison", "level": "C1",
        "primary": False, "estimate": 9.12, "std_error": 0.5, "conf_low": 8.1, "conf_high": 10.1,
        "p_value": 0.001, "smallest_p": 0.0001, **EIGHT_AND_HUNDRED, "answer": "told_apart",
        "grade": "high", "assumptions": "A3;A4;A15",
    } | told  # fmt: skip


def primary(**told: Any) -> dict[str, Any]:
    """Draw the design that answers."""
    return effect("permutation", **({"primary": True} | told))


def refused(name: str, reason: str, **told: Any) -> dict[str, Any]:
    """Draw a design that gives no estimate."""
    nothing = dict.fromkeys(
        ("estimate", "std_error", "conf_low", "conf_high", "p_value", "smallest_p")
    )
    given = {"answer": "refused", "refused": reason, "grade": "none", **nothing}
    return effect(name, **(given | told))


def months(first: int, last: int, *, rise: float = 9.0) -> list[dict[str, Any]]:
    """Draw an event study: nothing before the start, `rise` points from it on."""
    rows = []
    for at in range(first, last + 1):
        estimate = rise if at >= 0 else 0.2 * (at % 2)
        ends = {"conf_low": estimate - 1.5, "conf_high": estimate + 1.5}
        told = {"estimand": "att_event_time", "at": at, "estimate": estimate, "grade": "low"}
        rows.append(effect("event_time", **told, **ends) | {"effect": f"e-month-{at}"})
    return rows


def interrupted(**told: Any) -> dict[str, Any]:
    """Draw a series cut at its start: nobody to compare with, a year later, low at best."""
    alone = {
        "design": "trend_adjusted", "level": "C4", "at": 12, "n_treated": 30, "n_comparison": 0,
        "grade": "low", "assumptions": "A4;A14",
    }  # fmt: skip
    return effect("interrupted", **({"primary": True} | alone | told))


def weekday(**told: Any) -> dict[str, Any]:
    """Draw the weekday design: five ranks, so never decidable at five per cent."""
    alone = {
        "design": "trend_adjusted", "level": "D", "n_treated": 3, "n_comparison": 0,
        "p_value": 0.2, "smallest_p": 0.2, "answer": "not_decidable", "grade": "none",
    }  # fmt: skip
    return effect("weekday", **({"primary": True} | alone | told))


def effects(*rows: dict[str, Any]) -> pd.DataFrame:
    """Lay drawn estimates out in their contract."""
    return schemas.build(rows, "effects")


def checked(*outcomes: tuple[str, str, float | None], of: str = "e-permutation") -> pd.DataFrame:
    """Draw what checks of one design say: check, outcome, statistic."""
    return schemas.build(
        [
            {
                "contrast": of,
                "check": check,
                "outcome": outcome,
                "statistic": statistic,
                "decimals": None if statistic is None else 1,
            }
            for check, outcome, statistic in outcomes
        ],
        "checks",
    )


def findings_with(
    *rows: dict[str, Any], run: str = "long_an", data: str = "simulated", **tables: pd.DataFrame
) -> Findings:
    """Give a run these estimates, as if it were simulated; `tables` stand in place of its own."""
    findings = changed(findings_of(run), effects=effects(*rows), **tables)
    return replace(findings, run=replace(findings.run, data=data))


@cache
def whole() -> Findings:
    """Give findings with every part: designs, one refused, an event study, checks of it."""
    run = findings_of("long_an")
    checks = checked(
        ("pre_trend", "passed", 0.6), ("leave_one_out", "failed", 3.0),
        ("other_definition", "not_possible", None),
    )  # fmt: skip
    return findings_with(
        primary(), effect("welch", grade="medium", smallest_p=None, p_value=0.0004),
        refused("wild_bootstrap", "few_treated"), *months(-6, 5),
        checks=pd.concat([run["checks"], checks], ignore_index=True),
    )  # fmt: skip
