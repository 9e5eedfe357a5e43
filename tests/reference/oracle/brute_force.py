"""Reference values by brute force: whole numbers, fractions and the standard library, nothing else.

    python brute_force.py            writes feasible.csv, worst_cases.csv and floors.csv
    python brute_force.py check      compares fisher.csv (made by R) with exact fractions

Nothing here imports the package under test, numpy or scipy.

A printed percentage s with d decimals, u = 10^-d points and h = u/2 admits k/n in
    half_up [s-h, s+h)      half_down (s-h, s+h]     nearest [s-h, s+h]
    truncate [s, s+u)       ceil (s-u, s]            any (s-u, s+u)
    half_even [s-h, s+h] if the last digit printed is even, (s-h, s+h) if it is odd
all of them within [0, 1].
"""

from __future__ import annotations

import csv
import decimal
import functools
import math
import random
import sys
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALL_WAYS = ("half_up", "half_down", "half_even", "truncate", "ceil", "nearest", "any")
DECIMAL_NAMES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_down": decimal.ROUND_HALF_DOWN,
    "half_even": decimal.ROUND_HALF_EVEN,
    "truncate": decimal.ROUND_DOWN,
    "ceil": decimal.ROUND_CEILING,
}
Interval = tuple[Fraction, bool, Fraction, bool]  # low, low included, high, high included


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (HERE / name).open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    say(f"{name}: {len(rows)} rows")


# ---------------------------------------------------------------- which shares a figure admits


def decimals_of(printed: str) -> int:
    return len(printed.partition(".")[2])


def interval(printed: str, rounding: str) -> Interval:
    s = Fraction(printed) / 100
    u = Fraction(1, 100 * 10 ** decimals_of(printed))
    h = u / 2
    even = int(printed[-1]) % 2 == 0
    low, low_in, high, high_in = {
        "half_up": (s - h, True, s + h, False),
        "half_down": (s - h, False, s + h, True),
        "half_even": (s - h, even, s + h, even),
        "truncate": (s, True, s + u, False),
        "ceil": (s - u, False, s, True),
        "nearest": (s - h, True, s + h, True),
        "any": (s - u, False, s + u, False),
    }[rounding]
    if low < 0:
        low, low_in = Fraction(0), True
    if high > 1:
        high, high_in = Fraction(1), True
    return low, low_in, high, high_in


def inside(k: int, n: int, allowed: Interval) -> bool:
    low, low_in, high, high_in = allowed
    left = k * low.denominator - low.numerator * n
    right = k * high.denominator - high.numerator * n
    return (left > 0 or (left == 0 and low_in)) and (right < 0 or (right == 0 and high_in))


def counts(n: int, allowed: Interval) -> list[int]:
    """Every k of 0..n inside, by trying each k between the two ends."""
    first = max(0, math.floor(allowed[0] * n) - 1)
    last = min(n, math.ceil(allowed[2] * n) + 1)
    return [k for k in range(first, last + 1) if inside(k, n, allowed)]


# ---------------------------------------------------------------- the same, by printing


def print_whole(k: int, n: int, decimals: int, rounding: str) -> str:
    """The percentage k/n as text, by whole-number division."""
    q, r = divmod(100 * 10**decimals * k, n)
    if rounding == "half_up":
        q += 2 * r >= n
    elif rounding == "half_down":
        q += 2 * r > n
    elif rounding == "half_even":
        q += 2 * r > n or (2 * r == n and q % 2 == 1)
    elif rounding == "ceil":
        q += r > 0
    whole, part = divmod(q, 10**decimals)
    return f"{whole}.{part:0{decimals}d}" if decimals else str(whole)


def print_decimal(k: int, n: int, decimals: int, rounding: str) -> str:
    """The percentage k/n as text, by Python's decimal module with 60 digits."""
    with decimal.localcontext() as context:
        context.prec = 60
        share = Decimal(100 * k) / Decimal(n)
        return str(share.quantize(Decimal(1).scaleb(-decimals), rounding=DECIMAL_NAMES[rounding]))


FIGURES = (
    "0", "0.0", "0.1", "1", "2.0", "8.3", "10.7", "12.5", "16.8", "16.80", "18.98", "25",
    "33.3", "37.5", "50", "50.0", "53.53", "62.5", "86.41", "98.08", "99.9", "100", "100.0",
)  # fmt: skip


def feasible() -> None:
    """Admissible n and (k, n); five ways by printing each k/n, the other two by the interval."""
    rows = []
    for printed in FIGURES:
        decimals = decimals_of(printed)
        for rounding in ALL_WAYS:
            allowed = interval(printed, rounding)
            by_print = rounding in DECIMAL_NAMES
            ns = []
            pairs = 0
            for n in range(1, 2001):
                if n <= 400 or not by_print:
                    window = range(n + 1)
                else:  # printing is monotone in k: only the neighbours can print this figure
                    window = range(
                        max(0, math.floor(allowed[0] * n) - 2),
                        min(n, math.ceil(allowed[2] * n) + 2) + 1,
                    )
                if by_print:
                    found = [k for k in window if print_whole(k, n, decimals, rounding) == printed]
                    if n <= 120:
                        again = [
                            k for k in window if print_decimal(k, n, decimals, rounding) == printed
                        ]
                        assert again == found, (printed, rounding, n)
                else:
                    found = [k for k in window if inside(k, n, allowed)]
                assert found == counts(n, allowed), (printed, rounding, n)
                if found:
                    ns.append(n)
                    if n <= 400:
                        pairs += len(found)
            route = "printed" if by_print else "interval"
            first = " ".join(map(str, ns[:10]))
            rows.append([printed, rounding, route, len(ns), first, pairs])
    header = ["printed", "rounding", "route", "sizes_to_2000", "first_ten_sizes", "pairs_to_400"]
    write("feasible.csv", header, rows)


# ---------------------------------------------------------------- exact and quick tails


@functools.lru_cache(maxsize=200_000)
def exact_central(k1: int, n1: int, k2: int, n2: int) -> Fraction:
    """Twice the smaller tail of Fisher's test, at most 1, as an exact fraction."""
    total = k1 + k2
    lowest = max(0, total - n2)
    highest = min(total, n1)
    term = math.comb(n1, lowest) * math.comb(n2, total - lowest)
    below = 0  # numerator of P(X1 <= k1)
    above = 0  # numerator of P(X1 >= k1)
    for x in range(lowest, highest + 1):
        if x <= k1:
            below += term
        if x >= k1:
            above += term
        # The next product of binomials is an integer, so this division leaves no remainder.
        term = term * (n1 - x) * (total - x) // ((x + 1) * (n2 - total + x + 1))
    whole = math.comb(n1 + n2, total)
    assert below + above - math.comb(n1, k1) * math.comb(n2, k2) == whole
    return min(Fraction(1), Fraction(2 * min(below, above), whole))


LOG_FACTORIAL = [math.lgamma(i + 1) for i in range(6001)]


def quick_central(k1: int, n1: int, k2: int, n2: int) -> float:
    """Twice P(X1 <= k1), at most 1, in floats: for choosing candidates, never for the answer."""
    lf = LOG_FACTORIAL
    n, total = n1 + n2, k1 + k2
    term = math.exp(
        lf[n1] - lf[k1] - lf[n1 - k1] + lf[n2] - lf[k2] - lf[n2 - k2]
        - lf[n] + lf[total] + lf[n - total]
    )  # fmt: skip
    tail = term
    lowest = max(0, total - n2)
    x = k1
    while x > lowest and term > tail * 1e-15:
        term *= x * (n2 - total + x) / ((n1 - x + 1) * (total - x + 1))
        tail += term
        x -= 1
    return min(1.0, 2 * tail)


def sizes(allowed: Interval, floor: int, most: int, end: str) -> list[tuple[int, int]]:
    """(k, n): for each n the k nearest the other figure (the largest before, the smallest after).

    At fixed n1, n2 the tail P(X1 <= k1) rises with k1 and falls with k2, so no other
    k can be worse.
    """
    found = []
    for n in range(floor, most + 1):
        ks = counts(n, allowed)
        if ks:
            found.append((ks[-1] if end == "before" else ks[0], n))
    return found


def worst(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> tuple[Fraction, int, int, int, int] | None:
    """The largest exact p, with the first table (by n1, then n2) that has it."""
    best = -1.0
    near: list[tuple[float, int, int, int, int]] = []
    for k1, n1 in before:
        for k2, n2 in after:
            p = quick_central(k1, n1, k2, n2)
            if p >= best * (1 - 1e-8):
                near.append((p, k1, n1, k2, n2))
                best = max(best, p)
    answer = None
    for p, k1, n1, k2, n2 in near:
        if p < best * (1 - 1e-8):
            continue
        exact = exact_central(k1, n1, k2, n2)
        assert math.isclose(float(exact), p, rel_tol=1e-9), (k1, n1, k2, n2)
        if answer is None or exact > answer[0]:
            answer = (exact, k1, n1, k2, n2)
        if exact == 1:
            break
    return answer


def worst_by_every_count(
    low: Interval, high: Interval, floor: int, most_before: int, most_after: int
) -> Fraction:
    """No trick and no floats: every k of every n, exact fractions."""
    best = Fraction(-1)
    for n1 in range(floor, most_before + 1):
        for k1 in counts(n1, low):
            for n2 in range(floor, most_after + 1):
                for k2 in counts(n2, high):
                    best = max(best, exact_central(k1, n1, k2, n2))
    return best


def first_size(allowed: Interval, floor: int) -> int:
    return next(n for n in range(floor, 5000) if counts(n, allowed))


# ---------------------------------------------------------------- worst cases


def cases() -> list[tuple[str, str, str, int, int, int]]:
    """Pairs, with the largest size looked at: twice the smallest one that fits, and 100 more."""
    found: list[tuple[str, str, str, int, int, int]] = []

    def add(before: str, after: str, rounding: str, floor: int, caps: tuple[int, ...] = ()) -> None:
        if not caps:
            caps = tuple(
                2 * first_size(interval(s, rounding), floor) + 100 for s in (before, after)
            )
        found.append((before, after, rounding, floor, caps[0], caps[1]))

    for rounding in ALL_WAYS:
        add("16.8", "98.08", rounding, 1)
        add("18.98", "86.41", rounding, 1)
        add("0.1", "10.7", rounding, 1, (1600, 160))
        for floor in (1, 73, 100, 103, 150, 200):
            add("2.0", "8.3", rounding, floor)
    chance = random.Random(20231122)
    for number in range(42):
        d1, d2 = chance.choice((0, 1)), chance.choice((0, 1))
        gap = Decimal(chance.randint(30, 600)) / 10
        low = Decimal(chance.randint(0, int(1000 - 10 * gap))) / 10
        before = str(low.quantize(Decimal(1).scaleb(-d1), rounding=decimal.ROUND_HALF_UP))
        after = str((low + gap).quantize(Decimal(1).scaleb(-d2), rounding=decimal.ROUND_HALF_UP))
        floor = chance.choice((1, 30, 100))
        rounding = ("half_up", "any", "truncate")[number % 3]
        add(before, after, rounding, floor)
    return found


def worst_cases() -> None:
    rows = []
    for before, after, rounding, floor, most_before, most_after in cases():
        low, high = interval(before, rounding), interval(after, rounding)
        answer = worst(
            sizes(low, floor, most_before, "before"), sizes(high, floor, most_after, "after")
        )
        assert answer is not None
        p, *table = answer
        rows.append(
            [before, after, rounding, floor, most_before, most_after, *table, repr(float(p))]
        )
    sizes_looked_at = ["floor", "most_before", "most_after"]
    header = ["before", "after", "rounding", *sizes_looked_at, "k1", "n1", "k2", "n2", "p"]
    write("worst_cases.csv", header, rows)


def check_the_trick() -> None:
    """Every k against the k at the end, exactly, where every k can be afforded."""
    checked = 0
    for before, after, rounding, floor, most in (
        ("10", "20", "half_up", 1, 45), ("10", "20", "any", 30, 60),
        ("33", "36", "truncate", 1, 45),
        ("2.0", "8.3", "any", 1, 80), ("2.0", "8.3", "any", 60, 110), ("0", "5", "half_up", 1, 45),
        ("0", "3", "any", 60, 110), ("95", "100", "any", 30, 70), ("50", "53", "any", 120, 150),
        ("97", "100", "half_up", 100, 140), ("1", "4", "half_even", 150, 190),
        ("60", "64", "nearest", 140, 165),
    ):  # fmt: skip
        low, high = interval(before, rounding), interval(after, rounding)
        answer = worst(sizes(low, floor, most, "before"), sizes(high, floor, most, "after"))
        assert answer is not None
        assert answer[0] == worst_by_every_count(low, high, floor, most, most), (before, after)
        checked += 1
    say(f"the k at the end is the worst k: {checked} cases by full enumeration, exact")


# ---------------------------------------------------------------- floors


def at_least(p: float, alpha: Fraction, table: tuple[int, int, int, int]) -> bool:
    """Whether the exact p is alpha or more; floats settle it only when they are far from alpha."""
    if abs(p - float(alpha)) > 1e-8:
        return p > float(alpha)
    return exact_central(*table) >= alpha


def text(answer: tuple[Fraction, int, int, int, int] | None) -> str:
    return "" if answer is None else repr(float(answer[0]))


def floors() -> None:
    """The smallest floor N whose worst p over n1, n2 in [N, 2N + 50] is below alpha.

    last_blocked is the largest N looked at whose worst p is not below alpha: floor_found - 1 means
    that no larger floor fails again. For "none yet" (k1 = 0) only n1 is in [N, 2N + 50] and n2 is
    any admissible size up to 2000.
    """
    rows: list[list[object]] = []
    largest = 320
    top = 2 * largest + 50
    for before, after in (("2.0", "8.3"), ("10", "20"), ("33.3", "50.0"), ("16.8", "30.2")):
        for rounding in ("half_up", "truncate", "any"):
            low, high = interval(before, rounding), interval(after, rounding)
            firsts = sizes(low, 1, top, "before")
            seconds = sizes(high, 1, top, "after")
            tables = [
                (quick_central(k1, n1, k2, n2), (k1, n1, k2, n2))
                for k1, n1 in firsts
                for k2, n2 in seconds
            ]
            for alpha in (Fraction(5, 100), Fraction(1, 100)):
                blocked = set()
                for p, table in tables:
                    if at_least(p, alpha, table):
                        lower = max(1, -((50 - max(table[1], table[3])) // 2))
                        blocked.update(range(lower, min(table[1], table[3]) + 1))
                blocked = {n for n in blocked if n <= largest}

                def at(n: int, firsts=firsts, seconds=seconds):
                    reach = range(n, 2 * n + 51)
                    return worst(
                        [t for t in firsts if t[1] in reach], [t for t in seconds if t[1] in reach]
                    )

                def both_print(n: int, firsts=firsts, seconds=seconds) -> bool:
                    reach = range(n, 2 * n + 51)
                    return all(any(t[1] in reach for t in side) for side in (firsts, seconds))

                unblocked = [n for n in range(1, largest + 1) if n not in blocked and both_print(n)]
                if not unblocked:
                    say(f"no floor up to {largest}: {before} -> {after} {rounding} {float(alpha)}")
                    continue
                floor = unblocked[0]
                here, below = at(floor), at(floor - 1)
                assert here is not None and here[0] < alpha
                assert below is None or below[0] >= alpha
                found = [floor, text(here), text(below), max(blocked)]
                rows.append([before, after, rounding, float(alpha), *found])
    for rounding in ALL_WAYS:
        high = interval("53.53", rounding)
        seconds = sizes(high, 1, 2000, "after")
        for alpha in (Fraction(5, 100), Fraction(1, 100)):
            found = [
                (n, worst([(0, m) for m in range(n, 2 * n + 51)], seconds)) for n in range(1, 21)
            ]
            blocked = {n for n, answer in found if answer[0] >= alpha}
            floor = min(n for n, _ in found if n not in blocked)
            here, below = found[floor - 1][1], found[floor - 2][1]
            answer = [floor, text(here), text(below), max(blocked)]
            rows.append(["none yet", "53.53", rounding, float(alpha), *answer])
    found_columns = ["floor_found", "worst_p_at_floor", "worst_p_below", "last_blocked"]
    write("floors.csv", ["before", "after", "rounding", "alpha", *found_columns], rows)


# ---------------------------------------------------------------- R against exact fractions


def check() -> None:
    """The central p values that R wrote, against exact fractions."""
    worst_difference = 0.0
    with (HERE / "fisher.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            table = tuple(int(row[name]) for name in ("k1", "n1", "k2", "n2"))
            exact = float(exact_central(*table))
            difference = abs(float(row["central"]) / exact - 1)
            worst_difference = max(worst_difference, difference)
    say(f"fisher.csv, central: largest relative difference from exact {worst_difference:.2g}")


def main() -> None:
    if sys.argv[1:] == ["check"]:
        check()
        return
    for step in (check_the_trick, worst_cases, floors, feasible):
        start = time.monotonic()
        step()
        say(f"    {step.__name__}: {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
