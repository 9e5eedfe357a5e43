"""Small counts are hidden, with as much around them as keeps anybody from working them out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.clean.disclosure import Sum, attack
from commune_pilots.clean.small_counts import LEAST_COUNT
from commune_pilots.clean.suppression import hide, suppress

MARGINS = [["unit"], ["period"]]
WIDTH = LEAST_COUNT - 1


def _cells(pairs):
    """Lay out rows of (numerator, denominator) by unit (rows) and period (columns)."""
    told = [
        (f"9900{i}", f"2025-0{j + 1}", *pair)
        for i, row in enumerate(pairs)
        for j, pair in enumerate(row)
    ]
    return pd.DataFrame(told, columns=["unit", "period", "numerator", "denominator"])


def _attacked(cells, found):
    """Give the interval of each hidden count, for a reader with all that is printed and its sums.

    Written apart from the code: names, equations and what is known are laid out here anew.
    """
    values, sums, hidden = {}, [], set()

    def add(name, k, n, flags):
        values.update({(*name, "k"): k, (*name, "r"): n - k, (*name, "n"): n})
        sums.append(Sum((*name, "n"), ((*name, "k"), (*name, "r"))))
        gone = {end for end, column in (("k", "numerator"), ("n", "denominator")) if flags[column]}
        hidden.update((*name, end) for end in (gone | {"r"} if gone else ()))

    for row in cells.index:
        add((f"cell {row}",), *map(int, cells.loc[row, ["numerator", "denominator"]]),
            found.cells.loc[row])  # fmt: skip
    for by, flags in zip(MARGINS, found.sums, strict=True):
        for key, own in cells.groupby(by):
            counts = own[["numerator", "denominator"]].sum().astype(int)
            add(("sum", *key), *counts, flags.loc[own.index[0]])
            for end in "kn":
                parts = tuple((f"cell {row}", end) for row in own.index)
                sums.append(Sum(("sum", *key, end), parts))
    return attack(values, sums, hidden), values, hidden


def test_a_table_without_small_counts_is_printed_whole():
    found = suppress(_cells([[(20, 60), (30, 70)], [(25, 80), (0, 90)]]), sums=MARGINS)
    assert not found.cells.to_numpy().any()
    assert not any(flags.to_numpy().any() for flags in found.sums)


def test_a_small_count_takes_three_others_with_it():
    cells = _cells([[(3, 60), (30, 70), (31, 75)], [(25, 80), (12, 90), (40, 95)],
                    [(20, 50), (16, 60), (33, 90)]])  # fmt: skip
    found = suppress(cells, sums=MARGINS)
    gone = cells[found.cells["numerator"]]
    assert 3 in gone["numerator"].tolist()
    assert len(gone) == 4
    assert gone["unit"].nunique() == gone["period"].nunique() == 2
    assert not found.cells["denominator"].any()
    assert not any(flags.to_numpy().any() for flags in found.sums)


@pytest.mark.parametrize("pair", [(1, 60), (7, 60), (53, 60), (59, 60)])
def test_one_to_seven_of_either_side_are_hidden(pair):
    found = suppress(_cells([[pair, (30, 70)], [(25, 80), (20, 90)]]), sums=MARGINS)
    assert found.cells["numerator"].iloc[0]


@pytest.mark.parametrize("pair", [(0, 60), (8, 60), (52, 60), (60, 60)])
def test_zero_all_and_eight_are_printed(pair):
    found = suppress(_cells([[pair, (30, 70)], [(25, 80), (20, 90)]]), sums=MARGINS)
    assert not found.cells["numerator"].any()


def test_a_small_denominator_hides_its_numerator_as_well():
    cells = _cells([[(0, 5), (30, 70), (20, 60)], [(25, 80), (20, 90), (22, 60)],
                    [(11, 70), (25, 60), (33, 90)]])  # fmt: skip
    found = suppress(cells, sums=MARGINS)
    assert found.cells["denominator"].iloc[0]
    intervals, _, _ = _attacked(cells, found)
    assert all(high - low >= WIDTH for low, high in intervals.values())


def test_a_small_sum_is_hidden_with_its_parts():
    cells = _cells([[(3, 60), (0, 70)], [(0, 80), (0, 90)]])
    found = suppress(cells, sums=MARGINS)
    assert found.sums[0]["numerator"].tolist() == [True, True, False, False]
    assert found.cells["numerator"].tolist() == [True, False, False, False]


def test_one_unit_alone_is_protected_by_another_of_its_months():
    cells = _cells([[(3, 40), (20, 50), (9, 45)]])
    found = suppress(cells, sums=[["unit"]])
    assert found.cells["numerator"].tolist() == [True, False, True]


def test_the_threshold_is_a_setting():
    cells = _cells([[(9, 60), (30, 70)], [(25, 80), (20, 90)]])
    assert suppress(cells, sums=MARGINS, least=10).cells["numerator"].iloc[0]
    assert not suppress(cells, sums=MARGINS).cells["numerator"].any()


def test_a_table_without_rows_has_nothing_to_hide():
    found = suppress(_cells([]), sums=MARGINS)
    assert (len(found.cells), [len(flags) for flags in found.sums]) == (0, [0, 0])


_PAIRS = st.tuples(st.integers(0, 25), st.integers(0, 25)).map(lambda two: (two[0], sum(two)))
_TABLES = st.tuples(st.integers(1, 3), st.integers(1, 4)).flatmap(
    lambda size: st.lists(
        st.lists(_PAIRS, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(_TABLES)
def test_nobody_with_all_that_is_printed_comes_closer_than_the_protection(pairs):
    cells = _cells(pairs)
    found = suppress(cells, sums=MARGINS)
    intervals, values, hidden = _attacked(cells, found)
    for name, (low, high) in intervals.items():
        assert low <= values[name] <= high
        assert high - low >= WIDTH
    shown = {name: count for name, count in values.items() if name not in hidden}
    assert not any(1 <= count < LEAST_COUNT for count in shown.values())


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(_TABLES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(pairs, random):
    cells = _cells(pairs)
    mixed = cells.sample(frac=1, random_state=random.randrange(2**32))
    before = mixed.copy()
    first, second = (suppress(rows, sums=MARGINS) for rows in (cells, mixed))
    pd.testing.assert_frame_equal(second.cells.sort_index(), first.cells)
    for one, other in zip(first.sums, second.sums, strict=True):
        pd.testing.assert_frame_equal(other.sort_index(), one)
    pd.testing.assert_frame_equal(mixed, before)


def test_what_turns_out_not_to_be_needed_is_printed_again():
    rng = np.random.default_rng(7)
    cells = _cells([[(int(k), int(k) + 40) for k in row] for row in rng.integers(2, 30, (3, 4))])
    found = suppress(cells, sums=MARGINS)
    small = cells["numerator"].between(1, WIDTH)
    extra = cells.index[found.cells["numerator"] & ~small]
    assert len(extra)
    for row in extra:
        found.cells.loc[row, "numerator"] = False
        intervals, _, _ = _attacked(cells, found)
        assert any(high - low < WIDTH for low, high in intervals.values())
        found.cells.loc[row, "numerator"] = True


def test_a_cell_that_nobody_prints_is_hidden_before_one_that_is_printed():
    values = {("few",): 3, ("rest",): 10, ("whole",): 13, ("other",): 9}
    sums = [Sum(("whole",), (("few",), ("rest",)))]
    assert hide(values, sums) == {("few",), ("rest",)}
    assert hide(values, sums, unprinted=[("whole",)]) == {("few",), ("whole",)}
