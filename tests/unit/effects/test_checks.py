from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from drawn import in_contract, observations, table
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.checks import check_contrasts, rival_events
from commune_pilots.effects.sensitivity import sensitivities

CONTRAST = {"indicator": "online_share", "before_observation": "o1", "after_observation": "o2"}
CHECKS = [
    "denominators",
    "rounding",
    "dependence",
    "common_trend",
    "other_measures",
    "assisted_filing",
    "definition_change",
    "regression_to_mean",
    "comparison_units",
    "selective_reporting",
    "dated_periods",
    "unmeasured_factor",
]


@cache
def _drawn_once(drawing, same):
    return table(drawing, **dict(same))


def _table(drawing, **same):
    """Draw a table as drawn.table does, once for all tests; each gets its own copy."""
    return _drawn_once(drawing, tuple(same.items())).copy(deep=True)


@cache
def _drawn_figures():
    return observations(
        """
        observation  unit   role    printed  period_end
        o1           00001  before  16,8     2021-12-31
        o2           00001  after   98,08    2022-12-31
        """
    )


def _figures(**changes):
    return _drawn_figures().assign(**changes)


@cache
def _drawn_contrasts():
    drawn = table(
        """
        contrast  unit   indicator     before_observation  after_observation  before  after
        c         00001  online_share  o1                  o2                 16.8    98.08
        """,
        definition="online_level34_assisted",
        change=81.3,
        change_decimals=1,
        change_low=81.225,
        change_high=81.335,
        worst_p=0.0123,
        design_effect=13.56,
        denominators="decided",
    )
    return in_contract(drawn, "contrasts")


def _contrasts(**changes):
    return _drawn_contrasts().assign(**changes)


def _alternatives(*answers, method="fisher_central"):
    ways = ("nearest", "half_up", "truncate", "any")
    lines = [
        f"c {way} {method} 0.00{at} yes {answer}"
        for at, (way, answer) in enumerate(zip(ways, answers, strict=False), start=1)
    ]
    header = "contrast rounding method p_value certified denominators"
    return _table("\n".join([header, *lines]), of="alternatives")


SIZES = """
rival                setting         value  possible
common_trend         points_least    81.2   yes
assisted_filing      least           82.0   yes
assisted_filing      most            84.0   yes
definition_change    ratio           5.82   yes
regression_to_mean   reliability_80  423.0  no
regression_to_mean   reliability_50  179.3  no
regression_to_mean   reliability_20  118.4  no
selective_reporting  nothing         40.6   yes
selective_reporting  unreported      1.0    yes
unmeasured_factor    online          11.1   yes
unmeasured_factor    not_online      85.9   yes
"""


def _sizes(drawing=SIZES, **values):
    drawn = _table(drawing, of="sensitivities", contrast="c", unit="points")
    for name, value in values.items():
        drawn.loc[drawn["setting"] == name, "value"] = value
    return drawn


def _pilots(second="pilot"):
    return _table(
        f"""
        unit   programme  opened_precision  arm       source
        00001  p          year              pilot     s1
        00002  p          year              {second}  s1
        """,
        of="pilots",
    )


def _events():
    return _table(
        """
        event   source  unit  name_vi  name_en  date_start  programme  moves
        during  s1      80    a        a        2022-06-01  -          payment_share;online_share
        own     s1      80    a        a        2022-06-01  p          online_share
        other   s1      80    a        a        2022-06-01  -          payment_share
        early   s1      80    a        a        2021-06-01  -          online_share
        late    s1      80    a        a        2023-06-01  -          online_share
        undated s1      80    a        a        -           -          online_share
        mute    s1      80    a        a        2022-06-01  -          -
        """,
        of="events",
    )


@pytest.fixture
def checked(indicators):
    def _checked(
        *, contrasts=None, figures=None, events=None, pilots=None, alternatives=None, sizes=None
    ):
        found = check_contrasts(
            _contrasts() if contrasts is None else contrasts,
            _figures() if figures is None else figures,
            _events() if events is None else events,
            _pilots() if pilots is None else pilots,
            indicators,
            _alternatives("decided", "decided") if alternatives is None else alternatives,
            _sizes() if sizes is None else sizes,
        )
        return found.set_index("check")

    return _checked


def _read(found, check):
    """Read outcome, statistic and decimals of one check; None where missing."""
    row = found.loc[check, ["outcome", "statistic", "decimals"]]
    return tuple(None if pd.isna(value) else value for value in row)


def test_every_contrast_gets_the_same_twelve_checks_in_one_order(checked):
    twice = pd.concat([_contrasts(), _contrasts(contrast="d")], ignore_index=True)
    sizes = pd.concat([_sizes(), _sizes().assign(contrast="d")], ignore_index=True)
    found = checked(contrasts=twice, sizes=sizes)
    assert found.index.tolist() == CHECKS * 2
    assert found["contrast"].tolist() == ["c"] * 12 + ["d"] * 12


def test_without_a_contrast_there_is_nothing_to_check(checked):
    assert checked(contrasts=schemas.empty("contrasts")).empty


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("decided", "passed"), ("decisive", "failed"), ("open", "not_possible")],
)
def test_denominators_are_ruled_out_only_if_decided(checked, answer, outcome):
    found = checked(contrasts=_contrasts(denominators=answer))
    assert _read(found, "denominators") == (outcome, 0.0123, 4)


@pytest.mark.parametrize(
    ("answers", "outcome", "largest"),
    [
        (["decided"], "passed", 0.001),
        (["decided", "decided", "decided", "decided"], "passed", 0.004),
        (["decided", "decided", "decisive"], "failed", 0.003),
        (["decided", "open"], "failed", 0.002),
    ],
)
def test_rounding_is_ruled_out_if_every_way_gives_the_same_answer(
    checked, answers, outcome, largest
):
    found = checked(alternatives=_alternatives(*answers))
    assert _read(found, "rounding") == (outcome, largest, 4)


def test_a_pair_that_hangs_on_its_denominators_in_every_way_does_not_hang_on_rounding(checked):
    found = checked(
        contrasts=_contrasts(denominators="decisive"),
        alternatives=_alternatives("decisive", "decisive"),
    )
    assert found.loc["rounding", "outcome"] == "passed"


@pytest.mark.parametrize("rows", ["other method", "other contrast"])
def test_without_another_way_of_rounding_nothing_is_said_of_it(checked, rows):
    other = {
        "other method": _alternatives("decided", method="score"),
        "other contrast": _alternatives("decided").assign(contrast="d"),
    }
    assert _read(checked(alternatives=other[rows]), "rounding") == ("not_possible", None, None)


@pytest.mark.parametrize(
    ("effect", "outcome"), [(0.99, "failed"), (1.0, "not_possible"), (13.56, "not_possible")]
)
def test_dependence_stands_if_independent_dossiers_already_leave_the_pair_to_chance(
    checked, effect, outcome
):
    found = checked(contrasts=_contrasts(design_effect=effect))
    assert _read(found, "dependence") == (outcome, effect, 1)


def test_a_common_trend_cannot_be_seen_and_must_be_as_large_as_the_change(checked):
    found = checked()
    assert _read(found, "common_trend") == ("not_possible", 81.3, 1)
    assert pd.isna(found.loc["common_trend", "reference"])


def test_a_national_change_is_named_beside_the_common_trend(checked):
    sizes = _sizes(f"{SIZES.strip()}\ncommon_trend national_points 14.57 yes")
    national = sizes["setting"] == "national_points"
    sizes = sizes.assign(reference=sizes["reference"].mask(national, "ctx-05"))
    found = checked(sizes=sizes)
    assert found.loc["common_trend", "reference"] == "ctx-05"
    assert _read(found, "common_trend") == ("not_possible", 81.3, 1)


def test_measures_outside_the_pilot_stand_as_rivals_and_are_named(checked):
    found = checked()
    assert _read(found, "other_measures") == ("failed", 2, 0)
    assert found.loc["other_measures", "reference"] == "during;undated"


def test_without_a_printed_measure_other_measures_still_cannot_be_excluded(checked):
    found = checked(events=schemas.empty("events"))
    assert _read(found, "other_measures") == ("not_possible", 0, 0)
    assert pd.isna(found.loc["other_measures", "reference"])


@pytest.mark.parametrize(
    ("definition", "outcome"),
    [
        ("online_level34_assisted", "failed"),
        ("online_remote_only", "passed"),
        ("online_full_process", "not_possible"),
    ],
)
def test_assisted_filing_stands_if_the_definition_counts_it(checked, definition, outcome):
    found = checked(contrasts=_contrasts(definition=definition))
    assert _read(found, "assisted_filing") == (outcome, 83.0, 1)


def test_a_changed_definition_cannot_be_seen_and_is_sized_by_its_ratio(checked):
    assert _read(checked(), "definition_change") == ("not_possible", 5.82, 1)
    unknown = checked(sizes=_sizes(ratio=None))
    assert _read(unknown, "definition_change") == ("not_possible", None, 1)


@pytest.mark.parametrize(
    ("possible", "outcome"),
    [([], "passed"), (["reliability_20"], "not_possible"), (["reliability_80"], "not_possible")],
)
def test_regression_to_the_mean_is_ruled_out_only_if_no_mean_could_do_it(
    checked, possible, outcome
):
    sizes = _sizes()
    sizes["possible"] |= sizes["setting"].isin(possible)
    assert _read(checked(sizes=sizes), "regression_to_mean") == (outcome, 179.3, 1)


@pytest.mark.parametrize(
    ("arm", "outcome", "count"), [("pilot", "failed", 0), ("comparison", "passed", 1)]
)
def test_a_comparison_is_missed_where_no_unit_is_one(checked, arm, outcome, count):
    found = checked(pilots=_pilots(arm))
    assert _read(found, "comparison_units") == (outcome, count, 0)


@pytest.mark.parametrize(("count", "outcome"), [(0.0, "passed"), (6.0, "failed")])
def test_pilots_without_a_printed_pair_are_counted_as_unreported(checked, count, outcome):
    found = checked(sizes=_sizes(unreported=count))
    assert _read(found, "selective_reporting") == (outcome, count, 0)


def test_of_a_unit_outside_every_pilot_no_reporting_can_be_checked(checked):
    sizes = _sizes()
    outside = sizes[sizes["rival"] != "selective_reporting"]
    assert _read(checked(sizes=outside), "selective_reporting") == ("not_possible", None, None)


@pytest.mark.parametrize(
    ("missing", "outcome"), [([], "passed"), ([1], "failed"), ([0, 1], "failed")]
)
def test_ends_without_a_printed_date_are_counted(checked, missing, outcome):
    figures = _figures(period_end=_figures()["period_end"].drop(index=missing))
    assert _read(checked(figures=figures), "dated_periods") == (outcome, len(missing), 0)


@pytest.mark.parametrize(
    ("online", "not_online", "least"),
    [(11.1, 85.9, 11.1), (141.5, 1.48, 1.48), (None, 3.7, 3.7), (None, None, None)],
)
def test_an_unmeasured_factor_is_sized_by_the_smaller_e_value(checked, online, not_online, least):
    found = checked(sizes=_sizes(online=online, not_online=not_online))
    assert _read(found, "unmeasured_factor") == ("not_possible", least, 1)


def test_sizes_of_another_contrast_are_not_read(checked):
    other = _sizes(unreported=0.0, ratio=99.0).assign(contrast="d")
    found = checked(sizes=pd.concat([other, _sizes(), other.assign(contrast="e")]))
    assert _read(found, "definition_change")[1] == 5.82
    assert _read(found, "selective_reporting")[0] == "failed"


def test_a_contrast_without_its_sizes_is_an_error(checked):
    with pytest.raises(KeyError):
        checked(sizes=schemas.empty("sensitivities"))


def test_a_definition_the_catalogue_does_not_hold_is_an_error(checked):
    with pytest.raises(KeyError):
        checked(contrasts=_contrasts(definition="no_such_definition"))


def test_the_checks_read_the_sizes_as_they_are_written(checked):
    sizes = sensitivities(_contrasts(), _figures(), _pilots(), rounding="nearest")
    found = checked(sizes=sizes)
    assert _read(found, "assisted_filing")[1] == pytest.approx(100 * (1 - 16.8 / 98.08), abs=0.05)
    assert _read(found, "definition_change")[1] == pytest.approx(98.075 / 16.85)
    assert _read(found, "regression_to_mean") == ("passed", pytest.approx(179.3), 1)
    assert _read(found, "selective_reporting") == ("failed", 1, 0)
    assert _read(found, "unmeasured_factor")[1] == pytest.approx(11.1, abs=0.05)


def test_tables_handed_to_check_contrasts_are_not_changed(checked):
    given = {
        "contrasts": _contrasts(),
        "figures": _figures(),
        "events": _events(),
        "pilots": _pilots(),
        "alternatives": _alternatives("decided"),
        "sizes": _sizes(),
    }
    before = {name: frame.copy(deep=True) for name, frame in given.items()}
    checked(**given)
    for name, frame in given.items():
        assert_frame_equal(frame, before[name])


@pytest.mark.parametrize(
    ("before_end", "after_end", "rivals"),
    [
        ("2021-12-31", "2022-12-31", ["during", "undated"]),
        ("2021-12-31", None, ["during", "late", "undated"]),
        (None, "2022-12-31", ["during", "early", "undated"]),
        (None, None, ["during", "early", "late", "undated"]),
    ],
)
def test_a_measure_is_a_rival_if_it_may_fall_between_the_two_figures(before_end, after_end, rivals):
    figures = _figures(period_end=pd.to_datetime([before_end, after_end]))
    found = rival_events(_events(), CONTRAST, figures.set_index("observation"))
    assert found["event"].tolist() == rivals


def test_looking_for_rivals_leaves_the_events_as_they_were():
    events = _events()
    rival_events(events, CONTRAST, _figures().set_index("observation"))
    assert_frame_equal(events, _events())
