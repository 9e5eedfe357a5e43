"""How many dossiers, and how independent ones, would settle a pair in the worst case.

Source: docs/methods.md, M2. All of it rests on assumptions A1 and A2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from commune_pilots.effects.exact import clustered_tail, upper_tail
from commune_pilots.effects.frontier import Side, frontier
from commune_pilots.effects.worst_case import WorstCase, answer_of, rising, smallest, worst_case
from commune_pilots.vocabulary import Which

MOST_FLOOR = 10_000_000
MOST_DESIGN_EFFECT = 1_000.0
_CANDIDATES = 60
_PAIRS = 32
_PRECISION = 1e-3
_ROUNDS = 8
_COARSE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenFloor:
    """The floor on the dossiers from which every admissible pair reaches alpha.

    `floor` suffices; `short` is the largest floor known not to. The two are neighbours unless a
    search was capped. `floor` is None where no number up to ten million suffices.
    """

    floor: int | None
    short: int
    which: Which


def break_even_floor(
    before: Side, after: Side, *, alpha: float, which: Which = "both"
) -> BreakEvenFloor:
    """Find the smallest floor at which the worst case lies below alpha, by doubling and halving.

    The worst case never rises with the floor, since fewer pairs remain. Raises ValueError for a
    printed number of dossiers that cannot print its share.
    """

    def answer(floor: int) -> str:
        sides = _with_floor(before, after, floor, which)
        return answer_of(worst_case(*sides, alpha=alpha), alpha)

    short, high = 0, 1
    while (found := answer(high)) != "decided":
        short = high if found == "decisive" else short
        if high >= MOST_FLOOR:
            return BreakEvenFloor(floor=None, short=short, which=which)
        high = min(2 * high, MOST_FLOOR)
    low = high // 2
    while high - low > max(1, high // (20 * _COARSE) * 20):
        middle = (low + high) // 2
        found = answer(middle)
        short = max(short, middle) if found == "decisive" else short
        low, high = (low, middle) if found == "decided" else (middle, high)
    return BreakEvenFloor(floor=high, short=short, which=which)


def floor_curve(
    before: Side, after: Side, *, floors: Sequence[int], which: Which = "both"
) -> list[WorstCase]:
    """Find the worst case at each floor, in the order given."""
    return [worst_case(*_with_floor(before, after, floor, which)) for floor in floors]


def curve_floors(start: int, end: int, *, points: int) -> list[int]:
    """Lay floors out evenly on a logarithmic axis, both ends included, none twice."""
    return sorted({round(floor) for floor in np.geomspace(start, max(start, end), points)})


def worst_p_with(before: Side, after: Side, *, design_effect: float) -> float:
    """Find the largest central p-value if every count carries the information of 1/D of it.

    Over the pairs that are worst without it, `_PAIRS` of them: a search, not a certificate.
    Monotone in the design effect; the plain worst case at 1 (Altham 1969, `exact.clustered_tail`).
    """
    return _clustered(_worst_pairs(before, after), design_effect)


def break_even_design_effect(before: Side, after: Side, *, alpha: float) -> float:
    """Find the design effect at which the worst case reaches alpha; below 1 if it does already.

    Dossiers that come in clumps of m, alike with correlation r, have 1 + (m - 1) r (Kish 1965).
    """
    pairs = _worst_pairs(before, after)
    found = MOST_DESIGN_EFFECT
    at = 0
    for _ in range(_ROUNDS):  # of one pair first: the worst without clusters is mostly the worst
        found = min(found, _design_effect_of(tuple(side[at : at + 1] for side in pairs), alpha))
        tails = 2 * clustered_tail(*pairs, design_effect=found)
        at = int(tails.argmax())
        if tails[at] <= alpha * (1 + _PRECISION):
            break
    return found


def _design_effect_of(pairs: tuple[np.ndarray, ...], alpha: float) -> float:
    """Find where one pair reaches alpha, by halving on a logarithmic scale."""
    low, high = -np.log(MOST_DESIGN_EFFECT), np.log(MOST_DESIGN_EFFECT)
    if _clustered(pairs, MOST_DESIGN_EFFECT) < alpha:
        return MOST_DESIGN_EFFECT
    while high - low > _PRECISION:
        middle = (low + high) / 2
        below = _clustered(pairs, float(np.exp(middle))) < alpha
        low, high = (middle, high) if below else (low, middle)
    return float(np.exp(low))


def _worst_pairs(before: Side, after: Side) -> tuple[np.ndarray, ...]:
    """List the candidate pairs of the largest tails: k1, n1, k2, n2 of a rise."""
    low, high, _ = rising(before, after)
    one, two = (
        frontier(side, most=2 * smallest(side) + _CANDIDATES) for side in (low, high.mirrored())
    )
    rows, columns = (min(len(side), _CANDIDATES) for side in (one, two))
    i, j = np.divmod(np.arange(rows * columns), columns)
    k1, n1 = one.x[i], one.x[i] + one.y[i]
    k2, n2 = two.y[j], two.x[j] + two.y[j]
    order = np.argsort(-upper_tail(k1, n1, k2, n2), kind="stable")[:_PAIRS]
    return k1[order], n1[order], k2[order], n2[order]


def _clustered(pairs: tuple[np.ndarray, ...], design_effect: float) -> float:
    return min(1.0, 2 * float(clustered_tail(*pairs, design_effect=design_effect).max()))


def _with_floor(before: Side, after: Side, floor: int, which: Which) -> tuple[Side, Side]:
    """Raise the floor of the sides named; a printed number of dossiers stays."""
    return (
        replace(before, least=max(before.least, floor)) if which != "after" else before,
        replace(after, least=max(after.least, floor)) if which != "before" else after,
    )
