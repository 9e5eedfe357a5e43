"""Filed alone or with help: bounds where the filer is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots.effects.assisted import Filed, split_change, split_share
from commune_pilots.effects.intervals import newcombe, wilson

ALPHA = 0.05
BEFORE = Filed(dossiers=200, online=40, assisted=10, unknown=10)
AFTER = Filed(dossiers=400, online=240, assisted=120, unknown=40)


@st.composite
def filed(draw):
    dossiers = draw(st.integers(1, 300))
    online = draw(st.integers(0, dossiers))
    assisted = draw(st.integers(0, online))
    unknown = draw(st.integers(0, online - assisted))
    return Filed(dossiers=dossiers, online=online, assisted=assisted, unknown=unknown)


def test_known_filers_leave_one_split():
    own, helped = split_share(Filed(dossiers=200, online=80, assisted=30), alpha=ALPHA)
    assert (own.low, own.high, helped.low, helped.high) == pytest.approx((25, 25, 15, 15))
    low, high = wilson(50, 200, alpha=ALPHA)
    assert (own.conf_low, own.conf_high) == pytest.approx((100 * low, 100 * high))


def test_unknown_filers_leave_bounds():
    own, helped = split_share(BEFORE, alpha=ALPHA)
    assert (own.low, own.high) == pytest.approx((10, 15))
    assert (helped.low, helped.high) == pytest.approx((5, 10))
    assert own.conf_low < own.low < own.high < own.conf_high


def test_a_change_sets_the_least_of_one_period_against_the_most_of_the_other():
    found = split_change(BEFORE, AFTER, alpha=ALPHA)
    assert found.online == pytest.approx(40)
    assert (found.self_filed.low, found.self_filed.high) == pytest.approx((20 - 15, 30 - 10))
    assert (found.assisted.low, found.assisted.high) == pytest.approx((30 - 10, 40 - 5))
    assert found.assisted_part == pytest.approx((20 / 40, 35 / 40))
    low = newcombe(30 / 200, 200, 80 / 400, 400, alpha=ALPHA)[0]
    assert found.self_filed.conf_low == pytest.approx(100 * low)


@given(filed(), filed(), st.floats(0, 1), st.floats(0, 1))
def test_every_split_of_the_unknown_lies_within_the_bounds(before, after, first, second):
    found = split_change(before, after, alpha=ALPHA)
    helped = [
        100 * (period.assisted + part * period.unknown) / period.dossiers
        for period, part in ((before, first), (after, second))
    ]
    change = helped[1] - helped[0]
    assert found.assisted.low - 1e-9 <= change <= found.assisted.high + 1e-9
    own = found.online - change
    assert found.self_filed.low - 1e-9 <= own <= found.self_filed.high + 1e-9
    assert found.self_filed.conf_low <= found.self_filed.low + 1e-9
    assert found.self_filed.high <= found.self_filed.conf_high + 1e-9


@given(filed(), filed())
def test_where_it_turns_no_rise_of_the_self_filed_share_is_left(before, after):
    found = split_change(before, after, alpha=ALPHA)
    most_before = (before.online - before.assisted) / before.dossiers
    if found.turns_at is None:
        assert (after.online - after.assisted - after.unknown) / after.dossiers > most_before
        return
    own = after.online - after.assisted - found.turns_at * after.unknown
    if found.turns_at:
        assert own / after.dossiers == pytest.approx(most_before)
    else:
        assert own / after.dossiers <= most_before + 1e-12


def test_the_part_of_the_unknown_at_which_the_rise_is_gone():
    # 90 or 120 of 400 were self-filed; 30 of 200 before at most, which is 60 of 400.
    after = Filed(dossiers=400, online=240, assisted=120, unknown=90)
    assert split_change(BEFORE, after, alpha=ALPHA).turns_at == pytest.approx(60 / 90)
    assert split_change(BEFORE, AFTER, alpha=ALPHA).turns_at is None
    fallen = Filed(dossiers=400, online=240, assisted=220)
    assert split_change(BEFORE, fallen, alpha=ALPHA).turns_at == 0


def test_without_a_rise_no_part_of_it_is_assisted():
    assert split_change(AFTER, BEFORE, alpha=ALPHA).assisted_part is None


@pytest.mark.parametrize(
    "counts",
    [
        {"dossiers": 10, "online": 11, "assisted": 0},
        {"dossiers": 10, "online": 5, "assisted": 6},
        {"dossiers": 10, "online": 5, "assisted": 3, "unknown": 3},
        {"dossiers": 10, "online": 5, "assisted": -1, "unknown": 3},
    ],
)
def test_counts_that_are_not_parts_of_each_other_are_an_error(counts):
    with pytest.raises(ValueError, match="not parts"):
        split_share(Filed(**counts), alpha=ALPHA)
    with pytest.raises(ValueError, match="not parts"):
        split_change(BEFORE, Filed(**counts), alpha=ALPHA)


def test_no_dossiers_have_no_share():
    with pytest.raises(ValueError, match="no dossiers"):
        split_share(Filed(dossiers=0, online=0, assisted=0), alpha=ALPHA)
