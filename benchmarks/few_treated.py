"""False positives and coverage with 1 to 8 treated communes of 108, and the speed of the test.

Panels of 24 months, 12 before and 12 after a common start, have a common shock a month, communes'
own levels and lasting changes, months correlated 0.6 with the next, and shares of 20 to 2,000
dossiers a month, so that communes scatter unequally. Treated are drawn at random, or one in each of
as many districts, which share shocks of their own. The truth is a gain of 5 points; counted is how
often each way of inference rejects it: its false positives, and what its 95% interval leaves out.
`noisy` triples the months' scatter of treated communes: there no choice was random any more.

Run: `.venv/bin/python benchmarks/few_treated.py --panels 2000` (Markdown on stdout).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import ttest_ind

from commune_pilots.effects.assignment import (
    Assignment,
    choices,
    completely_random,
    within_strata,
)
from commune_pilots.effects.collapse import changes, mean_difference
from commune_pilots.effects.conley_taber import conley_taber
from commune_pilots.effects.randomisation import p_value, prepare, randomisation_test
from commune_pilots.effects.wild_bootstrap import wild_cluster_bootstrap

ALPHA, GAIN = 0.05, 5.0
COMMUNES, MONTHS = 108, 24
TREATED = (1, 2, 3, 5, 8)
KINDS: tuple[Kind, ...] = ("random", "district", "noisy")
WAYS = (
    "cluster_robust", "welch", "studentised", "difference", "conley_taber", "wild_bootstrap",
)  # fmt: skip
_NOISE = 3.0

Kind = Literal["random", "district", "noisy"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Monthly shares in per cent (communes, months), who is treated and how they were chosen."""

    shares: Floats
    sizes: Floats
    assignment: Assignment


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table of false positives, one of coverage, and one of seconds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--panels", type=int, default=2000, help="panels for each row")
    parser.add_argument("--draws", type=int, default=999, help="choices and sign patterns a test")
    parser.add_argument("--seed", type=int, default=20230601)
    asked = parser.parse_args(arguments)
    rng = np.random.default_rng(asked.seed)
    print("| chosen | treated | " + " | ".join(f"`{way}`" for way in WAYS) + " |")
    print("| --- " * (2 + len(WAYS)) + "|")
    for kind in KINDS:
        for treated in TREATED if kind == "random" else TREATED[2:]:
            found = rejected(kind, treated, panels=asked.panels, draws=asked.draws, rng=rng)
            cells = " | ".join(_percent(found.get(way)) for way in WAYS)
            print(f"| {kind} | {treated} | {cells} |")
    error = 100 * sqrt(0.0475 / asked.panels)
    print(f"\nFalse positives in %, nominal {100 * ALPHA:g}; an interval covers 100 less that.")
    print(f"Standard error of a figure at 5%: {error:.2f} points.\n")
    for line in speed(rng):
        print(line)
    return 0


def rejected(
    kind: Kind,
    treated: int,
    *,
    panels: int,
    draws: int,
    rng: np.random.Generator,
    ways: Sequence[str] = WAYS,
) -> dict[str, float]:
    """Count how often ways of inference reject the gain that is true, on 0..1."""
    found: dict[str, list[bool]] = {}
    for _ in range(panels):
        panel = draw(kind, treated, rng=rng)
        for way, rejects in _judged(panel, draws=draws, rng=rng, ways=ways).items():
            found.setdefault(way, []).append(rejects)
    return {way: float(np.mean(each)) for way, each in found.items()}


def draw(kind: Kind, treated: int, *, rng: np.random.Generator) -> Panel:
    """Draw a panel whose treated communes gain exactly GAIN points from month 13 on."""
    districts = np.arange(COMMUNES) % treated
    chosen = np.zeros(COMMUNES, dtype=bool)
    if kind == "district":
        for district in range(treated):
            chosen[rng.choice(np.flatnonzero(districts == district))] = True
        assignment = within_strata(chosen, strata=districts)
    else:
        chosen[rng.choice(COMMUNES, treated, replace=False)] = True
        assignment = completely_random(chosen)
    sizes = np.exp(rng.uniform(np.log(20), np.log(2000), COMMUNES))
    noise = np.where(chosen & (kind == "noisy"), _NOISE, 1.0)
    after = np.arange(MONTHS) >= MONTHS // 2
    level = rng.normal(40, 8, (COMMUNES, 1)) + rng.normal(0, 3, MONTHS)
    own = rng.normal(0, 2, (COMMUNES, 1)) * after
    if kind == "district":
        own = own + rng.normal(0, 4, treated)[districts][:, None] * after
    wander = _autocorrelated(rng, sd=4.0, correlation=0.6)
    mean = level + own + noise[:, None] * wander + GAIN * np.outer(chosen, after)
    share = np.clip(mean, 1, 99) / 100
    scatter = 100 * np.sqrt(share * (1 - share) / sizes[:, None])
    shares = mean + noise[:, None] * rng.normal(0, 1, mean.shape) * scatter
    return Panel(shares=shares, sizes=sizes, assignment=assignment)


def speed(rng: np.random.Generator) -> list[str]:
    """Time 10,000 choices at once beside one refitted Welch t a choice, on one machine."""
    treated = np.arange(COMMUNES) < 8
    outcome = rng.normal(size=COMMUNES)
    chosen = choices(completely_random(treated), draws=10_000, rng=rng)

    def at_once() -> float:
        return p_value(prepare(outcome, chosen, statistic="studentised"))

    def with_interval() -> float:
        return randomisation_test(outcome, chosen, alpha=ALPHA).p_value

    def one_by_one() -> float:
        made = abs(_refitted(outcome, np.flatnonzero(treated)))
        extreme = sum(abs(_refitted(outcome, each)) >= made for each in chosen.treated)
        return (1 + extreme) / (1 + len(chosen.treated))

    def drawn() -> float:
        return len(choices(completely_random(treated), draws=10_000, rng=rng).treated)

    (vector, fast), (naive, slow) = _best(at_once, 5), _best(one_by_one, 1)
    if abs(vector - naive) > 1e-12:
        raise ValueError(f"the two ways differ: {vector} and {naive}")
    rows = (
        ("10,000 choices drawn", _best(drawn, 5)[1]),
        ("p-value, all choices at once", fast),
        ("p-value and inverted interval", _best(with_interval, 3)[1]),
        ("p-value, one choice after the other", slow),
    )
    return [
        "| studentised test, 8 of 108 communes, 10,000 choices | seconds |",
        "| --- | --- |",
        *(f"| {name} | {seconds:.4f} |" for name, seconds in rows),
        f"\nOne after the other takes {slow / fast:,.0f} times as long; the p-value is the same.",
    ]


def _judged(
    panel: Panel, *, draws: int, rng: np.random.Generator, ways: Sequence[str]
) -> dict[str, bool]:
    """Say for each way of inference that can be used whether it rejects the gain that is true."""
    half = np.arange(MONTHS) >= MONTHS // 2
    treated = panel.assignment.treated
    change = changes(panel.shares, before=~half, after=half)
    chosen = choices(panel.assignment, draws=draws, rng=rng)
    found = {
        "cluster_robust": _cluster_robust(panel.shares - GAIN * np.outer(treated, half), treated)
    }
    if treated.sum() > 2:
        interval = mean_difference(change, panel.assignment, alpha=ALPHA).found
        found["welch"] = not interval.conf_low <= GAIN <= interval.conf_high
        sums = prepare(change, chosen, statistic="studentised")
        found["studentised"] = p_value(sums, GAIN) <= ALPHA
    found["difference"] = p_value(prepare(change, chosen, statistic="difference"), GAIN) <= ALPHA
    if len(panel.assignment.picks) > 1:
        return found
    if "conley_taber" in ways:
        sizes = (panel.sizes[treated], panel.sizes[~treated])
        placebo = conley_taber(
            change[treated], change[~treated], alpha=ALPHA, draws=draws, rng=rng, sizes=sizes
        )
        found["conley_taber"] = not placebo.conf_low <= GAIN <= placebo.conf_high
    if "wild_bootstrap" in ways:
        found["wild_bootstrap"] = (
            wild_cluster_bootstrap(
                change - GAIN * treated,
                np.column_stack([np.ones(COMMUNES), treated]),
                np.arange(COMMUNES),
                column=1,
                weights="rademacher",
                draws=draws,
                rng=rng,
            ).p_value
            <= ALPHA
        )
    return found


def _cluster_robust(shares: Floats, treated: NDArray[np.bool_]) -> bool:
    """Say whether the usual t rejects no gain: two-way effects, CR1, communes less 1 degrees."""
    half = np.arange(MONTHS) >= MONTHS // 2
    regressor = np.outer(treated - treated.mean(), half - half.mean())
    apart = shares - shares.mean(axis=1, keepdims=True) - shares.mean(axis=0) + shares.mean()
    weight = float((regressor**2).sum())
    estimate = float((regressor * apart).sum()) / weight
    scores = (regressor * (apart - estimate * regressor)).sum(axis=1)
    n, columns = shares.size, MONTHS + 1
    factor = COMMUNES / (COMMUNES - 1) * (n - 1) / (n - columns)
    error = sqrt(factor * float((scores**2).sum())) / weight
    return abs(estimate) / error > float(stdtrit(COMMUNES - 1, 1 - ALPHA / 2))


def _autocorrelated(rng: np.random.Generator, *, sd: float, correlation: float) -> Floats:
    steps = rng.normal(0, sd, (COMMUNES, MONTHS))
    steps[:, 1:] *= sqrt(1 - correlation**2)
    for month in range(1, MONTHS):
        steps[:, month] += correlation * steps[:, month - 1]
    return steps


def _refitted(outcome: Floats, treated: NDArray[np.int64]) -> float:
    own = np.zeros(COMMUNES, dtype=bool)
    own[treated] = True
    return float(ttest_ind(outcome[own], outcome[~own], equal_var=False).statistic)


def _best(function: Callable[[], float], times: int) -> tuple[float, float]:
    """Return what a function gives, and the least of several wall times."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        value = function()
        seconds.append(time.perf_counter() - start)
    return value, min(seconds)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


if __name__ == "__main__":
    sys.exit(main())
