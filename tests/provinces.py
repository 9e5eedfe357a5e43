"""Simulated provinces for tests of the ladder: raw tables with pilots, to take data away from."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.arms import arms_of
from commune_pilots.effects.designs import estimate_effects
from commune_pilots.simulate.panels import campaign_series, pilot_panel, weekday_log
from commune_pilots.simulate.worked_tables import DEFINITION

ALPHA, SEED = 0.05, 1


@cache
def province(*, seed=5, effect=9.0, communes=32, districts=8, months=30, before=18):
    """Raw tables of one pilot in each district."""
    rng = np.random.default_rng(seed)
    return pilot_panel(
        rng=rng, effect=effect, communes=communes, districts=districts, months=months, before=before
    ).tables


@cache
def campaign():
    """Raw tables of a campaign that starts everywhere at once."""
    return campaign_series(rng=np.random.default_rng(2), communes=6).tables


@cache
def wednesdays():
    """Raw tables with counts by day."""
    return weekday_log(rng=np.random.default_rng(2)).tables


def pilots_of(tables):
    """Codes of the pilot communes, in order."""
    return sorted(tables["pilots"]["unit"])


def without(tables, units):
    """Take communes out of panel and pilots."""
    kept = {name: tables[name][~tables[name]["unit"].isin(units)] for name in ("panel", "pilots")}
    return {**tables, **kept}


def with_pilots(tables, number):
    """Leave the first pilots, the others out altogether."""
    return without(tables, pilots_of(tables)[number:])


def undistricted(tables):
    """Put every commune straight under the province."""
    units = tables["units"].copy()
    units.loc[units["level"] == "commune", ["parent", "parent_level"]] = ["99", "province"]
    return {**tables, "units": units}


def staggered(tables, *, by=6):
    """Let every second pilot start later, without moving its counts."""
    pilots = tables["pilots"].copy()
    later = pilots.index[::2]
    pilots.loc[later, "opened"] = pilots.loc[later, "opened"] + pd.DateOffset(months=by)
    return {**tables, "pilots": pilots}


def estimated(tables, *, indicators=(), alpha=ALPHA):
    """Table effects of a province."""
    days = tables.get("days", schemas.empty("days"))
    return estimate_effects(
        tables["panel"], tables["units"], tables["pilots"], tables["events"], days,
        indicators=list(indicators), alpha=alpha, seed=SEED,
    )  # fmt: skip


def primary(tables, **how):
    """The one primary row of a province of one definition."""
    found = estimated(tables, **how)
    return found[found["primary"]].iloc[0]


def arms(tables):
    """A province laid out for comparison."""
    return arms_of(tables["panel"], tables["units"], tables["pilots"], definition=DEFINITION)
