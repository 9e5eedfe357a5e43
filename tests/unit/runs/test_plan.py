from __future__ import annotations

import nbformat
import pytest
from built import ROOT, copy_project
from nbformat.v4 import new_output

from commune_pilots.errors import InputError, ParameterError
from commune_pilots.params import load_run
from commune_pilots.runs import manifest, plan


@pytest.fixture
def layout(tmp_path):
    return copy_project(tmp_path)


def _key(layout, run="long_an", *settings):
    asked = load_run(run, layout.params, settings=settings)
    inputs = manifest.hash_files(layout.root, plan.input_files(layout, asked))
    return plan.run_key(layout, asked, inputs)


def _edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_the_key_stays_while_nothing_changes(layout):
    assert _key(layout) == _key(layout)
    assert len(_key(layout)) == 64


def test_the_key_changes_with_a_parameter(layout):
    assert _key(layout) != _key(layout, "long_an", "alpha=0.01")


def test_the_key_changes_with_the_run(layout):
    assert _key(layout, "long_an") != _key(layout, "bac_kan")


@pytest.mark.parametrize(
    "file",
    ["data/raw/press/observations.csv", "params/indicators.yml", "params/corrections.yml"],
)
def test_the_key_changes_with_one_byte_of_an_input(layout, file):
    before = _key(layout)
    path = layout.root / file
    path.write_bytes(path.read_bytes() + b"\n")
    assert _key(layout) != before


def test_the_key_changes_with_the_lock(layout):
    before = _key(layout)
    (layout.root / "uv.lock").write_text("other", encoding="utf-8")
    assert _key(layout) != before


def test_the_key_changes_with_a_notebooks_code(layout):
    before = _key(layout)

    def reword(notebook):
        notebook.cells[-1].source += "  # other"

    _edit(plan.notebooks(layout)[0], reword)
    assert _key(layout) != before


def test_the_key_does_not_change_with_a_notebooks_outputs(layout):
    before = _key(layout)

    def show(notebook):
        notebook.cells[-1].outputs = [new_output("stream", name="stdout", text="x")]
        notebook.cells[-1].execution_count = 7

    _edit(plan.notebooks(layout)[0], show)
    assert _key(layout) == before


def test_the_key_of_a_simulated_run_does_not_depend_on_press_tables(layout):
    before = _key(layout, "smoke")
    path = layout.raw_press / "observations.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    assert _key(layout, "smoke") == before


def test_the_key_does_not_depend_on_where_the_project_stands(layout, tmp_path_factory):
    other = copy_project(tmp_path_factory.mktemp("elsewhere"))
    assert _key(layout) == _key(other)


def test_inputs_are_every_raw_table_and_both_parameter_files(layout):
    names = [path.name for path in plan.input_files(layout, load_run("long_an", layout.params))]
    assert names[:2] == ["indicators.yml", "corrections.yml"]
    assert len(names) == 9
    assert all(
        path.is_file() for path in plan.input_files(layout, load_run("smoke", layout.params))
    )


def test_notebooks_come_in_the_order_of_their_numbers(layout):
    numbers = [path.name[:2] for path in plan.notebooks(layout)]
    assert numbers == ["01", "02", "03", "04", "05", "06"]


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        plan.notebooks(copy_project(tmp_path, notebooks=[]))
    assert caught.value.key == "no_notebooks"


def test_a_notebook_gets_the_parameters_it_declares_and_no_others():
    notebook = ROOT / "notebooks" / "04_check_robustness.ipynb"
    run = load_run("long_an", ROOT / "params", settings=["alpha=0.01"])
    assert plan.parameters_for(notebook, run) == {
        "run": "long_an",
        "rounding": "nearest",
        "alpha": 0.01,
    }


def test_a_parameter_that_the_contract_does_not_know_is_refused_with_a_suggestion(layout):
    def misspell(notebook):
        notebook.cells[1].source += "\nleast_dosiers = 2"

    path = layout.notebooks / "04_check_robustness.ipynb"
    _edit(path, misspell)
    with pytest.raises(ParameterError) as caught:
        plan.parameters_for(path, load_run("long_an", layout.params))
    assert caught.value.exit_code == 2
    assert "least_dosiers" in str(caught.value)


def test_a_notebook_without_a_parameters_cell_declares_nothing(layout):
    def untag(notebook):
        notebook.cells[1].metadata.pop("tags")

    path = layout.notebooks / "02_describe_pilots.ipynb"
    _edit(path, untag)
    assert plan.declared_parameters(path) == []
    assert plan.parameters_for(path, load_run("long_an", layout.params)) == {}


def test_planning_writes_nothing(layout):
    before = sorted(path for path in layout.root.rglob("*"))
    _key(layout)
    assert sorted(path for path in layout.root.rglob("*")) == before
