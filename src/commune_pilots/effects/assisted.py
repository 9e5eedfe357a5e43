"""What part of the share filed online was filed by the applicant alone, and what with help.

Where the filer of some dossiers is not known the parts are bounds, not numbers: every split of the
unknown ones is possible (Manski 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

from commune_pilots.effects.intervals import newcombe, wilson_of_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Dossiers of one unit and period: all, online, and of those online assisted and unknown."""

    dossiers: int
    online: int
    assisted: int
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The least and most a number can be, and an interval that also holds for chance."""

    low: float
    high: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitChange:
    """A change in the share filed online, split in two; all in percentage points.

    `self_filed` + `assisted` = `online` at each split. `assisted_part` is the part of the rise
    that is assisted (1 = all of it), missing where the share did not rise. `turns_at` is the part
    of the unknown filings after that must be assisted before no rise of the self-filed share is
    left, if those before were all self-filed; missing where no part does, 0 where none is needed.
    """

    online: float
    self_filed: Bounds
    assisted: Bounds
    assisted_part: tuple[float, float] | None
    turns_at: float | None


def refuse_filed(filed: Filed) -> None:
    """Refuse counts that cannot be parts of each other.

    Raises ValueError naming them.
    """
    parts = filed.assisted + filed.unknown
    if not 0 <= parts <= filed.online <= filed.dossiers or min(filed.assisted, filed.unknown) < 0:
        raise ValueError(f"{filed} are not parts of each other")


def split_share(filed: Filed, *, alpha: float) -> tuple[Bounds, Bounds]:
    """Bound the shares of all dossiers filed online alone, and with help, in per cent.

    The interval is from the lower limit of the least to the upper limit of the most share by the
    score interval (Wilson 1927): it holds for whatever the unknown filings were. Raises ValueError
    for counts that are not parts of each other, and without dossiers.
    """
    refuse_filed(filed)
    if not filed.dossiers:
        raise ValueError("no dossiers, so no share")
    return _bounds(_least_self(filed), filed, alpha), _bounds(filed.assisted, filed, alpha)


def split_change(before: Filed, after: Filed, *, alpha: float) -> SplitChange:
    """Bound how much the share filed alone, and that filed with help, changed.

    The unknown filings of the two periods may differ in any way, so the ends set the least of one
    against the most of the other. Intervals are Newcombe's (1998) at those ends. A change without
    comparison; no more is said by splitting it. Both periods need dossiers. Raises ValueError for
    counts that are not parts of each other.
    """
    refuse_filed(before)
    refuse_filed(after)
    online = 100 * (after.online / after.dossiers - before.online / before.dossiers)
    helped = _change(before.assisted, before, after.assisted, after, alpha)
    part = (helped.low / online, helped.high / online) if online > 0 else None
    return SplitChange(
        online=online,
        self_filed=_change(_least_self(before), before, _least_self(after), after, alpha),
        assisted=helped,
        assisted_part=part,
        turns_at=_turns_at(before, after),
    )


def _least_self(filed: Filed) -> int:
    return filed.online - filed.assisted - filed.unknown


def _bounds(least: int, filed: Filed, alpha: float) -> Bounds:
    n = filed.dossiers
    low, high = least / n, (least + filed.unknown) / n
    return Bounds(
        low=100 * low,
        high=100 * high,
        conf_low=100 * float(wilson_of_share(low, n, alpha=alpha)[0]),
        conf_high=100 * float(wilson_of_share(high, n, alpha=alpha)[1]),
    )


def _change(first: int, before: Filed, second: int, after: Filed, alpha: float) -> Bounds:
    """Set the least of one period against the most of the other, both ways."""
    n, m = before.dossiers, after.dossiers
    lows = (first + before.unknown) / n, second / m
    highs = first / n, (second + after.unknown) / m
    return Bounds(
        low=100 * (lows[1] - lows[0]),
        high=100 * (highs[1] - highs[0]),
        conf_low=100 * float(newcombe(lows[0], n, lows[1], m, alpha=alpha)[0]),
        conf_high=100 * float(newcombe(highs[0], n, highs[1], m, alpha=alpha)[1]),
    )


def _turns_at(before: Filed, after: Filed) -> float | None:
    """Find the part of the unknown filings after that leaves no rise of the self-filed share."""
    most_before = (_least_self(before) + before.unknown) / before.dossiers
    spare = _least_self(after) + after.unknown - most_before * after.dossiers
    if spare <= 0:
        return 0.0
    return spare / after.unknown if spare <= after.unknown else None
