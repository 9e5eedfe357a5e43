"""Table of effects in words: each design with its answer, and the assumption that carries it."""

from __future__ import annotations

import pandas as pd

from commune_pilots.catalogue import Language, text

NUMBERS = ("estimate", "conf_low", "conf_high", "p_value", "smallest_p")


def in_words(effects: pd.DataFrame, *, language: Language) -> pd.DataFrame:
    """Word table effects for reading: one row an estimate, in its order, the strongest first.

    Columns: definition, unit, design and estimand in words, at, estimate with its interval, p-value
    and smallest p-value (points), answer with the reason of a refusal, grade, and what the level of
    the ladder assumes.
    """

    def worded(column: str, group: str) -> pd.Series:
        return effects[column].map(
            lambda one: None if pd.isna(one) else text(f"effect.{group}.{one}", language)
        )

    reason = worded("refused", "refused")
    answer = worded("answer", "answer")
    return pd.DataFrame(
        {
            "definition": effects["definition"],
            "unit": effects["unit"],
            "design": worded("method", "method"),
            "estimand": worded("estimand", "estimand"),
            "at": effects["at"],
            **{name: effects[name] for name in NUMBERS},
            "answer": answer.where(reason.isna(), answer + ": " + reason.fillna("")),
            "grade": effects["grade"],
            "assumption": worded("level", "assumption"),
        }
    )
