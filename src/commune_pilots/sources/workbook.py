"""Sheets of an Excel workbook as they are: values by calamine, formats by a look into the XML.

A workbook is a zip of XML that anybody can make hostile, so its members are weighed before anything
is unpacked into cells. Formats change what a number means (0.615 shown as 61.5%, a row struck out,
a row hidden by a filter), and are read without building a second model of the workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Cell, Found, Sheet
from commune_pilots.sources.rich_texts import Marked, marked_texts, rich_texts
from commune_pilots.sources.texts import letters

MOST_RATIO, MOST_UNPACKED, MOST_CELLS = 100, 1_500_000_000, 40_000_000
LEAST_WEIGHED = 50_000_000  # bytes: a smaller workbook may be packed as tightly as it likes
_NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LAST_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')
_HIDDEN_COLUMN = re.compile(
    rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d+)")[^>]*\bmax="(\d+)"'
)
_UNPLACED = re.compile(rb'<(?:\w+:)?c(?=[\s>/])(?![^>]*\sr="[A-Z]{1,3}\d)')
_CELL = rb'<(?:\w+:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d{1,7})")'
_ERROR = re.compile(
    _CELL + rb'(?=[^>]*\bt="e")[^>]*>(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*'
    rb"<(?:\w+:)?v>([^<]*)<"
)
_OTHER_KINDS = {"word/": "Word", "ppt/": "PowerPoint"}
_NOT_COMPUTED = re.compile(
    _CELL + rb'(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
NOT_COMPUTED = "#GETTING_DATA"  # what Excel shows for a formula that has no value yet
_DATE_1904 = re.compile(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true)"')
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BUILT_IN_PERCENT = {9, 10}
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def read_workbook(raw: bytes, *, file: str) -> list[Sheet]:
    """Read every visible sheet that holds anything, with the formats that change a meaning.

    Hidden sheets are told, not read. Of a file that is no xlsx (xls, xlsb, ods) only values can be
    read, and that is told. Raises InputError for a damaged or locked workbook, one whose members
    unpack beyond all measure, and one with document types or entities in its XML.
    """
    package = _weighed(raw, file) if raw.startswith(b"PK") else None
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    except PasswordError as locked:
        raise InputError("file_locked", file=file) from locked
    except (CalamineError, OSError) as broken:
        if _ENCRYPTED in raw:
            raise InputError("file_locked", file=file) from broken
        raise InputError("file_damaged", file=file, reason=str(broken)[:80]) from broken
    try:
        return _sheets(workbook, package, file)
    except (CalamineError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError) as broken:
        raise InputError("file_damaged", file=file, reason=str(broken)[:80]) from broken


def _sheets(workbook: CalamineWorkbook, package: zipfile.ZipFile | None, file: str) -> list[Sheet]:
    """Read the sheets in their order; those that are hidden come without rows."""
    formats = package is not None and "xl/workbook.xml" in package.namelist()
    percents, strikes = _styles(package) if package else (frozenset[int](), frozenset[int]())
    parts = _parts(package) if package else {}
    strings = "xl/sharedStrings.xml"
    shared = package.read(strings) if package and strings in package.namelist() else b""
    marked = marked_texts(shared)
    date1904 = bool(
        package and formats and _DATE_1904.search(package.read("xl/workbook.xml")[:100_000])
    )
    sheets: list[Sheet] = []
    for data in workbook.sheets_metadata:
        if data.visible is not SheetVisibleEnum.Visible:
            hidden = Found(file=file, sheet=data.name, rule="sheet_hidden", outcome="skipped")
            sheets.append(Sheet(file=file, name=data.name, rows=(), found=(hidden,)))
            continue
        xml = package.read(parts[data.name]) if package and data.name in parts else b""
        sheet = _sheet(workbook, data.name, xml, percents, strikes, marked, file=file)
        unseen = Found(file=file, sheet=data.name, rule="formats_unseen", outcome="flagged")
        told = sheet.found if formats else (unseen, *sheet.found)
        sheets.append(replace(sheet, date1904=date1904, found=told))
    return sheets


def _sheet(
    workbook: CalamineWorkbook,
    name: str,
    xml: bytes,
    percents: frozenset[int],
    strikes: frozenset[int],
    marked: Mapping[int, Marked],
    *,
    file: str,
) -> Sheet:
    """Read one sheet from its first cell on; cells of failed calculations keep their error."""
    _refuse_far_cells(xml, name, file)
    if (percents or strikes or marked or b't="e"' in xml) and _UNPLACED.search(xml):
        raise InputError("sheet_unplaced", file=file, sheet=name)
    sheet = workbook.get_sheet_by_name(name)
    rows: list[list[Cell]] = [
        [None if cell == "" else cell for cell in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    for row, column, error in _errors(xml):
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error
    struck = set(_styled(xml, strikes))
    for place, text in rich_texts(xml, marked).items():
        row, column = _corner(*place)
        rows[row - 1][column - 1] = text.text
        if text.struck:
            struck.add((row - 1, column - 1))
    merged = tuple((a[0], a[1], b[0], b[1]) for a, b in sheet.merged_cell_ranges or ())
    hidden = [(int(first), int(last)) for first, last in _HIDDEN_COLUMN.findall(xml)]
    return Sheet(
        file=file,
        name=name,
        rows=rows if any(cell is not None for row in rows for cell in row) else (),
        merged=merged,
        percent=frozenset(_styled(xml, percents)),
        struck=frozenset(struck),
        hidden=frozenset(int(row) - 1 for row in _HIDDEN.findall(xml)),
        found=tuple(
            Found(
                file=file, sheet=name, rule="column_hidden", outcome="flagged",
                column=letters(first - 1), value=f"{letters(first - 1)}:{letters(last - 1)}",
            )
            for first, last in hidden
            if rows and first <= len(rows[0])
        ),
    )  # fmt: skip


def _errors(xml: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the cells whose calculation failed or was never made; the reader leaves them blank."""
    if b't="e"' in xml:
        for found in _ERROR.finditer(xml):
            row, column = _corner(found[1], found[2])
            yield row - 1, column - 1, found[3].decode("utf-8", "replace").strip() or "#N/A"
    if b"f>" in xml or b"<f" in xml:
        for found in _NOT_COMPUTED.finditer(xml):
            row, column = _corner(found[1], found[2])
            yield row - 1, column - 1, NOT_COMPUTED


def _weighed(raw: bytes, file: str) -> zipfile.ZipFile:
    """Open the package if its members are of a believable size; nothing is unpacked yet."""
    try:
        package = zipfile.ZipFile(io.BytesIO(raw))
        members = package.infolist()
        names = {member.filename for member in members}
        if not names & {"[Content_Types].xml", "content.xml"}:
            raise InputError("file_kind", file=file, kind="ZIP")
        for folder, kind in _OTHER_KINDS.items():
            if any(name.startswith(folder) for name in names):
                raise InputError("file_kind", file=file, kind=kind)
        whole = sum(member.file_size for member in members)
        packed = max(1, sum(member.compress_size for member in members))
        if whole > MOST_UNPACKED or (whole > LEAST_WEIGHED and whole / packed > MOST_RATIO):
            raise InputError("file_too_large", file=file, most=MOST_UNPACKED // 1_000_000)
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            if member.flag_bits & 0x1:
                raise InputError("file_locked", file=file)
            with package.open(member) as part:
                if b"<!DOCTYPE" in part.read(4096):
                    raise InputError("file_hostile", file=file, found=member.filename)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError) as broken:
        raise InputError("file_damaged", file=file, reason=str(broken)[:80]) from broken
    return package


def _refuse_far_cells(xml: bytes, name: str, file: str) -> None:
    """Refuse a sheet whose first and last cells span an area no table fills.

    Two cells at opposite corners make a reader set up seventeen thousand million others.
    """
    corners = [_corner(found[1], found[2]) for found in _ends(xml)]
    if not corners:
        return
    rows = max(row for row, _ in corners)
    columns = max(column for _, column in corners)
    if rows * columns > MOST_CELLS:
        raise InputError("sheet_too_large", file=file, sheet=name, cells=rows * columns)


def _ends(xml: bytes) -> Iterator[re.Match[bytes]]:
    """Find the cells that can stand farthest out: all of a small sheet, both ends of a large."""
    if len(xml) <= 50_000_000:
        yield from _LAST_CELL.finditer(xml)
        return
    yield from _LAST_CELL.finditer(xml, 0, 5_000_000)
    yield from _LAST_CELL.finditer(xml, len(xml) - 5_000_000)


def _corner(letters: bytes, row: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = 26 * column + letter - 64
    return int(row), column


def _parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Map the name of each sheet to its member of the package."""
    names = set(package.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))
    found = {}
    for sheet in book.iterfind("s:sheets/s:sheet", _NS):
        target = targets.get(sheet.get(_RELATION), "")
        member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if member in names:
            found[sheet.get("name", "")] = member
    return found


def _styles(package: zipfile.ZipFile) -> tuple[frozenset[int], frozenset[int]]:
    """Name the cell styles that show a percentage, and those that strike text through."""
    if "xl/styles.xml" not in package.namelist():
        return frozenset(), frozenset()
    sheet = ElementTree.fromstring(package.read("xl/styles.xml"))
    formats = {
        int(one.get("numFmtId", "0")): _QUOTED.sub("", one.get("formatCode", ""))
        for one in sheet.iterfind("s:numFmts/s:numFmt", _NS)
    }
    percent = _BUILT_IN_PERCENT | {key for key, code in formats.items() if "%" in code}
    strike = {
        at
        for at, font in enumerate(sheet.iterfind("s:fonts/s:font", _NS))
        for mark in font.iterfind("s:strike", _NS)
        if mark.get("val", "1") not in ("0", "false")
    }
    looks = list(sheet.iterfind("s:cellXfs/s:xf", _NS))
    return (
        frozenset(at for at, xf in enumerate(looks) if int(xf.get("numFmtId", "0")) in percent),
        frozenset(at for at, xf in enumerate(looks) if int(xf.get("fontId", "0")) in strike),
    )


def _styled(xml: bytes, styles: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Find the cells of some styles; rows and columns count from 0."""
    if not styles:
        return
    which = b"|".join(str(style).encode() for style in sorted(styles))
    either = re.compile(
        rb'<(?:\w+:)?c\b(?=[^>]*\bs="(?:' + which + rb')")[^>]*\br="([A-Z]{1,3})(\d{1,7})"'
    )
    for found in either.finditer(xml):
        row, column = _corner(found[1], found[2])
        yield row - 1, column - 1
