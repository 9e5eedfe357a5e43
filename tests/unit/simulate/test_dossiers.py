from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from logs import simulated, truth, typed, units

from commune_pilots import schemas
from commune_pilots.simulate.dossiers import Truth, base_shares, communes, dossier_tables

CLEAN = truth(dirt=0.0)


def _frame(known=CLEAN, chunk=1_500):
    return typed(simulated(known, chunk)).reset_index(drop=True)


def test_a_log_without_dirt_keeps_the_contract():
    frame = _frame()
    assert schemas.check(frame, "dossiers") is frame


@pytest.mark.parametrize("rows", [1, 7, 4_000])
def test_a_log_has_as_many_rows_as_asked_dirt_included(rows):
    tables = list(dossier_tables(Truth(rows=rows, seed=5, dirt=0.3), units(), chunk=900))
    assert sum(table.num_rows for table in tables) == rows


def test_the_same_seed_draws_the_same_rows_and_another_seed_others():
    first, again, other = (
        pa.concat_tables(dossier_tables(Truth(rows=500, seed=seed), units(), chunk=200))
        for seed in (3, 3, 4)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_everything_simulated_says_so():
    for number, table in enumerate(simulated(truth()), start=1):
        assert set(table["simulated"].to_pylist()) == {True}
        name = f"simulated-dossiers-seed11-{number:04d}.parquet"
        assert set(table["file"].to_pylist()) == {name}
        assert table["row"].to_pylist() == list(range(2, table.num_rows + 2))


def test_codes_are_those_of_the_register_on_the_day():
    frame = _frame()
    places = communes(units())
    merged = frame["received"] >= pd.Timestamp(2025, 7, 1)
    assert set(frame.loc[~merged, "unit"]) == set(places["code"])
    assert set(frame.loc[merged, "unit"]) <= set(places["successor"])
    assert merged.any()
    register = set(units().loc[units()["level"] == "commune", "code"])
    assert set(frame["unit"]) <= register


def test_a_gone_code_is_one_that_means_nothing_today():
    places = communes(units()).set_index("code")
    assert places.loc["02173", "gone"]
    assert not places.loc["01912", "gone"]


def test_no_dossier_has_the_code_of_another():
    frame = _frame(truth(dirt=0.0, rows=20_000), 6_000)
    assert frame["dossier"].is_unique
    day = frame["dossier"].str.split("-").str[1]
    assert day.eq(frame["received"].dt.strftime("%y%m%d")).all()


def test_files_are_stretches_of_days_one_after_another():
    ends = [
        (frame["received"].min().normalize(), frame["received"].max().normalize())
        for frame in (typed([table]) for table in simulated(CLEAN))
    ]
    assert len(ends) > 2
    assert all(last < first for (_, last), (first, _) in pairwise(ends))


def test_week_ends_and_tet_are_quiet():
    received = _frame(truth(dirt=0.0, rows=20_000), 6_000)["received"].dt
    weekday = received.day_of_week.value_counts(normalize=True)
    assert weekday[5] + weekday[6] < 0.04
    assert weekday.idxmax() == 0
    holiday = received.normalize().isin(pd.date_range("2024-02-08", "2024-02-15"))
    assert holiday.sum() < 10


def test_nothing_is_done_after_the_log_was_drawn():
    frame = _frame()
    drawn = pd.Timestamp(CLEAN.drawn) + pd.Timedelta(days=1)
    assert frame["completed"].max() < drawn
    assert frame["returned"].max() < drawn
    assert CLEAN.drawn == dt.date(2026, 1, 14)


def test_base_shares_are_spread_and_do_not_move_with_the_rest_of_the_truth():
    base = base_shares(CLEAN, 50)
    assert (base.min(), base.max()) == (0.15, 0.45)
    assert np.array_equal(base, base_shares(truth(step=0.0, rows=9), 50))


def test_the_pilot_moves_the_rate_by_its_step_and_nothing_else_does():
    known = truth(
        rows=40_000, dirt=0.0, trend=0.0, pilots=("28159", "28237", "27691", "01837"),
        last=dt.date(2025, 6, 30),
    )  # fmt: skip
    frame = _frame(known, 50_000)
    online = frame["channel"].eq("online")
    after = frame["received"] >= pd.Timestamp(known.opened)
    pilot = frame["unit"].isin(known.pilots)
    share = online.groupby([pilot, after]).mean()
    # A cell has at least 1,000 dossiers: an SD below 1.6 points, 2.3 for a difference.
    assert 100 * (share[True, True] - share[True, False]) == pytest.approx(20, abs=4 * 2.3)
    assert 100 * (share[False, True] - share[False, False]) == pytest.approx(0, abs=4 * 0.7)
