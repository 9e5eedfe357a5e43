from __future__ import annotations

import pytest
from office_logs import HEADER, book, column, log, refused, row, told, values

from commune_pilots.errors import InputError


def _codes(*cells, reader=book):
    return reader(*(row(at, c0=cell) for at, cell in enumerate(cells)))


@pytest.mark.parametrize("text", ["1E05", "NULL-1", "NAN-2", "0000012", "H48-250921-0099"])
def test_a_code_is_the_text_that_was_typed(text):
    assert values(_codes(text), "dossier") == [text]


@pytest.mark.parametrize("text", ["h48-250921-0099", "H48 - 250921 - 0099", "H48–250921–0099 "])
def test_one_dossier_has_one_code_whatever_its_case_spaces_and_dashes(text):
    assert values(_codes(text), "dossier") == ["H48-250921-0099"]


def test_a_name_in_the_place_of_a_code_keeps_its_row_out_and_is_covered():
    found = _codes("Trần Thị Bưởi 1990", "H48-250921-0099")
    assert values(found, "dossier") == ["H48-250921-0099"]
    assert found.rejected[["rule", "value"]].values.tolist() == [["code_personal", "Trần ••• 1990"]]


def test_a_person_named_in_a_procedure_is_not_kept():
    found = column("Tên TTHC", "Chứng thực cho ông Trần Văn Bưởi")
    assert values(found, "procedure") == ["Chứng thực cho ông Trần •••"]


@pytest.mark.parametrize("text", ["Null", "nan", "None"])
def test_a_word_that_programs_take_for_nothing_stays_text(text):
    assert values(column("Tên TTHC", text), "procedure") == [text]


def test_a_code_in_a_number_cell_is_told():
    found = _codes(12345)
    assert values(found, "dossier") == ["12345"]
    assert told(found)["code_is_number"] == "Số hồ sơ"


@pytest.mark.parametrize("cell", [1234567890123456, "1.23457E+15"])
def test_codes_whose_digits_a_spreadsheet_cut_refuse_the_file(cell):
    with pytest.raises(InputError, match="has lost its last digits"):
        _codes("a-1", cell)


def test_a_code_that_became_a_day_or_a_truth_value_refuses_the_file():
    import datetime as dt

    with pytest.raises(InputError, match="turned the code into a day"):
        _codes(dt.datetime(2026, 5, 3))
    with pytest.raises(InputError, match="truth value"):
        column("Mã TTHC", True)


def test_a_procedure_in_a_number_cell_gets_its_last_zero_back():
    found = column("Mã TTHC", 1.00161)
    assert values(found, "procedure") == ["1.001610"]
    assert told(found)["code_decimals"] == "Mã TTHC"
    with pytest.raises(InputError, match="fraction"):
        column("Mã TTHC", 1.00161234)


def test_the_name_of_a_procedure_serves_where_there_is_no_code():
    assert values(column("Tên TTHC", "Khai sinh"), "procedure") == ["Khai sinh"]
    both = book([*row(), "1.001610", "Khai sinh"], header=[*HEADER, "Mã TTHC", "Tên TTHC"])
    assert values(both, "procedure") == ["1.001610"]


@pytest.mark.parametrize("cell", ["#REF!", "#N/A"])
def test_a_failed_formula_keeps_its_row_out(cell):
    assert refused(_codes(cell, "a-123")) == [(2, "Số hồ sơ", "error_cell")]


@pytest.mark.parametrize("cell", ["<script>alert(1)</script>", "../../etc", "=cmd()"])
def test_a_hostile_cell_refuses_the_file(cell):
    with pytest.raises(InputError, match="column “Mã xã”"):
        log(row(c1=cell))


@pytest.mark.parametrize(
    ("header", "written", "name", "value"),
    [
        ("Mức độ", "TOÀN TRÌNH", "level", "full_process"),
        ("Mức độ", "4", "level", "full_process"),
        ("Mức độ", 3.0, "level", "partial"),
        ("Mức độ", "Mức độ 2", "level", "information"),
        ("Hình thức thanh toán", "Chuyển khoản", "paid", "other_online"),
        ("Kết quả đã số hóa", "Có", "result_digitised", 1),
        ("Số hoá kết quả", "Không", "result_digitised", 0),
        ("Mức độ", None, "level", None),
        ("Mức độ", "-", "level", None),
    ],
)
def test_a_word_means_what_the_layout_says(header, written, name, value):
    assert values(column(header, written), name) == [value]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Mới tiếp nhận", 2),
        ("Đang giải quyết", 4),
        ("Chờ xử lí", 2),
        ("Đã hoàn thành", 9),
        ("10", 10),
    ],
)
def test_a_status_in_words_is_its_code_of_the_national_record(word, code):
    assert values(log(row(c4=word)), "status") == [code]


@pytest.mark.parametrize("word", ["Quá hạn", "Tạm dừng", "Đã hủy"])
def test_a_word_that_says_no_one_state_leaves_the_status_missing_and_is_told(word):
    found = log(row(1, c4=word), row(2, c4=word), row(3))
    assert values(found, "status") == [None, None, 4]
    assert [one.value for one in found.found if one.rule == "value_silent"] == [f"{word}: 2"]


def test_an_unknown_word_keeps_its_row_out_with_the_words_that_are_known():
    found = log(row(c5="Fax"))
    assert refused(found) == [(2, "Hình thức nộp", "value_unknown")]
    assert "Trực tuyến" in found.rejected["message_vi"][0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("20.000", 20000.0), ("20.000 đồng", 20000.0), ("20000đ", 20000.0), ("20,000 VND", 20000.0),
        ("Miễn phí", 0.0), ("KPS", 0.0), (8000, 8000.0), (None, None), ("-", None),
    ],
)  # fmt: skip
def test_a_fee_is_read_in_whole_dong(written, value):
    assert values(column("Phí phải nộp", written), "fee_due") == [value]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("hai mươi", "not_a_number"), (-5, "negative"), ("-5", "negative"), (1.5, "count_fraction"),
        ("1O0", "letter_for_digit"), (True, "day_in_numbers"),
    ],
)  # fmt: skip
def test_what_is_no_sum_keeps_its_row_out(written, rule):
    found = column("Phí phải nộp", 8000, written, "9.000")
    assert refused(found) == [(3, "Phí phải nộp", rule)]
    assert values(found, "fee_due") == [8000.0, 9000.0]


def test_marks_of_two_styles_in_one_column_refuse_the_file():
    with pytest.raises(InputError, match="two styles"):
        column("Phí phải nộp", "1.234.567", "1,234,567")
