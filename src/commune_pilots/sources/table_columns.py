"""Which column of a table is which of a layout; what is not read is told by its name alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from commune_pilots.sources.cells import Found, RawTable
from commune_pilots.sources.headers import bare_key, header_key, meaning, written_bare
from commune_pilots.sources.layouts import Layout
from commune_pilots.sources.placed import found_at, refuse_at
from commune_pilots.sources.refusals import shown

SCALED = re.compile(
    r"(?:đvt|đơn vị(?: tính)?)\b.{0,15}?(?:nghìn|ngàn|triệu|tỷ|tỉ|1\.?000)\b"
    r"|\(\s*(?:nghìn|ngàn|triệu|x\s*1\.?000)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"h[ọo] (?:và |)tên|cccd|cmnd|cmt|căn cước|chứng minh|định danh|điện thoại|sđt|đt\b|di động"
    r"|e-?mail|địa chỉ|ngày sinh|năm sinh|chủ hồ sơ|người (?:nộp|nhận|liên hệ|yêu cầu|đại diện)"
    r"|số giấy tờ|mã số thuế|số tài khoản|cán bộ",
    re.IGNORECASE,
)
_PERSONAL_BARE = re.compile(
    r"ho(?:va)?ten|cccd|cmnd|cmt|cancuoc|chungminh|dinhdanh|dienthoai|sdt|didong|email|diachi"
    r"|ngaysinh|namsinh|chuhoso|nguoi(?:nop|nhan|lienhe|yeucau|daidien)|sogiayto|masothue"
    r"|sotaikhoan|canbo"
)


def locate_columns(
    table: RawTable, layout: Layout, named: Mapping[str, str]
) -> tuple[dict[str, int], list[Found]]:
    """Map the names of a layout to places in a table; tell every column that is not read.

    Personal columns are told as such and never read. Raises InputError for two columns of one
    meaning, a required column that is missing (with the header that comes nearest), and a table
    or column that counts in thousands.
    """
    told: list[Found] = []
    columns: dict[str, int] = {}
    own = {key(header) for header in layout.personal for key in (header_key, bare_key)}
    for at, header in enumerate(table.header):
        name = meaning(header, named)
        if name and name in columns:
            refuse_at("column_twice", table, at=at, other=table.header[columns[name]])
        if name is not None and written_bare(header, named):
            told.append(found_at(table, "header_unaccented", "repaired", at=at))
        if name:
            columns[name] = at
            continue
        bare = bare_key(header) if header.isascii() else ""
        named_so = not own.isdisjoint((header_key(header), bare))
        if named_so or _PERSONAL.search(header) or _PERSONAL_BARE.search(bare):
            told.append(found_at(table, "column_personal", "skipped", at=at))
        elif name is None and any(row[at] is not None for row in table.rows):
            rule = "column_unknown" if header else "column_unnamed"
            told.append(found_at(table, rule, "flagged", at=at))
        elif name == "" and header_key(header) not in ("stt", "tt"):
            told.append(found_at(table, "column_ignored", "skipped", at=at))
    for name in missing(layout, columns):
        wanted = layout.columns[name].headers
        keys = {header_key(header): header for header in table.header if header}
        alike = (get_close_matches(header_key(one), list(keys), n=1, cutoff=0.6) for one in wanted)
        near = next(filter(None, alike), [])
        refuse_at(
            "column_missing",
            table,
            wanted=" | ".join(wanted[:3]),
            near=keys[near[0]] if near else "—",
        )
    for text in (*table.titles, *(table.header[at] for at in columns.values())):
        if SCALED.search(text):
            refuse_at("scaled", table, value=shown(text))
    return columns, told


def missing(layout: Layout, columns: Mapping[str, int]) -> list[str]:
    """Name the required columns that are not there."""
    return [name for name, one in layout.columns.items() if one.required and name not in columns]


def column_of(layout: Layout, columns: Mapping[str, int], cells: str) -> int | None:
    """Name the place of the column that holds one kind of cells; None where there is none."""
    places = [columns[name] for name in columns if layout.columns[name].cells == cells]
    return places[0] if places else None
