from __future__ import annotations

from itertools import pairwise
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from drawn import observations, table
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.special import expit, logit

from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.coverage import cover_pilots
from commune_pilots.effects.pairing import contrast_all
from commune_pilots.params import Definition, Indicator
from commune_pilots.scaling.hierarchical import (
    POINTS_PER_LOGIT,
    PRIORS,
    chance_at_least,
    hierarchical,
)
from commune_pilots.scaling.next_commune import pool_all
from commune_pilots.scaling.pooling import pool
from commune_pilots.vocabulary import PoolMethod

METHODS = list(get_args(PoolMethod))
CODES = [f"0000{at}" for at in range(1, 7)]
TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)
ENDS = ["estimate_low", "estimate_high", "conf_low", "conf_high", "prediction_low",
        "prediction_high", "tau_low", "tau_high", "i2_low", "i2_high", "chance_low",
        "chance_high"]  # fmt: skip


def _indicator(unit="percent", better="up"):
    named = Definition(vi="d", en="d")
    return Indicator(
        label_vi="i", label_en="i", unit=unit, minimum=0, maximum=None, better=better,
        pillar="government", definitions={"online_level34_assisted": named},
    )  # fmt: skip


def _of(figures, *, codes=CODES, **indicators):
    """Turn drawn figures into what the notebooks hand over."""
    names = {code: f"Unit {code}" for code in codes}
    pilots = table(
        "unit programme opened_precision arm source\n"
        + "\n".join(f"{code} p1 unknown pilot s1" for code in codes),
        of="pilots",
    )
    return {
        "contrasts": contrast_all(figures, names, TERMS, indicators=[]),
        "coverage": cover_pilots(pilots, figures, names),
        "observations": figures,
        "indicators": {"online_share": _indicator(), **indicators},
    }


def _pool(tables, *, target_share=80.0, least_change=10.0, terms=TERMS, **settings):
    return pool_all(
        tables["contrasts"],
        tables["coverage"],
        tables["observations"],
        terms,
        indicators=tables["indicators"],
        target_share=target_share,
        least_change=least_change,
        **settings,
    )


def _counted(shares, *, n=200, before=0.1, **same):
    """Draw units whose counts are printed: `before` of n, then each share of n."""
    rows = []
    for code, share in zip(CODES, shares, strict=False):
        for role, part in (("before", before), ("after", share)):
            k = round(part * n)
            printed = f"{100 * k / n:.2f}".replace(".", ",")
            rows.append(f"{role[0]}{code} {code} {role} {printed} exact {k} {n}")
    header = "observation unit role printed qualifier numerator denominator\n"
    return observations(header + "\n".join(rows), **same)


def _printed(*pairs, **same):
    """Draw units whose counts are not printed, as (before, after); `-` is not printed at all."""
    rows = []
    for code, (before, after) in zip(CODES, pairs, strict=False):
        for role, printed in (("before", before), ("after", after)):
            if printed != "-":
                word, number = ("none_yet", "chưa") if printed == "none" else ("exact", printed)
                word, number = ("over", number[1:]) if number[0] == ">" else (word, number)
                rows.append(f"{role[0]}{code} {code} {role} {number} {word}")
    return observations("observation unit role printed qualifier\n" + "\n".join(rows), **same)


def _row(found, quantity, method, left_out=None):
    out = found["left_out"].isna() if left_out is None else found["left_out"] == left_out
    rows = found[(found["quantity"] == quantity) & (found["method"] == method) & out]
    assert len(rows) == 1
    return rows.iloc[0]


SHARES = (0.9, 0.75, 0.6, 0.8)
FOUR = _of(_counted(SHARES))
POOLED = _pool(FOUR)


def test_levels_of_known_counts_are_pooled_as_log_odds_and_shown_in_per_cent():
    k = np.array([round(200 * share) for share in SHARES])
    y, v = logit(k / 200).tolist(), (1 / k + 1 / (200 - k)).tolist()
    plain = pool(y, v)
    row = _row(POOLED, "level", "reml")
    limits, new = plain.hartung_knapp, plain.prediction_hts
    shown = 100 * expit([plain.estimate, limits.low, limits.high, new.low, new.high])
    names = ["estimate_low", "conf_low", "conf_high", "prediction_low", "prediction_high"]
    assert row[names].tolist() == pytest.approx(shown.tolist())
    assert row["tau_low"] == pytest.approx(plain.tau2**0.5, rel=1e-6)
    assert row["i2_low"] == pytest.approx(plain.i2, rel=1e-6)


@pytest.mark.parametrize("prior", PRIORS)
def test_changes_are_pooled_in_points_with_the_prior_stretched(prior):
    after = np.array([round(200 * share) for share in SHARES]) / 200
    y, v = 100 * (after - 0.1), 1e4 * (after * (1 - after) + 0.1 * 0.9) / 200
    plain = hierarchical(y.tolist(), v.tolist(), prior=prior, scale=POINTS_PER_LOGIT)
    row = _row(POOLED, "change", prior)
    assert row["estimate_low"] == pytest.approx(plain.estimate)
    assert row["conf_high"] == pytest.approx(min(100.0, plain.interval.high))
    assert row["prediction_low"] == pytest.approx(max(-100.0, plain.prediction.low))
    assert row["chance_low"] == pytest.approx(float(chance_at_least(plain.posterior, 10.0)))


def test_known_counts_leave_a_point():
    for low, high in (("estimate_low", "estimate_high"), ("chance_low", "chance_high")):
        assert POOLED[low].tolist() == POOLED[high].tolist()


def test_every_method_has_one_row_and_two_have_one_without_each_unit():
    for quantity in ("level", "change"):
        rows = POOLED[POOLED["quantity"] == quantity]
        assert rows.loc[rows["left_out"].isna(), "method"].tolist() == METHODS
        left = rows[rows["left_out"].notna()]
        assert sorted(set(left["method"])) == ["half_normal_1", "reml"]
        assert left.groupby("method")["left_out"].apply(sorted).tolist() == [CODES[:4]] * 2
        assert set(left["pilots"]) == {3}
    assert set(POOLED["outcome"]) == {"pooled"}


def test_a_row_without_a_unit_is_the_row_of_the_others():
    rest = _pool(_of(_counted(SHARES[:3])))
    for quantity in ("level", "change"):
        for method in ("reml", "half_normal_1"):
            left, alone = (
                _row(POOLED, quantity, method, left_out=CODES[3]),
                _row(rest, quantity, method),
            )
            assert left[ENDS].tolist() == pytest.approx(alone[ENDS].tolist())


def test_three_units_are_pooled_and_none_is_left_out():
    found = _pool(_of(_counted(SHARES[:3])))
    assert set(found["outcome"]) == {"pooled"}
    assert found["left_out"].isna().all()


def test_two_units_are_too_few_and_carry_no_number():
    found = _pool(_of(_counted(SHARES[:2])))
    assert set(found["outcome"]) == {"too_few"}
    assert set(found["pilots"]) == {2}
    assert found[ENDS].isna().all(axis=None)
    assert found["method"].tolist() == METHODS * 2


def test_a_stated_number_of_units_is_asked_for():
    assert set(_pool(FOUR, least_to_pool=5)["outcome"]) == {"too_few"}
    with pytest.raises(ValueError, match="at least 3 units"):
        _pool(FOUR, least_to_pool=2)


def test_a_share_that_may_be_all_is_saturated_and_its_change_is_not():
    found = _pool(_of(_counted((0.9, 0.75, 1.0, 0.8))))
    assert set(found.loc[found["quantity"] == "level", "outcome"]) == {"saturated"}
    assert found.loc[found["quantity"] == "level", ENDS].isna().all(axis=None)
    assert set(found.loc[found["quantity"] == "change", "outcome"]) == {"pooled"}
    assert not found.loc[found["quantity"] == "level", "left_out"].notna().any()


def test_definitions_never_meet():
    """Two units under one definition and two under another are twice too few, never four."""
    one = _counted(SHARES[:2], definition="online_level34_assisted")
    other = _counted((0, 0, *SHARES[2:]), definition="online_full_process").iloc[4:]
    other = other.assign(observation="o" + other["observation"])
    found = _pool(_of(pd.concat([one, other], ignore_index=True)))
    assert set(found["definition"]) == {"online_level34_assisted", "online_full_process"}
    assert set(found["outcome"]) == {"too_few"}
    assert set(found["pilots"]) == {2}


def test_a_unit_without_a_before_counts_for_the_level_only():
    figures = _counted(SHARES)
    found = _pool(_of(figures[figures["observation"] != f"b{CODES[3]}"]))
    level, change = _row(found, "level", "reml"), _row(found, "change", "reml")
    assert (level["pilots"], change["pilots"]) == (4, 3)
    assert (level["grade"], change["grade"]) == ("none", "low")
    assert _row(found, "level", "reml", left_out=CODES[3])["grade"] == "low"
    assert _row(found, "level", "reml", left_out=CODES[0])["grade"] == "none"


def test_a_pool_is_no_stronger_than_its_weakest_contrast():
    tables = _of(_counted((*SHARES[:3], 0.105)))
    assert sorted(set(tables["contrasts"]["grade"])) == ["low", "none"]
    found = _pool(tables)
    assert set(found.loc[found["left_out"].isna(), "grade"]) == {"none"}
    assert _row(found, "change", "reml", left_out=CODES[3])["grade"] == "low"


def test_a_change_that_is_a_bound_is_counted_nowhere():
    tables = _of(_printed(("10", "40"), ("10", "50"), ("none", "53,53"), (">60", "90")))
    found = _pool(tables, least_to_pool=5)  # nothing is searched
    level, change = _row(found, "level", "reml"), _row(found, "change", "reml")
    assert (level["pilots"], change["pilots"]) == (4, 2)


def test_only_shares_that_should_rise_come_in():
    for unit, better in (("count", "up"), ("percent", "down")):
        tables = {**FOUR, "indicators": {"online_share": _indicator(unit, better)}}
        assert _pool(tables).empty


def test_units_that_are_no_pilots_and_figures_of_no_unit_stay_out():
    tables = _of(_counted(SHARES), codes=CODES[:4])
    fewer = tables["coverage"][tables["coverage"]["unit"] != CODES[3]]
    found = _pool({**tables, "coverage": fewer})
    assert set(found["pilots"]) == {3}
    office = _counted(SHARES, scope="office")
    assert _pool(_of(office)).empty


def test_nothing_printed_gives_no_rows():
    assert _pool(_of(observations("observation unit role printed qualifier"))).empty


@pytest.mark.slow
@settings(max_examples=5)
@given(st.lists(st.integers(5, 95), min_size=3, max_size=4), st.integers(1, 99))
def test_everything_shown_keeps_to_what_it_is(shares, target):
    found = _pool(_of(_counted([share / 100 for share in shares])), target_share=float(target))
    level = found[found["quantity"] == "level"]
    assert level[ENDS[:6]].ge(0).all(axis=None)
    assert level[ENDS[:6]].le(100).all(axis=None)
    change = found[found["quantity"] == "change"]
    assert change[ENDS[:6]].abs().le(100).all(axis=None)
    for low, high in (ENDS[at : at + 2] for at in range(0, len(ENDS), 2)):
        assert (found[low] <= found[high] + 1e-9).all()
    assert (found["prediction_low"] <= found["estimate_low"] + 1e-9).all()
    assert (found["estimate_high"] <= found["prediction_high"] + 1e-9).all()


def test_chances_fall_as_the_thresholds_rise():
    tables = _of(_counted(SHARES[:3]))
    for name, quantity in (("target_share", "level"), ("least_change", "change")):
        runs = [_pool(tables, **{name: at}) for at in (20.0, 50.0, 70.0, 90.0)]
        for method in METHODS:
            chances = [_row(found, quantity, method)["chance_low"] for found in runs]
            assert all(first > second for first, second in pairwise(chances))


def test_the_threshold_stands_in_the_row():
    found = _pool(FOUR, target_share=60.0, least_change=5.0)
    assert set(found.loc[found["quantity"] == "level", "threshold"]) == {60.0}
    assert set(found.loc[found["quantity"] == "change", "threshold"]) == {5.0}


def test_the_order_of_the_rows_does_not_matter():
    turned = {
        name: value.iloc[::-1].reset_index(drop=True) if isinstance(value, pd.DataFrame) else value
        for name, value in FOUR.items()
    }
    keys = ["quantity", "method", "left_out"]
    ours, theirs = (found.sort_values(keys, ignore_index=True) for found in (POOLED, _pool(turned)))
    assert_frame_equal(ours, theirs)


def test_the_callers_tables_are_not_changed():
    kept = {name: FOUR[name].copy(deep=True) for name in ("contrasts", "coverage", "observations")}
    _pool(FOUR)
    for name, before in kept.items():
        assert_frame_equal(FOUR[name], before)


@pytest.mark.slow
def test_long_an_as_printed_leaves_the_next_commune_open():
    """The figures of the press: the level of three units, the change of two and a bound."""
    figures = _printed(("16,8", "98,08"), ("18,98", "86,41"), ("none", "53,53"))
    found = _pool(_of(figures))
    assert set(found.loc[found["quantity"] == "change", "outcome"]) == {"too_few"}
    for method in METHODS:
        row = _row(found, "level", method)
        assert row["outcome"] == "pooled"
        assert row["prediction_low"] < 35
        assert row["prediction_high"] > 99
        assert 0.5 < row["chance_low"] <= row["chance_high"] < 0.7
        assert row["grade"] == "none"
    counted = _row(found, "level", "half_normal_1")
    smallest = hierarchical(
        logit(np.array([51 / 52, 89 / 103, 91 / 170])).tolist(),
        [1 / 51 + 1, 1 / 89 + 1 / 14, 1 / 91 + 1 / 79],
    )
    chance = float(chance_at_least(smallest.posterior, float(logit(0.8))))
    assert counted["chance_low"] <= chance <= counted["chance_high"]


@pytest.mark.slow
def test_more_dossiers_at_least_leave_a_range_inside():
    figures = _of(_printed(("16,8", "98,08"), ("18,98", "86,41"), ("20,1", "53,53")))
    floored = Terms(rounding="nearest", least_dossiers=300, alpha=0.05)
    wide, narrow = (_pool(figures, terms=terms) for terms in (TERMS, floored))
    for low, high in (ENDS[at : at + 2] for at in range(0, len(ENDS), 2)):
        assert (wide[low] <= narrow[low] + 1e-2).all()
        assert (narrow[high] <= wide[high] + 1e-2).all()
    widths = [(found["chance_high"] - found["chance_low"]).sum() for found in (wide, narrow)]
    assert widths[1] < widths[0] / 2
