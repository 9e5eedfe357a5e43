"""What a page shows of the counts by month: folded to a few rows, small counts taken out.

Only what is printed is suppressed. The notebooks before reckon with every count; their tables stay
under data/processed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from commune_pilots.clean.small_counts import OF_THINGS, PUBLIC
from commune_pilots.clean.suppression import suppress
from commune_pilots.effects.series import KEY, summarise

MOST_ROWS = 8
_FOLDS = (6, 12, 24, 120)  # months of one row
_COUNTS = ["numerator", "denominator"]
_MARGINS = (["series", "part"], ["series"], ["definition", "part"])


@dataclass(frozen=True, slots=True)
class Part:
    """Months of one series that make one row; which of its two counts are not printed."""

    months: pd.DataFrame
    hidden: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """Rows to print, the months that one holds at most, how many series of how many they show.

    `drawn` is the longest series that is projected, without the shares that are not printed; empty
    if there is none. `hidden` counts its months without a share.
    """

    rows: tuple[Part, ...]
    months: int
    shown: int
    total: int
    drawn: pd.DataFrame
    hidden: int


def printed_counts(series: pd.DataFrame, panel: pd.DataFrame, sources: pd.DataFrame) -> Monthly:
    """Fold table `series` and take out what `clean.suppression` does not let through.

    Readers know the shares drawn by month, the counts of each row, the sum of each series and the
    sum of each period over units of one definition. Counts that public sources alone have printed
    (`panel` and `sources` tell whose they are), and counts of things, stay.
    """
    summary = summarise(series)
    order = [tuple(row) for row in summary[KEY].to_numpy()]
    own = dict(iter(series.groupby(KEY)))
    months, parts = _FOLDS[-1], list[list[pd.DataFrame]]()
    for months in _FOLDS:
        parts = [list(_folded(own[key], months)) for key in order]
        if sum(map(len, parts)) <= MOST_ROWS:
            break
    shown = [
        folded for at, folded in enumerate(parts) if sum(map(len, parts[: at + 1])) <= MOST_ROWS
    ]
    projected = summary[summary["outcome"] == "projected"][KEY].to_numpy()
    drawn = own[tuple(projected[0])] if len(projected) else series.iloc[:0]
    rows = [part for folded in shown for part in folded]
    public = _public(panel, sources)
    cells = [
        cell
        for part in rows
        if not public.get(tuple(part[KEY].iloc[0]), False)
        for cell in _cells(part, whole=part.index[0] not in drawn.index)
    ]
    hidden = _hidden(pd.DataFrame(cells, columns=[*_CELL, *_COUNTS]))
    gone = [month for month in drawn.index if any(hidden.get(("month", month), {}).values())]
    nothing = dict.fromkeys(_COUNTS, False)
    return Monthly(
        rows=tuple(Part(part, hidden.get(("part", part.index[0]), nothing)) for part in rows),
        months=months,
        shown=len(shown),
        total=len(order),
        drawn=drawn.assign(share=drawn["share"].mask(drawn.index.isin(gone))),
        hidden=len(gone),
    )


_CELL = ["month", "first", "series", "definition", "part"]


def _cells(part: pd.DataFrame, *, whole: bool) -> Iterator[tuple[object, ...]]:
    """Give the counts that readers are shown of one row: by month, or of the `whole` of it."""
    known = part[part["share"].notna()]
    if known.empty:
        return
    series, definition = "|".join(known[KEY].iloc[0]), "|".join(known[KEY[1:]].iloc[0])
    place = f"{part['period_start'].iloc[0]:%Y-%m}-{part['period_start'].iloc[-1]:%Y-%m}"
    counts = known[_COUNTS].astype("int64")
    for month, found in counts.iloc[:1].iterrows() if whole else counts.iterrows():
        k, n = counts.sum() if whole else found
        yield month, part.index[0], series, definition, place, int(k), int(n)


def _hidden(cells: pd.DataFrame) -> dict[tuple[str, object], dict[str, bool]]:
    """Say what is hidden, by the first month of a row and by month."""
    if cells.empty:
        return {}
    found = suppress(cells, sums=_MARGINS)
    told: dict[tuple[str, object], dict[str, bool]] = {}
    for kind, flags in (("month", found.cells), ("part", found.sums[0])):
        keys = cells["month" if kind == "month" else "first"]
        for key, row in zip(keys, flags[_COUNTS].itertuples(index=False, name=None), strict=True):
            told[(kind, key)] = dict(zip(_COUNTS, row, strict=True))
    return told


def _public(panel: pd.DataFrame, sources: pd.DataFrame) -> dict[tuple[str, ...], bool]:
    """Say of each series whether nothing of it is to be hidden."""
    known = set(sources["source"][sources["kind"].isin(PUBLIC)])
    said = panel["source"].isin(known) | panel["indicator"].isin(OF_THINGS)
    all_said = said.groupby([panel[name] for name in KEY]).all()
    return {tuple(map(str, key)): bool(all_said[key]) for key in all_said.index}


def _folded(own: pd.DataFrame, months: int) -> Iterator[pd.DataFrame]:
    """Part one series by phase, and each phase into so many months, whole ones next to the start.

    A series that is not projected stays whole.
    """
    if own["outcome"].iloc[0] != "projected":
        yield own
        return
    for phase in ("before", "opening", "after"):
        part = own[own["phase"] == phase]
        first = -(-len(part) // months) * months - len(part) if phase == "before" else 0
        for _, rows in part.groupby([(first + at) // months for at in range(len(part))]):
            yield rows
