"""An analyst changes a parameter in the form of notebook 03, in JupyterLab, from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import noted
import pandas as pd
import pytest
from desked import desk_project, git, lab

from commune_pilots.desk.git_drivers import wire
from commune_pilots.runs import manifest

pytestmark = pytest.mark.slow
RUN, NOTEBOOK = "long_an", "03_estimate_effects"
FIGURE = "figure#fig-contrast-ranges"
KEY, VALUE = "least_dossiers", "200"
LINE = f"+{KEY}: {VALUE}"


def _run(layout) -> None:
    """Run in batch as the command line does."""
    done = subprocess.run(
        [Path(sys.executable).with_name("pilots"), "run", RUN],
        cwd=layout.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _settled_status(layout) -> str:
    """Ask git what is changed until only parameters are, or until that was long enough."""
    for _ in range(20):
        status = git(layout, "status", "--porcelain")
        if "notebooks/" not in status:
            break
        time.sleep(0.5)
    return status


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    """A wired project in git, in which the run has been published and nothing is changed."""
    layout = desk_project(tmp_path_factory.mktemp("analyst") / "desk")
    wire(layout)
    _run(layout)
    assert git(layout, "status", "--porcelain") == ""
    return layout


@pytest.fixture(scope="module")
def before(layout):
    return pd.read_parquet(layout.processed(RUN) / "contrasts.parquet")


@pytest.fixture(scope="module")
def told(layout, before) -> dict[str, object]:
    """Work through the notebook by hand; what was seen on the way."""
    path = layout.notebooks / f"{NOTEBOOK}.ipynb"
    seen: dict[str, object] = {}
    with lab(layout, RUN) as served, noted.opened(served, NOTEBOOK) as page:
        form = noted.run_parameters(page)
        asked = noted.field(form, KEY)
        button = form.locator("button.jupyter-button")
        asked.locator("input").fill("0")
        refused = asked.locator("[role=alert]")
        refused.wait_for()
        seen["refused"], seen["locked"] = refused.inner_text(), button.is_disabled()
        seen["file_while_wrong"] = git(layout, "diff", "--", "params")
        seen["labels"] = {
            label.inner_text(): label.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
            for label in form.locator("label").all()
            if label.is_visible()
        }
        seen["named"] = form.get_by_label("Số hồ sơ tối thiểu / Fewest dossiers").input_value()
        asked.locator("input").fill(VALUE)
        refused.wait_for(state="detached")
        seen["saved"] = noted.save_form(form)
        noted.run_all(page)
        figure = page.locator(FIGURE)
        figure.scroll_into_view_if_needed()
        figure.locator("svg").first.wait_for()
        seen["figure"] = figure.text_content()
        seen["dots"] = figure.locator("svg circle").count()
        seen["forms"] = page.locator(noted.FORM).count()
        noted.save_notebook(page, path)
        seen["status"] = _settled_status(layout)
    seen["kept"] = path.read_text(encoding="utf-8")
    seen["diff"] = git(layout, "diff", "--no-ext-diff", "--no-textconv")
    return seen


def test_a_wrong_value_is_refused_as_it_is_typed_and_saved_nowhere(told):
    assert told["refused"] == (f"params/runs/{RUN}.yml: {KEY} là 0; chấp nhận: từ 1 trở lên.")
    assert told["locked"]
    assert told["file_while_wrong"] == ""


def test_no_label_of_the_form_is_cut_off_and_each_names_its_field(told):
    assert "Số hồ sơ tối thiểu / Fewest dossiers" in told["labels"]
    assert told["named"] == "0", "a screen reader says the label with the field"
    assert [label for label, whole in told["labels"].items() if not whole] == []


def test_saving_says_what_was_written_and_what_to_do(told):
    assert told["saved"].startswith(f"Đã ghi {KEY} vào params/runs/{RUN}.yml.")
    assert told["forms"] == 1


def test_the_figure_is_drawn_with_the_changed_parameter(told, before):
    drawn = told["figure"]
    assert f"mỗi xã ít nhất {VALUE} hồ sơ" in drawn
    assert told["dots"] == len(before)
    assert f"{len(before)}/{len(before)} thay đổi" in drawn
    low, high = before.loc[before["grade"] == "none", ["conf_low", "conf_high"]].iloc[0]
    assert low < 0 < high, "the pair that the changed floor settles"


def test_the_difference_in_git_is_the_one_line_of_the_parameter(layout, told):
    assert told["status"] == f" M params/runs/{RUN}.yml\n"
    changed = [line for line in told["diff"].splitlines() if line[:1] in "+-"]
    assert changed == [f"--- a/params/runs/{RUN}.yml", f"+++ b/params/runs/{RUN}.yml", LINE]
    assert '"output_type": "execute_result"' in told["kept"], "saved with its outputs"
    git(layout, "add", "--all")
    assert git(layout, "diff", "--cached", "--name-only").split() == [f"params/runs/{RUN}.yml"]


def test_the_same_notebook_runs_unchanged_in_batch_with_the_parameter(layout, told, before):
    path = layout.notebooks / f"{NOTEBOOK}.ipynb"
    _run(layout)
    assert path.read_text(encoding="utf-8") == told["kept"]
    record = json.loads((layout.reports(RUN) / manifest.NAME).read_text(encoding="utf-8"))
    assert record["parameters"][KEY] == int(VALUE)
    after = pd.read_parquet(layout.processed(RUN) / "contrasts.parquet")
    assert (after["smallest_before"] >= int(VALUE)).all()
    assert not (before["smallest_before"] >= int(VALUE)).any()
    executed = nbformat.read(layout.reports(RUN) / path.name, as_version=4)
    injected = next(cell for cell in executed.cells if cell.id == "injected-parameters")
    assert f"{KEY} = {VALUE}" in injected.source
    assert not any("pilots-form" in str(cell.get("outputs")) for cell in executed.cells)
    page = (layout.reports(RUN) / f"{NOTEBOOK}.html").read_text(encoding="utf-8")
    assert f"mỗi xã ít nhất {VALUE} hồ sơ" in page
