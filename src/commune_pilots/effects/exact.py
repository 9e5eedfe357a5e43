"""P-values of a rise from k1 of n1 to k2 of n2, for arrays of tables at once.

Every tail here is the upper one: how likely, under one constant chance per dossier, are k2 or more
of the k1 + k2 in the second group. Assumes A2 (docs/assumptions.md); method M2 in docs/methods.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaln, chdtrc, expit, gammaln, log_expit

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_NEGLIGIBLE = 1e-17
_NODES = 401
_LEAST_REACH, _REACH = 8.0, 40.0  # on the scale of u, and of log-odds
_MOST_CELLS = 100_000  # half a second for Boschloo's test, at 315 dossiers a period


def upper_tail(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Floats:
    """Compute Fisher's one-sided p-value (hypergeometric upper tail), arrays of one shape.

    The first term through log-gamma, the others by their exact ratios: relative error about 1e-12
    for n in the hundreds, 5e-9 at a million and 5e-8 at ten millions (measured).
    """
    tail, _ = _tail_and_first(k1, n1, k2, n2)
    return tail


def mid_tail(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Floats:
    """Compute the one-sided mid-p: the tail less half the probability of the table itself."""
    tail, first = _tail_and_first(k1, n1, k2, n2)
    return tail - first / 2


def central(tail: Floats | float, opposite: Floats | float = 1.0) -> Floats:
    """Double the smaller tail, at most 1: the two-sided p-value that agrees with an interval."""
    return np.asarray(np.minimum(1.0, 2 * np.minimum(tail, opposite)))


def central_fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Compute Fisher's exact two-sided p-value of one table, twice the smaller tail."""
    upper = float(upper_tail(k1, n1, k2, n2))
    lower = float(upper_tail(n1 - k1, n1, n2 - k2, n2))
    return float(central(upper, lower))


def minlike_fisher(k1: int, n1: int, k2: int, n2: int) -> float:
    """Compute Fisher's two-sided p-value as R prints it: all tables no likelier than this one.

    Not monotone in the numbers of dossiers, so never searched over: it stands beside the central
    one at a given pair.
    """
    total, successes = n1 + n2, k1 + k2
    x = np.arange(max(0, successes - n1), min(successes, n2) + 1)
    log = (
        _log_choose(successes, x) + _log_choose(total - successes, n2 - x) - _log_choose(total, n2)
    )
    own = log[k2 - x[0]]
    return float(min(1.0, np.exp(log[log <= own + 1e-7]).sum()))


def boschloo(k1: int, n1: int, k2: int, n2: int) -> float | None:
    """Compute Boschloo's exact p-value for a rise, twice the one-sided one (scipy), at most 1.

    Never above Fisher's. Returns None where the table is too large to go through.
    """
    from scipy.stats import boschloo_exact  # half a second of import that few callers need

    if (n1 + 1) * (n2 + 1) > _MOST_CELLS:
        return None
    if k1 + k2 in (0, n1 + n2):
        return 1.0
    table = [[k2, k1], [n2 - k2, n1 - k1]]
    return float(min(1.0, 2 * boschloo_exact(table, alternative="greater", n=64).pvalue))


def score_chi2(p1: ArrayLike, n1: ArrayLike, p2: ArrayLike, n2: ArrayLike) -> Floats:
    """Compute the score (Pearson) statistic of two shares on 0..1; 0 where both are 0 or 1.

    Strictly larger with more dossiers at the same shares (theorem T1, docs/methods.md). Counts
    are tiny at worst pairs, so it never decides alone.
    """
    p1, n1, p2, n2 = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (p1, n1, p2, n2)))
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    spread = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    known = spread > 0
    return np.asarray((p2 - p1) ** 2 / np.where(known, spread, 1.0) * known)


def score_p(chi2: ArrayLike) -> Floats:
    """Turn a score statistic into its two-sided p-value (one degree of freedom)."""
    return np.asarray(chdtrc(1, np.asarray(chi2, dtype=float)))


def clustered_tail(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, *, design_effect: float
) -> Floats:
    """Compute Fisher's one-sided p-value with every count divided by a design effect.

    Fisher's tail is P(B1 >= B2) for independent B1 ~ Beta(k1 + 1, f1), B2 ~ Beta(k2, f2 + 1)
    (Altham 1969), which also holds counts that are not whole: k/D of n/D dossiers carry the
    information. At D = 1 it is Fisher's tail itself. It rises with k1 and f2 and falls with f1 and
    k2, as the order of Beta laws shows. Quadrature on the logit scale; relative error below 1e-8.
    """
    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (k1, n1, k2, n2)))
    shape = k1.shape
    k1, n1, k2, n2 = (x.reshape(-1, 1) / design_effect for x in (k1, n1, k2, n2))
    f1, f2 = n1 - k1, n2 - k2
    certain = (k2 <= 0) | (f1 <= 0)
    one = k1 + 1, np.where(certain, 1.0, f1)
    two = np.where(certain, 1.0, k2), f2 + 1
    falling = one[0] * sum(two) > two[0] * sum(one)
    first = tuple(np.where(falling, b, a) for a, b in zip(one, two, strict=True))
    second = tuple(np.where(falling, a, b) for a, b in zip(one, two, strict=True))
    tail = _beta_exceeds(*first, *second)
    tail = np.where(falling, 1 - tail, tail)
    return np.where(certain, 1.0, np.clip(tail, 0, 1)).reshape(shape)


def _beta_exceeds(a1: Floats, b1: Floats, a2: Floats, b2: Floats) -> Floats:
    """Compute P(B1 >= B2) of two Beta laws, the mean of the first below that of the second.

    The trapezoid rule on the logit scale about the share between them, nodes spread by sinh: near
    each other where both laws are narrow, far out where one is wide. Columns in, columns out.
    """
    total = a1 + b1 + a2 + b2
    pooled = (a1 + a2) / total
    width = 1 / np.sqrt(total * pooled * (1 - pooled))
    u = np.linspace(-1, 1, _NODES) * np.maximum(_LEAST_REACH, np.arcsinh(_REACH / width))
    at = np.log(pooled / (1 - pooled)) + width * np.sinh(u)
    log_density = a2 * log_expit(at) + b2 * log_expit(-at) - betaln(a2, b2)
    heights = np.exp(log_density) * width * np.cosh(u) * betaincc(a1, b1, expit(at))
    heights[:, 0] /= 2
    tail = heights.sum(axis=1, keepdims=True) * (u[:, 1:2] - u[:, :1])
    left = np.exp(a2 * at[:, :1] - np.log(a2) - betaln(a2, b2))  # left of all nodes
    return np.asarray(tail + left)


def _tail_and_first(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike
) -> tuple[Floats, Floats]:
    """Compute the tail and the probability of the table itself.

    Summed away from the middle, where terms fall: a tail that holds the middle is 1 less the other.
    """
    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (k1, n1, k2, n2)))
    first = np.exp(_log_choose(n1, k1) + _log_choose(n2, k2) - _log_choose(n1 + n2, k1 + k2))
    large = (k2 * n1 < k1 * n2) & (k2 > 0) & (k1 < n1)
    # of a large tail the other one: k2 - 1 or fewer, as the rise of what is left
    a, b = np.where(large, n1 - k1 - 1, k1), np.where(large, n2 - k2 + 1, k2)
    other = np.exp(_log_choose(n1, a) + _log_choose(n2, b) - _log_choose(n1 + n2, a + b))
    certain = (k2 <= 0) | (k1 >= n1)
    tail = np.where(certain, 1.0, other * _falling_sum(a, n1, b, n2, none=certain))
    return np.clip(np.where(large, 1 - tail, tail), 0.0, 1.0), first


def _falling_sum(k1: Floats, n1: Floats, k2: Floats, n2: Floats, *, none: Flags) -> Floats:
    """Sum a tail over its first term, by the exact ratios of its terms; 1 where `none` is asked."""
    lose_k1, lose_f2, gain_k2, gain_f1 = (
        x.reshape(-1, 1) for x in (k1, n2 - k2, k2 + 1, n1 - k1 + 1)
    )
    total = np.ones_like(lose_k1)
    term = np.where(none.reshape(-1, 1), 0.0, total)
    start, steps = 0, 16
    while np.any(term > _NEGLIGIBLE * total):
        step = np.arange(start, start + steps, dtype=float)
        falling = np.maximum(lose_k1 - step, 0) * np.maximum(lose_f2 - step, 0)
        terms = term * np.cumprod(falling / ((gain_k2 + step) * (gain_f1 + step)), axis=1)
        total = total + terms.sum(axis=1, keepdims=True)
        term = terms[:, -1:]
        start, steps = start + steps, min(2 * steps, 256)
    return total.reshape(k1.shape)


def _log_choose(n: ArrayLike, k: ArrayLike) -> Floats:
    n, k = np.asarray(n, dtype=float), np.asarray(k, dtype=float)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
