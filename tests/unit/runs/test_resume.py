"""What a run takes over from one that was not finished, or from what is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny

from commune_pilots import store
from commune_pilots.errors import KernelDiedError, NotebookError
from commune_pilots.runs import manifest
from commune_pilots.runs.plan import Record
from commune_pilots.runs.resume import Work, hash_of, published_records
from commune_pilots.runs.run import execute_run

WHERE = {"run": "long_an", "notebook": "notebooks/03_write.ipynb", "kept": "k"}
CELL = NotebookError("cell_failed", cell="c", line="1", name="E", message="m", **WHERE)


@pytest.fixture
def run(layout, kernels):
    def execute(*settings, **how):
        return execute_run(tiny.read(layout), tiny.job(layout, "long_an", *settings, **how))

    return execute


@pytest.fixture
def left(layout, run, kernels):
    """Leave a work folder whose third step failed; gives the folder."""
    kernels.fails["03_write"] = [CELL]
    with pytest.raises(NotebookError):
        run()
    kernels.executed.clear()
    return layout.root / "reports" / ".staging-long_an"


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_failure_keeps_the_steps_that_were_finished(left):
    assert _names(left / "steps") == ["01_clean.json", "02_measure.json"]
    assert {"units.parquet", "levels.parquet"} <= set(_names(left / "data"))


def test_the_next_run_executes_only_what_was_not_finished(layout, left, run, kernels):
    assert run().steps == ("03_write", "pages")
    assert kernels.steps == ["03_write"]
    assert not left.exists()
    assert not run().ran


def test_a_resumed_run_publishes_the_same_bytes_as_one_that_never_failed(layout, left, run):
    run()
    resumed = tiny.published(layout, "long_an")
    run(force=True)
    whole = tiny.published(layout, "long_an")
    volatile = (layout.reports("long_an") / manifest.VOLATILE).as_posix()
    assert resumed.pop(volatile)
    assert whole.pop(volatile)
    assert resumed == whole


def test_a_second_failure_keeps_what_the_first_one_kept(left, run, kernels):
    kernels.fails["03_write"] = [CELL]
    with pytest.raises(NotebookError):
        run()
    assert kernels.steps == ["03_write"]
    assert _names(left / "steps") == ["01_clean.json", "02_measure.json"]


def test_an_error_no_one_foresaw_loses_no_finished_step(layout, run, kernels):
    kernels.fails["03_write"] = [MemoryError()]
    with pytest.raises(MemoryError):
        run()
    kernels.executed.clear()
    assert run().steps == ("03_write", "pages")


@pytest.mark.parametrize("name", ["data/half.parquet", "reports/03_write.ipynb", "data/folder/x"])
def test_what_no_finished_step_claims_is_removed(layout, left, run, name):
    path = left / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"half written")
    run()
    assert b"half written" not in tiny.published(layout, "long_an").values()
    assert "half.parquet" not in _names(layout.processed("long_an"))


@pytest.mark.parametrize("text", ["", "{", '{"content": "x"}', "[]", '"x"', "null", "\x00\xff"])
def test_a_record_that_is_not_whole_is_ignored(left, run, kernels, text):
    (left / "steps" / "02_measure.json").write_text(text, encoding="latin-1")
    run()
    assert kernels.steps == ["02_measure", "03_write"]


def test_a_record_cut_off_anywhere_is_ignored(left, run, kernels):
    path = left / "steps" / "02_measure.json"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    run()
    assert kernels.steps == ["02_measure", "03_write"]


@pytest.mark.parametrize("how", ["altered", "deleted"])
@pytest.mark.parametrize(
    ("file", "executed"),
    [
        ("data/levels.parquet", ["02_measure", "03_write"]),
        ("reports/01_clean.ipynb", ["01_clean", "03_write"]),
    ],
)
def test_a_finished_step_whose_output_does_not_stand_is_not_trusted(
    layout, left, run, kernels, file, how, executed
):
    path = left / file
    path.write_bytes(b"other") if how == "altered" else path.unlink()
    run()
    assert kernels.steps == executed
    assert b"other" not in tiny.published(layout, "long_an").values()


@pytest.mark.parametrize(
    ("change", "executed"),
    [
        ("alpha=0.01", ["02_measure", "03_write"]),
        ("seed=7", ["01_clean", "03_write"]),
        ("least_change=5", ["03_write"]),
    ],
)
def test_what_changed_since_the_failure_runs_again(left, run, kernels, change, executed):
    run(change)
    assert kernels.steps == executed


def test_code_that_changed_since_the_failure_runs_again(layout, left, run, kernels):
    tiny.edit(layout.root / "package" / "second.py", "later", "sooner")
    run()
    assert kernels.steps == ["02_measure", "03_write"]


def test_force_forgets_what_an_unfinished_run_left(left, run, kernels):
    run(force=True)
    assert kernels.steps == [*tiny.STEPS]


@pytest.mark.parametrize("renamed", [False, True], ids=["taken away", "renamed"])
def test_all_that_is_published_is_claimed_even_if_a_finished_notebook_went(
    layout, run, kernels, renamed
):
    """Otherwise nothing says where a table comes from, and a rerun does not make it."""
    tiny.write_notebook(layout, "00_extra", 'run = "smoke"', "1")
    for step in ("00_extra", "00_other"):
        kernels.also[step] = lambda setting: (
            setting.staging / "data" / "extra.parquet"
        ).write_bytes(b"extra")
    kernels.fails["03_write"] = [CELL]
    with pytest.raises(NotebookError):
        run()
    extra = layout.notebooks / "00_extra.ipynb"
    extra.rename(layout.notebooks / "00_other.ipynb") if renamed else extra.unlink()
    run()
    claimed = manifest.read(layout, "long_an")["outputs"]
    made = {layout.root / path for path in claimed}
    told = {layout.reports("long_an") / name for name in (manifest.NAME, manifest.VOLATILE)}
    assert {path.as_posix() for path in made | told} == tiny.published(layout, "long_an").keys()


def test_a_published_step_is_lent_where_the_unfinished_run_has_none(layout, run, kernels):
    run()
    kernels.fails["02_measure"] = [CELL]
    with pytest.raises(NotebookError):
        run("alpha=0.01")
    kernels.executed.clear()
    run("alpha=0.01")
    assert kernels.steps == ["02_measure", "03_write"]


def test_after_a_failure_with_other_parameters_the_published_run_still_stands(layout, run, kernels):
    run()
    before = tiny.published(layout, "long_an")
    kernels.fails["03_write"] = [CELL]
    with pytest.raises(NotebookError):
        run("alpha=0.01")
    kernels.executed.clear()
    assert not run().ran
    assert tiny.published(layout, "long_an") == before


def test_lending_copies_and_leaves_what_is_published_alone(layout, run, kernels):
    run()
    before = tiny.published(layout, "long_an")
    kernels.fails["03_write"] = [CELL]
    with pytest.raises(NotebookError):
        run("alpha=0.01")
    assert tiny.published(layout, "long_an") == before


@pytest.mark.parametrize("move", [1, 2])
def test_a_run_killed_in_the_middle_of_its_first_swap_executes_nothing_again(
    layout, run, kernels, monkeypatch, move
):
    """Its tables may be in their place already; a run without a manifest is not published."""
    real, moved = Path.replace, []

    def replace(self, target):
        if target in (layout.processed("long_an"), layout.reports("long_an")):
            moved.append(target)
            if len(moved) == move:
                raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert not (layout.reports("long_an") / manifest.NAME).exists()
    kernels.executed.clear()
    assert run().steps == ("pages",)
    assert kernels.steps == []


def test_a_kernel_lost_in_the_last_step_costs_only_that_step(run, kernels):
    kernels.fails["03_write"] = [KernelDiedError("kernel_died", **WHERE)]
    with pytest.raises(KernelDiedError):
        run(retries=0)
    kernels.executed.clear()
    run(retries=0)
    assert kernels.steps == ["03_write"]


@pytest.fixture
def work(tmp_path):
    layout, folder = store.Layout(tmp_path), tmp_path / "reports" / ".staging-x"
    for part in ("data", "reports", "steps"):
        (folder / part).mkdir(parents=True)
    return Work(layout, "x", folder)


def _record(**outputs):
    same = {"content": "", "parameters": {}, "modules": {}, "environment": {}, "reads": {}}
    return Record(**same, outputs=outputs)


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ("reports/.staging-x/data/units.parquet", "data/processed/x/units.parquet"),
        ("reports/.staging-x/reports/01.ipynb", "reports/x/01.ipynb"),
        ("reports/.staging-x/data", "data/processed/x"),
        ("reports/.staging-x/reads.txt", None),
        ("params/base.yml", "params/base.yml"),
        ("data/processed/y/units.parquet", "data/processed/y/units.parquet"),
        ("../elsewhere", None),
    ],
)
def test_a_file_at_work_has_the_name_it_will_be_published_by(work, tmp_path, inside, name):
    path = tmp_path / inside if inside[0] != "." else tmp_path.parent / "elsewhere"
    assert work.name(path) == name


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("data/processed/x/units.parquet", "reports/.staging-x/data/units.parquet"),
        ("reports/x/01.ipynb", "reports/.staging-x/reports/01.ipynb"),
        ("reports/y/01.ipynb", "reports/y/01.ipynb"),
        ("params/base.yml", "params/base.yml"),
    ],
)
def test_a_published_name_leads_to_the_file_at_work_or_in_the_project(work, tmp_path, name, inside):
    assert work.path(name) == tmp_path / inside


def test_every_file_at_work_has_a_state_under_its_published_name(work):
    store.write_bytes(work.data / "a.parquet", b"abc")
    store.write_bytes(work.reports / "b.ipynb", b"abc")
    (work.data / "folder").mkdir()
    before = work.states()
    assert set(before) == {"data/processed/x/a.parquet", "reports/x/b.ipynb"}
    store.write_bytes(work.data / "a.parquet", b"abc")
    changed = {name for name, state in work.states().items() if before[name] != state}
    assert changed == {"data/processed/x/a.parquet"}


def test_a_record_comes_back_as_it_was_kept(work):
    store.write_bytes(work.data / "t.parquet", b"1")
    record = _record(**{"data/processed/x/t.parquet": "h"})
    work.keep("01_clean", record)
    assert work.take_up(["01_clean"]) == {"01_clean": record}
    assert (work.data / "t.parquet").is_file()


def test_forgetting_a_step_removes_its_record_and_its_outputs(work):
    record = _record(**{"data/processed/x/t.parquet": "h", "reports/x/gone.ipynb": "h"})
    store.write_bytes(work.data / "t.parquet", b"1")
    store.write_bytes(work.data / "other.parquet", b"1")
    work.keep("01_clean", record)
    work.forget("01_clean", record)
    assert _names(work.data) == ["other.parquet"]
    assert _names(work.folder / "steps") == []


def test_lending_never_overwrites_what_is_at_work(work, tmp_path):
    record = _record(**{"data/processed/x/t.parquet": "h", "data/processed/x/u.parquet": "h"})
    for name in ("t", "u"):
        store.write_bytes(tmp_path / f"data/processed/x/{name}.parquet", b"published")
    store.write_bytes(work.data / "t.parquet", b"at work")
    work.lend(record)
    assert (work.data / "t.parquet").read_bytes() == b"at work"
    assert (work.data / "u.parquet").read_bytes() == b"published"


def test_a_folder_is_hashed_by_the_names_in_it(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    empty = hash_of(folder)
    (folder / "b").write_text("1")
    one = hash_of(folder)
    (folder / "b").write_text("2")
    assert hash_of(folder) == one != empty
    (folder / "a").write_text("1")
    assert hash_of(folder) not in (one, empty)
    assert hash_of(tmp_path / "none") is None


def test_the_records_of_a_published_run_are_those_it_was_made_by(layout, run):
    assert published_records(layout, "long_an") == {}
    run()
    records = published_records(layout, "long_an")
    told = json.loads((layout.reports("long_an") / manifest.NAME).read_bytes())
    assert [*records] == [*tiny.STEPS, "pages"]
    assert {name: record.key for name, record in records.items()} == {
        name: step["key"] for name, step in told["steps"].items()
    }
