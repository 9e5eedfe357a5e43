from __future__ import annotations

import unicodedata
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest
from bad_files import csv_bytes, known, layout, xlsx_bytes
from bad_files import read as read_counts
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import dossiers
from office_logs import (
    HEADER,
    RECEIVED,
    book,
    column,
    log,
    output,
    read,
    refused,
    row,
    told,
    values,
)

from commune_pilots import schemas
from commune_pilots.errors import InputError
from commune_pilots.simulate.office import office_rows
from commune_pilots.sources.files import read_sheets
from commune_pilots.sources.legacy_fonts import from_tcvn3
from commune_pilots.sources.log_tables import SCHEMA, RowsRead, read_dossiers
from commune_pilots.sources.log_units import Place


def test_a_row_of_an_office_list_becomes_a_dossier_of_the_contract():
    found = log(row())
    frame = found.dossiers.to_pandas()
    assert found.dossiers.schema == SCHEMA
    assert frame.loc[0, ["dossier", "agency", "unit", "status", "channel"]].tolist() == [
        "000.00.53.H48-250921-0099", "000.00.53.H48", "28159", 4, "online",
    ]  # fmt: skip
    assert frame.loc[0, ["received", "row"]].tolist() == [RECEIVED, 2]
    assert found.rows_read == (RowsRead(sheet="", read=1, kept=1, rejected=0),)
    assert found.rejected.empty


def test_what_is_read_keeps_the_contracts_of_its_tables():
    found = log(row(), row(98, c2="31/06/2025"))
    blank = schemas.empty("dossiers")
    schemas.check(found.dossiers.to_pandas().astype(dict(blank.dtypes)), "dossiers")
    schemas.check(found.rejected, "rejected")


def test_every_row_is_kept_or_rejected_and_each_broken_rule_has_a_line():
    found = log(
        row(1),
        row(2, c2="31/06/2025", c4="Lạ"),
        row(3, c5="Bồ câu"),
        ["", *row()[1:]],
        row(5),
    )
    assert refused(found) == [
        (3, "Ngày tiếp nhận", "day_unreadable"),
        (3, "Trạng thái", "value_unknown"),
        (4, "Hình thức nộp", "value_unknown"),
        (5, "Số hồ sơ", "dossier_blank"),
    ]
    assert found.rows_read == (RowsRead(sheet="", read=5, kept=2, rejected=3),)
    assert values(found, "row") == [2, 6]
    assert found.rejected["value"].tolist()[:2] == ["31/06/2025", "Lạ"]
    assert "dd/mm/yyyy" in found.rejected["message_en"][0]


def test_without_a_column_of_channels_the_channel_is_missing_and_told():
    found = log(row()[:5], header=HEADER[:5])
    assert values(found, "channel") == [None]
    assert "hình thức nộp" in next(one.value for one in found.found if one.rule == "log_untold")


def test_a_missing_required_column_refuses_the_file_with_the_nearest_header():
    with pytest.raises(InputError, match="nearest: “Ngày tiếp nhân”"):
        log(row(), header=[*HEADER[:2], "Ngày tiếp nhân", *HEADER[3:]])


@pytest.mark.parametrize("header", ["Ngay tiep nhan", "NGAY_TIEP_NHAN", "NgayTiepNhan"])
def test_a_header_without_marks_is_read_and_told(header):
    found = log(row(), header=[*HEADER[:2], header, *HEADER[3:]])
    assert values(found, "received") == [RECEIVED]
    assert told(found)["header_unaccented"] == header


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([["Tổng cộng: 1 hồ sơ", *[None] * 5]], "total_row"),
        ([[None] * 6, [None, None, None, "NGƯỜI LẬP BIỂU", None, None]], "below_table"),
    ],
)
def test_what_stands_around_the_rows_is_taken_out_and_told(rows, rule):
    found = read(xlsx_bytes([["DANH SÁCH HỒ SƠ"], HEADER, row(), *rows]), "a.xlsx")
    assert (values(found, "row"), found.rejected.empty) == ([3], True)
    assert rule in told(found)


def test_a_sheet_beside_the_log_is_passed_over_and_one_alone_refused():
    with pytest.raises(InputError, match="no table"):
        read(csv_bytes([["x", "y"], [1, 2]]))
    with pytest.raises(InputError, match="no row"):
        log()


OWNER, PHONE, IDENTITY = "Nguyễn Thị Bé Tư", "0912 345 678", "079185001234"
PRIVATE = ["Chủ hồ sơ", "Người nộp", "Số điện thoại", "Số CCCD", "Ghi chú", "Cán bộ xử lý hiện tại"]


def _private(filer: str, **cells: str) -> list[str]:
    return [*row(**cells), OWNER, filer, PHONE, IDENTITY, f"lh {PHONE}", "Trần Văn Cán Bộ"]


@pytest.mark.parametrize("reader", [log, book])
@pytest.mark.parametrize("cells", [{}, {"c2": "31/06/2025"}, {"c4": "Lạ"}])
def test_no_value_of_a_person_leaves_the_reader(reader, cells):
    found = reader(_private("Trần Thị Cố Ý", **cells), header=[*HEADER, *PRIVATE])
    everything = output(found)
    for planted in (OWNER, "Cố Ý", "Cán Bộ", "0912", "345 678", "912345678", IDENTITY):
        assert planted not in everything
    personal = {one.column: one.value for one in found.found if one.rule == "column_personal"}
    assert personal == dict.fromkeys(PRIVATE, "")


def test_a_repair_in_a_column_of_persons_is_not_told_by_its_value():
    found = log([*row(), "Nguyễn\u00a0Thị Bé Tư"], header=[*HEADER, "Chủ hồ sơ"])
    assert "Bé Tư" not in output(found)


def test_a_telephone_in_the_place_of_a_code_keeps_the_row_out_and_is_covered():
    found = log(row(c0="0912345678"))
    assert refused(found) == [(2, "Số hồ sơ", "code_personal")]
    assert "0912345678" not in output(found)


def test_who_filed_and_a_hash_of_the_account_are_what_is_kept():
    found = log(
        _private(f"Bà {OWNER.upper()}"),
        _private("Người khác", c0="a-1"),
        header=[*HEADER, *PRIVATE],
    )
    assert values(found, "filer") == ["owner", "somebody_else"]
    first, second = values(found, "account")
    assert first == second
    assert len(first) == 16
    assert {"account_hashed", "filer_compared"} <= set(told(found))


def test_without_a_key_no_account_is_kept():
    found = log(_private(OWNER), header=[*HEADER, *PRIVATE], key=None)
    assert values(found, "account") == [None]
    assert "account_no_key" in told(found)


def test_a_register_tells_no_channel_and_takes_its_place_from_three_names():
    header = ["STT", "Mã hồ sơ", "Trích yếu", "Ngày tiếp nhận", "Ngày trả", "Địa bàn"]
    rows = [
        [
            "1",
            "12",
            "đơn xin",
            "03/05/2024",
            "",
            "Thị trấn Cần Giuộc - Huyện Cần Giuộc - Tỉnh Long An",
        ],
        ["2", "13", "đơn xin", "03/05/2024", "", "Xã Tân Tiến - Huyện Lạ - Tỉnh Long An"],
    ]
    found = log(*rows, header=header, by="register")
    assert values(found, "unit") == ["28159"]
    assert values(found, "channel") == [None]
    assert refused(found) == [(3, "Địa bàn", "unit_unknown")]


def test_a_national_record_adds_fees_and_takes_the_last_due_date():
    header = [
        "MaHoSo", "MaTTHC", "ChuHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo", "HinhThuc",
        "DanhSachLePhi", "DanhSachHoSoBoSung",
    ]  # fmt: skip
    fees = '[{"Gia": 8000}, {"Gia": "12000"}]'
    more = '[{"NgayBoSung": "2025-09-22", "NgayHenTraMoi": "2025-10-05"}]'
    start, due = "2025-09-20T17:00:00.000+0000", "2025-09-27T17:00:00.000+0000"
    found = log(
        ["000.00.53.H48-250921-0001", "1.001610", OWNER, start, due, "10", "2", fees, more],
        ["000.00.53.H48-250921-0002", "1.001610", OWNER, start, due, "4", "1", "[]", "{"],
        header=header,
        by="national_record",
        place=Place(agencies={"000.00.53.H48": "28159"}),
    )
    one = found.dossiers.to_pylist()[0]
    assert (one["unit"], one["status"], one["channel"], one["fee_due"], one["supplements"]) == (
        "28159", 10, "online", 20000.0, 1,
    )  # fmt: skip
    assert one["received"] == pd.Timestamp(2025, 9, 21)
    assert one["due"] == pd.Timestamp(2025, 10, 5)
    assert refused(found) == [(3, "DanhSachHoSoBoSung", "list_unreadable")]


def test_a_struck_row_is_kept_out_and_a_hidden_one_told():
    sheet = read_sheets(xlsx_bytes([HEADER, row(1), row(2), row(3)]), file="a.xlsx")[0]
    marked = replace(
        sheet, struck=frozenset({*((2, at) for at in range(6)), (3, 2)}), hidden=frozenset({1})
    )
    found = read_dossiers([marked], layout("office_list"), known=known(), key=None, place=Place())
    assert refused(found) == [(3, None, "row_struck"), (4, "Ngày tiếp nhận", "cell_struck")]
    assert [one.value for one in found.found if one.rule == "row_hidden"] == ["1"]


WAYS = {
    "dd/mm/yyyy": "%d/%m/%Y %H:%M",
    "seconds": "%d/%m/%Y %H:%M:%S",
    "dashes": "%d-%m-%Y %H:%M",
    "iso": "%Y-%m-%d %H:%M:%S",
    "offset": "%Y-%m-%dT%H:%M:%S+07:00",
}
_MOMENTS = st.datetimes(
    min_value=pd.Timestamp(2025, 7, 1).to_pydatetime(),
    max_value=pd.Timestamp(2026, 6, 30).to_pydatetime(),
).map(lambda one: one.replace(second=0, microsecond=0))
_COUNT = st.one_of(st.none(), st.integers(0, 10**6))


@st.composite
def _dossier(draw):
    return {
        "procedure": draw(st.sampled_from([None, "1.001610", "1.001612.000.00.00.H48"])),
        "unit": draw(st.sampled_from(["27694", "28159", "00123"])),
        "channel": draw(st.sampled_from([None, "counter", "online", "post"])),
        "level": draw(st.sampled_from([None, "full_process", "partial", "information"])),
        "status": draw(st.sampled_from([None, *range(1, 11)])),
        "received": draw(_MOMENTS),
        "due": draw(st.one_of(st.none(), _MOMENTS)),
        "completed": draw(st.one_of(st.none(), _MOMENTS)),
        "supplements": draw(_COUNT),
        "fee_due": draw(_COUNT),
        "paid": draw(st.sampled_from([None, "national_portal", "other_online", "not_online"])),
        "result_digitised": draw(st.sampled_from([None, 0, 1])),
        "filer": draw(st.sampled_from([None, "owner", "somebody_else"])),
    }


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(_dossier(), min_size=1, max_size=6),
    way=st.sampled_from(sorted(WAYS)),
    kind=st.sampled_from(["csv", "cp1258", "xlsx"]),
    titled=st.booleans(),
)
def test_any_dossiers_written_as_an_office_does_come_back_equal(rows, way, kind, titled):
    numbered = [
        {"dossier": f"000.00.53.H48-250921-{at:04d}", "agency": "000.00.53.H48", **one}
        for at, one in enumerate(rows)
    ]
    true = pa.Table.from_pandas(dossiers(numbered), schema=SCHEMA, preserve_index=False)
    written = office_rows(true, day=WAYS[way])
    lines = [written.column_names, *zip(*(one.to_pylist() for one in written.columns), strict=True)]
    if kind == "xlsx":
        above = [["DANH SÁCH HỒ SƠ"], []] if titled else []
        found = read(xlsx_bytes([*above, *map(list, lines)]), "a.xlsx")
    else:
        encoding = "utf-8-sig" if kind == "csv" else "cp1258"
        found = read(_encoded(lines, encoding), "a.csv")
    placed = ["file", "sheet", "row", "account"]
    assert found.rejected.empty
    assert found.dossiers.drop_columns(placed).equals(true.drop_columns(placed))


def _encoded(lines, encoding):
    raw = csv_bytes(lines, separator=";").decode()
    if encoding != "cp1258":
        return raw.encode(encoding)
    # The code page has letters with their mark of shape, and tones as letters of their own.
    parts = []
    for letter in raw:
        try:
            parts.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            apart = unicodedata.normalize("NFD", letter)
            tone = next(one for one in apart if one in "\u0300\u0301\u0303\u0309\u0323")
            bare = unicodedata.normalize("NFC", apart.replace(tone, ""))
            parts.append((bare + tone).encode("cp1258"))
    return b"".join(parts)


def test_a_column_of_one_more_fact_is_read_by_its_header():
    assert values(column("Nộp hộ", "Chính chủ", "Nộp thay", None), "filer") == [
        "owner", "somebody_else", None,
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_changes_nothing(encoding):
    raw = csv_bytes([HEADER, row()], separator=";").decode().encode(encoding)
    assert values(read(raw), "status") == [4]


def test_names_of_headers_in_tcvn3_are_read_and_told():
    lines = [HEADER, row(), *(row(at) for at in range(5))]
    raw = csv_bytes(lines, separator=";").decode()
    pairs = {tcvn3: letter for letter, tcvn3 in zip(_letters(raw), _tcvn3(raw), strict=True)}
    legacy = raw.translate({ord(letter): tcvn3 for tcvn3, letter in pairs.items()})
    found = read(legacy.encode("latin-1"))
    assert values(found, "channel") == ["online"] * 6
    assert "tcvn3" in told(found)


def _letters(text):
    return sorted({letter for letter in text if not letter.isascii()})


def _tcvn3(text):
    back = {from_tcvn3(chr(code)): chr(code) for code in range(0xA1, 0x100)}
    return [back[letter] if letter in back else back[letter.lower()] for letter in _letters(text)]


def test_the_date_system_of_1904_gives_the_days_it_shows():
    sheet = read_sheets(xlsx_bytes([HEADER, row(c2=44683, c3=None)]), file="a.xlsx")[0]
    found = read_dossiers(
        [replace(sheet, date1904=True)], layout("office_list"), known=known(), key=None,
        place=Place(),
    )  # fmt: skip
    assert values(found, "received") == [pd.Timestamp(2026, 5, 3)]


def test_a_screen_of_indicators_is_read_as_counts_of_units():
    rows = [
        ["CHỈ SỐ THÁNG 4/2026", *[None] * 4],
        ["Đơn vị", "Tổng số hồ sơ", "Hồ sơ trực tuyến", "Tỷ lệ hồ sơ trực tuyến", "Xếp hạng"],
        ["Phường Long An", "1.200", "600", "50,0%", "1"],
        ["Xã Cần Giuộc", "800", "200", "25,0%", "2"],
    ]
    screen = layout("kpi_screen").model_copy(update={"province": "80"})
    counts = read_counts(xlsx_bytes(rows), "a.xlsx", by=screen).counts
    assert counts[["unit", "received", "online"]].to_numpy().tolist() == [
        ["27694", 1200, 600], ["28159", 800, 200],
    ]  # fmt: skip
