from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from commune_pilots.simulate.filed import draw_columns

SIZE = 8_000
DRAWN = dt.date(2024, 4, 1)


@pytest.fixture
def drawn(rng):
    day = np.repeat(np.datetime64("2024-03-04"), SIZE)  # a Monday
    columns = draw_columns(
        day, np.arange(SIZE) % 5, online=np.full(SIZE, 0.5), drawn=DRAWN, people=1_000, rng=rng
    )
    return pa.table(columns).to_pandas()


def test_the_chance_of_online_filing_is_the_one_given(drawn):
    # The SD of a share of 8,000 dossiers is 0.56 points.
    assert 100 * drawn["channel"].eq("online").mean() == pytest.approx(50, abs=4 * 0.56)


def test_days_follow_each_other(drawn):
    done = drawn[drawn["completed"].notna()]
    assert (done["received"] < done["completed"]).all()
    assert (drawn["received"] < drawn["due"]).all()
    handed = drawn[drawn["returned"].notna()]
    assert (handed["completed"] <= handed["returned"]).all()
    assert set(handed["status"]) == {10}
    assert set(done["status"]) == {9, 10}


def test_most_are_done_in_time(drawn):
    done = drawn[drawn["completed"].notna()]
    late = done["completed"].dt.normalize() > done["due"].dt.normalize()
    assert 0.03 < late.mean() < 0.09


def test_a_refusal_does_not_hang_on_the_channel(drawn):
    refused = drawn["status"].isin([1, 3]).groupby(drawn["channel"].eq("online")).mean()
    assert refused.max() < 0.03
    assert abs(refused[True] - refused[False]) < 0.01


def test_counters_file_in_their_hours_and_owners_at_any(drawn):
    hour = drawn["received"].dt.hour + drawn["received"].dt.minute / 60
    desk = hour.between(7.5, 11.5) | hour.between(13.5, 17)
    assert desk[drawn["channel"] != "online"].all()
    own = (drawn["channel"] == "online") & (drawn["filer"] == "owner")
    assert 0.3 < desk[own].mean() < 0.6


def test_helpers_have_few_accounts_and_owners_many(drawn):
    online = drawn[drawn["channel"] == "online"]
    accounts = online.groupby("filer")["account"].nunique()
    assert accounts["somebody_else"] <= 5 * 3
    assert accounts["owner"] > 500
    assert online["account"].str.fullmatch("[0-9a-f]{16}").all()
    assert drawn.loc[drawn["channel"] != "online", "account"].isna().all()


def test_parts_never_exceed_their_whole_and_only_fees_are_paid(drawn):
    assert (drawn["components_digitised"] <= drawn["components"]).all()
    assert (drawn["components_reused"] <= drawn["components"]).all()
    assert (drawn["fee_paid"] <= drawn["fee_due"]).all()
    assert drawn["paid"].notna().equals(drawn["fee_due"] > 0)


def test_what_is_not_done_when_the_log_is_drawn_is_in_process(rng):
    day = np.repeat(np.datetime64(DRAWN), 300)
    columns = draw_columns(
        day, np.zeros(300, int), online=np.ones(300), drawn=DRAWN, people=10, rng=rng
    )
    status = pd.Series(columns["status"].to_pylist())
    assert status.eq(4).mean() > 0.5
