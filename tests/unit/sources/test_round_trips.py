"""Random tables, written in every dialect, encoding and kind of file, come back exactly or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from bad_files import HEADER, UNITS, counts_of, csv_bytes, html_bytes, read, xlsx_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.errors import PilotsError
from commune_pilots.sources.periods import parse_period

COUNT = st.one_of(st.integers(0, 30), st.integers(0, 10**7))
WAYS = {
    "plain": str,
    "dots": lambda value: f"{value:,}".replace(",", "."),
    "commas": lambda value: f"{value:,}",
    "spaces": lambda value: f"{value:,}".replace(",", "\u00a0"),
    "float": lambda value: f"{value}.0",
    "number": int,
}
MONTHS = {
    "slash": "{month:02d}/{year}",
    "short": "{month}/{year}",
    "dot": "{month:02d}.{year}",
    "iso": "{year}-{month:02d}",
    "words": "Tháng {month} năm {year}",
    "letter": "T{month}/{year}",
}


@st.composite
def tables(draw: Any) -> tuple[list[tuple[Any, ...]], list[list[Any]]]:
    """Draw true counts of units by month, and the same written in one way."""
    cells = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(UNITS)), st.integers(1, 6)),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    way, month = draw(st.sampled_from(sorted(WAYS))), draw(st.sampled_from(sorted(MONTHS)))
    blank = draw(st.sampled_from([None, "", "-"]))
    true, written = [], [HEADER[:7]]
    for unit, number in cells:
        on_time, late = draw(COUNT), draw(st.one_of(st.none(), COUNT))
        total = on_time + (late or 0) + (draw(COUNT) if late is None else 0)
        received = draw(COUNT)
        true.append((unit, dt.date(2026, number, 1), received, total, on_time, late))
        counts = [blank if c is None else WAYS[way](c) for c in (received, total, on_time, late)]
        written.append([unit, UNITS[unit], MONTHS[month].format(month=number, year=2026), *counts])
    return sorted(true, key=lambda one: one[:2]), written


def _read_or_refused(raw: bytes, file: str, true: list[tuple[Any, ...]]) -> bool:
    """Read a file: True if exactly; a refusal is allowed; another number never is."""
    try:
        found = counts_of(read(raw, file))
    except PilotsError:
        return False
    assert found == true
    return True


def any_csv(table, separator, encoding, ends):
    true, rows = table
    raw = csv_bytes(rows, separator=separator, encoding=encoding, ends=ends)
    assert _read_or_refused(raw, "a.csv", true)


def any_workbook(table, above, signed):
    true, rows = table
    titles: list[list[Any]] = [["BÁO CÁO"]] * above + [[]] * (above > 0)
    below: list[list[Any]] = [[], ["NGƯỜI LẬP BIỂU"]] if signed else []
    assert _read_or_refused(xlsx_bytes([*titles, *rows, *below]), "a.xlsx", true)


def any_page(table):
    true, rows = table
    shown = [["" if cell is None else cell for cell in row] for row in rows]
    assert _read_or_refused(html_bytes(shown), "a.xls", true)


def cut_anywhere(table, data):
    true, rows = table
    raw = csv_bytes(rows, separator=";")
    cut = raw[: data.draw(st.integers(0, len(raw) - 3))]
    try:
        found = read(cut, "a.csv")
    except PilotsError:
        return
    whole = {row[:2]: row for row in true}
    differing = [row for row in counts_of(found) if row != whole[row[:2]]]
    # A number that was cut is still a number, so the missing line end is all there is to tell.
    assert len(differing) <= 1
    assert not differing or "no_line_end" in {one.rule for one in found.found}


def noise_in_a_cell(table, noise, place):
    _, rows = table
    row, column = 1 + place[0] % (len(rows) - 1), place[1]
    changed = [list(one) for one in rows]
    changed[row][column] = noise
    try:
        found = read(xlsx_bytes(changed), "a.xlsx")
    except PilotsError:
        return
    key = (rows[row][0], parse_period(rows[row][2]).start)
    value = next(one for one in counts_of(found) if one[:2] == key)[2 + column - 3]
    told = {one.rule for one in found.found if one.row == row + 1}
    if value is None or told & {"none_happened", "footnote"}:
        assert told & {"none_happened", "footnote", "blank", "not_known"}
    else:
        digits = "".join(letter for letter in noise if letter.isdigit())
        assert value in (
            int(digits),
            int(digits) // 10 if noise.strip()[-2:-1] in (".", ",") else None,
        )


DRAWN = {
    any_csv: {
        "table": tables(),
        "separator": st.sampled_from([",", ";", "\t", "|"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
        "ends": st.sampled_from(["\n", "\r\n", "\r"]),
    },
    any_workbook: {"table": tables(), "above": st.integers(0, 3), "signed": st.booleans()},
    any_page: {"table": tables()},
    cut_anywhere: {"table": tables(), "data": st.data()},
    noise_in_a_cell: {
        "table": tables(),
        "noise": st.text(alphabet="0123456789.,- oOlI%()*/ nghìKPS\u00a0", min_size=1, max_size=6),
        "place": st.tuples(st.integers(0, 7), st.integers(3, 6)),
    },
}
FEW, MANY = 8, 300


def _run(check: Callable[..., None], examples: int) -> None:
    def drawn(**values: Any) -> None:
        check(**values)

    settings(max_examples=examples)(given(**DRAWN[check])(drawn))()


@pytest.mark.parametrize("check", DRAWN, ids=lambda check: check.__name__)
def test_a_random_table_is_read_exactly_or_refused(check):
    _run(check, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("check", DRAWN, ids=lambda check: check.__name__)
def test_many_random_tables_are_read_exactly_or_refused(check):
    _run(check, MANY)
