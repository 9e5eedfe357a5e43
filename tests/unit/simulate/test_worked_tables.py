"""Raw tables around simulated counts: whole, within their contracts, and labelled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from commune_pilots import schemas
from commune_pilots.params import load_indicators
from commune_pilots.simulate import LABEL_VI
from commune_pilots.simulate.panels import campaign_series, pilot_panel, weekday_log
from commune_pilots.simulate.worked_tables import DEFINITION, PROVINCE, worked_tables
from commune_pilots.sources.panel import day_failures, panel_failures

EXAMPLES = [pilot_panel, campaign_series, weekday_log]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda make: make.__name__)
def tables(request):
    return request.param(rng=np.random.default_rng(1)).tables


def _counts(months=24):
    starts = pd.date_range("2021-01-01", periods=months, freq="MS")
    return pd.DataFrame(
        {
            "unit": np.repeat(["99001", "99002"], months),
            "month": np.tile(starts, 2),
            "numerator": 4,
            "denominator": 10,
        }
    )


def _tables(counts, **asked):
    words = {"programme": "p", "name_vi": "Tên", "name_en": "Name", "districts": {}}
    return worked_tables(
        counts, **{**words, "pilots": {"99001": pd.Timestamp(2022, 1, 1)}, **asked}
    )


def test_every_raw_table_is_there_and_keeps_its_contract(tables):
    assert set(tables) == set(schemas.RAW_TABLES)
    for name, table in tables.items():
        assert schemas.check(table, name) is table


def test_counts_pass_what_real_ones_must_pass(tables, root):
    indicators = load_indicators(root / "params" / "indicators.yml")
    assert list(panel_failures(tables["panel"], indicators, file="simulated")) == []
    assert list(day_failures(tables["days"], indicators, file="simulated")) == []


def test_codes_that_tables_name_are_units_of_the_invented_province(tables):
    known = set(tables["units"]["code"])
    for name in ("panel", "pilots", "observations", "interventions", "events", "decisions"):
        assert set(tables[name]["unit"]) <= known
    assert set(tables["units"]["province"].dropna()) == {PROVINCE}


def test_everything_simulated_says_so(tables):
    assert tables["sources"]["kind"].tolist() == ["simulated"]
    names = tables["units"].loc[tables["units"]["code"] != "VN", "name"]
    assert names.str.contains(LABEL_VI).all()
    for name in ("panel", "days", "pilots", "observations"):
        assert tables[name]["note"].str.startswith("simulated").all()
    for name, column in (("interventions", "name_vi"), ("events", "name_vi")):
        assert tables[name][column].str.contains(LABEL_VI).all()
    assert tables["interventions"]["name_en"].str.contains("simulated").all()


def test_the_years_beside_a_start_are_printed_with_their_counts():
    found = _tables(_counts())["observations"]
    assert found["unit"].tolist() == ["99001"] * 2
    assert found["role"].tolist() == ["before", "after"]
    assert found["printed"].tolist() == ["40,00", "40,00"]
    assert found["numerator"].tolist() == [48, 48]
    assert found["denominator"].tolist() == [120, 120]
    assert found["definition"].tolist() == [DEFINITION] * 2


def test_only_the_first_pilot_communes_have_printed_figures_as_in_a_newspaper():
    both = dict.fromkeys(["99001", "99002"], pd.Timestamp(2022, 1, 1))
    found = _tables(_counts(), pilots=both, printed=1)
    assert set(found["observations"]["unit"]) == {"99001"}
    assert found["pilots"]["unit"].tolist() == ["99001", "99002"]
    assert set(found["panel"]["unit"]) == {"99001", "99002"}


def test_counts_by_day_are_rows_of_their_own_in_the_order_of_unit_and_day():
    drawn = pd.DataFrame(
        {
            "unit": ["99002", "99001", "99001"],
            "day": pd.to_datetime(["2022-01-04", "2022-01-05", "2022-01-04"]),
            "numerator": [1, 2, 3],
            "denominator": [4, 5, 6],
        }
    )
    found = _tables(_counts(), days=drawn)["days"]
    assert found["unit"].tolist() == ["99001", "99001", "99002"]
    assert found["numerator"].tolist() == [3, 2, 1]
    assert found["row"].tolist() == [2, 3, 4]
    assert set(found["definition"]) == {DEFINITION}
    assert _tables(_counts())["days"].empty


def test_a_year_that_is_not_there_whole_is_not_printed():
    found = _tables(_counts(months=20))["observations"]
    assert found["role"].tolist() == ["before"]


def test_a_year_without_dossiers_is_not_printed():
    counts = _counts().assign(numerator=0, denominator=0)
    assert _tables(counts)["observations"].empty


def test_a_commune_stands_in_its_district_or_in_the_province():
    units = _tables(_counts(), districts={"99001": "9901"})["units"].set_index("code")
    assert units.loc[["99001", "99002"], "parent"].tolist() == ["9901", PROVINCE]
    assert units.loc[["99001", "99002"], "parent_level"].tolist() == ["district", "province"]
    assert units.loc["9901", "level"] == "district"


def test_counts_are_left_as_they_were():
    counts = _counts()
    before = counts.copy()
    _tables(counts)
    pd.testing.assert_frame_equal(counts, before)
