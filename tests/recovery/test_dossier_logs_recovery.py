"""From a dirty simulated log of dossiers back to the step that was drawn into it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from logs import simulated, truth, units

from commune_pilots.clean.log_definitions import from_log
from commune_pilots.clean.validity import by_day, check_log, filings
from commune_pilots.runs.dossier_logs import judge_log, panel_of
from commune_pilots.sources.log_engine import connect, read_log

pytestmark = pytest.mark.slow  # thousands of dossiers are drawn and judged

PILOTS = ("28159", "28237", "27691", "01837", "02017", "01912", "02071", "02122")
IDS = ("online_a_received", "online_b_received", "online_d_received")
STEP = truth(rows=60_000, dirt=0.1, pilots=PILOTS, step=20.0)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    for table in simulated(STEP, 25_000):
        pq.write_table(table, folder / table["file"][0].as_py())
    engine = connect(memory="1GB", threads=2)
    return engine, read_log(engine, folder, shown="logs"), folder


@pytest.fixture(scope="module")
def panel(log):
    engine, found, folder = log
    judged = judge_log(
        engine, found, units=units(), definitions=IDS, as_of=STEP.drawn, rejected=folder / "out"
    )
    before = dt.date(2025, 6, 30)
    return panel_of(judged, IDS, source="sim", file="log", simulated=True, until=before)


def _rates(panel, definition):
    own = panel[(panel["definition"] == definition) & panel["numerator"].notna()]
    sides = [
        own["unit"].isin(PILOTS).rename("pilot"),
        (own["period_start"] >= pd.Timestamp(STEP.opened)).rename("after"),
    ]
    cells = own.groupby(["unit", *sides])[["numerator", "denominator"]].sum()
    return (100 * cells["numerator"] / cells["denominator"]).unstack("after").astype(float)


def test_the_step_of_the_pilot_is_recovered_through_the_dirt(panel):
    rates = _rates(panel, "online_a_received")
    gain = (rates[True] - rates[False]).groupby("pilot")
    step = gain.mean()[True] - gain.mean()[False]
    error = np.sqrt((gain.var() / gain.size()).sum())
    assert error < 1.5
    assert step == pytest.approx(20.0, abs=3 * error)


def test_the_same_log_shows_the_gap_between_definitions(panel):
    rates = {name: _rates(panel, name)[False].mean() for name in IDS}
    # By construction helpers file 35 in 100 of the online dossiers, and 3 in 100 come by post.
    assert rates["online_d_received"] / rates["online_a_received"] == pytest.approx(0.65, abs=0.03)
    assert rates["online_b_received"] > rates["online_a_received"]


def test_helpers_with_few_accounts_at_the_desk_are_seen(log, panel):
    _, found, _ = log
    filed = filings(found.table).to_pyarrow().to_pandas()
    days = by_day(found.table).to_pyarrow().to_pandas()
    told = check_log(filed, days, panel, subject="sim").set_index("check")
    assert told.loc["assisted_share", "statistic"] == pytest.approx(35, abs=2)
    assert told.loc["dossiers_per_account", "statistic"] == pytest.approx(35, abs=3)
    # Helpers at the desk, and of the owners' 17 hours a day 7.5: 35 + 65 x 44/100 of week days.
    assert told.loc["counter_hours", "statistic"] == pytest.approx(61, abs=4)
    assert told.loc["period_end_bunching", "outcome"] == "passed"
    assert from_log(IDS)[0].basis == "received"
