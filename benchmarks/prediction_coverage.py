"""How often the 95% interval for the next commune holds its true value, by simulation.

Communes have true log-odds drawn around one mean with standard deviation tau; the figure of each
has the error of a share of 100 to 500 dossiers. Two ways to draw that error: normal with its
variance known, as the methods assume, and binomial counts turned into log-odds. A set in which a
count is 0 or all is drawn again: pages do not pool it. Counted is how often the true value of one
more commune, drawn alike, lies inside.

Run: `.venv/bin/python benchmarks/prediction_coverage.py --draws 20000` (Markdown on stdout).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

from commune_pilots.scaling import hierarchical, pooling
from commune_pilots.scaling.hierarchical import PRIORS

ALPHA = 0.05
UNITS = (3, 5, 8)
TAUS = (0.1, 0.5, 1.0, 2.0)
KINDS: tuple[Kind, ...] = ("normal", "binomial")
INTERVALS = ("hts", "hartung_knapp", *PRIORS)
_MEAN = float(logit(0.7))
_BATCH = 2000

Kind = Literal["normal", "binomial"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """Simulated sets: estimates and variances (sets, units), the next commune's truth (sets,)."""

    estimates: Floats
    variances: Floats
    following: Floats


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table of coverage, in per cent, and how wide the simulation itself scatters."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--draws", type=int, default=20_000, help="sets for each row")
    parser.add_argument("--seed", type=int, default=20230601)
    asked = parser.parse_args(arguments)
    rng = np.random.default_rng(asked.seed)
    print("| errors | communes | tau | " + " | ".join(f"`{name}`" for name in INTERVALS) + " |")
    print("| --- " * (3 + len(INTERVALS)) + "|")
    for kind in KINDS:
        for units in UNITS:
            for tau in TAUS:
                found = coverage(kind, units, tau, draws=asked.draws, rng=rng)
                cells = " | ".join(f"{100 * found[name]:.1f}" for name in INTERVALS)
                print(f"| {kind} | {units} | {tau:g} | {cells} |")
    print(f"\nStandard error of a figure at 95%: {100 * sqrt(0.0475 / asked.draws):.2f} points.")
    return 0


def coverage(
    kind: Kind, units: int, tau: float, *, draws: int, rng: np.random.Generator
) -> dict[str, float]:
    """Count how often each interval holds the truth of the next commune, on 0..1."""
    held: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in INTERVALS}
    for size in _batches(draws):
        sets = draw(kind, units, tau, draws=size, rng=rng)
        for name in INTERVALS:
            held[name].append(holds(sets, name))
    return {name: float(np.concatenate(parts).mean()) for name, parts in held.items()}


def draw(kind: Kind, units: int, tau: float, *, draws: int, rng: np.random.Generator) -> Sets:
    """Draw sets of communes, and one more commune each."""
    truth = rng.normal(_MEAN, tau, size=(draws, units))
    n = rng.integers(100, 501, size=truth.shape)
    if kind == "normal":
        variances = 1 / (n * expit(_MEAN) * (1 - expit(_MEAN)))
        estimates = rng.normal(truth, np.sqrt(variances))
    else:
        k = rng.binomial(n, expit(truth))
        while (lost := ((k == 0) | (k == n)).any(axis=1)).any():
            truth[lost] = rng.normal(_MEAN, tau, size=truth[lost].shape)
            k[lost] = rng.binomial(n[lost], expit(truth[lost]))
        estimates, variances = logit(k / n), 1 / k + 1 / (n - k)
    return Sets(
        estimates=estimates, variances=variances, following=rng.normal(_MEAN, tau, size=draws)
    )


def holds(sets: Sets, interval: str) -> NDArray[np.bool_]:
    """Say for each set whether the interval holds the truth of the next commune."""
    if interval in PRIORS:
        found = hierarchical.posterior(
            sets.estimates, sets.variances, prior_scale=PRIORS[interval], nodes=80
        )
        above = hierarchical.chance_at_least(found, sets.following)
        return np.asarray((above >= ALPHA / 2) & (above <= 1 - ALPHA / 2))
    fitted = pooling.fit(sets.estimates, sets.variances, method="reml")
    if interval == "hts":
        reach = pooling.prediction_reach(fitted, alpha=ALPHA)
    else:
        cut = fitted.std_error * np.sqrt(np.maximum(fitted.inflation, 1.0))
        reach = stdtrit(fitted.k - 1, 1 - ALPHA / 2) * np.hypot(cut, np.sqrt(fitted.tau2))
    return np.asarray(np.abs(sets.following - fitted.estimate) <= reach)


def _batches(draws: int) -> Iterator[int]:
    for start in range(0, draws, _BATCH):
        yield min(_BATCH, draws - start)


if __name__ == "__main__":
    sys.exit(main())
