from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from built import LAYOUT
from delivered import dossier, month_row, write_log, write_sheet

from commune_pilots.errors import DefectError, InputError
from commune_pilots.runs import raw_files
from commune_pilots.runs.parts import Account
from commune_pilots.runs.raw_files import Recipe, read_file
from commune_pilots.sources.deliveries import Delivery
from commune_pilots.sources.layouts import load_layout
from commune_pilots.sources.log_tables import SCHEMA
from commune_pilots.sources.unit_names import register


@pytest.fixture
def recipe(press_tables):
    def make(layout, **keys):
        told = {"label_vi": "x", "label_en": "x", "layout": layout, "as_of": "2022-12-31"}
        return Recipe(
            name="so",
            delivery=Delivery(**told, province="80", **keys),
            layout=None if layout == "dossiers" else load_layout(layout, LAYOUT.params),
            known=register(press_tables["units"]),
            key=b"0123456789abcdef",
        )

    return make


def test_a_sheet_of_counts_becomes_panel_rows(recipe, tmp_path):
    write_sheet(tmp_path / "t.xlsx", [month_row("Thị trấn Cần Giuộc", "01/2022", "1.100", 168)])
    found = read_file(tmp_path / "t.xlsx", recipe("commune_months"), file="so/t.xlsx")
    assert found.accounts == [Account(sheet="Sheet", read=1, rejected=0)]
    assert found.tables["panel"].column("denominator").to_pylist() == [90, 1100]
    assert set(found.tables["panel"].column("file").to_pylist()) == {"so/t.xlsx"}


def test_a_list_of_dossiers_becomes_typed_rows_without_persons(recipe, tmp_path):
    rows = [dossier(1, "05/01/2022"), dossier(2, "31/06/2022")]
    write_log(tmp_path / "a.csv", rows)
    found = read_file(tmp_path / "a.csv", recipe("office_list"), file="so/a.csv")
    assert found.accounts == [Account(sheet="", read=2, rejected=1)]
    assert found.tables["dossiers"].schema.names == SCHEMA.names
    assert found.tables["rejected"].num_rows >= 1


def test_typed_dossiers_are_taken_as_they_lie(recipe, tmp_path):
    path = tmp_path / "typed.parquet"
    pq.write_table(SCHEMA.empty_table(), path)
    found = read_file(path, recipe("dossiers"), file="so/typed.parquet")
    assert found.tables["dossiers"] == path
    assert found.accounts == [Account(sheet="", read=0, rejected=0)]


def test_a_file_of_the_other_kind_is_refused_naming_the_layout(recipe, tmp_path):
    write_sheet(tmp_path / "t.xlsx", [])
    with pytest.raises(InputError, match="choose another layout"):
        read_file(tmp_path / "t.xlsx", recipe("dossiers"), file="so/t.xlsx")
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="layout: dossiers"):
        read_file(tmp_path / "t.parquet", recipe("office_list"), file="so/t.parquet")


def test_a_row_that_gets_lost_on_the_way_is_a_defect(recipe, tmp_path, monkeypatch):
    path = tmp_path / "t.xlsx"
    write_sheet(path, [month_row("Thị trấn Cần Giuộc", "01/2022", "1.100", 168)])
    real = raw_files.read_aggregate

    def forget(*given, **keys):
        found = real(*given, **keys)
        return type(found)(found.counts, found.found, {"Sheet": 2})

    monkeypatch.setattr(raw_files, "read_aggregate", forget)
    with pytest.raises(DefectError, match="not accounted for"):
        read_file(path, recipe("commune_months"), file="so/t.xlsx")


def test_a_number_of_a_person_in_a_column_of_codes_refuses_the_file(recipe, tmp_path):
    row = dossier(2, "05/01/2022")
    write_log(
        tmp_path / "a.csv",
        [dossier(1, "05/01/2022"), [row[0], "Khai sinh, lh 0912345678", *row[2:]]],
    )
    with pytest.raises(InputError, match=r"so/a\.csv.*procedure.*telephone") as refused:
        read_file(tmp_path / "a.csv", recipe("office_list"), file="so/a.csv")
    assert "0912345678" not in str(refused.value)
