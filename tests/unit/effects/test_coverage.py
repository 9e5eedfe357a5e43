from __future__ import annotations

import pandas as pd
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.coverage import cover_pilots, map_evidence, unit_names

NAMES = {"00001": "One", "00002": "Two", "00003": "Three"}


def _pilots():
    return table(
        """
        unit   programme  opened_precision  arm         source
        00001  p          year              pilot       s1
        00002  p          year              pilot       s1
        00003  p          year              comparison  s1
        """,
        of="pilots",
    )


def _figures():
    return observations(
        """
        observation  unit   role    printed  indicator
        o1           00001  before  16,8     online_share
        o2           00001  after   98,08    online_share
        o3           00002  after   91       online_share
        o4           00002  level   50       online_share
        o5           00001  after   99,9     on_time_share
        o6           00003  after   70       digitised_share
        """
    )


def test_every_pilot_meets_every_indicator_and_blanks_stay_visible():
    found = cover_pilots(_pilots(), _figures(), NAMES)
    columns = ["unit", "indicator", "before", "after", "evidence"]
    drawn = found[columns].astype("object").where(found[columns].notna(), "-")
    assert drawn.values.tolist() == [
        ["00001", "online_share", "o1", "o2", "before_after"],
        ["00002", "online_share", "-", "o3", "after_only"],
        ["00001", "on_time_share", "-", "o5", "after_only"],
        ["00002", "on_time_share", "-", "-", "none"],
    ]
    assert found["unit_name"].tolist() == ["One", "Two", "One", "Two"]


def test_two_definitions_of_one_indicator_are_covered_apart():
    figures = _figures().iloc[:2].assign(definition=["d1", "d2"])
    found = cover_pilots(_pilots().iloc[:1], figures, NAMES)
    assert found["definition"].tolist() == ["d1", "d2"]
    assert "before_after" not in found["evidence"].tolist()


def test_a_figure_before_alone_is_no_evidence():
    found = cover_pilots(_pilots().iloc[:1], _figures().iloc[:1], NAMES)
    assert found["evidence"].tolist() == ["none"]


def test_figures_of_a_wider_scope_are_not_a_units_own():
    found = cover_pilots(_pilots(), _figures().assign(scope="pilot_communes"), NAMES)
    assert_frame_equal(found, schemas.empty("coverage"))


def test_tables_handed_to_cover_pilots_are_not_changed():
    pilots, figures = _pilots(), _figures()
    cover_pilots(pilots, figures, NAMES)
    assert_frame_equal(pilots, _pilots())
    assert_frame_equal(figures, _figures())


def test_the_eleven_pilots_of_the_press_are_covered_as_printed(press_tables):
    names = unit_names(press_tables["units"])
    found = cover_pilots(press_tables["pilots"], press_tables["observations"], names)
    counted = found.groupby("indicator")["evidence"].value_counts().to_dict()
    assert counted[("online_share", "before_after")] == 3
    assert counted[("payment_share", "before_after")] == 2
    assert counted[("payment_share", "none")] == 9
    assert found["unit"].nunique() == 11


def test_a_unit_goes_by_the_name_it_had_before_july_2025():
    units = table(
        """
        code   valid_from  name  level    type
        28159  2025-07-01  New   commune  x
        28159  -           Old   commune  x
        31369  2025-07-01  Only  commune  x
        """,
        of="units",
    )
    assert unit_names(units) == {"28159": "Old", "31369": "Only"}


def test_the_pilots_go_by_their_old_names(press_tables):
    names = unit_names(press_tables["units"])
    assert names["28159"] == "Thị trấn Cần Giuộc"
    assert names["27691"] == "Phường 4"
    assert names["80"] == "Tỉnh Long An"


def test_naming_units_leaves_the_table_as_it_was_it_is_not_changed(press_tables):
    units = press_tables["units"]
    before = units.copy(deep=True)
    unit_names(units)
    assert_frame_equal(units, before)


def test_the_map_of_evidence_shows_every_pillar_and_class_zeros_included():
    interventions = pd.DataFrame(
        {
            "pillar": ["government", "government", "society"],
            "evidence": ["level", "level", "before_after"],
        }
    )
    before = interventions.copy(deep=True)
    found = map_evidence(interventions)
    assert found.index.tolist() == ["government", "economy", "society"]
    assert found.columns.tolist() == ["before_after", "after_only", "level", "target", "none"]
    assert found.values.tolist() == [[0, 0, 2, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert_frame_equal(interventions, before)


def test_the_map_of_evidence_counts_every_intervention(press_tables):
    interventions = press_tables["interventions"]
    assert map_evidence(interventions).to_numpy().sum() == len(interventions)


def test_without_interventions_the_map_is_all_zeros():
    found = map_evidence(schemas.empty("interventions"))
    assert found.shape == (3, 5)
    assert found.to_numpy().sum() == 0
