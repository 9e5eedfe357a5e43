from __future__ import annotations

import openpyxl
import pytest
from delivered import HEADER, deliver, month_row, project, write_sheet

from commune_pilots.cli import main

pytestmark = pytest.mark.slow  # every test ingests files in a project of its own

ROW = month_row("Thị trấn Cần Giuộc", "01/2022", "1.100", 168)


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTS_ROOT", str(tmp_path))
    monkeypatch.setenv("PILOTS_LANG", "both")
    return project(tmp_path)


@pytest.fixture
def pilots(layout, capsys):
    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(["ingest", *map(str, words)])
        printed = capsys.readouterr()
        return left.value.code, printed.out + printed.err

    return call


def test_an_ingest_tells_every_row_in_both_languages(layout, pilots):
    write_sheet(deliver(layout) / "t1.xlsx", [ROW])
    code, said = pilots("so_thang")
    assert code == 0
    assert "1 dòng = 1 nhận + 0 loại + 0 trùng" in said
    assert "1 rows = 1 accepted + 0 rejected + 0 duplicates" in said
    assert "nothing changed" in pilots("so_thang")[1]


def test_without_a_name_every_delivery_is_read_and_the_worst_end_counts(layout, pilots):
    write_sheet(deliver(layout) / "t1.xlsx", [ROW])
    deliver(layout, "trong")
    code, said = pilots()
    assert code == 7
    assert "so_thang: 1 files" in said
    assert "data/raw/deliveries/trong" in said


def test_without_any_delivery_the_command_says_how_to_describe_one(layout, pilots):
    code, said = pilots()
    assert code == 0
    assert "docs/deliveries.md" in said


def test_every_file_that_is_refused_is_told(layout, pilots):
    folder = deliver(layout)
    for name in ("t1.xlsx", "t2.xlsx"):
        write_sheet(folder / name, [month_row("Xã Không Có", "01/2022", 5, 1)])
    code, said = pilots("so_thang")
    assert code == 7
    assert said.count("t1.xlsx") == said.count("t2.xlsx") == 2
    assert "2 of 2 files" in said


def test_a_layout_is_proposed_and_nothing_is_written(layout, pilots, tmp_path):
    path = tmp_path / "la.xlsx"
    write_sheet(path, [[*ROW, 3]], header=(*HEADER, "Số hồ sơ quá hẹn"))
    code, said = pilots("--propose", path)
    assert code == 0
    assert '  received: {"headers": ["Tiếp nhận"], "cells": "count", "required": true}' in said
    late = [line for line in said.splitlines() if '"Số hồ sơ quá hẹn"' in line]
    assert len(late) == 1
    assert late[0].startswith("  # late")
    assert not (layout.root / "reports").exists()


def test_a_proposal_may_be_sent_straight_into_the_folder_of_layouts(layout, pilots, tmp_path):
    path = tmp_path / "la.xlsx"
    write_sheet(path, [[*ROW]])
    (layout.params / "layouts" / "mine.yml").touch()
    code, said = pilots("--propose", path)
    assert code == 0
    assert "kind: " in said


def test_sheets_of_one_form_are_proposed_for_once(layout, pilots, tmp_path):
    path = tmp_path / "la.xlsx"
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("T5"), book.create_sheet("T6")):
        sheet.append(HEADER if sheet.title != "T6" else HEADER[:-1])
        sheet.append(ROW if sheet.title != "T6" else ROW[:-1])
    book.save(path)
    code, said = pilots("--propose", path)
    assert code == 0
    assert said.count("kind: ") == 2
    assert "--- # T6" in said


def test_a_file_to_propose_for_must_be_there(pilots, tmp_path):
    code, said = pilots("--propose", tmp_path / "khong_co.xlsx")
    assert code == 7
    assert "khong_co.xlsx" in said


def test_a_proposal_and_an_ingest_are_two_things(pilots, tmp_path):
    assert pilots("so_thang", "--propose", tmp_path / "a.xlsx")[0] == 2
