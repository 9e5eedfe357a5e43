"""The worked examples through the production runner: labelled, and never beside the press."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import copy_project, text_of

from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run
from commune_pilots.runs import manifest
from commune_pilots.runs.batch import execute_batch
from commune_pilots.runs.check import check_rows
from commune_pilots.runs.gather import gather
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.listing import write_index
from commune_pilots.runs.run import Job
from commune_pilots.runs.table import Row, read_batch
from commune_pilots.simulate.panels import campaign_series, pilot_panel, weekday_log

pytestmark = pytest.mark.slow
EXAMPLES = {
    "mo_phong_8_xa": "pilot_panel",
    "mo_phong_chien_dich": "campaign_series",
    "mo_phong_thu_tu": "weekday_log",
}
LABEL = "mô phỏng"
MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    """Publish the batch of the examples once, with its table of numbers, list and evidence map."""
    made = copy_project(tmp_path_factory.mktemp("project"))
    inventory = read_inventory(made)
    rows = read_batch(made.params, "mo_phong")
    checked = check_rows(inventory, rows)
    outcomes = execute_batch(inventory, [Job(run=one.ready()) for one in checked], workers=2)
    assert [outcome.error for outcome in outcomes] == [None] * len(EXAMPLES)
    gather(inventory, "mo_phong", {outcome.run: outcome.done.key for outcome in outcomes})
    write_index(made)
    return made


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request):
    return request.param


@pytest.fixture(scope="module")
def folder(layout, example):
    return layout.reports(example)


@pytest.fixture(scope="module")
def briefing(folder):
    return BeautifulSoup((folder / "briefing_simulated.html").read_bytes(), "html.parser")


def _table(layout, run, name):
    return pd.read_parquet(layout.processed(run) / f"{name}.parquet")


def _page(path):
    return BeautifulSoup(path.read_bytes(), "html.parser")


def test_each_example_names_its_province_and_is_a_draft(layout, example):
    run = load_run(example, layout.params)
    assert (run.data, run.simulation, run.status) == ("simulated", EXAMPLES[example], "draft")


def test_every_page_of_an_example_says_simulated_before_its_first_number(folder):
    pages = sorted(folder.glob("*.html"))
    assert len(pages) == 7
    for path in pages:
        words = text_of(_page(path).find("main"))
        said = words.lower().find(LABEL)
        assert (path.name, 0 <= said < 200) == (path.name, True)


def test_no_file_of_an_example_can_be_taken_for_a_briefing_or_a_request(folder):
    names = {path.name for path in folder.iterdir()}
    assert {"briefing_simulated.html", "data_request_simulated.html"} <= names
    assert not any(name.startswith(("briefing.", "data_request.")) for name in names)


def test_every_caption_of_a_figure_or_table_says_simulated(briefing):
    figures, tables = briefing.find_all("figcaption"), briefing.find_all("caption")
    assert len(figures) >= 3
    assert len(tables) >= 10
    silent = [text_of(part) for part in [*figures, *tables] if LABEL not in text_of(part).lower()]
    assert silent == []


def test_no_figure_or_table_of_the_briefing_is_without_a_caption(briefing):
    assert [part for part in briefing.find_all("figure") if not part.find("figcaption")] == []
    assert [part for part in briefing.find_all("table") if not part.find("caption")] == []


def test_every_table_of_the_request_says_simulated(folder):
    captions = _page(folder / "data_request_simulated.html").find_all("caption")
    assert captions
    assert [part for part in map(text_of, captions) if LABEL not in part.lower()] == []


def test_every_printed_sheet_says_simulated(folder):
    page = (folder / "briefing_simulated.html").read_text(encoding="utf-8")
    assert '@page{@top-right{content:"DỮ LIỆU MÔ PHỎNG"' in page


def test_the_title_and_the_head_of_a_briefing_say_simulated(briefing):
    assert LABEL in briefing.title.text.lower()
    assert "DỮ LIỆU MÔ PHỎNG" in text_of(briefing.find("header"))


def test_a_briefing_is_no_heavier_than_those_on_press_figures_may_be(folder):
    assert (folder / "briefing_simulated.html").stat().st_size <= MOST_BYTES


def test_no_row_of_an_example_has_a_source_of_the_press(layout, example):
    read = json.loads((layout.reports(example) / manifest.NAME).read_text(encoding="utf-8"))
    assert not any(file.startswith("data/raw") for file in read["inputs"])
    assert _table(layout, example, "sources")["kind"].tolist() == ["simulated"]
    for name in ("observations", "panel", "days", "pilots", "events", "interventions"):
        assert set(_table(layout, example, name)["source"]) <= {"sim"}


def test_a_batch_of_examples_has_no_table_of_press_results(layout):
    names = {path.name for path in layout.reports("mo_phong").iterdir()}
    assert {"results_simulated.csv", "results_simulated.parquet"} <= names
    assert not names & {"results.csv", "results.parquet"}
    results = pd.read_parquet(layout.reports("mo_phong") / "results_simulated.parquet")
    assert set(results["data"]) == {"simulated"}
    assert set(results["run"]) == set(EXAMPLES)


def test_the_evidence_map_has_no_place_and_no_intervention_of_an_example(layout):
    words = text_of(_page(layout.root / "reports" / "evidence.html")).lower()
    assert LABEL not in words
    for run in EXAMPLES:
        for name in _table(layout, run, "interventions")["name_vi"]:
            assert name.removesuffix(f" ({LABEL})").lower() not in words


def test_the_list_marks_each_example_as_simulated(layout):
    page = _page(layout.root / "reports" / "index.html")
    for run in EXAMPLES:
        link = page.find("a", href=f"{run}/briefing_simulated.html")
        row = link.find_parent(["tr", "li", "article"])
        assert LABEL in text_of(row).lower()
        assert row.find("strong")


@pytest.mark.parametrize("run", ["long_an", *EXAMPLES])
def test_press_figures_and_a_simulated_province_are_refused_together(layout, run):
    world = ["simulation=pilot_panel"] if run == "long_an" else []
    row = Row(run=run, settings=("data=press", *world))
    (found,) = check_rows(read_inventory(layout), [row])
    assert isinstance(found.error, ParameterError)
    assert found.error.key == "simulation_of_press"
    assert "never meet in one run" in found.error.sentence("en")


def test_an_example_cannot_take_in_a_delivery_of_real_files(layout, tmp_path):
    real = layout.delivery("that")
    shutil.copytree(layout.processed("mo_phong_8_xa"), real)
    try:
        sources = pd.read_parquet(real / "sources.parquet").assign(kind="office_files")
        sources.to_parquet(real / "sources.parquet")
        row = Row(run="mo_phong_8_xa", settings=("deliveries=that",))
        (found,) = check_rows(read_inventory(layout), [row])
        assert isinstance(found.error, ParameterError)
        assert found.error.key == "delivery_mixed"
    finally:
        shutil.rmtree(real)


def _primary(layout, run):
    effects = _table(layout, run, "effects")
    (row,) = effects[effects["primary"]].to_dict("records")
    return row


def test_eight_pilots_drawn_one_in_each_district_answer_by_their_draw(layout):
    found = _primary(layout, "mo_phong_8_xa")
    assert (found["level"], found["n_treated"], found["n_comparison"]) == ("C1", 8, 100)
    assert found["answer"] == "told_apart"
    truth = pilot_panel(rng=np.random.default_rng(1), months=26).truth["effect"]
    assert found["conf_low"] < truth < found["conf_high"]
    assert found["p_value"] >= found["smallest_p"]


def test_a_campaign_everywhere_has_a_series_and_no_comparison(layout):
    found = _primary(layout, "mo_phong_chien_dich")
    assert (found["level"], found["grade"]) == ("C4", "low")
    truth = campaign_series(rng=np.random.default_rng(1), communes=2).truth["at_12_months"]
    assert found["conf_low"] < truth < found["conf_high"]
    effects = _table(layout, "mo_phong_chien_dich", "effects")
    assert "no_comparison" in set(effects["refused"])


def test_a_weekday_is_estimated_and_never_decided(layout):
    effects = _table(layout, "mo_phong_thu_tu", "effects").set_index("method")
    found = effects.loc["weekday"]
    assert (found["answer"], found["smallest_p"]) == ("not_decidable", 0.2)
    truth = weekday_log(rng=np.random.default_rng(1)).truth["step"]
    assert found["conf_low"] < truth < found["conf_high"]
