"""One notebook through the runner: what is kept, what is tidied away, which error comes of what."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError
from warmed import eventually, gone

from commune_pilots import errors, store
from commune_pilots.runs import engine, execute, plan
from commune_pilots.runs.execute import KERNEL_LOG, Setting, _cell_error, execute_notebook, tidy
from commune_pilots.runs.halt import Halt

WHERE = {"run": "x", "notebook": "notebooks/04.ipynb", "kept": "reports/x.failed/04.ipynb"}
PID = (
    "import os\nfrom pathlib import Path\n"
    "_ = Path('new').write_text(str(os.getpid())), Path('new').rename('pid')"
)


def _failed(name, message="boom"):
    return PapermillExecutionError(3, 3, "call()", name, message, ["trace"])


def _executed(path, *, failing="check-contrasts"):
    shown = new_output("error", ename="E", evalue="x", traceback=[])
    cells = [new_code_cell("1"), new_code_cell("call()", outputs=[shown])]
    cells[1].id = failing
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_times_paths_and_generated_ids_are_taken_out():
    injected = new_code_cell("run = 'x'", metadata={"tags": ["injected-parameters"]})
    plain = new_code_cell("1", metadata={"papermill": {"duration": 1}, "execution": {"t": "1"}})
    plain.id = "write"
    notebook = new_notebook(cells=[injected, plain], metadata={"papermill": {"start": 1}})
    clean = tidy(notebook)
    assert "papermill" not in clean.metadata
    assert [cell.id for cell in clean.cells] == ["injected-parameters", "write"]
    assert dict(clean.cells[1].metadata) == {}


def test_two_equal_runs_are_tidied_to_the_same_bytes():
    def run(duration):
        injected = new_code_cell("run = 'x'", metadata={"tags": ["injected-parameters"]})
        injected.metadata["papermill"] = {"duration": duration}
        return new_notebook(cells=[injected], metadata={"papermill": {"duration": duration}})

    assert nbformat.writes(tidy(run(1.0))) == nbformat.writes(tidy(run(2.0)))


@pytest.mark.parametrize("kind", errors.KINDS, ids=lambda kind: kind.__name__)
def test_an_error_of_the_tree_raised_in_a_cell_keeps_its_exit_code(tmp_path, kind):
    found = _cell_error(_failed(kind.__name__), _executed(tmp_path / "n.ipynb"), WHERE)
    assert type(found) is kind
    assert found.exit_code == kind.exit_code


def test_a_broken_contract_in_a_cell_is_an_input_error(tmp_path):
    found = _cell_error(_failed("ContractError"), _executed(tmp_path / "n.ipynb"), WHERE)
    assert type(found) is errors.InputError
    assert found.exit_code == 7


@pytest.mark.parametrize("name", ["ValueError", "KeyError", "pandas.errors.MergeError", ""])
def test_any_other_error_is_a_notebook_error(tmp_path, name):
    found = _cell_error(_failed(name), _executed(tmp_path / "n.ipynb"), WHERE)
    assert type(found) is errors.NotebookError
    assert found.exit_code == 1


def test_the_error_names_notebook_cell_kind_message_and_where_it_is_kept(tmp_path):
    found = _cell_error(_failed("ValueError"), _executed(tmp_path / "n.ipynb"), WHERE)
    for part in ("notebooks/04.ipynb", "check-contrasts", "ValueError", "boom", "x.failed"):
        assert part in found.sentence("vi")
        assert part in found.sentence("en")


def test_only_the_first_line_of_a_long_message_is_shown(tmp_path):
    long = "first " + "x" * 400 + "\nsecond"
    found = _cell_error(_failed("ValueError", long), _executed(tmp_path / "n.ipynb"), WHERE)
    assert "second" not in found.sentence("en")
    assert len(str(found.values["message"])) == 300


def test_a_notebook_that_was_never_written_leaves_the_cell_unknown(tmp_path):
    found = _cell_error(_failed("ValueError", ""), tmp_path / "none.ipynb", WHERE)
    assert "'?'" in found.sentence("en")


@pytest.fixture
def setting(tmp_path, templates_at):
    """Lay out an empty project and the work folder of one run."""
    for part in ("params", "data", "notebooks", "reports/.staging-x/reports"):
        (tmp_path / part).mkdir(parents=True)
    return Setting(
        layout=store.Layout(tmp_path),
        staging=tmp_path / "reports" / ".staging-x",
        run="x",
        cell_timeout=60,
        notebook_timeout=120,
    )


def executed(setting, *sources, **parameters):
    """Execute cells as a notebook of the project; gives the notebook and what it read."""
    cells = [new_code_cell("x = 1", metadata={"tags": ["parameters"]})]
    cells += [new_code_cell(source) for source in sources]
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place}"
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = setting.layout.notebooks / "04_check.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    output = setting.staging / "reports" / path.name
    return execute_notebook(path, output, setting, parameters=parameters)


def other(setting, **changed):
    """Give the same setting with something changed."""
    fields = {name: getattr(setting, name) for name in Setting.__dataclass_fields__}
    return Setting(**{**fields, **changed})


def stop_when_begun(setting, halt):
    """Stop a run once its first cell has run."""
    eventually((setting.staging / "pid").exists)
    halt.stop()


def kernel_gone(setting):
    return eventually(lambda: gone(int((setting.staging / "pid").read_text())))


@pytest.mark.slow
def test_an_executed_notebook_is_the_same_bytes_from_a_warm_and_from_a_cold_kernel(setting):
    sources = [
        "print(x)",
        "import pandas as pd\npd.DataFrame({'a': [x]})",
        "import warnings; warnings.warn('mind')",
        "import os; print({n: os.environ[n] for n in sorted(os.environ) if n in told})",
    ]
    sources[3] = f"told = {sorted(plan.SWITCHES)}\n{sources[3]}"
    made = []
    for cold in (False, True):
        notebook, read = executed(other(setting, cold=cold), *sources, x=7)
        assert set(read) <= {setting.staging}  # modules are looked for where a kernel works
        made.append((setting.staging / "reports" / "04_check.ipynb").read_bytes())
        assert notebook.cells[2].outputs[0].text == "7\n"
        assert str(plan.SWITCHES["SOURCE_DATE_EPOCH"]) in notebook.cells[5].outputs[0].text
    assert made[0] == made[1]
    assert str(setting.layout.root).encode() not in made[0]


@pytest.mark.slow
def test_what_a_notebook_reads_below_the_project_is_told_once(setting):
    for name in ("data/read.csv", "params/read.yml", "notebooks/unwatched"):
        (setting.layout.root / name).write_text("text")
    source = (
        "import os\nfrom pathlib import Path\nroot = Path(os.environ['PILOTS_ROOT'])\n"
        "names = ('data/read.csv', 'params/read.yml', 'data/read.csv', 'notebooks/unwatched')\n"
        "for name in names:\n    (root / name).read_text()\n"
        "_ = Path('own').write_text('x'), Path('own').read_text()"
    )
    _, read = executed(setting, source)
    names = [path.relative_to(setting.layout.root).as_posix() for path in read]
    assert names == ["data/read.csv", "params/read.yml", "reports/.staging-x/own"]
    assert not (setting.staging / "reads.txt").exists()


@pytest.mark.slow
def test_a_cell_that_fails_is_named_with_its_line_and_its_notebook_is_kept(setting):
    with pytest.raises(errors.NotebookError) as caught:
        executed(setting, "print('before')", "1\n\nraise ValueError('not this')")
    told = caught.value.sentence("en")
    for part in ("cell-2", "ValueError", "not this", "reports/x.failed/04_check.ipynb"):
        assert part in told
    assert (caught.value.values["line"], caught.value.values["text"]) == (
        "3",
        "raise ValueError('not this')",
    )
    kept = (setting.staging / "reports" / "04_check.ipynb").read_text()
    assert "not this" in kept
    assert "before" in kept


@pytest.mark.slow
@pytest.mark.parametrize("leaving", ["import sys; sys.exit(0)", "raise SystemExit"])
def test_a_notebook_that_leaves_in_the_middle_is_refused(setting, leaving):
    with pytest.raises(errors.PilotsError) as caught:
        executed(setting, PID, leaving, "print('never')")
    assert type(caught.value) in (errors.NotebookError, errors.KernelDiedError)
    assert kernel_gone(setting)


@pytest.mark.slow
def test_each_way_to_break_off_has_an_error_and_leaves_no_kernel(setting, monkeypatch):
    monkeypatch.setattr(engine, "MOST_OUTPUT", 10_000)
    sleeping = "__import__('time').sleep(1000)"
    halt = Halt()
    for changed, source, kind, key in (
        ({"cell_timeout": 1}, sleeping, errors.RunTimeoutError, "timeout"),
        ({"notebook_timeout": 2}, sleeping, errors.RunTimeoutError, "notebook_timeout"),
        ({}, "print('x' * 20_000)", errors.NotebookError, "output_limit"),
        ({}, "os._exit(3)", errors.KernelDiedError, "kernel_died"),
        ({"halt": halt}, sleeping, errors.StoppedError, "stopped"),
    ):
        (setting.staging / "pid").unlink(missing_ok=True)
        if key == "stopped":
            threading.Thread(target=stop_when_begun, args=(setting, halt)).start()
        with pytest.raises(kind) as caught:
            executed(other(setting, **changed), PID, source)
        assert caught.value.key == key
        assert kernel_gone(setting)
        assert (setting.staging / "reports" / "04_check.ipynb").is_file()


@pytest.mark.slow
def test_a_kernel_keeps_its_own_words_in_a_log_and_knows_nothing_of_debugging(setting, monkeypatch):
    monkeypatch.setenv("PILOTS_DEBUG", "1")
    notebook, _ = executed(
        setting, "import os; _ = os.write(2, b'raw words'); print('PILOTS_DEBUG' in os.environ)"
    )
    assert b"raw words" in (setting.staging / KERNEL_LOG).read_bytes()
    assert notebook.cells[-1].outputs[0].text == "False\n"
    assert os.environ["PILOTS_DEBUG"] == "1"


@pytest.mark.parametrize(("for_one_user", "kept_out"), [(True, False), (False, True)])
def test_a_kernel_looks_into_a_users_own_packages_only_if_this_one_is_there(
    tmp_path, monkeypatch, for_one_user, kept_out
):
    where = Path(execute.__file__).parents[2] if for_one_user else tmp_path
    monkeypatch.setattr(execute.site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(execute.site, "getusersitepackages", lambda: str(where))
    setting = execute.Setting(
        layout=store.Layout(tmp_path), staging=tmp_path, run="a", cell_timeout=1, notebook_timeout=1
    )
    given = execute._environment(setting, tmp_path / "reads.txt")
    assert ("PYTHONNOUSERSITE" in given) == kept_out
