"""A study through the production runner: from a filled workbook to a published briefing."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import studied
from bs4 import BeautifulSoup
from built import copy_project, table_called, text_of

from commune_pilots.params import load_run
from commune_pilots.runs import manifest
from commune_pilots.runs.check import check_rows
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.run import Job, execute_run
from commune_pilots.runs.table import Row

pytestmark = pytest.mark.slow
BOOK = "data/raw/studies/can_giuoc/can_giuoc.xlsx"
RUN = """
data: press
study: "can_giuoc"
province: "80"
sources: []
decision: "study-d1"
"""


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    place = copy_project(tmp_path_factory.mktemp("study"))
    (place.params / "runs" / "can_giuoc.yml").write_text(RUN, encoding="utf-8")
    studied.put_study(place)
    return place


@pytest.fixture(scope="module")
def published(layout):
    """Run the study once, checked first as the command does."""
    inventory = read_inventory(layout)
    (checked,) = check_rows(inventory, [Row(run="can_giuoc")])
    done = execute_run(inventory, Job(run=checked.ready()))
    assert done.ran
    return layout


def test_a_study_ends_in_a_briefing_that_names_workbook_sheet_and_row(published):
    page = (published.reports("can_giuoc") / "briefing.html").read_text(encoding="utf-8")
    figures = text_of(table_called(BeautifulSoup(page, "html.parser"), "Bảng F1"))
    for row, printed in ((2, "98,08"), (3, "16,8"), (7, "chưa có")):
        assert f"can_giuoc.xlsx, Số liệu, {row}" in figures
        assert printed in figures
    assert str(published.root) not in page
    contrasts = pd.read_parquet(published.processed("can_giuoc") / "contrasts.parquet")
    assert sorted(contrasts["after"]) == [53.53, 86.41, 98.08]


def test_the_workbook_is_an_input_and_a_changed_one_makes_the_run_due(published):
    told = json.loads((published.reports("can_giuoc") / manifest.NAME).read_text(encoding="utf-8"))
    assert BOOK in told["steps"]["01_clean_data"]["reads"]
    assert BOOK in told["inputs"]

    def due():
        run = load_run("can_giuoc", published.params)
        return [step.step for step in read_inventory(published).plan(run) if step.reasons]

    assert due() == []

    def change(book):
        studied.cell_at(book, "observations", "printed", 2).value = "98,07"

    studied.put_study(published, change=change)
    assert due()[0] == "01_clean_data"
