"""What is asked for: complete, in counts, and readable again when it comes back."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pandas as pd
import pytest
from asked import EVERY_RUN, asked_of, changed, interventions, units
from built import PRESS_RUNS
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.briefing import data_request
from commune_pilots.briefing.data_request import (
    BLANKS,
    CODES,
    PERIODS,
    WORDS,
    count_names,
    definitions_asked,
    indicators_of,
    intervention_lines,
    merged,
    pilot_lines,
    place_of,
    request_csv,
    request_writer,
)

WRITE = request_writer(asked_of("long_an"))
HEADER = [
    "ma_du_lieu", "ma_bien_phap", "ma_chi_so", "ma_cach_dem", "ma_don_vi", "ma_ky",
    "Hệ thống, biện pháp", "Chỉ số", "Cách đếm", "Đơn vị đến 30/6/2025", "Đơn vị từ 1/7/2025",
    "Kỳ", "Đã in", "Tử số hoặc giá trị là", "Mẫu số là",
    "Từ ngày", "Đến ngày", "Tử số hoặc giá trị", "Mẫu số", "Ngày bắt đầu", "Ghi chú",
]  # fmt: skip


@pytest.fixture(params=EVERY_RUN)
def asked(request):
    return asked_of(request.param)


def _sheet(findings):
    """Read the file back as a later ingest would: everything as text, blanks as missing."""
    text = request_csv(findings).decode("utf-8-sig")
    return pd.read_csv(io.StringIO(text), sep=";", dtype=str)


def _every_line(findings):
    pilots = pilot_lines(findings)
    yield from (line for lines in pilots.values() for line in lines)
    for row in findings.interventions:
        yield from intervention_lines(findings, row, elsewhere=pilots)


def _printed(findings, kind):
    return {
        (line.unit, line.period): data_request.printed(findings, line, WRITE)
        for line in pilot_lines(findings)[kind]
    }


# Pilot communes


def test_each_pair_of_long_an_is_filled_in_as_printed_and_asked_of_all_three_communes():
    assert _printed(asked_of("long_an"), ("online_share", "online_level34_assisted")) == {
        ("28159", "before"): "16,8%",
        ("28159", "after"): "98,08%",
        ("28237", "before"): "18,98%",
        ("28237", "after"): "86,41%",
        ("27691", "before"): "chưa có",
        ("27691", "after"): "53,53%",
    }


def test_all_eight_communes_of_bac_kan_are_asked_though_two_have_a_pair():
    printed = _printed(asked_of("bac_kan"), ("payment_share", "payment_fees_all_dossiers"))
    assert len(printed) == 8 * len(PERIODS)
    assert {key: value for key, value in printed.items() if value} == {
        ("01837", "before"): "0,1%",
        ("01837", "after"): "10,7%",
        ("02017", "before"): "2,0%",
        ("02017", "after"): "8,3%",
    }


@pytest.mark.parametrize("run", ["hau_giang", "cao_bang"])
def test_a_run_without_pilots_asks_no_commune_for_a_pair(run):
    assert pilot_lines(asked_of(run)) == {}


def test_a_figure_of_one_time_only_makes_no_pair():
    kinds = {kind[0] for kind in pilot_lines(asked_of("bac_kan"))}
    assert kinds == {"payment_share"}


def test_a_line_of_pilots_answers_for_every_intervention_that_names_the_indicator():
    findings = asked_of("bac_kan")
    naming = {
        row["intervention"]
        for row in findings.interventions
        if "payment_share" in indicators_of(row)
    }
    (lines,) = pilot_lines(findings).values()
    assert all(set(line.interventions) == naming for line in lines)
    assert len(naming) > 1


def test_the_period_of_a_printed_figure_is_filled_in_where_its_source_gives_one():
    findings = asked_of("long_an")
    (lines,) = pilot_lines(findings).values()
    told = {data_request.period_printed(findings, line, WRITE) for line in lines}
    assert told == {"2021", ""}


def test_a_line_without_a_figure_has_neither_a_value_nor_a_period():
    findings = asked_of("bac_kan")
    (lines,) = pilot_lines(findings).values()
    bare = [line for line in lines if line.observation is None]
    assert bare
    assert {data_request.printed(findings, line, WRITE) for line in bare} == {""}
    assert {data_request.period_printed(findings, line, WRITE) for line in bare} == {""}


# Interventions


def test_every_intervention_of_the_register_is_asked_for_in_its_run():
    named = [
        name
        for run in PRESS_RUNS
        for name in {name for line in _every_line(asked_of(run)) for name in line.interventions}
    ]
    register = [row["intervention"] for run in PRESS_RUNS for row in asked_of(run).interventions]
    assert sorted(named) == sorted(register)
    assert len(register) == 102


def test_no_line_is_asked_twice(asked):
    keys = [(line.interventions, line.kind, line.unit, line.period) for line in _every_line(asked)]
    assert max(Counter(keys).values()) == 1


def test_each_intervention_is_asked_for_both_periods_of_each_kind(asked):
    for row in asked.interventions:
        periods = Counter(line.kind for line in intervention_lines(asked, row))
        assert set(periods.values()) == {len(PERIODS)}


def test_each_indicator_of_an_intervention_is_asked_for(asked):
    for row in asked.interventions:
        if named := indicators_of(row):
            lines = intervention_lines(asked, row)
            assert {line.kind[0] for line in lines} == set(named)


def test_what_the_pilots_are_asked_is_not_asked_again(asked):
    pilots = pilot_lines(asked)
    again = [
        line
        for row in asked.interventions
        for line in intervention_lines(asked, row, elsewhere=pilots)
        if line.kind in pilots
    ]
    assert again == []


def test_an_intervention_without_an_indicator_leaves_it_to_whoever_answers():
    findings = changed(
        asked_of("long_an"), interventions=interventions("intervention indicators\n001-x -")
    )
    (row,) = findings.interventions
    lines = intervention_lines(findings, row)
    assert [(line.kind, line.unit, line.period) for line in lines] == [
        (("", ""), "80", "before"),
        (("", ""), "80", "after"),
    ]


def test_an_intervention_that_the_pilots_answer_for_whole_has_no_lines_of_its_own():
    findings = changed(asked_of("long_an"), interventions=interventions("intervention\n001-x"))
    (row,) = findings.interventions
    assert intervention_lines(findings, row, elsewhere=pilot_lines(findings)) == []


# Definitions


def test_the_runs_own_definition_is_asked_for_and_no_other():
    assert definitions_asked(asked_of("long_an"), "online_share") == ["online_level34_assisted"]
    assert definitions_asked(asked_of("bac_kan"), "online_share") == ["online_full_process"]


def test_where_nothing_is_printed_every_definition_a_province_can_count_is_offered():
    offered = definitions_asked(asked_of("cao_bang"), "online_share")
    assert offered == ["online_remote_only", "online_level34_assisted", "online_full_process"]


def test_a_definition_that_only_national_figures_use_is_never_asked_for():
    for run in PRESS_RUNS:
        findings = asked_of(run)
        national = {row["definition"] for row in findings.context}
        own = {row["definition"] for row in findings.own}
        asked = {line.kind[1] for line in _every_line(findings)}
        assert national
        assert asked & (national - own) == set()


def test_every_kind_asked_for_is_in_the_catalogue_of_indicators(asked):
    kinds = {line.kind for line in _every_line(asked)} - {("", "")}
    assert kinds
    assert all(kind[1] in asked.indicators[kind[0]].definitions for kind in kinds)


# Counts, never percentages


def test_the_counts_of_a_pair_are_dossiers_above_and_below():
    findings = asked_of("long_an")
    assert count_names(("online_share", "d"), findings, WRITE) == (
        "Số hồ sơ nộp trực tuyến",
        "Tổng số hồ sơ tiếp nhận",
    )
    assert count_names(("payment_share", "d"), findings, WRITE)[1].endswith("phí, lệ phí")


@pytest.mark.parametrize("unit", ["percent", "points", "count", "rank", "score", "text"])
def test_each_measure_says_what_to_write_and_whether_anything_is_divided(unit):
    findings = asked_of("long_an")
    indicator = next(
        name
        for name, found in findings.indicators.items()
        if found.unit == unit and name not in ("online_share", "payment_share")
    )
    above, below = count_names((indicator, ""), findings, WRITE)
    assert above
    assert bool(below) == (unit not in ("count", "text"))


def test_no_line_asks_for_a_percentage(asked):
    for line in _every_line(asked):
        asked_for = " ".join(count_names(line.kind, asked, WRITE))
        assert "%" not in asked_for
        assert "tỷ lệ" not in asked_for.lower()


# Units then and now


def test_a_unit_that_is_no_more_is_named_with_what_it_is_part_of():
    today = merged(units())
    assert today == {"80": "Tỉnh Tây Ninh", "807": None, "28159": "Xã Ba", "02071": "Xã Nghĩa Tá"}
    assert place_of("28159", "Thị trấn Hai", today, WRITE) == "Thị trấn Hai (nay thuộc Xã Ba)"


def test_a_merged_unit_whose_name_stayed_is_not_taken_for_the_new_one():
    place = place_of("02071", "Xã Nghĩa Tá", merged(units()), WRITE)
    assert place == "Xã Nghĩa Tá (nay thuộc Xã Nghĩa Tá)"


def test_a_district_is_said_to_have_ended_and_a_unit_that_stands_is_named_alone():
    today = merged(units())
    assert "kết thúc 30/6/2025" in place_of("807", "Huyện Một", today, WRITE)
    assert place_of("04", "Tỉnh Cao Bằng", today, WRITE) == "Tỉnh Cao Bằng"


def test_the_order_of_the_rows_does_not_change_what_a_unit_became():
    shuffled = units().iloc[::-1].reset_index(drop=True)
    assert merged(shuffled) == merged(units())


def test_the_table_of_units_is_not_changed():
    before = units()
    given_table = before.copy()
    merged(given_table)
    pd.testing.assert_frame_equal(given_table, before)


# The file


def test_the_file_opens_in_excel_with_vietnamese_letters_and_columns(asked):
    content = request_csv(asked)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n")
    text = content.decode("utf-8-sig")
    assert {len(row) for row in csv.reader(io.StringIO(text), delimiter=";")} == {len(HEADER)}


def test_the_header_is_fixed_because_a_later_reading_rests_on_it(asked):
    assert list(_sheet(asked).columns) == HEADER
    assert len(HEADER) == len(CODES) + len(WORDS) + len(BLANKS)


def test_the_codes_of_a_line_read_back_as_the_line(asked):
    sheet = _sheet(asked).fillna("")
    read = [tuple(row) for row in sheet[list(CODES)].itertuples(index=False)]
    assert read == [
        (
            asked.run.data,
            ",".join(line.interventions),
            *line.kind,
            f"dv-{line.unit}",
            line.period,
        )
        for line in _every_line(asked)
    ]


def test_no_code_can_be_read_as_a_number_or_a_date(asked):
    sheet = _sheet(asked)
    codes = sheet[list(CODES)].stack()
    assert not codes.str.fullmatch(r"[\d.,/\-]+").any()


def test_what_is_to_be_filled_in_is_blank(asked):
    assert _sheet(asked)[HEADER[-len(BLANKS) :]].isna().all(axis=None)


def test_the_words_of_a_line_say_what_is_asked_without_the_form():
    sheet = _sheet(asked_of("long_an"))
    first = sheet.iloc[0]
    assert first["Đơn vị đến 30/6/2025"] == "Thị trấn Cần Giuộc"
    assert first["Đơn vị từ 1/7/2025"] == "Xã Cần Giuộc"
    assert first["Kỳ"] == "Trước 2021"
    assert first["Đã in"] == "16,8%"
    assert first["Chỉ số"] == "Tỷ lệ hồ sơ nộp trực tuyến"
    assert first["Cách đếm"].startswith("mọi hồ sơ mức độ 3, 4")
    assert sheet["Hệ thống, biện pháp"].notna().all()


def test_simulated_lines_say_so_in_every_row_and_press_lines_never():
    assert set(_sheet(asked_of("smoke"))["ma_du_lieu"]) == {"simulated"}
    for run in PRESS_RUNS:
        assert set(_sheet(asked_of(run))["ma_du_lieu"]) == {"press"}


def test_the_same_findings_make_the_same_bytes(asked):
    assert request_csv(asked) == request_csv(asked)


def test_the_tables_of_the_run_are_not_changed(asked):
    before = {name: frame.copy(deep=True) for name, frame in asked.tables.items()}
    request_csv(asked)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(asked.tables[name], frame)


@settings(max_examples=20)
@given(start=st.sampled_from(["=", "+", "-", "@"]), rest=st.text("a;\"'1,", max_size=8))
def test_no_text_of_the_register_runs_as_a_formula_or_breaks_the_columns(start, rest):
    hostile = f"{start}{rest}"
    register = interventions("intervention indicators\n001-x -").assign(name_vi=hostile)
    sheet = _sheet(changed(asked_of("long_an"), interventions=register))
    own = sheet[sheet["ma_bien_phap"] == "001-x"]
    assert set(own["Hệ thống, biện pháp"]) == {f"'{hostile}"}
    assert len(own) == len(PERIODS)
