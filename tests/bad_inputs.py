"""The catalogue of bad inputs, one file a case: see bad_files."""

from __future__ import annotations

import datetime as dt
import html
import unicodedata
from typing import Any

from bad_files import (
    COUNTS,
    HEADER,
    TRUE_ROWS,
    Case,
    by_name,
    changed,
    csv_bytes,
    decomposed,
    misread,
    renamed,
    styled,
    text_of_rows,
    true_counts,
    without_share,
    written,
    xlsx_bytes,
)
from bad_shapes import doubtful_periods, over_time, periods, private_and_hostile, shapes
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

TO_VNI = {
    "Phường Long An": "Phöôøng Long An", "Xã Cần Giuộc": "Xaõ Caàn Giuoäc",
    "Xã Hòa Bình": "Xaõ Hoøa Bình", "Xã/phường": "Xaõ/phöôøng", "Tháng": "Thaùng",
    "Tiếp nhận": "Tieáp nhaän", "Đã giải quyết": "Ñaõ giaûi quyeát", "Đúng hạn": "Ñuùng haïn",
    "Quá hạn": "Quaù haïn", "Mã xã": "Maõ xaõ", "Tỷ lệ đúng hạn (%)": "Tyû leä ñuùng haïn (%)",
}  # fmt: skip
TCVN3 = dict(
    zip(
        "ăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵĐ",
        "¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ§",
        strict=True,
    )
)


def _cp1258(text: str) -> bytes:
    """Write text as Windows does: letters with their base mark whole, tones after them."""
    out = b""
    for letter in text:
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            base, tone = unicodedata.normalize("NFD", letter)[:-1], decomposed(letter)[-1]
            marks = decomposed(letter)
            tones = [m for m in marks if m in "\u0300\u0301\u0303\u0309\u0323"]
            base = unicodedata.normalize("NFC", "".join(m for m in marks if m not in tones))
            tone = "".join(tones)
            out += base.encode("cp1258") + tone.encode("cp1258")
    return out


def encodings() -> list[Case]:
    """Files in every encoding and font that arrives."""
    text = text_of_rows(written())
    vni = [[TO_VNI.get(cell, cell) for cell in row] for row in written()]
    mixed = renamed(lambda name: name if "Giuộc" in name else decomposed(name))
    return [
        Case(
            name="utf-8 with BOM", raw=b"\xef\xbb\xbf" + text.encode(), file="a.csv", outcome="read"
        ),
        Case(name="cp1258", raw=_cp1258(text), file="a.csv", outcome="read", told=("cp1258",)),
        Case(
            name="tcvn3 bytes",
            raw="".join(TCVN3.get(letter, letter) for letter in text).encode("latin-1"),
            file="a.csv",
            outcome="read",
            told=("tcvn3",),
        ),
        Case(name="vni in xlsx", raw=xlsx_bytes(vni), outcome="read", told=("vni",)),
        Case(
            name="vni csv",
            raw=text_of_rows(vni).encode("cp1252"),
            file="a.csv",
            outcome="read",
            told=("vni",),
        ),
        Case(
            name="vni names under unicode headers",
            raw=xlsx_bytes(by_name(renamed(lambda name: TO_VNI.get(name, name)))),
            outcome="read",
            told=("vni",),
        ),
        Case(
            name="vni in some rows only",
            raw=xlsx_bytes(by_name(renamed(lambda name: TO_VNI[name] if "Giu" in name else name))),
            outcome="refuse",
            named=("row 4", "Xaõ Caàn"),
        ),
        Case(
            name="misread names under right headers",
            raw=xlsx_bytes(by_name(renamed(misread))),
            outcome="read",
            told=("mojibake",),
        ),
        Case(
            name="nfd headers",
            outcome="read",
            told=("nfd",),
            raw=xlsx_bytes([list(map(decomposed, HEADER)), *written()[1:]]),
        ),
        Case(
            name="nfc and nfd mixed", raw=xlsx_bytes(by_name(mixed)), outcome="read", told=("nfd",)
        ),
        Case(
            name="mojibake",
            file="a.csv",
            outcome="read",
            told=("mojibake",),
            raw=misread(text).encode(),
        ),
        Case(
            name="mojibake twice",
            file="a.csv",
            outcome="read",
            told=("mojibake",),
            raw=misread(misread(text)).encode(),
        ),
        Case(
            name="nbsp and zero width",
            outcome="read",
            told=("unseen",),
            raw=xlsx_bytes(
                by_name(renamed(lambda name: "\u00a0" + name.replace(" ", "\u00a0\u200b") + " "))
            ),
        ),
        Case(
            name="eth for Đ",
            outcome="read",
            told=("lookalike",),
            raw=xlsx_bytes(by_name([[str(c).replace("Đ", "Ð") for c in HEADER], *written()[1:]])),
        ),
        Case(
            name="african Đ in a name",
            outcome="read",
            told=("lookalike",),
            raw=xlsx_bytes(by_name(changed(2, 2, "Xã Ɖông Hà", written()[:2]))),
            counts=true_counts([("02005", *TRUE_ROWS[0][1:])]),
        ),
        Case(
            name="small eth in a name",
            outcome="read",
            told=("lookalike",),
            raw=xlsx_bytes(by_name(changed(2, 2, "xã ðông hà", written()[:2]))),
            counts=true_counts([("02005", *TRUE_ROWS[0][1:])]),
        ),
        Case(
            name="cyrillic letters in a name",
            outcome="read",
            told=("lookalike",),
            raw=xlsx_bytes(by_name(changed(2, 2, "Xã Сần Giuộс", written()[:2]))),
            counts=true_counts([("28159", *TRUE_ROWS[0][1:])]),
        ),
        Case(
            name="html entities",
            outcome="read",
            told=("entity",),
            raw=xlsx_bytes(
                by_name(renamed(lambda name: name.encode("ascii", "xmlcharrefreplace").decode()))
            ),
        ),
        Case(
            name="html entities twice",
            outcome="read",
            told=("entity",),
            raw=xlsx_bytes(
                by_name(
                    renamed(
                        lambda name: html.escape(name.encode("ascii", "xmlcharrefreplace").decode())
                    )
                )
            ),
        ),
        Case(
            name="cut in a character",
            raw=text.encode()[: text.encode().rindex("ò".encode()) + 1],
            file="a.csv",
            outcome="refuse",
            named=("a.csv", "cut off"),
        ),
        Case(name="cr only", raw=text.replace("\r\n", "\r").encode(), file="a.csv", outcome="read"),
        Case(name="utf-16", raw=text.encode("utf-16"), file="a.csv", outcome="read"),
        Case(
            name="utf-16 without mark",
            raw=text.encode("utf-16-le"),
            file="a.csv",
            outcome="read",
            told=("utf16_unmarked",),
        ),
        Case(name="utf-32", raw=text.encode("utf-32"), file="a.csv", outcome="read"),
        Case(
            name="a zero byte in a name",
            raw=text.replace("Xã C", "Xã\0 C").encode(),
            file="a.csv",
            outcome="refuse",
            named=("encoding",),
        ),
        Case(
            name="utf-16 lines below utf-8 lines",
            raw=text.encode() + "28159,x,06/2026,1,1,1,0,1\r\n".encode("utf-16-le"),
            file="a.csv",
            outcome="refuse",
            named=("encoding",),
        ),
        Case(
            name="sign for a lost letter",
            raw=text.replace("ầ", "\ufffd").encode(),
            file="a.csv",
            outcome="refuse",
            named=("row 4", "letter that was lost"),
        ),
        Case(
            name="bytes of nothing", raw=bytes(range(128, 256)) * 9, file="a.csv", outcome="refuse"
        ),
    ]


def numbers() -> list[Case]:
    """Numbers as people, programs and spreadsheets write them."""
    rows = written()
    spaced = [
        [f"{c:,}".replace(",", "\u00a0") if isinstance(c, int) else c for c in r] for r in rows
    ]
    wide = [
        [
            str(c).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
            if isinstance(c, int)
            else c
            for c in r
        ]
        for r in rows
    ]

    def shares(sheet: Any) -> None:
        for row in range(2, 8):
            sheet.cell(row, 8).value = rows[row - 1][7] / 100
            sheet.cell(row, 8).number_format = "0.0%"

    def some_shares(sheet: Any) -> None:
        for row in (2, 4, 5):
            sheet.cell(row, 8).value = rows[row - 1][7] / 100
            sheet.cell(row, 8).number_format = "0.00%"

    def raised(sheet: Any) -> None:
        sheet["D4"] = CellRichText("1230", TextBlock(InlineFont(vertAlign="superscript"), "1"))

    def struck_inside(sheet: Any) -> None:
        sheet["D4"] = CellRichText("1", TextBlock(InlineFont(strike=True), "999"), "230")

    fractions = [
        [*r[:-1], r[-1] / 100 if i in (1, 3) else r[-1]] for i, r in enumerate(rows, 0) if i
    ]
    alone = [
        [r[0], r[1], r[2], r[3], r[7] / 100 if i % 2 else r[7]] for i, r in enumerate(rows) if i
    ]

    def true_with(unit: str, month: int, **values: int | None) -> list[tuple[Any, ...]]:
        places = {name: 2 + at for at, name in enumerate(COUNTS)}
        out = []
        for one in true_counts():
            if (one[0], one[1].month) == (unit, month):
                new = list(one)
                for name, value in values.items():
                    new[places[name]] = value
                out.append(tuple(new))
            else:
                out.append(one)
        return out

    no = without_share
    cells: list[tuple[str, Any, str]] = [
        ("unit in the cell", "1,2 nghìn", "unit or words"),
        ("words in the cell", "1230 hồ sơ", "unit or words"),
        ("share in a count", "61%", "unit or words"),
        ("O for 0", "12O0", "letter stands"),
        ("l for 1", "l230", "letter stands"),
        ("negative", -1230, "negative"),
        ("negative text", "-1230", "negative"),
        ("minus sign", "−1230", "negative"),
        ("accounting negative", "(1230)", "negative"),
        ("trailing minus", "1230-", "negative"),
        ("fraction", 1.23, "whole"),
        ("fraction text", "1,5", "whole"),
        ("day in a count", dt.datetime(2026, 4, 1), "day or a truth"),
        ("truth in a count", True, "day or a truth"),
        ("scientific", "1,23E+03", "last digits"),
        ("16 digits", 1234567890123456, "last digits"),
        ("word", "nhiều", "cannot be read"),
        ("two numbers", "1230/1200", "cannot be read"),
        ("range", "1200-1300", "cannot be read"),
        ("about", "khoảng 1230", "cannot be read"),
        ("hash ref text", "#REF!", "formula failed"),
        ("space in a number", "12 30", "cannot be read"),
    ]
    return [
        Case(
            name="thousands dot",
            file="a.csv",
            outcome="read",
            told=("marks_vi",),
            raw=csv_bytes(
                [[f"{c:,}".replace(",", ".") if isinstance(c, int) else c for c in r] for r in rows]
            ),
        ),
        Case(
            name="thousands comma quoted",
            file="a.csv",
            outcome="read",
            told=("marks_en",),
            raw=csv_bytes([[f"{c:,}" if isinstance(c, int) else c for c in r] for r in rows]),
        ),
        Case(
            name="decimal comma",
            file="a.csv",
            outcome="read",
            told=("marks_vi",),
            raw=csv_bytes([[str(c).replace(".", ",") for c in r] for r in rows], separator=";"),
        ),
        Case(
            name="both marks",
            file="a.csv",
            outcome="read",
            told=("marks_vi",),
            raw=csv_bytes(styled(rows), separator=";"),
        ),
        Case(
            name="numbers as text", raw=xlsx_bytes(styled(rows)), outcome="read", told=("marks_vi",)
        ),
        Case(name="nbsp thousands", raw=xlsx_bytes(spaced), outcome="read", told=("unseen",)),
        Case(name="nbsp thousands csv", raw=csv_bytes(spaced), file="a.csv", outcome="read"),
        Case(
            name="percent cells",
            raw=xlsx_bytes(rows, edit=shares),
            outcome="read",
            told=("percent_cells",),
        ),
        Case(
            name="percent cells in some rows",
            raw=xlsx_bytes(rows, edit=some_shares),
            outcome="read",
            told=("percent_cells",),
        ),
        Case(
            name="parts of one in some rows, counts tell",
            raw=xlsx_bytes([HEADER, *fractions]),
            outcome="read",
            told=("share_of_one",),
        ),
        Case(
            name="parts of one in some rows, nothing tells",
            outcome="refuse",
            raw=xlsx_bytes([[HEADER[at] for at in (0, 1, 2, 3, 7)], *alone]),
            named=("row 2", "Tỷ lệ đúng hạn", "0.615", "part of one"),
        ),
        Case(
            name="share above 100",
            raw=xlsx_bytes(changed(3, 8, 722.5)),
            outcome="refuse",
            named=("row 3", "722.5", "above 100"),
        ),
        Case(
            name="KPS",
            raw=xlsx_bytes(no(changed(6, 7, "KPS"))),
            outcome="read",
            told=("none_happened", "sum_differs"),
            counts=true_with("00123", 4, late=0),
        ),
        Case(
            name="không phát sinh",
            raw=xlsx_bytes(no(changed(6, 7, "Không phát sinh "))),
            outcome="read",
            told=("none_happened",),
            counts=true_with("00123", 4, late=0),
        ),
        Case(
            name="blank count",
            raw=xlsx_bytes(no(changed(6, 7, None))),
            outcome="read",
            told=("blank",),
            counts=true_with("00123", 4, late=None),
        ),
        Case(
            name="hyphen",
            raw=xlsx_bytes(no(changed(6, 7, "-"))),
            outcome="read",
            told=("not_known",),
            counts=true_with("00123", 4, late=None),
        ),
        Case(name="full width digits", raw=xlsx_bytes(wide), outcome="read", told=("full_width",)),
        Case(
            name="footnote",
            raw=xlsx_bytes(changed(4, 4, "1230(1)")),
            outcome="read",
            told=("footnote",),
        ),
        Case(
            name="footnote star",
            raw=xlsx_bytes(changed(4, 4, "1.230 *")),
            outcome="read",
            told=("footnote",),
        ),
        Case(
            name="footnote raised",
            raw=xlsx_bytes(changed(4, 4, "1230²")),
            outcome="read",
            told=("footnote",),
        ),
        Case(
            name="footnote raised by its format",
            raw=xlsx_bytes(rows, edit=raised),
            outcome="read",
            told=("footnote",),
        ),
        Case(
            name="digits struck inside a number",
            raw=xlsx_bytes(rows, edit=struck_inside),
            outcome="refuse",
            named=("row 4", "struck"),
        ),
        Case(
            name="floats of a program",
            file="a.csv",
            outcome="read",
            raw=csv_bytes([[f"{c}.0" if isinstance(c, int) else c for c in r] for r in rows]),
        ),
        Case(
            name="dot for thousands and for decimals",
            outcome="refuse",
            file="a.csv",
            raw=csv_bytes(changed(2, 4, "1230.0", changed(3, 4, "445.365"))),
            named=("Tiếp nhận",),
        ),
        Case(
            name="two styles in one column",
            file="a.csv",
            outcome="refuse",
            raw=csv_bytes(changed(2, 4, "445,365", changed(3, 4, "451.002"))),
            named=("Tiếp nhận", "two styles"),
        ),
        *(
            Case(
                name=name,
                raw=xlsx_bytes(changed(4, 4, value)),
                outcome="refuse",
                named=("row 4", "Tiếp nhận", words),
            )
            for name, value, words in cells
        ),
        Case(
            name="on time above total",
            raw=xlsx_bytes(changed(4, 6, 1201)),
            outcome="refuse",
            named=("row 4", "Đúng hạn", "1201", "above the row's total (1200)"),
        ),
        Case(
            name="parts do not add up",
            raw=xlsx_bytes(no(changed(6, 7, 68))),
            outcome="read",
            told=("sum_differs",),
            counts=true_with("00123", 4, late=68),
        ),
        Case(
            name="share differs from counts",
            raw=xlsx_bytes(changed(4, 8, 65.1)),
            outcome="read",
            told=("share_differs",),
        ),
        Case(
            name="title counts in thousands, in brackets",
            outcome="refuse",
            named=("thousands",),
            raw=xlsx_bytes([["SỐ LIỆU TIẾP NHẬN (nghìn hồ sơ)"], [], *rows]),
        ),
        Case(
            name="title counts in thousands",
            outcome="refuse",
            named=("thousands",),
            raw=xlsx_bytes([["Đơn vị tính: nghìn hồ sơ"], [], *rows]),
        ),
    ]


def codes() -> list[Case]:
    """Codes and names of units, true and doubtful ones."""
    rows = written()
    number = [[int(r[0]) if i else r[0], *r[1:]] for i, r in enumerate(rows)]
    null = [("02003", month, *rest) for _, month, *rest in TRUE_ROWS[:2]]
    old = [("27691", month, *rest) for _, month, *rest in TRUE_ROWS[:2]]

    def named(name: str) -> list[list[Any]]:
        return by_name(renamed(lambda _: name, rows[:2]))

    def one(unit: str) -> list[tuple[Any, ...]]:
        return true_counts([(unit, *TRUE_ROWS[0][1:])])

    return [
        Case(name="code as number", raw=xlsx_bytes(number), outcome="read", told=("code_zeros",)),
        Case(
            name="code as float",
            file="a.csv",
            outcome="read",
            told=("code_zeros",),
            raw=csv_bytes(
                [[f"{r[0]}.0" if isinstance(r[0], int) else r[0], *r[1:]] for r in number]
            ),
        ),
        Case(
            name="code kept as text",
            file="a.csv",
            outcome="read",
            told=("kept_as_text",),
            raw=csv_bytes([[f'="{r[0]}"' if i else r[0], *r[1:]] for i, r in enumerate(rows)]),
        ),
        Case(
            name="code not in the register",
            raw=xlsx_bytes(changed(2, 1, 99999)),
            outcome="refuse",
            named=("row 2", "Mã xã", "99999", "register"),
        ),
        Case(
            name="ward named Null",
            raw=xlsx_bytes(by_name(renamed(lambda _: "Xã Null", rows[:3]))),
            outcome="read",
            counts=true_counts(null),
        ),
        Case(
            name="ward named null in csv",
            file="a.csv",
            outcome="read",
            counts=true_counts(null),
            raw=csv_bytes(by_name(renamed(lambda _: "Null", rows[:3]))),
        ),
        Case(
            name="abolished code",
            outcome="read",
            told=("unit_abolished",),
            counts=true_counts(old),
            raw=xlsx_bytes(
                written(old)[:1] + [[r[0], "Phường 4", *r[2:]] for r in written(old)[1:]]
            ),
        ),
        Case(
            name="code and name differ",
            raw=xlsx_bytes(changed(2, 2, "Xã Hòa Bình")),
            outcome="refuse",
            named=("row 2", "two different units"),
        ),
        Case(
            name="code given to another unit",
            raw=xlsx_bytes(changed(4, 2, "Thị trấn Cần Giuộc")),
            outcome="refuse",
            named=("row 4", "given to another unit"),
        ),
        Case(
            name="one name in two provinces",
            raw=xlsx_bytes(named("Xã Tân Tiến")),
            outcome="refuse",
            named=("row 2", "Xã/phường", "several units"),
        ),
        Case(
            name="one name, province given",
            outcome="read",
            counts=one("02002"),
            raw=xlsx_bytes([["Tỉnh", *named("")[0]], ["Long An", *named("Xã Tân Tiến")[1]]]),
        ),
        Case(
            name="unknown name",
            raw=xlsx_bytes(named("Xã Hòa Bìn")),
            outcome="refuse",
            named=("Hòa Bìn",),
        ),
        Case(
            name="place of tones",
            raw=xlsx_bytes(named("xã hoà bình")),
            outcome="read",
            counts=one("00123"),
        ),
        Case(
            name="UBND and capitals",
            raw=xlsx_bytes(named("UBND XÃ HÒA BÌNH")),
            outcome="read",
            counts=one("00123"),
        ),
        Case(
            name="P. for phường",
            raw=xlsx_bytes(named("P. Long An")),
            outcome="read",
            counts=one("27694"),
        ),
        Case(
            name="commune called Tổng Cọt",
            raw=xlsx_bytes(named("Tổng Cọt")),
            outcome="read",
            counts=one("02004"),
        ),
        Case(
            name="same unit and month twice",
            raw=xlsx_bytes([*rows, rows[2]]),
            outcome="refuse",
            named=("row 8", "27694", "the other: Sheet1 3"),
        ),
        Case(
            name="twice with other numbers",
            outcome="refuse",
            named=("row 8", "the other: Sheet1 3"),
            raw=xlsx_bytes([*rows, [*rows[2][:3], 9, 9, 9, 0, 100.0]]),
        ),
        Case(
            name="16 digits in a number cell",
            outcome="refuse",
            named=("row 2", "Mã xã", "15 digits"),
            raw=xlsx_bytes(changed(2, 1, 1234567890123456)),
        ),
        Case(
            name="code turned into a day",
            outcome="refuse",
            named=("row 2", "Mã xã", "into a day"),
            raw=xlsx_bytes(changed(2, 1, dt.datetime(2026, 5, 1))),
        ),
        Case(
            name="no unit in a row",
            raw=xlsx_bytes(changed(4, 1, None, changed(4, 2, None))),
            outcome="refuse",
            named=("row 4", "without a unit"),
        ),
    ]


def cases() -> list[Case]:
    """List every bad file."""
    return [
        *encodings(),
        *numbers(),
        *codes(),
        *periods(),
        *doubtful_periods(),
        *over_time(),
        *shapes(),
        *private_and_hostile(),
    ]
