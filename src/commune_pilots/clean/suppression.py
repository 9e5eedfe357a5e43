"""Counts that a table must not print: small ones, and others that would give those away.

Statistical offices call it cell suppression, primary and complementary (Hundepool et al. 2012,
Statistical Disclosure Control, chapter 4).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from commune_pilots.clean.disclosure import Bools, Ints, Name, Sum, complements, spans, table_of
from commune_pilots.clean.small_counts import LEAST_COUNT

_COUNTS = ["numerator", "denominator"]
_UNPRINTED = 1e-3  # the cost of a cell that nobody prints, against one that is printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """Which counts are not printed: columns numerator and denominator, true where hidden.

    Every table has the index of the cells: `cells` tells of each cell, and one of `sums` for each
    grouping tells of the sums that the cell is part of. A share is printed where neither of its
    counts is hidden: with one of them it gives the other.
    """

    cells: pd.DataFrame
    sums: tuple[pd.DataFrame, ...]


def suppress(
    cells: pd.DataFrame, *, sums: Sequence[Sequence[str]], least: int = LEAST_COUNT
) -> Suppressed:
    """Choose the counts that a table leaves out, beside the sums that its readers know.

    `cells` has whole numbers in columns numerator and denominator, all of them known, and the
    columns that `sums` names: each grouping is one kind of published sum, [unit] and [period] for
    the margins of a table of units by periods. Small are counts from 1 to least - 1, and what is
    left of a denominator beside its numerator; `hide` adds what protects them. The order of rows
    makes no difference, and the table handed in is not changed.
    """
    keys = [list(cells[list(by)].astype(str).itertuples(index=False, name=None)) for by in sums]
    counts = [(int(k), int(n)) for k, n in cells[_COUNTS].itertuples(index=False, name=None)]
    content = [(*(key[row] for key in keys), counts[row]) for row in range(len(cells))]
    order = {
        row: rank for rank, row in enumerate(sorted(range(len(cells)), key=content.__getitem__))
    }
    leaves: list[Name] = [(f"{order[row]:06}",) for row in range(len(cells))]
    totals: list[list[Name]] = [[(f"sum {at}", *key) for key in own] for at, own in enumerate(keys)]
    values: dict[Name, int] = {}
    equations: list[Sum] = []
    found = dict(zip(leaves, counts, strict=True))
    for named in totals:
        parts: dict[Name, list[Name]] = {}
        for leaf, name in zip(leaves, named, strict=True):
            parts.setdefault(name, []).append(leaf)
        for name, own in parts.items():
            found[name] = (sum(found[leaf][0] for leaf in own), sum(found[leaf][1] for leaf in own))
            equations += [
                Sum((*name, count), tuple((*leaf, count) for leaf in own)) for count in _COUNTS
            ]
    for name, (part, whole) in found.items():
        ends = {"numerator": part, "remainder": whole - part, "denominator": whole}
        values |= {(*name, end): value for end, value in ends.items()}
        equations.append(Sum((*name, "denominator"), ((*name, "numerator"), (*name, "remainder"))))
    hidden = hide(
        values,
        equations,
        least=least,
        unprinted=[name for name in values if name[-1] == "remainder"],
    )

    def flags(names: Sequence[Name]) -> pd.DataFrame:
        told = {count: [(*name, count) in hidden for name in names] for count in _COUNTS}
        return pd.DataFrame(told, index=cells.index, dtype=bool)

    return Suppressed(cells=flags(leaves), sums=tuple(map(flags, totals)))


def hide(
    values: Mapping[Name, int],
    sums: Collection[Sum],
    *,
    least: int = LEAST_COUNT,
    unprinted: Collection[Name] = (),
) -> frozenset[Name]:
    """Choose the cells to hide: those from 1 to least - 1, and the complementary ones they need.

    Protects against a reader who knows every other cell, every sum, and that counts are whole and
    not negative: the numbers possible for a hidden cell span least - 1 or more, so there are at
    least `least` of them. Zeros are printed. Not protected against: whatever else somebody knows,
    a second table of the same dossiers, and the guess that what is hidden is small.

    Cell by cell, smallest first, complements are those of least cost that let it move so far; the
    cost is the sum of their square roots. That is the integer programme of Fischetti & Salazar 2001
    (doi 10.1287/mnsc.47.7.1008.10338), asked for one cell at a time: each answer is the best for
    its cell, all together need not be. What turns out not to be needed is printed again. The same
    cells give the same choice in whatever order they come. `unprinted` cells cost next to nothing
    and may be hidden at zero. Raises ValueError for a sum that is none.
    """
    table, width = table_of(values, sums), least - 1
    chosen = set(unprinted)
    free = np.array([name in chosen for name in table.names], dtype=bool)
    costs = np.sqrt(table.values + 1.0) * np.where(free, _UNPRINTED, 1.0)
    costs += 1e-9 * np.arange(len(costs))  # of equal ones the first
    small = (table.values >= 1) & (table.values < least)
    hidden, possible = small.copy(), list[Ints]()

    def by_size(cells: Bools) -> list[int]:
        return sorted(map(int, np.flatnonzero(cells)), key=lambda at: (table.values[at], at))

    waiting = by_size(hidden)
    for at in waiting:  # grows; a cell that spans enough still does when more is hidden
        if not spans(table, hidden, at, width=width, possible=possible):
            more = complements(table, hidden, at, width=width, costs=costs, free=free)
            hidden |= more
            waiting += by_size(more)
    for at in sorted(map(int, np.flatnonzero(hidden & ~small & ~free)), key=lambda at: -costs[at]):
        without = hidden.copy()
        without[at] = False
        if all(
            spans(table, without, other, width=width, possible=possible)
            for other in by_size(without)
        ):
            hidden = without
    return frozenset(table.names[at] for at in np.flatnonzero(hidden))
