"""Tables as they come in: what the sources print, and the registers beside them."""

from __future__ import annotations

from typing import get_args

import pandera.pandas as pa

from commune_pilots import vocabulary as words
from commune_pilots.contracts.table import CODE, CODES, Count, Date, Number, Table, Text, optional


class Sources(Table):
    """One row: one document."""

    source: Text = pa.Field(unique=True, str_matches=CODE)
    title_short: Text
    publisher: Text = optional()
    published: Date = optional()
    province: Text = optional(str_matches=CODE)
    kind: Text = pa.Field(
        isin=[
            "press",
            "official_portal",
            "public_context",
            "project_notes",
            "office_files",
            "simulated",
        ]
    )
    url: Text = optional()
    text_sha256: Text = optional(str_matches=r"^[0-9a-f]{64}$")
    text_file: Text = optional()
    note: Text = optional()


class Observations(Table):
    """One row: one figure as a source reports it."""

    observation: Text = pa.Field(unique=True, str_matches=CODE)
    source: Text = pa.Field(str_matches=CODE)
    paragraph: Count = optional(ge=1)
    unit: Text = pa.Field(str_matches=CODE)
    scope: Text = pa.Field(isin=get_args(words.Scope))
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    period_start: Date = optional()
    period_end: Date = optional()
    role: Text = pa.Field(isin=get_args(words.Role))
    printed: Text = optional()
    value: Number = optional()
    decimals: Count = optional(ge=0, le=6)
    qualifier: Text = pa.Field(isin=get_args(words.Qualifier))
    numerator: Count = optional(ge=0)
    denominator: Count = optional(ge=1)
    note: Text = optional()
    file: Text
    row: Count = pa.Field(ge=2)


class Units(Table):
    """One row: one administrative unit in one validity period."""

    code: Text = pa.Field(str_matches=CODE)
    valid_from: Date = optional()
    valid_to: Date = optional()
    name: Text
    level: Text = pa.Field(isin=["country", "province", "district", "commune"])
    type: Text
    parent: Text = optional(str_matches=CODE)
    parent_level: Text = optional(isin=["country", "province", "district"])
    province: Text = optional(str_matches=CODE)
    successor: Text = optional(str_matches=CODE)
    successor_part: Text = optional(isin=["whole", "part"])
    resolution: Text = optional()
    note: Text = optional()


class Pilots(Table):
    """One row: one unit in one pilot."""

    unit: Text = pa.Field(str_matches=CODE)
    programme: Text = pa.Field(str_matches=CODE)
    opened: Date = optional()
    opened_precision: Text = pa.Field(isin=["day", "month", "year", "unknown"])
    arm: Text = pa.Field(isin=["pilot", "comparison"])
    source: Text = pa.Field(str_matches=CODE)
    paragraph: Count = optional(ge=1)
    sponsor: Text = optional()
    note: Text = optional()


class Interventions(Table):
    """One row: one system or intervention a source names."""

    intervention: Text = pa.Field(unique=True, str_matches=CODE)
    source: Text = pa.Field(str_matches=CODE)
    paragraph: Count = optional(ge=1)
    unit: Text = pa.Field(str_matches=CODE)
    programme: Text = pa.Field(str_matches=CODE)
    pillar: Text = pa.Field(isin=get_args(words.Pillar))
    name_vi: Text
    name_en: Text
    indicators: Text = optional()
    evidence: Text = pa.Field(isin=get_args(words.Evidence))
    need_vi: Text
    need_en: Text


class Events(Table):
    """One row: one dated measure that covers the whole province."""

    event: Text = pa.Field(unique=True, str_matches=CODE)
    source: Text = pa.Field(str_matches=CODE)
    paragraph: Count = optional(ge=1)
    unit: Text = pa.Field(str_matches=CODE)
    date_start: Date = optional()
    date_end: Date = optional()
    programme: Text = optional(str_matches=CODE)
    name_vi: Text
    name_en: Text
    moves: Text = optional()
    note: Text = optional()


class Decisions(Table):
    """One row: one decision at stake or taken."""

    decision: Text = pa.Field(unique=True, str_matches=CODE)
    source: Text = pa.Field(str_matches=CODE)
    paragraph: Count = optional(ge=1)
    unit: Text = pa.Field(str_matches=CODE)
    kind: Text = pa.Field(
        isin=["scale", "scale_by_stages", "maintain", "launch", "continue", "pilot"]
    )
    decider_vi: Text
    decider_en: Text
    question_vi: Text
    question_en: Text
    evidence_vi: Text
    evidence_en: Text
    note: Text = optional()


class Candidates(Table):
    """One row: one unit of today that a roll-out could reach, with what is known of it."""

    candidate: Text = pa.Field(unique=True, str_matches=CODE)
    source: Text = pa.Field(str_matches=CODE)
    name: Text
    type: Text
    province: Text = pa.Field(str_matches=CODE)
    former_province: Text = pa.Field(str_matches=CODE)
    formers: Text = pa.Field(str_matches=CODES)
    area_km2: Number = optional(gt=0)
    population: Count = optional(ge=0)
    dossiers: Count = optional(ge=0)
    internet_share: Number = optional(ge=0, le=100)
    online_share: Number = optional(ge=0, le=100)
    definition: Text = optional(str_matches=CODE)
    note: Text = optional()


class Panel(Table):
    """One row: what one unit counted in one month of one indicator, under one definition.

    The share is numerator over denominator; a count that nobody reported is missing.
    """

    source: Text = pa.Field(str_matches=CODE)
    unit: Text = pa.Field(str_matches=CODE)
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    period_start: Date
    period_end: Date
    numerator: Count = optional(ge=0)
    denominator: Count = optional(ge=0)
    note: Text = optional()
    file: Text
    row: Count = pa.Field(ge=2)


class Days(Table):
    """One row: what one unit counted on one day of reception, under one definition.

    A day without a row is not told; 0 dossiers is a day on which none came.
    """

    source: Text = pa.Field(str_matches=CODE)
    unit: Text = pa.Field(str_matches=CODE)
    indicator: Text = pa.Field(str_matches=CODE)
    definition: Text = pa.Field(str_matches=CODE)
    day: Date
    numerator: Count = optional(ge=0)
    denominator: Count = optional(ge=0)
    note: Text = optional()
    file: Text
    row: Count = pa.Field(ge=2)


class Dropped(Table):
    """One row: rows of one table left out of a run, with the reason."""

    table: Text
    reason: Text
    rows: Count = pa.Field(ge=1)
