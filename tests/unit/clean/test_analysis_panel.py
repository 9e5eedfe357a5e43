from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn import table

from commune_pilots import schemas
from commune_pilots.clean.analysis_panel import COLUMNS, build_panel

CODES = ("00001", "00002", "00003", "00004")
MONTHS = pd.date_range("2023-01-01", "2023-06-01", freq="MS")


def _units():
    rows = "\n".join(f"{code}  Xã{code}  001  district  commune  xã" for code in CODES)
    header = "code  name  parent  parent_level  level  type\n"
    return table(header + rows, of="units", province="99")


def _pilots(*rows):
    header = "unit  programme  opened  opened_precision  arm  source\n"
    return table(header + "\n".join(rows), of="pilots")


PILOTS = _pilots("00001  p1  2023-03-01  day  pilot  s1", "00002  p1  2023-04-10  day  pilot  s1")


def _panel(*, codes=CODES, numerator=30, denominator=120, definition="online_a"):
    rows = [
        {
            "source": "s1", "unit": code, "indicator": "online_share", "definition": definition,
            "period_start": month, "period_end": month + pd.offsets.MonthEnd(0),
            "numerator": numerator, "denominator": denominator, "file": "drawn", "row": 2 + at,
        }
        for code in codes
        for at, month in enumerate(MONTHS)
    ]  # fmt: skip
    return schemas.build(rows, "panel")


def _built(panel, *, pilots=PILOTS, balanced=True):
    return build_panel(panel, _units(), pilots, definition="online_a", balanced=balanced)


def _reasons(built):
    return dict(zip(built.dropped["reason"], built.dropped["rows"], strict=True))


def test_months_are_told_by_how_they_stand_to_their_unit_s_start():
    found = _built(_panel())
    own = found.panel.set_index("unit")
    assert list(found.panel.columns) == list(COLUMNS)
    assert own.loc["00001", "event_time"].tolist() == [-2, -1, 0, 1, 2, 3]
    assert own.loc["00001", "treated"].tolist() == [False] * 2 + [True] * 4
    assert own.loc["00002", "event_time"].tolist() == [-4, -3, -2, -1, 0, 1]
    assert own.loc["00002", "opening"].tolist() == [False] * 3 + [True] + [False] * 2
    assert own.loc["00002", "comparison"].tolist()[:3] == ["not_yet_treated"] * 3
    assert own.loc["00002", "comparison"].iloc[3:].isna().all()
    assert own.loc["00003", "comparison"].tolist() == ["never_treated"] * 6
    assert own.loc["00003", ["cohort", "event_time"]].isna().all(axis=None)
    assert not own.loc["00003", ["treated", "opening"]].any(axis=None)
    assert found.panel["share"].tolist() == [25.0] * 24
    assert found.dropped.empty


def test_the_longest_opening_is_what_estimators_must_leave_out():
    assert _built(_panel()).anticipation == 1
    sharp = _pilots("00001  p1  2023-03-01  day  pilot  s1")
    assert _built(_panel(), pilots=sharp).anticipation == 0
    assert _built(_panel(), pilots=_pilots()).anticipation == 0


def test_rows_of_another_definition_never_enter():
    both = pd.concat([_panel(), _panel(definition="online_b")], ignore_index=True)
    found = _built(both)
    assert _reasons(found) == {"other_definition": 24}
    assert len(found.panel) == 24
    assert found.definition == "online_a"


def test_an_unknown_definition_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"online_z.*online_a"):
        build_panel(_panel(), _units(), PILOTS, definition="online_z", balanced=True)


def test_unknown_counts_and_empty_months_are_left_out_and_counted():
    panel = _panel()
    panel.loc[0, "numerator"] = pd.NA
    panel.loc[[7, 8], ["numerator", "denominator"]] = 0
    found = _built(panel, balanced=False)
    assert _reasons(found) == {"count_unknown": 1, "no_dossiers": 2}
    assert len(found.panel) == 21
    assert not found.balanced


def test_a_balanced_panel_keeps_only_units_with_every_month():
    panel = _panel().drop(index=[20]).reset_index(drop=True)
    found = _built(panel)
    assert _reasons(found) == {"months_missing": 5}
    assert found.panel["unit"].unique().tolist() == ["00001", "00002", "00003"]
    assert _reasons(_built(panel, balanced=False)) == {}


def test_a_unit_without_a_month_before_its_start_is_left_out():
    pilots = _pilots(
        "00001  p1  2023-01-20  day  pilot  s1", "00002  p1  2023-04-01  day  pilot  s1"
    )
    assert _reasons(_built(_panel(), pilots=pilots)) == {"no_month_before": 6}
    late = _panel()
    late = late[(late["unit"] != "00002") | (late["period_start"] >= "2023-04-01")]
    found = _built(late.reset_index(drop=True), pilots=pilots, balanced=False)
    assert _reasons(found) == {"no_month_before": 9}


def test_a_start_behind_the_last_month_leaves_a_unit_not_yet_treated():
    pilots = _pilots("00001  p1  2024-03-01  day  pilot  s1")
    own = _built(_panel(), pilots=pilots).panel.set_index("unit").loc["00001"]
    assert own["comparison"].tolist() == ["not_yet_treated"] * 6
    assert own["event_time"].tolist() == [-14, -13, -12, -11, -10, -9]


def test_every_row_is_kept_or_counted_once(rng):
    panel = pd.concat([_panel(), _panel(definition="online_b")], ignore_index=True)
    panel = panel[rng.random(len(panel)) > 0.1].reset_index(drop=True)
    panel.loc[rng.random(len(panel)) < 0.1, "numerator"] = pd.NA
    panel.loc[rng.random(len(panel)) < 0.2, "unit"] = "77777"
    for balanced in (True, False):
        found = _built(panel.drop_duplicates(["unit", "period_start"]), balanced=balanced)
        rows = panel.drop_duplicates(["unit", "period_start"])
        assert len(found.panel) + int(found.dropped["rows"].sum()) == len(rows)


def test_two_rows_of_one_unit_and_month_are_refused():
    twice = pd.concat([_panel(), _panel().head(1)], ignore_index=True)
    with pytest.raises(ValueError, match="two rows in one month"):
        _built(twice)


def test_tables_are_left_as_they_were():
    panel, before = _panel(), _panel()
    _built(panel)
    pd.testing.assert_frame_equal(panel, before)


def test_reasons_keep_the_contract_of_dropped():
    found = _built(_panel().drop(index=[20]).reset_index(drop=True))
    assert schemas.check(found.dropped, "dropped")["table"].tolist() == ["panel"]


def test_shares_are_per_cent_of_the_counts():
    found = _built(_panel(numerator=1, denominator=3)).panel
    assert found["share"].to_numpy() == pytest.approx(np.full(24, 100 / 3))
