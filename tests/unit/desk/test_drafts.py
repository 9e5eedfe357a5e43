"""New notebooks from the template; tests/notebooks holds it against the rules of notebooks."""

from __future__ import annotations

import nbformat
import pytest
from built import ROOT, findings_of

from commune_pilots import store
from commune_pilots.desk.drafts import TEMPLATE, new_draft
from commune_pilots.desk.lab_settings import lab_data
from commune_pilots.runs import plan
from commune_pilots.store import Layout


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.notebooks.mkdir()
    return layout


def test_drafts_take_the_next_free_name_and_stay_out_of_runs(layout):
    numbered = layout.notebooks / "01_clean_data.ipynb"
    numbered.touch()
    assert [new_draft(layout).name for _ in range(2)] == ["draft-1.ipynb", "draft-2.ipynb"]
    (layout.notebooks / "drafts" / "draft-1.ipynb").unlink()
    made = new_draft(layout)
    assert made == layout.notebooks / "drafts" / "draft-1.ipynb"
    assert made.read_bytes() == (lab_data() / TEMPLATE).read_bytes()
    assert plan.notebooks(layout) == [numbered]


def test_the_template_finds_its_project_answers_and_leaves_published_tables_as_they_are(
    layout, monkeypatch
):
    (layout.root / "params").mkdir()
    (layout.root / "params" / "base.yml").write_bytes((ROOT / "params/base.yml").read_bytes())
    for name in (store.ROOT_VARIABLE, store.STAGING_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(new_draft(layout).parent)  # as a kernel of JupyterLab is started
    store.Project("smoke").write(contrasts=findings_of("smoke").tables["contrasts"])
    table = layout.processed("smoke") / "contrasts.parquet"
    before, names = table.read_bytes(), {}
    for cell in nbformat.read(lab_data() / TEMPLATE, as_version=4).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert table.read_bytes() == before
    assert len(names["large"]) > 0
    assert (names["large"]["change"] >= names["least_change"]).all()
