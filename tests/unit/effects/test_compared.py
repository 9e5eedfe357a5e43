from __future__ import annotations

import numpy as np
import pandas as pd
import provinces
import pytest

from commune_pilots.effects.compared import about_arms, compared_rows
from commune_pilots.effects.did_within import within_district

HOW = {"indicator": "online_share", "alpha": provinces.ALPHA, "seed": provinces.SEED}


def _rows(tables):
    return pd.DataFrame(compared_rows(provinces.arms(tables), **HOW))


def _method(rows, name):
    return rows[rows["method"] == name].iloc[0]


@pytest.mark.parametrize(
    ("make", "level"),
    [
        (lambda one: one, "C1"),
        (provinces.staggered, "C2"),
        (lambda one: provinces.with_pilots(one, 2), "C3"),
        (lambda one: provinces.with_pilots(one, 3), "C1"),
    ],
)
def test_the_level_follows_from_pilots_and_start_dates(make, level):
    assert about_arms(provinces.arms(make(provinces.province())), **HOW).level == level


def test_without_comparison_there_is_nothing_to_say():
    tables = provinces.province()
    arms = provinces.arms({**tables, "pilots": tables["pilots"].iloc[:0]})
    with pytest.raises(ValueError, match="no pilots beside"):
        about_arms(arms, **HOW)


def test_the_answer_rests_on_the_choice_of_pilots_and_placebo_errors_on_like_shocks():
    rows = _rows(provinces.province())
    assert "A16" in rows.iloc[0]["assumptions"].split(";")
    assert "A17" in _method(rows, "conley_taber")["assumptions"].split(";")
    assert "A16" not in _method(rows, "district_t")["assumptions"].split(";")


def test_the_t_of_districts_is_that_of_each_pilot_within_its_district():
    tables = provinces.province()
    row = _method(_rows(tables), "district_t")
    by_hand = within_district(provinces.arms(tables).wide).effect
    assert row["estimate"] == pytest.approx(by_hand.estimate)
    assert row["std_error"] == pytest.approx(by_hand.std_error)


def test_one_start_date_gives_one_number_by_collapse_imputation_and_two_way():
    rows = _rows(provinces.undistricted(provinces.province()))
    values = [_method(rows, name)["estimate"] for name in ("welch", "imputation", "two_way")]
    assert values == pytest.approx([rows.iloc[0]["estimate"]] * 3)


def test_four_pilots_get_no_wild_bootstrap_and_eight_do():
    few = _rows(provinces.with_pilots(provinces.province(), 4))
    assert _method(few, "wild_bootstrap")["refused"] == "few_treated"
    many = _rows(provinces.province())
    assert _method(many, "wild_bootstrap")["answer"] == "told_apart"


def test_few_comparison_communes_get_no_placebo_errors():
    tables = provinces.province()
    others = sorted(set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables)))
    rows = _rows(provinces.without(provinces.undistricted(tables), others[:8]))
    assert _method(rows, "conley_taber")["refused"] == "few_comparison"


def test_the_base_month_is_left_out_and_every_other_month_told():
    rows = _rows(provinces.province())
    times = rows.loc[rows["method"] == "event_time", "at"].tolist()
    assert sorted(times) == [at for at in range(-18, 12) if at != -1]


def test_one_month_of_many_never_carries_more_than_a_low_grade():
    rows = _rows(provinces.province())
    months = rows[rows["method"] == "event_time"]
    assert set(months["grade"]) <= {"none", "low"}
    assert (months["answer"] == "told_apart").any()


def test_log_odds_stand_beside_shares_near_the_ceiling_only():
    tables = provinces.province()
    assert "quasi_binomial" not in set(_rows(tables)["method"])
    panel = tables["panel"]
    high = panel.assign(numerator=panel["denominator"] - panel["numerator"] // 5)
    row = _method(_rows({**tables, "panel": high}), "quasi_binomial")
    assert row["estimate"] < 0
    few = provinces.with_pilots({**tables, "panel": high}, 4)
    assert _method(_rows(few), "quasi_binomial")["refused"] == "few_units"


def test_start_dates_of_their_own_are_averaged_over_event_times():
    rows = _rows(provinces.staggered(provinces.province()))
    assert rows.iloc[0]["method"] == "start_dates_district"
    assert np.isfinite(_method(rows, "within_district_t")["estimate"])
    assert "district_t" not in set(rows["method"])
