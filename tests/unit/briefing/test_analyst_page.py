"""The exporter of nbconvert makes the page that stands beside a briefing, from any folder."""

from __future__ import annotations

import nbformat
import pytest
from built import ROOT
from nbconvert.exporters import get_exporter
from nbconvert.utils.exceptions import ConversionException
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from commune_pilots.briefing.analyst_page import NAME, AnalystPage, is_simulated
from commune_pilots.briefing.export import export_notebook

INJECTED = {"tags": ["injected-parameters"]}
PARAMETERS = {"tags": ["parameters"]}


def _notebook(*sources, tags=PARAMETERS):
    return new_notebook(cells=[new_code_cell(source, metadata=tags) for source in sources])


def test_nbconvert_finds_the_exporter_by_its_name():
    assert get_exporter(NAME) is AnalystPage


def test_the_page_is_the_one_that_the_runner_makes(tmp_path):
    cells = [
        new_markdown_cell("# Tiêu đề\n\nNext: [b](b.ipynb)."),
        new_code_cell("1 + 1", execution_count=1, outputs=[
            new_output("execute_result", data={"text/plain": "2"}, execution_count=1)
        ]),
    ]  # fmt: skip
    notebook = new_notebook(cells=cells)
    nbformat.write(notebook, tmp_path / "a.ipynb")
    page, resources = AnalystPage().from_filename(str(tmp_path / "a.ipynb"))
    assert resources["output_extension"] == ".html"
    assert page == export_notebook(notebook, name="a", pages={})
    assert "<pre>2</pre>" in page


def test_a_notebook_with_an_error_is_refused_as_nbconvert_refuses(tmp_path):
    broken = new_output("error", ename="ValueError", evalue="x", traceback=[])
    notebook = new_notebook(cells=[new_code_cell("f()", outputs=[broken])])
    with pytest.raises(ConversionException, match="shows an error"):
        AnalystPage().from_notebook_node(notebook, {"metadata": {"name": "a"}})


@pytest.mark.parametrize(
    ("notebook", "told"),
    [
        (_notebook('data = "simulated"'), True),
        (_notebook('data = "press"  # as printed'), False),
        (_notebook('data = "simulated"', 'data = "press"'), False),
        (_notebook('run = "smoke"'), True),
        (_notebook('run = "long_an"'), False),
        (_notebook('run = "smoke"\ndata = "press"'), False),
        (_notebook('run = "smoke"', 'run = "long_an"', tags=INJECTED), False),
        (_notebook('data = "simulated"', tags={}), False),
        (_notebook("data = ("), False),
        (_notebook('run = "no_such_run"'), False),
        (new_notebook(), False),
    ],
)
def test_a_notebook_is_simulated_if_its_parameters_or_its_run_say_so(notebook, told):
    assert is_simulated(notebook, folder=ROOT / "notebooks") is told


def test_away_from_a_project_a_run_alone_tells_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("PILOTS_ROOT", raising=False)
    assert not is_simulated(_notebook('run = "smoke"'), folder=tmp_path)
    assert is_simulated(_notebook('run = "smoke"\ndata = "simulated"'), folder=tmp_path)


def test_the_page_of_a_simulated_run_says_so():
    notebook = _notebook('data = "simulated"')
    page, _ = AnalystPage().from_notebook_node(notebook, {"metadata": {"name": "a"}})
    assert "DỮ LIỆU MÔ PHỎNG" in page
