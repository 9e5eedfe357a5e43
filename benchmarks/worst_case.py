"""Worst-case search, admissible denominators and break-even floor against naive enumeration.

Measured, each against a rival that a reader could write in a few lines:

(a) `rounding.feasible` against a Python loop over n, with fractions and with whole numbers;
(b) `worst_case.worst_case` against every admissible table up to the same numbers of dossiers,
    with `scipy.stats.hypergeom.sf` one table at a time, and with the project's own tail in one
    array call, which shows what the search itself saves;
(c) `worst_case.worst_case` with floors of 500,000 and 1,000,000: the rival's tables are counted,
    its time is an ESTIMATE from the measured time of a table;
(d) `break_even.break_even_floor` against a scan of floors with naive worst cases.

In (b) and (d) the rival is told where it may stop, for nothing: without a bound it could not know.
Both sides run in turn in one process, in reversed order every other time; a ratio is the rival's
CPU time over ours, and the median over the repeats is printed with the smallest and the largest.
The script ends with an error where two answers differ (p by more than 1e-9 of its value); in (c)
it prints how far scipy's p at the worst pair is from ours.

Run again: `.venv/bin/python benchmarks/worst_case.py` (under three minutes; Markdown on stdout).
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import ceil, floor, isclose
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from scipy.stats import hypergeom

from commune_pilots.effects.break_even import break_even_floor
from commune_pilots.effects.exact import upper_tail
from commune_pilots.effects.frontier import Side
from commune_pilots.effects.rounding import Interval, feasible, printed_interval
from commune_pilots.effects.worst_case import WorstCase, answer_of, worst_case
from commune_pilots.vocabulary import Rounding

MOST = 200_000
ALPHA = 0.05
AGREED = 1e-9
DRAWN = 300
YEAR = 365.25 * 24 * 3600
NONE_YET = "none yet"
PAIRS = (
    ("16,8", "98,08", 1),
    ("18,98", "86,41", 1),
    (NONE_YET, "53,53", 1),
    ("0,1", "10,7", 1),
    ("2,0", "8,3", 1),
    ("2,0", "8,3", 100),
    ("2,0", "8,3", 1000),
    ("33,3", "41,7", 300),
    ("33,3", "41,7", 600),
    ("50,00", "52,00", 3000),
)
FIGURES: tuple[tuple[str, Rounding], ...] = (
    ("16,8", "nearest"),
    ("98,08", "half_up"),
    ("2,0", "any"),
)
LARGE_FLOORS = (500_000, 1_000_000)

Group = tuple[int, int]
Rows = list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The median CPU time of ours in seconds, and of each rival the ratios to it."""

    seconds: float
    ratios: list[list[float]]

    def cells(self) -> list[str]:
        """Write our time in ms, then the ratio of each rival: median (smallest .. largest)."""
        ratios = (f"{median(x):.3g} ({min(x):.3g} .. {max(x):.3g})" for x in self.ratios)
        return [f"{1000 * self.seconds:.2f}", *ratios]


def main() -> None:
    """Run the four measurements and print one Markdown table for each."""
    _write("(a) admissible denominators, n = 1 .. 200,000", *_denominators())
    _write("(b) worst case, numbers of dossiers up to what the certificate names", *_worst_cases())
    _write("(c) large numbers, 50,00 -> 50,20", *_large())
    _write("(d) break-even floor of 2,0 -> 8,3 at 5%", *_floors())


def paired(ours: Callable[[], Any], rivals: Sequence[Callable[[], Any]], *, repeats: int) -> Paired:
    """Time ours and its rivals in turn, after one run that is not counted."""
    calls = [ours, *rivals]
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for repeat in range(repeats):
        order = range(len(calls))
        for place in reversed(order) if repeat % 2 else order:
            start = process_time()
            calls[place]()
            times[place].append(process_time() - start)
    own, *others = times
    ratios = [[rival / mine for rival, mine in zip(x, own, strict=True)] for x in others]
    return Paired(seconds=median(own), ratios=ratios)


def side(printed: str, least: int) -> Side:
    """Read a printed figure, rounded to the nearest; "none yet" admits the share 0 alone."""
    if printed == NONE_YET:
        return Side(interval=Interval(low=Fraction(0), high=Fraction(0)), least=least)
    return Side(interval=_interval(printed, "nearest"), least=least)


def naive_by_fractions(interval: Interval, most: int) -> list[tuple[int, int, int]]:
    """List n, first k and last k, one n at a time with exact fractions."""
    found = []
    for n in range(1, most + 1):
        low, high = interval.low * n, interval.high * n
        first = floor(low) + 1 if interval.low_open else ceil(low)
        last = ceil(high) - 1 if interval.high_open else floor(high)
        if first <= last:
            found.append((n, first, last))
    return found


def naive_by_integers(interval: Interval, least: int, most: int) -> list[tuple[int, int, int]]:
    """List n, first k and last k, one n at a time with whole numbers."""
    a, b = interval.low.as_integer_ratio()
    c, d = interval.high.as_integer_ratio()
    found = []
    for n in range(least, most + 1):
        first = n * a // b + 1 if interval.low_open else -(-n * a // b)
        last = -(-n * c // d) - 1 if interval.high_open else n * c // d
        if first <= last:
            found.append((n, first, last))
    return found


def naive_groups(one: Side, most: int) -> list[Group]:
    """List every k of n that prints the figure, n from the floor to `most`."""
    rows = naive_by_integers(one.interval, one.least, most)
    return [(k, n) for n, first, last in rows for k in range(first, last + 1)]


def naive_tails(before: Sequence[Group], after: Sequence[Group]) -> Iterator[float]:
    """Compute twice Fisher's upper tail of every pair of groups, one table at a time (scipy)."""
    for k1, n1 in before:
        for k2, n2 in after:
            yield min(1.0, 2 * float(hypergeom.sf(k2 - 1, n1 + n2, k1 + k2, n2)))


def naive_worst(before: Side, after: Side, most: tuple[int, int]) -> float:
    """Find the largest p over all tables, one at a time."""
    return max(naive_tails(naive_groups(before, most[0]), naive_groups(after, most[1])))


def array_worst(before: Side, after: Side, most: tuple[int, int]) -> float:
    """Find the largest p over all tables with the project's tail, in one array call."""
    k1, n1 = np.array(naive_groups(before, most[0])).T[:, :, None]
    k2, n2 = np.array(naive_groups(after, most[1])).T
    return min(1.0, 2 * float(upper_tail(k1, n1, k2, n2).max()))


def naive_floor(
    before: Side, after: Side, limits: Sequence[tuple[int, int]], *, in_full: bool
) -> int:
    """Find the first floor at which no table reaches alpha, floor by floor.

    In full, every worst case is computed; otherwise a floor is left at its first table at alpha.
    """
    for least, most in enumerate(limits, start=1):
        one, two = replace(before, least=least), replace(after, least=least)
        tails = naive_tails(naive_groups(one, most[0]), naive_groups(two, most[1]))
        if max(tails) < ALPHA if in_full else all(p < ALPHA for p in tails):
            return least
    return len(limits) + 1


def _denominators() -> tuple[list[str], Rows]:
    head = ["figure", "rounding", "admissible n", "ours, ms", "fractions / ours", "integers / ours"]
    rows = []
    for printed, rounding in FIGURES:
        interval = _interval(printed, rounding)
        ours = list(zip(*(x.tolist() for x in feasible(interval, least=1, most=MOST)), strict=True))
        _agree(ours == naive_by_fractions(interval, MOST), printed)
        _agree(ours == naive_by_integers(interval, 1, MOST), printed)
        times = paired(
            partial(feasible, interval, least=1, most=MOST),
            [
                partial(naive_by_fractions, interval, MOST),
                partial(naive_by_integers, interval, 1, MOST),
            ],
            repeats=9,
        )
        rows.append([printed, f"`{rounding}`", f"{len(ours):,}", *times.cells()])
    return head, rows


def _worst_cases() -> tuple[list[str], Rows]:
    head = ["pair", "floor", "worst pair", "p", "n up to", "tables: all", "computed by ours"]
    head += ["ours, ms", "scipy / ours", "all in one array / ours"]
    rows = []
    for low, high, least in PAIRS:
        sides = side(low, least), side(high, least)
        found = worst_case(*sides)
        most = _reach(found)
        for rival in (naive_worst, array_worst):
            _agree(isclose(found.p, rival(*sides, most), rel_tol=AGREED), f"{low} -> {high}")
        _agree(found.certificate.certified, "the search is not certified")
        tables = len(naive_groups(sides[0], most[0])) * len(naive_groups(sides[1], most[1]))
        times = paired(
            partial(worst_case, *sides),
            [partial(naive_worst, *sides, most), partial(array_worst, *sides, most)],
            repeats=15 if tables < 20_000 else 3,
        )
        row = [f"{low} -> {high}", f"{least:,}", _pair(found), f"{found.p:.4g}"]
        row += [f"{most[0]:,}; {most[1]:,}", f"{tables:,}", f"{found.certificate.tables:,}"]
        rows.append([*row, *times.cells()])
    return head, rows


def _large() -> tuple[list[str], Rows]:
    columns = []
    for least in LARGE_FLOORS:
        sides = side("50,00", least), side("50,20", least)
        tracemalloc.start()
        found = worst_case(*sides)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        certificate, most = found.certificate, _reach(found)
        (one, count_one), (two, count_two) = map(_drawn, sides, most)
        start = process_time()
        drawn = [next(naive_tails([a], [b])) for a, b in zip(one, two, strict=True)]
        each = (process_time() - start) / DRAWN
        _agree(max(drawn) <= certificate.bound, "a drawn table lies above the bound")
        scipy_p = next(naive_tails([(found.k1, found.n1)], [(found.k2, found.n2)]))
        times = paired(partial(worst_case, *sides), [], repeats=9)
        tables = count_one * count_two
        columns.append(
            {
                "worst pair": _pair(found),
                "p found": f"{found.p:.6g}",
                "certified": "yes" if certificate.certified else "no",
                "bound / p - 1": f"{certificate.bound / found.p - 1:.2%}",
                "answer at 5%": answer_of(found, ALPHA),
                "scipy's p / ours - 1": f"{scipy_p / found.p - 1:.1e}",
                "n up to": f"{most[0]:,}; {most[1]:,}",
                "candidates of both sides": f"{certificate.candidates:,}",
                "tables: all (counted)": f"{tables:.2g}",
                "computed by ours": f"{certificate.tables:,}",
                "peak memory of ours, MB": f"{peak:.0f}",
                "ours, ms": times.cells()[0],
                f"scipy, microseconds a table ({DRAWN} drawn)": f"{1e6 * each:.0f}",
                "scipy, all tables, years (ESTIMATE)": f"{each * tables / YEAR:.2g}",
                "scipy / ours (ESTIMATE)": f"{each * tables / times.seconds:.1g}",
            }
        )
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    return ["floor", *(f"{least:,}" for least in LARGE_FLOORS)], rows


def _floors() -> tuple[list[str], Rows]:
    before, after = side("2,0", 1), side("8,3", 1)
    found = break_even_floor(before, after, alpha=ALPHA)
    limits = [
        _reach(worst_case(replace(before, least=n), replace(after, least=n), alpha=ALPHA))
        for n in range(1, 2 * (found.floor or 1))
    ]
    for in_full in (True, False):
        floor_found = naive_floor(before, after, limits, in_full=in_full)
        _agree(floor_found == found.floor == found.short + 1, f"floor {floor_found}")
    times = paired(
        partial(break_even_floor, before, after, alpha=ALPHA),
        [partial(naive_floor, before, after, limits, in_full=full) for full in (True, False)],
        repeats=5,
    )
    head = ["floor", "ours, ms", "scan with full worst cases / ours"]
    return [*head, "scan that leaves a floor at its first witness / ours"], [
        [str(found.floor), *times.cells()]
    ]


def _drawn(one: Side, most: int) -> tuple[list[Group], int]:
    """Draw groups of one side, n evenly, and count them all."""
    n, first, last = feasible(one.interval, least=one.least, most=most)
    at = np.random.default_rng(1).integers(len(n), size=DRAWN)
    k = np.random.default_rng(2).integers(first[at], last[at] + 1)
    groups = list(zip(k.tolist(), n[at].tolist(), strict=True))
    return groups, int((last - first + 1).sum())


def _interval(printed: str, rounding: Rounding) -> Interval:
    value = Decimal(printed.replace(",", "."))
    decimals = len(printed.partition(",")[2])
    return printed_interval(value, decimals=decimals, rounding=rounding)


def _reach(found: WorstCase) -> tuple[int, int]:
    return found.certificate.most_before, found.certificate.most_after


def _pair(found: WorstCase) -> str:
    return f"{found.k1:,}/{found.n1:,} -> {found.k2:,}/{found.n2:,}"


def _agree(same: bool, what: str) -> None:
    if not same:
        raise SystemExit(f"the answers differ: {what}")


def _write(title: str, head: list[str], rows: Rows) -> None:
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    sys.stdout.write(f"### {title}\n\n{table}\n\n")


if __name__ == "__main__":
    main()
