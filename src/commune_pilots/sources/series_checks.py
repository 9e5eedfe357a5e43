"""What a unit's counts over the months say of how they were filled in; all of it flagged only.

A template that turns to thousands, a report that adds up since January, last month's numbers copied
forward and two columns that change places leave each row right in itself. They show over time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from commune_pilots.sources.periods import Span

THOUSANDFOLD = 200  # a change of measure is a factor of 1000; no commune's month moves so far
_LEAST_COPIED = 30
_CUMULATIVE_JUMP = 2.5
_LEAST_COUNT = 20
_TURNED = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The counts of one unit in one period, and where they stand."""

    unit: str
    span: Span
    counts: Mapping[str, int | None]
    place: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One row whose counts look wrong beside those of other periods: rule, column and numbers."""

    place: int
    rule: str
    column: str
    value: str


def suspicions(reported: Sequence[Reported]) -> list[Suspicion]:
    """List what looks wrong over time, at most one finding of a rule per row and column."""
    by_unit: dict[str, list[Reported]] = {}
    for one in sorted(reported, key=lambda one: (one.unit, one.span)):
        by_unit.setdefault(one.unit, []).append(one)
    found: list[Suspicion] = []
    for series in by_unit.values():
        found += _copied(series)
        for column in series[0].counts:
            values = [
                (one, value) for one in series if (value := one.counts.get(column)) is not None
            ]
            found += [*_jumps(values, column), *_cumulative(values, column)]
    found += _rising_everywhere(by_unit)
    return sorted([*found, *_turned(reported)], key=lambda one: (one.place, one.rule, one.column))


def _jumps(values: Sequence[tuple[Reported, int]], column: str) -> Iterator[Suspicion]:
    """Find values far off the others of their unit: thousands for units, or the reverse."""
    for one, value in values:
        others = [other for another, other in values if another is not one and other > 0]
        if value <= 0 or not others:
            continue
        usual = median(others)
        if value >= THOUSANDFOLD * usual or usual >= THOUSANDFOLD * value:
            yield Suspicion(one.place, "thousandfold", column, f"{value} ~ {usual:g}")


def _cumulative(values: Sequence[tuple[Reported, int]], column: str) -> Iterator[Suspicion]:
    """Find months not below all earlier months of the year together, from which none falls back."""
    years: dict[int, list[tuple[Reported, int]]] = {}
    for one, value in values:
        years.setdefault(one.span.start.year, []).append((one, value))
    for year in years.values():
        counts = [value for _, value in year]
        for at in range(1, len(counts)):
            before, after = counts[:at], counts[at:]
            stays = all(earlier <= later for earlier, later in pairwise(after))
            jump = counts[at] >= max(sum(before), _CUMULATIVE_JUMP * max(before))
            far = counts[at] < THOUSANDFOLD * max(1, median(before))
            if jump and stays and far and min(before) > 0 and counts[at] >= _LEAST_COUNT:
                seen = ", ".join(map(str, counts[: at + 1]))
                yield Suspicion(year[at][0].place, "cumulative", column, seen)
                break
        else:
            rising = all(a < b for a, b in pairwise(counts))
            if len(counts) >= 4 and rising and counts[-1] >= _CUMULATIVE_JUMP * counts[0] > 0:
                seen = ", ".join(map(str, counts))
                yield Suspicion(year[-1][0].place, "cumulative", column, seen)


def _rising_everywhere(by_unit: Mapping[str, Sequence[Reported]]) -> Iterator[Suspicion]:
    """Find columns that rise every month in every one of at least five units (three months)."""
    columns = {column for series in by_unit.values() for column in series[0].counts}
    for column in sorted(columns):
        series = [
            [one.counts.get(column) for one in own]
            for own in by_unit.values()
            if len(own) >= 3 and len({one.span.start.year for one in own}) == 1
        ]
        whole = [[value for value in one if value is not None] for one in series]
        rising = [all(a < b for a, b in pairwise(one)) for one in whole if len(one) >= 3]
        if len(rising) >= 5 and all(rising):
            last = next(own for own in by_unit.values() if len(own) >= 3)[-1]
            yield Suspicion(last.place, "cumulative", column, f"{len(rising)}/{len(rising)}")


def _copied(series: Sequence[Reported]) -> Iterator[Suspicion]:
    """Find months whose counts are all those of the month before."""
    for earlier, later in pairwise(series):
        known = {name: value for name, value in later.counts.items() if value}
        same = all(earlier.counts.get(name) == value for name, value in later.counts.items())
        if same and (len(known) > 1 or any(value >= _LEAST_COPIED for value in known.values())):
            seen = ", ".join(map(str, known.values()))
            yield Suspicion(later.place, "copied_month", "", seen)


def _turned(reported: Sequence[Reported]) -> Iterator[Suspicion]:
    """Find periods in which the share handled on time turns over in most units at once."""
    shares: dict[Span, dict[str, float]] = {}
    first: dict[Span, Reported] = {}
    for one in reported:
        on_time, late = one.counts.get("on_time"), one.counts.get("late")
        if on_time is not None and late is not None and on_time + late > 0:
            shares.setdefault(one.span, {})[one.unit] = on_time / (on_time + late)
            first.setdefault(one.span, one)
    if len(shares) < 2:
        return
    medians = {span: median(own.values()) for span, own in shares.items()}
    for span, share in medians.items():
        usual = median([other for another, other in medians.items() if another != span])
        if abs(share - (1 - usual)) < abs(share - usual) and abs(share - 0.5) > _TURNED:
            value = f"{100 * share:.0f}% ~ {100 * usual:.0f}%"
            yield Suspicion(first[span].place, "columns_swapped", "on_time", value)
