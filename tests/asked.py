"""Findings for data requests: a run's raw tables, scoped and covered, with no estimate made."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import pandas as pd
from built import LAYOUT, PRESS_RUNS
from drawn import table
from kept import kept

from commune_pilots.briefing.data_request import TABLES
from commune_pilots.briefing.findings import Findings, Settings
from commune_pilots.clean import scope
from commune_pilots.effects import coverage
from commune_pilots.params import Indicator, load_indicators, load_run
from commune_pilots.sources import raw

EVERY_RUN = (*PRESS_RUNS, "smoke")


@cache
def asked_of(name: str) -> Findings:
    """Gather what the request of one run of params/runs rests on."""
    run = load_run(name, LAYOUT.params)
    tables = _raw(run.data, run.seed if run.data == "simulated" else 0)
    kept, _ = scope.keep_scope(tables, sources=run.sources, units=run.units, province=run.province)
    names = coverage.unit_names(kept["units"])
    kept["coverage"] = coverage.cover_pilots(kept["pilots"], kept["observations"], names)
    settings = Settings(**{field.name: getattr(run, field.name) for field in fields(Settings)})
    return Findings(settings, {name: kept[name] for name in TABLES}, _indicators())


@cache
def _raw(data: str, seed: int) -> dict[str, pd.DataFrame]:
    return kept(f"raw-{data}-{seed}", lambda: raw.read_raw(LAYOUT, data=data, seed=seed))


@cache
def _indicators() -> dict[str, Indicator]:
    return load_indicators(LAYOUT.params / "indicators.yml")


def changed(findings: Findings, **tables: pd.DataFrame) -> Findings:
    """Give the same findings with other tables in place of some."""
    return replace(findings, tables={**findings.tables, **tables})


def interventions(drawing: str) -> pd.DataFrame:
    """Draw a register of interventions; what a test does not draw is the same in every row."""
    same = {
        "source": "001", "paragraph": "2", "unit": "80", "programme": "p", "pillar": "government",
        "name_vi": "Một hệ thống", "name_en": "A system", "indicators": "online_share",
        "evidence": "none", "need_vi": "Số hồ sơ theo tháng", "need_en": "Dossiers by month",
    }  # fmt: skip
    header = drawing.strip().splitlines()[0].split()
    return table(
        drawing,
        of="interventions",
        **{name: value for name, value in same.items() if name not in header},
    )


def units() -> pd.DataFrame:
    """Draw units: a province and a commune merged, one whose name stayed, a district, one as is."""
    drawn = table(
        """
        code   valid_from  valid_to    name           level     type     parent  province  successor
        80     -           2025-06-30  Tỉnh_Long_An   province  tỉnh     VN      80        80
        80     2025-07-01  -           Tỉnh_Tây_Ninh  province  tỉnh     VN      80        -
        04     -           -           Tỉnh_Cao_Bằng  province  tỉnh     VN      04        -
        807    -           2025-06-30  Huyện_Một      district  huyện    80      80        -
        28159  -           2025-06-30  Thị_trấn_Hai   commune   thị_trấn 807     80        28160
        28160  2025-07-01  -           Xã_Ba          commune   xã       80      80        -
        02071  -           2025-06-30  Xã_Nghĩa_Tá    commune   xã       807     80        02071
        02071  2025-07-01  -           Xã_Nghĩa_Tá    commune   xã       80      80        -
        """,
        of="units",
    )
    spaced = drawn["name"].str.replace("_", " ")
    return drawn.assign(name=spaced, type=drawn["type"].str.replace("_", " "))
