from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError

from commune_pilots import errors
from commune_pilots.runs.execute import _STEADY, _cell_error, tidy

WHERE = {"run": "x", "notebook": "notebooks/04.ipynb", "kept": "reports/x.failed/04.ipynb"}


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


def test_a_kernel_runs_in_a_steady_environment():
    for name in ("PYTHONHASHSEED", "SOURCE_DATE_EPOCH", "OMP_NUM_THREADS", "TZ"):
        assert _STEADY[name]
