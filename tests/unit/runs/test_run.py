"""One run as a whole: what is executed, what is published, and what a failure leaves as it was."""

from __future__ import annotations

import errno
import json

import pytest
import tiny

from commune_pilots import store
from commune_pilots.briefing.data_request import TABLES
from commune_pilots.errors import (
    ClaimError,
    ExportError,
    InputError,
    KernelDiedError,
    LockedError,
    NotebookError,
    RunTimeoutError,
    StoppedError,
    WriteError,
)
from commune_pilots.runs import manifest, pages, publish
from commune_pilots.runs.halt import Halt
from commune_pilots.runs.run import (
    BRIEFINGS,
    QUOTED,
    REQUESTS,
    _read_by_pages,
    check_published,
    execute_run,
)

WHERE = {"run": "long_an", "notebook": "notebooks/03_write.ipynb", "kept": "k"}
DIED = KernelDiedError("kernel_died", **WHERE)
LATE = RunTimeoutError("timeout", seconds=1, **WHERE)
FULL = OSError(errno.ENOSPC, "No space left on device", "/work/t.parquet")
CELL = NotebookError("cell_failed", cell="c", line="1", name="E", message="m", **WHERE)
CLAIM = ClaimError("cell_failed", cell="c", line="1", name="E", message="m", **WHERE)


@pytest.fixture
def run(layout, kernels):
    """Execute the run long_an on the project as it stands now."""

    def execute(*settings, halt=None, progress=lambda _: None, **how):
        job = tiny.job(layout, "long_an", *settings, **how)
        return execute_run(tiny.read(layout), job, halt=halt, progress=progress)

    return execute


def _page(layout):
    return (layout.reports("long_an") / "briefing.html").read_text(encoding="utf-8")


def _fail(run, kernels, *errors, step="03_write", **how):
    """Execute with a step that fails; returns the error that came out."""
    kernels.fails[step] = list(errors)
    with pytest.raises(type(errors[-1])) as caught:
        run(**how)
    return caught.value


def test_a_first_run_executes_every_step_and_says_so(layout, run, kernels):
    done = run()
    assert done.steps == (*tiny.STEPS, "pages")
    assert done.ran
    assert done.run == "long_an"
    assert done.briefing == layout.reports("long_an") / "briefing.html"
    assert _page(layout).startswith("98,08 0.05 10.0 by cccc")
    assert kernels.steps == [*tiny.STEPS]


def test_tables_notebooks_pages_and_both_manifests_are_published_and_no_work_is_left(layout, run):
    run()
    assert [path.name for path in sorted(layout.processed("long_an").iterdir())] == [
        "levels.parquet",
        "units.parquet",
        "verdicts.parquet",
    ]
    assert [path.name for path in sorted(layout.reports("long_an").iterdir())] == [
        "01_clean.html",
        "01_clean.ipynb",
        "02_measure.html",
        "02_measure.ipynb",
        "03_write.ipynb",
        "briefing.html",
        "manifest.json",
        "run.json",
    ]
    left = [path.name for path in (layout.root / "reports").iterdir()]
    assert sorted(left) == [".lock-long_an", "long_an"]


def test_a_simulated_run_is_published_under_a_name_that_says_so(layout, kernels):
    done = execute_run(tiny.read(layout), tiny.job(layout, "smoke"))
    assert done.briefing == layout.reports("smoke") / "briefing_simulated.html"
    assert done.briefing.is_file()
    assert not (layout.reports("smoke") / "briefing.html").exists()


def test_a_run_that_stands_is_left_alone_byte_for_byte(layout, run, kernels):
    run()
    before = tiny.published(layout, "long_an")
    kernels.executed.clear()
    done = run()
    assert (done.steps, done.ran) == ((), False)
    assert done.briefing.is_file()
    assert kernels.steps == []
    assert tiny.published(layout, "long_an") == before


@pytest.mark.parametrize(
    ("setting", "executed"),
    [
        ("seed=7", ["01_clean"]),
        ("alpha=0.01", ["02_measure", "03_write"]),
        ("least_change=5", ["03_write"]),
        ("status=official", []),
    ],
)
def test_a_changed_parameter_executes_its_steps_and_what_they_change(
    run, kernels, setting, executed
):
    run()
    kernels.executed.clear()
    assert run(setting).steps == (*executed, "pages")
    assert kernels.steps == executed


def test_an_earlier_step_that_writes_the_same_bytes_makes_no_later_one_run(layout, run, kernels):
    run()
    kernels.executed.clear()
    with (layout.root / tiny.NUMBERS).open("a", encoding="utf-8") as numbers:
        numbers.write("a line that 01 leaves out\n")
    assert run().steps == ("01_clean", "pages")
    assert kernels.steps == ["01_clean"]
    assert not run().ran


def test_force_executes_every_step_again_to_the_same_bytes(layout, run, kernels):
    run()
    before = tiny.published(layout, "long_an")
    kernels.executed.clear()
    run(force=True)
    assert kernels.steps == [*tiny.STEPS]
    after = tiny.published(layout, "long_an")
    assert {path for path in after if after[path] != before[path]} <= {
        (layout.reports("long_an") / "run.json").as_posix()
    }


def test_progress_names_each_step_before_it_runs(run):
    steps = []
    run(progress=steps.append)
    assert steps == [*tiny.STEPS, "pages"]


@pytest.mark.parametrize("how", ["altered", "deleted"])
@pytest.mark.parametrize(
    ("file", "executed"),
    [
        ("data/processed/long_an/units.parquet", ["01_clean"]),
        ("reports/long_an/03_write.ipynb", ["03_write"]),
        ("reports/long_an/briefing.html", []),
    ],
)
def test_an_output_that_does_not_stand_is_refused_by_the_check_and_made_again(
    layout, run, kernels, file, how, executed
):
    run()
    before = tiny.published(layout, "long_an")
    path = layout.root / file
    path.write_bytes(b"other") if how == "altered" else path.unlink()
    with pytest.raises(InputError) as caught:
        check_published(layout, "long_an")
    assert (caught.value.key, caught.value.values["file"]) == ("altered", file)
    kernels.executed.clear()
    assert run().steps == (*executed, "pages")
    check_published(layout, "long_an")
    assert tiny.published(layout, "long_an").keys() == before.keys()


@pytest.mark.parametrize("broken", ["{", "[]", '{"format": 1}'])
def test_a_manifest_that_cannot_be_read_counts_as_not_published(layout, run, kernels, broken):
    run()
    kernels.executed.clear()
    (layout.reports("long_an") / manifest.NAME).write_text(broken, encoding="utf-8")
    run()
    assert kernels.steps == [*tiny.STEPS]


def test_a_run_never_published_passes_the_check_of_its_outputs(layout):
    check_published(layout, "long_an")


def test_the_manifest_holds_no_time_and_is_the_same_bytes_for_two_executions(layout, run):
    run()
    first = (layout.reports("long_an") / manifest.NAME).read_bytes()
    run(force=True)
    assert (layout.reports("long_an") / manifest.NAME).read_bytes() == first
    told = json.loads(first)
    assert not {"started", "seconds", "host", "attempts"} & told.keys()
    assert b"seconds" not in first


def test_times_and_attempts_are_told_apart_and_are_no_outputs(layout, run, kernels):
    kernels.fails["02_measure"] = [DIED]
    run(cold=True)
    told = json.loads((layout.reports("long_an") / manifest.VOLATILE).read_bytes())
    assert {name: step["attempts"] for name, step in told["steps"].items()} == {
        "01_clean": 1,
        "02_measure": 2,
        "03_write": 1,
    }
    assert told["kernels"] == "cold"
    assert told["started"].endswith("+00:00")
    found = manifest.read(layout, "long_an")
    assert not [path for path in found["outputs"] if path.endswith("run.json")]


def test_the_inputs_of_a_run_are_what_it_read_and_did_not_make(layout, run):
    run()
    assert manifest.read(layout, "long_an")["inputs"] == {
        tiny.NUMBERS: store.sha256(layout.root / tiny.NUMBERS)
    }


def test_a_file_outside_the_project_or_of_the_work_folder_is_no_input(
    layout, run, kernels, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.csv"
    elsewhere.write_text("x", encoding="utf-8")
    work = layout.root / "reports" / ".staging-long_an"
    kernels.reads["01_clean"] = [elsewhere, work / "reads.txt", layout.root / "params" / "none"]
    run()
    assert list(manifest.read(layout, "long_an")["inputs"]) == [tiny.NUMBERS]


@pytest.mark.parametrize("error", [DIED, LATE])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_kernel_that_dies_or_is_late_is_tried_again_as_often_as_asked(
    run, kernels, error, retries
):
    kernels.fails["02_measure"] = [error] * retries
    assert run(retries=retries).ran
    assert kernels.steps.count("02_measure") == retries + 1


@pytest.mark.parametrize("error", [DIED, LATE])
@pytest.mark.parametrize("retries", [0, 2])
def test_one_failure_more_than_asked_ends_the_run_with_its_own_code(run, kernels, error, retries):
    found = _fail(run, kernels, *[error] * (retries + 1), step="02_measure", retries=retries)
    assert found is error
    assert kernels.steps == ["01_clean", *["02_measure"] * (retries + 1)]


@pytest.mark.parametrize("error", [CELL, CLAIM, FULL], ids=["cell", "claim", "disk"])
def test_any_other_failure_is_not_tried_again(run, kernels, error):
    kernels.fails["02_measure"] = [error]
    with pytest.raises((NotebookError, ClaimError, WriteError)):
        run(retries=5)
    assert kernels.steps == ["01_clean", "02_measure"]


def test_a_full_disk_is_a_write_error_and_what_was_published_stays_byte_for_byte(
    layout, run, kernels
):
    run()
    before = tiny.published(layout, "long_an")
    kernels.fails["03_write"] = [FULL]
    with pytest.raises(WriteError) as caught:
        run(force=True)
    assert caught.value.exit_code == 6
    assert "No space left on device" in caught.value.sentence("vi")
    assert tiny.published(layout, "long_an") == before
    check_published(layout, "long_an")


def test_a_disk_that_is_full_for_the_failure_report_too_is_still_a_write_error(
    run, kernels, monkeypatch
):
    def full(*_):
        raise FULL

    monkeypatch.setattr(publish.shutil, "copyfile", full)
    kernels.fails["03_write"] = [WriteError("cannot_write", file="t", reason="full")]
    with pytest.raises(WriteError):
        run()


@pytest.mark.parametrize("step", tiny.STEPS)
@pytest.mark.parametrize("error", [CELL, CLAIM, DIED], ids=["cell", "claim", "kernel"])
def test_a_failure_leaves_what_was_published_byte_for_byte_and_a_report(
    layout, run, kernels, step, error
):
    run()
    before = tiny.published(layout, "long_an")
    _fail(run, kernels, error, step=step, force=True, retries=0)
    assert tiny.published(layout, "long_an") == before
    kept = {path.name for path in layout.failed("long_an").iterdir()}
    assert {f"{step}.ipynb", "failure.html"} <= kept
    page = (layout.failed("long_an") / "failure.html").read_text(encoding="utf-8")
    assert "notebooks/03_write.ipynb" in page


def test_a_failure_of_the_first_run_publishes_nothing(layout, run, kernels):
    _fail(run, kernels, CELL)
    assert tiny.published(layout, "long_an") == {}


def test_a_success_clears_what_the_failure_kept(layout, run, kernels):
    _fail(run, kernels, CELL)
    run()
    assert not layout.failed("long_an").exists()


def test_a_page_that_breaks_a_rule_publishes_nothing_and_keeps_the_notebooks(
    layout, run, kernels, monkeypatch
):
    def refuse(*_, **__):
        raise ExportError("export_rule", page="p", rule="r", found="f")

    monkeypatch.setattr(pages, "make_pages", refuse)
    with pytest.raises(ExportError):
        run()
    assert tiny.published(layout, "long_an") == {}
    assert (layout.failed("long_an") / "03_write.ipynb").is_file()
    assert kernels.steps == [*tiny.STEPS]


def test_a_table_written_by_two_steps_is_refused_by_both_names(layout, run, kernels):
    kernels.also["03_write"] = lambda setting: (
        setting.staging / "data" / "units.parquet"
    ).write_bytes(b"other")
    with pytest.raises(NotebookError) as caught:
        run()
    assert caught.value.key == "written_twice"
    for language in ("vi", "en"):
        sentence = caught.value.sentence(language)
        for named in ("data/processed/long_an/units.parquet", "01_clean", "03_write"):
            assert named in sentence
    assert tiny.published(layout, "long_an") == {}


def test_an_input_changed_between_two_steps_is_refused_and_nothing_is_published(
    layout, run, kernels
):
    kernels.also["02_measure"] = lambda _: (layout.root / tiny.NUMBERS).write_text("1,0\n")
    with pytest.raises(InputError) as caught:
        run()
    assert (caught.value.key, caught.value.values["file"]) == ("changed_meanwhile", tiny.NUMBERS)
    assert tiny.published(layout, "long_an") == {}
    kernels.also.clear()
    assert run().steps[0] == "01_clean"
    assert _page(layout).startswith("1,0 ")


def test_an_input_changed_after_a_step_has_read_it_is_refused(layout, run, kernels):
    """The step goes on after reading; what it makes does not come from the file as it then is."""
    kernels.also["01_clean"] = lambda _: (layout.root / tiny.NUMBERS).write_text("1,0\n")
    with pytest.raises(InputError) as caught:
        run()
    assert caught.value.key == "changed_meanwhile"


def test_a_run_held_by_another_process_is_refused_and_executes_nothing(layout, run, kernels):
    with publish.staging(layout, "long_an"), pytest.raises(LockedError):
        run()
    assert kernels.steps == []


def test_a_halt_before_the_first_step_executes_nothing(run, kernels):
    halt = Halt()
    halt.stop()
    with pytest.raises(StoppedError):
        run(halt=halt)
    assert kernels.steps == []


def test_a_halt_between_two_steps_keeps_the_finished_ones_and_writes_no_report(
    layout, run, kernels
):
    halt = Halt()
    kernels.also["02_measure"] = lambda _: halt.stop()
    with pytest.raises(StoppedError) as caught:
        run(halt=halt)
    assert caught.value.exit_code == 130
    assert not layout.failed("long_an").exists()
    assert tiny.published(layout, "long_an") == {}
    assert kernels.steps == ["01_clean", "02_measure"]
    assert run().steps == ("03_write", "pages")


def test_pages_rest_on_the_indicators_that_the_notebooks_read(layout, run, kernels):
    path = layout.params / "indicators.yml"
    kernels.reads["03_write"] = [path]
    run()
    reads = manifest.read(layout, "long_an")["steps"]["pages"]["reads"]
    assert "params/indicators.yml" in reads
    assert tiny.NUMBERS not in reads
    with path.open("a", encoding="utf-8") as handle:
        handle.write("# changed\n")
    kernels.executed.clear()
    assert run().steps == ("03_write", "pages")


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("reports/a/03_write.ipynb", True),
        ("params/indicators.yml", True),
        ("data/processed/a/interventions.parquet", True),
        ("data/processed/a/results.parquet", False),
        ("data/raw/press/interventions.csv", False),
        ("data/raw/press/units.csv", False),
        ("params/corrections.yml", False),
        ("data/raw/released/a-2026-11-22.json", True),
    ],
)
def test_pages_are_made_of_notebooks_quoted_tables_and_indicators_and_of_nothing_raw(path, read):
    assert _read_by_pages(path) is read


def test_the_pages_of_a_run_that_names_an_earlier_briefing_rest_on_its_results_too():
    assert _read_by_pages("data/processed/a/results.parquet", (*QUOTED, "results"))


def test_every_table_a_request_rests_on_is_read_for_the_pages():
    assert set(TABLES) <= set(QUOTED)
    assert REQUESTS.keys() == BRIEFINGS.keys()
    assert "simulated" in REQUESTS["simulated"]
