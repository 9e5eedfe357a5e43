"""Bad files as they arrive, each made from one small table whose true values are known.

One case is one row of the catalogue of bad inputs, or one more of its family. A case is read with
exactly the true values and what was done is told, or refused with a sentence that names the place.
"""

from __future__ import annotations

import base64
import csv
import datetime as dt
import html
import io
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pandas as pd

from commune_pilots.sources.aggregates import Aggregate, read_aggregate
from commune_pilots.sources.files import read_sheets
from commune_pilots.sources.layouts import Layout, load_layout
from commune_pilots.sources.unit_names import Register, register

PARAMS = Path(__file__).parents[1] / "params"
TODAY = dt.date(2026, 7, 15)
HEADER = [
    "Mã xã",
    "Xã/phường",
    "Tháng",
    "Tiếp nhận",
    "Đã giải quyết",
    "Đúng hạn",
    "Quá hạn",
    "Tỷ lệ đúng hạn (%)",
]
COUNTS = ("received", "processed", "on_time", "late")
UNITS = {
    "27694": "Phường Long An",
    "28159": "Xã Cần Giuộc",
    "00123": "Xã Hòa Bình",
}
# unit, month of 2026, received, processed, on time, late, share on time
TRUE_ROWS = [
    ("27694", 4, 445365, 440000, 270600, 169400, 61.5),
    ("27694", 5, 451002, 446000, 322235, 123765, 72.25),
    ("28159", 4, 1230, 1200, 738, 462, 61.5),
    ("28159", 5, 1347, 1300, 1183, 117, 91.0),
    ("00123", 4, 640, 600, 531, 69, 88.5),
    ("00123", 5, 655, 640, 512, 128, 80.0),
]
OTHERS = [
    # code, from, to, name, province, district, successor
    ("27694", "2025-07-01", None, "Phường Long An", "80", None, None),
    ("28159", "2025-07-01", None, "Xã Cần Giuộc", "80", None, None),
    ("28159", None, "2025-06-30", "Thị trấn Cần Giuộc", "80", "807", "28159"),
    ("00123", None, None, "Xã Hòa Bình", "06", None, None),
    ("27691", None, "2025-06-30", "Phường 4", "80", "794", "27694"),
    ("01001", None, None, "Xã Tân Tiến", "06", None, None),
    ("02002", None, None, "Xã Tân Tiến", "80", None, None),
    ("02003", None, None, "Xã Null", "80", None, None),
    ("02004", None, None, "Xã Tổng Cọt", "06", None, None),
    ("02005", None, None, "Xã Đông Hà", "06", None, None),
    ("02006", None, None, "Xã Như Cố", "06", None, None),
]


def units() -> pd.DataFrame:
    """Draw a small register: communes of today, one merged, and two of one name."""
    columns = ["code", "valid_from", "valid_to", "name", "province", "parent", "successor"]
    table = pd.DataFrame(OTHERS, columns=columns, dtype="str").assign(
        level="commune", successor_part="whole"
    )
    above = pd.DataFrame(
        {
            "code": ["06", "80", "807", "794"],
            "name": ["Tỉnh Bắc Kạn", "Tỉnh Long An", "Huyện Cần Giuộc", "Thành phố Tân An"],
            "level": ["province", "province", "district", "district"],
        }
    )
    joined = pd.concat([above, table], ignore_index=True)
    for name in ("valid_from", "valid_to"):
        joined[name] = pd.to_datetime(joined[name])
    return joined


@cache
def known() -> Register:
    return register(units())


@cache
def layout(name: str = "commune_months") -> Layout:
    return load_layout(name, PARAMS)


def read(raw: bytes, file: str, *, by: Layout | None = None) -> Aggregate:
    """Read a file of counts as the catalogue's files are read."""
    return read_aggregate(read_sheets(raw, file=file), by or layout(), known=known(), today=TODAY)


def true_counts(rows: Sequence[tuple[Any, ...]] = TRUE_ROWS) -> list[tuple[Any, ...]]:
    """Give what a perfect reader makes of rows: unit, first day of the month, four counts."""
    return sorted((unit, dt.date(2026, month, 1), *counts) for unit, month, *counts, _ in rows)


def counts_of(found: Aggregate) -> list[tuple[Any, ...]]:
    """List what was read in the same form; None where nothing is known."""
    rows = []
    for row in found.counts.to_dict("records"):
        values = [None if pd.isna(row.get(name)) else int(row[name]) for name in COUNTS]
        rows.append((row["unit"], row["period_start"].date(), *values))
    return sorted(rows, key=lambda one: one[:2])


def written(
    rows: Sequence[tuple[Any, ...]] = TRUE_ROWS, *, month: Callable[[int], Any] = "0{}/2026".format
) -> list[list[Any]]:
    """Write the true rows under the usual header, numbers as numbers."""
    return [list(HEADER)] + [
        [unit, UNITS.get(unit, unit), month(number), *rest] for unit, number, *rest in rows
    ]


def vietnamese(value: Any) -> Any:
    """Write a number as Vietnamese offices do; anything else stays."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


def styled(rows: list[list[Any]]) -> list[list[Any]]:
    return [[vietnamese(cell) for cell in row] for row in rows]


def csv_bytes(
    rows: Sequence[Sequence[Any]],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
    ends: str = "\r\n",
) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=ends)
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return text.getvalue().encode(encoding)


def xlsx_bytes(
    rows: Sequence[Sequence[Any]],
    *,
    name: str = "Sheet1",
    edit: Callable[[Any], None] | None = None,
) -> bytes:
    """Write rows to a workbook of one sheet; `edit` may do anything else to it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    if edit is not None:
        edit(sheet)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One bad file and what must come of it.

    Read: exactly `counts`, and every rule of `told` was told. Refused: a sentence that holds every
    part of `named` (row and column as the file has them).
    """

    name: str
    raw: bytes
    outcome: Literal["read", "refuse"]
    file: str = "tháng 5.xlsx"
    told: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    counts: list[tuple[Any, ...]] = field(default_factory=true_counts)
    layout: str = "commune_months"


def changed(
    row: int, column: int, value: Any, rows: list[list[Any]] | None = None
) -> list[list[Any]]:
    """Change one cell; rows and columns count from 1 as in the file."""
    copy = [list(one) for one in (rows or written())]
    copy[row - 1][column - 1] = value
    return copy


def without_share(rows: list[list[Any]] | None = None) -> list[list[Any]]:
    return [row[:-1] for row in (rows or written())]


def renamed(change: Callable[[str], str], rows: list[list[Any]] | None = None) -> list[list[Any]]:
    """Change every name of a unit."""
    return [
        [*row[:1], change(row[1]) if at else row[1], *row[2:]]
        for at, row in enumerate(rows or written())
    ]


def by_name(rows: list[list[Any]] | None = None) -> list[list[Any]]:
    return [row[1:] for row in (rows or written())]


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def misread(text: str) -> str:
    """Read UTF-8 as Windows-1252 once; five bytes come through as controls."""
    return "".join(bytes([one]).decode("cp1252", "ignore") or chr(one) for one in text.encode())


def text_of_rows(rows: list[list[Any]], separator: str = ",") -> str:
    return csv_bytes(rows, separator=separator).decode()


def html_bytes(rows: list[list[Any]], *, attributes: str = "") -> bytes:
    body = "".join(
        "<tr>" + "".join(f"<td {attributes}>{html.escape(str(c))}</td>" for c in row) + "</tr>"
        for row in rows
    )
    return (
        "<html><head><meta charset='utf-8'><style>td{color:red}</style></head>"
        f"<body><table border=1>{body}</table></body></html>"
    ).encode()


def xls_bytes() -> bytes:
    """Unpack a workbook of Excel 97, written with xlwt 1.3: April of the first two units.

    The share of the first is the number 0.615 in a percent format, which only Excel shows.
    """
    return zlib.decompress(base64.b85decode("".join(_XLS)))


_XLS = (
    "c-rk)NoZ416g}@JX_DI3G_68g2%loBRnb_hRzc%{cB7?A(ISFFTiT+e8Y-w8$8H2caHY5@D&oRv<A938Mi+vjpr{"
    "lYvvegWifH4xH$O2}1q&)F|Acq{yTiNpzUjaJ^6)|F(7?sYBt~EXJQz*~QIIDyEWs=j0`=*%RI|?jOWMUhg<yaaS"
    ">VI9;`@G?Lz(X+EL`y3CIw!ytix6`_r^QzKZwPe!$u=H%qKNCPDu$WG^?=EcBN%X&#UEir3+PZNa=jq4w<!h5Nn>"
    "?=&a&4t6Fs>5WknT&2yE^z&PBKRlNJK$=Ld^DABWV%Ri=wc#CinoY1DucxOWRAWp#xM5je-hEUFFK8d$!8+eo5&$"
    "nz>{%7R|l)wL4?*D;2!08()KVor0_aMDNw?{t;G3XVIh1Q0T80PW@idlTXij=)06@+O+3e&lpyK%t`M&jraWovgb"
    "-bH0AdT=wcl~Lj}I7@XgOvt1t=%VUGq=&U_*p8hv>tjk(et<Z!X+J=FKg>$%lQ}_HyuORr*n+#Hr6cTZOhOInB#H"
    "Vtv*$LHz_jG$W@9;eod$~_?h$R6ULUQWEe#rH%$i%2>5`2lIIaGgnCNyqi?nkzcv$JnE%epPtynjG5org;YQ0pqe"
    "uy3Vc;@w^6`NXO>s7Kx546m&S0iJMH1<jhHZD<(2iaq9vbLC_bf0>y(t4%Ra`uqV+Lm!nW!ZkUIiT8FdYGwr9GjR"
    "|pTv6qtCd$G{i#?T>*t!1yUNc!jSZlh$8ZPR%WprXnyKd4QNh(%_Gz3~<e<`uZ(f%HE9B&!cFy*(_@rY7j)x$_$>"
    "^9IXE|e);XLF#InGPYo8x@sd^xUwTtSZWlk+<{nD69ZG>3p=Z#0Ksj*}e3%MC=xNe)k@RY_hiDoLvkgh*emE@V6p"
    "XUQ;9*crK0Od?v}iD+rWF;0xknkdR~Um{LmT_Vma6Z<=1p$EqZo#z)?wLyBfzzXA%xa2|f1%+_o!i5VLE?l_yD`5"
    "1qF7qkt&0H4rQ_b)Euk(pz*!`R2zr`xvuzJzQtJ6~6u=<eT?QS#}51+~UGC$cS`+uQe4WlQp8JjeZ&7)qwyylqv{"
    "`_>q(68G<qm4g2nmm7V{Li+V5X%"
)
