"""Records of released briefings: what they hold, where they are, and what is compared with them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from built import copy_project, findings_of
from recorded import RECORD, publish

from commune_pilots import store
from commune_pilots.briefing.changes import compare
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.params import load_run
from commune_pilots.runs import manifest, plan
from commune_pilots.runs.inventory import read_inventory
from commune_pilots.runs.released import (
    briefing_record,
    changes_since,
    check_since,
    last_record,
    published_record,
    record_days,
    record_path,
)
from commune_pilots.runs.run import Job, execute_run


@pytest.fixture
def layout(tmp_path):
    return store.Layout(tmp_path)


@pytest.fixture
def results():
    return findings_of("long_an")["results"].copy(deep=True)


@pytest.fixture
def made(layout, results):
    publish(layout, "long_an", results)
    return published_record(layout, "long_an")


def _release(layout, content, *, day="2026-11-22", run="long_an"):
    store.write_bytes(record_path(layout, run, day), manifest.to_bytes(content))


def test_a_record_has_what_the_briefing_said_and_when(made):
    said = ("run", "title", "grade", "option", "data", "province_name", "commit", "versions")
    assert {name: made[name] for name in said} == {name: RECORD.get(name) for name in said}
    assert made["date"] == "2026-11-22"
    assert made["format"] == store.RELEASE_FORMAT


def test_a_record_has_every_number_of_the_results(made, results):
    assert [number["subject"] for number in made["numbers"]] == results["subject"].tolist()


def test_a_record_says_of_each_notebook_what_it_read_and_wrote_and_nothing_of_the_pages(made):
    assert made["steps"] == {
        "03_estimate_effects": {
            "notebook": "n3",
            "parameters": ["alpha", "run"],
            "modules": ["commune_pilots.effects.contrast"],
            "inputs": ["data/raw/press/observations.csv"],
            "reads": [],
            "writes": ["results"],
        }
    }
    assert made["modules"] == {"commune_pilots.effects.contrast": "m"}


def test_no_briefing_rests_on_the_record_of_an_earlier_one(made):
    assert made["inputs"] == {"data/raw/press/observations.csv": "o"}


def test_the_same_publication_gives_the_same_bytes_and_they_come_back(layout, results, made):
    _release(layout, made)
    path = record_path(layout, "long_an", "2026-11-22")
    assert path.name == "long_an-2026-11-22.json"
    assert store.read_record(path) == made
    publish(layout, "long_an", results)
    assert manifest.to_bytes(published_record(layout, "long_an")) == path.read_bytes()
    assert b"NaN" not in path.read_bytes()


def test_a_record_equals_itself_after_a_round_trip(layout, made):
    _release(layout, made)
    changes = compare(last_record(layout, "long_an"), made)
    assert (changes.facts, changes.numbers) == ((), ())


def test_making_a_record_changes_neither_manifest_nor_numbers(layout, results):
    publish(layout, "long_an", results)
    content = manifest.read(layout, "long_an")
    kept, before = json.dumps(content), results.copy(deep=True)
    briefing_record(content, results)
    assert json.dumps(content) == kept
    assert results.equals(before)


def test_the_last_record_is_that_of_the_latest_date_of_the_run(layout, made):
    for day in ("2026-12-01", "2027-02-01", "2026-11-22"):
        _release(layout, {**made, "date": day}, day=day)
    _release(layout, made, run="long_an_2", day="2028-01-01")
    (layout.released / "long_an-2026-11-22.md").write_text("x", encoding="utf-8")
    assert record_days(layout, "long_an") == ["2026-11-22", "2026-12-01", "2027-02-01"]
    assert last_record(layout, "long_an")["date"] == "2027-02-01"


def test_without_a_record_the_folder_is_named(layout):
    assert record_days(layout, "long_an") == []
    with pytest.raises(InputError) as caught:
        last_record(layout, "long_an")
    assert caught.value.sentence("en") == (
        "Run 'long_an': there is no released briefing in data/raw/released yet; "
        "name one to compare with by --against."
    )


def test_a_run_that_is_not_published_or_was_altered_has_no_record(layout, results):
    with pytest.raises(InputError) as caught:
        published_record(layout, "long_an")
    assert caught.value.key == "not_published"
    publish(layout, "long_an", results)
    store.write_bytes(layout.processed("long_an") / "results.parquet", b"x")
    with pytest.raises(InputError) as caught:
        published_record(layout, "long_an")
    assert caught.value.key == "altered"


def test_what_cannot_be_a_run_is_refused_before_anything_is_read(layout):
    with pytest.raises(ParameterError):
        published_record(layout, "../long_an")


def test_a_run_is_compared_with_the_briefing_it_names_and_with_none_if_it_names_none(
    layout, results, made
):
    _release(layout, made)
    moved = results.assign(value=results["value"].mask(results["quantity"] == "change", 1.0))
    publish(layout, "long_an", moved, alpha=0.01)
    content = manifest.read(layout, "long_an")
    run = SimpleNamespace(run="long_an", since="2026-11-22")
    found = changes_since(layout, run, content, {"results": moved})
    assert {number.id.partition("/")[0] for number in found.numbers} == {"change"}
    assert {reason.name for number in found.numbers for reason in number.reasons} == {"alpha"}
    alone = SimpleNamespace(run="long_an", since="")
    assert changes_since(layout, alone, content, {}) is None


def test_a_date_is_accepted_if_the_run_has_a_record_of_it_or_if_there_is_none(layout, made):
    _release(layout, made)
    check_since(layout, "long_an", "", place="x")
    check_since(layout, "long_an", "2026-11-22", place="x")
    with pytest.raises(ParameterError) as caught:
        check_since(layout, "bac_kan", "2026-11-22", place="params/runs/bac_kan.yml")
    assert caught.value.exit_code == 2
    assert caught.value.values["known"] == "–"


@pytest.mark.slow
def test_a_later_briefing_shows_what_changed_and_runs_again_if_the_record_does(tmp_path):
    layout = copy_project(tmp_path)

    def execute(*settings):
        run = load_run("cao_bang", layout.params, settings=settings)
        return execute_run(read_inventory(layout), Job(run=run))

    page = execute().briefing
    assert "annex-changes" not in page.read_text(encoding="utf-8")
    kept = published_record(layout, "cao_bang")
    gone = {**kept["numbers"][0], "id": "level/elsewhere", "subject": "elsewhere"}
    _release(layout, {**kept, "numbers": [gone, *kept["numbers"][1:]]}, run="cao_bang")
    since = ("since=2026-11-22", "briefing_date=2027-02-01")
    execute(*since)
    shown = page.read_text(encoding="utf-8")
    assert "0 con số thay đổi, 1 con số mới, 1 con số không còn" in shown
    assert "chưa giải thích được" in shown.split('id="annex-changes"')[1]
    record = "data/raw/released/cao_bang-2026-11-22.json"
    steps = manifest.read(layout, "cao_bang")["steps"]
    assert {name for name, step in steps.items() if record in step["reads"]} == {
        "06_write_briefing",
        plan.PAGES,
    }
    assert execute(*since).steps == ()
    _release(layout, kept, run="cao_bang")
    assert execute(*since).steps == ("06_write_briefing", plan.PAGES)
    assert "Không có con số nào thay đổi." in page.read_text(encoding="utf-8")
