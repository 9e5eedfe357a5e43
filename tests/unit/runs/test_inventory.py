"""What a batch reads of the project once, and what tells two checkouts apart."""

from __future__ import annotations

import pytest
import tiny
from built import ROOT

from commune_pilots import store
from commune_pilots.errors import InputError
from commune_pilots.params import load_run
from commune_pilots.runs import inventory as inventories
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.run import execute_run


@pytest.fixture
def layout(tmp_path, monkeypatch):
    layout = tiny.make(tmp_path)
    tiny.install(monkeypatch, layout)
    return layout


def test_the_projects_own_inventory_has_six_notebooks_and_the_pages():
    found = read_inventory(store.Layout(ROOT))
    assert [step.name[:2] for step in found.steps] == ["01", "02", "03", "04", "05", "06", "pa"]
    assert all(step.modules for step in found.steps)
    assert len(found.commit) == 40


def test_the_parameters_a_notebook_declares_are_all_in_the_contract():
    run = load_run("smoke", ROOT / "params")
    for step in read_inventory(store.Layout(ROOT)).steps:
        assert set(step.declared) <= set(run.model_dump())


def test_a_project_without_notebooks_is_refused(layout):
    for path in layout.notebooks.iterdir():
        path.unlink()
    with pytest.raises(InputError) as caught:
        read_inventory(layout)
    assert caught.value.exit_code == 7


def test_two_readings_of_one_project_agree(layout, tmp_path_factory):
    other = tiny.make(tmp_path_factory.mktemp("elsewhere"))
    assert read_inventory(layout).digest == read_inventory(other).digest


@pytest.mark.parametrize(
    "file", ["package/unused.py", "package/looks.css", "notebooks/03_write.ipynb", "uv.lock"]
)
def test_the_digest_changes_with_code_notebooks_and_lock(layout, file):
    before = read_inventory(layout).digest
    path = layout.root / file
    text = path.read_text(encoding="utf-8")
    changed = text.replace("json", "math") if file.endswith("ipynb") else f"{text}\n"
    path.write_text(changed, encoding="utf-8")
    assert read_inventory(layout).digest != before


@pytest.mark.parametrize("file", ["params/base.yml", tiny.NUMBERS, "reports/x/briefing.html"])
def test_the_digest_does_not_change_with_what_is_read_or_published(layout, file):
    before = read_inventory(layout).digest
    store.write_bytes(layout.root / file, b"other")
    assert read_inventory(layout).digest == before


def test_an_input_shared_by_many_runs_is_hashed_once(layout, monkeypatch):
    hashed = []
    real = inventories.hash_of
    monkeypatch.setattr(inventories, "hash_of", lambda path: (hashed.append(path), real(path))[1])
    for name in ("long_an", "bac_kan"):
        execute_run(tiny.read(layout), tiny.job(layout, name))
    found = tiny.read(layout)
    hashed.clear()
    for name in ("long_an", "bac_kan"):
        found.plan(load_run(name, layout.params))
    assert hashed.count(layout.root / tiny.NUMBERS) == 1


def test_what_runs_write_is_hashed_anew_each_time(layout):
    found = tiny.read(layout)
    for content in (b"1", b"2"):
        store.write_bytes(layout.root / "reports" / "x" / "page.html", content)
        assert found.hash_of("reports/x/page.html") == store.sha256_bytes(content)


def test_a_file_that_is_not_there_has_no_hash(layout):
    assert tiny.read(layout).hash_of("data/raw/none.csv") is None
