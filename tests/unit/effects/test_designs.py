from __future__ import annotations

import numpy as np
import pandas as pd
import provinces
import pytest

from commune_pilots import assumptions, schemas
from commune_pilots.catalogue import has
from commune_pilots.effects.designs import STRENGTH, arms_by_definition
from commune_pilots.effects.evidence import GRADES

pytestmark = pytest.mark.slow  # every design is estimated over all choices of pilots

TABLES = {
    "districts": lambda: provinces.province(),
    "any": lambda: provinces.undistricted(provinces.with_pilots(provinces.province(), 4)),
    "two": lambda: provinces.with_pilots(provinces.province(), 2),
    "one": lambda: provinces.with_pilots(provinces.province(), 1),
    "dates": lambda: provinces.staggered(provinces.province()),
    "dates_any": lambda: provinces.undistricted(provinces.staggered(provinces.province())),
    "campaign": provinces.campaign,
    "wednesdays": provinces.wednesdays,
    "nobody": lambda: {
        **provinces.province(), "pilots": provinces.province()["pilots"].iloc[:0],
    },
    "gaps": lambda: {
        **provinces.province(), "panel": provinces.province()["panel"].iloc[1::2],
    },
}  # fmt: skip


class _Found(dict):
    """Tables of effects, each estimated when first asked for."""

    def __missing__(self, name):
        self[name] = provinces.estimated(TABLES[name]())
        return self[name]


@pytest.fixture(scope="module")
def found():
    return _Found()


def _cell(found, name, method, column):
    rows = found[name]
    return rows.loc[rows["method"] == method, column].iloc[0]


@pytest.mark.parametrize(
    ("name", "level", "method", "design"),
    [
        ("districts", "C1", "permutation_district", "series_comparison"),
        ("any", "C1", "permutation", "series_comparison"),
        ("two", "C3", "rank_district", "comparison"),
        ("one", "C3", "rank", "comparison"),
        ("dates", "C2", "start_dates_district", "series_comparison"),
        ("dates_any", "C2", "start_dates", "series_comparison"),
        ("campaign", "C4", "interrupted", "trend_adjusted"),
        ("wednesdays", "C4", "interrupted", "trend_adjusted"),
        ("nobody", "C1", "permutation", "comparison"),
    ],
)
def test_the_ladder_chooses_by_who_started_when(found, name, level, method, design):
    first = found[name].iloc[0]
    assert first["primary"]
    assert (first["level"], first["method"], first["design"]) == (level, method, design)


@pytest.mark.parametrize("name", TABLES)
def test_one_row_is_primary_and_no_row_is_graded_above_it(found, name):
    rows = found[name]
    assert rows["primary"].sum() == 1
    ranks = rows["grade"].map(GRADES.index)
    assert (ranks <= ranks.iloc[0]).all()


@pytest.mark.parametrize("name", TABLES)
def test_rows_stand_by_strength_and_then_by_event_time(found, name):
    rows = found[name].iloc[1:]
    assert rows["level"].map(STRENGTH.index).is_monotonic_increasing
    assert rows.loc[rows["method"] == "event_time", "at"].is_monotonic_increasing


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_worded_and_rests_on_listed_assumptions(found, name):
    for row in found[name].to_dict("records"):
        assert has(f"effect.method.{row['method']}")
        assert has(f"effect.estimand.{row['estimand']}")
        assert has(f"effect.answer.{row['answer']}")
        assert has(f"effect.assumption.{row['level']}")
        assert pd.isna(row["refused"]) or has(f"effect.refused.{row['refused']}")
        assert set(row["assumptions"].split(";")) <= set(assumptions.load())


@pytest.mark.parametrize("name", TABLES)
def test_no_p_value_is_below_what_the_design_could_reach(found, name):
    rows = found[name]
    told = rows[rows["estimate"].notna()]
    assert told["smallest_p"].notna().all()
    permuted = told[told["primary"] & told["level"].isin(["C1", "C2", "C3"])]
    assert (permuted["p_value"] >= permuted["smallest_p"]).all()


def test_a_known_effect_is_found_and_held(found):
    first = found["districts"].iloc[0]
    assert first["conf_low"] < 9.0 < first["conf_high"]
    assert (first["answer"], first["grade"]) == ("told_apart", "high")
    assert (first["n_treated"], first["n_comparison"]) == (8, 24)


def test_weaker_designs_stand_beside_it(found):
    beside = set(found["districts"]["method"])
    assert {"district_t", "conley_taber", "wild_bootstrap", "group_time", "imputation",
            "two_way", "event_time"} <= beside  # fmt: skip


def test_two_way_effects_of_several_dates_are_only_a_warning(found):
    assert _cell(found, "dates", "two_way", "refused") == "mixes_dates"
    assert _cell(found, "districts", "two_way", "answer") == "told_apart"


@pytest.mark.parametrize("name", ["one", "two"])
def test_one_or_two_pilots_get_no_t_and_a_synthetic_commune_each(found, name):
    rows = found[name]
    refused = rows[rows["method"].isin(["two_way", "group_time", "imputation", "event_time"])]
    assert set(refused["refused"]) == {"few_treated"}
    assert refused["p_value"].isna().all()
    made = rows[rows["method"] == "synthetic_did"]
    assert len(made) == {"one": 1, "two": 2}[name]
    assert set(made["unit"]) <= set(provinces.pilots_of(provinces.province()))
    assert (made["n_treated"] == 1).all()


def test_a_campaign_everywhere_says_why_it_has_no_comparison(found):
    assert _cell(found, "campaign", "permutation", "refused") == "no_comparison"
    assert found["campaign"].iloc[0]["at"] == 12
    assert _cell(found, "campaign", "newey_west", "refused") == "too_sure"
    assert _cell(found, "campaign", "forecast", "refused") == "events_known"


def test_five_weekdays_decide_nothing(found):
    row = found["wednesdays"].set_index("method").loc["weekday"]
    assert (row["answer"], row["smallest_p"], row["grade"]) == ("not_decidable", 0.2, "none")
    assert row["conf_low"] < 10.0 < row["conf_high"]


def test_gaps_refuse_what_needs_every_month_and_nothing_else(found):
    assert _cell(found, "gaps", "two_way", "refused") == "unbalanced"
    assert found["gaps"].iloc[0]["answer"] == "told_apart"


def test_nobody_treated_is_a_refusal_and_not_an_absence(found):
    assert found["nobody"].iloc[0]["refused"] == "nobody_treated"
    assert len(found["nobody"]) == 1


def test_everybody_treated_at_different_dates_is_compared_while_some_are_not_yet():
    tables = provinces.staggered(provinces.province())
    others = set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables))
    rows = provinces.estimated(provinces.without(tables, others))
    first = rows.iloc[0]
    assert (first["level"], first["method"]) == ("C2", "group_time")
    assert "start_dates_differ" in set(rows["refused"])


def test_too_few_comparison_communes_are_not_decidable_rather_than_not_significant():
    tables = provinces.with_pilots(provinces.undistricted(provinces.province()), 3)
    others = sorted(set(tables["panel"]["unit"]) - set(provinces.pilots_of(tables)))
    first = provinces.primary(provinces.without(tables, others[1:]))
    assert (first["answer"], first["smallest_p"], first["grade"]) == ("not_decidable", 0.25, "none")


@pytest.mark.parametrize(
    "taken",
    [
        lambda one: provinces.with_pilots(one, 2),
        lambda one: {**one, "panel": one["panel"].query("period_start >= '2022-05-01'")},
        lambda one: {**one, "panel": one["panel"].query("period_start < '2022-09-01'")},
        lambda one: {**one, "pilots": one["pilots"].iloc[:0]},
        lambda one: provinces.without(
            one, set(one["panel"]["unit"]) - set(provinces.pilots_of(one))
        ),
    ],
)
def test_taking_data_away_never_raises_the_grade(taken):
    whole = provinces.province()
    before, after = (provinces.primary(one)["grade"] for one in (whole, taken(whole)))
    assert GRADES.index(after) <= GRADES.index(before)


def test_two_months_are_two_periods_and_show_no_trend_before():
    tables = provinces.province()
    months = tables["panel"]["period_start"].isin(pd.to_datetime(["2022-06-01", "2022-07-01"]))
    first = provinces.primary({**tables, "panel": tables["panel"][months]})
    assert first["level"] == "B3"
    assert first["grade"] in ("none", "low")


def test_definitions_are_estimated_apart_and_indicators_as_asked():
    tables = provinces.with_pilots(provinces.province(), 3)
    other = tables["panel"].assign(definition="online_other")
    both = {**tables, "panel": pd.concat([tables["panel"], other], ignore_index=True)}
    rows = provinces.estimated(both)
    assert rows["primary"].sum() == 2
    alike = [
        own.drop(columns=["effect", "definition"]).reset_index(drop=True)
        for _, own in rows.groupby("definition")
    ]
    pd.testing.assert_frame_equal(*alike)
    assert provinces.estimated(both, indicators=["no_such"]).empty
    assert len(provinces.estimated(both, indicators=["online_share"])) == len(rows)


def test_counts_by_day_alone_are_asked_of_weekdays_alone():
    found = provinces.estimated({**provinces.wednesdays(), "panel": schemas.empty("panel")})
    assert found["method"].tolist() == ["weekday"]
    assert found["primary"].tolist() == [True]


def test_months_of_unknown_units_are_refused():
    tables = provinces.province()
    found = provinces.estimated({**tables, "panel": tables["panel"].assign(unit="00000")})
    assert found["refused"].tolist() == ["nobody_treated"]


def test_no_counts_are_no_rows():
    tables = provinces.province()
    found = provinces.estimated({**tables, "panel": schemas.empty("panel")})
    pd.testing.assert_frame_equal(found, schemas.empty("effects"))


def test_tables_are_not_changed_and_the_same_seed_gives_the_same_rows(found):
    tables = provinces.province()
    kept = {name: table.copy() for name, table in tables.items()}
    pd.testing.assert_frame_equal(provinces.estimated(tables), found["districts"])
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, kept[name])


def test_the_arms_of_each_primary_effect_are_found_again(found):
    tables = provinces.province()
    pairs = list(
        arms_by_definition(tables["panel"], tables["units"], tables["pilots"], found["districts"])
    )
    assert len(pairs) == 1
    primary, arms = pairs[0]
    assert primary["method"] == "permutation_district"
    assert int(np.sum(arms.treated)) == primary["n_treated"]
