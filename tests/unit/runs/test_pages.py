"""From executed notebooks to pages: made without a kernel from the blocks of notebook 06."""

from __future__ import annotations

import copy
import re
import shutil
from dataclasses import replace

import nbformat
import pytest
from built import LAYOUT, analysis, executed_cell, findings_of, notebook_of, written
from nbformat.v4 import new_notebook
from recorded import record

from commune_pilots import schemas
from commune_pilots.briefing import data_request
from commune_pilots.briefing.changes import compare
from commune_pilots.errors import ClaimError, ContractError, ExportError, InputError
from commune_pilots.params import load_run
from commune_pilots.runs import pages

RUN = load_run("long_an", LAYOUT.params)
ORIGIN = pages.Origin(
    commit="a" * 40,
    dirty=False,
    inputs={"data/raw/press/observations.csv": "f" * 64},
    versions={"python": "3.11.7"},
    written=written(),
)


@pytest.fixture(scope="module")
def executed():
    notebooks = copy.deepcopy(analysis())
    notebooks["01_clean_data"].cells.append(executed_cell("<p>Một bảng</p>"))
    return {**notebooks, "06_write_briefing": notebook_of(findings_of("long_an"))}


@pytest.fixture(scope="module")
def tables():
    made = findings_of("long_an").tables
    return {name: made[name] for name in ("verdicts", "contrasts", "effects", *data_request.TABLES)}


def _made(executed, tables, *, origin=ORIGIN, **changes):
    given = {
        "briefing": "briefing.html",
        "request": "data_request.html",
        "indicators": findings_of("long_an").indicators,
        **changes,
    }
    return pages.make_pages(RUN, executed, tables, origin, **given)


def test_the_last_notebook_is_the_briefing_and_the_others_are_pages_of_their_own(executed, tables):
    made = _made(executed, tables)
    pages_made = [name for name in made if name.endswith(".html")]
    assert pages_made == [
        "briefing.html",
        *(f"{name}.html" for name in analysis()),
        "data_request.html",
    ]
    assert all(made[name].startswith(b"<!DOCTYPE html>") for name in pages_made)
    assert "Một bảng" in made["01_clean_data.html"].decode()


def test_the_request_is_made_as_a_form_and_as_a_file_of_the_same_name(executed, tables):
    made = _made(executed, tables, request="data_request_simulated.html")
    form = made["data_request_simulated.html"].decode()
    assert "data_request_simulated.csv" in form
    assert "Thị trấn Cần Giuộc" in form
    assert made["data_request_simulated.csv"].startswith(b"\xef\xbb\xbfma_du_lieu;")
    assert "data_request.html" not in made


def test_a_request_that_claims_a_cause_is_refused_and_nothing_is_made(executed, tables):
    register = tables["interventions"]
    claim = register.assign(name_vi="Thí điểm đã làm tăng tỷ lệ nộp trực tuyến")
    with pytest.raises(ClaimError):
        _made(executed, {**tables, "interventions": claim})


def test_a_request_needs_neither_contrasts_nor_a_verdict(tables):
    kept = {name: tables[name] for name in data_request.TABLES}
    indicators = findings_of("long_an").indicators
    made = pages.make_request(RUN, kept, indicators, name="data_request.html")
    assert [*made] == ["data_request.html", "data_request.csv"]


def test_the_indicators_are_read_once_for_each_version_of_their_file(tmp_path):
    path = tmp_path / "indicators.yml"
    shutil.copy(LAYOUT.params / "indicators.yml", path)
    first = pages.read_indicators(path, "one")
    path.write_text("", encoding="utf-8")
    assert pages.read_indicators(path, "one") is first
    shutil.copy(LAYOUT.params / "indicators.yml", path)
    assert pages.read_indicators(path, "two") is not first


def test_the_briefing_is_called_as_it_is_asked_to_be(executed, tables):
    made = _made(executed, tables, briefing="briefing_simulated.html")
    assert "briefing.html" not in made


def test_the_briefing_tells_where_it_comes_from(executed, tables):
    page = _made(executed, tables)["briefing.html"].decode()
    for told in ("a" * 12, "f" * 12, "data/raw/press/observations.csv", "3.11.7", "01_clean_data"):
        assert told in page


def test_every_table_links_to_a_cell_that_is_on_the_page_of_its_notebook(executed, tables):
    made = _made(executed, tables)
    links = re.findall(r'href="(0\d_\w+\.html)#([^"]+)"', made["briefing.html"].decode())
    assert len(links) >= 15
    for name, cell in links:
        assert made[name].decode().count(f'<pre id="{cell}">') == 1


def test_a_briefing_whose_table_no_notebook_wrote_is_refused(executed, tables):
    origin = replace(ORIGIN, written={**written(), "03_estimate_effects": ["levels"]})
    with pytest.raises(ExportError) as caught:
        _made(executed, tables, origin=origin)
    assert caught.value.values == {"page": "long_an/briefing.html", "table": "contrasts"}


@pytest.mark.slow
def test_changes_since_an_earlier_briefing_are_an_annex_of_the_page(executed, tables):
    assert b"annex-changes" not in _made(executed, tables)["briefing.html"]
    changes = compare(record(), record(option="stages", parameters={"alpha": 0.01}))
    page = _made(executed, tables, origin=replace(ORIGIN, changes=changes))["briefing.html"]
    annex = page.decode().split('id="annex-changes"')[1]
    assert "Phụ lục G. Thay đổi so với bản ngày 22/11/2026" in annex
    assert "tham số alpha 0,05 → 0,01" in annex


def test_the_same_notebooks_make_the_same_bytes(executed, tables):
    assert _made(executed, tables) == _made(executed, tables)


def test_a_page_without_its_one_headline_is_refused(tables):
    bare = {"06_write_briefing": new_notebook(cells=[executed_cell("<p>x</p>")])}
    with pytest.raises(ExportError):
        _made(bare, tables)


@pytest.mark.slow
def test_a_sentence_above_the_grade_is_refused(tables):
    notebook = notebook_of(findings_of("long_an"))
    notebook.cells.append(executed_cell("<p>Thí điểm đã làm tăng tỷ lệ nộp trực tuyến.</p>"))
    with pytest.raises(ClaimError):
        _made({**analysis(), "06_write_briefing": notebook}, tables)


def test_the_facts_of_a_run_are_those_of_its_verdict_and_its_headline(executed, tables):
    told = pages.facts(RUN, executed["06_write_briefing"], tables)
    assert {key: told[key] for key in ("run", "data", "grade", "province_name")} == {
        "run": "long_an",
        "data": "press",
        "grade": "low",
        "province_name": "Tỉnh Long An",
    }
    assert told["option"] == tables["verdicts"]["option"].iloc[0]
    assert told["title"]


def test_tables_are_read_under_their_contracts(tmp_path, tables):
    for name, frame in tables.items():
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    read = pages.read_tables(tmp_path, list(tables), run="x")
    assert {name: len(frame) for name, frame in read.items()} == {
        name: len(frame) for name, frame in tables.items()
    }


def test_a_table_that_breaks_its_contract_is_refused(tmp_path):
    schemas.empty("units").assign(extra="x").to_parquet(tmp_path / "units.parquet", index=False)
    with pytest.raises(ContractError):
        pages.read_tables(tmp_path, ["units"], run="x")


@pytest.mark.slow
def test_a_notebook_read_back_from_its_file_makes_the_same_page(tmp_path, executed, tables):
    again = {}
    for name, node in executed.items():
        nbformat.write(node, tmp_path / f"{name}.ipynb")
        again[name] = nbformat.read(tmp_path / f"{name}.ipynb", as_version=4)
    assert _made(again, tables) == _made(executed, tables)


def test_a_table_that_no_notebook_wrote_is_named_with_its_run(tmp_path):
    with pytest.raises(InputError) as caught:
        pages.read_tables(tmp_path, ["units"], run="long_an")
    assert caught.value.key == "table_missing"
    assert caught.value.values == {"table": "units", "run": "long_an"}
