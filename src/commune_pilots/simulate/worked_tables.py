"""Raw tables around simulated counts by month, labelled simulated wherever they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from commune_pilots import schemas
from commune_pilots.simulate.press_figures import LABEL_VI

PROVINCE = "99"
DEFINITION = "online_level34_assisted"
SOURCE = "sim"
_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A simulated example: every raw table of a run, and what is true of it.

    `truth` has numbers in points or dossiers, named by the drawing function.
    """

    tables: dict[str, pd.DataFrame]
    truth: Mapping[str, float]


def worked_tables(
    counts: pd.DataFrame,
    *,
    programme: str,
    name_vi: str,
    name_en: str,
    pilots: Mapping[str, pd.Timestamp],
    districts: Mapping[str, str],
    events: Sequence[Mapping[str, Any]] = (),
    days: pd.DataFrame | None = None,
    printed: int = 3,
) -> dict[str, pd.DataFrame]:
    """Lay counts out as raw tables that keep their contracts.

    `counts` has unit, month (its first day), numerator and denominator. `pilots` gives the first
    day of each unit that had the pilot, `districts` the district of units that are in one. `days`
    has unit, day, numerator and denominator where counts are by day as well. For the first
    `printed` pilot units the years of twelve months before and after the start become printed
    figures with their counts, where those months are there whole: newspapers print a few.
    """
    codes = sorted(counts["unit"].unique())
    drawn: dict[str, list[dict[str, Any]]] = {name: [] for name in schemas.RAW_TABLES}
    drawn["sources"] = [
        {
            "source": SOURCE,
            "title_short": "Simulated counts with a known truth",
            "publisher": "simulate.py",
            "province": PROVINCE,
            "kind": "simulated",
        }
    ]
    drawn["units"] = _units(codes, districts)
    drawn["panel"] = _panel(counts)
    drawn["days"] = [] if days is None else _counted(days, "day")
    drawn["pilots"] = [
        {
            "unit": unit,
            "programme": programme,
            "opened": opened,
            "opened_precision": "day",
            "arm": "pilot",
            "source": SOURCE,
            "note": "simulated",
        }
        for unit, opened in pilots.items()
    ]
    drawn["interventions"] = [
        {
            "intervention": "sim-i01",
            "source": SOURCE,
            "unit": PROVINCE,
            "programme": programme,
            "pillar": "government",
            "name_vi": f"{name_vi} ({LABEL_VI})",
            "name_en": f"{name_en} (simulated)",
            "indicators": "online_share",
            "evidence": "before_after",
            "need_vi": "số hồ sơ theo tháng",
            "need_en": "dossiers by month",
        }
    ]
    drawn["decisions"] = [
        {
            "decision": "sim-d1",
            "source": SOURCE,
            "unit": PROVINCE,
            "kind": "scale",
            "decider_vi": f"UBND tỉnh ({LABEL_VI})",
            "decider_en": "People's Committee (simulated)",
            "question_vi": f"Có nhân rộng ra toàn tỉnh hay không ({LABEL_VI})?",
            "question_en": "Scale to the whole province (simulated)?",
            "evidence_vi": "mức thay đổi sau khi trừ xu hướng chung",
            "evidence_en": "the change net of the common trend",
        }
    ]
    drawn["events"] = [{"source": SOURCE, "unit": PROVINCE, **event} for event in events]
    drawn["observations"] = _years(counts, dict(list(pilots.items())[:printed]))
    return {name: schemas.build(rows, name, file="simulated") for name, rows in drawn.items()}


def _units(codes: Sequence[str], districts: Mapping[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"code": "VN", "name": "Việt Nam", "level": "country", "type": "quốc gia"},
        {
            "code": PROVINCE,
            "name": f"Tỉnh {LABEL_VI}",
            "level": "province",
            "type": "tỉnh",
            "parent": "VN",
            "parent_level": "country",
            "province": PROVINCE,
        },
    ]
    for index, district in enumerate(sorted(set(districts.values())), start=1):
        rows.append(
            {
                "code": district,
                "name": f"Huyện {LABEL_VI} {index}",
                "level": "district",
                "type": "huyện",
                "parent": PROVINCE,
                "parent_level": "province",
                "province": PROVINCE,
            }
        )
    for index, code in enumerate(codes, start=1):
        rows.append(
            {
                "code": code,
                "name": f"Xã {LABEL_VI} {index}",
                "level": "commune",
                "type": "xã",
                "parent": districts.get(code, PROVINCE),
                "parent_level": "district" if code in districts else "province",
                "province": PROVINCE,
            }
        )
    return rows


def _panel(counts: pd.DataFrame) -> list[dict[str, Any]]:
    rows = _counted(counts, "month")
    for row in rows:
        month = row.pop("month")
        row |= {"period_start": month, "period_end": month + pd.offsets.MonthEnd(0)}
    return rows


def _counted(counts: pd.DataFrame, period: str) -> list[dict[str, Any]]:
    """Lay counts by month or day out as rows, ordered by unit."""
    ordered = counts.sort_values(["unit", period], kind="stable")
    return [
        {
            "source": SOURCE,
            "unit": unit,
            "indicator": "online_share",
            "definition": DEFINITION,
            period: at,
            "numerator": int(online),
            "denominator": int(dossiers),
            "note": "simulated",
            "file": "simulated",
            "row": row,
        }
        for row, (unit, at, online, dossiers) in enumerate(
            ordered[["unit", period, "numerator", "denominator"]].itertuples(index=False), start=2
        )
    ]


def _years(counts: pd.DataFrame, pilots: Mapping[str, pd.Timestamp]) -> list[dict[str, Any]]:
    """Print the year before and the year after each start, with two decimals and its counts."""
    rows: list[dict[str, Any]] = []
    for unit, opened in pilots.items():
        own = counts[counts["unit"] == unit]
        for role, first in (("before", opened - pd.DateOffset(years=1)), ("after", opened)):
            end = first + pd.DateOffset(years=1)
            year = own[(own["month"] >= first) & (own["month"] < end)]
            online, dossiers = (int(year[name].sum()) for name in ("numerator", "denominator"))
            if len(year) != _YEAR or not dossiers:
                continue
            share = round(100 * online / dossiers, 2)
            rows.append(
                {
                    "observation": f"sim-{len(rows) + 1:03d}",
                    "source": SOURCE,
                    "paragraph": len(rows) + 1,
                    "unit": unit,
                    "scope": "unit",
                    "indicator": "online_share",
                    "definition": DEFINITION,
                    "period_start": first,
                    "period_end": end - pd.Timedelta(days=1),
                    "role": role,
                    "printed": f"{share:.2f}".replace(".", ","),
                    "value": share,
                    "decimals": 2,
                    "qualifier": "exact",
                    "numerator": online,
                    "denominator": dossiers,
                    "note": f"simulated: {online} of {dossiers}",
                    "file": "simulated",
                    "row": len(rows) + 2,
                }
            )
    return rows
