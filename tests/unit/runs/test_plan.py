"""What makes a step run again: each reason when its cause is there, and only then."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
import tiny
from built import ROOT, copy_project

from commune_pilots import catalogue, store
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.params import load_run
from commune_pilots.runs import inventory as inventories
from commune_pilots.runs import plan
from commune_pilots.runs.code import Code, read_code
from commune_pilots.runs.run import execute_run

UNITS = "data/processed/long_an/units.parquet"
LEVELS = "data/processed/long_an/levels.parquet"
PAGE = "reports/long_an/briefing.html"


@pytest.fixture
def published(layout, kernels):
    execute_run(tiny.read(layout), tiny.job(layout, "long_an"))
    kernels.executed.clear()
    return layout


def _planned(layout, *settings, force=False):
    run = load_run("long_an", layout.params, settings=settings)
    return tiny.read(layout).plan(run, force=force)


def _told(layout, *settings, language="en", force=False):
    """Name the steps that run, each with its reasons as sentences."""
    return {
        step.step: [reason.sentence(language) for reason in step.reasons]
        for step in _planned(layout, *settings, force=force)
        if step.reasons
    }


def test_a_run_never_published_is_new_in_every_step(layout):
    assert _told(layout) == {step: ["never run"] for step in (*tiny.STEPS, "pages")}


def test_a_run_that_nothing_has_happened_to_stands_whole(published):
    assert _told(published) == {}


def test_force_is_the_one_reason_of_every_step(published):
    tiny.edit(published.root / "package" / "shared.py", "1", "3")
    assert _told(published, force=True) == {
        step: ["asked for (--force)"] for step in (*tiny.STEPS, "pages")
    }


def test_a_changed_parameter_is_told_with_both_values_to_the_steps_that_declare_it(published):
    assert _told(published, "alpha=0.01") == {
        "02_measure": ["parameter alpha changed from 0.05 to 0.01"],
        "03_write": ["may have to run, depending on the output of 02_measure"],
        "pages": ["parameter alpha changed from 0.05 to 0.01"],
    }


def test_a_parameter_no_notebook_declares_concerns_the_pages_alone(published):
    assert _told(published, "status=official") == {
        "pages": ['parameter status changed from "draft" to "official"']
    }


def test_a_changed_cell_is_a_reason_of_its_own_notebook(published):
    tiny.edit(published.notebooks / "02_measure.ipynb", "import second", "import first")
    told = _told(published)
    assert told.pop("02_measure")[0] == "notebook 02_measure.ipynb changed"
    assert told == {
        "03_write": ["may have to run, depending on the output of 02_measure"],
        "pages": ["may have to run, depending on the output of 02_measure, 03_write"],
    }


def test_what_a_notebook_shows_or_counts_is_no_reason(published):
    path = published.notebooks / "01_clean.ipynb"
    text = path.read_text(encoding="utf-8")
    shown = text.replace('"execution_count": null', '"execution_count": 7')
    path.write_text(shown.replace('"outputs": []', '"outputs": ["x"]'), encoding="utf-8")
    assert _told(published) == {}


@pytest.mark.parametrize(
    ("file", "steps"),
    [
        ("first.py", {"01_clean"}),
        ("second.py", {"02_measure"}),
        ("shared.py", {"01_clean", "02_measure"}),
        ("runs/pages.py", {"pages"}),
        ("looks.css", {"pages"}),
        ("unused.py", set()),
    ],
)
def test_a_changed_module_concerns_the_steps_that_can_reach_it_and_no_other(published, file, steps):
    with (published.root / "package" / file).open("a", encoding="utf-8") as module:
        module.write("\n")
    name = f"commune_pilots.{file.partition('.')[0].replace('/', '.')}"
    planned = _planned(published)
    due = {step.step: step.reasons for step in planned if step.reasons and not step.waits}
    assert due == {step: (plan.Reason("module", (("name", name),)),) for step in steps}


def test_a_module_that_is_gone_or_new_within_reach_is_a_reason(published):
    package = published.root / "package"
    (package / "shared.py").rename(package / "common_sense.py")
    tiny.edit(package / "first.py", "shared", "common_sense")
    assert _told(published)["01_clean"] == [
        "module commune_pilots.common_sense changed, is newly used or no longer used",
        "module commune_pilots.first changed, is newly used or no longer used",
        "module commune_pilots.shared changed, is newly used or no longer used",
    ]


def test_another_lock_is_a_reason_of_every_step(published):
    (published.root / "uv.lock").write_text("other", encoding="utf-8")
    assert _told(published) == {
        step: ["environment changed (lock)"] for step in (*tiny.STEPS, "pages")
    }


def test_without_a_lock_the_packages_installed_are_a_reason_of_every_step(published, monkeypatch):
    (published.root / "uv.lock").unlink()
    assert set(_told(published)) == {*tiny.STEPS, "pages"}
    monkeypatch.setattr(plan, "installed_packages", lambda: "others")
    others = inventories.read_inventory(published).environment
    assert others["lock"] == "others"


def test_the_packages_installed_are_known_by_name_and_version():
    installed = [SimpleNamespace(name=name, version="1") for name in ("a", "b", "b")]
    with pytest.MonkeyPatch.context() as patch:
        hashes = []
        for found in (installed, installed[::-1], installed[:1], []):
            patch.setattr(plan, "distributions", lambda found=found: found)
            hashes.append(plan.installed_packages.__wrapped__())
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_another_python_and_other_switches_are_reasons(published, monkeypatch):
    monkeypatch.setattr(plan.platform, "python_version", lambda: "9.9.9")
    monkeypatch.setattr(plan, "SWITCHES", {**plan.SWITCHES, "TZ": "Asia/Ho_Chi_Minh"})
    assert _told(published)["03_write"] == [
        "environment changed (kernels)",
        "environment changed (python)",
    ]


@pytest.mark.parametrize("name", tiny.RUNNING)
def test_what_runs_the_kernels_is_part_of_the_environment_of_every_step(published, name):
    (published.root / "package" / "runs" / f"{name}.py").write_text("# other\n", encoding="utf-8")
    assert _told(published) == {
        step: ["environment changed (kernels)"] for step in (*tiny.STEPS, "pages")
    }


def test_an_input_that_changed_concerns_its_reader_and_the_others_wait(published):
    (published.root / tiny.NUMBERS).write_text("97,0\n", encoding="utf-8")
    assert _told(published) == {
        "01_clean": [f"input {tiny.NUMBERS} changed"],
        "02_measure": ["may have to run, depending on the output of 01_clean"],
        "03_write": ["may have to run, depending on the output of 02_measure"],
        "pages": ["may have to run, depending on the output of 01_clean, 02_measure, 03_write"],
    }


def test_an_input_that_is_gone_is_called_missing(published):
    (published.root / tiny.NUMBERS).unlink()
    assert _told(published)["01_clean"] == [f"input {tiny.NUMBERS} is missing"]


def test_a_file_no_step_has_read_is_no_reason(published):
    (published.raw_press / "observations.csv").write_text("", encoding="utf-8")
    assert _told(published) == {}


def test_an_altered_table_concerns_its_maker_and_its_reader(published):
    (published.root / UNITS).write_bytes(b"other")
    told = _told(published)
    assert told["01_clean"] == [f"output {UNITS} was altered"]
    assert told["02_measure"] == [f"input {UNITS} changed"]


def test_a_missing_table_is_called_missing_by_its_maker_and_its_reader(published):
    (published.root / LEVELS).unlink()
    told = _told(published)
    assert "01_clean" not in told
    assert told["02_measure"] == [f"output {LEVELS} is missing"]
    assert told["03_write"] == [f"input {LEVELS} is missing"]


@pytest.mark.parametrize("how", ["altered", "missing"])
def test_a_page_that_does_not_stand_concerns_the_pages_alone(published, how):
    if how == "altered":
        (published.root / PAGE).write_bytes(b"other")
    else:
        (published.root / PAGE).unlink()
    verb = "was" if how == "altered" else "is"
    assert _told(published) == {"pages": [f"output {PAGE} {verb} {how}"]}


def test_a_notebook_that_was_taken_away_leaves_no_run_standing(published):
    """What is published then holds tables and pages that no notebook makes any more."""
    (published.notebooks / "02_measure.ipynb").unlink()
    assert _told(published) != {}


def test_a_step_that_waits_is_marked_and_one_with_a_reason_of_its_own_is_not(published):
    planned = {step.step: step for step in _planned(published, "alpha=0.01")}
    assert {name: step.waits for name, step in planned.items()} == {
        "01_clean": False,
        "02_measure": False,
        "03_write": True,
        "pages": False,
    }


def test_several_reasons_of_one_step_are_all_told(published):
    tiny.edit(published.root / "package" / "second.py", "later", "sooner")
    tiny.edit(published.notebooks / "02_measure.ipynb", "import second", "import  second")
    (published.root / LEVELS).unlink()
    kinds = [reason.kind for reason in _planned(published, "alpha=0.01")[1].reasons]
    assert kinds == ["notebook", "parameter", "module", "output_missing"]


KINDS = {
    "new": {},
    "forced": {},
    "waits": {"steps": "01_clean"},
    "notebook": {"notebook": "01_clean.ipynb"},
    "parameter": {"key": "alpha", "before": "0.05", "now": "0.01"},
    "input": {"file": "data/x.csv"},
    "input_missing": {"file": "data/x.csv"},
    "module": {"name": "commune_pilots.store"},
    "environment": {"name": "lock"},
    "output": {"file": "reports/x.html"},
    "output_missing": {"file": "reports/x.html"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_reason_is_worded_with_its_values_in_both_languages(kind, language):
    sentence = plan.Reason(kind, tuple(KINDS[kind].items())).sentence(language)
    assert sentence
    assert all(value in sentence for value in KINDS[kind].values())
    other = "en" if language == "vi" else "vi"
    assert sentence != plan.Reason(kind, tuple(KINDS[kind].items())).sentence(other)


def test_planning_writes_nothing(published):
    before = tiny.files(published.root)
    (published.root / tiny.NUMBERS).write_text("97,0\n", encoding="utf-8")
    _told(published, "alpha=0.01")
    after = tiny.files(published.root)
    assert {path for path in after if after[path] != before.get(path)} == {
        (published.root / tiny.NUMBERS).as_posix()
    }
    assert after.keys() == before.keys()


def test_planning_a_run_never_published_makes_no_folder(layout):
    _told(layout)
    assert not (layout.root / "reports").exists()
    assert not (layout.root / "data" / "processed").exists()


def test_the_key_of_a_record_changes_with_each_thing_it_depends_on_and_nothing_else():
    record = plan.Record(
        content="c",
        parameters={"alpha": 0.05},
        modules={"m": "1"},
        environment={"lock": "l"},
        reads={"file": "f"},
        outputs={"page": "p"},
    )
    changes = {
        "content": "d",
        "parameters": {"alpha": 0.01},
        "modules": {"m": "2"},
        "environment": {"lock": "k"},
        "reads": {"file": "g"},
    }
    keys = [replace(record, **{name: value}).key for name, value in changes.items()]
    assert len({record.key, *keys}) == 6
    assert replace(record, outputs={}).key == record.key


def test_notebooks_come_in_the_order_of_their_numbers_and_others_are_not_run(layout):
    tiny.write_notebook(layout, "draft", 'run = "x"')
    tiny.write_notebook(layout, "00_first", 'run = "x"')
    assert [path.stem for path in plan.notebooks(layout)] == ["00_first", *tiny.STEPS]


def test_the_pages_come_last(layout):
    steps = plan.read_steps(layout, read_code(layout.root / "package"))
    assert [step.name for step in steps] == [*tiny.STEPS, "pages"]
    assert steps[-1].notebook is None


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        plan.notebooks(copy_project(tmp_path, notebooks=[]))
    assert caught.value.key == "no_notebooks"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}', '{"cells": [{}]}'])
def test_a_file_that_is_no_notebook_is_refused_by_its_name(layout, text):
    (layout.notebooks / "02_measure.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        plan.read_steps(layout, Code({}, {}))
    assert caught.value.key == "notebook_broken"
    assert caught.value.sentence("vi").startswith("02_measure.ipynb: ")


@pytest.mark.parametrize("place", ["parameters", "code"])
def test_a_notebook_that_is_not_python_is_refused_by_its_name(layout, place):
    sources = ("alpha = ", "1") if place == "parameters" else ("alpha = 1", "def (")
    tiny.write_notebook(layout, "02_measure", *sources)
    with pytest.raises(InputError) as caught:
        plan.read_steps(layout, Code({}, {}))
    assert caught.value.key == "notebook_syntax"


def _step(layout, name):
    return next(step for step in plan.read_steps(layout, Code({}, {})) if step.name == name)


def test_a_notebook_gets_the_parameters_it_declares_and_no_others():
    run = load_run("long_an", ROOT / "params", settings=["alpha=0.01"])
    step = _step(store.Layout(ROOT), "02_describe_pilots")
    assert plan.parameters_for(step, run) == {"run": "long_an"}
    step = _step(store.Layout(ROOT), "04_check_robustness")
    given = plan.parameters_for(step, run)
    assert given.keys() == set(step.declared)
    assert (given["run"], given["rounding"], given["alpha"]) == ("long_an", "nearest", 0.01)


def test_a_parameter_that_the_contract_does_not_know_is_refused_with_a_suggestion(layout):
    tiny.write_notebook(layout, "02_measure", "least_dosiers = 2", "1")
    with pytest.raises(ParameterError) as caught:
        plan.parameters_for(_step(layout, "02_measure"), load_run("long_an", layout.params))
    assert caught.value.exit_code == 2
    for language in catalogue.LANGUAGES:
        assert "'least_dosiers'" in caught.value.sentence(language)
        assert "'least_dossiers'" in caught.value.sentence(language)


def test_a_notebook_without_a_parameters_cell_declares_nothing(layout):
    tiny.edit(layout.notebooks / "02_measure.ipynb", '"parameters"', '"other"')
    assert _step(layout, "02_measure").declared == ()


def test_a_source_kept_as_a_list_of_lines_is_the_same_notebook(layout):
    path = layout.notebooks / "02_measure.ipynb"
    before = _step(layout, "02_measure").content
    content = json.loads(path.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert _step(layout, "02_measure").content == before
