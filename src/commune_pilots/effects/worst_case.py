"""Could a constant chance per dossier have printed both figures, for some admissible denominators?

Two one-way answers, exact as far as they go (docs/methods.md, M2): a *witness*, one admissible pair
of tables that chance explains, settles that the unknown denominators are decisive; a *bound* on the
p-value over all admissible pairs settles that they are not. Between the two the answer is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

from scipy.optimize import brentq
from scipy.stats import hypergeom

from commune_pilots.effects.rounding import Interval, smallest_denominator
from commune_pilots.schemas import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownDenominators:
    """What two rounded percentages show when nothing is known of n but a floor."""

    smallest_before: int
    smallest_after: int
    witness_p: float
    bound_p: float
    answer: Answer


def judge_unknown_denominators(
    before: Interval, after: Interval, *, least: int, alpha: float
) -> UnknownDenominators:
    """Judge whether a rise could be chance for some admissible pair of denominators n >= `least`.

    The p-value is Fisher's, central (twice the smaller tail). Assumes each dossier independent with
    the same chance in a period (docs/assumptions.md, A2); says nothing about the cause.
    """
    n_before = smallest_denominator(before, least=least)
    n_after = smallest_denominator(after, least=least)
    k_before, k_after = before.counts(n_before)[-1], after.counts(n_after)[0]
    witness = central_fisher(k_before, n_before, k_after, n_after)
    bound = tail_bound(before, after, n_before=n_before, n_after=n_after)
    answer: Answer = "decisive" if witness >= alpha else "decided" if bound < alpha else "open"
    return UnknownDenominators(
        smallest_before=n_before,
        smallest_after=n_after,
        witness_p=witness,
        bound_p=bound,
        answer=answer,
    )


def central_fisher(k_before: int, n_before: int, k_after: int, n_after: int) -> float:
    """Compute Fisher's exact p-value, twice the smaller tail, at most 1."""
    law = hypergeom(n_before + n_after, k_before + k_after, n_after)
    upper, lower = float(law.sf(k_after - 1)), float(law.cdf(k_after))
    return min(1.0, 2 * min(upper, lower))


def tail_bound(before: Interval, after: Interval, *, n_before: int, n_after: int) -> float:
    """Bound the central Fisher p-value over ALL n at or above the two smallest denominators.

    Theorem T2 of docs/methods.md: p <= 2 exp(-C) with C the largest over P of
    min(n_before KL(u|P), n_after KL(l|P)); u the highest share before, l the lowest after
    (Hoeffding 1963). Returns 1 where the intervals meet.
    """
    high, low = float(before.high), float(after.low)
    if high >= low:
        return 1.0

    def difference(chance: float) -> float:
        return n_before * _divergence(high, chance) - n_after * _divergence(low, chance)

    margin = 1e-12 * (low - high)
    left, right = high + margin, low - margin
    if difference(left) >= 0 or difference(right) <= 0:
        crossing = left if difference(left) >= 0 else right
    else:
        crossing = float(brentq(difference, left, right, xtol=1e-15))
    exponent = min(n_before * _divergence(high, crossing), n_after * _divergence(low, crossing))
    return min(1.0, 2 * exp(-exponent))


def _divergence(share: float, chance: float) -> float:
    """Kullback-Leibler divergence of two Bernoulli laws."""
    total = 0.0
    if share > 0:
        total += share * log(share / chance)
    if share < 1:
        total += (1 - share) * log((1 - share) / (1 - chance))
    return total
