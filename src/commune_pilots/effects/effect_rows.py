"""Rows of table `effects`: one estimate each, read by what its design could have shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from typing import Any, Protocol

from commune_pilots.effects.effect_grade import Answer, Outcome, grade_effect
from commune_pilots.effects.few_treated import decide
from commune_pilots.vocabulary import Design

_LONGEST = 40  # characters of an id
_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
Row = dict[str, Any]


class Found(Protocol):
    """What every estimate has; the others of `_NUMBERS` may be missing."""

    @property
    def estimate(self) -> float:
        """The estimate, points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What all rows of one design share.

    `smallest_p` is the least p-value that the choice of pilots allows: a law of t beside it is held
    to it too. 0 where no choice limits it.
    """

    indicator: str
    definition: str
    level: str
    design: Design
    alpha: float
    smallest_p: float
    n_treated: int
    n_comparison: int
    assumptions: Sequence[str]
    checks: Mapping[str, Outcome] = field(default_factory=dict)


def row(
    about: About,
    found: Found,
    *,
    method: str,
    estimand: str,
    smallest_p: float | None = None,
    unit: str | None = None,
    at: int | None = None,
    refused: str | None = None,
    assumptions: Sequence[str] | None = None,
) -> Row:
    """Write one estimate as a row; limits that are infinite are missing.

    Its answer is `few_treated.decide`'s; without a p-value it is refused, with the reason the
    estimator gave.
    """
    numbers = {name: _finite(getattr(found, name, None)) for name in _NUMBERS}
    least = about.smallest_p if smallest_p is None else smallest_p
    reason = refused or getattr(found, "refused", None)
    if reason is None and numbers["p_value"] is None:
        reason = "no_std_error"
    answer: Answer = "refused"
    if reason is None:
        answer = decide(float(numbers["p_value"] or 0.0), smallest_p=least, alpha=about.alpha)
    else:
        numbers |= {"conf_low": None, "conf_high": None, "p_value": None}
    return {
        **_head(about, method, unit=unit, at=at),
        **numbers,
        "estimand": estimand,
        "smallest_p": least,
        "answer": answer,
        "refused": reason,
        "n_treated": int(getattr(found, "n_treated", about.n_treated)),
        "n_comparison": int(getattr(found, "n_comparison", about.n_comparison)),
        "grade": grade_effect(about.design, answer, checks=about.checks),
        "assumptions": _joined(assumptions or about.assumptions),
    }


def refused_row(
    about: About, *, method: str, estimand: str, reason: str, unit: str | None = None
) -> Row:
    """Write a design that cannot be had as a row without numbers."""
    return {
        **_head(about, method, unit=unit, at=None),
        "estimand": estimand,
        "answer": "refused",
        "refused": reason,
        "n_treated": about.n_treated,
        "n_comparison": about.n_comparison,
        "grade": "none",
        "assumptions": _joined(about.assumptions),
    }


def _head(about: About, method: str, *, unit: str | None, at: int | None) -> Row:
    return {
        "effect": effect_id(about.indicator, about.definition, method, unit=unit, at=at),
        "indicator": about.indicator,
        "definition": about.definition,
        "unit": unit,
        "at": at,
        "method": method,
        "design": about.design,
        "level": about.level,
        "primary": False,
    }


def effect_id(
    indicator: str, definition: str, method: str, *, unit: str | None, at: int | None
) -> str:
    """Name an effect in at most 40 characters: a digest stands for indicator and definition.

    Event times before 0 are written m1, m2 and so on.
    """
    parts = [_digest(f"{indicator}-{definition}"), method]
    parts += [] if unit is None else [unit]
    parts += [] if at is None else [f"m{-at}" if at < 0 else str(at)]
    name = "-".join(parts)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 7]}-{_digest(name)}"


def _joined(assumptions: Sequence[str]) -> str:
    """Join ids of assumptions in the order of their numbers."""
    return ";".join(sorted(assumptions, key=lambda one: int(one.removeprefix("A"))))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:6]


def _finite(value: Any) -> float | None:
    return float(value) if value is not None and isfinite(value) else None
