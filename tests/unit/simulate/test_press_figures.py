from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.special import expit

from commune_pilots import schemas, simulate
from commune_pilots.effects.pairing import agreed
from commune_pilots.scaling.candidates import project
from commune_pilots.sources.press import check_press

# What seed 5 prints for the pilot communes: drawn before there were candidates.
BEFORE_CANDIDATES = ["21,04", "68,72", "22,59", "73,72", "20,12", "66,51", "20,42", "72,57"]
# And what it draws for the first candidates: before there were counts by month.
BEFORE_MONTHS = [51.9, 58.3, 72.8, 82.7]


@cache
def _drawn(seed=5):
    return simulate.press_tables(rng=np.random.default_rng(seed))


def _counts(notes):
    return notes.str.extract(r"simulated: (?P<count>\d+) of (?P<total>\d+)").astype(int)


def test_simulated_tables_keep_every_contract():
    tables = _drawn()
    assert set(tables) == set(schemas.RAW_TABLES)
    for name, frame in tables.items():
        assert schemas.check(frame, name) is frame


def test_simulated_tables_pass_the_checks_of_press_tables(indicators):
    assert check_press(_drawn(), indicators, shown="simulated") == []


def test_simulated_counts_print_their_percentages():
    found = _drawn()["observations"]
    assert found["denominator"].notna().any()
    assert_frame_equal(agreed(found, rounding="nearest"), found)


def test_every_commune_has_one_figure_before_and_one_after(rng):
    found = simulate.press_tables(communes=3, rng=rng)["observations"]
    assert found.groupby("unit")["role"].agg(list).tolist() == [["before", "after"]] * 3


def test_what_is_printed_is_the_share_of_the_counts_in_the_note(rng):
    found = simulate.press_tables(communes=30, rng=rng)["observations"]
    counts = _counts(found["note"])
    exact = 100 * counts["count"] / counts["total"]
    assert (found["value"] - exact).abs().max() <= 0.005 + 1e-9
    assert found["printed"].tolist() == [f"{v:.2f}".replace(".", ",") for v in found["value"]]


@pytest.mark.parametrize("counted", [0, 2])
def test_the_last_communes_print_their_counts_as_well(rng, counted):
    found = simulate.press_tables(communes=3, counted=counted, rng=rng)["observations"]
    printed = found["denominator"].notna()
    assert printed.tolist() == [False] * (6 - 2 * counted) + [True] * (2 * counted)
    assert printed.equals(found["numerator"].notna())
    counts = _counts(found.loc[printed, "note"]).astype("Int64")
    assert found.loc[printed, "numerator"].equals(counts["count"].rename("numerator"))
    assert found.loc[printed, "denominator"].equals(counts["total"].rename("denominator"))


def test_yearly_dossiers_lie_within_the_limits_given(rng):
    found = simulate.press_tables(communes=60, least=50, most=60, rng=rng)["observations"]
    totals = _counts(found["note"])["total"]
    assert (totals.min(), totals.max()) == (50, 60)


def test_shares_move_by_the_true_difference(rng):
    found = simulate.press_tables(communes=400, before=0.2, after=0.7, rng=rng)["observations"]
    means = found.groupby("role")["value"].mean()
    # One share has a deviation of at most 50/sqrt(200) = 3.5 points; 400 of them, 0.18.
    assert means["before"] == pytest.approx(20, abs=4 * 0.18)
    assert means["after"] == pytest.approx(70, abs=4 * 0.18)


def test_the_same_seed_draws_the_same_tables():
    again = simulate.press_tables(rng=np.random.default_rng(5))
    for name, frame in _drawn(5).items():
        assert_frame_equal(frame, again[name])


def test_another_seed_draws_other_figures():
    first, second = (_drawn(seed)["observations"] for seed in (5, 6))
    assert first["printed"].tolist() != second["printed"].tolist()


def test_everything_simulated_says_so():
    tables = _drawn()
    named = tables["units"].query("code != 'VN'")["name"]
    assert named.str.contains(simulate.LABEL_VI).all()
    assert tables["observations"]["note"].str.startswith("simulated").all()
    assert tables["sources"]["kind"].tolist() == ["simulated"]
    assert tables["decisions"]["question_en"].str.contains("simulated").all()
    assert tables["interventions"]["name_vi"].str.contains(simulate.LABEL_VI).all()
    assert tables["candidates"]["name"].str.contains(simulate.LABEL_VI).all()
    assert tables["candidates"]["note"].eq("simulated").all()
    assert tables["panel"]["note"].eq("simulated").all()
    assert tables["panel"]["source"].eq("sim").all()


def test_simulated_and_press_communes_share_no_code(press_tables):
    simulated = set(_drawn()["units"]["code"]) - {"VN"} | set(_drawn()["candidates"]["candidate"])
    assert simulated.isdisjoint(press_tables["units"]["code"])
    assert simulated.isdisjoint(press_tables["candidates"]["candidate"])


@pytest.mark.parametrize("communes", [1, 3, 4, 30])
def test_up_to_four_candidates_contain_a_pilot_commune_each(rng, communes):
    tables = simulate.press_tables(communes=communes, rng=rng)
    formers = tables["candidates"]["formers"].str.split(";").explode()
    assert formers.is_unique
    held = formers[formers.isin(tables["pilots"]["unit"])]
    assert held.tolist() == tables["pilots"]["unit"].tolist()[:4]
    assert held.index.tolist() == list(range(min(4, communes)))


def test_candidates_are_known_in_full_and_under_the_definition_of_the_pilots():
    tables = _drawn()
    known = tables["candidates"].drop(columns="note")
    assert len(known) == 12
    assert known.notna().all(axis=None)
    assert set(known["definition"]) == set(tables["observations"]["definition"])


@pytest.mark.parametrize("seed", range(5))
def test_some_candidates_are_like_the_pilots_units_and_some_are_not(seed):
    tables = _drawn(seed)
    found = project(
        tables["candidates"], tables["pilots"], definition="online_level34_assisted"
    ).set_index("candidate")["support"]
    assert found.iloc[:4].eq("inside").all()
    assert found.iloc[4:9].eq("inside").any()
    assert found.iloc[9:].eq("outside").all()


def test_the_share_filed_online_rises_with_internet_by_the_stated_rule():
    known = _drawn()["candidates"]
    exact = 100 * expit(-4 + 0.04 * known["internet_share"])
    # Internet is rounded to 0.1 after the share was computed: at most 0.05 * 0.04 logits off.
    assert (known["online_share"] - exact).abs().max() <= 100 * 0.25 * 0.002 + 0.005
    assert known.sort_values("internet_share")["online_share"].is_monotonic_increasing


def test_drawing_the_months_moves_no_other_number():
    assert _drawn(5)["candidates"]["internet_share"].tolist()[:4] == BEFORE_MONTHS


@pytest.mark.parametrize("communes", [1, 4, 7])
def test_every_pilot_commune_has_24_months_before_its_start_and_12_after(rng, communes):
    tables = simulate.press_tables(communes=communes, rng=rng)
    opened = tables["pilots"].set_index("unit")["opened"]
    for unit, months in tables["panel"].groupby("unit"):
        starts = months["period_start"]
        assert starts.tolist() == list(pd.date_range("2020-01-01", periods=36, freq="MS"))
        assert (int((starts < opened[unit]).sum()), int((starts >= opened[unit]).sum())) == (24, 12)
    assert set(tables["panel"]["unit"]) == set(opened.index)


def test_the_months_of_a_year_add_up_to_the_counts_of_the_year():
    tables = _drawn()
    panel, figures = tables["panel"], tables["observations"]
    added = panel.groupby([panel["unit"], panel["period_start"].dt.year])[
        ["numerator", "denominator"]
    ].sum()
    years = zip(figures["unit"], figures["period_start"].dt.year, strict=True)
    counts = _counts(figures["note"])
    assert added.loc[list(years)].to_numpy().tolist() == counts.to_numpy().tolist()


def test_the_year_before_the_first_figure_has_the_share_before(rng):
    panel = simulate.press_tables(communes=60, before=0.2, rng=rng)["panel"]
    early = panel[panel["period_start"].dt.year == 2020][["numerator", "denominator"]].sum()
    # About 30,000 dossiers: a standard error of 0.23 points.
    assert 100 * early["numerator"] / early["denominator"] == pytest.approx(20, abs=4 * 0.23)


def test_no_month_has_more_filed_online_than_there_were():
    panel = _drawn()["panel"]
    assert (panel["numerator"] <= panel["denominator"]).all()


def test_fewer_dossiers_come_in_the_month_of_tet_and_shares_follow_the_season(rng):
    panel = simulate.press_tables(communes=80, rng=rng)["panel"]
    months = panel.groupby(panel["period_start"].dt.month)[["numerator", "denominator"]].sum()
    others = months["denominator"].drop(2).mean()
    assert months.loc[2, "denominator"] / others == pytest.approx(0.6, abs=0.05)
    shares = months["numerator"] / months["denominator"]
    assert shares.loc[3:5].mean() > shares.loc[9:11].mean() + 0.03


def test_the_simulated_measure_moves_no_check(indicators):
    tables = _drawn()
    (event,) = tables["events"].to_dict("records")
    assert event["name_vi"].endswith(f"({simulate.LABEL_VI})")
    assert event["date_end"] < tables["observations"]["period_start"].min()


def test_drawing_the_candidates_moves_no_other_number():
    found = _drawn(5)["observations"]
    assert found["printed"].tolist() == BEFORE_CANDIDATES
