"""Rows of a study to raw tables: what follows from the rest, and figures as they are printed."""

from __future__ import annotations

import pandas as pd
import pytest
import studied

from commune_pilots import schemas
from commune_pilots.sources.study_sheets import read_study_sheets
from commune_pilots.sources.study_tables import Known, build_tables

PLACE = "data/raw/studies/can_giuoc/can_giuoc.xlsx"


@pytest.fixture
def builder(press_tables, indicators):
    """Build the tables of a workbook; the rest of LONG_AN stands unless it is given."""
    known = Known(units=press_tables["units"], sources=frozenset({"001"}), indicators=indicators)

    def make(**tables):
        book = studied.filled_book({**studied.LONG_AN, **tables})
        filled, failures = read_study_sheets(studied.bytes_of(book), file=PLACE)
        assert failures == []
        return build_tables(filled, known, study="can_giuoc", place=PLACE, sha256="a" * 64)

    return make


def _figure(printed, qualifier=None, role="sau"):
    return [
        {
            "source": "bc1", "unit": "28159", "indicator": "online_share",
            "definition": "online_level34_assisted", "role": role, "printed": printed,
            "qualifier": qualifier,
        }
    ]  # fmt: skip


def test_every_table_keeps_its_contract_and_the_rows_of_its_sheet(builder):
    tables, numbers, failures = builder()
    assert failures == []
    for table, frame in tables.items():
        assert len(numbers[table]) == len(frame)
        schemas.check(frame, table)
    assert tables["sources"]["text_sha256"].tolist() == ["a" * 64]
    assert tables["pilots"]["programme"].tolist() == ["can_giuoc"] * 3
    assert numbers["observations"] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("printed", "value", "decimals"),
    [("16,8", 16.8, 1), ("2,0", 2.0, 1), ("98,08", 98.08, 2), ("99", 99.0, 0), ("0", 0.0, 0)],
)
def test_value_and_decimals_follow_from_the_figure_as_printed(builder, printed, value, decimals):
    tables, _, failures = builder(observations=_figure(printed))
    assert failures == []
    row = tables["observations"].iloc[0]
    assert (row["printed"], row["value"], row["decimals"]) == (printed, value, decimals)


@pytest.mark.parametrize(
    ("printed", "qualifier", "rule"),
    [
        ("16,8%", None, "study_figure_percent"),
        ("16,8 → 98,08", None, "study_figure_two"),
        ("16,8; 98,08", None, "study_figure_two"),
        ("trên 99", "trên", "study_figure_words"),
        ("16.8", None, "study_figure_dot"),
        ("nhiều", None, "figure"),
        (None, None, "study_figure_needed"),
        (None, "trên", "study_figure_needed"),
        ("5,0", "chưa có", "study_figure_none"),
        ("5,0", "không nêu số", "study_figure_none"),
    ],
)
def test_a_figure_that_is_not_one_has_its_own_sentence(builder, printed, qualifier, rule):
    tables, _, failures = builder(observations=_figure(printed, qualifier))
    assert [(one.row, one.column, one.rule) for one in failures] == [(2, "Con số như in", rule)]
    assert failures[0].sentence("vi") != failures[0].sentence("en")
    assert tables["observations"].empty


@pytest.mark.parametrize(
    ("printed", "qualifier", "role"),
    [
        ("chưa có", "chưa có", "trước"),
        (None, "chưa có", "trước"),
        (None, "không nêu số", "chỉ tiêu"),
        ("năm 2025", None, "thời hạn"),
        ("2025", None, "thời hạn"),
    ],
)
def test_what_has_no_number_has_no_value(builder, printed, qualifier, role):
    tables, _, failures = builder(observations=_figure(printed, qualifier, role))
    assert failures == []
    row = tables["observations"].iloc[0]
    assert pd.isna(row["value"])
    assert pd.isna(row["decimals"])
    assert (row["printed"] if printed else None) == printed


def test_a_part_is_within_its_whole(builder):
    counts = {"numerator": "1.200", "denominator": 1000}
    tables, _, failures = builder(observations=[_figure("98,08")[0] | counts])
    assert [(one.column, one.value, one.rule) for one in failures] == [("Tử số", "1.200", "most")]
    assert tables["observations"].empty
    tables, _, failures = builder(observations=[_figure("98,1")[0] | counts | {"numerator": 981}])
    assert failures == []
    assert tables["observations"][["numerator", "denominator"]].iloc[0].tolist() == [981, 1000]


def test_words_after_a_unit_code_are_a_name_that_the_code_had(builder):
    rows = [_figure("16,8")[0] | {"unit": f"28159 · {name}"} for name in (
        "xã cần giuộc", "Thị trấn Cần Giuộc", "Xã Dương Xuân Hội")]  # fmt: skip
    _, _, failures = builder(observations=rows)
    assert [(one.row, one.column, one.rule) for one in failures] == [
        (4, "Đơn vị", "study_reference_named")
    ]
    assert "mã 28159 là Thị trấn Cần Giuộc" in failures[0].sentence("vi")


def test_words_of_another_indicator_or_definition_are_refused_and_old_words_are_not(builder):
    fine = {
        "indicator": "online_share · tên cũ của chỉ số",
        "definition": "online_level34_assisted · mọi hồ sơ mức độ 3, 4 nộp trực tuyến, kể cả được "
        "hỗ trợ tại quầy",
    }
    assert builder(observations=[_figure("16,8")[0] | fine])[2] == []
    for column, words in (
        ("indicator", "online_share · Tỷ lệ hồ sơ giải quyết đúng hạn"),
        ("definition", "online_level34_assisted · chỉ hồ sơ phát sinh của các dịch vụ công trực "
         "tuyến toàn trình"),
    ):  # fmt: skip
        _, _, failures = builder(observations=[_figure("16,8")[0] | {column: words}])
        assert [one.rule for one in failures] == ["study_reference_named"]


def test_a_month_with_a_part_of_nothing_faults_the_whole(builder):
    month = {
        "source": "bc1", "unit": "28159", "indicator": "online_share",
        "definition": "online_level34_assisted", "month": "tháng 3/2024", "numerator": 5,
        "denominator": 0,
    }  # fmt: skip
    _, _, failures = builder(panel=[month])
    assert [(one.row, one.rule) for one in failures] == [(2, "study_denominator")]


def test_a_unit_of_the_sheet_may_be_named_as_it_stands_there(builder):
    units = "code | name | parent\n28240 | Xã đối chứng | 807"
    rows = [_figure("16,8")[0] | {"unit": "28240 · Xã đối chứng"}]
    assert builder(units=units, observations=rows)[2] == []


def test_a_start_keeps_how_much_of_it_is_known(builder):
    starts = ["15/03/2024", "03/2024", "2024", None]
    units = ["28159", "28237", "27691", "28240"]
    tables, _, _ = builder(
        units="code | name | parent\n28240 | Xã đối chứng | 807",
        pilots=[
            {"unit": unit, "arm": "đối chứng", "source": "bc1", "opened": start}
            for unit, start in zip(units, starts, strict=True)
        ],
    )
    pilots = tables["pilots"]
    assert pilots["opened_precision"].tolist() == ["day", "month", "year", "unknown"]
    assert pilots["opened"].dt.strftime("%d/%m/%Y").tolist()[:3] == [
        "15/03/2024", "01/03/2024", "01/01/2024",
    ]  # fmt: skip
    assert pd.isna(pilots["opened"].iloc[3])


def test_ids_follow_from_source_and_row(builder):
    tables, _, failures = builder(
        events=[{"source": "bc1", "unit": "80", "name_vi": "Giảm phí", "moves": "online_share"}],
        interventions=[
            {
                "source": "bc1", "unit": "28159", "pillar": "Chính quyền số", "name_vi": "Tổ",
                "evidence": "Không có", "need_vi": "Số hồ sơ theo tháng",
                "indicators": "online_share · Tỷ lệ; on_time_share",
            }
        ],
    )  # fmt: skip
    assert failures == []
    assert tables["events"]["event"].tolist() == ["bc1-e2"]
    assert tables["events"]["name_en"].tolist() == ["Giảm phí"]
    done = tables["interventions"].iloc[0]
    assert (done["intervention"], done["indicators"]) == ("bc1-i2", "online_share;on_time_share")
    assert tables["decisions"]["decision"].tolist() == ["study-d1"]


def test_a_candidate_takes_name_kind_and_provinces_from_the_units(builder):
    tables, _, failures = builder(
        units="""
            code  | name            | parent | valid_from
            27991 | Xã Cần Giuộc    | 80     | 01/07/2025
        """,
        candidates=[
            {
                "source": "bc1", "candidate": "27991 · Xã Cần Giuộc", "formers": "28159; 28160",
                "area_km2": "55,44", "population": "12.345", "online_share": "98,08",
                "definition": "online_level34_assisted",
            }
        ],
    )  # fmt: skip
    assert [(one.column, one.value) for one in failures] == [("Các xã cũ", "28159; 28160")]
    tables, _, failures = builder(
        candidates=[{"source": "bc1", "candidate": "28159", "area_km2": 55.44, "population": 12345}]
    )
    assert failures == []
    row = tables["candidates"].iloc[0]
    assert (row["name"], row["type"]) == ("Xã Cần Giuộc", "xã")
    assert (row["province"], row["former_province"], row["formers"]) == ("80", "80", "28159")
    assert (row["area_km2"], row["population"]) == (55.44, 12345)


def test_a_source_of_two_provinces_has_none(builder):
    rows = [*_figure("16,8"), _figure("16,8")[0] | {"unit": "01837"}]
    tables, _, _ = builder(observations=rows, pilots=[])
    assert tables["sources"]["province"].isna().all()
