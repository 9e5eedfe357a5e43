"""One before/after contrast of two reported percentages: what it shows in the worst case.

A contrast is a difference, never an effect: nothing here knows what would have happened otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from commune_pilots.effects.beside import widest_interval
from commune_pilots.effects.break_even import break_even_design_effect, break_even_floor
from commune_pilots.effects.evidence import design_before_after, grade_of
from commune_pilots.effects.frontier import Side
from commune_pilots.effects.rounding import Interval, bound_interval, printed_interval
from commune_pilots.effects.worst_case import answer_of, smallest, worst_case
from commune_pilots.numerals import rounded
from commune_pilots.vocabulary import (
    LOWER_BOUNDS,
    Answer,
    Design,
    Grade,
    Qualifier,
    Rounding,
    Which,
)

_ROUNDED = ("exact", "about")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One reported percentage: its exact value, how it is qualified, and the counts if printed.

    `value` is None after "none yet".
    """

    value: Decimal | None
    decimals: int = 0
    qualifier: Qualifier = "exact"
    numerator: int | None = None
    denominator: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is assumed of the figures: how they are rounded, how many dossiers at least, alpha."""

    rounding: Rounding
    least_dossiers: int
    alpha: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One before/after difference with what rounding and unknown denominators leave of it.

    Percentages and points; the columns of table contrasts that follow from the two figures alone.
    """

    before: float | None
    after: float
    change: float
    change_decimals: int
    change_bound: str
    change_low: float | None
    change_high: float
    gap_closed_low: float | None
    gap_closed_high: float | None
    n_before: int | None
    n_after: int | None
    smallest_before: int
    smallest_after: int
    worst_k_before: int
    worst_n_before: int
    worst_k_after: int
    worst_n_after: int
    worst_p: float
    bound_p: float
    certified: bool
    conf_low: float
    conf_high: float
    floor_side: Which
    floor_needed: int | None
    floor_short: int
    design_effect: float
    denominators: Answer
    design: Design
    grade: Grade
    reason: str


def contrast_pair(before: Figure, after: Figure, terms: Terms) -> Contrast:
    """Measure the change between two printed shares, in percentage points.

    The printed change carries the fewer decimals of its two ends. After "none yet" no share before
    is known: the change is at most the later figure. The bounds hold for every share that prints as
    given; `gap_closed` is the change over what was left to 100. The interval of the change is the
    widest over all admissible denominators (Newcombe). Assumes A1 and A2. Raises ValueError for a
    bound that states no interval or a printed number that cannot print its share.
    """
    if after.value is None:
        raise ValueError("the later figure has no number")
    none_yet = before.qualifier == "none_yet"
    sides = admitted(before, terms), admitted(after, terms)
    earlier, later = sides[0].interval, sides[1].interval
    worst = worst_case(*sides)
    answer = answer_of(worst, terms.alpha)
    counted = all(side.exactly is not None for side in sides)
    design = design_before_after(counts_known=counted)
    grade, reason = grade_of(design, denominators=answer)
    interval = widest_interval(*sides, method="newcombe", alpha=terms.alpha)
    which = _floored(before, after)
    # a floor on printed numbers asks nothing
    bare = (replace(side, least=1) for side in sides)
    floor = None if counted else break_even_floor(*bare, alpha=terms.alpha, which=which)
    exact_before, exact_after = _exact(before), _exact(after)
    decimals = after.decimals if none_yet else min(before.decimals, after.decimals)
    low, high = later.low - earlier.high, later.high - earlier.low
    no_gap = none_yet or low < 0
    return Contrast(
        before=None if none_yet else float(exact_before),
        after=float(exact_after),
        change=float(rounded(exact_after - exact_before, decimals)),
        change_decimals=decimals,
        change_bound=_bound(before, after),
        change_low=None if none_yet else float(100 * low),
        change_high=float(100 * high),
        gap_closed_low=None if no_gap else _gap_closed(earlier.high, later.low),
        gap_closed_high=None if no_gap else _gap_closed(earlier.low, later.high),
        n_before=sides[0].exactly,
        n_after=sides[1].exactly,
        smallest_before=smallest(sides[0]),
        smallest_after=smallest(sides[1]),
        worst_k_before=worst.k1,
        worst_n_before=worst.n1,
        worst_k_after=worst.k2,
        worst_n_after=worst.n2,
        worst_p=worst.p,
        bound_p=worst.certificate.bound,
        certified=worst.certificate.certified,
        conf_low=100 * interval.outer_low,
        conf_high=100 * interval.outer_high,
        floor_side=which,
        floor_needed=floor.floor if floor else None,
        floor_short=floor.short if floor else 0,
        design_effect=break_even_design_effect(*sides, alpha=terms.alpha),
        denominators=answer,
        design=design,
        grade=grade,
        reason=reason,
    )


def _floored(before: Figure, after: Figure) -> Which:
    """Name the sides whose number of dossiers a floor may bound: those not printed.

    After "none yet" the later figure's own decimals bound it already.
    """
    if before.denominator is not None:
        return "after"
    return "before" if after.denominator is not None or before.value is None else "both"


def admitted(figure: Figure, terms: Terms) -> Side:
    """Find what a figure admits: its shares, and a floor on the dossiers or the number printed.

    "None yet" is 0 of an unknown number. Raises ValueError for a bound that states no interval.
    """
    return Side(
        interval=share_interval(figure, terms.rounding),
        least=terms.least_dossiers,
        exactly=figure.denominator,
    )


def share_interval(figure: Figure, rounding: Rounding) -> Interval:
    """Find the shares one figure admits, on 0..1; printed counts leave one share only.

    Raises ValueError for a bound that states no interval.
    """
    if figure.numerator is not None and figure.denominator is not None:
        share = Fraction(figure.numerator, figure.denominator)
        return Interval(low=share, high=share)
    if figure.qualifier == "none_yet":
        return Interval(low=Fraction(0), high=Fraction(0))
    if figure.value is None:
        raise ValueError(f"{figure.qualifier} states no interval")
    if figure.qualifier in _ROUNDED:
        return printed_interval(figure.value, decimals=figure.decimals, rounding=rounding)
    return bound_interval(figure.value, qualifier=figure.qualifier)


def _bound(before: Figure, after: Figure) -> str:
    """Say what the difference of the printed ends is: exact, a bound, or neither.

    A bound on one end carries over; bounds that pull apart leave the difference open.
    """
    first = {
        "at_most": before.qualifier in (*LOWER_BOUNDS, "none_yet"),
        "at_least": before.qualifier == "nearly",
    }
    second = {"at_most": after.qualifier == "nearly", "at_least": after.qualifier in LOWER_BOUNDS}
    kinds = {kind for kind in first if first[kind] or second[kind]}
    return kinds.pop() if len(kinds) == 1 else "open" if kinds else "exact"


def _exact(figure: Figure) -> Decimal:
    """Take the share in per cent, from the counts where they are known; 0 after "none yet"."""
    if figure.numerator is not None and figure.denominator is not None:
        return 100 * Decimal(figure.numerator) / Decimal(figure.denominator)
    return figure.value or Decimal(0)


def _gap_closed(before: Fraction, after: Fraction) -> float | None:
    return None if before >= 1 else float(100 * (after - before) / (1 - before))
