"""Tables of what the figures show: coverage, levels, contrasts, checks."""

from __future__ import annotations

from typing import get_args

import pandera.pandas as pa

from commune_pilots import vocabulary as words
from commune_pilots.contracts.table import (
    CODE,
    Count,
    Date,
    Flag,
    Number,
    Table,
    Text,
    optional,
)


class Coverage(Table):
    """One row: one pilot unit and one indicator, with what is printed of it."""

    unit: Text = pa.Field(str_matches=CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    before: Text = optional()
    after: Text = optional()
    evidence: Text = pa.Field(isin=get_args(words.Evidence))


class Levels(Table):
    """One row: a figure that stands alone: it can be reported, never compared."""

    observation: Text = pa.Field(unique=True, str_matches=CODE)
    unit: Text = pa.Field(str_matches=CODE)
    unit_name: Text
    scope: Text = pa.Field(isin=get_args(words.Scope))
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    role: Text = pa.Field(isin=["after", "level", "rank"])
    value: Number
    decimals: Count = pa.Field(ge=0)
    qualifier: Text = pa.Field(isin=get_args(words.Qualifier))
    low: Number = optional()
    high: Number = optional()
    saturated: Flag
    denominator_low: Count = optional(ge=1)
    denominator_high: Count = optional(ge=1)


class Contrasts(Table):
    """One row: one before/after difference, in percentage points; no causal claim."""

    contrast: Text = pa.Field(unique=True, str_matches=CODE)
    unit: Text = pa.Field(str_matches=CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    before_observation: Text
    after_observation: Text
    before: Number = optional()
    after: Number
    change: Number
    change_decimals: Count = pa.Field(ge=0)
    change_bound: Text = pa.Field(isin=["exact", "at_most", "at_least", "open"])
    change_low: Number = optional()
    change_high: Number
    gap_closed_low: Number = optional()
    gap_closed_high: Number = optional()
    n_before: Count = optional(ge=1)
    n_after: Count = optional(ge=1)
    smallest_before: Count = pa.Field(ge=1)
    smallest_after: Count = pa.Field(ge=1)
    worst_k_before: Count = pa.Field(ge=0)
    worst_n_before: Count = pa.Field(ge=1)
    worst_k_after: Count = pa.Field(ge=0)
    worst_n_after: Count = pa.Field(ge=1)
    worst_p: Number = pa.Field(ge=0, le=1)
    bound_p: Number = pa.Field(ge=0, le=1)
    certified: Flag
    conf_low: Number
    conf_high: Number
    floor_side: Text = pa.Field(isin=get_args(words.Which))
    floor_needed: Count = optional(ge=1)
    floor_short: Count = pa.Field(ge=0)
    design_effect: Number = pa.Field(gt=0)
    denominators: Text = pa.Field(isin=get_args(words.Answer))
    design: Text = pa.Field(isin=get_args(words.Design))
    grade: Text = pa.Field(isin=get_args(words.Grade))
    reason: Text


class Alternatives(Table):
    """One row: what one test or interval says of one contrast in its worst case."""

    contrast: Text = pa.Field(str_matches=CODE)
    rounding: Text = pa.Field(isin=get_args(words.Rounding))
    method: Text = pa.Field(isin=get_args(words.Method))
    p_value: Number = optional(ge=0, le=1)
    conf_low: Number = optional()
    conf_high: Number = optional()
    k_before: Count = optional(ge=0)
    n_before: Count = optional(ge=1)
    k_after: Count = optional(ge=0)
    n_after: Count = optional(ge=1)
    certified: Flag
    denominators: Text = optional(isin=get_args(words.Answer))


class Counted(Table):
    """One row: the ordinary analysis of one contrast whose counts are printed."""

    contrast: Text = pa.Field(unique=True, str_matches=CODE)
    k_before: Count = pa.Field(ge=0)
    n_before: Count = pa.Field(ge=1)
    k_after: Count = pa.Field(ge=0)
    n_after: Count = pa.Field(ge=1)
    difference: Number
    conf_low: Number
    conf_high: Number
    risk_ratio: Number = optional(ge=0)
    odds_ratio: Number = optional(ge=0)
    gap_closed: Number = optional()
    gap_closed_low: Number = optional()
    gap_closed_high: Number = optional()
    cohen_h: Number
    p_value: Number = pa.Field(ge=0, le=1)
    p_holm: Number = pa.Field(ge=0, le=1)
    p_benjamini_hochberg: Number = pa.Field(ge=0, le=1)
    e_value: Number = optional(ge=1)
    rosenbaum_gamma: Number = optional(ge=1)


class Floors(Table):
    """One row: the worst case of one contrast if the dossiers are known to be no fewer."""

    contrast: Text = pa.Field(str_matches=CODE)
    side: Text = pa.Field(isin=get_args(words.Which))
    floor: Count = pa.Field(ge=1)
    k_before: Count = pa.Field(ge=0)
    n_before: Count = pa.Field(ge=1)
    k_after: Count = pa.Field(ge=0)
    n_after: Count = pa.Field(ge=1)
    worst_p: Number = pa.Field(ge=0, le=1)
    bound_p: Number = pa.Field(ge=0, le=1)
    certified: Flag


class Sensitivities(Table):
    """One row: how large one rival explanation of one contrast must be, on one scale."""

    contrast: Text = pa.Field(str_matches=CODE)
    rival: Text = pa.Field(isin=get_args(words.Rival))
    setting: Text = pa.Field(str_matches=CODE)
    value: Number = optional()
    unit: Text = pa.Field(isin=["points", "percent", "logit", "times", "ratio", "units"])
    possible: Flag
    reference: Text = optional()


class Checks(Table):
    """One row: one rival explanation or missing safeguard of one contrast."""

    contrast: Text = pa.Field(str_matches=CODE)
    check: Text = pa.Field(str_matches=CODE)
    outcome: Text = pa.Field(isin=["passed", "failed", "not_possible"])
    statistic: Number = optional()
    decimals: Count = optional(ge=0)
    reference: Text = optional()


class Series(Table):
    """One row: one month of one unit's series, beside what the months before its start expect.

    Shares in per cent. What is told of a whole series stands in each of its rows: `opened`,
    `outcome`, `season`, `dispersion`, `autocorrelation`. `low` to `high` is a prediction band.
    """

    unit: Text = pa.Field(str_matches=CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    opened: Date = optional()
    outcome: Text = pa.Field(
        isin=["projected", "no_start", "too_few_months", "too_few_dossiers", "no_month_after"]
    )
    season: Flag
    dispersion: Number = optional(ge=0)
    autocorrelation: Number = optional()
    period_start: Date
    phase: Text = pa.Field(isin=["before", "opening", "after", "unknown"])
    numerator: Count = optional(ge=0)
    denominator: Count = optional(ge=0)
    share: Number = optional(ge=0, le=100)
    expected: Number = optional(ge=0, le=100)
    low: Number = optional(ge=0, le=100)
    high: Number = optional(ge=0, le=100)
    side: Text = optional(isin=["below", "inside", "above"])
