"""Which unit a code means on a day: codes were given again on 1 July 2025, so a code alone lies.

The key of a unit is (code, valid_from, valid_to). A code used after its unit ended leads to the
successor where the whole unit went into one, and to no unit where it was split: nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import ibis.expr.types as ir
import pandas as pd

from commune_pilots.errors import InputError

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
_DAY = dt.timedelta(days=1)
COLUMNS = (
    "code", "starts", "ends", "at_unit", "at_since", "unit_outcome",
    "at_until", "then_unit", "then_since",
)  # fmt: skip
DAYS = ("starts", "ends", "at_since", "at_until", "then_since")


class _Span(NamedTuple):
    """Days on which a code stands for one unit, and where that unit went as a whole."""

    starts: dt.date
    ends: dt.date
    successor: str | None


def validity(units: pd.DataFrame) -> pd.DataFrame:
    """Lay the communes of table `units` out as intervals of days, one meaning to a code and day.

    Columns: code; starts and ends, both included; at_unit, the code of the unit that is meant;
    at_since, the day that unit began (1900-01-01 where not known); unit_outcome: valid, succeeded
    (by at_unit), split or not_yet (both without a unit); at_until, the last day of that unit;
    then_unit and then_since, the unit that it went into whole. Every day from 1900 to 2999 is
    covered for a code that is listed. Raises InputError where a code has two units on one day.
    """
    communes = units[units["level"] == "commune"]
    listed: dict[str, list[_Span]] = {}
    for row in communes.sort_values("code").to_dict("records"):
        # Several rows of a commune that was split say the same of its days.
        if (span := _span(row)) not in listed.setdefault(str(row["code"]), []):
            listed[str(row["code"])].append(span)
    spans = {code: sorted(own) for code, own in listed.items()}
    found: list[tuple[object, ...]] = []
    for code, own in spans.items():
        free = FIRST_DAY
        last: _Span | None = None
        for span in own:
            if span.starts < free:
                raise InputError("unit_overlap", code=code, day=span.starts.isoformat())
            if free < span.starts:
                found.append((code, free, span.starts - _DAY, *_between(last, spans)))
            found.append((code, *span[:2], *_meant(code, span, "valid", spans)))
            free, last = span.ends + _DAY if span.ends < LAST_DAY else LAST_DAY, span
        if last and last.ends < LAST_DAY:
            found.append((code, free, LAST_DAY, *_between(last, spans)))
    return pd.DataFrame(found, columns=list(COLUMNS))


def locate(log: ir.Table, intervals: ir.Table) -> ir.Table:
    """Add to each dossier the unit its code means on the day of reception.

    `intervals` is what `validity` gives; its columns but code, starts and ends are added. All are
    missing for a code that is not listed, and where the code or the day is unknown.
    """
    day = log.received.date()
    found = log.left_join(
        intervals, [log.unit == intervals.code, day >= intervals.starts, day <= intervals.ends]
    )
    return found.drop("code", "starts", "ends")


def unit_on(day: ir.DateValue, located: ir.Table) -> tuple[ir.Value, ir.Value]:
    """Give the code and the first day of the unit that holds a located dossier on a later day.

    The unit of reception, or the one it went into whole once it has ended.
    """
    moved = (day > located.at_until) & located.then_unit.notnull()
    return (
        moved.ifelse(located.then_unit, located.at_unit),
        moved.ifelse(located.then_since, located.at_since),
    )


def _span(row: dict[Any, Any]) -> _Span:
    starts, ends = (
        None if pd.isna(row[name]) else row[name].date() for name in ("valid_from", "valid_to")
    )
    whole = row["successor_part"] == "whole" and pd.notna(row["successor"])
    return _Span(starts or FIRST_DAY, ends or LAST_DAY, str(row["successor"]) if whole else None)


def _meant(
    unit: str, span: _Span, outcome: str, spans: dict[str, list[_Span]]
) -> tuple[object, ...]:
    """Describe a unit in one span: since when, until when, and what it went into."""
    if span.successor is None:
        return (unit, span.starts, outcome, span.ends, None, None)
    after = _successor(span, spans)
    return (unit, span.starts, outcome, span.ends, span.successor, after.starts)


def _successor(span: _Span, spans: dict[str, list[_Span]]) -> _Span:
    """Find the unit that another went into whole; it begins the day after if it is not listed."""
    begins = span.ends + _DAY
    listed = [one for one in spans.get(str(span.successor), []) if one.starts <= begins <= one.ends]
    return listed[0] if listed else _Span(begins, LAST_DAY, None)


def _between(last: _Span | None, spans: dict[str, list[_Span]]) -> tuple[object, ...]:
    """Say what a code means on the days after a unit ended and before the next began."""
    if last is None or last.successor is None:
        return (None, None, "not_yet" if last is None else "split", None, None, None)
    return _meant(last.successor, _successor(last, spans), "succeeded", spans)
