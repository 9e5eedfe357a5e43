"""Tables that lead to a decision: targets, the next commune, stages, the verdict, the results."""

from __future__ import annotations

from typing import get_args

import pandera.pandas as pa

from commune_pilots import vocabulary as words
from commune_pilots.contracts.table import (
    CODE,
    CODES,
    Count,
    Date,
    Flag,
    Number,
    Table,
    Text,
    optional,
)


class Targets(Table):
    """One row: one target, and the result that answers it where one is printed."""

    target_observation: Text = pa.Field(str_matches=CODE)
    result_observation: Text = optional()
    unit_name: Text
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    target: Number = optional()
    result: Number = optional()
    gap: Number = optional()
    deadline: Date = optional()
    attainment: Text = pa.Field(isin=["reached", "not_reached", "no_target", "no_result"])


class Pooled(Table):
    """One row: the units of one definition put together by one method, or why they are not.

    Shares in per cent, changes in points. Each number is a range over every admissible number of
    dossiers; `tau` and `i2` on the scale of the model.
    """

    quantity: Text = pa.Field(isin=["level", "change"])
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    method: Text = pa.Field(isin=get_args(words.PoolMethod))
    left_out: Text = optional(str_matches=CODE)
    pilots: Count = pa.Field(ge=0)
    outcome: Text = pa.Field(isin=["pooled", "too_few", "saturated"])
    estimate_low: Number = optional()
    estimate_high: Number = optional()
    conf_low: Number = optional()
    conf_high: Number = optional()
    prediction_low: Number = optional()
    prediction_high: Number = optional()
    tau_low: Number = optional(ge=0)
    tau_high: Number = optional(ge=0)
    i2_low: Number = optional(ge=0, le=100)
    i2_high: Number = optional(ge=0, le=100)
    threshold: Number
    chance_low: Number = optional(ge=0, le=1)
    chance_high: Number = optional(ge=0, le=1)
    grade: Text = pa.Field(isin=get_args(words.Grade))


class Projections(Table):
    """One row: one candidate unit: whether the pilots speak for it, and what may be expected."""

    candidate: Text = pa.Field(unique=True, str_matches=CODE)
    name: Text
    former_pilots: Text = optional(str_matches=CODES)
    support: Text = pa.Field(isin=get_args(words.Support))
    compared: Text = optional(str_matches=CODES)
    outside_on: Text = optional(str_matches=CODES)
    nearest: Text = optional(str_matches=CODE)
    distance: Number = optional(ge=0)
    stage: Count = optional(ge=1)
    gain_low: Number = optional(ge=-100, le=100)
    gain_high: Number = optional(ge=-100, le=100)


class Stages(Table):
    """One row: one stage of a roll-out whose order was drawn; power up to its end."""

    stage: Count = pa.Field(unique=True, ge=1)
    first_month: Count = pa.Field(ge=1)
    candidates: Count = pa.Field(ge=0)
    started: Count = pa.Field(ge=0)
    inside: Count = pa.Field(ge=0)
    seed: Count = pa.Field(ge=0)
    power: Number = optional(ge=0, le=1)
    power_low: Number = optional(ge=0, le=1)
    detectable: Number = optional(ge=0)


class Outlook(Table):
    """One row: one month of a roll-out scenario: the share expected and its bands, per cent."""

    month: Count = pa.Field(unique=True, ge=0)
    started: Count = pa.Field(ge=0)
    low_95: Number = pa.Field(ge=0, le=100)
    low_80: Number = pa.Field(ge=0, le=100)
    low_50: Number = pa.Field(ge=0, le=100)
    expected: Number = pa.Field(ge=0, le=100)
    high_50: Number = pa.Field(ge=0, le=100)
    high_80: Number = pa.Field(ge=0, le=100)
    high_95: Number = pa.Field(ge=0, le=100)


class Economics(Table):
    """One row: one figure of cost or of the worth of waiting, or what is missing to compute it."""

    quantity: Text = pa.Field(unique=True, isin=get_args(words.Economic))
    outcome: Text = pa.Field(isin=["computed", "not_bounded", "unknown"])
    low: Number = optional()
    expected: Number = optional()
    high: Number = optional()
    measured_in: Text = pa.Field(isin=get_args(words.MeasuredIn))
    missing: Text = optional(str_matches=CODES)


class Stress(Table):
    """One row: the rule asked again with one assumption or threshold moved."""

    assumption: Text = pa.Field(str_matches=CODE)
    setting: Text = pa.Field(str_matches=CODE)
    at: Number = optional()
    flips_at: Number = optional()
    measured_in: Text = optional(isin=get_args(words.MeasuredIn))
    units_counted: Count = pa.Field(ge=0)
    units_piloted: Count = pa.Field(ge=0)
    option: Text = pa.Field(isin=get_args(words.Option))
    grade: Text = pa.Field(isin=get_args(words.Grade))
    changes: Flag


class Verdicts(Table):
    """One row: one decision, the option the evidence carries, what it rests on and its limits."""

    decision: Text = pa.Field(unique=True, str_matches=CODE)
    option: Text = pa.Field(isin=get_args(words.Option))
    grade: Text = pa.Field(isin=get_args(words.Grade))
    reason: Text
    rests_on: Text = optional(str_matches=CODES)
    contrasts: Count = pa.Field(ge=0)
    units_with_contrast: Count = pa.Field(ge=0)
    units_counted: Count = pa.Field(ge=0)
    units_strong: Count = pa.Field(ge=0)
    units_piloted: Count = pa.Field(ge=0)
    grade_for_scaling: Text = pa.Field(isin=get_args(words.Grade))
    grade_for_stages: Text = pa.Field(isin=get_args(words.Grade))
    least_change: Number = pa.Field(ge=0, le=100)
    least_share: Number = pa.Field(gt=0, le=100)
    least_chance: Number = pa.Field(gt=0.5, le=1)
    chance_low: Number = optional(ge=0, le=1)
    chance_high: Number = optional(ge=0, le=1)
    conditions: Text = pa.Field(str_matches=CODES)
    review_months: Count = pa.Field(ge=1)


class Results(Table):
    """One row: one number of one run, with interval, measure and figures; missing if not known."""

    run: Text = pa.Field(str_matches=CODE)
    data: Text = pa.Field(isin=get_args(words.Data))
    quantity: Text = pa.Field(str_matches=CODE)
    subject: Text = pa.Field(str_matches=CODE)
    unit: Text = optional(str_matches=CODE)
    unit_name: Text = optional()
    scope: Text = optional(isin=get_args(words.Scope))
    indicator: Text = optional(str_matches=CODE)
    definition: Text = optional(str_matches=CODE)
    value: Number = optional()
    low: Number = optional()
    high: Number = optional()
    interval: Text = optional(isin=get_args(words.IntervalKind))
    confidence: Number = optional(gt=0, le=100)
    measured_in: Text = pa.Field(isin=get_args(words.MeasuredIn))
    grade: Text = optional(isin=get_args(words.Grade))
    assumptions: Text = pa.Field(str_matches=CODES)
    observations: Text = optional(str_matches=CODES)
