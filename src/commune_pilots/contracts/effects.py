"""The table of effects: what designs with a comparison, or a series, say of a pilot."""

from __future__ import annotations

from typing import get_args

import pandera.pandas as pa

from commune_pilots import vocabulary as words
from commune_pilots.contracts.table import CODE, CODES, Count, Flag, Number, Table, Text, optional


class Effects(Table):
    """One row: one estimate of one estimand, or a design refused with its reason.

    Points of the share. `at` is the event time in months (may be negative). Exactly one row of each
    indicator and definition is `primary`: the strongest design that can be defended. `smallest_p`
    is the least p-value that any data could give; what cannot be known is missing.
    """

    effect: Text = pa.Field(unique=True, str_matches=CODE)
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    unit: Text = optional(str_matches=CODE)
    estimand: Text = pa.Field(str_matches=CODE)
    at: Number = optional()
    method: Text = pa.Field(str_matches=CODE)
    design: Text = pa.Field(isin=get_args(words.Design))
    level: Text = pa.Field(isin=["B3", "C1", "C2", "C3", "C4", "D"])
    primary: Flag
    estimate: Number = optional()
    std_error: Number = optional(ge=0)
    conf_low: Number = optional()
    conf_high: Number = optional()
    p_value: Number = optional(ge=0, le=1)
    smallest_p: Number = optional(ge=0, le=1)
    n_treated: Count = pa.Field(ge=0)
    n_comparison: Count = pa.Field(ge=0)
    answer: Text = pa.Field(isin=["told_apart", "not_told_apart", "not_decidable", "refused"])
    refused: Text = optional(str_matches=CODE)
    grade: Text = pa.Field(isin=get_args(words.Grade))
    assumptions: Text = pa.Field(str_matches=CODES)
