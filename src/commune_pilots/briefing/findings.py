"""Everything one briefing reports, gathered from a run's tables; nothing is computed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, cast

import pandas as pd

from commune_pilots.briefing.monthly_counts import Monthly, printed_counts
from commune_pilots.briefing.wording import Writer
from commune_pilots.catalogue import Language
from commune_pilots.clean.scope import BACKGROUND_KINDS, own_sources
from commune_pilots.effects.coverage import unit_names
from commune_pilots.effects.evidence import GRADES, at_least, best
from commune_pilots.params import Indicator
from commune_pilots.vocabulary import Grade

TABLES = (
    "sources", "observations", "units", "pilots", "interventions", "events", "decisions",
    "panel", "coverage", "levels", "contrasts", "alternatives", "floors", "counted", "series",
    "effects", "sensitivities", "checks", "targets", "candidates", "pooled", "projections",
    "stages", "outlook", "economics", "stress", "verdicts", "results",
)  # fmt: skip
_TODAY = pd.Timestamp(2025, 7, 1)
_DEADLINE = timedelta(days=60)
_CARRIES = ("observations", "pilots", "interventions")
MOST_PAIRS = 4  # told one by one; every other pair stands in the tables of pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The parameters a briefing speaks of, as the run was given them (params/README.md)."""

    data: str
    province: str
    sources: Sequence[str]
    decision: str
    briefing_date: str
    status: str
    rounding: str
    least_dossiers: int
    alpha: float


@dataclass(frozen=True)
class Findings:
    """One run's results: its settings, its tables and the catalogue of indicators.

    `released` is the record of the earlier briefing that this one is compared with, if any.
    """

    run: Settings
    tables: Mapping[str, pd.DataFrame]
    indicators: Mapping[str, Indicator]
    released: Mapping[str, Any] | None = None

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Take one table."""
        return self.tables[table]

    @property
    def grade(self) -> Grade:
        """Best grade among the contrasts: what the whole page may say."""
        return best(self["contrasts"]["grade"].tolist())

    def writer(self, language: Language = "vi") -> Writer:
        """Make the writer of one language at this run's grade."""
        return Writer(language, self.grade, simulated=self.run.data == "simulated")

    @cached_property
    def verdict(self) -> dict[str, Any]:
        """The one decision of this run."""
        return _record(self["verdicts"])

    @cached_property
    def decision(self) -> dict[str, Any]:
        """What is asked, of whom, and what the evidence would have to show."""
        asked = self["decisions"]
        return _record(asked[asked["decision"] == self.run.decision])

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Every observation by its id."""
        rows = self["observations"].to_dict("records")
        return {str(row["observation"]): cast(dict[str, Any], row) for row in rows}

    @cached_property
    def sources(self) -> list[str]:
        """Sources of the run's own figures: those it names, and those of its study.

        Background that reports no figure, pilot or measure, as a list of units, is no basis.
        """
        background = self["sources"]["kind"].isin(BACKGROUND_KINDS)
        carrying = {source for table in _CARRIES for source in self[table]["source"]}
        listing = set(self["sources"].loc[background, "source"]) - carrying
        own = own_sources(self["sources"], self.run.sources)
        return [source for source in own if source not in listing]

    @cached_property
    def own(self) -> list[dict[str, Any]]:
        """Observations of the run's own sources, context left out."""
        return [row for row in self.figures.values() if row["source"] in self.sources]

    @cached_property
    def printed_figures(self) -> int:
        """Number of the run's own figures that carry a number; bare targets do not count."""
        return sum(pd.notna(row["value"]) for row in self.own)

    @cached_property
    def contrasts(self) -> list[dict[str, Any]]:
        """Contrasts, the best graded and largest first."""
        rows = self["contrasts"].to_dict("records")
        order = {"high": 0, "medium": 1, "low": 2, "none": 3}
        found = [cast(dict[str, Any], row) for row in rows]
        return sorted(found, key=lambda row: (order[row["grade"]], -row["change"]))

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """The contrasts that are told one by one: the first of them in their order."""
        return self.contrasts[:MOST_PAIRS]

    @cached_property
    def primary(self) -> list[dict[str, Any]]:
        """The strongest design of each indicator and definition, the best graded first."""
        rows = self["effects"][self["effects"]["primary"]].to_dict("records")
        found = [cast(dict[str, Any], row) for row in rows]
        return sorted(found, key=lambda row: -GRADES.index(row["grade"]))

    @property
    def compared(self) -> list[dict[str, Any]]:
        """The primary designs whose grade, medium or high, gives a decision something to weigh."""
        return [row for row in self.primary if at_least(row["grade"], "medium")]

    @property
    def compared_alone(self) -> bool:
        """Say whether there is such a design but no pair, so that the rule chooses nothing."""
        unchosen = self.verdict["option"] == "prepare" and not self.contrasts
        return unchosen and bool(self.compared)

    @property
    def months_counted(self) -> dict[str, int]:
        """Number of counts by month, and of the communes and months that they cover."""
        panel = self["panel"]
        return {
            "counts": len(panel),
            "communes": panel["unit"].nunique(),
            "months": panel["period_start"].nunique(),
        }

    @cached_property
    def levels(self) -> list[dict[str, Any]]:
        """Figures of the run's own units that stand alone."""
        rows = self["levels"][self["levels"]["scope"] != "country"].to_dict("records")
        return [cast(dict[str, Any], row) for row in rows]

    @cached_property
    def context(self) -> list[dict[str, Any]]:
        """National figures: background under definitions of their own, never joined."""
        return [row for row in self.figures.values() if row["scope"] == "country"]

    @cached_property
    def decided(self) -> int:
        """Number of contrasts that no admissible denominator explains by chance."""
        return sum(row["denominators"] == "decided" for row in self.contrasts)

    @cached_property
    def names(self) -> dict[str, str]:
        """Unit names as the sources of 2021-2024 use them."""
        return unit_names(self["units"])

    @property
    def province(self) -> str:
        """Name of the province judged."""
        return self.names[self.run.province]

    @cached_property
    def body_today(self) -> str:
        """The People's Committee that decides today, after the mergers of 1 July 2025."""
        units = self["units"]
        old = units[(units["code"] == self.run.province) & (units["level"] == "province")]
        successor = old["successor"].dropna()
        code = self.run.province if successor.empty else str(successor.iloc[0])
        same = units[(units["code"] == code) & (units["level"] == "province")]
        today = same[same["valid_to"].isna() | (same["valid_to"] >= _TODAY)]
        name = str((same if today.empty else today)["name"].iloc[-1])
        return f"UBND {name[:1].lower()}{name[1:]}"

    @property
    def deadline(self) -> date:
        """Day by which data is asked for: 60 days after the date of the briefing."""
        return date.fromisoformat(self.run.briefing_date) + _DEADLINE

    @cached_property
    def pilots(self) -> list[dict[str, Any]]:
        """Pilot communes, in the order of the register."""
        rows = self["pilots"][self["pilots"]["arm"] == "pilot"].to_dict("records")
        return [cast(dict[str, Any], row) for row in rows]

    @cached_property
    def interventions(self) -> list[dict[str, Any]]:
        """Interventions of the run's sources."""
        return [cast(dict[str, Any], row) for row in self["interventions"].to_dict("records")]

    @cached_property
    def bare(self) -> int:
        """Number of interventions of which nothing at all is printed."""
        return sum(row["evidence"] == "none" for row in self.interventions)

    @cached_property
    def rival_events(self) -> list[dict[str, Any]]:
        """Measures outside the pilot that fall between before and after of any contrast."""
        checks = self["checks"]
        listed = checks.loc[checks["check"] == "other_measures", "reference"].dropna()
        ids = {event for reference in listed for event in str(reference).split(";")}
        events = self["events"]
        rows = events[events["event"].isin(ids)].to_dict("records")
        return [cast(dict[str, Any], row) for row in rows]

    @cached_property
    def monthly(self) -> Monthly:
        """What a page may show of the counts by month: small ones are taken out here."""
        return printed_counts(self["series"], self["panel"], self["sources"])

    @property
    def context_sources(self) -> int:
        """Number of background sources, which give context and never a pair."""
        return int(self["sources"]["kind"].isin(BACKGROUND_KINDS).sum())

    @property
    def page_grade(self) -> Grade:
        """What the whole page may say: see `grade_of_page`."""
        return grade_of_page(self.tables)

    def overview(self) -> pd.DataFrame:
        """Count the rows of every table the page rests on."""
        rows = [(name, len(table)) for name, table in self.tables.items()]
        return pd.DataFrame(rows, columns=["table", "rows"])

    def size(self, contrast: str, rival: str, setting: str) -> float:
        """Take how large one rival of one contrast must be."""
        sizes = self["sensitivities"]
        at = (sizes["contrast"] == contrast) & (sizes["rival"] == rival)
        return float(_record(sizes[at & (sizes["setting"] == setting)])["value"])

    def check(self, contrast: str, name: str) -> dict[str, Any]:
        """Take one check of one contrast."""
        checks = self["checks"]
        return _record(checks[(checks["contrast"] == contrast) & (checks["check"] == name)])


def grade_of_page(tables: Mapping[str, pd.DataFrame]) -> Grade:
    """Take the best grade that any sentence of a page may have: of contrasts, primary designs.

    Each sentence is still held to the grade of its own contrast or design.
    """
    effects = tables["effects"]
    primary = effects.loc[effects["primary"], "grade"]
    return best([*tables["contrasts"]["grade"], *primary])


def _record(rows: pd.DataFrame) -> dict[str, Any]:
    """Take the single row of a selection; raises ValueError if there is not exactly one."""
    if len(rows) != 1:
        raise ValueError(f"expected one row, found {len(rows)}")
    return cast(dict[str, Any], rows.to_dict("records")[0])
