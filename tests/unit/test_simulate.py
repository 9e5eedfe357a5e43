from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, simulate
from commune_pilots.effects.pairing import agreed
from commune_pilots.sources.press import check_press


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


def test_simulated_and_press_communes_share_no_code(press_tables):
    simulated = set(_drawn()["units"]["code"]) - {"VN"}
    assert simulated.isdisjoint(press_tables["units"]["code"])
