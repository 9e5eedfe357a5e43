"""Before any estimate: how pilot communes differed, and which rows of counts are left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from commune_pilots.catalogue import Language, text
from commune_pilots.clean.analysis_panel import AnalysisPanel, build_panel
from commune_pilots.effects import balance

KEY = ["indicator", "definition"]
COVARIATES = ("share_before", "trend_before", "dossiers_before")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """One indicator and definition with its panel for comparison."""

    indicator: str
    definition: str
    built: AnalysisPanel


def differ_before(panel: pd.DataFrame, units: pd.DataFrame, pilots: pd.DataFrame) -> pd.DataFrame:
    """Compare pilots and other communes in the months before the first start.

    One row an indicator, definition and covariate of `balance.before_treatment` (share in per cent,
    trend in points a year, dossiers a month), as `balance.balance` tells it. No row where nobody is
    treated, or everybody is.
    """
    rows = []
    for own in _each(panel, units, pilots):
        if not own.built.panel["treated"].any():
            continue
        before = balance.before_treatment(own.built.panel)
        if before["treated"].nunique() == 1:
            continue
        told = balance.balance(before, covariates=COVARIATES)
        rows.append(told.assign(indicator=own.indicator, definition=own.definition))
    columns = [*KEY, *balance.COLUMNS]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def left_out(
    panel: pd.DataFrame, units: pd.DataFrame, pilots: pd.DataFrame, *, language: Language
) -> pd.DataFrame:
    """Count the rows of table `panel` that no comparison uses, by definition and reason.

    Reasons are those of `clean.analysis_panel.build_panel`; rows of another definition are not
    counted. Columns: indicator, definition, reason, rows, and the reason in words.
    """
    rows = []
    for own in _each(panel, units, pilots):
        told = own.built.dropped.assign(indicator=own.indicator, definition=own.definition)
        rows.append(told[told["reason"] != "other_definition"])
    columns = [*KEY, "reason", "rows", "in_words"]
    if not rows:
        return pd.DataFrame(columns=columns)
    found = pd.concat(rows, ignore_index=True)
    worded = found["reason"].map(lambda reason: text(f"effect.dropped.{reason}", language))
    return found.assign(in_words=worded)[columns]


def _each(panel: pd.DataFrame, units: pd.DataFrame, pilots: pd.DataFrame) -> Iterator[_Own]:
    for key, own in panel.groupby(KEY, sort=True):
        indicator, definition = map(str, key)
        built = build_panel(own, units, pilots, definition=definition, balanced=False)
        yield _Own(indicator=indicator, definition=definition, built=built)
