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
    """Draw the seven raw tables for `communes` pilot communes whose online share truly moves.

    `before` and `after` are the chances per dossier in the two years; yearly dossiers are uniform
    on [least, most]. The counts stand in the notes, so a test can compare what is recovered; the
    last `counted` communes print them as well.
    """
    codes = [f"990{index:02d}" for index in range(1, communes + 1)]
    rows: list[dict[str, Any]] = []
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
                    "definition": "online_level34_assisted",
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
        "events": [],
        "decisions": [decision],
    }
    return {name: schemas.build(content, name, file="simulated") for name, content in drawn.items()}
