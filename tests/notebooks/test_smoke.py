"""The notebooks through the production runner, in kernels, in copies of the project."""

from __future__ import annotations

import json
import shutil

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, copy_project, findings_of, parsed, text_of, words_of
from delivered import deliver, month_row, write_sheet
from pandas.testing import assert_frame_equal
from smoked import smoked

from commune_pilots import store
from commune_pilots.errors import NotebookError
from commune_pilots.params import load_run
from commune_pilots.runs import manifest, plan
from commune_pilots.runs.ingest import ingest
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.run import Job, check_published, execute_run

pytestmark = pytest.mark.slow
NAMES = (
    "01_clean_data", "02_describe_pilots", "03_estimate_effects",
    "04_check_robustness", "05_project_scaling", "06_write_briefing",
)  # fmt: skip


def _execute(layout, name, *, settings=(), progress=lambda step: None, **given):
    run = load_run(name, layout.params, settings=settings)
    return execute_run(read_inventory(layout), Job(run=run, **given), progress=progress)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Execute the smoke run, once for all tests."""
    found = smoked(tmp_path_factory)
    if found.error:
        raise found.error
    return found


@pytest.fixture(scope="module")
def layout(ran, tmp_path_factory):
    """Copy the project it was executed in: some tests add to it."""
    made = shutil.copytree(ran.root, tmp_path_factory.mktemp("project") / "copy")
    return store.Layout(made)


@pytest.fixture(scope="module")
def smoke(ran):
    """Tell what the smoke run did and the steps it named."""
    return ran.done, ran.steps


@pytest.fixture(scope="module")
def first_page(layout, smoke):
    return smoke[0].briefing.read_bytes()


@pytest.fixture(scope="module")
def long_an(layout):
    return _execute(layout, "long_an")


def _manifest(layout, run):
    return json.loads((layout.reports(run) / manifest.NAME).read_text(encoding="utf-8"))


def test_the_smoke_run_is_published_notebook_by_notebook(layout, smoke, first_page):
    done, steps = smoke
    assert done.ran
    assert steps == done.steps == (*NAMES, plan.PAGES)
    files = {path.name for path in layout.reports("smoke").iterdir()}
    pages = {f"{name}.html" for name in NAMES[:-1]}
    assert files == {
        *pages,
        *(f"{name}.ipynb" for name in NAMES),
        "briefing_simulated.html",
        "data_request_simulated.csv",
        "data_request_simulated.html",
        manifest.NAME,
        manifest.VOLATILE,
    }
    assert not (layout.root / "reports" / ".staging-smoke").exists()
    assert not layout.failed("smoke").exists()


def test_the_manifest_names_everything_and_its_hashes_hold(layout, smoke):
    found = _manifest(layout, "smoke")
    assert set(found["parameters"]) >= {"run", "alpha", "seed", "briefing_date"}
    assert set(found["steps"]) == {*NAMES, plan.PAGES}
    assert found["versions"]["python"]
    assert found["commit"]
    assert isinstance(found["dirty"], bool)
    assert (found["data"], found["option"]) == ("simulated", "stages")
    for file, expected in {**found["inputs"], **found["outputs"]}.items():
        assert store.sha256(layout.root / file) == expected
    made = [*layout.reports("smoke").iterdir(), *layout.processed("smoke").iterdir()]
    listed = {path.relative_to(layout.root).as_posix() for path in made}
    told = {f"reports/smoke/{name}" for name in (manifest.NAME, manifest.VOLATILE)}
    assert listed - set(found["outputs"]) == told
    check_published(layout, "smoke")


def test_the_smoke_page_says_simulated_in_the_bar_and_in_a_warning(first_page):
    page = BeautifulSoup(first_page.decode(), "html.parser")
    assert "DỮ LIỆU MÔ PHỎNG" in text_of(page.find(class_="bar"))
    assert "mô phỏng" in text_of(page.find(class_="warn"))


def test_executed_notebooks_show_what_was_asked_and_hold_no_times(layout, smoke):
    for name in NAMES:
        notebook = nbformat.read(layout.reports("smoke") / f"{name}.ipynb", as_version=4)
        assert [cell.id for cell in notebook.cells][2] == "injected-parameters"
        assert 'run = "smoke"' in notebook.cells[2].source
        assert "papermill" not in notebook.metadata
        text = nbformat.writes(notebook)
        assert "duration" not in text
        assert str(layout.root) not in text


def test_every_cell_shows_one_table_figure_or_sentence_and_prints_nothing(layout, smoke):
    for name in NAMES:
        notebook = nbformat.read(layout.reports("smoke") / f"{name}.ipynb", as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell in code[3:]:  # after parameters, those injected, setup
            if "remove-cell" not in cell.metadata.get("tags", []):
                shown = [
                    (one.output_type, "text/html" in one.get("data", {})) for one in cell.outputs
                ]
                assert shown == [("execute_result", True)], (name, cell.id)


def test_pages_name_no_folder_of_this_machine(layout, smoke):
    for path in layout.reports("smoke").glob("*.html"):
        assert str(layout.root) not in path.read_text(encoding="utf-8")


def test_what_each_notebook_read_was_seen(layout, smoke, long_an):
    steps = _manifest(layout, "smoke")["steps"]
    for name in NAMES[1:]:
        assert steps[name]["reads"], name
    own = {f"data/processed/smoke/{table}.parquet" for table in ("contrasts", "observations")}
    assert own <= set(steps["04_check_robustness"]["reads"])
    assert "params/corrections.yml" in steps["01_clean_data"]["reads"]
    assert not [path for path in _manifest(layout, "smoke")["inputs"] if "/raw/" in path]
    raw = {path for path in _manifest(layout, "long_an")["inputs"] if "/raw/" in path}
    assert raw == {f"data/raw/press/{path.name}" for path in layout.raw_press.glob("*.csv")}


def test_a_second_call_leaves_the_run_alone(layout, smoke, first_page):
    again = _execute(layout, "smoke")
    assert not again.ran
    assert again.briefing.read_bytes() == first_page


def test_long_an_is_published_with_what_the_pipeline_gives_in_process(layout, long_an):
    expected = findings_of("long_an")
    for name in ("contrasts", "levels", "checks", "targets", "verdicts", "coverage"):
        written = pd.read_parquet(layout.processed("long_an") / f"{name}.parquet")
        assert_frame_equal(written, expected[name], check_dtype=False)


def test_long_an_shows_the_page_that_the_fast_tests_hold_to_its_promises(layout, long_an):
    def body(page):
        return words_of(page[: page.index('id="annex-provenance"')])["vi"].split()

    assert body(long_an.briefing.read_text(encoding="utf-8")) == body(str(parsed("long_an")))
    assert "long_an" in PRESS_RUNS


def _published(layout, run):
    folders = (layout.reports(run), layout.processed(run))
    found = {path: path.read_bytes() for folder in folders for path in folder.iterdir()}
    return {
        path.relative_to(layout.root): content
        for path, content in found.items()
        if path.name != manifest.VOLATILE
    }


def test_another_folder_zone_locale_and_a_cold_kernel_give_the_same_bytes(
    layout, smoke, tmp_path, monkeypatch
):
    for name, value in (("TZ", "Asia/Ho_Chi_Minh"), ("LC_ALL", "C"), ("COLUMNS", "40")):
        monkeypatch.setenv(name, value)
    elsewhere = copy_project(tmp_path)
    _execute(elsewhere, "smoke", cold=True)
    assert _published(elsewhere, "smoke") == _published(layout, "smoke")


def test_a_new_date_on_the_briefing_repeats_the_briefing_alone(layout, smoke, tmp_path):
    copied = store.Layout(shutil.copytree(layout.root, tmp_path / "project"))
    steps = []
    done = _execute(copied, "smoke", settings=["briefing_date=2026-12-01"], progress=steps.append)
    assert done.steps == ("06_write_briefing", plan.PAGES)
    check_published(copied, "smoke")


def _only_a_failing_notebook_04(layout, folder):
    """Copy the project and what it published; of its notebooks only 04, with a cell raising."""
    copied = store.Layout(shutil.copytree(layout.root, folder / "project"))
    for path in plan.notebooks(copied):
        notebook = nbformat.read(path, as_version=4)
        path.unlink()
        if path.stem == "04_check_robustness":
            notebook.cells[3].source = 'raise ValueError("not what was expected")'
            nbformat.write(notebook, path)
    return copied


def test_a_cell_that_raises_ends_the_run_keeps_its_notebook_and_what_was_published(
    layout, first_page, tmp_path
):
    broken = _only_a_failing_notebook_04(layout, tmp_path)
    before = _manifest(broken, "smoke")
    with pytest.raises(NotebookError) as caught:
        _execute(broken, "smoke")
    assert caught.value.exit_code == 1
    said = (
        "04_check_robustness",
        "read-contrasts",
        "line 1",
        "ValueError",
        "not what was expected",
    )
    for part in said:
        assert part in caught.value.sentence("en")
    kept = broken.failed("smoke") / "04_check_robustness.ipynb"
    assert "not what was expected" in kept.read_text(encoding="utf-8")
    assert (broken.reports("smoke") / "briefing_simulated.html").read_bytes() == first_page
    assert _manifest(broken, "smoke") == before
    check_published(broken, "smoke")


def test_a_delivery_joins_a_run_and_a_changed_one_makes_it_due(layout, smoke):
    folder = deliver(layout, simulated=True)
    rows = [month_row("Thị trấn Cần Giuộc", f"{at:02d}/2022", 100, 10 + at) for at in range(1, 13)]
    write_sheet(folder / "simulated-t1.xlsx", rows)
    ingest(layout, "so_thang")
    settings = ("deliveries=so_thang",)
    _execute(layout, "smoke", settings=settings)
    panel = pd.read_parquet(layout.processed("smoke") / "panel.parquet")
    assert panel["source"].value_counts()["so_thang"] == 24
    read = _manifest(layout, "smoke")["steps"]["01_clean_data"]["reads"]
    assert "data/processed/delivery-so_thang/panel.parquet" in read

    def due():
        run = load_run("smoke", layout.params, settings=settings)
        return [step.step for step in read_inventory(layout).plan(run) if step.reasons]

    assert due() == []
    write_sheet(folder / "simulated-t1.xlsx", rows[:-1])
    ingest(layout, "so_thang")
    assert due()[0] == "01_clean_data"
