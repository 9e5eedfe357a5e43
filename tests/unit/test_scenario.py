from __future__ import annotations

import json
import re

import pytest

from commune_pilots import strict_yaml
from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run
from commune_pilots.scenario import Scenario, key_table, load_scenario, names

VALUES = """
stages: 4
stage_months: 3
dossiers_per_month: 70
baseline_share: 40.0
between_sd: 10.0
period_sd: 5.0
effect_sd: 8.0
trend_per_month: 0.0
cost_per_commune: null
hours_per_commune: null
dossiers_per_year: null
value_per_dossier: null
review_months: 12
design_effect: 5.0
common_trend: 15.0
assisted_share: 50.0
"""
MAY_BE_UNKNOWN = {
    "dossiers_per_month", "baseline_share", "trend_per_month", "cost_per_commune",
    "hours_per_commune", "dossiers_per_year", "value_per_dossier",
}  # fmt: skip


@pytest.fixture
def params(tmp_path):
    (tmp_path / "scenarios").mkdir()
    _write(tmp_path, VALUES)
    return tmp_path


def _write(params, text, name="plan"):
    (params / "scenarios" / f"{name}.yml").write_text(text, encoding="utf-8")


def _refusal(params, text):
    _write(params, text)
    with pytest.raises(ParameterError) as caught:
        load_scenario("plan", params)
    return caught.value


def test_a_scenario_is_read_as_it_is_written(params):
    found = load_scenario("plan", params)
    assert (found.stages, found.baseline_share, found.effect_sd) == (4, 40.0, 8.0)


def test_null_is_not_known_and_never_0(params):
    assert load_scenario("plan", params).cost_per_commune is None
    assert _refusal(params, VALUES.replace("cost_per_commune: null", "cost_per_commune: 0.0"))


def test_only_values_that_nobody_may_know_can_be_null(params):
    accepted = set()
    for line in VALUES.strip().splitlines():
        name = line.partition(":")[0]
        _write(params, VALUES.replace(line, f"{name}: null"))
        try:
            load_scenario("plan", params)
        except ParameterError:
            continue
        accepted.add(name)
    assert accepted == MAY_BE_UNKNOWN


def test_a_scenario_cannot_be_changed_once_loaded(params):
    with pytest.raises(ValueError, match="frozen"):
        load_scenario("plan", params).stages = 5


def test_an_unknown_scenario_is_refused_with_the_nearest_known_one(params):
    with pytest.raises(ParameterError) as caught:
        load_scenario("plann", params)
    assert caught.value.sentence("en") == (
        "scenario: there is no scenario 'plann' in params/scenarios/; did you mean 'plan'?; "
        "there are: plan."
    )
    assert "có phải 'plan'?" in caught.value.sentence("vi")


@pytest.mark.parametrize("name", ["../base", "scenarios/plan", ""])
def test_a_name_is_never_a_way_out_of_the_folder(params, name):
    (params / "base.yml").write_text(VALUES, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_scenario(name, params)
    assert caught.value.key == "unknown_scenario"


def test_an_unknown_key_is_refused_with_the_nearest_known_one(params):
    sentence = _refusal(params, VALUES.replace("stage_months", "stage_month")).sentence("en")
    assert sentence.startswith(
        "params/scenarios/plan.yml: unknown key 'stage_month'; did you mean 'stage_months'?"
    )


def test_a_missing_key_is_named(params):
    error = _refusal(params, VALUES.replace("period_sd: 5.0\n", ""))
    assert error.sentence("en").startswith("params/scenarios/plan.yml: period_sd is None; ")


@pytest.mark.parametrize(
    ("old", "new", "key", "value", "accepted"),
    [
        ("stages: 4", "stages: 1", "stages", "1", "2 or more"),
        ("stages: 4", "stages: 21", "stages", "21", "20 or less"),
        ("stages: 4", "stages: 2.5", "stages", "2.5", "a whole number"),
        ("stage_months: 3", "stage_months: 0", "stage_months", "0", "1 or more"),
        ("_month: 70", "_month: 0", "dossiers_per_month", "0", "1 or more"),
        ("share: 40.0", "share: 100.0", "baseline_share", "100.0", "less than 100"),
        ("share: 40.0", "share: 0.0", "baseline_share", "0.0", "more than 0"),
        ("period_sd: 5.0", "period_sd: -0.1", "period_sd", "-0.1", "0.0 or more"),
        ("effect_sd: 8.0", 'effect_sd: "8"', "effect_sd", "'8'", "a number"),
        ("month: 0.0", "month: 11.0", "trend_per_month", "11.0", "10.0 or less"),
        ("effect: 5.0", "effect: 0.5", "design_effect", "0.5", "1.0 or more"),
        ("assisted_share: 50.0", "assisted_share: 100.0", "assisted_share", "100.0", "less than"),
    ],
)
def test_a_wrong_value_is_refused_with_file_key_value_and_what_is_accepted(
    params, old, new, key, value, accepted
):
    assert VALUES.count(old) == 1
    error = _refusal(params, VALUES.replace(old, new))
    sentence = error.sentence("en")
    assert sentence.startswith(f"params/scenarios/plan.yml: {key} is {value}; accepted: ")
    assert accepted in sentence
    assert error.sentence("vi").startswith(f"params/scenarios/plan.yml: {key} là {value}; ")


@pytest.mark.parametrize("text", ["- stages\n", "4\n"])
def test_a_file_that_is_no_mapping_is_refused(params, text):
    assert _refusal(params, text).key == "not_a_mapping"


def test_an_empty_file_lacks_its_first_key(params):
    assert "stages is None" in _refusal(params, "# nothing\n").sentence("en")


def test_every_scenario_of_the_project_loads_and_holds_every_key(root):
    for name in names(root / "params"):
        written = strict_yaml.load(root / "params" / "scenarios" / f"{name}.yml")
        assert list(written) == list(Scenario.model_fields)
        assert load_scenario(name, root / "params").model_dump() == written


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "hau_giang", "cao_bang", "smoke"])
def test_every_run_of_the_project_names_a_scenario_that_is_there(root, run):
    assert load_scenario(load_run(run, root / "params").scenario, root / "params")


def test_the_press_runs_assume_no_cost_that_no_source_prints(root):
    for run in ("long_an", "bac_kan", "hau_giang", "cao_bang"):
        plan = load_scenario(load_run(run, root / "params").scenario, root / "params")
        assert plan.cost_per_commune is None
        assert plan.hours_per_commune is None
        assert plan.value_per_dossier is None
        assert plan.trend_per_month is None


def test_every_scenario_says_in_its_file_that_its_values_are_assumed(root):
    for path in (root / "params" / "scenarios").glob("*.yml"):
        assert "They are assumptions (A10, docs/assumptions.md)" in path.read_text("utf-8")


def test_every_key_is_described():
    assert [name for name, field in Scenario.model_fields.items() if not field.description] == []


def test_the_table_of_keys_has_each_key_with_its_value_in_each_file(root):
    params = root / "params"
    head, _, *lines = key_table(params).splitlines()
    assert head == "| key | accepts | `no_costs` | `simulated` | meaning |"
    rows = [[cell.strip("` ") for cell in line.strip("|").split(" | ")] for line in lines]
    assert [row[0] for row in rows] == list(Scenario.model_fields)
    for at, name in enumerate(names(params), start=2):
        values = load_scenario(name, params).model_dump()
        assert [row[at] for row in rows] == [json.dumps(value) for value in values.values()]
    accepts = {row[0]: row[1] for row in rows}
    assert accepts["stages"] == "whole number from 2 to 20"
    assert accepts["baseline_share"] == "number above 0 below 100 or `null"
    assert accepts["trend_per_month"] == "number from -10 to 10 or `null"


def test_the_readme_holds_the_table_of_the_contract(root):
    readme = (root / "params" / "README.md").read_text(encoding="utf-8")
    inside = re.search(r"<!-- scenario -->\n(.*)<!-- /scenario -->", readme, re.DOTALL)[1]
    assert inside == key_table(root / "params")
