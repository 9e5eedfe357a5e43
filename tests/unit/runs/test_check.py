"""What is refused before a kernel starts: every error of every row, each in its place."""

from __future__ import annotations

import shutil

import pytest
import tiny

from commune_pilots.errors import ContractError, InputError, ParameterError, PilotsError
from commune_pilots.runs.check import check_rows, read_row
from commune_pilots.runs.run import execute_run
from commune_pilots.runs.table import Row, read_batch
from commune_pilots.sources import raw

RUNS = ("long_an", "bac_kan", "hau_giang", "cao_bang", "smoke")
PRESS = ("press", "press_figures", 0)
SIMULATED = ("simulated", "press_figures", 20230601)


@pytest.fixture
def tables_read(monkeypatch):
    """Count the readings of the raw tables."""
    read, real = [], raw.read_raw

    def count(layout, *, data, simulation, seed, **asked):
        read.append((data, simulation, seed))
        return real(layout, data=data, simulation=simulation, seed=seed, **asked)

    monkeypatch.setattr(raw, "read_raw", count)
    return read


def _check(layout, *rows):
    rows = [Row(run=row) if row in RUNS else row for row in rows]
    return [(found.row, found.error or found.run) for found in check_rows(tiny.read(layout), rows)]


def _found(layout, *rows, only_new=False):
    """Check rows; a run's name for one that passes, else the key of its error."""
    checked = check_rows(tiny.read(layout), rows, force=False if only_new else None)
    assert [found.row for found in checked] == list(rows)
    return [found.error.key if found.error else found.ready().run for found in checked]


def _set(run, *settings):
    return Row(run=run, settings=settings)


def test_every_run_of_the_project_passes(layout):
    assert _found(layout, *map(_set, RUNS)) == list(RUNS)


def test_every_error_of_every_row_stands_in_its_place(layout):
    found = _found(
        layout,
        _set("long_ann"),
        _set("smoke"),
        _set("long_an", "alpha=2"),
        _set("bac_kan", "onlne_share=1"),
        _set("hau_giang", "units=99999"),
        _set("cao_bang"),
    )
    assert found == ["unknown_run", "smoke", "bad_value", "unknown_key", "unknown_unit", "cao_bang"]


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("sources=009", "unknown_source"),
        ("units=99999", "unknown_unit"),
        ("province=77777", "unknown_unit"),
        ("indicators=onlin_share", "unknown_indicator"),
        ("decision=001-d9", "unknown_decision"),
        ("decision=002-d1", "decision_elsewhere"),
        ("onlne_share=1", "unknown_key"),
        ("run=other", "key_not_yours"),
        ("alpha=abc", "bad_value"),
        ("alpha", "setting_syntax"),
    ],
)
def test_what_contract_and_tables_do_not_hold_is_refused(layout, setting, key):
    assert _found(layout, _set("long_an", setting)) == [key]


@pytest.mark.parametrize("setting", ["alpha=2", "units=99999", "onlne_share=1"])
def test_an_error_of_a_row_names_the_row(layout, setting):
    place = "params/batches/x.csv, row 3"
    row = Row(run="a", like="long_an", settings=(setting,), place=place)
    [(_, error)] = _check(layout, row)
    for language in ("vi", "en"):
        assert error.sentence(language).startswith(place)


def test_an_error_of_the_file_a_row_is_like_names_that_file(layout):
    (layout.params / "runs" / "wrong.yml").write_text(
        'data: press\nprovince: "80"\nsources: ["001"]\ndecision: "001-d1"\nunits: ["99999"]\n',
        encoding="utf-8",
    )
    [(_, error)] = _check(layout, Row(run="a", like="wrong", place="params/batches/x.csv, row 3"))
    assert error.sentence("en").startswith("params/runs/wrong.yml: units: ")


def test_a_row_like_another_run_takes_its_parameters_under_its_own_name(layout):
    row = Row(run="long_an_1", like="long_an", settings=("alpha=0.01",))
    run = read_row(layout, row)
    assert (run.run, run.province, run.alpha) == ("long_an_1", "80", 0.01)


@pytest.mark.parametrize("name", ["../x", "A", "a.b", "a b", "", "x" * 41, "1a"])
def test_a_row_whose_name_cannot_be_a_folder_is_refused(layout, name):
    [(_, error)] = _check(layout, Row(run=name, like="long_an"))
    assert isinstance(error, ParameterError)


def test_a_notebook_that_declares_an_unknown_parameter_refuses_every_run(layout):
    tiny.write_notebook(layout, "02_measure", "alfa = 0.05", "1")
    assert _found(layout, _set("smoke"), _set("long_an")) == ["undeclared_parameter"] * 2


def test_a_missing_raw_table_refuses_the_press_runs_and_no_simulated_one(layout):
    (layout.raw_press / "events.csv").unlink()
    assert _found(layout, _set("long_an"), _set("smoke"), _set("bac_kan")) == [
        "raw_missing",
        "smoke",
        "raw_missing",
    ]


def test_a_simulated_run_does_not_read_the_press(layout):
    shutil.rmtree(layout.raw_press)
    assert _found(layout, _set("smoke")) == ["smoke"]


def test_a_date_without_a_released_briefing_is_refused_where_it_is_given(layout):
    (layout.released).mkdir(parents=True, exist_ok=True)
    (layout.released / "long_an-2026-11-22.json").write_text("{}", encoding="utf-8")
    assert _found(layout, _set("long_an", "since=2026-11-22")) == ["long_an"]
    ((_, given),) = _check(layout, _set("long_an", "since=2027-01-01"))
    assert given.sentence("en") == (
        "--set: since is '2027-01-01', and run 'long_an' has no released briefing of that date; "
        "there are: 2026-11-22."
    )
    tiny.edit(
        layout.params / "runs" / "bac_kan.yml", "data: press", "data: press\nsince: '2026-11-22'"
    )
    ((_, filed),) = _check(layout, _set("bac_kan", "alpha=0.01"))
    assert filed.sentence("en").startswith("params/runs/bac_kan.yml: since is '2026-11-22'")
    assert filed.values["known"] == "–"


def test_values_that_break_a_contract_leave_a_list_for_each_run_and_nothing_else(layout):
    tiny.edit(layout.raw_press / "observations.csv", '"98,08",98.08,', '"98,08",980.8,')
    before = tiny.files(layout.root)
    checked = _check(layout, "long_an", "bac_kan")
    for row, error in checked:
        assert isinstance(error, ContractError)
        assert error.exit_code == 7
        assert error.report == layout.failed(row.run) / "failures.html"
    made = tiny.files(layout.root).keys() - before.keys()
    assert made == {error.report.as_posix() for _, error in checked}


def test_checking_writes_nothing_where_nothing_is_broken(layout):
    before = tiny.files(layout.root)
    _check(layout, *RUNS)
    assert tiny.files(layout.root) == before


def test_the_press_tables_are_read_once_for_all_rows(layout, tables_read):
    _check(layout, *RUNS)
    assert tables_read == [PRESS, SIMULATED]


def test_the_tables_of_a_standing_run_are_not_read_again_if_only_new_ones_matter(
    layout, kernels, tables_read
):
    execute_run(tiny.read(layout), tiny.job(layout, "long_an"))
    assert _found(layout, _set("long_an"), only_new=True) == ["long_an"]
    assert tables_read == []
    assert _found(layout, _set("long_an")) == ["long_an"]
    assert tables_read == [PRESS]


@pytest.mark.parametrize("change", ["parameter", "code", "input", "output"])
def test_a_run_that_does_not_stand_is_checked_against_its_tables(
    layout, kernels, tables_read, change
):
    execute_run(tiny.read(layout), tiny.job(layout, "long_an"))
    changes = {
        "parameter": lambda: None,
        "code": lambda: tiny.edit(layout.root / "package" / "shared.py", "1", "2"),
        "input": lambda: (layout.root / tiny.NUMBERS).write_text("1,0\n"),
        "output": lambda: (layout.reports("long_an") / "briefing.html").unlink(),
    }
    changes[change]()
    row = _set("long_an", "alpha=0.01") if change == "parameter" else _set("long_an")
    assert _found(layout, row, _set("bac_kan"), only_new=True) == ["long_an", "bac_kan"]
    assert tables_read == [PRESS]


def test_an_unreadable_corrections_file_is_refused_for_every_row(layout):
    (layout.params / "corrections.yml").write_text("a: 1\n", encoding="utf-8")
    assert _found(layout, _set("long_an"), _set("smoke")) == ["not_a_list"] * 2


def test_the_rows_of_a_table_keep_their_places_in_errors(layout):
    (layout.params / "batches" / "x.csv").write_text(
        "run,like,alpha\nlong_an,,\na,long_an,7\nb,nowhere,\n", encoding="utf-8"
    )
    rows = read_batch(layout.params, "x")
    errors = [found for _, found in _check(layout, *rows) if isinstance(found, PilotsError)]
    assert errors[0].sentence("en").startswith("params/batches/x.csv, row 3: alpha is 7.0")
    assert errors[1].key == "unknown_run"
    assert not any(isinstance(error, InputError) for error in errors)
