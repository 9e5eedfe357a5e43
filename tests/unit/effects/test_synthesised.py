from __future__ import annotations

import numpy as np
import pandas as pd
import provinces
import pytest

from commune_pilots.effects import synthesised
from commune_pilots.effects.compared import about_arms
from commune_pilots.effects.synthesised import pool_of, synthesised_rows

HOW = {"indicator": "online_share", "alpha": provinces.ALPHA, "seed": provinces.SEED}


@pytest.fixture(scope="module")
def arms():
    tables = provinces.with_pilots(provinces.province(), 2)
    others = sorted(set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables)))
    return provinces.arms(provinces.without(tables, others[12:]))


def _rows(arms):
    return pd.DataFrame(synthesised_rows(arms, about_arms(arms, **HOW)))


def test_donors_are_nobody_s_pilot_and_near(arms):
    pilot = int(np.flatnonzero(arms.treated)[0])
    shares, start, dropped = pool_of(arms, pilot)
    before = shares.iloc[:, :start].mean(axis=1)
    name = str(arms.wide.units[pilot])
    other = set(map(str, arms.wide.units[arms.treated])) - {name}
    assert start == 18
    assert not other & set(shares.index)
    assert dict(dropped.to_numpy())[other.pop()] == "pilot"
    assert (abs(before - before[name]) <= synthesised.FAR).all()


def test_of_many_donors_the_nearest_stay(arms, monkeypatch):
    pilot = int(np.flatnonzero(arms.treated)[0])
    whole, start, _ = pool_of(arms, pilot)
    monkeypatch.setattr(synthesised, "MOST_DONORS", 4)
    few, _, _ = pool_of(arms, pilot)
    name = str(arms.wide.units[pilot])
    apart = abs(whole.iloc[:, :start].mean(axis=1) - whole.loc[name].iloc[:start].mean())
    assert set(few.index) == set(apart.sort_values().index[:5])


def test_each_pilot_has_both_ways_with_the_rank_among_its_donors(arms):
    rows = _rows(arms)
    assert rows.groupby("unit")["method"].agg(set).tolist() == [set(synthesised.METHODS)] * 2
    told = rows[rows["answer"] != "refused"]
    assert told["smallest_p"].tolist() == pytest.approx((1 / (told["n_comparison"] + 1)).tolist())
    assert (told["n_treated"] == 1).all()
    assert told["effect"].is_unique


def test_few_donors_decide_nothing_at_five_per_cent(arms):
    rows = _rows(arms)
    assert (rows["n_comparison"] < 19).all()
    assert set(rows["answer"]) <= {"not_decidable", "refused"}


def test_a_short_series_is_refused_with_its_reason():
    tables = provinces.with_pilots(provinces.province(), 1)
    late = tables["panel"][tables["panel"]["period_start"] >= "2022-01-01"]
    rows = _rows(provinces.arms({**tables, "panel": late}))
    assert set(rows["refused"]) == {"too_few_months"}
