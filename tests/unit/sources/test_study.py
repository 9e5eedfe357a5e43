"""A study beside the press tables: the same figures give the same results, faults their places."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
import studied
from built import ROOT
from openpyxl.styles import Font

from commune_pilots import catalogue, schemas, simulate, store
from commune_pilots.clean import scope
from commune_pilots.contracts import workbook
from commune_pilots.effects import contrast, coverage, designs, pairing
from commune_pilots.errors import ContractError, InputError, ParameterError
from commune_pilots.params import load_run
from commune_pilots.sources import raw
from commune_pilots.sources.study import add_study, study_sources
from commune_pilots.sources.study_units import LEVELS

BOOK = "data/raw/studies/can_giuoc/can_giuoc.xlsx"
TERMS = contrast.Terms(rounding="nearest", least_dossiers=1, alpha=0.05)


@pytest.fixture
def layout(tmp_path):
    return store.Layout(tmp_path)


@pytest.fixture
def reader(layout, press_tables, indicators):
    """Put a study on the disk and read it beside the press tables."""

    def read(tables=studied.LONG_AN, *, change=None, taken=()):
        studied.put_study(layout, tables, change=change)
        return add_study(press_tables, studied.STUDY, layout, indicators, taken=taken)

    return read


def _faults(reader, **asked):
    with pytest.raises(ContractError) as caught:
        reader(**asked)
    return caught.value.failures


def _told(failure):
    return failure.file.rpartition(" > ")[2], failure.row, failure.column, failure.rule


def _contrasts(tables, sources):
    kept, _ = scope.keep_scope(tables, sources=sources, units=[], province="80")
    seen = kept["observations"]
    names = coverage.unit_names(kept["units"])
    return pairing.contrast_all(seen, names, TERMS, indicators=["online_share"])


def test_the_figures_of_long_an_give_what_the_press_rows_give(reader, press_tables):
    typed = _contrasts(reader(), [])
    printed = _contrasts(press_tables, ["001"])
    ids = ["contrast", "before_observation", "after_observation", "source"]
    assert len(printed) == 3
    order = ["unit"]
    pd.testing.assert_frame_equal(
        typed.drop(columns=ids, errors="ignore").sort_values(order, ignore_index=True),
        printed.drop(columns=ids, errors="ignore").sort_values(order, ignore_index=True),
    )


def test_every_figure_is_the_same_as_printed(reader, press_tables):
    def figures(tables, source):
        rows = tables["observations"]
        rows = rows[(rows["source"] == source) & (rows["indicator"] == "online_share")]
        told = ["unit", "role", "printed", "value", "decimals", "qualifier", "period_start"]
        return rows[told].sort_values(["unit", "role"], ignore_index=True)

    pd.testing.assert_frame_equal(figures(reader(), "bc1"), figures(press_tables, "001"))


def test_rows_stand_beside_the_press_rows_and_name_workbook_sheet_and_row(reader, press_tables):
    found = reader()
    for table, frame in press_tables.items():
        pd.testing.assert_frame_equal(found[table].head(len(frame)), frame)
        assert len(found[table]) >= len(frame)
        schemas.check(found[table], table)
    own = found["observations"].tail(6)
    assert own["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert set(own["file"]) == {f"{BOOK} > Số liệu"}
    assert own["observation"].tolist()[:2] == ["bc1-s2", "bc1-s3"]
    assert study_sources(found["sources"]) == ["bc1"]
    source = found["sources"].iloc[-1]
    assert (source["text_file"], source["province"]) == (BOOK, "80")
    assert found["decisions"]["decision"].iloc[-1] == workbook.FIRST_DECISION


def test_an_empty_english_cell_takes_the_vietnamese_text(reader):
    asked = reader()["decisions"].iloc[-1]
    assert asked["question_en"] == asked["question_vi"] == "Có nhân rộng mô hình không?"
    assert asked["decider_en"] == asked["decider_vi"]


def test_no_study_leaves_the_tables_as_they_are(press_tables, layout, indicators):
    assert add_study(press_tables, "", layout, indicators) is press_tables


def test_a_workbook_that_is_not_there_is_told_with_the_command_that_makes_it(
    press_tables, layout, indicators
):
    with pytest.raises(InputError) as caught:
        add_study(press_tables, "ca_mau", layout, indicators)
    assert "data/raw/studies/ca_mau/ca_mau.xlsx" in caught.value.sentence("vi")
    assert "pilots new ca_mau" in caught.value.sentence("vi")


def test_a_lock_file_of_excel_beside_the_workbook_is_passed_over(reader, layout):
    path = layout.study(studied.STUDY)
    path.parent.mkdir(parents=True)
    (path.parent / f"~${path.name}").write_bytes(b"\x05Can bo")
    assert len(reader()["pilots"]) == 14


def test_simulated_figures_and_a_study_never_meet(tmp_path):
    with pytest.raises(ParameterError, match="cannot go with data: simulated"):
        raw.read_raw(store.Layout(ROOT), data="simulated", seed=1, study="can_giuoc")
    shutil.copytree(ROOT / "params", tmp_path / "params")
    with pytest.raises(ParameterError) as caught:
        load_run("smoke", tmp_path / "params", settings=["study=can_giuoc"])
    assert caught.value.key == "study_simulated"
    with pytest.raises(ParameterError, match="study"):
        load_run("long_an", tmp_path / "params", settings=["study=../press"])


def test_what_refers_to_nothing_is_told_with_the_nearest(reader):
    def change(book):
        studied.cell_at(book, "observations", "unit", 2).value = "28158"
        studied.cell_at(book, "observations", "indicator", 3).value = "online_shar"
        studied.cell_at(book, "observations", "definition", 4).value = "on_time_basis_unstated"
        studied.cell_at(book, "observations", "source", 5).value = "001"
        studied.cell_at(book, "observations", "role", 6).value = "trươc"

    faults = _faults(reader, change=change)
    assert [_told(one) for one in faults] == [
        ("Số liệu", 2, "Đơn vị", "study_unknown_unit"),
        ("Số liệu", 3, "Chỉ số", "study_unknown_indicator"),
        ("Số liệu", 4, "Định nghĩa", "study_unknown_definition"),
        ("Số liệu", 5, "Nguồn", "study_unknown_source"),
        ("Số liệu", 6, "Thời điểm", "study_choice"),
    ]
    assert "'28159'" in faults[0].sentence("vi")
    assert "'online_share'" in faults[1].sentence("vi")
    assert "'trước'" in faults[4].sentence("vi")


def test_figures_are_held_to_their_bounds_and_entered_once(reader):
    rows = studied.drawn_rows(studied.LONG_AN["observations"])
    rows[0]["printed"] = "980,8"
    tables = {**studied.LONG_AN, "observations": [*rows, rows[3], rows[5] | {"printed": "5,0"}]}
    faults = _faults(reader, tables=tables)
    assert [_told(one) for one in faults] == [
        ("Số liệu", 2, "Con số như in", "most"),
        ("Số liệu", 8, "Con số như in", "figure_twice"),
        ("Số liệu", 9, "Con số như in", "study_figure_none"),
    ]
    assert dict(faults[1].rule_values) == {"accepted": 5}


@pytest.mark.parametrize(
    ("table", "column", "value", "place"),
    [
        ("observations", "source", None, ("Số liệu", "Nguồn", "required")),
        ("observations", "source", 1, ("Số liệu", "Nguồn", "study_code_number")),
        ("interventions", "source", None, ("Mô hình", "Nguồn", "required")),
        ("sources", "source", None, ("Nguồn", "Mã nguồn", "required")),
        ("sources", "source", "nguồn 1", ("Nguồn", "Mã nguồn", "study_code")),
        ("observations", "qualifier", "cỡ", ("Số liệu", "Cách nêu số", "study_choice")),
        ("observations", "role", "cỡ", ("Số liệu", "Thời điểm", "study_choice")),
    ],
)
def test_a_cell_at_fault_is_named_and_ids_are_made_of_sound_rows_alone(
    reader, table, column, value, place
):
    done = {
        "source": "bc1", "unit": "28159", "pillar": "Chính quyền số", "name_vi": "Tổ",
        "evidence": "Không có", "need_vi": "Số hồ sơ",
    }  # fmt: skip

    def change(book):
        studied.cell_at(book, table, column, 2).value = value

    faults = _faults(reader, tables={**studied.LONG_AN, "interventions": [done]}, change=change)
    assert _told(faults[0]) == (place[0], 2, *place[1:])
    if table != "sources":
        assert len(faults) == 1


@pytest.mark.parametrize("table", ["sources", "observations"])
def test_a_struck_row_is_told_and_gives_no_other_fault(reader, table):
    def change(book):
        for cell in studied.page_at(book, table)[2]:
            cell.font = Font(strike=True)

    assert {_told(one)[-1] for one in _faults(reader, change=change)} == {"study_struck"}


def test_the_register_alone_is_no_source_of_a_study(reader):
    tables = {"sources": "source | title_short | kind\ndvhc-2025 | Danh mục | số liệu bối cảnh"}
    first = _faults(reader, tables=tables)[0]
    assert (first.file.rpartition(" > ")[2], first.rule) == ("Nguồn", "study_sheet_empty")


def test_a_source_code_that_is_taken_is_refused(reader):
    def change(book):
        studied.cell_at(book, "sources", "source", 2).value = "001"

    faults = _faults(reader, change=change)
    assert _told(faults[0]) == ("Nguồn", 2, "Mã nguồn", "study_source_taken")
    assert _told(_faults(reader, taken=["bc1"])[0])[-1] == "study_source_taken"


def test_a_simulated_source_has_no_word_in_a_study(reader):
    def change(book):
        studied.cell_at(book, "sources", "kind", 2).value = "simulated"

    assert _told(_faults(reader, change=change)[0])[-1] == "study_choice"


def test_sheets_that_need_rows_are_named_first(reader):
    faults = _faults(reader, tables={})
    assert [(one.file.rpartition(" > ")[2], one.rule) for one in faults] == [
        ("Nguồn", "study_sheet_empty"),
        ("Xã thí điểm", "study_sheet_empty"),
        ("Số liệu", "study_no_figures"),
        ("Quyết định", "study_sheet_empty"),
    ]
    assert "“Theo tháng”" in faults[2].sentence("vi")


def test_a_month_told_twice_is_told_with_both_rows(reader):
    month = {
        "source": "bc1", "unit": "28159", "indicator": "online_share",
        "definition": "online_level34_assisted", "month": "01/2024", "numerator": 5,
        "denominator": "1.234",
    }  # fmt: skip
    tables = {**studied.LONG_AN, "panel": [month, month | {"numerator": 2000, "month": "2/2024"}]}
    faults = _faults(reader, tables=tables)
    assert [_told(one) for one in faults] == [("Theo tháng", 3, "Tử số", "most")]
    tables["panel"] = [month, month]
    faults = _faults(reader, tables=tables)
    assert [_told(one) for one in faults] == [("Theo tháng", 3, "Tháng", "figure_twice")]
    assert dict(faults[0].rule_values) == {"accepted": 2}


def test_every_rule_of_a_study_is_worded():
    rules = {key for key in catalogue.entries() if key.startswith("rule.study_")}
    told = "".join(path.read_text() for path in (ROOT / "src").rglob("study*.py"))
    named = {key for key in rules if key.removeprefix("rule.").split("_", 2)[1] in told}
    assert named == rules
    assert len(rules) > 40


@pytest.fixture(scope="module")
def simulated_study():
    """Write half the simulated pilot panel as a study: 4 simulated pilot communes, monthly."""
    world = simulate.WORLDS["pilot_panel"](np.random.default_rng(20230601))
    districts = world["units"].query("level == 'district'")["code"].head(4)
    inside = world["units"]["parent"].isin(["VN", *districts]) | (
        world["units"]["code"].isin(["VN", *districts])
    )
    world["units"] = world["units"][inside].reset_index(drop=True)
    for table in ("pilots", "panel"):
        own = world[table]["unit"].isin(world["units"]["code"])
        world[table] = world[table][own].reset_index(drop=True)
    short = {code: f"9{at:02d}" for at, code in enumerate(districts)}
    units = [
        {
            "code": short.get(row.code, row.code),
            "name": row.name,
            "parent": short.get(row.parent, row.parent) if row.level != "province" else None,
        }
        for row in world["units"].query("level != 'country'").itertuples(index=False)
    ]
    pilots = [
        {
            "unit": row.unit,
            "arm": "thí điểm",
            "opened": "01/01/2023",
            "source": "mo_phong",
            "programme": row.programme,
        }
        for row in world["pilots"].itertuples()
    ]
    tables = {
        "sources": "source | title_short | kind\nmo_phong | Mô phỏng (simulated) | báo chí",
        "units": units,
        "pilots": pilots,
        "panel": studied.monthly_rows(world["panel"], source="mo_phong"),
        "decisions": studied.LONG_AN["decisions"].replace("bc1 ", "mo_phong ").replace("80", "99"),
    }
    return world, tables


def test_months_of_simulated_pilots_and_comparison_communes_reach_the_effects(
    reader, simulated_study
):
    world, tables = simulated_study
    found, _ = scope.keep_scope(reader(tables), sources=[], units=[], province="99")
    own = found["units"][found["units"]["province"] == "99"]
    assert set(own["level"]) == set(LEVELS.values())
    same = ["unit", "period_start", "period_end", "numerator", "denominator"]
    pd.testing.assert_frame_equal(found["panel"][same], world["panel"][same])

    told = ["unit", "opened", "opened_precision", "arm"]
    pd.testing.assert_frame_equal(found["pilots"][told], world["pilots"][told])
    names = ("panel", "units", "pilots", "events", "days")
    effects = designs.estimate_effects(
        *(found[name] for name in names), indicators=[], alpha=0.05, seed=7
    )
    compared = effects[effects["primary"]].iloc[0]
    assert "comparison" in compared["design"]
    assert compared["estimate"] > 0
    assert compared["definition"] == world["panel"]["definition"].iloc[0]
