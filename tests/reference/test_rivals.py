"""How large each rival of the five pairs of the press must be, against numbers worked out apart.

Sources: the break-evens of the five pairs (docs/methods.md, M3), worked out apart from this package
at the nearer ends of the printed figures, half_up. E-values of VanderWeele & Ding 2017, doi
10.7326/M16-2607, as R prints them: `confounders.evalue(est = 3.9)` of episensr and
`evalues.RR(est = 10.73, lo = 8.02, hi = 14.36)` of EValue.

PRINTED: a number may differ by half of its last printed digit. Four of them are ties: the means
of Sông Cầu at reliability 0.8 and 0.5 are exactly 52.65 and 21.15, of Quang Thuận 33.05 and 14.45.
AGAIN: the same sizes once more in exact fractions, from the printed text alone; the two differ by
what doubles lose.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import exp

import pytest

from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.counts import e_value
from commune_pilots.effects.pairing import contrast_all
from commune_pilots.effects.sensitivity import sensitivities

TIE = 1e-9
AGAIN = 1e-9
FIGURES = {
    "can_giuoc": ("16.8", "98.08"),
    "duong_xuan_hoi": ("18.98", "86.41"),
    "phuong_4": (None, "53.53"),
    "song_cau": ("0.1", "10.7"),
    "quang_thuan": ("2.0", "8.3"),
}
CONTRASTS = {
    "can_giuoc": "c-001-04-001-03",
    "duong_xuan_hoi": "c-001-06-001-05",
    "phuong_4": "c-001-08-001-07",
    "song_cau": "c-002-05-002-06",
    "quang_thuan": "c-002-07-002-08",
}
# pair, rival, setting, and the number as it is printed there: its digits are its tolerance.
PUBLISHED = [
    line.split()
    for line in """
can_giuoc       common_trend        points_least    81.2
can_giuoc       common_trend        points_most     81.3
can_giuoc       common_trend        logit_least     5.53
can_giuoc       common_trend        logit_most      5.54
can_giuoc       unmeasured_factor   not_online      85.9
can_giuoc       unmeasured_factor   online          11.1
can_giuoc       assisted_filing     least           82.8
duong_xuan_hoi  common_trend        points_least    67.42
duong_xuan_hoi  common_trend        points_most     67.44
duong_xuan_hoi  common_trend        logit_least     3.300
duong_xuan_hoi  common_trend        logit_most      3.302
duong_xuan_hoi  unmeasured_factor   not_online      11.4
duong_xuan_hoi  unmeasured_factor   online          8.6
duong_xuan_hoi  assisted_filing     least           78.0
phuong_4        common_trend        points_most     53.53
phuong_4        unmeasured_factor   not_online      3.7
phuong_4        assisted_filing     least           100
phuong_4        assisted_filing     most            100
phuong_4        regression_to_mean  reliability_20  66.9
song_cau        common_trend        points_least    10.5
song_cau        common_trend        points_most     10.7
song_cau        common_trend        logit_least     4.37
song_cau        common_trend        logit_most      5.48
song_cau        unmeasured_factor   not_online      1.48
song_cau        unmeasured_factor   online          141
song_cau        assisted_filing     least           98.6
song_cau        regression_to_mean  reliability_80  52.7
song_cau        regression_to_mean  reliability_50  21.1
song_cau        regression_to_mean  reliability_20  13.3
quang_thuan     common_trend        points_least    6.2
quang_thuan     common_trend        points_most     6.4
quang_thuan     common_trend        logit_least     1.46
quang_thuan     common_trend        logit_most      1.52
quang_thuan     unmeasured_factor   not_online      1.34
quang_thuan     unmeasured_factor   online          7.5
quang_thuan     assisted_filing     least           75.2
quang_thuan     regression_to_mean  reliability_80  33.1
quang_thuan     regression_to_mean  reliability_50  14.5
quang_thuan     regression_to_mean  reliability_20  9.8
""".strip().splitlines()
]


def _half(printed: str) -> Fraction:
    return Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))


def _nearer(pair: str) -> tuple[Fraction, Fraction]:
    """Take the nearer ends of a rise from the printed text, in per cent."""
    before, after = FIGURES[pair]
    high = Fraction(0) if before is None else Fraction(before) + _half(before)
    return high, Fraction(after) - _half(after)


def _farther(pair: str) -> tuple[Fraction, Fraction]:
    before, after = FIGURES[pair]
    low = Fraction(0) if before is None else Fraction(before) - _half(before)
    return low, Fraction(after) + _half(after)


def _odds(percent: Fraction) -> Fraction:
    return percent / (100 - percent)


@pytest.fixture(scope="module")
def sizes(_press_once):
    """Size the rivals of the five pairs of the press; values and whether they are possible."""
    figures, units = _press_once["observations"], _press_once["units"]
    contrasts = contrast_all(
        figures,
        dict(zip(units["code"], units["name"], strict=True)),
        Terms(rounding="half_up", least_dossiers=1, alpha=0.05),
        indicators=[],
    )
    found = sensitivities(contrasts, figures, _press_once["pilots"], rounding="half_up")
    names = {contrast: pair for pair, contrast in CONTRASTS.items()}
    found = found.assign(pair=found["contrast"].map(names))
    return found.set_index(["pair", "rival", "setting"]).sort_index()


@pytest.mark.parametrize(("pair", "rival", "setting", "printed"), PUBLISHED)
def test_the_size_of_a_rival_is_the_published_one(sizes, pair, rival, setting, printed):
    found = sizes.loc[(pair, rival, setting), "value"]
    assert found == pytest.approx(float(printed), abs=float(_half(printed)) + TIE)


@pytest.mark.parametrize("pair", ["can_giuoc", "duong_xuan_hoi"])
def test_regression_to_a_mean_is_published_as_impossible_for_the_two_large_changes(sizes, pair):
    assert not sizes.loc[(pair, "regression_to_mean"), "possible"].any()
    assert (sizes.loc[(pair, "regression_to_mean"), "value"] > 100).all()


def test_regression_to_a_mean_is_published_as_possible_for_phuong_4_at_little_reliability(sizes):
    assert sizes.loc[("phuong_4", "regression_to_mean"), "possible"].to_dict() == {
        "reliability_80": False,
        "reliability_50": False,
        "reliability_20": True,
    }


def test_what_is_published_as_undefined_for_phuong_4_is_missing(sizes):
    found = sizes.loc["phuong_4", "value"]
    assert list(found["common_trend"].filter(regex="^(logit|points)").index) == ["points_most"]
    assert found[[("unmeasured_factor", "online"), ("definition_change", "ratio")]].isna().all()


@pytest.mark.parametrize("pair", FIGURES)
def test_exact_fractions_give_the_same_ratio_share_and_means(sizes, pair):
    found = sizes.loc[pair, "value"]
    (low, high), (far_low, far_high) = _nearer(pair), _farther(pair)
    again = {
        ("assisted_filing", "least"): 100 - 100 * low / high,
        ("assisted_filing", "most"): 100 - 100 * far_low / far_high,
        ("regression_to_mean", "reliability_80"): (high - low * 4 / 5) * 5,
        ("regression_to_mean", "reliability_50"): (high - low / 2) * 2,
        ("regression_to_mean", "reliability_20"): (high - low / 5) * 5 / 4,
    }
    if low:
        again["definition_change", "ratio"] = high / low
        again["common_trend", "points_least"] = high - low
    for place, size in again.items():
        assert found[place] == pytest.approx(float(size), rel=AGAIN)


@pytest.mark.parametrize("pair", FIGURES)
def test_two_ties_of_the_e_value_give_the_ratio_back_in_exact_fractions(sizes, pair):
    # The bias formula: two ties of strength E make a ratio of E^2 / (2 E - 1).
    low, high = _nearer(pair)
    ratios = {"not_online": (100 - low) / (100 - high)} | ({"online": high / low} if low else {})
    for setting, ratio in ratios.items():
        tie = Fraction(float(sizes.loc[(pair, "unmeasured_factor", setting), "value"]))
        assert float(tie**2 / (2 * tie - 1)) == pytest.approx(float(ratio), rel=AGAIN)


@pytest.mark.parametrize("pair", [pair for pair, (before, _) in FIGURES.items() if before])
def test_the_trend_in_log_odds_is_an_exact_ratio_of_odds(sizes, pair):
    for setting, (low, high) in (("least", _nearer(pair)), ("most", _farther(pair))):
        trend = sizes.loc[(pair, "common_trend", f"logit_{setting}"), "value"]
        assert exp(trend) == pytest.approx(float(_odds(high) / _odds(low)), rel=AGAIN)


@pytest.mark.parametrize("pair", ["can_giuoc", "duong_xuan_hoi"])
def test_the_standing_with_the_country_is_an_exact_product_of_odds(sizes, pair):
    # Printed together: 43,2 after a rise of 14,57 points.
    factor = _odds(Fraction("43.2")) / _odds(Fraction(Decimal("43.2") - Decimal("14.57")))
    odds = factor * _odds(_nearer(pair)[0])
    found = sizes.loc[(pair, "common_trend"), "value"]
    assert exp(found["national_logit"]) == pytest.approx(float(factor), rel=AGAIN)
    assert found["national_at_base"] == pytest.approx(float(100 * odds / (1 + odds)), rel=AGAIN)


def test_the_units_of_bac_kan_without_a_pair_are_counted_by_hand(sizes):
    # Eight pilot units, two pairs: (10,7 - 0,1) + (8,3 - 2,0) = 16,9 points.
    found = sizes.loc[("song_cau", "selective_reporting"), "value"]
    assert found["nothing"] == pytest.approx(16.9 / 8, rel=AGAIN)
    assert found["fall_needed"] == pytest.approx(16.9 / 6, rel=AGAIN)
    assert found["unreported"] == 6


@pytest.mark.parametrize(
    ("ratio", "printed"), [(3.9, "7.263034"), (10.73, "20.94777"), (8.02, "15.52336")]
)
def test_the_e_value_is_the_one_that_r_prints(ratio, printed):
    assert e_value(ratio) == pytest.approx(float(printed), abs=float(_half(printed)))
