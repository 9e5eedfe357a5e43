from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import provinces
import pytest

from commune_pilots import schemas
from commune_pilots.catalogue import has
from commune_pilots.effects import design_checks
from commune_pilots.effects.design_checks import CHECKS, check_effects, quarters


def _checks(tables, effects=None, *, least_change=10.0):
    found = provinces.estimated(tables) if effects is None else effects
    return check_effects(
        found, tables["panel"], tables["units"], tables["pilots"], tables["events"],
        alpha=provinces.ALPHA, least_change=least_change, seed=provinces.SEED,
    )  # fmt: skip


def _outcomes(tables, effects=None, **how):
    found = _checks(tables, effects, **how)
    return dict(zip(found["check"], found["outcome"], strict=True))


@pytest.fixture(scope="module")
def found():
    return provinces.estimated(provinces.province())


def test_every_check_of_a_comparison_is_asked_once_and_worded(found):
    checks = _checks(provinces.province(), found)
    assert tuple(checks["check"]) == CHECKS
    assert set(checks["contrast"]) == {found.iloc[0]["effect"]}
    for name in CHECKS:
        assert has(f"briefing.check.{name}")
        assert has(f"briefing.check_size.{name}")


def test_a_simulated_province_passes_what_can_be_asked(found):
    outcomes = _outcomes(provinces.province(), found)
    assert outcomes.pop("other_definition") == "not_possible"
    assert set(outcomes.values()) == {"passed"}


def test_a_series_alone_passes_nothing_that_needs_a_comparison():
    outcomes = _outcomes(provinces.campaign())
    alone = {"pre_trend", "placebo_in_space", "leave_one_out", "donor_pool", "trend_sensitivity"}
    assert {outcomes[name] for name in alone} == {"not_possible"}
    assert outcomes["placebo_in_time"] == "passed"


def test_a_refused_effect_has_no_checks():
    tables = provinces.province()
    nobody = {**tables, "pilots": tables["pilots"].iloc[:0]}
    pd.testing.assert_frame_equal(_checks(nobody), schemas.empty("checks"))


def test_no_effects_are_no_checks():
    tables = provinces.province()
    found = _checks(tables, schemas.empty("effects"))
    pd.testing.assert_frame_equal(found, schemas.empty("checks"))


@pytest.mark.slow
def test_a_change_too_small_to_show_fails(found):
    tables = provinces.province()
    checks = _checks(tables, found).set_index("check")
    size = checks.loc["mde", "statistic"]
    reach = (found.iloc[0]["conf_high"] - found.iloc[0]["conf_low"]) / 2
    assert size == pytest.approx(reach * (1 + 0.8416212 / 1.959964))
    assert _outcomes(tables, found, least_change=size - 0.01)["mde"] == "failed"
    assert _outcomes(tables, found, least_change=size)["mde"] == "passed"


def test_what_cannot_be_decided_cannot_detect_anything(found):
    undecided = found.assign(answer=found["answer"].where(~found["primary"], "not_decidable"))
    outcomes = _outcomes(provinces.province(), undecided)
    assert outcomes["mde"] == outcomes["trend_sensitivity"] == "not_possible"


@pytest.mark.slow
def test_another_definition_that_answers_otherwise_is_named(found):
    first = found.iloc[[0]]
    alike = first.assign(definition="other", effect="other")
    apart = alike.assign(answer="not_told_apart")
    turned = alike.assign(estimate=-first["estimate"])
    tables = provinces.province()
    for second, outcome in ((alike, "passed"), (apart, "failed"), (turned, "failed")):
        both = pd.concat([found, second], ignore_index=True)
        checks = _checks(tables, both)
        own = checks[checks["contrast"] == first["effect"].iloc[0]].set_index("check")
        assert own.loc["other_definition", "outcome"] == outcome
        named = own.loc["other_definition", "reference"]
        assert pd.isna(named) if outcome == "passed" else named == "other"


def test_a_pool_whose_answer_lies_outside_the_interval_fails(found):
    narrow = found.assign(conf_low=found["conf_low"] + 50, conf_high=found["conf_high"] + 50)
    assert _outcomes(provinces.province(), narrow)["donor_pool"] == "failed"


def test_quarters_are_differences_to_the_quarter_before_the_start():
    arms = provinces.arms(provinces.province())
    study = quarters(arms)
    assert (study.n_before, len(study.beta), study.freedom) == (5, 9, 7.0)
    outcome, own = arms.wide.outcome, arms.treated
    last = outcome[:, 27:30].mean(axis=1) - outcome[:, 15:18].mean(axis=1)
    assert study.beta[-1] == pytest.approx(last[own].mean() - last[~own].mean())
    spread = last[own].var(ddof=1) / own.sum() + last[~own].var(ddof=1) / (~own).sum()
    assert study.covariance[-1, -1] == pytest.approx(spread)


def test_a_straight_difference_in_trends_that_goes_on_is_no_effect():
    arms = provinces.arms(provinces.province(effect=0.0))
    outcome = arms.wide.outcome + 0.5 * np.outer(arms.treated, np.arange(30))
    drifting = replace(arms, wide=replace(arms.wide, outcome=outcome))
    told = {"answer": "told_apart"}
    found = design_checks._bend(drifting, told, alpha=provinces.ALPHA)
    assert (found.outcome, found.statistic) == ("failed", 0.0)
    whole = provinces.arms(provinces.province())
    assert design_checks._bend(whole, told, alpha=provinces.ALPHA).statistic > 0


@pytest.mark.parametrize(
    "change",
    [
        lambda one: provinces.with_pilots(one, 2),
        provinces.staggered,
        lambda one: {**one, "panel": one["panel"].query("period_start >= '2022-01-01'")},
    ],
)
def test_few_pilots_several_starts_or_few_quarters_have_no_event_study(change):
    assert quarters(provinces.arms(change(provinces.province()))) is None
