"""What a reader can work out of hidden cells: exact, and the least that keeps it from them."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.clean.disclosure import Sum, attack, complements, spans, table_of


def _margins(rows):
    """Lay a table out with its margins: names ("r0", "c1"), sums under "all"."""
    height, width = len(rows), len(rows[0])
    values = {(f"r{i}", f"c{j}"): rows[i][j] for i in range(height) for j in range(width)}
    sums = []
    for i in range(height):
        values[(f"r{i}", "all")] = sum(rows[i])
        sums.append(Sum((f"r{i}", "all"), tuple((f"r{i}", f"c{j}") for j in range(width))))
    for j in range(width):
        values[("all", f"c{j}")] = sum(row[j] for row in rows)
        sums.append(Sum(("all", f"c{j}"), tuple((f"r{i}", f"c{j}") for i in range(height))))
    return values, sums


def _named(*cells):
    return [(f"r{i}", f"c{j}") for i, j in cells]


def test_the_interval_of_the_published_example_is_found():
    """Fischetti & Salazar 2001, the first example: 22 is known to lie between 5 and 30."""
    values, sums = _margins([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    found = attack(values, sums, _named((1, 2), (2, 2), (1, 0), (2, 0)))
    assert found[("r1", "c2")] == (5, 30)
    assert found == {
        ("r1", "c0"): (0, 25),
        ("r1", "c2"): (5, 30),
        ("r2", "c0"): (0, 25),
        ("r2", "c2"): (4, 29),
    }


def test_a_cell_is_found_out_although_every_line_hides_two():
    """The table that the R package sdcTable tests with: 47 follows from four lines at once."""
    values, sums = _margins(
        [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]
    )
    hidden = _named((0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3))
    found = attack(values, sums, hidden)
    assert found[("r0", "c1")] == (47, 47)
    assert sum(low == high for low, high in found.values()) == 1


def test_counts_are_whole_for_the_reader_too():
    values = {("a",): 1, ("b",): 1, ("c",): 0, ("x",): 2, ("y",): 1, ("z",): 1}
    pairs = {"x": "ab", "y": "bc", "z": "ac"}
    sums = [Sum((total,), tuple((one,) for one in parts)) for total, parts in pairs.items()]
    assert attack(values, sums, [("a",), ("b",), ("c",)])[("a",)] == (1, 1)


def test_nothing_bounds_a_cell_whose_sum_is_hidden_as_well():
    values = {("part",): 3, ("rest",): 40, ("whole",): 43}
    sums = [Sum(("whole",), (("part",), ("rest",)))]
    assert attack(values, sums, [("part",), ("whole",)]) == {
        ("part",): (0, inf), ("whole",): (40, inf),
    }  # fmt: skip
    assert attack(values, sums, [("part",)]) == {("part",): (3, 3)}
    assert attack({("lone",): 3}, [], [("lone",)]) == {("lone",): (0, inf)}


def test_a_sum_that_is_none_is_refused():
    with pytest.raises(ValueError, match="not the sum of its parts"):
        table_of({("a",): 1, ("b",): 3}, [Sum(("b",), (("a",),))])


_TABLES = st.lists(
    st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4
).flatmap(
    lambda rows: st.tuples(
        st.just(rows),
        st.sets(
            st.tuples(st.integers(0, len(rows) - 1), st.integers(0, 2)), min_size=1, max_size=8
        ),
    )
)


@settings(max_examples=25, deadline=None)
@given(_TABLES)
def test_the_truth_is_never_ruled_out_and_far_enough_agrees_with_the_attack(drawn):
    rows, cells = drawn
    values, sums = _margins(rows)
    hidden = _named(*sorted(cells))
    table = table_of(values, sums)
    unknown = np.array([name in hidden for name in table.names])
    possible = []
    for name, (low, high) in attack(values, sums, hidden).items():
        assert low <= values[name] <= high
        at = table.names.index(name)
        assert spans(table, unknown, at, width=7, possible=possible) == (high - low >= 7)
    for one in possible:  # every table found is one that the reader cannot rule out
        assert (table.equations @ one == 0).all()
        assert (one >= 0).all()
        assert (one[~unknown] == table.values[~unknown]).all()


def _chosen(rows, cell, **given):
    values, sums = _margins(rows)
    table = table_of(values, sums)
    hidden = np.array([name == (f"r{cell[0]}", f"c{cell[1]}") for name in table.names])
    settings = {"width": 7, "costs": np.sqrt(table.values + 1.0), "free": hidden & False, **given}
    found = complements(table, hidden, int(np.flatnonzero(hidden)[0]), **settings)
    return {table.names[at] for at in np.flatnonzero(found)}


def test_the_cheapest_rectangle_protects_a_cell():
    rows = [[3, 900, 20], [800, 700, 600], [30, 950, 25]]
    assert _chosen(rows, (0, 0)) == set(_named((0, 2), (2, 0), (2, 2)))


def test_zeros_are_not_taken_and_a_sum_is_where_nothing_else_is_left():
    assert _chosen([[3, 0], [0, 50]], (0, 0)) == {("r0", "all"), ("all", "c0")}
