from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import exp, log

import pandas as pd
import pytest
from drawn import observations, table
from hypothesis import assume, given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.stats import nchypergeom_fisher

from commune_pilots import schemas
from commune_pilots.effects.contrast import share_interval
from commune_pilots.effects.counts import e_value
from commune_pilots.effects.pairing import figure_of, pair_figures
from commune_pilots.effects.rounding import Interval
from commune_pilots.effects.sensitivity import (
    ends_of,
    log_odds_change,
    mean_that_explains,
    national_change,
    programme_change,
    relabelled_share,
    sensitivities,
)
from commune_pilots.errors import ClaimError

EXACT = 1e-9  # doubles against fractions of at most a few hundred
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=500)
INNER = st.fractions(min_value=Fraction(1, 500), max_value=Fraction(499, 500), max_denominator=500)
PAIRS = [
    *(("16,8", "98,08"), ("98,08", "16,8"), ("-", "53,53"), ("2,0", "8,3"), ("0", "50")),
    *(("20", "50"), ("50", "20"), ("20", "80"), ("80", "20"), ("50", "100"), ("50", "0")),
    *(("16,8", "17"), ("17", "16,8"), ("17", "17")),
]
SETTINGS = [
    ("common_trend", "points_least"),
    ("common_trend", "points_most"),
    ("common_trend", "logit_least"),
    ("common_trend", "logit_most"),
    ("assisted_filing", "least"),
    ("assisted_filing", "most"),
    ("definition_change", "ratio"),
    ("regression_to_mean", "reliability_80"),
    ("regression_to_mean", "reliability_50"),
    ("regression_to_mean", "reliability_20"),
    ("selective_reporting", "nothing"),
    ("selective_reporting", "unreported"),
    ("unmeasured_factor", "online"),
    ("unmeasured_factor", "not_online"),
]


@cache
def _drawn_once(drawing, same):
    return table(drawing, **dict(same))


def _table(drawing, **same):
    """Draw a table as drawn.table does, once for all tests; each gets its own copy."""
    return _drawn_once(drawing, tuple(same.items())).copy(deep=True)


@cache
def _drawn(pairs):
    lines = ["observation unit role printed qualifier"]
    for at, (before, after) in enumerate(pairs, start=1):
        none_yet = before == "-"
        first, kind = ("none", "none_yet") if none_yet else (before, "exact")
        lines.append(f"b{at} {at:05} before {first} {kind}")
        lines.append(f"a{at} {at:05} after {after} exact")
    return observations("\n".join(lines))


def _figures(*pairs):
    """Draw one pair a unit, 00001 onwards; "-" before stands for none yet."""
    return _drawn(pairs).copy(deep=True)


def _contrasts(figures, rounding="nearest"):
    """Lay out what sensitivities read of the contrasts, each column from its definition."""
    rows = []
    for pair in pair_figures(figures).to_dict("records"):
        sides = [
            {name: pair[f"{name}_{side}"] for name in figures if f"{name}_{side}" in pair}
            for side in ("before", "after")
        ]
        first, second = (share_interval(figure_of(side), rounding) for side in sides)
        none_yet = sides[0]["qualifier"] == "none_yet"
        before = None if none_yet else sides[0]["value"]
        rows.append(
            {
                "contrast": f"c-{pair['unit']}",
                "unit": pair["unit"],
                "indicator": pair["indicator"],
                "definition": pair["definition"],
                "before_observation": pair["observation_before"],
                "after_observation": pair["observation_after"],
                "before": before,
                "after": sides[1]["value"],
                "change": round(sides[1]["value"] - (before or 0.0), 2),
                "change_low": None if none_yet else float(100 * (second.low - first.high)),
                "change_high": float(100 * (second.high - first.low)),
            }
        )
    return pd.DataFrame(rows).astype({"before": "float64", "change_low": "float64"})


def _pilots(*arms, programme="p"):
    lines = ["unit programme opened_precision arm source"]
    for at, arm in enumerate(arms, start=1):
        lines.append(f"0000{at} {programme} year {arm} s1")
    return _table("\n".join(lines), of="pilots")


def _sized(figures, pilots=None, rounding="nearest"):
    pilots = _pilots("pilot") if pilots is None else pilots
    return sensitivities(_contrasts(figures, rounding), figures, pilots, rounding=rounding)


@cache
def _sized_once():
    """Size every pair that more than one test or case asks for, in one table."""
    return _sized(_figures(*PAIRS))


def _pair_sized(before, after):
    found = _sized_once()
    unit = f"c-{PAIRS.index((before, after)) + 1:05}"
    return found[found["contrast"] == unit].assign(contrast="c-00001")


def _of(found, rival, unit="00001"):
    rows = found[(found["contrast"] == f"c-{unit}") & (found["rival"] == rival)]
    return rows.set_index("setting")


def _values(before, after, rival):
    return _of(_pair_sized(before, after), rival)["value"].to_dict()


def _missing(found, setting):
    return setting not in found.index or pd.isna(found.loc[setting, "value"])


def test_each_rival_of_a_plain_pair_has_its_settings_in_one_order():
    found = _sized(_figures(("16,8", "98,08")))
    assert list(zip(found["rival"], found["setting"], strict=True)) == SETTINGS
    assert found["contrast"].eq("c-00001").all()


def test_without_a_contrast_there_is_nothing_to_size():
    figures = _figures(("16,8", "98,08"))
    found = sensitivities(schemas.empty("contrasts"), figures, _pilots("pilot"), rounding="any")
    assert_frame_equal(found, schemas.empty("sensitivities"))


def test_tables_handed_to_sensitivities_are_not_changed():
    figures, pilots = _figures(("16,8", "98,08"), ("-", "53,5")), _pilots("pilot", "pilot")
    given_tables = {"contrasts": _contrasts(figures), "figures": figures, "pilots": pilots}
    copies = {name: frame.copy(deep=True) for name, frame in given_tables.items()}
    sensitivities(*given_tables.values(), rounding="nearest")
    for name, frame in given_tables.items():
        assert_frame_equal(frame, copies[name])


def test_a_trend_in_points_must_be_as_large_as_the_change():
    found = _values("20", "50", "common_trend")
    assert (found["points_least"], found["points_most"]) == pytest.approx((29, 31))


def test_a_trend_in_log_odds_is_the_change_of_log_odds_at_the_ends():
    found = _values("20", "50", "common_trend")
    near = log(0.495 / 0.505) - log(0.205 / 0.795)
    far = log(0.505 / 0.495) - log(0.195 / 0.805)
    assert (found["logit_least"], found["logit_most"]) == pytest.approx((near, far))


def test_after_none_yet_only_the_largest_trend_is_known():
    assert list(_values("-", "53,53", "common_trend")) == ["points_most"]


def test_a_printed_zero_has_a_least_trend_in_log_odds_and_no_largest_one():
    found = _values("0", "50", "common_trend")
    assert set(found) == {"points_least", "points_most", "logit_least"}
    assert found["logit_least"] == pytest.approx(log(0.495 / 0.505) - log(0.005 / 0.995))


def test_a_trend_that_explains_a_fall_is_itself_a_fall():
    found = _values("50", "20", "common_trend")
    assert (found["points_least"], found["points_most"]) == pytest.approx((-29, -31))
    rise = _values("20", "50", "common_trend")
    assert found["logit_least"] == pytest.approx(-rise["logit_least"])
    assert found["logit_most"] == pytest.approx(-rise["logit_most"])


@pytest.mark.parametrize(("before", "after"), [("16,8", "17"), ("17", "16,8"), ("17", "17")])
def test_figures_that_may_be_one_share_need_no_rival_at_all(before, after):
    found = _pair_sized(before, after).set_index(["rival", "setting"])
    sizes = found["value"].to_dict()
    assert sizes["common_trend", "points_least"] == sizes["common_trend", "logit_least"] == 0
    assert sizes["assisted_filing", "least"] == 0
    assert sizes["definition_change", "ratio"] == 1
    assert sizes["unmeasured_factor", "online"] == sizes["unmeasured_factor", "not_online"] == 1
    assert found.loc["regression_to_mean", "possible"].all()


def test_a_larger_later_figure_never_lowers_the_trend_that_explains_it():
    afters = range(1, 100, 4)
    for before in (1, 37, 98):
        found = _sized(_figures(*[(str(before), str(after)) for after in afters]))
        for setting in ("points_least", "points_most", "logit_least", "logit_most"):
            assert found.loc[found["setting"] == setting, "value"].is_monotonic_increasing


@pytest.fixture(scope="module")
def grid():
    """Size pairs of every height and direction, one a unit; a column a rival and setting."""
    steps = (0, 1, 16, 50, 83, 99, 100)
    found = _sized(_figures(*[(str(before), str(after)) for before in steps for after in steps]))
    return found.pivot(index="contrast", columns=["rival", "setting"], values="value")


@pytest.mark.parametrize(
    ("rival", "least", "most"),
    [
        ("common_trend", "points_least", "points_most"),
        ("common_trend", "logit_least", "logit_most"),
        ("assisted_filing", "least", "most"),
    ],
)
def test_no_least_size_is_above_the_largest_one(grid, rival, least, most):
    both = grid[rival][[least, most]].dropna().abs()
    assert len(both) >= 25
    assert (both[least] <= both[most] + EXACT).all()


def test_no_share_to_relabel_is_outside_0_to_100(grid):
    assert grid["assisted_filing"].stack().between(0, 100).all()


def test_a_trend_and_its_two_ends_never_point_to_different_sides(grid):
    signs = grid["common_trend"][["points_least", "points_most"]].prod(axis="columns")
    assert (signs >= 0).all()


@given(before=INNER, after=INNER)
def test_log_odds_turn_their_sign_with_the_order_and_with_the_complement(before, after):
    change = log_odds_change(before, after)
    assert change == pytest.approx(-log_odds_change(after, before), abs=EXACT)
    assert change == pytest.approx(-log_odds_change(1 - before, 1 - after), abs=EXACT)


@pytest.mark.parametrize("share", [0, 1])
def test_a_share_of_none_or_all_has_no_log_odds(share):
    assert log_odds_change(share, 0.5) is None
    assert log_odds_change(0.5, share) is None
    assert log_odds_change(share, share) is None


def test_the_share_to_relabel_is_taken_from_the_nearer_and_the_farther_ends():
    found = _values("20", "80", "assisted_filing")
    assert found["least"] == pytest.approx(100 * (1 - 20.5 / 79.5))
    assert found["most"] == pytest.approx(100 * (1 - 19.5 / 80.5))


def test_after_none_yet_all_of_the_later_figure_must_be_counted_otherwise():
    assert _values("-", "53,53", "assisted_filing") == {"least": 100, "most": 100}


def test_a_fall_is_undone_by_relabelling_the_earlier_figure():
    assert _values("80", "20", "assisted_filing") == _values("20", "80", "assisted_filing")


@given(one=SHARES, other=SHARES)
def test_taking_the_relabelled_part_away_leaves_the_lower_share(one, other):
    part = relabelled_share(one, other) / 100
    assert float(max(one, other)) * (1 - part) == pytest.approx(float(min(one, other)), abs=EXACT)


def test_the_later_way_of_counting_must_count_more_by_the_ratio_of_the_shares():
    assert _values("20", "80", "definition_change") == {"ratio": pytest.approx(79.5 / 20.5)}
    assert _values("80", "20", "definition_change") == {"ratio": pytest.approx(20.5 / 79.5)}


@pytest.mark.parametrize("rival", ["definition_change", "unmeasured_factor"])
def test_after_none_yet_no_ratio_of_online_filing_is_known(rival):
    found = _of(_pair_sized("-", "53,53"), rival)
    assert pd.isna(found["value"].iloc[0])


@pytest.mark.parametrize(
    ("before", "after", "possible"),
    [
        ("16,8", "98,08", [False, False, False]),
        ("-", "53,53", [False, False, True]),
        ("2,0", "8,3", [True, True, True]),
        ("98,08", "16,8", [False, False, False]),
    ],
)
def test_a_mean_outside_0_to_100_cannot_explain_the_later_figure(before, after, possible):
    found = _of(_pair_sized(before, after), "regression_to_mean")
    assert found["possible"].tolist() == possible


@given(before=SHARES, after=SHARES, reliability=st.fractions(0, Fraction(99, 100)))
def test_regressing_to_the_mean_found_gives_the_later_share(before, after, reliability):
    mean = mean_that_explains(before, after, reliability)
    again = mean + float(reliability) * (float(before) - mean)
    assert again == pytest.approx(float(after), abs=1e-7)  # a mean of up to 100 loses two digits


@given(before=SHARES, after=SHARES)
def test_without_any_reliability_the_mean_is_the_later_share_itself(before, after):
    assert mean_that_explains(before, after, 0) == pytest.approx(float(after), abs=EXACT)


@pytest.mark.parametrize("reliability", [-0.1, 1, 2])
def test_a_figure_without_error_cannot_regress(reliability):
    with pytest.raises(ValueError, match="no mean to regress to"):
        mean_that_explains(0.1, 0.2, reliability)


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [("-", "53,53", ["online"]), ("50", "100", []), ("50", "0", []), ("20", "50", [])],
)
def test_an_e_value_is_missing_only_where_the_nearer_ends_give_no_ratio(before, after, missing):
    found = _of(_pair_sized(before, after), "unmeasured_factor")
    assert [name for name in ("online", "not_online") if _missing(found, name)] == missing


def test_the_nearer_ends_face_each_other():
    low, high = (
        Interval(low=Fraction(left), high=Fraction(right))
        for left, right in (("0.2", "0.3"), ("0.5", "0.6"))
    )
    rise, fall = ends_of(low, high, rises=True), ends_of(high, low, rises=False)
    assert rise.nearer == (low.high, high.low) == fall.nearer[::-1]
    assert rise.farther == (low.low, high.high) == fall.farther[::-1]


@given(cuts=st.tuples(SHARES, SHARES, SHARES, SHARES), rises=st.booleans())
def test_the_nearer_ends_are_admitted_and_never_point_the_other_way(cuts, rises):
    first, second = (Interval(low=min(pair), high=max(pair)) for pair in (cuts[:2], cuts[2:]))
    assume((first.low <= second.high) if rises else (second.low <= first.high))
    (b, a), (far_b, far_a) = (
        getattr(ends_of(first, second, rises=rises), name) for name in ("nearer", "farther")
    )
    assert first.low <= b <= first.high and second.low <= a <= second.high
    assert b <= a if rises else a <= b
    assert abs(a - b) <= abs(far_a - far_b)


def _counted(before, after, *, n, numerators=(None, None)):
    """Draw a pair with its printed numbers of dossiers, and counts where they are printed."""
    return _figures((before, after)).assign(
        numerator=pd.array(numerators, dtype="Int64"), denominator=pd.array(n, dtype="Int64")
    )


def test_printed_counts_leave_one_size_only():
    figures = _counted("20", "80", n=(100, 100), numerators=(20, 80))
    trend = _of(_sized(figures), "common_trend")["value"]
    assert trend["points_least"] == trend["points_most"] == 60
    assert trend["logit_least"] == trend["logit_most"]


@pytest.mark.parametrize("n", [(None, 50), (50, None)])
def test_a_limit_and_a_gamma_need_both_numbers_of_dossiers(n):
    found = _of(_sized(_counted("20", "80", n=n)), "unmeasured_factor")
    assert found.index.tolist() == ["online", "not_online"]


@pytest.mark.parametrize(("before", "after"), [("20", "80"), ("80", "20")])
def test_with_gamma_chance_reaches_alpha_in_the_nearest_counts(before, after):
    # 20% of 150 may be 30 (29,25 to 30,75), 80% of 130 may be 104 (103,35 to 104,65).
    n = (150, 130) if before == "20" else (130, 150)
    found = _of(_sized(_counted(before, after, n=n)), "unmeasured_factor")["value"]
    tail = nchypergeom_fisher.sf(103, 280, 134, 130, found["gamma"])
    assert tail == pytest.approx(0.05, rel=1e-6)


def test_the_limit_is_an_e_value_below_that_of_the_ratio():
    figures = _counted("20", "80", n=(100, 100), numerators=(20, 80))
    found = _of(_sized(figures), "unmeasured_factor")["value"]
    assert found.index.tolist() == ["online", "not_online", "limit", "gamma"]
    assert found["online"] == pytest.approx(e_value(4))
    assert 1 < found["limit"] < found["online"]


@pytest.mark.parametrize(("before", "after"), [("17", "17"), ("17", "17,1"), ("17,1", "17")])
def test_counts_that_may_be_one_share_need_no_factor_however_many_they_are(before, after):
    found = _of(_sized(_counted(before, after, n=(90_000, 90_000))), "unmeasured_factor")
    assert found.loc["limit", "value"] == 1
    assert pd.isna(found.loc["gamma", "value"])


def test_a_wider_way_of_rounding_never_makes_a_rival_harder():
    narrow, wide = (
        _sized(_figures(("16,8", "98,08")), rounding=way).set_index(["rival", "setting"])["value"]
        for way in ("half_up", "any")
    )
    for setting in SETTINGS:
        if setting[1].endswith("_most") or setting[1] in ("most", "nothing", "unreported"):
            continue
        assert wide[setting] < narrow[setting]


NATIONAL = """
observation  source  unit  scope    role   printed  indicator          period_start  period_end
n1           s2      VN    country  level  14,57    online_share_gain  2022-11-01    2022-11-30
n2           s2      VN    country  level  43,2     online_share       2022-11-01    2022-11-30
"""


@cache
def _country(drawing):
    return observations(drawing)


def _with_national(drawing=NATIONAL, pair=("16,8", "98,08"), **changes):
    national = _country(drawing).copy(deep=True)
    for name, value in changes.items():
        national.loc[national["observation"] == "n2", name] = value
    return pd.concat([_figures(pair), national], ignore_index=True)


def _national(figures):
    rows = _of(_sized(figures), "common_trend")
    return rows[rows.index.str.startswith("national")]


def test_a_national_change_is_shown_beside_the_trend_and_never_taken_off_it():
    with_it, without = _with_national(), _figures(("16,8", "98,08"))
    found = _of(_sized(with_it), "common_trend")
    assert found.loc["national_points", ["value", "reference"]].tolist() == [14.57, "n1"]
    own = found[~found.index.str.startswith("national")]
    assert_frame_equal(own, _of(_sized(without), "common_trend"))


def test_without_a_national_change_no_row_speaks_of_the_country():
    assert _national(_figures(("16,8", "98,08"))).empty


def test_moving_with_the_country_is_reckoned_in_odds():
    found = _national(_with_national())
    factor = (0.432 / 0.568) / (0.2863 / 0.7137)
    odds = factor * 0.1685 / 0.8315
    assert found.loc["national_logit", "value"] == pytest.approx(log(factor))
    assert found.loc["national_at_base", "value"] == pytest.approx(100 * odds / (1 + odds))
    assert found.loc[["national_logit", "national_at_base"], "reference"].tolist() == ["n1;n2"] * 2


def test_a_unit_that_moves_with_the_country_never_passes_100():
    found = _national(_with_national(pair=("98,0", "99,0"))).loc["national_at_base", "value"]
    assert 98.05 < found < 100


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "s3"},
        {"period_end": pd.Timestamp("2022-12-31")},
        {"period_end": pd.NaT},
        {"period_start": pd.NaT},
        {"scope": "unit"},
        {"role": "target"},
        {"value": 14.57},
        {"value": 100.0},
        {"value": None},
    ],
    ids=str,
)
def test_log_odds_of_the_country_need_the_level_printed_with_the_change(changes):
    assert _national(_with_national(**changes)).index.tolist() == ["national_points"]


def test_two_national_levels_of_one_source_and_period_leave_the_level_unknown():
    twice = f"{NATIONAL}n3 s2 VN country level 40 online_share 2022-11-01 2022-11-30"
    assert _national(_with_national(twice)).index.tolist() == ["national_points"]


def test_after_none_yet_there_is_no_base_to_move_with_the_country():
    found = _national(_with_national(pair=("-", "53,53")))
    assert found.index.tolist() == ["national_points", "national_logit"]


def test_the_national_change_is_found_by_its_indicator_and_scope():
    figures = observations(
        """
        observation  unit   scope    role   printed  indicator
        o1           00001  unit     level  5        online_share_gain
        o2           VN     country  level  14,57    online_share_gain
        """
    )
    assert national_change(figures, {"indicator": "online_share"}) == "o2"
    assert national_change(figures, {"indicator": "payment_share"}) is None


def test_the_national_gain_of_the_press_is_found(press_tables):
    figures = press_tables["observations"]
    assert national_change(figures, {"indicator": "online_share"}) == "ctx-05"


def _reporting(figures, pilots, unit="00001"):
    return _of(_sized(figures, pilots), "selective_reporting", unit)


def test_units_without_a_pair_count_as_nothing_in_the_change_over_all():
    found = _reporting(_figures(("20", "50")), _pilots("pilot", "pilot", "pilot"))
    assert found["value"].to_dict() == {"nothing": 10, "fall_needed": 15, "unreported": 2}
    assert found["possible"].all()


def test_the_fall_needed_cancels_what_is_printed():
    found = _reporting(_figures(("20", "50"), ("20", "33")), _pilots(*["pilot"] * 7))["value"]
    assert 30 + 13 - found["unreported"] * found["fall_needed"] == pytest.approx(0)


def test_where_every_unit_is_reported_selection_is_ruled_out():
    found = _reporting(_figures(("20", "50"), ("20", "33")), _pilots("pilot", "pilot"))
    assert found["value"].to_dict() == {"nothing": 21.5, "unreported": 0}
    assert not found["possible"].any()


def test_a_fall_by_more_than_100_points_is_not_possible():
    found = _reporting(_figures(("5", "65"), ("5", "65")), _pilots("pilot", "pilot", "pilot"))
    assert found["value"]["fall_needed"] == 120
    assert found["possible"].to_dict() == {
        "nothing": True,
        "fall_needed": False,
        "unreported": True,
    }


def test_only_pilot_units_of_the_same_programme_count():
    own, other = _pilots("pilot", "comparison"), _pilots("pilot", "pilot", "pilot", programme="q")
    pilots = pd.concat([own, other.iloc[1:]], ignore_index=True)
    found = _reporting(_figures(("20", "50"), ("20", "33")), pilots)["value"]
    assert found.to_dict() == {"nothing": 30, "unreported": 0}


def test_a_unit_outside_every_pilot_says_nothing_of_reporting():
    assert _reporting(_figures(("20", "50")), schemas.empty("pilots")).empty


def test_changes_under_another_definition_or_indicator_are_not_pooled():
    figures = _figures(("20", "50"), ("20", "33"), ("20", "25"))
    figures.loc[figures["unit"] == "00002", "definition"] = "online_full_process"
    figures.loc[figures["unit"] == "00003", "indicator"] = "payment_share"
    found = _reporting(figures, _pilots(*["pilot"] * 3))["value"]
    assert found.to_dict() == {"nothing": 10, "fall_needed": 15, "unreported": 2}


def test_a_pool_of_two_definitions_is_refused():
    pairs = pd.DataFrame({"definition": ["d1", "d2"], "change": [1.0, 2.0]})
    with pytest.raises(ClaimError):
        programme_change(pairs, units=2)
    assert programme_change(pairs.assign(definition="d1"), units=4) == 0.75


def test_a_contrast_of_figures_not_handed_over_is_an_error():
    contrasts = _contrasts(_figures(("20", "50")))
    with pytest.raises(KeyError):
        sensitivities(contrasts, _figures(), _pilots("pilot"), rounding="nearest")


def test_the_size_of_a_large_change_in_odds_is_the_odds_ratio():
    assert exp(log_odds_change(Fraction(1, 5), Fraction(4, 5))) == pytest.approx(16)
