from __future__ import annotations

import threading

import pytest
from built import copy_project

from commune_pilots import store
from commune_pilots.errors import NotebookError, ParameterError
from commune_pilots.runs import batch, manifest
from commune_pilots.runs.run import Done

FAILED = {"run": "b", "notebook": "n", "cell": "c", "name": "E", "message": "m", "kept": "k"}


@pytest.fixture
def layout(tmp_path):
    (tmp_path / "params" / "batches").mkdir(parents=True)
    return store.Layout(tmp_path)


def _batch(layout, text, *, name="press", encoding="utf-8"):
    path = layout.params / "batches" / f"{name}.csv"
    path.write_text(text, encoding=encoding)
    return batch.read_batch(layout, name)


def _refusal(layout, text):
    with pytest.raises(ParameterError) as caught:
        _batch(layout, text)
    assert caught.value.exit_code == 2
    return caught.value


def test_one_row_is_one_run_with_the_keys_its_cells_set(layout):
    found = _batch(layout, "run,alpha,status\nlong_an,0.01,\nbac_kan,,official\n")
    assert found == [("long_an", ["alpha=0.01"]), ("bac_kan", ["status=official"])]


def test_a_table_saved_by_excel_is_read(layout):
    assert _batch(layout, "run\r\nlong_an\r\n", encoding="utf-8-sig") == [("long_an", [])]


def test_an_unknown_batch_is_refused_with_a_suggestion(layout):
    _batch(layout, "run\nlong_an\n")
    with pytest.raises(ParameterError) as caught:
        batch.read_batch(layout, "pres")
    assert "'press'" in caught.value.sentence("en")


@pytest.mark.parametrize("text", ["", "alpha\n0.05\n", "Run\nlong_an\n"])
def test_a_table_without_the_column_run_is_refused(layout, text):
    assert _refusal(layout, text).key == "batch_column"


@pytest.mark.parametrize("row", ["long_an", "long_an,0.05,x"])
def test_a_ragged_row_is_refused_with_its_number(layout, row):
    error = _refusal(layout, f"run,alpha\nbac_kan,0.05\n{row}\n")
    assert (error.key, error.values["row"]) == ("batch_fields", 3)


def test_a_run_that_appears_twice_is_refused(layout):
    error = _refusal(layout, "run\nlong_an\nbac_kan\nlong_an\n")
    assert (error.key, error.values["row"], error.values["run"]) == ("batch_doubled", 4, "long_an")


def _done(run):
    return Done(run=run, ran=True, seconds=0.0, briefing=None)


def _fake(monkeypatch, *, refused=(), failing=()):
    """Replace checking and executing; returns what was called, in order."""
    calls = []

    def check_run(layout, run, *, settings):
        calls.append(("check", run, tuple(settings)))
        if run in refused:
            raise ParameterError("unknown_run", run=run, known="", hint="")

    def execute_run(layout, run, *, settings, force, progress):
        calls.append(("execute", run, force))
        progress("01_clean_data")
        if run in failing:
            raise NotebookError("cell_failed", **{**FAILED, "run": run})
        return _done(run)

    monkeypatch.setattr(batch, "check_run", check_run)
    monkeypatch.setattr(batch, "execute_run", execute_run)
    return calls


RUNS = [("a", ["alpha=0.01"]), ("b", []), ("c", [])]


def test_every_row_is_checked_before_any_run_is_executed(layout, monkeypatch):
    calls = _fake(monkeypatch)
    batch.execute_batch(layout, RUNS, jobs=1)
    assert [name for name, *_ in calls] == ["check"] * 3 + ["execute"] * 3
    assert calls[0] == ("check", "a", ("alpha=0.01",))


def test_one_refused_row_stops_all_and_every_refusal_is_reported(layout, monkeypatch):
    calls = _fake(monkeypatch, refused=("a", "c"))
    reported = []
    outcomes = batch.execute_batch(layout, RUNS, report=reported.append)
    assert [outcome.run for outcome in outcomes] == ["a", "c"]
    assert all(outcome.error.exit_code == 2 for outcome in outcomes)
    assert reported == outcomes
    assert not [call for call in calls if call[0] == "execute"]
    assert not (layout.root / "reports").exists()


def test_the_failure_of_one_run_stops_no_other(layout, monkeypatch):
    _fake(monkeypatch, failing=("b",))
    outcomes = batch.execute_batch(layout, RUNS, jobs=2)
    assert [outcome.run for outcome in outcomes] == ["a", "b", "c"]
    assert [bool(outcome.done) for outcome in outcomes] == [True, False, True]
    assert outcomes[1].error.exit_code == 1


def test_each_outcome_is_reported_once_and_progress_names_its_run(layout, monkeypatch):
    _fake(monkeypatch)
    reported, steps = [], []
    batch.execute_batch(
        layout,
        RUNS,
        force=True,
        report=lambda outcome: reported.append(outcome.run),
        progress=lambda run, step: steps.append((run, step)),
    )
    assert sorted(reported) == ["a", "b", "c"]
    assert sorted(steps) == [(run, "01_clean_data") for run in "abc"]


def test_runs_go_side_by_side_and_no_more_than_asked(layout, monkeypatch):
    _fake(monkeypatch)
    together = threading.Barrier(2, timeout=10)

    def meet(layout, run, **given):
        together.wait()
        return _done(run)

    monkeypatch.setattr(batch, "execute_run", meet)
    outcomes = batch.execute_batch(layout, RUNS[:2], jobs=2)
    assert all(outcome.done for outcome in outcomes)


def _publish(layout, run, **given):
    content = {
        "run": run,
        "title": f"Trang {run}",
        "grade": "low",
        "option": "extend",
        "data": "press",
        "seconds": {"01_clean_data": 1, "06_write_briefing": 1},
    }
    store.write_bytes(layout.reports(run) / manifest.NAME, manifest.to_bytes({**content, **given}))


def test_the_index_lists_every_published_run_by_name(layout, monkeypatch):
    _fake(monkeypatch, failing=("b",))
    for run in ("zeta", "alpha"):
        _publish(layout, run)
    _publish(layout, ".old-alpha")
    batch.execute_batch(layout, RUNS)
    page = (layout.root / "reports" / "index.html").read_text(encoding="utf-8")
    assert page.index('href="alpha/briefing.html"') < page.index('href="zeta/briefing.html"')
    assert 'href="alpha/01_clean_data.html"' in page
    assert ".old-alpha" not in page


def test_an_index_without_any_run_can_be_written(layout):
    assert batch.write_index(layout).is_file()


def test_a_failed_or_half_written_run_is_not_listed(layout):
    store.write_bytes(layout.failed("x") / "04.ipynb", b"x")
    store.write_bytes(layout.reports("y") / manifest.NAME, b"{")
    page = batch.write_index(layout).read_text(encoding="utf-8")
    assert "briefing.html" not in page


def test_the_projects_own_batch_can_be_checked(tmp_path_factory):
    project = copy_project(tmp_path_factory.mktemp("project"))
    runs = [run for run, _ in batch.read_batch(project, "press")]
    assert runs == ["long_an", "bac_kan", "hau_giang", "cao_bang"]
