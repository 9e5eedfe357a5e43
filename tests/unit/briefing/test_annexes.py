from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_called, table_rows, text_of

from commune_pilots.briefing import annexes


def _parsed(block):
    return BeautifulSoup(block._repr_html_(), "html.parser")


@pytest.fixture(scope="module", params=PRESS_RUNS)
def run(request):
    return request.param


def test_the_annexes_come_in_order_and_leave_c_to_the_export(run):
    page = _parsed(annexes.all_annexes(findings_of(run)))
    letters = [text_of(heading)[8] for heading in page.find_all("h2")]
    assert letters == ["A", "B", "D", "E", "F"]


def test_the_method_names_the_parameters_used(run):
    shown = text_of(_parsed(annexes.method_annex(findings_of(run))))
    assert "0,05" in shown
    assert "10 điểm phần trăm" in shown
    for part in ("A1", "A2", "M2"):
        assert part in shown


def test_the_method_words_the_rounding_in_vietnamese(run):
    assert "nearest" not in text_of(_parsed(annexes.method_annex(findings_of(run))))


def test_contrasts_and_checks_are_listed_only_where_there_are_any(run):
    findings = findings_of(run)
    captions = [
        text_of(found) for found in _parsed(annexes.data_annex(findings)).find_all("caption")
    ]
    named = " ".join(captions)
    assert ("Bảng B1" in named) == bool(findings.contrasts)
    assert ("Bảng B3" in named) == bool(findings.contrasts)
    assert "Bảng B2" in named
    assert "Bảng B4" in named


def test_tables_that_figures_link_to_carry_their_anchor(run):
    page = _parsed(annexes.data_annex(findings_of(run)))
    for anchor in ("t-levels", "t-evidence"):
        assert page.find(id=anchor).find("table")


def test_nothing_is_said_to_be_ruled_out_where_the_check_did_not_pass(run):
    findings = findings_of(run)
    if not findings.contrasts:
        assert "đã loại trừ" not in text_of(_parsed(annexes.data_annex(findings)))
        return
    rows = table_rows(table_called(_parsed(annexes.data_annex(findings)), "Bảng B3."))
    outcomes = findings["checks"]["outcome"].tolist()
    assert [row[2] == "đã loại trừ" for row in rows] == [found == "passed" for found in outcomes]


def test_every_contrast_is_held_against_twelve_rival_explanations(run):
    contrasts = findings_of(run).contrasts
    if not contrasts:
        return
    page = _parsed(annexes.data_annex(findings_of(run)))
    units = [row[1] for row in table_rows(table_called(page, "Bảng B3."))]
    assert units == [contrast["unit_name"] for contrast in contrasts for _ in range(12)]


def test_the_tables_of_a_contrast_come_in_order(run):
    findings = findings_of(run)
    page = _parsed(annexes.data_annex(findings))
    names = re.findall(r"Bảng (B\w+)\.", " ".join(map(text_of, page.find_all("caption"))))
    kept = ["B1", "B1b", "B1c", "B1d", "B2", "B3", "B3b", "B4", "B4b", "B5", "B6"]
    pooled = ["B7"] if (findings["pooled"]["outcome"] == "pooled").any() else []
    shown = [*kept, *pooled] if findings.contrasts else ["B2", "B4", "B4b", "B5"]
    assert names == shown


def test_a_run_of_costs_and_months_has_tables_b8_to_b11_too():
    page = _parsed(annexes.data_annex(findings_of("smoke")))
    names = re.findall(r"Bảng (B\w+)\.", " ".join(map(text_of, page.find_all("caption"))))
    assert names[-6:] == ["B6", "B7", "B8", "B9", "B10", "B11"]
    for anchor in ("t-stress", "t-pooled", "t-outlook", "t-series", "t-effects"):
        assert page.find(id=anchor).find("table")


def test_the_method_says_how_the_next_commune_is_told_and_what_the_rule_asks(run):
    shown = text_of(_parsed(annexes.method_annex(findings_of(run))))
    assert "phương pháp M8" in shown
    assert "phương pháp M6" in shown
    assert "ít nhất 50% số xã thí điểm" in shown
    assert "cận thấp nhất" in shown
    assert "mức tăng chung" in shown
    assert "xác suất 80%" in shown


def test_the_assumptions_that_numbers_rest_on_are_listed_with_the_method(run):
    page = _parsed(annexes.method_annex(findings_of(run)))
    rows = table_rows(table_called(page, "Các giả định"))
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=lambda a: int(a[1:]))
    assert all(page.find(id=f"as-{row[0]}") for row in rows)


def test_the_method_gives_the_reason_of_every_grade(run):
    findings = findings_of(run)
    shown = [text_of(item) for item in _parsed(annexes.method_annex(findings)).find_all("li")]
    assert [line.partition(":")[0] for line in shown] == [
        contrast["unit_name"] for contrast in findings.contrasts
    ]
    assert all(len(line.partition(":")[2]) > 20 for line in shown)


def test_a_p_value_is_never_printed_as_zero():
    page = text_of(_parsed(annexes.data_annex(findings_of("long_an"))))
    assert "p < 0,001" in page
    assert not re.search(r"p = 0,0+(?!\d)", page)


def test_saturated_and_bounded_levels_are_marked():
    page = _parsed(annexes.data_annex(findings_of("long_an")))
    marks = {(row[0], row[2]): row[4] for row in table_rows(table_called(page, "Bảng B2"))}
    assert marks["Tỷ lệ văn bản được ký số", "100%"] == "đã bão hòa"
    assert marks["Tỷ lệ hộ gia đình dùng ví điện tử", "trên 18%"] == "chỉ là cận"


def test_an_implied_denominator_is_given_as_a_range():
    page = _parsed(annexes.data_annex(findings_of("hau_giang")))
    marks = [row[4] for row in table_rows(table_called(page, "Bảng B2"))]
    assert any("193.940" in mark and "206.451" in mark for mark in marks)


def test_national_context_is_one_series_a_definition(run):
    page = _parsed(annexes.data_annex(findings_of(run)))
    rows = table_rows(table_called(page, "Bảng B5"))
    kinds = [(row[0], row[1]) for row in rows]
    together = [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]
    assert len(together) == len(set(kinds))


def test_index_weights_are_not_called_percentage_points(run):
    page = _parsed(annexes.data_annex(findings_of(run)))
    weights = [row for row in table_rows(table_called(page, "Bảng B5")) if "Trọng số" in row[0]]
    assert weights
    assert not any("phần trăm" in row[3] for row in weights)


def test_what_to_collect_lists_every_measure_with_source_and_paragraph(run):
    findings = findings_of(run)
    rows = table_rows(table_called(_parsed(annexes.data_annex(findings)), "Mỗi hệ thống"))
    assert len(rows) == len(findings.interventions)
    assert all(row[3] for row in rows)
    assert all(re.fullmatch(r"\d{3} ?, \d+", row[4]) for row in rows)


def test_the_glossary_gives_every_term_a_text(run):
    page = _parsed(annexes.glossary_annex(findings_of(run)))
    terms, texts = page.find_all("dt"), page.find_all("dd")
    assert len(terms) == len(texts) >= 5
    assert all(text_of(part) for part in [*terms, *texts])


def test_every_old_unit_has_its_successor_or_keeps_its_name(run):
    findings = findings_of(run)
    rows = table_rows(table_called(_parsed(annexes.units_annex(findings)), "Bảng E1"))
    named = {row["unit"] for row in findings.own} | {row["unit"] for row in findings.pilots}
    assert {row[1] for row in rows} == named
    assert not any(re.match(r"\(", row[2]) for row in rows)


def test_every_figure_has_source_paragraph_and_row_in_one_of_two_tables(run):
    """The national ones stand in B5 under their definition, all others in F1."""
    findings = findings_of(run)
    own = [name for name, row in findings.figures.items() if row["scope"] != "country"]
    table = table_called(_parsed(annexes.sources_annex(findings)), "Bảng F1")
    assert "observations.csv" in text_of(table.caption)
    anchors = [row["id"] for row in table.find("tbody").find_all("tr")]
    assert anchors == [f"o-{name}" for name in own]
    context = table_called(_parsed(annexes.data_annex(findings)), "Bảng B5")
    anchors += [row["id"] for row in context.find("tbody").find_all("tr")]
    assert sorted(anchors) == sorted(f"o-{name}" for name in findings.figures)
    for row, name in zip(table_rows(table), own, strict=True):
        figure = findings.figures[name]
        assert row[4].startswith(figure["source"])
        assert row[5].replace(".", "") == str(figure["row"])
        if figure["source"] in findings.run.sources:
            assert re.search(r", [1-9]\d*$", row[4])


def test_figures_are_shown_as_printed_beside_their_value():
    findings = findings_of("hau_giang")
    table = table_called(_parsed(annexes.sources_annex(findings)), "Bảng F1")
    shown = {tuple(row[1:3]) for row in table_rows(table)}
    assert {("hơn 59.000", "59 ngàn"), ("17/63", "17/63"), ("1", "hạng nhất")} <= shown


def test_every_source_has_an_anchor_and_its_english_title_is_marked(run):
    findings = findings_of(run)
    page = _parsed(annexes.sources_annex(findings))
    for source in findings["sources"]["source"]:
        assert page.find(id=f"s-{source}").find("span", lang="en")


def test_a_figure_of_a_study_names_workbook_sheet_and_row():
    findings = findings_of("long_an")
    book = "data/raw/studies/can_giuoc/can_giuoc.xlsx"
    own = findings["sources"]["source"] == "001"
    studied = replace(
        findings,
        tables={
            **findings.tables,
            "sources": findings["sources"].assign(
                text_file=findings["sources"]["text_file"].mask(own, book)
            ),
            "observations": findings["observations"].assign(file=f"{book} > Số liệu"),
        },
    )
    page = _parsed(annexes.sources_annex(studied))
    table = table_called(page, "Bảng F1")
    assert "trong sổ, trang và dòng" in text_of(table.caption)
    rows = [int(row["row"]) for row in findings.figures.values() if row["scope"] != "country"]
    assert [row[5] for row in table_rows(table)] == [
        f"can_giuoc.xlsx, Số liệu, {row}" for row in rows
    ]
    assert page.find(id="s-001").find("span")["lang"] == "vi"
    assert page.find(id="s-ctx-vietnamnet-en").find("span")["lang"] == "en"
