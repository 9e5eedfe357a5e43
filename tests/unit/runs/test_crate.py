from __future__ import annotations

import hashlib
import json
import re
from copy import deepcopy

import pytest
from rocrate.rocrate import ROCrate

from commune_pilots.runs.crate import NAME, WORKFLOW, write_crate

PUBLISHED = "2026-11-22"
RAW = "data/raw/press/observations.csv"


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _step(run, number, name, reads, outputs, **parameters):
    return {
        "key": _hash(f"{run}{name}key"),
        "notebook": _hash(name) if number else "",
        "parameters": {"run": run, **parameters},
        "reads": reads,
        "modules": ["commune_pilots.store"],
        "outputs": {path: _hash(path) for path in outputs},
    }


def _manifest(run, data="press"):
    table, notebook = f"data/processed/{run}/units.parquet", f"reports/{run}/01_clean.ipynb"
    page = f"reports/{run}/briefing.html"
    steps = {
        "export": _step(run, 0, "export", [notebook], [page]),
        "02_write": _step(run, 2, "02_write", [table, RAW], [f"reports/{run}/02_write.ipynb"]),
        "01_clean": _step(run, 1, "01_clean", [RAW], [table, notebook], alpha=0.05),
    }
    return {
        "format": 2,
        "run": run,
        "data": data,
        "title": "Thị trấn Cần Giuộc",
        "grade": "low",
        "option": "extend",
        "province_name": "Long An",
        "parameters": {"run": run, "alpha": 0.05, "data": data, "units": [], "sources": ["001"]},
        "commit": "a" * 40,
        "dirty": True,
        "versions": {"python": "3.11.7", "commune-pilots": "0.2.0"},
        "environment": {"python": "3.11.7", "lock": "b" * 64},
        "inputs": {RAW: _hash(RAW), "params/indicators.yml": _hash("indicators")},
        "modules": {"commune_pilots.store": "c" * 64},
        "steps": steps,
        "outputs": {path: one for step in steps.values() for path, one in step["outputs"].items()},
        "key": "d" * 64,
    }


@pytest.fixture
def runs():
    return [_manifest("long_an"), _manifest("bac_kan"), _manifest("smoke", data="simulated")]


@pytest.fixture
def write(tmp_path):
    def write(runs, *, place="reports/press", root="project"):
        root = tmp_path / root
        return write_crate(
            root / place, name="press", manifests=runs, root=root, published=PUBLISHED
        )

    return write


@pytest.fixture
def graph(write, runs):
    return _graph(write(runs))


def _graph(path):
    listed = json.loads(path.read_text(encoding="utf-8"))["@graph"]
    found = {entity["@id"]: entity for entity in listed}
    assert len(found) == len(listed)
    return found


def _many(value):
    return value if isinstance(value, list) else [value]


def _ids(entity, key):
    return [one["@id"] for one in _many(entity.get(key, []))]


def _of_type(graph, kind):
    return [entity for entity in graph.values() if kind in _many(entity["@type"])]


def test_the_same_runs_give_the_same_bytes_in_any_folder_and_order(write, runs):
    first = write(runs).read_bytes()
    assert write(deepcopy(runs[::-1]), root="elsewhere").read_bytes() == first


def test_manifests_are_left_as_they_are(write, runs):
    before = deepcopy(runs)
    write(runs)
    assert runs == before


def test_the_file_is_readable_sorted_json_that_ends_in_a_newline(write, runs):
    path = write(runs)
    text = path.read_text(encoding="utf-8")
    assert path.name == NAME == "ro-crate-metadata.json"
    assert "Thị trấn Cần Giuộc" in text
    again = json.dumps(json.loads(text), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    assert text == again


def test_every_input_and_output_appears_once_with_its_hash(graph, runs):
    expected = {
        path: one for run in runs for path, one in {**run["inputs"], **run["outputs"]}.items()
    }
    found = [(one["name"], one["sha256"]) for one in graph.values() if "sha256" in one]
    assert sorted(found) == sorted(expected.items())


def test_every_file_is_a_part_of_the_root_and_leads_to_its_place(graph, tmp_path):
    files = {one["@id"] for one in _of_type(graph, "File")}
    assert sorted(files) == sorted(_ids(graph["./"], "hasPart"))
    place = tmp_path / "project" / "reports" / "press"
    for one in _of_type(graph, "File"):
        if one["@id"] != f"../../{WORKFLOW}":
            assert (place / one["@id"]).resolve() == tmp_path / "project" / one["name"]


def test_every_reference_leads_to_an_entity(graph):
    elsewhere = {"https://w3id.org/ro/crate/1.1"}
    for entity in graph.values():
        for value in entity.values():
            named = {one["@id"] for one in _many(value) if isinstance(one, dict)}
            assert named <= set(graph) | elsewhere


def test_a_run_is_one_action_from_inputs_and_parameters_to_outputs(graph, runs):
    run, action = runs[0], graph["#run/long_an"]
    named = [graph[one] for one in _ids(action, "object")]
    assert {one["name"] for one in named} == {*run["inputs"], *run["parameters"]}
    assert {graph[one]["name"] for one in _ids(action, "result")} == set(run["outputs"])
    assert action["@type"] == "CreateAction"
    assert action["actionStatus"].endswith("CompletedActionStatus")
    assert _ids(action, "instrument") == _ids(graph["./"], "mainEntity") == [f"../../{WORKFLOW}"]
    for said in (run["title"], "grade low", run["commit"], "uncommitted", run["key"], "b" * 64):
        assert said in action["description"]


def test_parameters_are_property_values_and_lists_do_not_vanish(graph):
    found = {one["@id"]: one["value"] for one in _of_type(graph, "PropertyValue")}
    assert found["#parameter/long_an/alpha"] == 0.05
    assert found["#parameter/long_an/run"] == "long_an"
    assert found["#parameter/long_an/units"] == "[]"
    assert found["#parameter/long_an/sources"] == '["001"]'
    assert len(found) == 15


def test_a_step_whose_parameter_differs_from_the_run_has_its_own(write, runs):
    runs[0]["steps"]["01_clean"]["parameters"] |= {"alpha": 0.1, "extra": None}
    graph = _graph(write(runs))
    action = graph["#run/long_an/01_clean"]
    values = {graph[one]["name"]: graph[one].get("value") for one in _ids(action, "object")}
    assert values == {RAW: None, "alpha": 0.1, "extra": "null", "run": "long_an"}


def test_steps_are_in_order_and_named_by_their_notebooks(graph):
    workflow = graph[f"../../{WORKFLOW}"]
    steps = sorted((graph[one] for one in _ids(workflow, "step")), key=lambda one: one["position"])
    assert [(one["position"], one["name"]) for one in steps] == [
        (1, "01_clean"),
        (2, "02_write"),
        (3, "export"),
    ]
    tools = [_ids(one, "workExample")[0] for one in steps]
    notebooks = ["../../notebooks/01_clean.ipynb", "../../notebooks/02_write.ipynb"]
    assert tools == [*notebooks, "#tool/export"]
    assert sorted(tools) == sorted(_ids(workflow, "hasPart"))
    assert graph[notebooks[0]]["version"] == f"sha256:{_hash('01_clean')}"


def test_each_step_of_a_run_is_an_action_tied_to_its_run(graph):
    organized = graph["#organize/long_an"]
    assert _ids(organized, "result") == ["#run/long_an"]
    controls = [graph[one] for one in _ids(organized, "object")]
    assert [_ids(one, "instrument") for one in controls] == [
        ["#step/01_clean"],
        ["#step/02_write"],
        ["#step/export"],
    ]
    action = graph[_ids(controls[1], "object")[0]]
    names = [graph[one]["name"] for one in _ids(action, "object")]
    assert names == ["data/processed/long_an/units.parquet", RAW, "run"]
    assert _ids(action, "result") == ["../long_an/02_write.ipynb"]
    assert {one["@id"] for one in _of_type(graph, "CreateAction")} == set(
        _ids(graph["./"], "mentions")
    )


def test_two_versions_of_a_notebook_or_of_the_code_are_both_named(write, runs):
    runs[1]["steps"]["01_clean"]["notebook"] = "e" * 64
    runs[1]["commit"] = "f" * 40
    graph = _graph(write(runs))
    assert len(graph["../../notebooks/01_clean.ipynb"]["version"]) == 2
    assert graph[f"../../{WORKFLOW}"]["version"] == ["a" * 40, "f" * 40]


def test_simulated_runs_say_so_and_press_runs_do_not(graph):
    for identifier, one in graph.items():
        said = f"{one.get('name', '')} {one.get('description', '')}"
        if one["@type"] == "CreateAction":
            simulated = identifier.startswith("#run/smoke")
            assert ("simulated data" in one["name"]) == simulated
            assert ("Simulated data" in one["description"]) == simulated
        if "sha256" in one:
            assert ("Simulated data" in said) == ("/smoke/" in one["name"])
    assert "simulated" in graph["./"]["name"]
    assert "Simulated data, not evidence: smoke." in graph["./"]["description"]


def test_a_batch_without_simulated_runs_does_not_speak_of_them(write, runs):
    assert "imulated" not in write(runs[:2]).read_text(encoding="utf-8")


def test_the_crate_is_read_by_the_library_with_every_entity(write, runs):
    path = write(runs)
    crate = ROCrate(path.parent)
    assert len(list(crate.get_entities())) == len(_graph(path))
    assert crate.mainEntity.id == f"../../{WORKFLOW}"
    assert crate.name == "Batch press (with simulated runs)"


def test_the_root_names_profiles_licence_author_and_date(graph):
    root = graph["./"]
    for profile in ("process/0.5", "provenance/0.5", "workflow/0.5"):
        assert f"https://w3id.org/ro/wfrun/{profile}" in _ids(root, "conformsTo")
    assert _ids(root, "license") == ["https://spdx.org/licenses/Apache-2.0"]
    assert graph[_ids(root, "author")[0]]["name"] == "Commune Pilots contributors"
    assert root["datePublished"] == PUBLISHED


def test_there_is_no_path_of_the_machine_and_no_time_but_the_given_one(write, runs, tmp_path):
    text = write(runs).read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert "file:" not in text
    assert not re.search(r'"@id": "/', text)
    assert re.findall(r"\d{4}-\d{2}-\d{2}|T\d{2}:\d{2}|startTime|endTime", text) == [PUBLISHED]
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)


def test_a_crate_at_the_root_refers_to_nothing_above_it(write, runs):
    graph = _graph(write(runs, place="."))
    assert not [one for one in graph if one.startswith("..")]
    assert RAW in graph


def test_a_folder_outside_the_project_is_refused(runs, tmp_path):
    with pytest.raises(ValueError, match="subpath"):
        write_crate(tmp_path, name="x", manifests=runs, root=tmp_path / "a", published=PUBLISHED)


@pytest.mark.parametrize("published", ["", "today", "22/11/2026"])
def test_what_is_no_date_is_refused(runs, tmp_path, published):
    with pytest.raises(ValueError, match="isoformat"):
        write_crate(tmp_path, name="x", manifests=runs, root=tmp_path, published=published)


def test_a_batch_without_runs_or_with_one_run_twice_is_refused(write, runs):
    for refused in ([], [runs[0], runs[0]]):
        with pytest.raises(ValueError, match="no run, or one run twice"):
            write(refused)


def test_one_file_with_two_hashes_is_refused_with_its_name(write, runs, tmp_path):
    runs[1]["inputs"][RAW] = "0" * 64
    with pytest.raises(ValueError, match=RAW):
        write(runs)
    assert not (tmp_path / "project").exists()


def test_a_file_that_was_looked_for_and_not_there_is_left_out(write, runs):
    before = write(runs).read_bytes()
    runs[0]["steps"]["02_write"]["reads"].append("data/raw/press/panel.csv")
    assert write(runs).read_bytes() == before


def test_two_files_that_a_reader_takes_for_one_are_refused(write, runs):
    runs[0]["outputs"] |= {"x/a.csv": "1" * 64, "reports/x/a.csv": "2" * 64}
    with pytest.raises(ValueError, match="one address"):
        write(runs)
