"""The five pairs of the press under every rounding convention, against numbers worked out apart.

Source: docs/methods.md, table 1 of M1/M2 (golden case G05; full precision in its pairs.csv, columns
n1 k1 n2 k2, fisher_central and T2_bound; d_ and gap_ for the ranges), computed apart from this
package. By that report R's fisher.test and exact2x2 (central) agree on the half_up tables.

DIGITS: no difference is seen with scipy 1.17; ten digits leave room for another way to sum a tail
as small as 6e-40 in double precision.
BOUND: two searches for the crossing of the same two divergences; the largest difference seen is
3e-11 of the value.
POINTS: percentage points, exact fractions against doubles.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from drawn import table

from commune_pilots.effects.contrast import contrast_pair
from commune_pilots.effects.rounding import Interval, printed_interval, smallest_denominator
from commune_pilots.effects.worst_case import central_fisher, judge_unknown_denominators

DIGITS = 1e-10
BOUND = 1e-6
POINTS = 1e-9

PRINTED = {
    "can_giuoc": ("16.8", "98.08"),
    "duong_xuan_hoi": ("18.98", "86.41"),
    "phuong_4": (None, "53.53"),
    "song_cau": ("0.1", "10.7"),
    "quang_thuan": ("2.0", "8.3"),
}
PAIRS = table(
    """
    pair            rounding   n1    k1  n2   k2   fisher                  bound
    can_giuoc       half_up    95    16  52   51   8.706931608418394e-24   2.0652768456354106e-12
    can_giuoc       half_even  95    16  52   51   8.706931608418394e-24   2.0652768456354106e-12
    can_giuoc       half_down  95    16  52   51   8.706931608418394e-24   2.0652768456354106e-12
    can_giuoc       truncate   77    13  157  154  5.64633977601867e-40    4.466841459967837e-20
    can_giuoc       ceil       125   21  52   51   7.061415042321878e-26   9.272030959511116e-14
    can_giuoc       nearest    95    16  52   51   8.706931608418394e-24   2.0652768456354106e-12
    can_giuoc       any        77    13  52   51   4.035679548363223e-22   2.0702402570073918e-11
    duong_xuan_hoi  half_up    137   26  103  89   1.3625863510063248e-26  3.1249751953957233e-13
    duong_xuan_hoi  half_even  137   26  103  89   1.3625863510063248e-26  3.1249751953957233e-13
    duong_xuan_hoi  half_down  137   26  103  89   1.3625863510063248e-26  3.1249751953957233e-13
    duong_xuan_hoi  truncate   79    15  81   70   2.009416579427744e-18   4.116444111051048e-09
    duong_xuan_hoi  ceil       137   26  103  89   1.3625863510063248e-26  3.1263273323708777e-13
    duong_xuan_hoi  nearest    137   26  103  89   1.3625863510063248e-26  3.1249751953957233e-13
    duong_xuan_hoi  any        79    15  81   70   2.009416579427744e-18   4.145362723344945e-09
    phuong_4        half_up    1     0   170  91   0.935672514619883       1
    phuong_4        half_even  1     0   170  91   0.935672514619883       1
    phuong_4        half_down  1     0   170  91   0.935672514619883       1
    phuong_4        truncate   1     0   99   53   0.94                    1
    phuong_4        ceil       1     0   71   38   0.9444444444444446      1
    phuong_4        nearest    1     0   170  91   0.935672514619883       1
    phuong_4        any        1     0   71   38   0.9444444444444446      1
    song_cau        half_up    667   1   28   3    0.0004576968130451109   0.02789621490595188
    song_cau        half_even  667   1   28   3    0.0004576968130451109   0.02789621490595188
    song_cau        half_down  667   1   28   3    0.0004576968130451109   0.02789621490595188
    song_cau        truncate   501   1   28   3    0.0010301992567891924   0.04630340977612619
    song_cau        ceil       1000  1   47   5    1.7129822757820464e-06  0.0014419662229746264
    song_cau        nearest    667   1   28   3    0.0004576968130451109   0.02789621490595188
    song_cau        any        501   1   28   3    0.0010301992567891924   0.04827943905870609
    quang_thuan     half_up    49    1   12   1    0.7147540983606557      1
    quang_thuan     half_even  49    1   12   1    0.7147540983606557      1
    quang_thuan     half_down  49    1   12   1    0.7147540983606557      1
    quang_thuan     truncate   48    1   12   1    0.7254237288135592      1
    quang_thuan     ceil       50    1   73   6    0.2855547642699039      1
    quang_thuan     nearest    49    1   12   1    0.7147540983606557      1
    quang_thuan     any        48    1   12   1    0.7254237288135592      1
    """
).to_dict("records")
# Percentage points between the shares, and the gap closed in per cent, from rounding alone.
RANGES = table(
    """
    pair            rounding  change_low  change_high  gap_low            gap_high
    can_giuoc       nearest   81.225      81.335       97.68490679494889  97.6996996996997
    can_giuoc       truncate  81.18       81.29        97.68953068592057  97.70432692307692
    can_giuoc       ceil      81.27       81.38        97.68028846153847  97.69507803121249
    can_giuoc       any       81.17       81.39        97.67749699157642  97.70708283313326
    duong_xuan_hoi  nearest   67.42       67.44        83.21915694624452  83.2335698858377
    duong_xuan_hoi  any       67.41       67.45        83.21194914208122  83.24077502159693
    song_cau        nearest   10.5        10.7         10.515773660490737 10.705352676338169
    song_cau        truncate  10.5        10.7         10.521042084168336 10.71071071071071
    song_cau        any       10.4        10.8         10.420841683366733 10.8
    quang_thuan     nearest   6.2         6.4          6.329760081674324  6.527281998980112
    quang_thuan     any       6.1         6.5          6.230847803881511  6.625891946992865
    """
).to_dict("records")


def _interval(printed, rounding):
    if printed is None:
        return Interval(low=Fraction(0), high=Fraction(0))
    places = len(printed.partition(".")[2])
    return printed_interval(Decimal(printed), decimals=places, rounding=rounding)


def _judged(case, *, least=1, alpha=0.05):
    before, after = (_interval(end, case["rounding"]) for end in PRINTED[case["pair"]])
    return judge_unknown_denominators(before, after, least=least, alpha=alpha)


def _figure(printed):
    return {
        "printed": printed,
        "value": float(printed),
        "decimals": len(printed.partition(".")[2]),
        "qualifier": "exact",
    }


def _label(case):
    return f"{case['pair']}-{case['rounding']}"


@pytest.mark.parametrize("case", PAIRS, ids=_label)
def test_smallest_denominators_and_their_counts_are_the_published_ones(case):
    before, after = (_interval(end, case["rounding"]) for end in PRINTED[case["pair"]])
    n1, n2 = smallest_denominator(before), smallest_denominator(after)
    assert (n1, n2) == (case["n1"], case["n2"])
    assert (before.counts(n1)[-1], after.counts(n2)[0]) == (case["k1"], case["k2"])


@pytest.mark.parametrize("case", PAIRS, ids=_label)
def test_the_p_value_at_the_smallest_pair_is_the_published_one(case):
    assert _judged(case).witness_p == pytest.approx(float(case["fisher"]), rel=DIGITS)
    direct = central_fisher(case["k1"], case["n1"], case["k2"], case["n2"])
    assert direct == pytest.approx(float(case["fisher"]), rel=DIGITS)


@pytest.mark.parametrize("case", PAIRS, ids=_label)
def test_the_bound_over_all_denominators_is_the_published_one(case):
    assert _judged(case).bound_p == pytest.approx(float(case["bound"]), rel=BOUND)


@pytest.mark.parametrize("case", PAIRS, ids=_label)
def test_three_pairs_are_decided_and_two_hang_on_their_denominators(case):
    decisive = case["pair"] in ("phuong_4", "quang_thuan")
    assert _judged(case).answer == ("decisive" if decisive else "decided")


@pytest.mark.parametrize("case", RANGES, ids=_label)
def test_the_range_of_the_change_is_the_published_one(case):
    before, after = (_figure(end) for end in PRINTED[case["pair"]])
    found = contrast_pair(before, after, rounding=case["rounding"], least_dossiers=1, alpha=0.05)
    assert found.change_low == pytest.approx(case["change_low"], abs=POINTS)
    assert found.change_high == pytest.approx(case["change_high"], abs=POINTS)


@pytest.mark.parametrize("case", RANGES, ids=_label)
def test_the_range_of_the_gap_closed_is_the_published_one(case):
    before, after = (_figure(end) for end in PRINTED[case["pair"]])
    found = contrast_pair(before, after, rounding=case["rounding"], least_dossiers=1, alpha=0.05)
    assert found.gap_closed_low == pytest.approx(case["gap_low"], abs=POINTS)
    assert found.gap_closed_high == pytest.approx(case["gap_high"], abs=POINTS)


@pytest.mark.parametrize(("floor", "published"), [(5, 0.0478), (8, 0.0055)])
def test_the_p_value_of_phuong_4_at_a_known_floor_is_the_published_one(floor, published):
    # Table 1.6 of the same report, printed with four decimals.
    case = {"pair": "phuong_4", "rounding": "half_up"}
    assert _judged(case, least=floor).witness_p == pytest.approx(published, abs=0.00005)


def test_the_gap_closed_is_never_wider_than_its_own_range_says():
    for before in range(0, 100, 7):
        for after in range(before, 101, 9):
            ends = (_figure(str(before)), _figure(str(after)))
            found = contrast_pair(*ends, rounding="nearest", least_dossiers=1, alpha=0.05)
            corners = [
                100 * (a - b) / (100 - b)
                for b in (max(before - 0.5, 0), min(before + 0.5, 100))
                for a in (max(after - 0.5, 0), min(after + 0.5, 100))
            ]
            assert found.gap_closed_low == pytest.approx(min(corners), abs=POINTS)
            assert found.gap_closed_high == pytest.approx(max(corners), abs=POINTS)
