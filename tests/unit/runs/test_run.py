from __future__ import annotations

import shutil

import pytest
from built import copy_project

from commune_pilots import store
from commune_pilots.errors import ContractError, InputError, NotebookError, ParameterError
from commune_pilots.runs import manifest, plan
from commune_pilots.runs import run as runs

FAILED = {"run": "smoke", "notebook": "n", "cell": "c", "name": "E", "message": "m", "kept": "k"}


@pytest.fixture
def layout(tmp_path):
    return copy_project(tmp_path)


@pytest.fixture
def fills(monkeypatch):
    """Stand in for the kernels: write one table, one page and the manifest; count the calls."""
    calls = []

    def fill(layout, run, work, *, key, inputs, progress):
        calls.append(key)
        store.write_bytes(work / "reports" / "04_check_robustness.ipynb", b"{}")
        if fill.fails:
            raise NotebookError("cell_failed", **FAILED)
        store.write_bytes(work / "data" / "verdicts.parquet", b"table")
        store.write_bytes(
            work / "reports" / "briefing_simulated.html", f"page {len(calls)}".encode()
        )
        outputs = {
            f"data/processed/{run.run}/verdicts.parquet": work / "data" / "verdicts.parquet",
            f"reports/{run.run}/briefing_simulated.html": work
            / "reports"
            / "briefing_simulated.html",
        }
        hashed = {name: store.sha256(path) for name, path in outputs.items()}
        content = {"run": run.run, "key": key, "inputs": inputs, "outputs": hashed}
        store.write_bytes(work / "reports" / manifest.NAME, manifest.to_bytes(content))

    fill.fails = False
    fill.calls = calls
    monkeypatch.setattr(runs, "_fill", fill)
    return fill


def _page(layout):
    return (layout.reports("smoke") / "briefing_simulated.html").read_text(encoding="utf-8")


def _edit_row(layout, table, change):
    path = layout.raw_press / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "hau_giang", "cao_bang", "smoke"])
def test_every_run_of_the_project_passes_its_check(layout, run):
    assert runs.check_run(layout, run).run == run


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (["sources=009"], "unknown_source"),
        (["units=99999"], "unknown_unit"),
        (["province=77777"], "unknown_unit"),
        (["indicators=onlin_share"], "unknown_indicator"),
        (["decision=001-d9"], "unknown_decision"),
        (["decision=002-d1"], "decision_elsewhere"),
        (["onlne_share=1"], "unknown_key"),
        (["alpha=abc"], "bad_value"),
        (["alpha"], "setting_syntax"),
    ],
)
def test_what_the_tables_do_not_hold_is_refused_before_anything_runs(layout, fills, settings, key):
    with pytest.raises(ParameterError) as caught:
        runs.execute_run(layout, "long_an", settings=settings)
    assert caught.value.key == key
    assert fills.calls == []
    assert not (layout.root / "reports").exists()


def test_a_missing_raw_table_is_refused(layout):
    (layout.raw_press / "events.csv").unlink()
    with pytest.raises(InputError) as caught:
        runs.check_run(layout, "long_an")
    assert caught.value.key == "raw_missing"


def test_a_simulated_run_does_not_read_the_press(layout):
    shutil.rmtree(layout.raw_press)
    assert runs.check_run(layout, "smoke").data == "simulated"


def test_values_that_break_a_contract_leave_a_report_and_nothing_else(layout, fills):
    _edit_row(layout, "observations", lambda text: text.replace('"98,08",98.08,', '"98,08",980.8,'))
    with pytest.raises(ContractError) as caught:
        runs.execute_run(layout, "long_an")
    assert caught.value.exit_code == 7
    assert [path.name for path in layout.failed("long_an").iterdir()] == ["failures.html"]
    assert not layout.reports("long_an").exists()
    assert not layout.processed("long_an").exists()
    assert fills.calls == []


def test_a_notebook_that_declares_an_unknown_parameter_is_refused(layout):
    path = plan.notebooks(layout)[3]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("alpha = 0.05", "alfa = 0.05"), encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        runs.check_run(layout, "smoke")
    assert caught.value.key == "undeclared_parameter"


def test_checking_writes_nothing(layout):
    before = sorted(layout.root.rglob("*"))
    runs.check_run(layout, "long_an")
    runs.check_published(layout, "long_an")
    assert sorted(layout.root.rglob("*")) == before


def test_a_run_is_published_and_says_that_it_ran(layout, fills):
    done = runs.execute_run(layout, "smoke")
    assert (done.run, done.ran) == ("smoke", True)
    assert done.briefing == layout.reports("smoke") / "briefing_simulated.html"
    assert _page(layout) == "page 1"
    assert not (layout.root / "reports" / ".staging-smoke").exists()


def test_a_run_whose_key_and_outputs_stand_is_left_alone(layout, fills):
    runs.execute_run(layout, "smoke")
    again = runs.execute_run(layout, "smoke")
    assert not again.ran
    assert again.briefing.is_file()
    assert len(fills.calls) == 1


def test_force_runs_again_under_the_same_key(layout, fills):
    runs.execute_run(layout, "smoke")
    assert runs.execute_run(layout, "smoke", force=True).ran
    assert fills.calls[0] == fills.calls[1]


def test_another_parameter_runs_again(layout, fills):
    runs.execute_run(layout, "smoke")
    assert runs.execute_run(layout, "smoke", settings=["seed=7"]).ran
    assert fills.calls[0] != fills.calls[1]


@pytest.mark.parametrize(
    "file", ["data/processed/smoke/verdicts.parquet", "reports/smoke/briefing_simulated.html"]
)
@pytest.mark.parametrize("how", ["altered", "deleted"])
def test_an_output_that_does_not_stand_makes_the_run_run_again(layout, fills, file, how):
    runs.execute_run(layout, "smoke")
    path = layout.root / file
    if how == "altered":
        path.write_bytes(b"other")
    else:
        path.unlink()
    with pytest.raises(InputError) as caught:
        runs.check_published(layout, "smoke")
    assert file in str(caught.value)
    assert runs.execute_run(layout, "smoke").ran
    runs.check_published(layout, "smoke")


def test_a_failure_keeps_the_notebooks_and_what_was_published(layout, fills):
    runs.execute_run(layout, "smoke")
    fills.fails = True
    with pytest.raises(NotebookError):
        runs.execute_run(layout, "smoke", force=True)
    assert _page(layout) == "page 1"
    runs.check_published(layout, "smoke")
    assert [path.name for path in layout.failed("smoke").iterdir()] == ["04_check_robustness.ipynb"]


def test_a_failure_of_the_first_run_publishes_nothing(layout, fills):
    fills.fails = True
    with pytest.raises(NotebookError):
        runs.execute_run(layout, "smoke")
    assert not layout.reports("smoke").exists()
    assert not layout.processed("smoke").exists()


def test_a_success_clears_what_the_failure_kept(layout, fills):
    fills.fails = True
    with pytest.raises(NotebookError):
        runs.execute_run(layout, "smoke")
    fills.fails = False
    runs.execute_run(layout, "smoke")
    assert not layout.failed("smoke").exists()


def test_a_broken_manifest_counts_as_not_published(layout, fills):
    runs.execute_run(layout, "smoke")
    (layout.reports("smoke") / manifest.NAME).write_text("{", encoding="utf-8")
    assert runs.execute_run(layout, "smoke").ran
