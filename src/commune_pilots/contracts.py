"""What every table that crosses a room border must hold (pandera models; strict; no coercion).

Codes and ids are text, shares are percentage points (98.08), dates are timestamps, unknown is
missing and never 0.
"""

from __future__ import annotations

from typing import Any, get_args

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from commune_pilots import vocabulary as words

Text = Series[str]
Number = Series[float]
Count = Series[pd.Int64Dtype]
Date = Series["datetime64[us]"]  # type: ignore[name-defined]
Flag = Series[bool]

_CODE = r"^[0-9A-Za-z_-]{1,40}\Z"
_CODES = r"^[0-9A-Za-z_-]{1,40}(;[0-9A-Za-z_-]{1,40})*\Z"


def _optional(**checks: Any) -> Any:
    return pa.Field(nullable=True, **checks)


class _Table(pa.DataFrameModel):
    class Config:
        """Columns exactly as declared, in this order, of these types."""

        strict = True
        ordered = True
        coerce = False


class Sources(_Table):
    """One row: one document."""

    source: Text = pa.Field(unique=True, str_matches=_CODE)
    title_short: Text
    publisher: Text = _optional()
    published: Date = _optional()
    province: Text = _optional(str_matches=_CODE)
    kind: Text = pa.Field(
        isin=["press", "official_portal", "public_context", "project_notes", "simulated"]
    )
    url: Text = _optional()
    text_sha256: Text = _optional(str_matches=r"^[0-9a-f]{64}$")
    text_file: Text = _optional()
    note: Text = _optional()


class Observations(_Table):
    """One row: one figure as a source reports it."""

    observation: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    scope: Text = pa.Field(isin=get_args(words.Scope))
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    period_start: Date = _optional()
    period_end: Date = _optional()
    role: Text = pa.Field(isin=get_args(words.Role))
    printed: Text = _optional()
    value: Number = _optional()
    decimals: Count = _optional(ge=0, le=6)
    qualifier: Text = pa.Field(isin=get_args(words.Qualifier))
    numerator: Count = _optional(ge=0)
    denominator: Count = _optional(ge=1)
    note: Text = _optional()
    file: Text
    row: Count = pa.Field(ge=2)


class Units(_Table):
    """One row: one administrative unit in one validity period."""

    code: Text = pa.Field(str_matches=_CODE)
    valid_from: Date = _optional()
    valid_to: Date = _optional()
    name: Text
    level: Text = pa.Field(isin=["country", "province", "district", "commune"])
    type: Text
    parent: Text = _optional(str_matches=_CODE)
    parent_level: Text = _optional(isin=["country", "province", "district"])
    province: Text = _optional(str_matches=_CODE)
    successor: Text = _optional(str_matches=_CODE)
    successor_part: Text = _optional(isin=["whole", "part"])
    resolution: Text = _optional()
    note: Text = _optional()


class Pilots(_Table):
    """One row: one unit in one pilot."""

    unit: Text = pa.Field(str_matches=_CODE)
    programme: Text = pa.Field(str_matches=_CODE)
    opened: Date = _optional()
    opened_precision: Text = pa.Field(isin=["day", "month", "year", "unknown"])
    arm: Text = pa.Field(isin=["pilot", "comparison"])
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    sponsor: Text = _optional()
    note: Text = _optional()


class Interventions(_Table):
    """One row: one system or intervention a source names."""

    intervention: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    programme: Text = pa.Field(str_matches=_CODE)
    pillar: Text = pa.Field(isin=get_args(words.Pillar))
    name_vi: Text
    name_en: Text
    indicators: Text = _optional()
    evidence: Text = pa.Field(isin=get_args(words.Evidence))
    need_vi: Text
    need_en: Text


class Events(_Table):
    """One row: one dated measure that covers the whole province."""

    event: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    date_start: Date = _optional()
    date_end: Date = _optional()
    programme: Text = _optional(str_matches=_CODE)
    name_vi: Text
    name_en: Text
    moves: Text = _optional()
    note: Text = _optional()


class Decisions(_Table):
    """One row: one decision at stake or taken."""

    decision: Text = pa.Field(unique=True, str_matches=_CODE)
    source: Text = pa.Field(str_matches=_CODE)
    paragraph: Count = _optional(ge=1)
    unit: Text = pa.Field(str_matches=_CODE)
    kind: Text = pa.Field(
        isin=["scale", "scale_by_stages", "maintain", "launch", "continue", "pilot"]
    )
    decider_vi: Text
    decider_en: Text
    question_vi: Text
    question_en: Text
    evidence_vi: Text
    evidence_en: Text
    note: Text = _optional()


class Dropped(_Table):
    """One row: rows of one table left out of a run, with the reason."""

    table: Text
    reason: Text
    rows: Count = pa.Field(ge=1)


class Coverage(_Table):
    """One row: one pilot unit and one indicator, with what is printed of it."""

    unit: Text = pa.Field(str_matches=_CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    before: Text = _optional()
    after: Text = _optional()
    evidence: Text = pa.Field(isin=get_args(words.Evidence))


class Levels(_Table):
    """One row: a figure that stands alone: it can be reported, never compared."""

    observation: Text = pa.Field(unique=True, str_matches=_CODE)
    unit: Text = pa.Field(str_matches=_CODE)
    unit_name: Text
    scope: Text = pa.Field(isin=get_args(words.Scope))
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    role: Text = pa.Field(isin=["after", "level", "rank"])
    value: Number
    decimals: Count = pa.Field(ge=0)
    qualifier: Text = pa.Field(isin=get_args(words.Qualifier))
    low: Number = _optional()
    high: Number = _optional()
    saturated: Flag
    denominator_low: Count = _optional(ge=1)
    denominator_high: Count = _optional(ge=1)


class Contrasts(_Table):
    """One row: one before/after difference, in percentage points; no causal claim."""

    contrast: Text = pa.Field(unique=True, str_matches=_CODE)
    unit: Text = pa.Field(str_matches=_CODE)
    unit_name: Text
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    before_observation: Text
    after_observation: Text
    before: Number = _optional()
    after: Number
    change: Number
    change_decimals: Count = pa.Field(ge=0)
    change_bound: Text = pa.Field(isin=["exact", "at_most", "at_least", "open"])
    change_low: Number = _optional()
    change_high: Number
    gap_closed_low: Number = _optional()
    gap_closed_high: Number = _optional()
    n_before: Count = _optional(ge=1)
    n_after: Count = _optional(ge=1)
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
    floor_needed: Count = _optional(ge=1)
    floor_short: Count = pa.Field(ge=0)
    design_effect: Number = pa.Field(gt=0)
    denominators: Text = pa.Field(isin=get_args(words.Answer))
    design: Text = pa.Field(isin=get_args(words.Design))
    grade: Text = pa.Field(isin=get_args(words.Grade))
    reason: Text


class Alternatives(_Table):
    """One row: what one test or interval says of one contrast in its worst case."""

    contrast: Text = pa.Field(str_matches=_CODE)
    rounding: Text = pa.Field(isin=get_args(words.Rounding))
    method: Text = pa.Field(isin=get_args(words.Method))
    p_value: Number = _optional(ge=0, le=1)
    conf_low: Number = _optional()
    conf_high: Number = _optional()
    k_before: Count = _optional(ge=0)
    n_before: Count = _optional(ge=1)
    k_after: Count = _optional(ge=0)
    n_after: Count = _optional(ge=1)
    certified: Flag
    denominators: Text = _optional(isin=get_args(words.Answer))


class Counted(_Table):
    """One row: the ordinary analysis of one contrast whose counts are printed."""

    contrast: Text = pa.Field(unique=True, str_matches=_CODE)
    k_before: Count = pa.Field(ge=0)
    n_before: Count = pa.Field(ge=1)
    k_after: Count = pa.Field(ge=0)
    n_after: Count = pa.Field(ge=1)
    difference: Number
    conf_low: Number
    conf_high: Number
    risk_ratio: Number = _optional(ge=0)
    odds_ratio: Number = _optional(ge=0)
    gap_closed: Number = _optional()
    gap_closed_low: Number = _optional()
    gap_closed_high: Number = _optional()
    cohen_h: Number
    p_value: Number = pa.Field(ge=0, le=1)
    p_holm: Number = pa.Field(ge=0, le=1)
    p_benjamini_hochberg: Number = pa.Field(ge=0, le=1)
    e_value: Number = _optional(ge=1)
    rosenbaum_gamma: Number = _optional(ge=1)


class Floors(_Table):
    """One row: the worst case of one contrast if the dossiers are known to be no fewer."""

    contrast: Text = pa.Field(str_matches=_CODE)
    side: Text = pa.Field(isin=get_args(words.Which))
    floor: Count = pa.Field(ge=1)
    k_before: Count = pa.Field(ge=0)
    n_before: Count = pa.Field(ge=1)
    k_after: Count = pa.Field(ge=0)
    n_after: Count = pa.Field(ge=1)
    worst_p: Number = pa.Field(ge=0, le=1)
    bound_p: Number = pa.Field(ge=0, le=1)
    certified: Flag


class Sensitivities(_Table):
    """One row: how large one rival explanation of one contrast must be, on one scale."""

    contrast: Text = pa.Field(str_matches=_CODE)
    rival: Text = pa.Field(isin=get_args(words.Rival))
    setting: Text = pa.Field(str_matches=_CODE)
    value: Number = _optional()
    unit: Text = pa.Field(isin=["points", "percent", "logit", "times", "ratio", "units"])
    possible: Flag
    reference: Text = _optional()


class Checks(_Table):
    """One row: one rival explanation or missing safeguard of one contrast."""

    contrast: Text = pa.Field(str_matches=_CODE)
    check: Text = pa.Field(str_matches=_CODE)
    outcome: Text = pa.Field(isin=["passed", "failed", "not_possible"])
    statistic: Number = _optional()
    decimals: Count = _optional(ge=0)
    reference: Text = _optional()


class Targets(_Table):
    """One row: one target, and the result that answers it where one is printed."""

    target_observation: Text = pa.Field(str_matches=_CODE)
    result_observation: Text = _optional()
    unit_name: Text
    indicator: Text = pa.Field(str_matches=_CODE)
    definition: Text = pa.Field(str_matches=_CODE)
    target: Number = _optional()
    result: Number = _optional()
    gap: Number = _optional()
    deadline: Date = _optional()
    attainment: Text = pa.Field(isin=["reached", "not_reached", "no_target", "no_result"])


class Verdicts(_Table):
    """One row: one decision, the option the evidence carries and why not a stronger one."""

    decision: Text = pa.Field(unique=True, str_matches=_CODE)
    option: Text = pa.Field(isin=get_args(words.Option))
    grade: Text = pa.Field(isin=get_args(words.Grade))
    contrasts: Count = pa.Field(ge=0)
    units_with_contrast: Count = pa.Field(ge=0)
    units_piloted: Count = pa.Field(ge=0)
    grade_for_scaling: Text = pa.Field(isin=get_args(words.Grade))
    grade_for_stages: Text = pa.Field(isin=get_args(words.Grade))
    least_change: Number
    reason: Text


class Results(_Table):
    """One row: one number of one run, with interval, measure and figures; missing if not known."""

    run: Text = pa.Field(str_matches=_CODE)
    data: Text = pa.Field(isin=get_args(words.Data))
    quantity: Text = pa.Field(str_matches=_CODE)
    subject: Text = pa.Field(str_matches=_CODE)
    unit: Text = _optional(str_matches=_CODE)
    unit_name: Text = _optional()
    scope: Text = _optional(isin=get_args(words.Scope))
    indicator: Text = _optional(str_matches=_CODE)
    definition: Text = _optional(str_matches=_CODE)
    value: Number = _optional()
    low: Number = _optional()
    high: Number = _optional()
    interval: Text = _optional(isin=get_args(words.IntervalKind))
    confidence: Number = _optional(gt=0, le=100)
    measured_in: Text = pa.Field(isin=get_args(words.MeasuredIn))
    grade: Text = _optional(isin=get_args(words.Grade))
    observations: Text = pa.Field(str_matches=_CODES)


TABLES: dict[str, type[_Table]] = {
    "sources": Sources,
    "observations": Observations,
    "units": Units,
    "pilots": Pilots,
    "interventions": Interventions,
    "events": Events,
    "decisions": Decisions,
    "dropped": Dropped,
    "coverage": Coverage,
    "levels": Levels,
    "contrasts": Contrasts,
    "alternatives": Alternatives,
    "floors": Floors,
    "counted": Counted,
    "sensitivities": Sensitivities,
    "checks": Checks,
    "targets": Targets,
    "verdicts": Verdicts,
    "results": Results,
}
