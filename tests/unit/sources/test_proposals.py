from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import layout

from commune_pilots.errors import InputError
from commune_pilots.sources.cells import Sheet
from commune_pilots.sources.layouts import Layout, load_layout
from commune_pilots.sources.proposals import Proposal, Proposed, as_yaml, propose

LAYOUTS = {name: layout(name) for name in ("commune_months", "form_06a")}


def _propose(*header: str) -> Proposal | None:
    rows = [list(header), ["27694", "04/2026", 12, 9, 3][: len(header)]]
    return propose(Sheet(file="a", name="", rows=rows), LAYOUTS)


def test_the_layout_that_knows_most_headers_is_proposed():
    found = _propose("Mã xã", "Tháng", "Tiếp nhận", "STT")
    assert found is not None
    assert found.layout == "commune_months"
    assert [(one.column, one.likeness) for one in found.headers] == [
        ("unit_code", 1.0),
        ("period", 1.0),
        ("received", 1.0),
        (None, 1.0),
    ]
    assert found.missing == ()


def test_what_only_resembles_a_header_stays_a_question():
    found = _propose("Mã xã", "Tháng", "Tiếp nhân hồ sơ", "Cột hoàn toàn khác")
    assert found is not None
    alike, strange = found.headers[2:]
    assert alike.column == "received"
    assert 0.7 <= alike.likeness < 1
    assert strange == Proposed(header="Cột hoàn toàn khác", column=None, likeness=0.0)
    assert found.missing == ("received",)


def _written(found: Proposal | None, folder: Path) -> tuple[list[str], Layout]:
    """Write a proposal and load it as a layout."""
    assert found is not None
    text = as_yaml(found)
    (folder / "layouts").mkdir()
    (folder / "layouts" / "mine.yml").write_text(text, encoding="utf-8")
    return text.splitlines(), load_layout("mine", folder)


def test_a_proposal_is_a_whole_layout_in_which_only_what_is_sure_counts(tmp_path):
    found = _propose(
        "Mã xã", "Tháng", "Tiếp nhận", "Trực tuyến", "Đúng hạng", "STT", "Cột khác hẳn"
    )
    lines, read = _written(found, tmp_path)
    assert lines[0].startswith("# Giống mẫu commune_months nhất.")
    assert lines[1].startswith("# Most like layout commune_months.")
    assert lines[2] == 'kind: "aggregate"'
    assert '  unit_code: {"headers": ["Mã xã"], "cells": "unit_code"}' in lines
    assert [line.split(":")[0] for line in lines if line.startswith("  #")] == [
        "  # on_time", "  # ?",
    ]  # fmt: skip
    assert (set(read.columns), read.ignored) == (
        {"unit_code", "period", "received", "online"}, ["STT"],
    )  # fmt: skip
    assert [one.definition for one in read.shares] == ["online_basis_unstated"]
    assert [one.total for one in read.sums] == ["received"]


def test_a_proposal_for_a_log_keeps_what_words_mean_and_whose_columns_are_personal(tmp_path):
    header = ["Số hồ sơ", "Ngay tiep nhan", "Trạng thái", "Chủ hồ sơ", "Địa chỉ", "STT", "Cột lạ"]
    rows = [header, ["000.00.53.H48-250921-0099", "21/09/2025", "Đang xử lý", "A", "B", "1", "x"]]
    found = propose(Sheet(file="a", name="", rows=rows), {"office_list": layout("office_list")})
    lines, read = _written(found, tmp_path)
    assert (read.kind, read.columns["dossier"].required) == ("log", True)
    assert read.columns["received"].headers == ["Ngay tiep nhan"]
    assert read.columns["status"].values == layout("office_list").columns["status"].values
    assert (read.columns["owner"].cells, read.personal, read.ignored) == (
        "person", ["Địa chỉ"], ["STT"],
    )  # fmt: skip
    assert '  # ?: ["Cột lạ"]' in lines


def test_what_resembles_a_header_is_a_column_once_its_mark_is_taken_off(tmp_path):
    found = _propose("Mã xã", "Tháng", "Tiếp nhân hồ sơ", "Trực tuyến")
    assert found is not None
    text = as_yaml(found).replace("  # received:", "  received:")
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "mine.yml").write_text(text, encoding="utf-8")
    read = load_layout("mine", tmp_path).columns["received"]
    assert (read.headers, read.cells, read.required) == (["Tiếp nhân hồ sơ"], "count", True)


def test_a_second_header_of_one_meaning_cannot_be_taken_for_a_column():
    found = _propose("Mã xã", "Tháng", "Tiếp nhận", "Tiếp nhân hồ sơ")
    assert found is not None
    assert [line for line in as_yaml(found).splitlines() if "# received?" in line]


def test_what_a_layout_needs_and_a_sheet_lacks_is_named():
    found = _propose("Mã xã", "Tháng", "STT")
    assert found is not None
    assert "  # missing: received" in as_yaml(found)


def test_a_sheet_that_no_layout_knows_gives_no_proposal():
    assert _propose("x", "y") is None


def test_a_hostile_sheet_gives_no_proposal():
    with pytest.raises(InputError, match="markup"):
        _propose("Mã xã", "<script>")


def test_a_row_that_numbers_the_columns_is_no_part_of_a_proposed_header(tmp_path):
    rows = [
        ["Số TT", "Lĩnh vực giải quyết", "Tiếp nhận", None, "Cột khác hẳn"],
        [None, None, "Tổng số", "Trong kỳ trực tuyến", None],
        ["(1)", "(2)", "(3)=(4)+(5)", "(4)", "(5)"],
        [1, "Hộ tịch", 12, 9, 3],
    ]
    sheet = Sheet(file="a", name="", rows=rows, merged=[(0, 2, 0, 3)])
    found = propose(sheet, {"form_06a": layout("form_06a")})
    lines, read = _written(found, tmp_path)
    assert not [line for line in lines if "(3)" in line or "(5)" in line]
    assert read.columns["received"].headers == ["Tiếp nhận Tổng số"]
    again = propose(sheet, {"mine": read})
    assert again is not None
    assert {one.column for one in again.headers if one.likeness == 1} == {
        None, "unit", "received", "online",
    }  # fmt: skip
