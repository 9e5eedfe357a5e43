"""Raw files to sheets: what a file is follows from its first bytes, never from its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Cell, Found, Sheet
from commune_pilots.sources.decoding import SAMPLE, decode, repaired_text, unpack
from commune_pilots.sources.delimited import LONGEST_CELL, read_delimited
from commune_pilots.sources.html_tables import read_html_tables
from commune_pilots.sources.legacy_fonts import has_unicode_letters
from commune_pilots.sources.texts import text_of
from commune_pilots.sources.workbook import read_workbook

MOST_BYTES = 4_000_000_000
_GZIP = b"\x1f\x8b"
_NO_TABLES = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"{\\rtf": "RTF"}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSED_OVER = ("~$", ".", "Thumbs.db", "desktop.ini")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")


def list_files(folder: Path, *, shown: str) -> tuple[list[Path], list[Found]]:
    """List the files of a folder in the order of their names, and what is passed over.

    Lock files of Excel, files of the system and hidden ones are told and left; so are links, which
    could lead anywhere.
    """
    files: list[Path] = []
    passed: list[Found] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            passed.append(Found(file=f"{shown}/{name}", rule="file_link", outcome="skipped"))
        elif path.is_file() and path.name.startswith(_PASSED_OVER):
            passed.append(Found(file=f"{shown}/{name}", rule="file_system", outcome="skipped"))
        elif path.is_file():
            files.append(path)
    return files, passed


def read_sheets(raw: bytes, *, file: str) -> list[Sheet]:
    """Read every sheet of a file that holds anything; every repair is told in its sheets.

    Raises InputError for a file that is empty, damaged, hostile, too large, or no table at all.
    """
    if len(raw) > MOST_BYTES:
        raise InputError("file_too_large", file=file, most=MOST_BYTES // 1_000_000)
    expected: tuple[str, ...]
    packed: tuple[Found, ...] = ()
    if raw.startswith(_GZIP):
        raw = unpack(raw, file=file)
        packed = (Found(file=file, rule="gzip", outcome="repaired"),)
    for magic, kind in _NO_TABLES.items():
        if raw.startswith(magic):
            raise InputError("file_kind", file=file, kind=kind)
    if raw.startswith((_ZIP, _OLE)):
        sheets = [_unicode(sheet) for sheet in read_workbook(raw, file=file)]
        expected = _EXCEL
    else:
        decoded = decode(raw, file=file)
        start = decoded.text[:2000].lstrip().lower()
        if "urn:schemas-microsoft-com:office:spreadsheet" in start and "<html" not in start:
            raise InputError("file_kind", file=file, kind="XML Spreadsheet 2003")
        if start.startswith("<") or "<table" in start:
            sheets, expected = read_html_tables(decoded.text, file=file), (".html", ".htm")
        else:
            sheets, expected = [read_delimited(decoded.text, file=file)], (".csv", ".txt", ".tsv")
        sheets[0] = replace(sheets[0], found=(*decoded.found, *sheets[0].found))
    sheets[0] = replace(sheets[0], found=(*packed, *sheets[0].found))
    if not file.lower().endswith(expected):
        told = Found(file=file, rule="file_misnamed", outcome="flagged", value=expected[0])
        sheets[0] = replace(sheets[0], found=(*sheets[0].found, told))
    for sheet in sheets:
        _refuse_long_cells(sheet)
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise InputError("file_empty", file=file)
    skipped = [one for sheet in sheets if not sheet.rows for one in sheet.found]
    filled[0] = replace(filled[0], found=(*skipped, *filled[0].found))
    return filled


def _unicode(sheet: Sheet) -> Sheet:
    """Bring text to Unicode that was typed in an old font or misread: a sheet, or its columns.

    Where headers are Unicode and names below are not, a column is judged from under its last cell
    that surely is Unicode; a column in which both alternate stays as it is.
    """
    if not _may_need_repair(sheet):
        whole: list[tuple[int, int]] = []
    else:
        whole = [(at, column) for at, row in enumerate(sheet.rows) for column in range(len(row))]
    rows = [list(row) for row in sheet.rows]
    told = _repair(rows, whole, sheet)
    for column in range(max(map(len, rows), default=0) if not told else 0):
        texts = [row[column] if column < len(row) else None for row in rows]
        if all(not isinstance(text, str) or text.isascii() for text in texts):
            continue  # every letter of an old font that is not read as it stands is beyond ASCII
        places = range(len(rows) - 1, -1, -1)
        sure = next((at for at in places if has_unicode_letters(text_of(texts[at]))), -1)
        told += _repair(rows, [(at, column) for at in range(sure + 1, len(rows))], sheet)
    found = {(one.rule, one.sheet): one for one in told}
    return replace(sheet, rows=rows, found=(*sheet.found, *found.values())) if told else sheet


def _may_need_repair(sheet: Sheet) -> bool:
    """Tell from the first cells, as many as a repair is judged by, whether the sheet needs one."""
    texts: list[str] = []
    letters = 0
    for row in sheet.rows:
        own = [cell for cell in row if isinstance(cell, str)]
        texts += own
        letters += sum(map(len, own))
        if letters > SAMPLE:
            break
    return bool(repaired_text("\x1f".join(texts), file=sheet.file)[1])


def _repair(
    rows: list[list[Cell]], places: Sequence[tuple[int, int]], sheet: Sheet
) -> tuple[Found, ...]:
    """Repair the texts of some cells together, in place; they are joined so that one word helps."""
    cells = [
        (at, column)
        for at, column in places
        if column < len(rows[at]) and isinstance(rows[at][column], str)
    ]
    joined = "\x1f".join(str(rows[at][column]) for at, column in cells)
    read, told = repaired_text(joined, file=sheet.file, sheet=sheet.name)
    if told:
        for (at, column), text in zip(cells, read.split("\x1f"), strict=True):
            rows[at][column] = text
    return told


def _refuse_long_cells(sheet: Sheet) -> None:
    for at, row in enumerate(sheet.rows):
        for cell in row:
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                number = sheet.numbers[at] if sheet.numbers else sheet.first_row + at
                place = f"{sheet.file} ({sheet.name})" if sheet.name else sheet.file
                raise InputError("cell_too_long", file=place, row=number, length=len(cell))
