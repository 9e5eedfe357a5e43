"""Small records of briefings for tests: three notebooks, a few numbers, everything by hand."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd

from commune_pilots import store
from commune_pilots.runs import manifest
from commune_pilots.runs.plan import PAGES, Record

LEVEL = {
    "id": "level/001-11/a", "quantity": "level", "subject": "001-11", "definition": "a",
    "value": 99.9, "low": 99.85, "high": 99.95, "interval": "rounding", "measured_in": "percent",
}  # fmt: skip
CHANGE = {
    "id": "change/c-1/a", "quantity": "change", "subject": "c-1", "definition": "a",
    "indicator": "online_share", "unit_name": "Xã A", "value": 81.3, "low": 81.225,
    "high": 81.335, "interval": "rounding", "measured_in": "points", "grade": "low",
}  # fmt: skip
POWER = {
    "id": "power/stage-1", "quantity": "power", "subject": "stage-1", "value": 0.33,
    "measured_in": "probability",
}  # fmt: skip
RECORD: dict[str, Any] = {
    "format": 1,
    "run": "long_an",
    "date": "2026-11-22",
    "title": "Xã A: từ 16,8% lên 98,08%, chưa rõ vì sao",
    "grade": "low",
    "option": "extend",
    "data": "press",
    "province_name": "Tỉnh Long An",
    "commit": "c" * 40,
    "dirty": False,
    "parameters": {"run": "long_an", "alpha": 0.05, "scenario": "no_costs", "status": "draft"},
    "inputs": {"data/raw/press/observations.csv": "1" * 64, "params/scenarios/no_costs.yml": "2"},
    "modules": {"clean.scope": "a", "effects.contrast": "b", "scaling.costs": "c", "sections": "d"},
    "versions": {"python": "3.11.7", "numpy": "2.4.6"},
    "environment": {"python": "CPython 3.11.7", "lock": "l", "packages": "p", "kernels": "k"},
    "steps": {
        "01_clean": {
            "notebook": "n1",
            "parameters": ["run"],
            "modules": ["clean.scope"],
            "inputs": ["data/raw/press/observations.csv"],
            "reads": [],
            "writes": ["observations"],
        },
        "03_estimate": {
            "notebook": "n3",
            "parameters": ["alpha", "run"],
            "modules": ["effects.contrast"],
            "inputs": [],
            "reads": ["observations"],
            "writes": ["contrasts", "levels"],
        },
        "05_project": {
            "notebook": "n5",
            "parameters": ["run", "scenario"],
            "modules": ["scaling.costs"],
            "inputs": ["params/scenarios/no_costs.yml"],
            "reads": ["contrasts"],
            "writes": ["results", "stages", "verdicts"],
        },
        "06_write": {
            "notebook": "n6",
            "parameters": ["run", "status"],
            "modules": ["sections"],
            "inputs": [],
            "reads": ["contrasts", "results"],
            "writes": [],
        },
    },
    "numbers": [CHANGE, LEVEL, POWER],
}


def record(**changes: Any) -> dict[str, Any]:
    """Copy the record with some of its keys replaced; a dict of changes is merged into its key."""
    made = copy.deepcopy(RECORD)
    for name, value in changes.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    return made


def with_number(number: dict[str, Any], **values: Any) -> list[dict[str, Any]]:
    """List the numbers of the record, one of them with other values."""
    return [
        {**each, **values} if each["id"] == number["id"] else each for each in RECORD["numbers"]
    ]


def publish(layout: store.Layout, run: str, results: pd.DataFrame, **parameters: Any) -> None:
    """Publish the numbers of a run as if its notebooks had made them: one table, one manifest."""
    name = f"data/processed/{run}/results.parquet"
    store.write_bytes(layout.root / name, results.to_parquet(index=False))
    observations = "data/raw/press/observations.csv"
    given = {"run": run, "briefing_date": "2026-11-22", "alpha": 0.05, **parameters}
    estimate = Record(
        content="n3",
        parameters={"run": run, "alpha": given["alpha"]},
        modules={"commune_pilots.effects.contrast": "m"},
        environment=RECORD["environment"],
        reads={observations: "o", f"data/raw/released/{run}-2026-01-01.json": "r"},
        outputs={name: store.sha256(layout.root / name)},
    )
    page = Record(
        content="",
        parameters=given,
        modules={"commune_pilots.briefing.export": "e"},
        environment=RECORD["environment"],
        reads={name: "x"},
        outputs={},
    )
    facts = {
        **{key: RECORD[key] for key in ("title", "grade", "option", "data", "province_name")},
        **{key: RECORD[key] for key in ("commit", "dirty", "versions")},
        "run": run,
        "parameters": given,
    }
    content = manifest.compose(facts, {"03_estimate_effects": estimate, PAGES: page})
    store.write_bytes(layout.reports(run) / manifest.NAME, manifest.to_bytes(content))
