"""Press-like tables with a known truth, labelled simulated in every name, note and source.

Shares of dossiers filed online are drawn for invented communes: binomial counts before and after,
printed with two decimals as a newspaper would. Simulated and press tables never meet: a run reads
one or the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from commune_pilots import schemas

LABEL_VI = "mô phỏng"
_PROVINCE = "99"
_DEFINITION = "online_level34_assisted"
_CANDIDATES, _HOLDERS, _REMOTE = 12, 4, 3
_FIRST_COMPARED, _TET = 2021, 1


def press_tables(
    *,
    communes: int = 4,
    before: float = 0.2,
    after: float = 0.7,
    least: int = 200,
    most: int = 900,
    counted: int = 1,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """Draw every raw table for `communes` pilot communes whose online share truly moves.

    `before` and `after` are the chances per dossier in the two years; yearly dossiers are uniform
    on [least, most]. The counts stand in the notes, so a test can compare what is recovered; the
    last `counted` communes print them as well. Twelve candidate units are drawn after them, up to
    four containing a pilot commune, and counts by month last of all: neither moves another number.
    Months have a season, and add up to the year's counts; those of 2020 to a year like 2021.
    """
    codes = [f"990{index:02d}" for index in range(1, communes + 1)]
    rows: list[dict[str, Any]] = []
    yearly: list[tuple[str, int, int, int]] = []
    for position, code in enumerate(codes):
        printed = position >= communes - counted
        for role, chance, year in (("before", before, 2021), ("after", after, 2022)):
            total = int(rng.integers(least, most + 1))
            count = int(rng.binomial(total, chance))
            share = round(100 * count / total, 2)
            rows.append(
                {
                    "observation": f"sim-{len(rows) + 1:02d}",
                    "source": "sim",
                    "paragraph": position + 1,
                    "unit": code,
                    "scope": "unit",
                    "indicator": "online_share",
                    "definition": _DEFINITION,
                    "period_start": pd.Timestamp(year, 1, 1),
                    "period_end": pd.Timestamp(year, 12, 31),
                    "role": role,
                    "printed": f"{share:.2f}".replace(".", ","),
                    "value": share,
                    "decimals": 2,
                    "qualifier": "exact",
                    **({"numerator": count, "denominator": total} if printed else {}),
                    "note": f"simulated: {count} of {total}",
                    "file": "simulated",
                    "row": len(rows) + 2,
                }
            )
            yearly.append((code, year, count, total))
    units = [
        {"code": "VN", "name": "Việt Nam", "level": "country", "type": "quốc gia"},
        {
            "code": _PROVINCE,
            "name": f"Tỉnh {LABEL_VI}",
            "level": "province",
            "type": "tỉnh",
            "parent": "VN",
            "parent_level": "country",
            "province": _PROVINCE,
        },
        *(
            {
                "code": code,
                "name": f"Xã {LABEL_VI} {index}",
                "level": "commune",
                "type": "xã",
                "parent": _PROVINCE,
                "parent_level": "province",
                "province": _PROVINCE,
            }
            for index, code in enumerate(codes, start=1)
        ),
    ]
    pilots = [
        {
            "unit": code,
            "programme": "simulated_pilot",
            "opened": pd.Timestamp(2022, 1, 1),
            "opened_precision": "day",
            "arm": "pilot",
            "source": "sim",
            "note": "simulated",
        }
        for code in codes
    ]
    interventions = [
        {
            "intervention": "sim-i01",
            "source": "sim",
            "unit": _PROVINCE,
            "programme": "simulated_pilot",
            "pillar": "government",
            "name_vi": f"Hướng dẫn nộp hồ sơ trực tuyến ({LABEL_VI})",
            "name_en": "Guided online filing (simulated)",
            "indicators": "online_share",
            "evidence": "before_after",
            "need_vi": "số hồ sơ theo tháng",
            "need_en": "dossiers by month",
        }
    ]
    decision = {
        "decision": "sim-d1",
        "source": "sim",
        "unit": _PROVINCE,
        "kind": "scale",
        "decider_vi": f"UBND tỉnh ({LABEL_VI})",
        "decider_en": "People's Committee (simulated)",
        "question_vi": f"Có nhân rộng ra toàn tỉnh hay không ({LABEL_VI})?",
        "question_en": "Scale to the whole province (simulated)?",
        "evidence_vi": "mức thay đổi sau khi trừ xu hướng chung",
        "evidence_en": "the change net of the common trend",
    }
    event = {  # before the years that are compared: a mark on a chart by month, no rival
        "event": "sim-e1",
        "source": "sim",
        "unit": _PROVINCE,
        "date_start": pd.Timestamp(2020, 7, 1),
        "date_end": pd.Timestamp(2020, 7, 31),
        "name_vi": f"Giảm lệ phí nộp trực tuyến ({LABEL_VI})",
        "name_en": "Lower fees for online filing (simulated)",
        "moves": "online_share",
        "note": "simulated; moves nothing",
    }
    source = {
        "source": "sim",
        "title_short": "Simulated figures with a known truth",
        "publisher": "simulate.py",
        "province": _PROVINCE,
        "kind": "simulated",
    }
    drawn: dict[str, list[dict[str, Any]]] = {
        "sources": [source],
        "observations": rows,
        "units": units,
        "pilots": pilots,
        "interventions": interventions,
        "events": [event],
        "decisions": [decision],
        "candidates": _candidates(codes, rng),
    }
    drawn["panel"] = _panel(yearly, chance=before, rng=rng)
    drawn["days"] = []
    return {name: schemas.build(content, name, file="simulated") for name, content in drawn.items()}


def _candidates(pilots: list[str], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Invent units of today, known in full; the last are unlike any that holds a pilot commune.

    The true share filed online rises with the households that have internet:
    logit(share) = -4 + 0.04 internet, and nothing else moves it.
    """
    holders = min(_HOLDERS, len(pilots))
    rows = []
    for index in range(_CANDIDATES):
        holds, remote = index < holders, index >= _CANDIDATES - _REMOTE
        low, high = rng.random(2)
        if holds:  # spread over their range, so that others can lie between them
            low, high = (index + low) / holders, (holders - 1 - index + high) / holders
        internet = 20 + 18 * low if remote else 45 + 50 * low if holds else 60 + 20 * low
        population = int(8_000 + 32_000 * high if holds else 14_000 + 14_000 * high)
        area = 150 + 110 * low if remote else 20 + 100 * high if holds else 40 + 50 * high
        name = f"{'Phường' if index % 4 == 1 else 'Xã'} {LABEL_VI} mới {index + 1}"
        others = [f"992{2 * index + 1:02d}", f"992{2 * index + 2:02d}"]
        rows.append(
            {
                "candidate": f"991{index + 1:02d}",
                "source": "sim",
                "name": name,
                "type": name.split()[0].lower(),
                "province": _PROVINCE,
                "former_province": _PROVINCE,
                "formers": ";".join([pilots[index], *others] if holds else others),
                "area_km2": round(area, 2),
                "population": population,
                "dossiers": int(population * rng.uniform(0.04, 0.05)),
                "internet_share": round(internet, 1),
                "online_share": round(100 / (1 + np.exp(4 - 0.04 * internet)), 2),
                "definition": _DEFINITION,
                "note": "simulated",
            }
        )
    return rows


def _panel(
    yearly: list[tuple[str, int, int, int]], *, chance: float, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Give counts by month for each unit, year, dossiers filed online and dossiers in `yearly`.

    The year before the first has as many dossiers as it, each online with `chance`.
    """
    earlier = [
        (unit, year - 1, int(rng.binomial(total, chance)), total)
        for unit, year, _, total in yearly
        if year == _FIRST_COMPARED
    ]
    rows: list[dict[str, Any]] = []
    for unit, year, count, total in sorted([*earlier, *yearly]):
        for month, (online, dossiers) in enumerate(_by_month(count, total, rng), start=1):
            starts = pd.Timestamp(year, month, 1)
            rows.append(
                {
                    "source": "sim",
                    "unit": unit,
                    "indicator": "online_share",
                    "definition": _DEFINITION,
                    "period_start": starts,
                    "period_end": starts + pd.offsets.MonthEnd(0),
                    "numerator": online,
                    "denominator": dossiers,
                    "note": "simulated",
                    "file": "simulated",
                    "row": len(rows) + 2,
                }
            )
    return rows


def _by_month(online: int, dossiers: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Part a year's dossiers, and those of them filed online, among its twelve months.

    Fewer come in the month of Tết. The odds of online filing follow the season and scatter a
    little from month to month.
    """
    months = np.arange(12)
    weights = np.where(months == _TET, 0.6, 1.0)
    month = np.repeat(months, rng.multinomial(dossiers, weights / weights.sum()))
    odds = np.exp(0.2 * np.sin(2 * np.pi * months / 12) + rng.normal(0, 0.15, size=12))
    # The first to strike of as many clocks as dossiers: a draw by odds, without replacement.
    filed = month[np.argsort(rng.exponential(size=dossiers) / odds[month])[:online]]
    parts, wholes = (np.bincount(drawn, minlength=12) for drawn in (filed, month))
    return [(int(part), int(whole)) for part, whole in zip(parts, wholes, strict=True)]
