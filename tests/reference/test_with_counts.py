"""Comparisons of known counts against numbers of R, of published tables and of exact fractions.

Sources: `oracle/` (R 4.2.2 with metafor 3.8-1, Epi 2.47, epiR 2.0.57 and pwr 1.3-0; its README
says how each file was made and how far it was checked); Newcombe 1998, Table II (method 10, and
Miettinen & Nurminen's); Fisher 1935 (tea tasting); VanderWeele & Ding 2017; Berkeley admissions
of 1973 (Bickel, Hammel & O'Connell 1975; R's UCBAdmissions).

SOLVED: roots and sums of doubles beside R's tight ones; the largest difference seen is 3e-13.
ORACLE: the tolerance that oracle/README.md names for limits and for fits.
PRINTED: a published figure rounded to four decimals.
SEARCHED: Boschloo's largest p over the common chance is searched for; published with 7 decimals.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, inf, sqrt
from pathlib import Path

import pandas as pd
import pytest
from drawn import table

from commune_pilots.effects import counts
from commune_pilots.effects.counts import adjust, compare_counts, e_value
from commune_pilots.effects.exact import central_fisher, minlike_fisher
from commune_pilots.effects.strata import mantel_haenszel, overdispersed

SOLVED = 1e-9
ORACLE = 1e-8
PRINTED = 5.1e-5
SEARCHED = 1e-6
FOLDER = Path(__file__).with_name("oracle")


def _read(name):
    return pd.read_csv(FOLDER / name)


def _case(name):
    """Read one case of with_counts.csv: quantity to value."""
    rows = _read("with_counts.csv")
    return rows[rows["case"] == name].set_index("quantity")["value"].to_dict()


def _pairs(name):
    return [tuple(int(n) for n in row) for row in _read(name)[["k1", "n1", "k2", "n2"]].to_numpy()]


def _berkeley():
    """Lay Berkeley's departments out as strata: women stand as before, men as after."""
    names = {"dept": "stratum", "female_admitted": "k1", "female_n": "n1"}
    names |= {"male_admitted": "k2", "male_n": "n2"}
    return _read("ucb_admissions.csv").rename(columns=names)


@pytest.fixture
def without_boschloo(monkeypatch):
    """Leave out Boschloo's p-value, which takes most of the time and is compared apart."""
    monkeypatch.setattr(counts, "boschloo", lambda *_: None)


@pytest.mark.usefixtures("without_boschloo")
@pytest.mark.parametrize("pair", _pairs("fisher.csv"), ids=str)
def test_fishers_p_values_and_the_conditional_odds_ratio_are_those_of_r(pair):
    """Source: oracle/fisher.csv, columns ending in _tight; `inf` there is None here."""
    found = compare_counts(*pair, alpha=0.05)
    rows = _read("fisher.csv").set_index(["k1", "n1", "k2", "n2"])
    expected = rows.loc[pair]
    assert found.fisher_central == pytest.approx(expected["central"], rel=SOLVED)
    assert found.fisher_minlike == pytest.approx(expected["two_sided_minlike"], rel=SOLVED)
    for name, column in (
        ("odds_ratio", "or_conditional_tight"),
        ("odds_ratio_low", "or_low_tight"),
        ("odds_ratio_high", "or_high_tight"),
    ):
        value = getattr(found, name)
        assert (inf if value is None else value) == pytest.approx(expected[column], rel=SOLVED)


@pytest.mark.usefixtures("without_boschloo")
@pytest.mark.parametrize("pair", _pairs("fisher.csv"), ids=str)
def test_the_hidden_factor_is_the_one_sided_limit_of_the_odds_ratio_of_r(pair):
    """Source: oracle/fisher.csv, or_low_one_sided_tight (one-sided 95%, group 2 higher)."""
    found = compare_counts(*pair, alpha=0.05)
    rows = _read("fisher.csv").set_index(["k1", "n1", "k2", "n2"])
    limit = rows.loc[pair, "or_low_one_sided_tight"]
    assert found.rosenbaum_gamma == (pytest.approx(limit, rel=SOLVED) if limit > 1 else None)


@pytest.mark.parametrize(
    ("pair", "alpha"),
    [((16, 95, 51, 52), 0.05), ((0, 30, 9, 40), 0.01), ((7, 12, 1, 20), 0.05), ((9, 9, 3, 8), 0.1)],
)
def test_at_the_hidden_factor_fishers_one_sided_p_is_alpha(pair, alpha):
    """Rosenbaum 2002, ch. 4: the tail of the extended hypergeometric law (scipy) at odds gamma."""
    from scipy.stats import nchypergeom_fisher

    k1, n1, k2, n2 = pair
    gamma = compare_counts(*pair, alpha=alpha).rosenbaum_gamma
    k, n = (k2, n2) if k2 * n1 > k1 * n2 else (k1, n1)  # the period with the higher share
    tail = nchypergeom_fisher.sf(k - 1, n1 + n2, k1 + k2, n, gamma)
    assert tail == pytest.approx(alpha, rel=SOLVED)


@pytest.mark.parametrize("pair", [(16, 95, 51, 52), (31, 105, 32, 75), (1, 667, 3, 28)])
def test_the_conditional_odds_ratio_is_scipys(pair):
    from scipy.stats.contingency import odds_ratio

    k1, n1, k2, n2 = pair
    found = compare_counts(*pair, alpha=0.1)
    solved = odds_ratio([[k2, n2 - k2], [k1, n1 - k1]], kind="conditional")
    low, high = solved.confidence_interval(0.9)
    assert found.odds_ratio == pytest.approx(solved.statistic, rel=SOLVED)
    assert (found.odds_ratio_low, found.odds_ratio_high) == pytest.approx((low, high), rel=SOLVED)


@pytest.mark.usefixtures("without_boschloo")
@pytest.mark.parametrize("pair", _pairs("intervals.csv"), ids=str)
def test_limits_of_differences_ratios_and_the_gap_are_those_of_r(pair):
    """Source: oracle/intervals.csv: newcombe (Epi), mn, rr_mn, qq_mn (likelihood maximised)."""
    found = compare_counts(*pair, alpha=0.05)
    expected = _read("intervals.csv").set_index(["k1", "n1", "k2", "n2"]).loc[pair]
    for name, column, factor in (
        ("newcombe", "newcombe", 100),
        ("miettinen_nurminen", "mn", 100),
        ("risk_ratio", "rr_mn", 1),
    ):
        if name == "risk_ratio" and pair[0] == pair[2] == 0:
            continue
        for end in ("low", "high"):
            value, limit = getattr(found, f"{name}_{end}"), expected[f"{column}_{end}"]
            shown = inf if value is None else value
            assert shown == pytest.approx(factor * limit, rel=ORACLE, abs=ORACLE), (name, end)
    if pair[0] < pair[1]:
        left = expected[["qq_mn_high", "qq_mn_low"]].to_list()
        gap = found.gap_closed_low, found.gap_closed_high
        assert gap == pytest.approx([100 * (1 - limit) for limit in left], rel=ORACLE, abs=1e-6)


@pytest.mark.usefixtures("without_boschloo")
@pytest.mark.parametrize(
    ("later", "earlier", "newcombe", "nurminen"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
        ((9, 10), (3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
        ((6, 7), (2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
        ((5, 56), (0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
        ((0, 10), (0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844)),
        ((0, 10), (0, 10), (-0.2775, 0.2775), (-0.2879, 0.2879)),
        ((10, 10), (0, 20), (0.6791, 1.0), (0.7156, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0), (0.6636, 1.0)),
    ],
)
def test_newcombes_table_is_reproduced(later, earlier, newcombe, nurminen):
    """Source: Newcombe 1998, Statistics in Medicine 17, Table II (golden case G04)."""
    found = compare_counts(*earlier, *later, alpha=0.05)
    shown = found.newcombe_low / 100, found.newcombe_high / 100
    assert shown == pytest.approx(newcombe, abs=PRINTED)
    shown = found.miettinen_nurminen_low / 100, found.miettinen_nurminen_high / 100
    assert shown == pytest.approx(nurminen, abs=PRINTED)


def test_fishers_tea_tasting_has_its_three_p_values():
    """Source: Fisher 1935; tails 17/70, central and minlike 34/70, mid-p twice 9/70 (G12)."""
    found = compare_counts(1, 4, 3, 4, alpha=0.05)
    assert found.fisher_central == pytest.approx(34 / 70, rel=SOLVED)
    assert found.fisher_minlike == pytest.approx(34 / 70, rel=SOLVED)
    assert found.fisher_mid_p == pytest.approx(18 / 70, rel=SOLVED)


@pytest.mark.parametrize("pair", [(31, 105, 32, 75), (1, 49, 1, 12), (9, 12, 3, 11), (5, 5, 1, 6)])
def test_the_mid_p_is_twice_the_smaller_mid_tail_in_exact_fractions(pair):
    k1, n1, k2, n2 = pair
    both, every = k1 + k2, comb(n1 + n2, k1 + k2)
    chance = {x: Fraction(comb(n2, x) * comb(n1, both - x), every) for x in range(both + 1)}
    upper, lower = (sum(p for x, p in chance.items() if side * (x - k2) > 0) for side in (1, -1))
    exact = min(Fraction(1), 2 * min(upper, lower) + chance[k2])
    assert compare_counts(*pair, alpha=0.05).fisher_mid_p == pytest.approx(float(exact), rel=SOLVED)


@pytest.mark.parametrize("pair", [(31, 63, 74, 117), (74, 117, 31, 63), (43, 117, 32, 63)])
def test_boschloos_p_value_is_twice_the_published_one_sided_one(pair):
    """Source: scipy's documentation of boschloo_exact (golden case G12).

    [[74, 31], [43, 32]], groups in columns, one-sided .0355641. The second pair exchanges the
    periods, the third counts what is left as well: the same table.
    """
    doubled = 2 * 0.0355641
    assert compare_counts(*pair, alpha=0.05).boschloo == pytest.approx(doubled, abs=2 * SEARCHED)


@pytest.mark.parametrize(
    ("pair", "printed"),
    [
        ((16, 95, 51, 52), 1.877e-24),
        ((26, 137, 89, 103), 4.459e-27),
        ((1, 667, 3, 28), 2.423e-4),
        ((1, 49, 1, 12), 0.5244),
    ],
)
def test_boschloos_p_value_of_published_pairs_is_reproduced(pair, printed):
    """Source: docs/methods.md, M2, worked out apart from this package; four digits printed."""
    assert compare_counts(*pair, alpha=0.05).boschloo == pytest.approx(printed, rel=5e-4)


@pytest.mark.parametrize("case", ["16_95_51_52", "31_105_32_75", "60_600_95_640"])
@pytest.mark.usefixtures("without_boschloo")
def test_the_ratios_of_one_table_are_those_of_metafor(case):
    """Source: oracle/with_counts.csv, metafor::escalc (RR, OR and RD with Wald limits).

    One stratum alone pools to the sample odds ratio with Woolf's (Wald) limits.
    """
    k1, n1, k2, n2 = (int(number) for number in case.split("_"))
    expected = _case(f"escalc_{case}")
    found = compare_counts(k1, n1, k2, n2, alpha=0.05)
    assert found.risk_ratio == pytest.approx(expected["rr"], rel=SOLVED)
    assert found.difference == pytest.approx(100 * expected["rd"], rel=SOLVED)
    one = pd.DataFrame({"stratum": ["all"], "k1": k1, "n1": n1, "k2": k2, "n2": n2})
    pooled = mantel_haenszel(one, alpha=0.05)
    limits = pooled.odds_ratio, pooled.odds_ratio_low, pooled.odds_ratio_high
    names = "or", "or_low", "or_high"
    assert limits == pytest.approx([expected[name] for name in names], rel=SOLVED)


@pytest.mark.usefixtures("without_boschloo")
@pytest.mark.parametrize(
    ("pair", "case"),
    [
        ((168, 1000, 9808, 10_000), "cohen_h_0.168_0.9808"),
        ((20, 1000, 83, 1000), "cohen_h_0.02_0.083"),
        ((0, 10, 5353, 10_000), "cohen_h_0_0.5353"),
    ],
)
def test_cohens_h_is_that_of_pwr(pair, case):
    """Source: oracle/with_counts.csv, pwr::ES.h."""
    expected = _case(case)["h_pwr"]
    assert compare_counts(*pair, alpha=0.05).cohen_h == pytest.approx(expected, rel=SOLVED)


@pytest.mark.parametrize(("ratio", "printed"), [(3.9, 7.263034), (1.8, 3.0), (1 / 3.9, 7.263034)])
def test_published_e_values_are_reproduced(ratio, printed):
    """Source: VanderWeele & Ding 2017 (smoking and death: 3.9, limit 1.8), golden case G09."""
    assert e_value(ratio) == pytest.approx(printed, abs=5e-7)


def test_the_e_value_of_counts_is_that_of_their_risk_ratio():
    """39 of 100 after 10 of 100 is a risk ratio of 3.9."""
    found = compare_counts(10, 100, 39, 100, alpha=0.05)
    assert found.e_value == pytest.approx(7.263034, abs=5e-7)
    low = found.risk_ratio_low
    assert found.e_value_limit == pytest.approx(low + sqrt(low * (low - 1)), rel=SOLVED)


def test_berkeley_pools_to_the_odds_ratio_of_r():
    """Source: R's mantelhaen.test, metafor's rma.mh, epiR's epi.2by2; golden case G08."""
    found = mantel_haenszel(_berkeley(), alpha=0.05)
    base, metafor = _case("ucb_mantelhaen_test"), _case("ucb_metafor_rma_mh_or")
    limits = found.odds_ratio, found.odds_ratio_low, found.odds_ratio_high
    assert limits == pytest.approx([base[name] for name in ("or", "low", "high")], rel=SOLVED)
    assert limits == pytest.approx((0.9046968, 0.7719074, 1.0603298), abs=5.1e-8)
    assert (found.x2, found.p) == pytest.approx((base["x2"], base["p"]), rel=SOLVED)
    assert found.x2 == pytest.approx(1.5246, abs=PRINTED)
    for case in (metafor["breslow_day_x2"], _case("ucb_epiR_breslow_day")["x2"], 18.825514):
        assert found.breslow_day == pytest.approx(case, abs=5.1e-7)
    assert found.breslow_day_p == pytest.approx(metafor["breslow_day_p"], rel=ORACLE)
    assert found.breslow_day == pytest.approx(metafor["breslow_day_x2"], rel=ORACLE)


def test_the_breslow_day_statistic_is_that_of_statsmodels_away_from_1():
    from statsmodels.stats.contingency_tables import StratifiedTable

    strata = table(
        """
        stratum  k1  n1  k2  n2
        a         4  40  22  45
        b        10  25   9  15
        c         1  30   8  31
        """
    )
    tables = [[[r.k2, r.n2 - r.k2], [r.k1, r.n1 - r.k1]] for r in strata.itertuples()]
    expected = StratifiedTable(tables).test_equal_odds()
    found = mantel_haenszel(strata, alpha=0.05)
    assert found.breslow_day == pytest.approx(expected.statistic, rel=SOLVED)
    assert found.breslow_day_p == pytest.approx(expected.pvalue, rel=SOLVED)


def test_berkeley_without_departments_has_fishers_published_p_value():
    """Source: R 4.2.2, fisher.test of the crude table prints 4.835903e-22: the minlike p-value.

    The central one is larger: twice the smaller tail, 5.707927e-22.
    """
    k1, n1, k2, n2 = (int(_berkeley()[name].sum()) for name in ("k1", "n1", "k2", "n2"))
    assert (k1, n1, k2, n2) == (557, 1835, 1198, 2691)
    assert minlike_fisher(k1, n1, k2, n2) == pytest.approx(4.835903e-22, rel=2e-7)
    assert central_fisher(k1, n1, k2, n2) == pytest.approx(5.707927e-22, rel=2e-7)
    crude = _case("ucb_crude")
    found = compare_counts(k1, n1, k2, n2, alpha=0.05)
    assert found.risk_ratio == pytest.approx(crude["risk_ratio"], rel=SOLVED)
    assert found.difference == pytest.approx(100 * crude["risk_difference"], rel=SOLVED)
    assert found.odds_ratio == pytest.approx(crude["or"], rel=1e-3)  # conditional beside sample


def test_simulated_months_have_the_quasi_binomial_fit_of_r():
    """Source: oracle/simulated_monthly.csv fitted by R's glm(family = quasibinomial), t limits."""
    months = _read("simulated_monthly.csv").rename(columns={"month": "period"})
    found, expected = overdispersed(months, alpha=0.05), _case("monthly_quasibinomial")
    for name, quantity in (
        ("odds_ratio", "or"),
        ("odds_ratio_low", "or_low_t"),
        ("odds_ratio_high", "or_high_t"),
        ("p", "p_t"),
        ("dispersion", "dispersion"),
        ("residual_df", "df"),
    ):
        assert getattr(found, name) == pytest.approx(expected[quantity], rel=ORACLE), name
    assert found.design_effect == found.dispersion


@pytest.mark.parametrize(("method", "case"), [("holm", "holm"), ("benjamini_hochberg", "BH")])
def test_adjusted_p_values_are_those_of_r(method, case):
    """Source: oracle/with_counts.csv, R's p.adjust of 25 p-values."""
    found = adjust(_case("p_adjust_raw"), method=method)
    assert found == pytest.approx(_case(f"p_adjust_{case}"), rel=SOLVED)
