"""Printed percentages as tests write them, tables drawn at random, and the rows of the oracles."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from hypothesis import strategies as st

from commune_pilots.effects.frontier import Side
from commune_pilots.effects.rounding import Interval, bound_interval, printed_interval
from commune_pilots.vocabulary import Rounding

ROUNDINGS = get_args(Rounding)
NONE_YET = Interval(low=Fraction(0), high=Fraction(0))
_ORACLE = Path(__file__).resolve().parent / "reference" / "oracle"


def shares(printed: str | None, rounding: Rounding = "half_up") -> Interval:
    """Read a figure as text, so that trailing zeros count; None is "none yet", >60 a bound."""
    if printed is None:
        return NONE_YET
    if printed.startswith(">"):
        return bound_interval(Decimal(printed[1:]), qualifier="over")
    decimals = len(printed.partition(".")[2])
    return printed_interval(Decimal(printed), decimals=decimals, rounding=rounding)


def side(
    printed: str | None,
    rounding: Rounding = "half_up",
    *,
    least: int = 1,
    exactly: int | None = None,
) -> Side:
    return Side(interval=shares(printed, rounding), least=least, exactly=exactly)


def sides(
    before: str | None, after: str | None, rounding: Rounding = "half_up", *, least: int = 1
) -> tuple[Side, Side]:
    return side(before, rounding, least=least), side(after, rounding, least=least)


def admitted(one: Side, *, most: int) -> list[tuple[int, int]]:
    """List every (k, n) that a side admits up to `most`, by trying each n."""
    numbers = range(one.least, most + 1) if one.exactly is None else [one.exactly]
    return [(k, n) for n in numbers for k in one.interval.counts(n)]


def oracle(name: str) -> list[dict[str, str]]:
    """Read one file of tests/reference/oracle; how it was made stands in the README there."""
    with (_ORACLE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@st.composite
def tables(draw: st.DrawFn, most: int = 60) -> tuple[int, int, int, int]:
    """Draw k1, n1, k2, n2."""
    n1, n2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


@st.composite
def figures(draw: st.DrawFn, decimals: int = 1, low: int = 0, high: int = 100) -> str:
    """Draw a percentage as printed, with at most `decimals` decimals, between two whole ones."""
    places = draw(st.integers(0, decimals))
    return str(Decimal(draw(st.integers(low * 10**places, high * 10**places))).scaleb(-places))


@st.composite
def intervals(draw: st.DrawFn, finest: int = 200) -> Interval:
    """Draw an interval of shares with open or closed ends; never an empty one."""
    ends = st.fractions(min_value=0, max_value=1, max_denominator=finest)
    low, high = sorted((draw(ends), draw(ends)))
    if low == high:
        return Interval(low=low, high=high)
    kwargs: dict[str, Any] = {"low_open": draw(st.booleans()), "high_open": draw(st.booleans())}
    return Interval(low=low, high=high, **kwargs)
