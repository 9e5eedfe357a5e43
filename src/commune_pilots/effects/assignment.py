"""How the treated units came to be chosen: every choice the mechanism could have made, or draws.

Randomisation inference is as good as the mechanism it repeats. Units are positions 0 .. N-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, product
from math import comb, prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LISTED = 20_000  # choices that are listed one by one rather than drawn
_BLOCK = 2_000_000  # random numbers held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A mechanism: `picks[s]` of the candidates of stratum s, all choices equally likely.

    `treated`, `candidates` and `strata` are (N,): who was chosen, who could have been, and in which
    stratum 0 .. S-1 each unit stands. Stratum -1: none of its units was chosen, so nothing in it is
    compared.
    """

    treated: Bools
    candidates: Bools
    strata: Ints
    picks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Choices of treated units (choices, treated): all there are (`exact`), or seeded draws.

    Columns go stratum by stratum. Draws are made with replacement, beside the choice that was made.
    """

    assignment: Assignment
    treated: Ints
    exact: bool


def completely_random(treated: ArrayLike, *, candidates: ArrayLike | None = None) -> Assignment:
    """Describe k of N units chosen completely at random, or k of a list of candidates.

    `treated` (N,) is true for the units chosen, `candidates` (N,) for those that could have been
    (default: all); the others only compare. Raises ValueError where nobody or everybody is treated,
    or a treated unit was no candidate.
    """
    chosen = np.asarray(treated, dtype=bool)
    return within_strata(chosen, strata=np.zeros(len(chosen)), candidates=candidates)


def within_strata(
    treated: ArrayLike, *, strata: ArrayLike, candidates: ArrayLike | None = None
) -> Assignment:
    """Describe a choice made stratum by stratum, as one commune per district.

    As many candidates of each stratum could have been chosen as were. Raises ValueError as
    `completely_random` does, and for a stratum that is treated whole: it compares with nothing.
    """
    chosen = np.asarray(treated, dtype=bool)
    could = np.ones(len(chosen), bool) if candidates is None else np.asarray(candidates, dtype=bool)
    if not 0 < chosen.sum() < len(chosen):
        raise ValueError(f"{int(chosen.sum())} of {len(chosen)} units are treated; some, not all")
    if (chosen & ~could).any():
        raise ValueError(f"treated units {np.flatnonzero(chosen & ~could)} are no candidates")
    names, numbers = np.unique(np.asarray(strata), return_inverse=True)
    found = np.full(len(chosen), -1, dtype=np.int64)
    with_pilots = [s for s in range(len(names)) if chosen[numbers == s].any()]
    for place, stratum in enumerate(with_pilots):
        if chosen[numbers == stratum].all():
            raise ValueError(f"stratum {names[stratum]} is treated whole; leave it out")
        found[numbers == stratum] = place
    picks = tuple(int(chosen[numbers == stratum].sum()) for stratum in with_pilots)
    return Assignment(treated=chosen, candidates=could, strata=found, picks=picks)


def count(assignment: Assignment) -> int:
    """Count the choices the mechanism could have made."""
    return prod(comb(len(units), k) for units, k in _open(assignment))


def smallest_p(assignment: Assignment, *, draws: int | None = None) -> float:
    """Give the smallest two-sided p-value that any data could reach under this mechanism.

    One over the number of choices; two over it where treated and comparison units could change
    places, as a choice and its opposite are equally extreme. With `draws` instead of the full list
    no p is below 1 / (draws + 1).
    """
    sizes = [int((assignment.strata == s).sum()) for s in range(len(assignment.picks))]
    whole = bool((assignment.candidates & (assignment.strata >= 0)).all())
    mirrored = whole and sizes == [2 * k for k in assignment.picks]
    least = (2 if mirrored else 1) / count(assignment)
    return least if draws is None else max(least, 1 / (draws + 1))


def choices(
    assignment: Assignment, *, draws: int, rng: np.random.Generator, listed: int = LISTED
) -> Choices:
    """List every choice where there are at most `listed`, else draw `draws` of them."""
    if count(assignment) <= listed:
        ways = [combinations(units.tolist(), k) for units, k in _open(assignment)]
        rows = [tuple(chain.from_iterable(parts)) for parts in product(*ways)]
        return Choices(assignment=assignment, treated=np.array(rows, dtype=np.int64), exact=True)
    drawn = [_drawn(units, k, draws=draws, rng=rng) for units, k in _open(assignment)]
    return Choices(assignment=assignment, treated=np.hstack(drawn), exact=False)


def _open(assignment: Assignment) -> list[tuple[Ints, int]]:
    """Pair each stratum's candidates with the number chosen of them."""
    return [
        (np.flatnonzero((assignment.strata == s) & assignment.candidates), k)
        for s, k in enumerate(assignment.picks)
    ]


def _drawn(units: Ints, k: int, *, draws: int, rng: np.random.Generator) -> Ints:
    """Draw k of the units, many times: where the k smallest of their random numbers stand."""
    if k == 1:
        return np.asarray(units[rng.integers(len(units), size=(draws, 1))])
    if k == len(units):
        return np.tile(units, (draws, 1))
    found = np.empty((draws, k), dtype=np.int64)
    block = max(1, _BLOCK // len(units))
    for start in range(0, draws, block):
        numbers = rng.random((min(block, draws - start), len(units)))
        found[start : start + block] = units[np.argpartition(numbers, k, axis=1)[:, :k]]
    return found
