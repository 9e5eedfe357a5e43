from __future__ import annotations

import pandas as pd
import provinces

from commune_pilots import schemas
from commune_pilots.effects.balance import COLUMNS, balance, before_treatment
from commune_pilots.effects.described import COVARIATES, KEY, differ_before, left_out


def _before(tables):
    return differ_before(tables["panel"], tables["units"], tables["pilots"])


def _left_out(tables):
    return left_out(tables["panel"], tables["units"], tables["pilots"], language="vi")


def test_pilots_and_the_others_are_compared_before_the_start():
    tables = provinces.province()
    found = _before(tables)
    assert found["covariate"].tolist() == list(COVARIATES)
    before = before_treatment(provinces.arms(tables).panel.panel)
    by_hand = balance(before, covariates=COVARIATES)
    pd.testing.assert_frame_equal(found[list(COLUMNS)], by_hand)


def test_a_campaign_everywhere_and_a_province_without_pilots_compare_nobody():
    tables = provinces.province()
    for one in (provinces.campaign(), {**tables, "pilots": tables["pilots"].iloc[:0]}):
        found = _before(one)
        assert found.empty
        assert list(found) == [*KEY, *COLUMNS]


def test_rows_left_out_are_counted_with_their_reason_in_words():
    tables = provinces.province()
    panel = tables["panel"].copy()
    panel.loc[panel.index[:3], "unit"] = "00000"
    panel.loc[panel.index[5], ["numerator", "denominator"]] = pd.NA
    found = _left_out({**tables, "panel": panel}).set_index("reason")
    assert found["rows"].to_dict() == {"unit_unknown": 3, "count_unknown": 1}
    assert found.loc["unit_unknown", "in_words"] == "mã không có trong danh mục đơn vị"


def test_no_counts_are_nothing_to_describe():
    tables = {**provinces.province(), "panel": schemas.empty("panel")}
    assert _before(tables).empty
    assert list(_left_out(tables)) == [*KEY, "reason", "rows", "in_words"]


def test_another_definition_is_not_a_row_left_out():
    tables = provinces.province()
    both = pd.concat([tables["panel"], tables["panel"].assign(definition="other")])
    assert _left_out({**tables, "panel": both.reset_index(drop=True)}).empty
