from __future__ import annotations

import re
from dataclasses import replace
from math import inf, nan

import pytest

from commune_pilots import schemas
from commune_pilots.contracts.table import CODE
from commune_pilots.effects.effect_rows import About, effect_id, refused_row, row
from commune_pilots.effects.estimate import Estimate

ABOUT = About(
    indicator="online_share", definition="online", level="C1", design="comparison", alpha=0.05,
    smallest_p=0.001, n_treated=8, n_comparison=100, assumptions=("A3", "A18", "A4"),
    checks={"pre_trend": "passed"},
)  # fmt: skip
FOUND = Estimate(estimate=5.0, std_error=1.0, conf_low=3.0, conf_high=7.0, p_value=0.01)


def _row(found=FOUND, about=ABOUT, **how):
    return row(about, found, method="welch", estimand="att_mean", **how)


def _built(*rows):
    return schemas.build(list(rows), "effects")


def test_a_row_keeps_the_contract_and_the_numbers():
    found = _built(_row()).iloc[0]
    assert (found["estimate"], found["conf_low"], found["conf_high"]) == (5.0, 3.0, 7.0)
    assert (found["answer"], found["grade"]) == ("told_apart", "medium")
    assert found["assumptions"] == "A3;A4;A18"
    assert not found["primary"]


def test_an_answer_is_read_by_what_the_design_could_have_shown():
    assert _row(smallest_p=0.2)["answer"] == "not_decidable"
    assert _row(about=replace(ABOUT, smallest_p=0.06))["answer"] == "not_decidable"
    assert _row(replace(FOUND, p_value=0.06))["answer"] == "not_told_apart"


def test_a_level_of_alpha_is_told_apart_at_alpha_itself():
    assert _row(replace(FOUND, p_value=0.05))["answer"] == "told_apart"


def test_what_has_no_p_value_is_refused_and_keeps_its_estimate():
    found = _row(replace(FOUND, p_value=nan))
    assert (found["answer"], found["refused"]) == ("refused", "no_std_error")
    assert found["estimate"] == 5.0
    assert found["conf_low"] is None


def test_a_given_reason_takes_limits_and_p_away():
    found = _row(refused="mixes_dates")
    assert (found["answer"], found["refused"], found["grade"]) == ("refused", "mixes_dates", "none")
    assert found["p_value"] is found["conf_low"] is found["conf_high"] is None


def test_limits_without_bound_are_missing():
    found = _row(replace(FOUND, conf_low=-inf, conf_high=inf))
    assert found["conf_low"] is found["conf_high"] is None


def test_a_refused_design_stands_without_numbers():
    found = refused_row(ABOUT, method="welch", estimand="att_mean", reason="few_treated")
    built = _built(found).iloc[0]
    assert (built["answer"], built["refused"], built["grade"]) == ("refused", "few_treated", "none")
    assert built[["estimate", "p_value", "smallest_p"]].isna().all()


def test_ids_tell_method_unit_and_event_time_apart():
    ids = {
        effect_id("online_share", "online", method, unit=unit, at=at)
        for method in ("welch", "event_time")
        for unit in (None, "01234")
        for at in (None, -3, 3)
    }
    assert len(ids) == 12
    assert effect_id("a", "b", "event_time", unit=None, at=-3).endswith("-event_time-m3")


@pytest.mark.parametrize("unit", ["01234", "u" * 40])
def test_ids_are_codes_however_long_their_parts(unit):
    asked = {"unit": unit, "at": -12}
    found = effect_id("i" * 40, "d" * 40, "permutation_district", **asked)
    assert re.fullmatch(CODE, found)
    assert found != effect_id("i" * 40, "e" * 40, "permutation_district", **asked)
    assert found != effect_id("i" * 40, "d" * 40, "permutation_district", unit=unit, at=12)
