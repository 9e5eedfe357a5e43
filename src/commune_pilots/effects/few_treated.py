"""Which inference may be printed for so many treated units, and what its p-value can settle.

Thresholds and measurements: docs/methods.md. A p-value that no data could bring below alpha does
not say "no difference"; it says that the design cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from commune_pilots.effects.result import asymptotics_refused

Inference = Literal[
    "randomisation", "welch", "studentised", "conley_taber", "wild_bootstrap", "asymptotic"
]
Decided = Literal["told_apart", "not_told_apart", "not_decidable"]

INFERENCES: tuple[Inference, ...] = get_args(Inference)
LEAST_WELCH = 3
TREATED: dict[Inference, int] = {
    "welch": LEAST_WELCH,
    "studentised": LEAST_WELCH,
    "wild_bootstrap": 5,
}
COMPARED: dict[Inference, int] = {"welch": 3, "studentised": 3, "conley_taber": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """One way of inference; `refused` is few_units, few_treated, few_comparison, or None."""

    inference: Inference
    refused: str | None


def permitted(*, n_treated: int, n_comparison: int) -> tuple[Permitted, ...]:
    """Say of each way of inference whether its p-value may be printed for this design.

    Randomisation always may. An error that holds for many units never below 30 units or 8 treated
    ones (`result`). The wild bootstrap finds too little with few treated, Welch's t needs their
    scatter, Conley and Taber's test comparison units enough. Raises ValueError where nothing is
    treated or nothing compares.
    """
    if min(n_treated, n_comparison) < 1:
        raise ValueError(f"{n_treated} treated and {n_comparison} comparison units; some of each")
    found: list[Permitted] = []
    for inference in INFERENCES:
        refused: str | None = None
        if inference == "asymptotic":
            refused = asymptotics_refused(n_treated, n_comparison)
        elif n_treated < TREATED.get(inference, 1):
            refused = "few_treated"
        elif n_comparison < COMPARED.get(inference, 1):
            refused = "few_comparison"
        found.append(Permitted(inference=inference, refused=refused))
    return tuple(found)


def may_print(inference: Inference, *, n_treated: int, n_comparison: int) -> bool:
    """Say whether one way of inference may be printed for so many units."""
    rules = permitted(n_treated=n_treated, n_comparison=n_comparison)
    return next(each for each in rules if each.inference == inference).refused is None


def decide(p_value: float, *, smallest_p: float, alpha: float) -> Decided:
    """Read a p-value by what the design could have shown.

    "not_decidable" where even the most extreme data would have stayed above alpha: nothing is said
    of the effect then, neither that there is one nor that there is none.
    """
    if smallest_p > alpha:
        return "not_decidable"
    return "told_apart" if p_value <= alpha else "not_told_apart"
