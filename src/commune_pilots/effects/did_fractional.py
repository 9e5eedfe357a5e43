"""Difference-in-differences of shares near their floor or ceiling: logit with unit, period effects.

Where shares press against 0 or 100% trends cannot be parallel in points; here they are parallel in
log-odds, and the answer is turned back into points for the months that were treated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, xlogy

from commune_pilots.effects.did_moments import refuse_undated, widen
from commune_pilots.effects.result import ASSUMES, Effect, judge
from commune_pilots.effects.trend import Floats

Weigh = Literal["dossiers", "units"]
_MOST_STEPS, _SMALL, _FAR = 60, 1e-9, 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fractional:
    """The effect in points on months treated, and the coefficient behind it in log-odds.

    `left_out` names units whose shares are all 0 or all 100%: they say nothing in log-odds.
    """

    effect: Effect
    log_odds: float
    log_odds_error: float
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """Log-odds fitted, the coefficient, weights p(1 - p), and scores of every cell."""

    eta: Floats
    delta: float
    weights: Floats
    scores: Floats


def fractional_effect(panel: pd.DataFrame, *, weigh: Weigh, alpha: float = 0.05) -> Fractional:
    """Estimate the average marginal effect of treatment on treated cells, in points of the share.

    The share fitted in each treated unit-period less the share fitted without treatment, averaged:
    over dossiers if `weigh` is dossiers (quasi-binomial, each dossier counts alike), over
    unit-periods if units (fractional logit, each month counts alike). One coefficient in log-odds
    for all treated cells, unit and period effects; standard errors clustered by unit (sandwich,
    delta method) with G - 1 degrees of freedom. Assumes parallel trends in log-odds, one effect in
    log-odds, one way of counting (A3, A4). Unit effects are fitted, so few periods bias the
    coefficient (away from 0: twice it with two); give 12 or more. `panel` as in `widen`, with
    numerator and denominator. Source: Papke & Wooldridge 1996, 2008; Wedderburn 1974. Raises
    ValueError where no finite coefficient fits best: treated months all at 0 or 100%.
    """
    frame = panel.dropna(subset=["numerator", "denominator"])
    frame = frame[frame["denominator"] > 0]
    parts, wholes = (widen(frame, outcome=name) for name in ("numerator", "denominator"))
    refuse_undated(wholes)
    kept = _informative(parts.outcome, wholes.outcome)
    rows, columns = kept.any(axis=1), kept.any(axis=0)
    seen = kept[np.ix_(rows, columns)]
    n = np.where(seen, wholes.outcome[np.ix_(rows, columns)], 0.0)
    shares = np.where(seen, parts.outcome[np.ix_(rows, columns)] / np.where(seen, n, 1.0), 0.5)
    treated = (wholes.treated[np.ix_(rows, columns)] & seen).astype(float)
    masses = n if weigh == "dossiers" else seen.astype(float)
    if not treated.any() or shares[treated > 0].min() == 1 or shares[treated > 0].max() == 0:
        raise ValueError("treated months all print 0 or 100%: no finite change in log-odds")
    fit = _fit(shares, masses, treated)
    points, gradient, spread = _marginal(fit, masses, treated)
    clusters = len(shares)
    variance = spread * clusters / (clusters - 1)
    ever = (treated > 0).any(axis=1)
    effect = judge(
        estimand=f"att_marginal_{weigh}", estimate=100 * points,
        std_error=100 * float(np.sqrt(gradient @ variance @ gradient)), df=clusters - 1,
        n_treated=int(ever.sum()), n_comparison=int((~ever).sum()),
        method="quasi_binomial" if weigh == "dossiers" else "fractional_logit",
        assumptions=ASSUMES, alpha=alpha,
    )  # fmt: skip
    return Fractional(
        effect=effect, log_odds=fit.delta, log_odds_error=float(np.sqrt(variance[-1, -1])),
        left_out=tuple(map(str, wholes.units[~rows])),
    )  # fmt: skip


def _informative(k: Floats, n: Floats) -> NDArray[np.bool_]:
    """Keep cells of units and periods that print neither 0 only nor 100% only."""
    kept = ~np.isnan(n)
    while True:
        before = int(kept.sum())
        for axis in (1, 0):
            part, whole = (np.where(kept, cell, 0).sum(axis, keepdims=True) for cell in (k, n))
            kept &= (part > 0) & (part < whole)
        if int(kept.sum()) == before:
            return kept


def _fit(shares: Floats, masses: Floats, treated: Floats) -> _Fit:
    """Maximise the binomial quasi-likelihood by Newton steps, halved while they make it worse."""
    level = (masses * shares).sum(axis=1) / masses.sum(axis=1)
    units, periods, delta = logit(level), np.zeros(shares.shape[1]), 0.0
    best = -np.inf
    for _ in range(_MOST_STEPS):
        eta = units[:, None] + periods + delta * treated
        chance = expit(eta)
        scores, weights = masses * (shares - chance), masses * chance * (1 - chance)
        best = _likelihood(shares, masses, chance)
        inner, means = _inner(weights, treated)
        right = _columns(scores, treated).sum(axis=0) - means.T @ scores.sum(axis=1)
        step = np.linalg.solve(inner, right)
        of_units = scores.sum(axis=1) / weights.sum(axis=1) - means @ step
        of_periods = np.append(0.0, step[:-1])
        size = 1.0
        while size > _SMALL:
            moved = (
                units + size * of_units, periods + size * of_periods, delta + size * step[-1]
            )  # fmt: skip
            tried = expit(moved[0][:, None] + moved[1] + moved[2] * treated)
            if _likelihood(shares, masses, tried) >= best - abs(best) * 1e-12:
                break
            size /= 2
        units, periods, delta = moved
        if max(np.abs(of_units).max(), np.abs(step).max()) < _SMALL:
            return _Fit(eta=eta, delta=float(delta), weights=weights, scores=scores)
        if abs(delta) > _FAR:
            break
    raise ValueError("no finite change in log-odds fits best: shares are at their floor or ceiling")


def _likelihood(shares: Floats, masses: Floats, chance: Floats) -> float:
    return float((masses * (xlogy(shares, chance) + xlogy(1 - shares, 1 - chance))).sum())


def _columns(cells: Floats, treated: Floats) -> Floats:
    """Sum cells of each unit against every column but its own effect (units x columns)."""
    return np.column_stack([cells[:, 1:], (cells * treated).sum(axis=1)])


def _inner(weights: Floats, treated: Floats) -> tuple[Floats, Floats]:
    """Information on period effects and coefficient, unit effects swept out, and what sweeps."""
    sums = _columns(weights, treated)
    means = sums / weights.sum(axis=1, keepdims=True)
    crossed = (weights * treated).sum(axis=0)[1:]
    inner = np.diag(np.append(weights.sum(axis=0)[1:], (weights * treated).sum()))
    inner[:-1, -1] = inner[-1, :-1] = crossed
    return inner - means.T @ sums, means


def _marginal(fit: _Fit, masses: Floats, treated: Floats) -> tuple[float, Floats, Floats]:
    """Average the effect over treated cells; its gradient; the sandwich of period and treatment."""
    share = masses * treated / (masses * treated).sum()
    on, off = expit(fit.eta), expit(fit.eta - fit.delta * treated)
    rise = on * (1 - on) - off * (1 - off)
    inner, means = _inner(fit.weights, treated)
    direct = np.append((share * rise).sum(axis=0)[1:], (share * on * (1 - on)).sum())
    gradient = direct - means.T @ (share * rise).sum(axis=1)
    bread = np.linalg.inv(inner)
    scores = _columns(fit.scores, treated)
    return float((share * (on - off)).sum()), gradient, bread @ (scores.T @ scores) @ bread
