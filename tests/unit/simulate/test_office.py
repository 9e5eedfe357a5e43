from __future__ import annotations

import pyarrow as pa
from logs import simulated, truth

from commune_pilots.simulate.office import DAY, office_rows


def _table():
    return pa.concat_tables(simulated(truth(400, dirt=0.0)))


def test_simulated_dossiers_are_written_under_the_headers_of_an_office():
    rows = office_rows(_table())
    assert rows.num_rows == 400
    assert {"Số hồ sơ", "Ngày tiếp nhận", "Trạng thái", "Hình thức nộp"} <= set(rows.column_names)
    assert set(map(str, rows.schema.types)) == {"string"}


def test_words_days_and_sums_are_those_of_an_office():
    table = _table()
    rows, true = office_rows(table).to_pylist(), table.to_pylist()
    words = {"counter": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính"}
    for row, one in zip(rows, true, strict=True):
        assert row["Hình thức nộp"] == words[one["channel"]]
        assert row["Ngày tiếp nhận"] == one["received"].strftime(DAY)
        assert row["Phí phải nộp"] == str(int(one["fee_due"]))
        assert (row["Ngày trả kết quả"] is None) == (one["returned"] is None)


def test_what_an_office_has_no_word_for_stands_as_it_is():
    table = _table().slice(0, 1)
    at = table.schema.get_field_index("channel")
    spoilt = table.set_column(at, "channel", pa.array(["Bồ câu"]))
    assert office_rows(spoilt)["Hình thức nộp"].to_pylist() == ["Bồ câu"]
