"""What a reader can know of the hidden cells of a table, and which others would keep it from them.

A table is its cells with every sum the reader knows. scipy.optimize and scipy.sparse take long to
import, so only the functions that solve do it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Name = tuple[str, ...]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_STEPS = (4, 64)  # how far a cell may move, in widths, while complements are looked for


class Sum(NamedTuple):
    """An equation that every reader knows: the cells `parts` add up to the cell `total`."""

    total: Name
    parts: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in order of their names; equations @ values = 0, one row of `equations` a sum."""

    names: list[Name]
    values: Ints
    equations: Ints


def table_of(values: Mapping[Name, int], sums: Iterable[Sum]) -> Table:
    """Lay cells and sums out in an order of their own; raises ValueError for a sum that is none."""
    names = sorted(values)
    place = {name: at for at, name in enumerate(names)}
    known = sorted({Sum(one.total, tuple(sorted(one.parts))) for one in sums})
    equations = np.zeros((len(known), len(names)), dtype=np.int64)
    for row, one in enumerate(known):
        equations[row, [place[name] for name in one.parts]] = 1
        equations[row, place[one.total]] -= 1
    counts = np.array([values[name] for name in names], dtype=np.int64)
    wrong = np.flatnonzero(equations @ counts)
    if len(wrong):
        raise ValueError(f"{known[wrong[0]].total} is not the sum of its parts")
    return Table(names, counts, equations)


def attack(
    values: Mapping[Name, int], sums: Iterable[Sum], hidden: Collection[Name]
) -> dict[Name, tuple[float, float]]:
    """Find the least and the largest number that a reader cannot rule out for each hidden cell.

    The reader knows every other cell, every sum, and that counts are whole and not negative: two
    integer programmes a cell, exact. The largest is infinite where nothing bounds a cell.
    """
    table, chosen = table_of(values, sums), set(hidden)
    unknown = np.array([name in chosen for name in table.names])
    found = {}
    for at in np.flatnonzero(unknown):
        ends = []
        for sign in (1, -1):
            reached = int(_farthest(table, unknown, int(at), sign)[at])
            ends.append(np.inf if reached > table.values.sum() else float(reached))
        found[table.names[at]] = (ends[0], ends[1])
    return found


def spans(table: Table, hidden: Bools, at: int, *, width: int, possible: list[Ints]) -> bool:
    """Say whether the numbers that a reader cannot rule out for a hidden cell span `width`.

    `possible` are whole tables found before, and grows: one that the reader still cannot rule out
    speaks for all its cells, so that few cells need programmes of their own.
    """
    shown = ~hidden
    still = [one for one in possible if (one[shown] == table.values[shown]).all()]
    known = [int(one[at]) for one in (table.values, *still)]
    low, high = min(known), max(known)
    for sign in (-1, 1):
        if high - low >= width:
            break
        # Far enough is enough: the programme then has an end.
        end = low + width if sign < 0 else max(0, high - width)
        reached = _farthest(table, hidden, at, sign, end=end)
        possible.append(reached)
        low, high = min(low, int(reached[at])), max(high, int(reached[at]))
    return high - low >= width


def complements(
    table: Table, hidden: Bools, at: int, *, width: int, costs: NDArray[np.float64], free: Bools
) -> Bools:
    """Choose cells of least cost that, hidden as well, let one cell span `width`.

    Only cells above zero are taken, and `free` ones. The integer programme looks for two tables
    that the reader cannot rule out and that differ in that cell by `width`. Where none is near the
    truth, everything that can be is taken: multiples of the whole table are then possible.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, diags_array, hstack

    near = _together(table, np.ones_like(hidden), at)
    candidates = near & ~hidden & ((table.values > 0) | free)
    cells = np.flatnonzero(near & (hidden | candidates))
    values, new = table.values[cells], candidates[cells]
    count = len(cells)
    equations = csr_array(table.equations[:, cells])
    none, whole = csr_array(equations.shape), diags_array(np.ones(count))
    own = np.zeros((1, 3 * count))
    own[0, [np.searchsorted(cells, at), count + np.searchsorted(cells, at)]] = 1
    for reach in (step * width for step in _STEPS):
        down = np.where(new, np.minimum(values, reach), values)
        up = np.where(new, reach, _most(table))
        apart = np.where(new, reach, 0.0), np.where(new, down, 0.0)
        # Columns: how far the first table is above the truth, the second below it, and the choice.
        held = [
            LinearConstraint(hstack([equations, none, none]), 0, 0),
            LinearConstraint(hstack([none, equations, none]), 0, 0),
            LinearConstraint(own, width, np.inf),
        ]
        for first, limit in zip((True, False), (apart, apart[::-1]), strict=True):
            for sign, most in ((1, limit[0]), (-1, limit[1])):
                moved = [whole * sign, whole * 0] if first else [whole * 0, whole * sign]
                rows = hstack([*moved, diags_array(-most)]).tocsr()[np.flatnonzero(new)]
                held.append(LinearConstraint(rows, -np.inf, 0))
        solved = milp(
            np.concatenate([np.zeros(2 * count), np.where(new, costs[cells], 0.0)]),
            integrality=np.ones(3 * count, dtype=np.int64),
            bounds=Bounds(
                np.concatenate([-down, -up, np.zeros(count)]),
                np.concatenate([up, down, new.astype(float)]),
            ),
            constraints=held,
            options={"mip_rel_gap": 0.0},
        )
        if solved.success:
            chosen = np.zeros_like(hidden)
            chosen[cells[solved.x[2 * count :] > 0.5]] = True
            return chosen
    return candidates


def _farthest(table: Table, hidden: Bools, at: int, sign: int, *, end: int | None = None) -> Ints:
    """Find a table that the reader cannot rule out with one cell least (sign 1) or largest (-1).

    No farther than `end`, where one is given. The truth is one of these tables, so there is one;
    where the solver finds none the truth is given, and the cell counts as found out.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = np.flatnonzero(_together(table, hidden, at))
    own = int(np.searchsorted(cells, at))
    rows = table.equations[:, cells].any(axis=1)
    equations = table.equations[np.ix_(rows, cells)]
    known = equations @ table.values[cells]
    low, high = np.zeros(len(cells)), np.full(len(cells), _most(table))
    if end is not None:
        low[own], high[own] = (end, high[own]) if sign > 0 else (0, end)
    aim = np.zeros(len(cells))
    aim[own] = sign
    solved = milp(
        aim,
        integrality=np.ones(len(cells), dtype=np.int64),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(equations, known, known) if rows.any() else None,
    )
    reached = table.values.copy()
    if not solved.success:
        return reached
    reached[cells] = np.round(solved.x).astype(np.int64)
    return reached


def _most(table: Table) -> float:
    """Give a number that no bounded cell reaches: programmes without an end confuse the solver."""
    return 4.0 * float(table.values.sum()) + 1000.0


def _together(table: Table, hidden: Bools, at: int) -> Bools:
    """Mark the hidden cells that equations join to one of them, itself among them."""
    joined = np.zeros_like(hidden)
    joined[at] = True
    while True:
        rows = (table.equations[:, joined] != 0).any(axis=1)
        more = hidden & ((table.equations[rows] != 0).any(axis=0) | joined)
        if (more == joined).all():
            return joined
        joined = more
