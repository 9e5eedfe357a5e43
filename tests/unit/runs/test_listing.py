"""The pages over every published run: what is listed, what leads where, what is left alone."""

from __future__ import annotations

import json
import os

import pytest
import tiny
from asked import interventions, units

from commune_pilots import store
from commune_pilots.runs import listing, manifest
from commune_pilots.runs.batch import execute_batch
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.listing import write_index

RUNS = ("long_an", "bac_kan", "hau_giang")


@pytest.fixture
def run(layout, kernels):
    def execute(*names):
        jobs = [tiny.job(layout, name, retries=0) for name in names or RUNS]
        return execute_batch(read_inventory(layout), jobs)

    return execute


def _release(layout, folder, text, *pages):
    """Write the record of a release, and the pages beside it."""
    for name, content in (("release.json", text), *((page, "x") for page in pages)):
        store.write_bytes(layout.root / "reports" / "released" / folder / name, content.encode())


def _record(run, date):
    return json.dumps({"run": run, "date": date, "approver": "N. V. A."})


def test_the_index_lists_every_published_run_by_name(layout, run):
    run("long_an", "hau_giang")
    store.write_bytes(
        layout.reports(".old-x") / manifest.NAME,
        (layout.reports("long_an") / manifest.NAME).read_bytes(),
    )
    page = write_index(layout).read_text(encoding="utf-8")
    assert page.index('href="hau_giang/briefing.html"') < page.index('href="long_an/briefing.html"')
    assert 'href="long_an/01_clean.html"' in page
    assert 'href="long_an/03_write.html"' not in page
    assert "bac_kan" not in page
    assert ".old-x" not in page


def test_the_index_names_a_simulated_briefing_as_such(layout, run):
    run("smoke")
    page = write_index(layout).read_text(encoding="utf-8")
    assert 'href="smoke/briefing_simulated.html"' in page


def test_an_index_without_any_run_can_be_written(layout):
    assert write_index(layout).is_file()


def test_a_failed_or_half_written_run_is_not_listed(layout):
    store.write_bytes(layout.failed("x") / "04.ipynb", b"x")
    store.write_bytes(layout.reports("y") / manifest.NAME, b"{")
    page = write_index(layout).read_text(encoding="utf-8")
    assert "briefing.html" not in page


def test_an_index_that_would_be_the_same_is_not_written_again(layout, run):
    run("long_an")
    path = write_index(layout)
    os.utime(path, (0, 0))
    write_index(layout)
    assert path.stat().st_mtime == 0


def _register(layout, run, **changes):
    """Write one run's tables of the evidence map; gives what its manifest says of them."""
    tables = {"interventions": interventions("intervention\n001-x"), "units": units()}
    outputs = {}
    for table, frame in {**tables, **changes}.items():
        path = layout.processed(run) / f"{table}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)
        outputs[path.relative_to(layout.root).as_posix()] = store.sha256(path)
    return {"run": run, "data": "press", "outputs": outputs}


def test_an_evidence_map_that_would_be_the_same_is_not_written_again(layout, run):
    run("long_an")
    path = write_index(layout).with_name("evidence.html")
    os.utime(path, (0, 0))
    write_index(layout)
    assert path.stat().st_mtime == 0


def test_a_published_run_without_a_register_is_named_as_left_out(layout, run):
    run("long_an", "smoke")
    page = write_index(layout).with_name("evidence.html").read_text(encoding="utf-8")
    assert "long_an" in page
    assert "smoke" not in page


def test_the_evidence_map_takes_published_tables_of_press_runs_only(layout):
    published = [
        _register(layout, "a"),
        {**_register(layout, "b"), "data": "simulated"},
        _register(layout, "c"),
    ]
    covered, left_out = listing._covered(layout, published)
    assert [found.run for found in covered] == ["a", "c"]
    assert left_out == []
    assert [found.briefing for found in covered] == ["a/briefing.html", "c/briefing.html"]
    assert covered[0].interventions["intervention"].tolist() == ["001-x"]


@pytest.mark.parametrize("table", ["interventions", "units"])
def test_a_run_whose_table_is_altered_or_missing_is_left_out_of_the_map(layout, table):
    altered, missing = _register(layout, "a"), _register(layout, "b", units=units().tail(7))
    (layout.processed("a") / f"{table}.parquet").write_bytes(b"other")
    (layout.processed("b") / "units.parquet").unlink()
    covered, left_out = listing._covered(layout, [altered, missing, _register(layout, "c")])
    assert [found.run for found in covered] == ["c"]
    assert left_out == ["a", "b"]


def test_tables_that_are_the_same_by_their_hashes_are_read_once(layout):
    published = [_register(layout, name) for name in "abc"]
    covered, _ = listing._covered(layout, published)
    assert covered[0].interventions is covered[2].interventions
    assert covered[0].units is covered[2].units


def test_the_form_is_linked_where_it_was_published_with_the_run(layout):
    with_form, without = _register(layout, "a"), _register(layout, "b")
    with_form["outputs"]["reports/a/data_request.html"] = "f" * 64
    covered, _ = listing._covered(layout, [with_form, without])
    assert [found.request for found in covered] == ["a/data_request.html", ""]


@pytest.mark.parametrize("name", ["evidence.html", "reading.html"])
def test_the_index_leads_to_the_pages_beside_it_and_they_lead_back(layout, run, name):
    run("long_an")
    path = write_index(layout)
    assert f'href="{name}"' in path.read_text(encoding="utf-8")
    assert 'href="index.html"' in path.with_name(name).read_text(encoding="utf-8")


def test_a_release_is_marked_with_its_day_and_leads_to_the_briefing_released(layout, run):
    run("long_an")
    _release(layout, "long_an-2026-11-22", _record("long_an", "2026-11-22"), "briefing.html")
    page = write_index(layout).read_text(encoding="utf-8")
    link = '<a href="released/long_an-2026-11-22/briefing.html">đã phát hành ngày 22/11/2026</a>'
    assert link in page


def test_releases_stand_the_latest_first_and_without_a_page_lead_to_their_record(layout):
    for day in ("2026-05-03", "2026-11-22"):
        _release(layout, f"a-{day}", _record("a", day))
    found = listing._released(layout.root / "reports")["a"]
    assert [release.day.isoformat() for release in found] == ["2026-11-22", "2026-05-03"]
    assert found[0].href == "released/a-2026-11-22/release.json"


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "1", "{}", '{"run": "long_an"}', _record("long_an", "x"), _record("long_an", None)],
)
def test_a_release_that_cannot_be_read_is_not_listed_and_stops_nothing(layout, run, text):
    run("long_an")
    _release(layout, "long_an-x", text, "briefing.html")
    assert "phát hành" not in write_index(layout).read_text(encoding="utf-8")


def test_a_release_of_a_run_that_is_not_published_adds_no_row(layout, run):
    run("long_an")
    before = write_index(layout).read_bytes()
    _release(layout, "other-2026-11-22", _record("other", "2026-11-22"), "briefing.html")
    assert write_index(layout).read_bytes() == before
