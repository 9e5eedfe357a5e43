"""Inference for few treated units against published numbers and other software.

Sources: Fisher 1935, The Design of Experiments, sections 5 to 8 (a lady tasting tea) and 17 to 21
(Darwin's fifteen pairs of maize, heights in eighths of an inch); Gerber & Green 2012, Field
Experiments, chapter 3 (seven villages, two with a woman as head; budget shares); Student 1908,
sleep gained by ten patients, as printed by R's t.test; Rambachan & Roth 2023 on the event study of
Benzarti & Carloni 2019 (French VAT cut), coefficients and intervals as in R's HonestDiD; the wild
bootstrap as by wildboottest 0.3.2, all 2^8 sign patterns.

EXACT: counts of choices. PRINTED: as many decimals as printed. R draws the quantile of a folded
normal 10^6 times, so its lengths are off by up to one in a thousand: DRAWN. DIFF_DIFF: its own
search stops at about 1e-6 of the coefficients.
"""

from __future__ import annotations

import numpy as np
import pytest

from commune_pilots.effects.assignment import choices, completely_random, count, within_strata
from commune_pilots.effects.collapse import mean_difference
from commune_pilots.effects.honest import (
    breakdown,
    event_study,
    relative_magnitudes,
    smoothness,
)
from commune_pilots.effects.randomisation import p_value, prepare, randomisation_test
from commune_pilots.effects.wild_bootstrap import wild_cluster_bootstrap

ALPHA = 0.05
EXACT = 1e-12
PRINTED = 5e-5
DRAWN = 1.2e-3
DIFF_DIFF = 1e-5

MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48])
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

VAT = [0.006696351804, 0.02934503369, -0.006472972222, 0.0730149895, 0.1959611177, 0.3120639026,
       0.2395415455, 0.1260425001]  # fmt: skip
VAT_COVARIANCE = [
    [0.0008428358124, 0.0004768686777, 0.0002618051076, 0.0002354220342, 0.0001676371467,
     0.0001128707663, 1.992816215e-05, -0.0001368265366],
    [0.0004768686777, 0.0006425420288, 0.0003987425007, 0.0002435515198, 0.0002201960306,
     0.0001804591157, 3.84376508e-05, -2.960421989e-05],
    [0.0002618051076, 0.0003987425007, 0.0005229949602, 0.000211768609, 0.0001840722252,
     0.000145852784, 7.005197403e-05, 5.952994979e-05],
    [0.0002354220342, 0.0002435515198, 0.000211768609, 0.0003089595411, 0.0001197866077,
     0.0001334081317, 0.0001016335009, 0.0001079051726],
    [0.0001676371467, 0.0002201960306, 0.0001840722252, 0.0001197866077, 0.000359970436,
     0.0002478818642, 0.0001749579242, 0.0001654256921],
    [0.0001128707663, 0.0001804591157, 0.000145852784, 0.0001334081317, 0.0002478818642,
     0.0004263949813, 0.0002171437809, 0.0002892747871],
    [1.992816215e-05, 3.84376508e-05, 7.005197403e-05, 0.0001016335009, 0.0001749579242,
     0.0002171437809, 0.0004886697861, 0.0003805322049],
    [-0.0001368265366, -2.960421989e-05, 5.952994979e-05, 0.0001079051726, 0.0001654256921,
     0.0002892747871, 0.0003805322049, 0.000761739444],
]  # fmt: skip


def _all(mechanism):
    rng = np.random.default_rng(0)
    return choices(mechanism, draws=1, rng=rng, listed=count(mechanism))


def _vat(target=(1, 0, 0, 0)):
    return event_study(VAT, VAT_COVARIANCE, n_before=4, target=target)


@pytest.mark.parametrize(("right", "published"), [(4, 0.0285714), (3, 0.4857143)])
def test_a_lady_tasting_tea(right, published):
    milk_first = np.arange(8) < 4
    said = np.isin(np.arange(8), [*range(right), *range(4, 8 - right)]).astype(float)
    sums = prepare(said, _all(completely_random(milk_first)), statistic="difference")
    assert p_value(sums) == pytest.approx(published, abs=PRINTED)


def test_darwin_s_maize_in_all_32768_ways_to_choose_the_crossed_plant_of_a_pair():
    heights = np.concatenate([MAIZE, np.zeros(15)])
    pairs = within_strata(np.arange(30) < 15, strata=np.tile(np.arange(15), 2))
    chosen = _all(pairs)
    sums = prepare(heights, chosen, statistic="difference")
    assert len(chosen.treated) == 2**15
    assert p_value(sums) * 2**15 == pytest.approx(1726, abs=EXACT * 2**15)
    by_t = mean_difference(heights, pairs, alpha=ALPHA)
    assert by_t.found.estimate / by_t.found.std_error == pytest.approx(2.148, abs=5e-4)
    assert by_t.freedom == 14
    assert by_t.found.p_value == pytest.approx(0.0497, abs=PRINTED)


def test_seven_villages_two_with_a_woman_as_head():
    budget = np.array([15.0, 15, 20, 20, 10, 15, 30])
    women = np.isin(np.arange(7), (0, 6))
    found = randomisation_test(
        budget, _all(completely_random(women)), alpha=ALPHA, statistic="difference"
    )
    assert found.estimate == pytest.approx(6.5)
    assert found.choices == 21
    assert found.p_value == pytest.approx(8 / 21, abs=EXACT)
    assert found.smallest_p == pytest.approx(0.048, abs=5e-4)


def test_student_s_sleep_by_welch():
    first = np.arange(20) < 10
    found = mean_difference(np.array(SLEEP_1 + SLEEP_2), completely_random(first), alpha=ALPHA)
    assert found.found.estimate / found.found.std_error == pytest.approx(-1.8608, abs=PRINTED)
    assert found.freedom == pytest.approx(17.776, abs=5e-4)
    assert found.found.p_value == pytest.approx(0.07939, abs=5e-6)
    assert found.found.conf_low == pytest.approx(-3.3654832, abs=5e-8)
    assert found.found.conf_high == pytest.approx(0.2054832, abs=5e-8)


def test_the_vat_cut_with_parallel_trends():
    found = relative_magnitudes(_vat(), bound=0.0, alpha=ALPHA)
    assert found.conf_low == pytest.approx(0.15877494280765, abs=1e-9)
    assert found.conf_high == pytest.approx(0.233147292681241, abs=1e-9)


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.00, 0.131411316, 0.2161696482),
        (0.01, 0.1549652671, 0.2703845303),
        (0.02, 0.1773010879, 0.3159564682),
        (0.03, 0.1894044644, 0.3485477500),
        (0.10, 0.1194440001, 0.4185082143),
        (0.20, 0.0194440002, 0.5185082143),
    ],
)
def test_the_vat_cut_with_trends_of_bounded_bends(bound, low, high):
    found = smoothness(_vat(), bound=bound, alpha=ALPHA)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), abs=DRAWN)
    length, published = found.conf_high - found.conf_low, high - low
    assert length == pytest.approx(published, rel=DRAWN)


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.5, 0.1181294858, 0.2715838660),
        (1.0, 0.0672312508, 0.3186837253),
        (1.5, 0.0132943151, 0.3695819603),
    ],
)
def test_the_union_of_intervals_holds_the_hybrid_one_and_is_not_much_wider(bound, low, high):
    found = relative_magnitudes(_vat(), bound=bound, alpha=ALPHA)
    assert found.conf_low < low
    assert found.conf_high > high
    assert found.conf_high - found.conf_low < 1.10 * (high - low)


def test_the_vat_cut_breaks_down_before_the_hybrid_interval_does():
    """R's hybrid interval excludes 0 at 1.5 times the largest step before, and holds it at 2."""
    found = breakdown(_vat(), restriction="relative_magnitudes", alpha=ALPHA, most=10)
    assert found is not None
    assert 1.5 < found < 2.0


@pytest.mark.slow
@pytest.mark.parametrize("target", [(1, 0, 0, 0), (0.25,) * 4, (0, 0, 0, 1)])
@pytest.mark.parametrize("bound", [0.0, 0.005, 0.03, 0.1])
def test_diff_diff_finds_the_same_interval_and_no_shorter_one(target, bound):
    from diff_diff.honest_did import _flci_solve

    low, high, _ = _flci_solve(
        np.array(VAT[:4]), np.array(VAT[4:]), np.array(VAT_COVARIANCE),
        np.array(target, dtype=float), 4, 4, bound,
    )  # fmt: skip
    found = smoothness(_vat(target), bound=bound, alpha=ALPHA)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), abs=DIFF_DIFF)
    assert found.conf_high - found.conf_low <= high - low + 1e-10


def test_wildboottest_counts_the_same_sign_patterns():
    """It counts those strictly farther out; ours counts the two that repeat the data as well."""
    outcome = [
        3.1, 2.4, 2.9, 4.0, 3.7, 4.4, 1.9, 2.2, 1.5, 3.3, 3.0, 2.6,
        5.1, 4.6, 4.9, 2.0, 2.8, 2.3, 3.9, 3.5, 4.2, 1.2, 1.9, 1.4,
    ]  # fmt: skip
    groups = np.repeat(np.arange(8), 3)
    design = np.column_stack([np.ones(24), np.tile([0.0, 1.0, 3.0], 8), groups < 3])
    found = wild_cluster_bootstrap(
        outcome, design, groups,
        column=2, weights="rademacher", draws=1, rng=np.random.default_rng(0),
    )  # fmt: skip
    assert found.t == pytest.approx(-0.2605941638226386, abs=EXACT)
    assert found.p_value * 256 == pytest.approx(0.8125 * 256 + 2, abs=EXACT)
