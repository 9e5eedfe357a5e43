"""Panels treated from different periods on, drawn with a known effect, as a matrix and as a table.

Outcomes are unit effect + trend + noise that remembers the period before + the effect from the
start on, which may grow with time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from commune_pilots.effects.did_moments import NEVER, Wide


def draw(rng, *, starts, never, periods, effect=5.0, growth=0.0, memory=0.5, noise=2.0):
    """Draw a balanced panel: one unit for each of `starts`, then `never` untreated ones."""
    cohort = np.array([*starts, *[NEVER] * never], dtype="int64")
    units = len(cohort)
    shocks = rng.normal(0, noise, (units, periods))
    for period in range(1, periods):
        shocks[:, period] = (
            memory * shocks[:, period - 1] + (1 - memory**2) ** 0.5 * shocks[:, period]
        )
    since = np.arange(periods) - np.where(cohort == NEVER, periods, cohort)[:, None]
    outcome = rng.normal(40, 8, (units, 1)) + 0.4 * np.arange(periods) + shocks
    outcome += np.where(since >= 0, effect + growth * since, 0.0)
    return wide(outcome, cohort)


def wide(outcome, cohort, *, districts=None):
    """Put a matrix and columns of first treatment together as a panel."""
    names = np.array([f"u{place:04d}" for place in range(len(cohort))], dtype=object)
    parents = np.full(len(cohort), "d", dtype=object) if districts is None else districts
    return Wide(
        outcome=np.asarray(outcome, dtype=float), cohort=np.asarray(cohort, dtype="int64"),
        units=names, districts=np.asarray(parents, dtype=object), first=0,
    )  # fmt: skip


def long(panel):
    """Lay a matrix out as the table `widen` reads; cells not observed have no row."""
    rows, columns = np.nonzero(~np.isnan(panel.outcome))
    starts = [None if start == NEVER else int(start) + panel.first for start in panel.cohort[rows]]
    return pd.DataFrame(
        {
            "unit": panel.units[rows],
            "district": panel.districts[rows],
            "period": pd.array(columns + panel.first, dtype="Int64"),
            "cohort": pd.array(starts, dtype="Int64"),
            "share": panel.outcome[rows, columns],
        }
    )


def dummies(panel, treated):
    """The plain regression: unit and period dummies and one treatment column, and the outcome."""
    seen = ~np.isnan(panel.outcome)
    units, periods = np.nonzero(seen)
    columns = [
        units[:, None] == np.arange(len(seen)),
        (periods[:, None] == np.arange(seen.shape[1]))[:, 1:],
        treated[seen][:, None],
    ]
    return np.hstack(columns).astype(float), panel.outcome[seen], units
