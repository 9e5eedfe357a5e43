"""Cases of the decision rule: drawn in a test, or by Hypothesis.

Values come from few levels, so that thresholds are met exactly, units have several contrasts and
definitions tie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from commune_pilots import schemas
from commune_pilots.effects.evidence import GRADES
from commune_pilots.scaling.decision import Case, Rule
from commune_pilots.scenario import Scenario, load_scenario

RULE = Rule(
    grade_for_scaling="high",
    grade_for_stages="low",
    least_change=10.0,
    least_share=50.0,
    least_chance=0.8,
)
# `prepare` and `stop` stand apart: the one has nothing to judge, the other judges against.
STRENGTH = {"extend": 0, "stages": 1, "scale": 2}
DEFINITIONS = ("d1", "d2")
LARGE = [10.0, 20.0, 80.0]
CHANGES = [None, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 40.0, 80.0]
_PAIR = {
    "unit": None, "indicator": "online_share", "definition": "d1", "change_low": 20.0,
    "change_high": None, "conf_low": None, "after": 98.0, "design_effect": 10.0, "grade": "low",
}  # fmt: skip
_POOL = {
    "quantity": "change", "indicator": "online_share", "definition": "d1", "method": "reml",
    "left_out": None, "pilots": 3, "outcome": "pooled", "threshold": 10.0, "grade": "high",
    "chance_low": None, "chance_high": None,
}  # fmt: skip


def pilots_of(communes: int, *, comparison: Iterable[str] = ()) -> pd.DataFrame:
    """Draw pilot communes p1, p2 ... and communes to compare them with."""
    arms = [(f"p{at}", "pilot") for at in range(1, communes + 1)]
    arms += [(unit, "comparison") for unit in comparison]
    return _laid(({"unit": unit, "arm": arm} for unit, arm in arms), ["unit", "arm"], "pilots")


def pairs_of(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Draw contrasts c0, c1 ... from what matters of each.

    What is not said of its other ends is its least change: nothing is rounded, nothing by chance.
    """
    ends = ("change_high", "conf_low")
    alike = ({name: {**_PAIR, **row}["change_low"] for name in ends} for row in rows)
    numbered = (
        {"contrast": f"c{at}", **_PAIR, **same, **row}
        for at, (row, same) in enumerate(zip(rows, alike, strict=True))
    )
    return _laid(numbered, ["contrast", *_PAIR], "contrasts")


def pooled_of(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Draw rows of table pooled from what matters of each."""
    return _laid(({**_POOL, **row} for row in rows), list(_POOL), "pooled")


def case_of(
    *rows: Mapping[str, Any],
    communes: int = 3,
    comparison: Iterable[str] = (),
    pooled: Iterable[Mapping[str, Any]] = (),
    trend: float = 0.0,
    **rule: Any,
) -> Case:
    """Draw one case; what is not said of the rule is as in params/base.yml."""
    return Case(
        contrasts=pairs_of(*rows),
        pilots=pilots_of(communes, comparison=comparison),
        pooled=pooled_of(*pooled),
        rule=replace(RULE, **rule),
        trend=trend,
    )


def alternatives_of(answers: Mapping[str, str]) -> pd.DataFrame:
    """Draw what the worst case says of each contrast under any rounding, and under another."""
    rows = [
        {"contrast": contrast, "rounding": rounding, "method": method, "denominators": answer}
        for contrast, said in answers.items()
        for rounding, method, answer in (
            ("any", "fisher_central", said),
            ("nearest", "fisher_central", "decided"),
            ("any", "boschloo", None),
        )
    ]
    return _laid(rows, ["contrast", "rounding", "method", "denominators"], "alternatives")


def cases(*, least_pairs: int = 0) -> st.SearchStrategy[Case]:
    """Draw cases by seed: evenly over what follows, where Hypothesis would keep to the simplest."""
    return st.integers(0, 2**32 - 1).map(lambda seed: _case(Random(seed), least_pairs))


def a_pair(draw: Random, units: list[str], *, strong: bool = False) -> dict[str, Any]:
    """Draw what matters of one contrast; its later figure is no smaller than its change."""
    change = draw.choice(LARGE if strong else CHANGES)
    least = 80.0 if change is None else change  # without a share before, it is taken as 0
    return {
        "unit": draw.choice(units),
        "definition": draw.choice(DEFINITIONS),
        "change_low": change,
        "change_high": None if change is None else change + draw.choice([0.0, 1.0]),
        "conf_low": least - draw.choice([0.0, 0.0, 0.0, 0.0, 1.0, 10.0]),
        "after": max(change or 0.0, draw.choice([0.0, 30.0, 98.0])),
        "grade": draw.choice(GRADES[2:] if strong else GRADES),
        "design_effect": draw.choice([0.5, 1.0, 4.0, 13.0]),
    }


def _case(draw: Random, least_pairs: int) -> Case:
    """Draw up to five pilot communes, others beside them, and up to two definitions.

    Half the cases are strong throughout, or few would reach the chance of the next gain.
    """
    strong = draw.random() < 0.5
    communes = draw.randint(2 if strong else 0, 5)
    rule = Rule(
        grade_for_scaling=draw.choice(["medium", "high"]),
        grade_for_stages=draw.choice(["low", "medium", "high"]),
        least_change=draw.choice([0.0, 5.0, 10.0, 20.0]),
        least_share=draw.choice([1.0, 100 / 3, 50.0] if strong else [50.0, 200 / 3, 100.0]),
        least_chance=draw.choice([0.6, 0.8, 0.9]),
    )
    units = [*(f"p{at}" for at in range(1, communes + 1)), "c1", "x1"]
    pairs = draw.randint(max(least_pairs, 4 if strong else 0), 8)
    rows = [a_pair(draw, units, strong=strong) for _ in range(pairs)]
    common, pooled = draw.choice([0.1, 0.9]), []
    for definition in DEFINITIONS[: draw.randint(1 if strong else 0, 2)]:
        grade = draw.choice([*GRADES[2:], "high"] if strong else GRADES)
        around = common if strong else draw.choice([0.1, 0.5, 0.9])
        for method in ("reml", "half_normal_1"):
            ends = sorted((around, min(1.0, around + draw.choice([0.0, 0.1]))))
            pooled.append(
                {
                    "definition": definition,
                    "method": method,
                    "grade": grade,
                    "threshold": rule.least_change,
                    "chance_low": ends[0],
                    "chance_high": ends[1],
                }
            )
    return Case(
        contrasts=pairs_of(*rows),
        pilots=pilots_of(communes, comparison=["c1"]),
        pooled=pooled_of(*pooled),
        rule=rule,
        trend=draw.choice([0.0, 0.0, 5.0, 15.0]),
    )


def fell(case: Case) -> bool:
    """Say whether a pair of a pilot commune fell by the change that is asked."""
    own = case.contrasts["unit"].isin(case.piloted)
    return bool((case.contrasts.loc[own, "change_high"] <= -case.rule.least_change).any())


def planned(**sizes: Any) -> Scenario:
    """Take the scenario of the press runs, with other sizes."""
    return _no_costs().model_copy(update=sizes)


@cache
def _no_costs() -> Scenario:
    return load_scenario("no_costs", Path(__file__).resolve().parents[3] / "params")


@cache
def _kinds(of: str) -> dict[str, str]:
    return schemas.columns(of)


def _laid(rows: Iterable[Mapping[str, Any]], names: list[str], of: str) -> pd.DataFrame:
    """Lay rows out in those columns of a table that the rule reads, of the table's types."""
    types = {name: schemas.DTYPES[_kinds(of)[name]] for name in names}
    return pd.DataFrame(list(rows), columns=names).astype(types)
