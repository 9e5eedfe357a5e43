"""Words that tables, parameters and results share, one list each."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

NO_COMMIT = "unknown"  # instead of the commit of a project that git does not keep
Role = Literal["before", "after", "level", "target", "deadline", "rank"]
Qualifier = Literal[
    "exact", "over", "more_than", "nearly", "about", "at_least", "none_yet", "no_number"
]
LOWER_BOUNDS = ("over", "more_than", "at_least")
Scope = Literal["unit", "pilot_communes", "office", "country"]
Evidence = Literal["before_after", "after_only", "level", "target", "none"]
Pillar = Literal["government", "economy", "society"]
Grade = Literal["none", "low", "medium", "high"]
Design = Literal[
    "after_only", "before_after_without_n", "before_after_with_n", "trend_adjusted",
    "comparison", "series_comparison", "randomised_order",
]  # fmt: skip
Which = Literal["both", "before", "after"]
DifferenceMethod = Literal["newcombe", "miettinen_nurminen", "mee"]
Method = Literal[
    "fisher_central", "fisher_mid_p", "fisher_minlike", "boschloo", "score",
    "newcombe", "miettinen_nurminen", "mee",
]  # fmt: skip
Rival = Literal[
    "common_trend", "assisted_filing", "definition_change", "regression_to_mean",
    "selective_reporting", "unmeasured_factor",
]  # fmt: skip
Answer = Literal["decided", "decisive", "open"]
Option = Literal["scale", "stages", "extend", "prepare", "stop"]
PoolMethod = Literal[
    "reml", "paule_mandel", "dersimonian_laird",
    "half_normal_0_5", "half_normal_1", "half_normal_2",
]  # fmt: skip
Economic = Literal[
    "added_per_hundred", "cost_per_dossier", "hours_per_dossier", "break_even_fraction",
    "chance_worth", "evpi", "evsi_pilots", "evsi_month",
]  # fmt: skip
Support = Literal["inside", "outside", "unknown"]
Rating = Literal["green", "amber", "red"]
Rounding = Literal["half_up", "half_even", "half_down", "truncate", "ceil", "nearest", "any"]
Data = Literal["press", "simulated"]
Simulation = Literal["press_figures", "pilot_panel", "campaign_series", "weekday_log"]
IntervalKind = Literal["rounding", "bound", "search", "worst_case", "counted", "prediction"]
MeasuredIn = Literal[
    "points", "percent", "probability", "dossiers", "count", "rank", "score", "ratio", "text",
    "dong", "hours",
]  # fmt: skip


class Paper(StrEnum):
    """Kinds of file a briefing is exported as; an enumeration for the command line's sake."""

    PDF = "pdf"
    DOCX = "docx"
