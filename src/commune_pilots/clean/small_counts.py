"""Counts of people or dossiers so small that they can point at somebody, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from commune_pilots.clean.printed import Printed
from commune_pilots.params import Indicator

LEAST_COUNT = 8  # 1 to 7 are suppressed in tables of dossiers, as statistical offices do
# Whoever reads these has the figure already, and with it all that follows from it.
PUBLIC = frozenset({"press", "official_portal", "public_context"})
# What a person would read of these is in the pages as it stands; counts by month (table panel) are
# suppressed on their way there, so only pages tell what is left of them.
_COUNTED = {
    "observations": ("numerator", "denominator"),
    "candidates": ("population", "dossiers"),
}
# Indicators in counts of something else; one that is not named here counts people or dossiers.
OF_THINGS = frozenset(
    {
        "awarded_collectives", "certificates_issued", "devices_installed", "digital_certificates",
        "digital_models", "digital_teams", "ecommerce_products", "ecommerce_revenue", "input_cost",
        "internal_process_decisions", "ioc_modules", "level4_services", "online_services",
        "partner_enterprises", "pilot_communes", "pilot_duration", "pilot_models",
        "procedure_list_decisions", "public_internet_points", "sponsor_departments",
        "tourism_listings", "video_meeting_levels", "volunteer_days",
    }
)  # fmt: skip
_SAID = re.compile(
    r"(?<![\w.,/–-])(\d+) (?:hồ sơ|người|hộ|công dân|cán bộ|tài khoản|dossiers?|people|persons?|"
    r"households?|citizens?|officials?|accounts?)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallCounts:
    """What was found: places of small counts, how many counts there are, and whose they are.

    `own` says whether any source is not public; `printed` counts small ones that a public source
    has printed, which are no disclosure.
    """

    looked: int
    own: bool
    printed: int
    places: tuple[str, ...]


def small_counts(
    tables: Mapping[str, pd.DataFrame],
    texts: Mapping[str, str],
    indicators: Mapping[str, Indicator],
    *,
    shown: Mapping[str, Collection[Printed]] = MappingProxyType({}),
    least: int = LEAST_COUNT,
) -> SmallCounts:
    """Find numbers of people or dossiers from 1 to least - 1 that no public source has printed.

    Looks at raw tables with their sources: printed counts, the count that a share of a known number
    implies, and what is left of a whole beside its part. `texts`, the words of what is released by
    name, and `shown`, the counts in its tables (clean.printed), are searched only where a source
    is not public: numbers of a page come from the tables, and a run on public figures alone shows
    public figures and arithmetic on them, such as the least number of dossiers that a printed share
    admits. Counts that follow from published sums are not found: clean.suppression sees to those.
    """
    sources = tables.get("sources", pd.DataFrame({"source": [], "kind": []}))
    public = set(sources["source"][sources["kind"].isin(PUBLIC)])
    looked, printed, own = 0, 0, False
    places: list[str] = []
    for name in sorted(_COUNTED.keys() & tables.keys()):
        table = tables[name].reset_index(drop=True)
        known = table["source"].isin(public)
        own = own or not known.all()
        for column, counts in _counts(table, _COUNTED[name], indicators):
            few = counts.ge(1) & counts.lt(least)
            looked += int(counts.notna().sum())
            printed += int((few & known).sum())
            places += [f"{name}, {column}, row {row + 1}" for row in table.index[few & ~known]]
    monthly = tables.get("panel", pd.DataFrame({"source": []}))
    own = own or not monthly["source"].isin(public).all()
    for name, counts_there in shown.items() if own else ():
        looked += len(counts_there)
        places += [
            f"{name}, {found.place}"
            for found in counts_there
            if 1 <= found.count < least and found.source not in public
        ]
    for name, words in texts.items() if own else ():
        said = sum(1 <= int(found[1]) < least for found in _SAID.finditer(words))
        places += [f"{name} ({said})"] if said else []
    return SmallCounts(looked=looked, own=own, printed=printed, places=tuple(places))


def _counts(
    table: pd.DataFrame, columns: tuple[str, ...], indicators: Mapping[str, Indicator]
) -> Iterator[tuple[str, pd.Series]]:
    """Give each column of counts as numbers, NaN where there is none."""
    counts = {name: table[name].astype("Float64").astype(float) for name in columns}
    if "value" in table:
        units = table["indicator"].map(lambda name: indicators[name].unit)
        implied = (table["value"] * counts["denominator"] / 100).round()
        counts["numerator"] = counts["numerator"].fillna(implied.where(units == "percent"))
        of_things = table["indicator"].isin(OF_THINGS)
        counts["value"] = table["value"].where((units == "count") & ~of_things)
    if "numerator" in counts:
        counts["rest"] = counts["denominator"] - counts["numerator"]
    yield from counts.items()
