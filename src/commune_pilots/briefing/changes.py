"""What changed between two released briefings, and which of the things it rests on did.

Two records are compared (runs.released). A reason is a fact: something that the number depends on
in either record, with another value in the other. That it moved the number is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from commune_pilots.briefing.recorded import TOLD

Kind = Literal["parameter", "input", "notebook", "module", "version", "environment"]
FACTS = ("title", "grade", "option", "data", "province_name")
_FACTS_MADE_OF = ("contrasts", "verdicts")
_RECORD = "results"
# The tables that each quantity is recorded from; one that is not named here may rest on any.
MADE_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "change", "gap_closed", "change_worst_case", "worst_p", "design_effect",
            "floor_needed_before", "floor_needed_after", "floor_needed_both",
        ),
        ("contrasts",),
    ),
    "difference": ("counted", "contrasts"),
    "level": ("levels",),
    **dict.fromkeys(
        ("pooled_level", "pooled_change", "chance_level", "chance_change"), ("pooled", "contrasts")
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that differs: its kind, its name, and its values where they can be read."""

    kind: Kind
    name: str
    before: Any = None
    now: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """The title, the grade, the option or what the run is about, where it changed."""

    name: str
    before: str
    now: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number that changed, is new (nothing before) or is gone (nothing now).

    Without reasons it is unexplained: nothing that it depends on differs.
    """

    id: str
    before: Mapping[str, Any] | None
    now: Mapping[str, Any] | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that changed from one record to another; `before` and `now` are their dates."""

    before: str
    now: str
    facts: tuple[Fact, ...]
    numbers: tuple[Number, ...]

    @property
    def changed(self) -> tuple[Number, ...]:
        """Numbers of both records that differ."""
        return tuple(each for each in self.numbers if each.before and each.now)

    @property
    def new(self) -> tuple[Number, ...]:
        """Numbers of the later record alone."""
        return tuple(each for each in self.numbers if not each.before)

    @property
    def gone(self) -> tuple[Number, ...]:
        """Numbers of the earlier record alone."""
        return tuple(each for each in self.numbers if not each.now)


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Changes:
    """Compare two records of briefings: every fact and number that differs, with its reasons."""

    @cache
    def reasons(tables: tuple[str, ...], on_page: bool = False) -> tuple[Reason, ...]:
        return _differences(*(_depends(each, tables, on_page=on_page) for each in (before, now)))

    facts = [
        Fact(
            name=name,
            before=before[name],
            now=now[name],
            reasons=reasons(_FACTS_MADE_OF, name == "title"),
        )
        for name in FACTS
        if before[name] != now[name]
    ]
    numbers = [
        Number(id=one, before=then, now=today, reasons=reasons(_tables(then or today)))
        for one, then, today in moved(before["numbers"], now["numbers"])
    ]
    return Changes(
        before=before["date"], now=now["date"], facts=tuple(facts), numbers=tuple(numbers)
    )


def besides(
    before: Mapping[str, Any], now: Mapping[str, Any], changes: Changes
) -> tuple[Reason, ...]:
    """List what two records rest on that differs too, and is no reason of any change."""
    every = sorted({table for record in (before, now) for table in _written(record)})
    differing = _differences(*(_depends(each, every, on_page=True) for each in (before, now)))
    sets = [each.reasons for each in changes.facts] + [each.reasons for each in changes.numbers]
    told = {(why.kind, why.name) for reasons in sets for why in reasons}
    return tuple(each for each in differing if (each.kind, each.name) not in told)


def _written(record: Mapping[str, Any]) -> list[str]:
    return [table for step in record["steps"].values() for table in step["writes"]]


def moved(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """List the numbers that differ, by id, before and now: in the order of now, then those gone."""
    then, today = ({number["id"]: number for number in numbers} for numbers in (before, now))
    pairs = [(one, then.get(one), today.get(one)) for one in {**today, **then}]
    return [pair for pair in pairs if _told(pair[1]) != _told(pair[2])]


def _told(number: Mapping[str, Any] | None) -> list[Any] | None:
    return None if number is None else [number.get(name) for name in TOLD]


def _tables(number: Mapping[str, Any] | None) -> tuple[str, ...]:
    return MADE_OF.get(number["quantity"], (_RECORD,)) if number else ()


def _depends(
    record: Mapping[str, Any], tables: Sequence[str], *, on_page: bool
) -> dict[tuple[Kind, str], Any]:
    """Name all that some tables depend on, with its value: every step up to them, and what tells.

    A number is told by the step that records it, a title by the one that writes the page. Of those
    only the code counts: their other inputs are other numbers'.
    """
    steps = record["steps"]
    reached = _reached(steps, tables)
    found: dict[tuple[Kind, str], Any] = {}
    for name, step in steps.items():
        if name in reached:
            found |= {("parameter", key): record["parameters"][key] for key in step["parameters"]}
            found |= {("input", file): record["inputs"].get(file) for file in step["inputs"]}
        tells = not step["writes"] if on_page else _RECORD in step["writes"]
        if name in reached or tells:
            found["notebook", name] = step["notebook"]
            found |= {("module", module): record["modules"][module] for module in step["modules"]}
    found |= {("version", name): version for name, version in record["versions"].items()}
    found |= {("environment", name): record["environment"][name] for name in ("lock", "kernels")}
    return found


def _reached(steps: Mapping[str, Any], tables: Sequence[str]) -> set[str]:
    """Name the steps that write these tables, and those that write what they read.

    For a table that no step writes stand the results: all that came before them may count.
    """
    writer = {table: name for name, step in steps.items() for table in step["writes"]}
    found: set[str] = set()
    ahead = [table if table in writer else _RECORD for table in tables]
    while ahead:
        name = writer.get(ahead.pop())
        if name and name not in found:
            found.add(name)
            ahead += steps[name]["reads"]
    return found


def _differences(
    before: Mapping[tuple[Kind, str], Any], now: Mapping[tuple[Kind, str], Any]
) -> tuple[Reason, ...]:
    readable = ("parameter", "version")
    return tuple(
        Reason(kind=kind, name=name, before=then, now=today)
        if kind in readable
        else Reason(kind=kind, name=name)
        for kind, name in {**now, **before}
        if _text(then := before.get((kind, name))) != _text(today := now.get((kind, name)))
    )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
