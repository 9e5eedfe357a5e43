"""What the rows of one table of counts say of each other: parts, sums, totals, printed shares.

What cannot be (a part above its whole) refuses the file; what may be a slip of whoever added up is
flagged with both numbers, because the counts themselves may be right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Found, RawTable
from commune_pilots.sources.columns import agrees, read_counts
from commune_pilots.sources.layouts import Layout, Share
from commune_pilots.sources.placed import found_at, refuse_at

Read = Mapping[str, Sequence[Decimal | None]]
_SWAPPED = Decimal("0.5")
_LEAST_PARTS = 2


def check_rows(
    table: RawTable, layout: Layout, columns: Mapping[str, int], read: Read
) -> list[Found]:
    """Hold each row's parts against their total, and printed shares against the counts.

    Raises InputError naming the row in which a part is above its total.
    """
    told: list[Found] = []
    for one in layout.sums:
        if one.total not in read or one.unless in read:
            continue
        parts = [name for name in one.parts if name in read]
        for row, total in enumerate(read[one.total]):
            values = [read[name][row] for name in parts]
            for name, value in zip(parts, values, strict=True):
                if total is not None and value is not None and value > total:
                    refuse_at("part_above", table, row=row, at=columns[name], total=f"{total:f}")
            if not one.whole or len(parts) < _LEAST_PARTS or total is None:
                continue
            known = [value for value in values if value is not None]
            if len(known) == len(parts) and sum(known) != total:
                sum_of = " + ".join(f"{value:f}" for value in known)
                told.append(
                    found_at(
                        table, "sum_differs", "flagged", row=row, at=columns[one.total],
                        value=f"{sum_of} ≠ {total:f}",
                    )
                )  # fmt: skip
    for share in layout.shares:
        if share.printed is not None and share.printed in columns:
            told += _check_share(table, share, columns[share.printed], read)
    return [*told, *_mostly_late(table, layout, columns, read)]


def expected_share(share: Share, read: Read, row: int) -> Decimal | None:
    """Give the percentage that the counts of one row make; None where one is not known or 0."""
    beside = [name for name in share.split_off if name in read]
    counts = [
        [read[name][row] if name in read else None for name in (*names, *beside)]
        for names in (share.numerator, share.denominator)
    ]
    if any(value is None for values in counts for value in values):
        return None
    part, whole = (sum(value for value in values if value is not None) for values in counts)
    return Decimal(100) * part / whole if whole else None


def _check_share(table: RawTable, share: Share, at: int, read: Read) -> list[Found]:
    told = []
    for row, printed in enumerate(read[str(share.printed)]):
        exact = expected_share(share, read, row)
        if printed is not None and exact is not None and not agrees(printed, exact):
            value = f"{printed:f} ≠ {exact:.2f}"
            told.append(found_at(table, "share_differs", "flagged", row=row, at=at, value=value))
    return told


def _mostly_late(
    table: RawTable, layout: Layout, columns: Mapping[str, int], read: Read
) -> list[Found]:
    """Flag columns that look swapped: more late than on time in most rows of a table."""
    if not {"on_time", "late"} <= set(read):
        return []
    pairs = [
        (on_time, late)
        for on_time, late in zip(read["on_time"], read["late"], strict=True)
        if on_time is not None and late is not None and on_time + late > 0
    ]
    turned = sum(late > on_time for on_time, late in pairs)
    if not pairs or turned <= _SWAPPED * len(pairs):
        return []
    value = f"{turned}/{len(pairs)}"
    return [found_at(table, "columns_swapped", "flagged", at=columns["on_time"], value=value)]


def check_totals(table: RawTable, count_columns: Sequence[int]) -> list[Found]:
    """Hold every row of totals against the sum of the rows it can be the total of.

    These are all rows, those of its section above it, or those below it up to the next total. The
    kind that agrees in most columns is taken; columns that differ are flagged with both numbers.
    """
    told: list[Found] = []
    read = {at: read_counts(table, at).values for at in count_columns}
    marks = sorted(table.totals)
    for number in marks:
        above = max((mark for mark in marks if mark < number), default=0)
        below = min((mark for mark in marks if mark > number), default=10**9)
        scopes = [
            [row for row, at in enumerate(table.numbers) if first < at < last]
            for first, last in ((0, 10**9), (above, number), (number, below))
        ]
        differing = [_differing(table, number, read, rows) for rows in scopes if rows]
        for at, printed, exact in min(differing, key=len, default=[]):
            told.append(
                Found(
                    file=table.file,
                    sheet=table.sheet,
                    rule="total_differs",
                    outcome="flagged",
                    row=number,
                    column=table.header[at],
                    value=f"{printed} ≠ {exact}",
                )
            )
    return told


def _differing(
    table: RawTable,
    number: int,
    read: Mapping[int, Sequence[Decimal | None]],
    rows: Sequence[int],
) -> list[tuple[int, str, str]]:
    """List the columns in which a row of totals is not the sum of some rows."""
    found = []
    for at, values in read.items():
        cell = table.totals[number][at]
        if cell is None:
            continue
        alone = RawTable(
            file=table.file, sheet=table.sheet, header=table.header,
            rows=[*table.rows, table.totals[number]], numbers=[*table.numbers, number],
        )  # fmt: skip
        try:  # together with the column: "1.234" is read as its neighbours are
            printed = read_counts(alone, at).values[-1]
        except InputError:
            found.append((at, str(cell)[:40], "?"))
            continue
        exact = sum((values[row] or Decimal(0) for row in rows), Decimal(0))
        if printed is not None and printed != exact:
            found.append((at, f"{printed:f}", f"{exact:f}"))
    return found
