"""Published runs as the list of briefings and the evidence map have them."""

from __future__ import annotations

import dataclasses

from asked import asked_of, interventions, units
from bs4 import BeautifulSoup
from built import PRESS_RUNS

from commune_pilots.briefing.entries import Entry
from commune_pilots.briefing.evidence_map import Covered, EvidenceMap, map_runs
from commune_pilots.briefing.index import index_page
from commune_pilots.runs.run import BRIEFINGS, REQUESTS

ENTRY = Entry(
    run="long_an",
    title="Thị trấn A: từ 16,8% lên 98,08%",
    grade="low",
    option="extend",
    data="press",
    status="draft",
    province="80",
    province_name="Tỉnh Long An",
    href="long_an/briefing.html",
    notebooks=["long_an/01_clean_data.html", "long_an/02_describe_pilots.html"],
)
CAO_BANG = dataclasses.replace(
    ENTRY, run="cao_bang", grade="none", province="04", province_name="Tỉnh Cao Bằng"
)
SIMULATED = dataclasses.replace(
    ENTRY, run="smoke", data="simulated", province="99", province_name="Tỉnh mô phỏng"
)
OFFICIAL = dataclasses.replace(CAO_BANG, run="cao_bang_2", status="official")
MANY = (ENTRY, CAO_BANG, SIMULATED, OFFICIAL)
NOTHING = map_runs([])
HOSTILE = '"]{}</style><script>alert(1)</script><a href="http://x" onclick="x">'
REGISTER = """
intervention unit   pillar      evidence
001-a        28159  government  before_after
001-b        80     government  none
001-c        80     society     level
004-a        04     economy     target
004-b        04     economy     none
"""


def index_of(*entries: Entry, found: EvidenceMap = NOTHING) -> BeautifulSoup:
    """Make and parse the list of these runs."""
    return BeautifulSoup(index_page(entries, found=found), "html.parser")


def covered(run: str, drawing: str = REGISTER, **changes: object) -> Covered:
    """Draw what the evidence map takes of a run."""
    given = {
        "run": run,
        "data": "press",
        "interventions": interventions(drawing),
        "units": units(),
        "briefing": f"{run}/{BRIEFINGS['press']}",
        "request": f"{run}/{REQUESTS['press']}",
        **changes,
    }
    return Covered(**given)


def press_map() -> EvidenceMap:
    """Map the evidence of every press run of the project."""
    tables = {run: asked_of(run).tables for run in PRESS_RUNS}
    return map_runs(
        covered(run, interventions=of["interventions"], units=of["units"])
        for run, of in tables.items()
    )
