"""The ladder chooses: every design that the counts allow, the strongest defensible one first.

Which designs a panel allows depends on who started when and on how long it is, never on what the
designs say (docs/methods.md, M19).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.alone import (
    SERIES,
    WEEKDAYS,
    cut_series,
    series_rows,
    weekday_row,
)
from commune_pilots.effects.arms import Arms, arms_of
from commune_pilots.effects.compared import PARALLEL, about_arms, compared_rows
from commune_pilots.effects.did_group_time import aggregate, group_time
from commune_pilots.effects.effect_grade import LEAST_PILOTS
from commune_pilots.effects.effect_rows import About, Row, refused_row, row
from commune_pilots.effects.evidence import weakest
from commune_pilots.effects.synthesised import synthesised_rows
from commune_pilots.vocabulary import Design

STRENGTH = ("C1", "C2", "B3", "C3", "C4", "D")
"""Levels of the ladder, the strongest first."""
KEY = ["indicator", "definition"]


def estimate_effects(
    panel: pd.DataFrame,
    units: pd.DataFrame,
    pilots: pd.DataFrame,
    events: pd.DataFrame,
    days: pd.DataFrame,
    *,
    indicators: Sequence[str],
    alpha: float,
    seed: int,
) -> pd.DataFrame:
    """Estimate the effect on the pilots by every design the counts allow (table effects), points.

    For each indicator (those asked for; all if none is) and definition with counts by month or day.
    Exactly one row of each is primary: the highest level of `STRENGTH` that is not refused. With
    pilots beside comparison units that is randomisation over the choice of pilots (C1 one start
    date, C2 several, B3 two periods, C3 one or two pilots); without, the series of all units cut
    at its start (C4), then the weekday (D). What is refused stands as a row with its reason. No
    counts, no rows. Draws are seeded anew for each definition. Assumptions stand in each row.
    """
    counted = pd.concat([panel[KEY], days[KEY]]).drop_duplicates().sort_values(KEY)
    rows: list[Row] = []
    for indicator, definition in counted.itertuples(index=False):
        if indicators and indicator not in indicators:
            continue
        months, daily = (
            table[(table["indicator"] == indicator) & (table["definition"] == definition)]
            for table in (panel, days)
        )
        arms = arms_of(months, units, pilots, definition=definition) if len(months) else None
        found = list(
            _of_definition(
                arms, daily, pilots, events, indicator=indicator, definition=definition,
                alpha=alpha, seed=seed,
            )
        )  # fmt: skip
        rows += _ordered(found)
    return schemas.build(rows, "effects")


def arms_by_definition(
    panel: pd.DataFrame, units: pd.DataFrame, pilots: pd.DataFrame, effects: pd.DataFrame
) -> Iterator[tuple[Row, Arms | None]]:
    """Pair the primary row of each indicator and definition of table effects with its arms."""
    for primary in effects[effects["primary"]].to_dict("records"):
        own = panel[
            (panel["indicator"] == primary["indicator"])
            & (panel["definition"] == primary["definition"])
        ]
        arms = None
        if len(own):
            arms = arms_of(own, units, pilots, definition=str(primary["definition"]))
        yield {str(name): value for name, value in primary.items()}, arms


def _of_definition(
    arms: Arms | None,
    days: pd.DataFrame,
    pilots: pd.DataFrame,
    events: pd.DataFrame,
    *,
    indicator: str,
    definition: str,
    alpha: float,
    seed: int,
) -> Iterator[Row]:
    """Write the rows of one indicator and definition, in no order."""
    treated = 0 if arms is None else int(arms.treated.sum())

    def about(level: str, design: Design, assumptions: Sequence[str], pilots: int) -> About:
        return About(
            indicator=indicator, definition=definition, level=level, design=design, alpha=alpha,
            smallest_p=0.0, n_treated=pilots, n_comparison=0, assumptions=assumptions,
        )  # fmt: skip

    if arms is not None and arms.assignment is not None:
        yield from compared_rows(arms, indicator=indicator, alpha=alpha, seed=seed)
        if treated < LEAST_PILOTS:
            told = about_arms(arms, indicator=indicator, alpha=alpha, seed=seed)
            yield from synthesised_rows(arms, told)
    elif arms is not None or days.empty:
        reason = "no_comparison" if treated else "nobody_treated"
        compared = about("C1", "comparison", PARALLEL, treated)
        yield refused_row(compared, method="permutation", estimand="att_mean", reason=reason)
        if arms is not None and len(arms.starts) > 1:
            yield _not_yet(arms, about("C2", "comparison", PARALLEL, treated))
        if arms is not None and treated:
            cut = cut_series(
                arms.panel.panel, events, indicator=indicator,
                anticipation=arms.panel.anticipation,
            )  # fmt: skip
            if cut is not None:
                yield from series_rows(cut, about("C4", "trend_adjusted", SERIES, treated))
    if len(days):
        yield weekday_row(days, pilots, about=about("D", "trend_adjusted", WEEKDAYS, 0))


def _not_yet(arms: Arms, about: About) -> Row:
    """Compare those treated with those not treated yet, where everybody is treated in the end."""
    reason = "unbalanced"
    if arms.moments is not None:
        try:
            found = group_time(
                arms.moments, comparison="not_yet_treated", anticipation=arms.panel.anticipation
            )
        except ValueError:
            reason = "no_comparison"
        else:
            whole = aggregate(found, over="simple", alpha=about.alpha)[0]
            return row(about, whole, method="group_time", estimand="att_mean")
    return refused_row(about, method="group_time", estimand="att_mean", reason=reason)


def _ordered(rows: list[Row]) -> list[Row]:
    """Mark the strongest design as primary; order by primary, strength, event time.

    A design beside it may find more, and is never graded above it: else a reader could choose.
    """
    first = min(
        range(len(rows)),
        key=lambda at: (rows[at]["answer"] == "refused", STRENGTH.index(rows[at]["level"]), at),
    )
    least = rows[first]["grade"]
    marked = [
        {**one, "primary": at == first, "grade": weakest([one["grade"], least])}
        for at, one in enumerate(rows)
    ]
    return sorted(
        marked,
        key=lambda one: (
            not one["primary"],
            STRENGTH.index(one["level"]),
            one["method"] == "event_time",
            one["at"] if one["method"] == "event_time" else 0,
        ),
    )
