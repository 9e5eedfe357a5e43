"""The set kept for a figure holds every real pair of counts that prints it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import admitted, figures
from scipy.special import logit

from commune_pilots.effects.contrast import Figure, Terms
from commune_pilots.effects.contrast import admitted as side_of
from commune_pilots.scaling.admissible import admitted_change, admitted_level

TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
ROUNDED = 1e-9  # the last digit of a double


def _figure(printed, **counts):
    decimals = len(printed.partition(".")[2])
    return Figure(value=Decimal(printed), decimals=decimals, **counts)


def _pairs(figure, terms=TERMS, most=400):
    """List every real (k, n) of a figure up to `most`, by trying each n."""
    return np.array(admitted(side_of(figure, terms), most=most), dtype=float)


@pytest.mark.parametrize(
    ("printed", "k", "n"), [("98.08", 51, 52), ("86.41", 89, 103), ("53.53", 91, 170)]
)
def test_the_largest_variance_of_long_an_is_that_of_the_smallest_dossiers(printed, k, n):
    found = admitted_level(_figure(printed), TERMS)
    assert found.least_variance == 0
    assert found.most_variance == pytest.approx(1 / k + 1 / (n - k))
    assert found.low < logit(k / n) < found.high


@settings(max_examples=40)
@given(figures(decimals=1, low=1, high=99), st.sampled_from([1, 30]))
def test_every_real_pair_of_a_level_lies_inside(printed, least):
    terms = Terms(rounding="nearest", least_dossiers=least, alpha=0.05)
    figure = _figure(printed)
    found = admitted_level(figure, terms)
    k, n = _pairs(figure, terms, most=1200).T
    real = (k > 0) & (k < n)
    variances = 1 / k[real] + 1 / (n - k)[real]
    assert found.low - ROUNDED <= logit(k / n)[real].min()
    assert logit(k / n)[real].max() <= found.high + ROUNDED
    assert variances.max() == pytest.approx(found.most_variance)


@settings(max_examples=40)
@given(figures(decimals=1), figures(decimals=1))
def test_every_real_pair_of_a_change_lies_inside(before, after):
    earlier, later = _figure(before), _figure(after)
    found = admitted_change(earlier, later, TERMS)
    variances = []
    for figure in (earlier, later):
        k, n = _pairs(figure, most=1200).T
        halved = np.where((k == 0) | (k == n), 0.5, 0.0)
        share = (k + halved) / (n + 2 * halved)
        variances.append((share * (1 - share) / n).max())
    assert found.most_variance == pytest.approx(1e4 * sum(variances))
    assert found.least_variance == 0
    middle = float(after) - float(before)
    assert found.low <= middle <= found.high


@pytest.mark.parametrize("printed", ["0", "100", "0.0", "100.0"])
def test_a_share_that_may_be_nothing_or_all_has_no_log_odds(printed):
    assert admitted_level(_figure(printed), TERMS) is None


@pytest.mark.parametrize("qualifier", ["over", "at_least", "nearly"])
def test_a_bound_has_no_log_odds(qualifier):
    assert admitted_level(Figure(value=Decimal(60), qualifier=qualifier), TERMS) is None


def test_none_of_known_dossiers_has_no_log_odds():
    assert admitted_level(_figure("0.0", numerator=0, denominator=50), TERMS) is None


def test_printed_counts_leave_one_point():
    level = admitted_level(_figure("30.0", numerator=30, denominator=100), TERMS)
    assert level.low == level.high == pytest.approx(logit(0.3))
    assert level.least_variance == level.most_variance == pytest.approx(1 / 30 + 1 / 70)
    before = _figure("20.0", numerator=20, denominator=100)
    change = admitted_change(before, _figure("30.0", numerator=30, denominator=100), TERMS)
    assert change.low == change.high == pytest.approx(10)
    assert change.least_variance == change.most_variance == pytest.approx(16 + 21)


def test_a_printed_number_alone_leaves_its_counts():
    """37% of 300 dossiers is 110 to 112 of them."""
    found = admitted_level(_figure("37", denominator=300), TERMS)
    assert (found.low, found.high) == pytest.approx((logit(110 / 300), logit(112 / 300)))
    assert found.most_variance == pytest.approx(1 / 110 + 1 / 190)
    assert 0 < found.least_variance < found.most_variance


def test_one_side_counted_leaves_the_other_open():
    counted = _figure("20.0", numerator=20, denominator=100)
    found = admitted_change(counted, _figure("50"), TERMS)
    assert found.least_variance == pytest.approx(16)
    assert found.most_variance == pytest.approx(16 + 1e4 * 0.25 / 2)


def test_a_floor_on_dossiers_leaves_less():
    floored = Terms(rounding="nearest", least_dossiers=500, alpha=0.05)
    for known, loose in (
        (admitted_level(_figure("53.53"), floored), admitted_level(_figure("53.53"), TERMS)),
        (
            admitted_change(_figure("20"), _figure("50"), floored),
            admitted_change(_figure("20"), _figure("50"), TERMS),
        ),
    ):
        assert known.most_variance < loose.most_variance
        assert (known.low, known.high) == (loose.low, loose.high)


def test_none_of_hardly_any_dossiers_is_not_taken_as_certain():
    """0 of 1 prints 0%: half a dossier on either side keeps its variance from being 0."""
    found = admitted_change(_figure("0"), _figure("50"), TERMS)
    assert found.most_variance == pytest.approx(1e4 * (0.25 * 0.75 + 0.25 / 2))


def test_a_word_without_an_interval_is_refused():
    with pytest.raises(ValueError, match="states no interval"):
        admitted_level(Figure(value=None, qualifier="no_number"), TERMS)
