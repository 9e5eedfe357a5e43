"""Golden numbers: what each run of the project gives today, so that no number moves unseen.

`pytest tests/notebooks/test_golden.py --renew-golden` writes them anew, on purpose and by hand;
CHANGELOG then says which numbers moved, and why.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent / "notebooks" / "golden"
NAMED = ("quantity", "subject", "definition")
NUMBERS = ("value", "low", "high", "p")
_DIGITS = 10
_HEAD = f"""\
# Numbers of one run. Compared: {", ".join(NUMBERS)}; an empty cell must stay empty.
# value, low, high: relative {{value}}, absolute {{absolute}} near 0. Two CPUs agree to
#   {_DIGITS} significant digits: their libraries add in another order.
# p: relative {{p}}. A tail is small beside the terms it is a difference of, so it keeps fewer
#   digits; pages print two.
# Written anew by: pytest tests/notebooks/test_golden.py --renew-golden (CHANGELOG says why).
"""
RELATIVE = {"value": 1e-9, "low": 1e-9, "high": 1e-9, "p": 1e-7}
ABSOLUTE = {"value": 1e-9, "low": 1e-9, "high": 1e-9, "p": 0.0}
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that is not the golden one; what came or went has an empty side."""

    quantity: str
    subject: str
    column: str
    expected: str
    found: str
    difference: str


def golden_rows(results: pd.DataFrame, effects: pd.DataFrame) -> list[Row]:
    """List the numbers of table results, and after them the estimates of table effects."""
    rows = []
    for each in results.to_dict("records"):
        is_p = each["quantity"] == "worst_p"
        numbers = (None, None, None, "value") if is_p else ("value", "low", "high", None)
        rows.append(_row(each, each["quantity"], each["subject"], numbers))
    for each in effects[effects["estimate"].notna()].to_dict("records"):
        numbers = ("estimate", "conf_low", "conf_high", "p_value")
        rows.append(_row(each, f"effect by {each['method']}", each["effect"], numbers))
    return rows


def _row(
    each: Mapping[Any, Any], quantity: str, subject: str, numbers: Sequence[str | None]
) -> Row:
    """Lay out one number; `numbers` are the columns its value, ends and p are taken from."""
    taken = zip(NUMBERS, numbers, strict=True)
    return {
        "quantity": quantity,
        "subject": subject,
        "definition": "" if pd.isna(each["definition"]) else str(each["definition"]),
        **{name: _written(each[column]) if column else "" for name, column in taken},
    }


def _written(value: object) -> str:
    return "" if pd.isna(value) else f"{value:.{_DIGITS}g}"


def to_text(rows: Iterable[Row]) -> str:
    """Write golden numbers as a table, below the tolerances they are held to."""
    told = io.StringIO()
    told.write(_HEAD.format(value=RELATIVE["value"], absolute=ABSOLUTE["value"], p=RELATIVE["p"]))
    table = csv.DictWriter(told, [*NAMED, *NUMBERS], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return told.getvalue()


def from_text(text: str) -> list[Row]:
    """Read golden numbers."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def differences(golden: Iterable[Row], found: Iterable[Row]) -> list[Difference]:
    """List every number that is out of tolerance, came or went, in the order of the golden ones."""
    then, now = ({_named(row): row for row in rows} for rows in (golden, found))
    told = []
    for name in {**then, **now}:
        before, after = then.get(name), now.get(name)
        if before is None or after is None:
            side = ("new", "") if before is None else ("gone", "")
            row = after or before or {}
            shown = row["value"] or row["p"] or "unknown"
            ends = ("", shown) if before is None else (shown, "")
            told.append(Difference(name[0], name[1], "value", *ends, side[0]))
            continue
        told += [
            Difference(name[0], name[1], column, before[column], after[column], how)
            for column in NUMBERS
            if (how := _apart(column, before[column], after[column]))
        ]
    return told


def as_table(found: Iterable[Difference]) -> str:
    """Lay differences out as a table that fits a terminal."""
    head = ("quantity", "subject", "", "expected", "found", "difference")
    rows = [
        head,
        *(
            (each.quantity, each.subject, each.column, each.expected, each.found, each.difference)
            for each in found
        ),
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _named(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in NAMED)


def _apart(column: str, before: str, after: str) -> str:
    """Say how far two numbers are apart; nothing for two that are the same within tolerance."""
    if not before or not after:
        return "" if before == after else "came" if after else "went"
    then, now = float(before), float(after)
    relative, absolute = RELATIVE[column], ABSOLUTE[column]
    if math.isclose(then, now, rel_tol=relative, abs_tol=absolute):
        return ""
    return f"{now - then:+.3g}"
