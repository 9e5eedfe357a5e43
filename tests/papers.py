"""A small briefing with one of everything a page holds, and ways to look into exported papers."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from functools import cache
from typing import Any

import docx
from built import page_of
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.section import Section

from commune_pilots.briefing.word import to_word

WHEN = date(2026, 11, 22)
ALT = "Biểu đồ cột của Xã Một: trước 16,8%, sau 98,08%."
SVG = (
    '<svg aria-labelledby="{key}-t" font-size="13" role="img" style="fill:var(--ink)" '
    f'viewbox="0 0 {{width}} 100"><title id="{{key}}-t">{ALT}</title>'
    '<path d="M0 0L{width} 0" class="d0"></path><text x="3" y="30">Xã Một &lt; Xã Hai</text></svg>'
)
FIGURE = (
    '<figure id="fig-one"><h3><span class="fig"></span>Tỷ lệ tăng</h3><p class="sub">Phần trăm</p>'
    f'<div class="desk">{SVG.format(key="one-640", width=640)}\n</div>'
    f'<div class="phone">{SVG.format(key="one-340", width=340)}\n</div>'
    '<figcaption><strong>Nguồn:</strong> <a href="#s-1">001</a></figcaption></figure>'
)
TABLE = (
    '<div id="t-one"><div aria-labelledby="c1" class="scroll r1" role="region" tabindex="0"><table>'
    '<caption id="c1">Bảng B1. Các cặp</caption><thead><tr><th scope="col">Đơn vị</th>'
    '<th scope="col">Chênh</th></tr></thead><tbody>'
    '<tr id="s-1"><th scope="row">Xã Một</th><td>81,3</td></tr>'
    '<tr><th scope="row">Xã Hai</th><td><ul><li>một</li><li>hai</li></ul></td></tr>'
    "</tbody></table></div></div>"
)
PAGE = (
    '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"/><title>Xã Một tăng</title>'
    "<style>:root{--ink:#111111;--soft:#222222}@media screen{:root{--ink:#eeeeee}}"
    "*{stroke-linejoin: round}.d0{stroke:var(--soft)}.d1{fill:none}</style></head>"
    '<body><a class="skip" href="#main">Đến nội dung</a><main><header>'
    '<p class="bar">UBND tỉnh Tây Ninh · Sở Khoa học và Công nghệ<br/>Bản tóm tắt đánh giá · '
    "ngày 22 tháng 11 năm 2026 · dự thảo</p><h1>Xã Một tăng từ 16,8% lên 98,08%</h1></header>"
    '<section class="box" id="main"><p><strong>Kết luận.</strong> Bước đầu cho thấy.</p>'
    "<p><strong>Khuyến nghị.</strong> Duy trì.</p></section>"
    '<div class="tiles"><p class="tile"><b><a class="n" href="#s-1">98,08%</a></b><br/>Xã Một<br/>'
    "<small>trước: 16,8%</small></p></div>"
    f'<section id="results"><h2>Kết quả</h2>{FIGURE}<ul><li>Xã Một: <a class="n" href="#s-1">81,3 '
    'điểm phần trăm</a> <a class="red" href="#as-A4" title="đỏ">A4</a></li></ul>'
    "<ol><li>việc một</li><li>việc hai</li></ol><ol><li>lại từ đầu</li></ol></section>"
    '<section id="english" lang="en"><h2>Summary in English</h2><p>It <em>rose</em>.</p></section>'
    f'<section class="annex" id="annex-data"><h2>Phụ lục B</h2>{TABLE}'
    '<dl><dt id="as-A4">Giả định</dt><dd>một nghĩa</dd></dl>'
    '<p><a href="03_estimate_effects.html#cell">03</a></p></section></main></body></html>\n'
)


@cache
def word_of(name: str) -> bytes:
    """Export the briefing of one run as Word, once for all tests."""
    return to_word(page_of(name), when=WHEN)


def opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def part(content: bytes, name: str) -> Any:
    """Parse one part of a Word file."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parse_xml(parts.read(name))


def section_of(content: bytes) -> Section:
    return opened(content).sections[0]


def texts(content: bytes) -> list[str]:
    """Read every paragraph of a Word file in the order of reading, tables included."""
    body = opened(content).element.body
    return ["".join(word.text or "" for word in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def alts(content: bytes) -> list[str]:
    """Read the alternative text of every picture, the empty ones too."""
    return [found.get("descr", "") for found in opened(content).element.body.iter(qn("wp:docPr"))]


def header_rows(content: bytes) -> list[bool]:
    """Say of every table but the head whether its first row alone is repeated."""
    _, *tables = opened(content).element.body.iterchildren(qn("w:tbl"))
    return [
        [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
        == [True] + [False] * (len(rows) - 1)
        for rows in (table.findall(qn("w:tr")) for table in tables)
    ]
