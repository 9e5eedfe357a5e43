"""A table of runs, as people and spreadsheets save it, and what is refused in it."""

from __future__ import annotations

import pytest
from built import ROOT

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.errors import ParameterError
from commune_pilots.runs.table import Row, read_batch


@pytest.fixture
def params(tmp_path):
    (tmp_path / "batches").mkdir()
    return tmp_path


def _read(params, text, *, name="press", suffix=".csv", encoding="utf-8"):
    path = params / "batches" / f"{name}{suffix}"
    path.write_text(text, encoding=encoding, newline="")
    return read_batch(params, name)


def _told(rows):
    return [(row.run, row.like, list(row.settings)) for row in rows]


def _refusal(params, text, **how):
    with pytest.raises(ParameterError) as caught:
        _read(params, text, **how)
    assert caught.value.exit_code == 2
    for language in LANGUAGES:
        assert caught.value.sentence(language).startswith("params/batches/press.")
    return caught.value


def test_one_row_is_one_run_with_the_keys_its_cells_set(params):
    found = _read(params, "run,alpha,status\nlong_an,0.01,\nbac_kan,,official\n")
    assert _told(found) == [
        ("long_an", "", ["alpha=0.01"]),
        ("bac_kan", "", ["status=official"]),
    ]


def test_a_row_may_start_from_the_file_of_another_run(params):
    found = _read(params, "run,like,alpha\nlong_an_1,long_an,0.01\nbac_kan,,\n")
    assert _told(found) == [("long_an_1", "long_an", ["alpha=0.01"]), ("bac_kan", "", [])]


WAYS = {
    "commas": ("run,alpha\nlong_an,0.01\n", "utf-8"),
    "semicolons": ("run;alpha\nlong_an;0.01\n", "utf-8"),
    "byte-order mark": ("run,alpha\nlong_an,0.01\n", "utf-8-sig"),
    "Windows line ends": ("run,alpha\r\nlong_an,0.01\r\n", "utf-8"),
    "all that Excel does": ("run;alpha\r\nlong_an;0.01\r\n;\r\n", "utf-8-sig"),
    "blank lines": ("run,alpha\n\nlong_an,0.01\n\n\n", "utf-8"),
    "rows of empty cells": ("run,alpha\nlong_an,0.01\n,\n,\n", "utf-8"),
    "no last line end": ("run,alpha\nlong_an,0.01", "utf-8"),
    "quotes": ('"run","alpha"\n"long_an","0.01"\n', "utf-8"),
    "blanks around cells": ("run,alpha\n long_an , 0.01 \n", "utf-8"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_is_the_same_however_it_was_saved(params, way):
    text, encoding = WAYS[way]
    assert _told(_read(params, text, encoding=encoding)) == [("long_an", "", ["alpha=0.01"])]


def test_a_list_stands_in_one_quoted_cell(params):
    found = _read(params, 'run,sources\nhau_giang,"000,003"\n')
    assert found[0].settings == ("sources=000,003",)


def test_each_row_says_where_it_stands(params):
    places = [row.place for row in _read(params, "run\nlong_an\nbac_kan\n")]
    assert places == ["params/batches/press.csv, row 2", "params/batches/press.csv, row 3"]


def test_a_blank_line_does_not_shift_the_rows_named_after_it(params):
    """The row is looked for in a spreadsheet, where the blank line has its number too."""
    places = [row.place for row in _read(params, "run\nlong_an\n\nbac_kan\n")]
    assert places[1] == "params/batches/press.csv, row 4"


def test_rows_of_yaml_are_read_like_those_of_a_table(params):
    text = """
- run: long_an
- run: long_an_1
  like: long_an
  alpha: 0.01
  least_dossiers: 200
  units: ["28159", "28177"]
  status: null
"""
    assert _told(_read(params, text, suffix=".yml")) == [
        ("long_an", "", []),
        (
            "long_an_1",
            "long_an",
            ["alpha=0.01", "least_dossiers=200", "units=28159,28177"],
        ),
    ]


def test_an_empty_list_in_yaml_is_set_and_not_passed_over(params):
    """`units: []` says every commune; passed over, the units of the file it is like would stay."""
    found = _read(params, "- run: a\n  like: long_an\n  units: []\n", suffix=".yml")
    assert found[0].settings == ("units=",)


def test_each_row_of_yaml_says_where_it_stands(params):
    found = _read(params, "- run: a\n- run: b\n", suffix=".yml")
    assert [row.place for row in found] == [
        "params/batches/press.yml, row 1",
        "params/batches/press.yml, row 2",
    ]


@pytest.mark.parametrize("text", ["", "run: a\n", "- a\n", "a\n", "- [a]\n"])
def test_yaml_that_is_no_list_of_rows_is_refused(params, text):
    assert _refusal(params, text, suffix=".yml").key == "not_a_list"


@pytest.mark.parametrize("text", ["- alpha: 0.05\n", "- run: 5\n", "- run: null\n"])
def test_a_row_of_yaml_without_a_run_is_refused(params, text):
    assert _refusal(params, text, suffix=".yml").key == "batch_column"


def test_a_key_twice_in_a_row_of_yaml_is_refused_with_its_line(params):
    error = _refusal(params, "- run: a\n  alpha: 0.1\n  alpha: 0.2\n", suffix=".yml")
    assert (error.key, error.values["line"]) == ("yaml_duplicate", 3)


def test_a_column_twice_in_a_table_is_refused(params):
    """One of the two would win without a word."""
    _refusal(params, "run,alpha,alpha\nlong_an,0.1,0.2\n")


@pytest.mark.parametrize("text", ["", "alpha\n0.05\n", "Run\nlong_an\n", "run;alpha,x\na;b,c\n"])
def test_a_table_without_the_column_run_is_refused(params, text):
    assert _refusal(params, text).key == "batch_column"


@pytest.mark.parametrize(
    ("text", "suffix"), [("run\n", ".csv"), ("run\n\n", ".csv"), ("[]", ".yml")]
)
def test_a_table_without_a_row_is_refused(params, text, suffix):
    """There would be nothing to run and nothing to gather."""
    _refusal(params, text, suffix=suffix)


@pytest.mark.parametrize(("row", "cells"), [("long_an", 1), ("long_an,0.05,x", 3)])
def test_a_ragged_row_is_refused_with_its_number_and_both_counts(params, row, cells):
    error = _refusal(params, f"run,alpha\nbac_kan,0.05\n{row}\n")
    assert error.key == "batch_fields"
    assert (error.values["row"], error.values["found"], error.values["expected"]) == (3, cells, 2)


def test_a_run_that_appears_twice_is_refused_with_its_row(params):
    error = _refusal(params, "run\nlong_an\nbac_kan\nlong_an\n")
    assert error.key == "batch_doubled"
    assert (str(error.values["row"]), error.values["run"]) == ("4", "long_an")


def test_a_run_that_appears_twice_in_yaml_is_refused_with_its_row(params):
    error = _refusal(params, "- run: a\n- run: b\n- run: a\n", suffix=".yml")
    assert (error.key, str(error.values["row"])) == ("batch_doubled", "3")


def test_a_batch_named_like_one_of_its_runs_is_refused(params):
    error = _refusal(params, "run\nlong_an\npress\n")
    assert (error.key, error.values["run"]) == ("batch_named_as_run", "press")


def test_a_batch_named_like_a_run_of_another_table_is_refused(params):
    """Its folder under reports is that run's: gathering would take what is published away."""
    (params / "runs").mkdir()
    (params / "runs" / "press.yml").write_text("", encoding="utf-8")
    _refusal(params, "run\nlong_an\n")


def test_two_tables_of_one_name_are_refused(params):
    (params / "batches" / "press.yml").write_text("- run: a\n", encoding="utf-8")
    error = _refusal(params, "run\nlong_an\n")
    assert (error.key, error.values["other"]) == ("batch_twice", "press.yml")


def test_a_table_that_is_not_utf8_is_refused(params):
    assert _refusal(params, "run,title\nlong_an,é\n", encoding="latin-1").key == "file_unreadable"


def test_an_unknown_batch_is_refused_with_what_there_is_and_a_suggestion(params):
    _read(params, "run\nlong_an\n")
    _read(params, "- run: a\n", name="other", suffix=".yml")
    with pytest.raises(ParameterError) as caught:
        read_batch(params, "pres")
    for language in LANGUAGES:
        assert "'press'" in caught.value.sentence(language)
        assert "other, press" in caught.value.sentence(language)


@pytest.mark.parametrize("name", ["../batches/press", "../outside", "a/../press"])
def test_a_batch_whose_name_climbs_out_of_its_folder_is_refused(params, name):
    """Its name is also that of a folder under reports."""
    (params / "batches" / "a").mkdir()
    _read(params, "run\nlong_an\n")
    (params / "outside.csv").write_text("run\nlong_an\n", encoding="utf-8")
    with pytest.raises(ParameterError):
        read_batch(params, name)


def test_a_row_is_frozen_and_stands_on_the_command_line_unless_said():
    row = Row(run="long_an")
    assert (row.like, row.settings, row.place) == ("", (), "--set")
    with pytest.raises(AttributeError):
        row.run = "x"


def test_the_projects_own_batch_holds_its_four_press_runs():
    runs = [row.run for row in read_batch(ROOT / "params", "press")]
    assert runs == ["long_an", "bac_kan", "hau_giang", "cao_bang"]
