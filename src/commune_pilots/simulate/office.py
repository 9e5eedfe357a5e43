"""Simulated dossiers as an office would export them: Vietnamese headers and words, days as text.

The label travels in the name of the file: one that holds these rows begins with LABEL, and its
delivery says that it is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

LABEL = "simulated-"
# Header, column of table dossiers, and the words of its values, in the order of an export.
_COLUMNS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Số hồ sơ", "dossier", {}),
    ("Mã TTHC", "procedure", {}),
    ("Cơ quan/đơn vị", "agency", {}),
    ("Mã xã", "unit", {}),
    (
        "Hình thức nộp",
        "channel",
        {"counter": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính"},
    ),
    (
        "Mức độ",
        "level",
        {
            "full_process": "Toàn trình",
            "partial": "Một phần",
            "information": "Cung cấp thông tin",
        },
    ),
    (
        "Trạng thái",
        "status",
        {
            "1": "Mới đăng ký",
            "2": "Mới tiếp nhận",
            "3": "Không được tiếp nhận",
            "4": "Đang xử lý",
            "5": "Yêu cầu bổ sung",
            "6": "Chờ thanh toán",
            "7": "Đã rút",
            "8": "Dừng xử lý",
            "9": "Đã hoàn thành",
            "10": "Đã trả kết quả",
        },
    ),
    ("Ngày tiếp nhận", "received", {}),
    ("Ngày hẹn trả", "due", {}),
    ("Ngày kết thúc xử lý", "completed", {}),
    ("Ngày trả kết quả", "returned", {}),
    ("Số lần bổ sung", "supplements", {}),
    ("Phí phải nộp", "fee_due", {}),
    ("Phí đã nộp", "fee_paid", {}),
    (
        "Hình thức thanh toán",
        "paid",
        {
            "national_portal": "Cổng dịch vụ công quốc gia",
            "other_online": "Chuyển khoản",
            "not_online": "Tiền mặt",
        },
    ),
    ("Số thành phần hồ sơ", "components", {}),
    ("Số thành phần số hóa", "components_digitised", {}),
    ("Số thành phần tái sử dụng", "components_reused", {}),
    ("Kết quả đã số hóa", "result_digitised", {"1": "Có", "0": "Không"}),
    ("Nộp hộ", "filer", {"owner": "Chính chủ", "somebody_else": "Nộp hộ"}),
    ("Tài khoản nộp", "account", {}),
)
DAY = "%d/%m/%Y %H:%M"


def office_rows(table: pa.Table, *, day: str = DAY) -> pa.Table:
    """Write dossiers as text under the headers of an office's export; what is missing is blank.

    `table` has the columns of table `dossiers`; `day` is how days are written. A value that the
    export has no word for, as planted dirt may be, is written as it stands.
    """
    return pa.table({header: _text(table[name], words, day) for header, name, words in _COLUMNS})


def _text(values: pa.ChunkedArray, words: Mapping[str, str], day: str) -> pa.ChunkedArray:
    if pa.types.is_timestamp(values.type):
        return pc.strftime(pc.cast(values, pa.timestamp("s"), safe=False), format=day)
    if pa.types.is_floating(values.type):
        values = pc.cast(values, pa.int64())  # đồng are whole
    text = pc.cast(values, pa.string())
    if not words:
        return text
    known = pc.index_in(text, pa.array(list(words)))
    return pc.coalesce(pa.array(list(words.values())).take(known.combine_chunks()), text)
