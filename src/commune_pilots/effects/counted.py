"""The pairs whose counts are printed: the ordinary analysis, one row each."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from commune_pilots import schemas
from commune_pilots.effects.contrast import Figure, Terms
from commune_pilots.effects.counts import Correction, adjust, compare_counts
from commune_pilots.effects.pairing import counts_of, pairs_of

_COUNTED = (
    "risk_ratio", "odds_ratio", "gap_closed", "gap_closed_low", "gap_closed_high", "cohen_h",
    "e_value", "rosenbaum_gamma",
)  # fmt: skip


def counted_all(contrasts: pd.DataFrame, observations: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Analyse the contrasts whose counts are printed on both sides (table counted).

    Difference and gap closed in points and per cent, Miettinen & Nurminen; p-values are Fisher's,
    corrected for the number of contrasts analysed.
    """
    found = {
        str(contrast["contrast"]): compare_counts(*counts, alpha=terms.alpha)
        for contrast, before, after in pairs_of(contrasts, observations)
        if (counts := _printed_counts(before, after)) is not None
    }
    plain = {name: result.fisher_central for name, result in found.items()}
    holm, hochberg = (
        adjust(plain, method=method) if plain else {} for method in get_args(Correction)
    )
    rows = [
        {
            "contrast": name,
            **counts_of(result.k1, result.n1, result.k2, result.n2),
            "difference": result.difference,
            "conf_low": result.miettinen_nurminen_low,
            "conf_high": result.miettinen_nurminen_high,
            "p_value": result.fisher_central,
            "p_holm": holm[name],
            "p_benjamini_hochberg": hochberg[name],
            **{column: getattr(result, column) for column in _COUNTED},
        }
        for name, result in found.items()
    ]
    return schemas.build(rows, "counted")


def _printed_counts(before: Figure, after: Figure) -> tuple[int, int, int, int] | None:
    counts = before.numerator, before.denominator, after.numerator, after.denominator
    return None if None in counts else counts  # type: ignore[return-value]
