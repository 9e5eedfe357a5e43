"""Which row of a sheet is what: numbering, total, section, signature, or one that counts something.

Only the words that offices use for such rows are known here, each matched whole: "Xã Tổng Cọt" and
"Xã Cộng Hòa" are communes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise

from commune_pilots.sources.cells import Cell
from commune_pilots.sources.texts import text_of

_STEP = re.compile(
    r"\(?(?P<number>\d{1,2})[a-z]?\)?(?:\s*=\s*[\d()\[\]+\-−–*x×/:%., ]+)?|\(?[A-Za-zĐđ]\)?"
)
_TOTAL = re.compile(
    r"(?:(?:[ivx]+|[a-z])[.)]\s*)?(?:tổng cộng|tổng số|tổng|cộng|total|toàn (?:tỉnh|huyện|thị xã|"
    r"thành phố|xã|ngành)|cả (?:tỉnh|huyện|năm)|lũy kế|luỹ kế)"
    r"(?: (?:chung|các|toàn|cả|cộng|số|hồ sơ|huyện|tỉnh|thành phố|tháng|quý|năm|mục|phần)\b.*)?"
    r"(?:\s*[(=].*)?\s*[:.]*"
)
_SIGNED = re.compile(
    r"(?:người )?(?:lập (?:biểu|bảng|báo cáo)|kiểm (?:tra|soát))|người (?:lập|tổng hợp|báo cáo)"
    r"|thủ trưởng|(?:kt\.|tm\.|tl\.|q\.)?\s*(?:phó )?(?:chủ tịch|giám đốc|trưởng phòng|chánh văn)"
    r"|(?:kt|tm|tl)\.|kế toán|nơi nhận|xác nhận|\(?ký[,\s]|ghi chú|chú thích|lưu ý|nguồn\s*:"
    r"|.{0,40}ngày .{1,12}tháng .{1,12}năm|\*|\(\*+\)|\(?\d\)\s+\D|-\s"
)
_LETTERHEAD = re.compile(
    r"(?:ubnd|văn phòng|ủy ban|uỷ ban|cộng h[oò]|độc lập|sở\b|phòng\b|số\s*:|mẫu\b|biểu\b"
    r"|phụ lục|báo cáo|danh sách|thống kê|bảng\b|\(?kèm|\(?ban hành|đvt"
    r"|đơn vị\s*(?:tính|báo cáo|:)|kỳ báo cáo|từ ngày|\("
    r"|(?:kỳ|tháng|quý|năm|ngày)\W*[\divx]+\b|\d{1,2} tháng)"
)
_ROMAN = re.compile(r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})[.)]?|[A-ZĐ][.)]?")
_WITH_ROMAN = re.compile(r"(?:[IVX]{1,6}|[A-ZĐ])[.)]\s+\S")
_DISTRICT = re.compile(r"(?:huyện|thị xã|quận|thành phố|tỉnh|khối|lĩnh vực|cấp)\b")
_NUMBER = re.compile(r"[+\-−]?\d[\d.,\s]*%?|kps|không phát sinh")


def filled(row: Sequence[Cell]) -> list[int]:
    """Name the columns of a row that hold anything."""
    return [at for at, cell in enumerate(row) if cell not in (None, "")]


def is_number(cell: Cell) -> bool:
    """Tell whether a cell is a number, or text that looks like one."""
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell.lower()) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def counts(row: Sequence[Cell]) -> bool:
    """Tell whether a row holds a number or a day."""
    return any(is_number(cell) or isinstance(cell, dt.date) for cell in row)


def is_numbering(row: Sequence[Cell]) -> bool:
    """Tell whether a row only numbers the columns: "(1) (2) (3)=(1)+(2)", "A B 1 2 3"."""
    cells = [text_of(row[at]).strip() for at in filled(row)]
    found = [_STEP.fullmatch(cell) for cell in cells]
    if len(cells) < 2 or not all(found):
        return False
    numbers = [int(one["number"]) for one in found if one is not None and one["number"]]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    return len(numbers) >= 2 and numbers[0] in (1, 2, 3) and all(step in (0, 1) for step in steps)


def is_total(row: Sequence[Cell]) -> bool:
    """Tell whether one of the texts before the numbers says that the row is a total."""
    for at in filled(row):
        cell = row[at]
        if isinstance(cell, str) and _TOTAL.fullmatch(cell.lower().strip()):
            return True
    return False


def section_of(row: Sequence[Cell]) -> str:
    """Give the label of a row that only heads those below it; "" for any other.

    Such a row has no count and one text, which a roman number or a capital stands before, or which
    names a district or a field.
    """
    places = filled(row)
    texts = list(dict.fromkeys(text_of(row[at]) for at in places))
    if len(texts) == 2 and _ROMAN.fullmatch(texts[0]) and not is_number(texts[1]):
        return texts[1]
    if len(texts) == 1 and not counts(row):
        label = texts[0]
        if _WITH_ROMAN.match(label) or _DISTRICT.match(label.lower()):
            return label
    return ""


def starts_roman(row: Sequence[Cell]) -> bool:
    """Tell whether the first cell that holds anything is a roman number or a capital alone."""
    places = filled(row)
    first = row[places[0]] if places else None
    return isinstance(first, str) and _ROMAN.fullmatch(first) is not None


def is_below(row: Sequence[Cell], *, width: int) -> bool:
    """Tell whether a row belongs under a table of `width` columns: a signature, a day, a note.

    A row that fills more than half of the columns is none, whatever its texts begin with.
    """
    cells = [row[at] for at in filled(row)]
    if counts(cells) or len(cells) > max(1, width // 2):
        return False
    return any(isinstance(cell, str) and _SIGNED.match(cell.lower()) for cell in cells)


def is_group(row: Sequence[Cell], *, merged: bool) -> bool:
    """Tell whether a row above names may group them: several texts, or one away from the left.

    `merged`: one of its cells covers several columns. Letterheads, titles and units of measure
    stand in such places too and group nothing.
    """
    places = filled(row)
    texts = [row[at] for at in places]
    if not places or not all(isinstance(text, str) for text in texts) or counts(texts):
        return False
    if all(_LETTERHEAD.match(str(text).lower()) for text in texts):
        return False
    return merged or len(places) > 1 or places[0] > 0


def is_subheader(row: Sequence[Cell], *, under: Sequence[Cell]) -> bool:
    """Tell whether a row below names spells them out: texts, one of them under a blank name.

    The first column is named above, so it is blank; a row of data fills it.
    """
    places = filled(row)
    if not places or places[0] == 0 or not all(isinstance(row[at], str) for at in places):
        return False
    return not counts([row[at] for at in places]) and any(
        at >= len(under) or under[at] is None for at in places
    )
