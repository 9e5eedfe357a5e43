from __future__ import annotations

import io
from functools import cache

import pandas as pd
import pytest
import yaml
from built import LAYOUT
from openpyxl import load_workbook

from commune_pilots import schemas, store
from commune_pilots.contracts import workbook
from commune_pilots.desk import new_study
from commune_pilots.desk.new_study import (
    FIRST_SOURCE,
    NewStudy,
    Province,
    check_free,
    default_decider,
    find_province,
    study_files,
    write_study,
)
from commune_pilots.errors import ParameterError, WriteError
from commune_pilots.params import load_indicators, load_run
from commune_pilots.sources.press import read_press

LONG_AN = Province(code="80", name="Tỉnh Long An")


@cache
def _units():
    indicators = load_indicators(LAYOUT.params / "indicators.yml")
    return read_press(LAYOUT.raw_press, indicators, shown=store.RAW_PRESS)["units"]


@pytest.fixture
def layout(tmp_path):
    (tmp_path / "params" / "batches").mkdir(parents=True)
    (tmp_path / "params" / "runs").mkdir()
    for name in ("base.yml", "indicators.yml"):
        (tmp_path / "params" / name).write_bytes((LAYOUT.params / name).read_bytes())
    return store.Layout(tmp_path)


def _study(**others):
    given = {"run": "thu", "province": LONG_AN, "decider": "UBND tỉnh Long An"}
    return NewStudy(**{**given, "briefing_date": "2026-12-01", **others})


def _files(layout, study):
    return study_files(layout, study, units=_units(), candidates=schemas.empty("candidates"))


def _left(layout):
    return sorted(path.name for path in layout.root.rglob("*") if path.is_file())


# Names and provinces.


@pytest.mark.parametrize("run", ["Bad", "1a", "a-b", "released", "../up", ""])
def test_a_name_that_no_run_can_have_is_refused(layout, run):
    with pytest.raises(ParameterError):
        check_free(layout, run)


@pytest.mark.parametrize(
    ("taken", "place"),
    [
        ("params/runs/thu.yml", "params/runs/thu.yml"),
        ("params/batches/thu.csv", "params/batches"),
        ("data/raw/studies/thu/x", "data/raw/studies/thu"),
    ],
)
def test_a_name_that_something_has_is_refused_with_its_place(layout, taken, place):
    path = layout.root / taken
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with pytest.raises(ParameterError, match=f"'thu'.*{place}"):
        check_free(layout, "thu")


def test_a_province_is_found_by_code_and_by_name():
    assert find_province("tỉnh long an", _units()) == find_province("Long An", _units()) == LONG_AN
    assert find_province(" TP Cần Thơ ", _units()).code == "92"


def test_a_code_that_was_given_again_has_the_name_of_today():
    assert find_province("80", _units()) == Province(code="80", name="Tỉnh Tây Ninh")


def test_an_unknown_province_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match=r"'Long Am'.*the nearest: Tỉnh Long An"):
        find_province("Long Am", _units())


def test_a_name_may_be_written_without_its_marks_but_not_with_wrong_ones():
    assert find_province("long an", _units()) == LONG_AN
    assert find_province("Tinh Long An", _units()) == LONG_AN
    with pytest.raises(ParameterError, match="Lòng An"):
        find_province("Lòng An", _units())


def test_a_name_of_two_codes_is_refused_with_the_days_that_tell_them_apart():
    units = _units()
    province = units[units["level"] == "province"].iloc[[0, 0]]
    twice = province.assign(
        code=["89", "91"],
        name="Tỉnh An Giang",
        valid_from=pd.to_datetime([None, "2025-07-01"]),
        valid_to=pd.to_datetime(["2025-06-30", None]),
    )
    with pytest.raises(ParameterError) as caught:
        find_province("An Giang", twice)
    for told in ("89 Tỉnh An Giang, đến 30/6/2025", "91 Tỉnh An Giang, từ 1/7/2025"):
        assert told in caught.value.sentence("vi")
    assert find_province("89", twice).name == "Tỉnh An Giang"


def test_who_decides_is_the_committee_of_the_province_unless_said_otherwise():
    assert default_decider(LONG_AN) == "UBND tỉnh Long An"


# The files.


def test_the_run_reads_the_workbook_and_nothing_is_left_to_add(layout):
    write_study(_files(layout, _study(indicators=("online_share",))))
    run = load_run("thu", layout.params)
    assert (run.data, run.study, run.province, run.sources) == ("press", "thu", "80", [])
    assert (run.decision, run.briefing_date) == (workbook.FIRST_DECISION, "2026-12-01")
    assert run.indicators == ["online_share"]
    assert layout.study("thu").is_file()


def test_the_run_has_a_comment_in_both_languages_above_each_key(layout):
    content = list(_files(layout, _study()).values())[1].decode("utf-8")
    first, *lines = content.splitlines()
    assert first == "# yaml-language-server: $schema=../run.schema.json"
    keys = [at for at, line in enumerate(lines) if not line.startswith("#")]
    assert len(keys) == len(yaml.safe_load(content)) == 6
    assert all(lines[at - 1].startswith("# ") and " / " in lines[at - 1] for at in keys)


def test_the_workbook_holds_what_is_known_and_the_decision_at_stake(layout):
    content = next(iter(_files(layout, _study()).values()))
    book = load_workbook(io.BytesIO(content))
    units = book[workbook.sheet_name("units")]
    assert "28159" in {cell.value for cell in units["A"]}
    made = book[workbook.sheet_name("decisions")]
    labels = [str(cell.value).partition("\n")[0] for cell in made[1]]
    row = dict(zip(labels, (cell.value for cell in made[2]), strict=True))
    assert row["Nguồn"] == FIRST_SOURCE
    assert row["Đơn vị"] == "80 · Tỉnh Long An"
    assert row["Ai quyết định"] == "UBND tỉnh Long An"
    assert "tỉnh Long An" in row["Câu hỏi cần quyết định"]
    assert "communes of Long An?" in row["Câu hỏi cần quyết định (tiếng Anh)"]
    assert row["Ai quyết định (tiếng Anh)"] == "People's Committee of Long An"
    assert book[workbook.sheet_name("observations")].max_row == 1


def test_indicators_asked_for_are_offered_first(layout):
    content = next(iter(_files(layout, _study(indicators=("payment_share",))).values()))
    lists = load_workbook(io.BytesIO(content))[workbook.sheet_name("lists")]
    columns = {str(column[0].value): column for column in lists.iter_cols()}
    assert columns["Chỉ số\nIndicator"][1].value.startswith("payment_share · ")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"indicators": ("onlin_share",)}, "--indicator.*did you mean 'online_share'"),
        ({"briefing_date": "1/12/2026"}, "--date: briefing_date is '1/12/2026'"),
        ({"briefing_date": "2026-02-30"}, "--date"),
    ],
)
def test_what_no_run_can_hold_is_refused_before_anything_is_written(layout, wrong, told):
    before = _left(layout)
    with pytest.raises(ParameterError, match=told):
        _files(layout, _study(**wrong))
    assert _left(layout) == before


# Whole or not at all.


@pytest.mark.parametrize("at", [0, 1])
def test_where_one_file_cannot_be_written_none_is_left(layout, monkeypatch, at):
    files = _files(layout, _study())
    refused = list(files)[at]
    real = store.write_bytes

    def write(path, content):
        if path == refused:
            raise WriteError("cannot_write", file=path.as_posix(), reason="full")
        real(path, content)

    before = _left(layout)
    monkeypatch.setattr(new_study.store, "write_bytes", write)
    with pytest.raises(WriteError):
        write_study(files)
    assert _left(layout) == before
    assert not layout.study("thu").parent.exists()


def test_a_folder_that_came_to_be_meanwhile_is_left_alone(layout):
    files = _files(layout, _study())
    layout.study("thu").parent.mkdir(parents=True)
    (layout.study("thu").parent / "own.txt").write_text("mine")
    with pytest.raises(ParameterError):
        write_study(files)
    assert (layout.study("thu").parent / "own.txt").read_text() == "mine"
    assert not (layout.params / "runs" / "thu.yml").exists()


def test_a_place_that_is_no_folder_cannot_be_written_to(layout):
    files = _files(layout, _study())
    (layout.root / "data" / "raw").mkdir(parents=True)
    (layout.root / "data" / "raw" / "studies").write_text("a file")
    with pytest.raises(WriteError):
        write_study(files)
    assert not (layout.params / "runs" / "thu.yml").exists()
