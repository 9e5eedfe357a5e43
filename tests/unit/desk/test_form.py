from __future__ import annotations

import html
import shutil
import subprocess
import sys

import pytest
from shells import run_cell, shell

from commune_pilots import store
from commune_pilots.desk import form, form_view
from commune_pilots.desk.at_hand import take_up
from commune_pilots.params import load_run

CELL = 'run = "smoke"\nalpha = 0.05\nleast_dossiers = 1\nsources = ["sim"]\n'


@pytest.fixture
def layout(root, tmp_path, monkeypatch):
    shutil.copytree(root / "params", tmp_path / "params")
    monkeypatch.setenv(store.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.delenv("PILOTS_LANG", raising=False)
    return store.Layout(tmp_path)


@pytest.fixture
def shown(monkeypatch):
    """Everything that is displayed, in order."""
    outputs: list[object] = []
    monkeypatch.setattr(form, "display", lambda output, **how: outputs.append(output))
    return outputs


@pytest.fixture
def notebook(layout, shown):
    made = shell()
    form.load_ipython_extension(made)
    yield made
    form.unload_ipython_extension(made)


def _view(made) -> form_view.View:
    return made._commune_pilots_form


def test_the_values_of_the_run_at_hand_are_put_over_those_of_the_cell(layout, notebook):
    take_up(layout, "long_an")
    run_cell(notebook, CELL)
    names = notebook.user_ns
    assert (names["run"], names["sources"], names["alpha"]) == ("long_an", ["001"], 0.05)
    assert "province" not in names, "the cell does not declare it"


def test_without_a_run_at_hand_the_cells_own_run_is_shown(layout, notebook):
    run_cell(notebook, CELL)
    assert notebook.user_ns["run"] == "smoke"
    assert _view(notebook).held.run == "smoke"


def test_the_form_and_the_same_as_text_are_shown_below_the_cell(layout, notebook, shown):
    take_up(layout, "long_an")
    run_cell(notebook, CELL)
    style, bundle = shown
    assert "<style>" in style["text/html"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "least_dossiers  1     Số hồ sơ tối thiểu / Fewest dossiers" in bundle["text/plain"]
    assert list(_view(notebook).controls) == ["sources", "alpha", "least_dossiers"]


@pytest.mark.parametrize("cell", ["alpha = 0.05\n", "run = 'smoke'\nx = 1\n", "print('run')\n"])
def test_other_cells_show_nothing_and_keep_their_values(layout, notebook, shown, cell):
    take_up(layout, "long_an")
    run_cell(notebook, cell)
    assert shown == []
    assert notebook.user_ns.get("run", "smoke") == "smoke"


def test_a_cell_that_failed_shows_nothing(notebook, shown):
    run_cell(notebook, CELL, success=False)
    assert shown == []


def test_a_list_handed_out_is_the_notebooks_own(layout, notebook):
    run_cell(notebook, CELL)
    notebook.user_ns["sources"].append("x")
    assert _view(notebook).held.sources == load_run("smoke", layout.params).sources


def test_a_second_run_of_the_cell_leaves_one_form_and_one_hook(layout, notebook):
    run_cell(notebook, CELL)
    first = _view(notebook)
    form.load_ipython_extension(notebook)
    run_cell(notebook, CELL)
    run_cell(notebook, CELL)
    assert len(notebook.events.callbacks["post_run_cell"]) == 1
    assert _view(notebook) is not first
    assert first.box.comm is None, "closed: nothing in it reaches the kernel any more"
    assert first.save.comm is None


def test_what_was_typed_and_not_saved_is_kept_when_all_cells_run_again(layout, notebook):
    take_up(layout, "long_an")
    run_cell(notebook, CELL)
    _view(notebook).body.children[1].selected_index = 0
    _view(notebook).controls["least_dossiers"].value = "many"
    _view(notebook).controls["seed"].value = "8"
    run_cell(notebook, CELL)
    assert _view(notebook).controls["least_dossiers"].value == "many"
    assert _view(notebook).controls["seed"].value == "8"
    assert "least_dossiers là 'many'" in html.unescape(
        _view(notebook).notes["least_dossiers"].value
    )
    assert notebook.user_ns["least_dossiers"] == 1
    take_up(layout, "bac_kan")
    run_cell(notebook, CELL)
    assert _view(notebook).controls["least_dossiers"].value == "1", "another run's form is its own"


def test_unloading_takes_hook_and_form_away(layout, notebook, shown):
    run_cell(notebook, CELL)
    form.unload_ipython_extension(notebook)
    assert notebook.events.callbacks["post_run_cell"] == []
    del shown[:]
    run_cell(notebook, CELL)
    assert shown == []


def test_a_cell_changed_by_hand_is_told_that_the_runs_values_hold(layout, notebook, shown):
    take_up(layout, "long_an")
    run_cell(notebook, CELL.replace("0.05", "0.01"))
    assert notebook.user_ns["alpha"] == 0.05
    for told in (_view(notebook).told.value, shown[1]["text/plain"]):
        assert "khác mặc định ở alpha" in told
        assert "the values of run long_an hold" in told


def test_a_terminal_gets_a_table_of_text_and_no_widget(layout, shown):
    take_up(layout, "long_an")
    made = shell(kernel=False)
    form.load_ipython_extension(made)
    run_cell(made, CELL)
    (table,) = shown
    assert made.user_ns["run"] == "long_an"
    assert repr(table).startswith("sources         001   Nguồn / Sources\n")
    assert "params/runs/long_an.yml" in repr(table)


def test_what_is_no_project_is_one_sentence_and_the_cell_stands(tmp_path, monkeypatch, shown):
    monkeypatch.delenv(store.ROOT_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    made = shell()
    form.load_ipython_extension(made)
    run_cell(made, CELL)
    assert made.user_ns["run"] == "smoke"
    assert "không phải thư mục của dự án" in repr(shown[0])


def test_a_run_file_that_cannot_be_read_is_told_and_the_cell_stands(layout, notebook, shown):
    (layout.params / "runs" / "long_an.yml").write_text("alpha: 9\n", encoding="utf-8")
    take_up(layout, "long_an")
    run_cell(notebook, CELL)
    assert notebook.user_ns["run"] == "smoke"
    assert "params/runs/long_an.yml: alpha là 9" in _view(notebook).told.value
    assert _view(notebook).save.disabled


def test_a_defect_of_ours_is_a_sentence_and_no_traceback(layout, notebook, shown, monkeypatch):
    def broken(*_given, **_named):
        raise RuntimeError("oops")

    monkeypatch.setattr(form_view, "show", broken)
    run_cell(notebook, CELL)
    assert notebook.user_ns["run"] == "smoke"
    assert "RuntimeError" in repr(shown[0])


@pytest.mark.slow
def test_loading_is_light_and_brings_neither_widgets_nor_the_runner():
    script = (
        "import sys; import commune_pilots.desk.form as form; "
        "print([name for name in ('ipywidgets', 'pandas', 'matplotlib', 'papermill', "
        "'commune_pilots.runs') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
