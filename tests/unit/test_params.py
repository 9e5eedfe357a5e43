from __future__ import annotations

import pytest

from commune_pilots import catalogue, strict_yaml
from commune_pilots.errors import ParameterError
from commune_pilots.params import (
    Run,
    check_known,
    check_known_run,
    check_name,
    key_table,
    known_runs,
    load_corrections,
    load_indicators,
    load_run,
    read_value,
)

BASE = """
data: press
simulation: press_figures
province: "80"
sources: ["001"]
deliveries: []
study: ""
indicators: []
units: []
decision: "001-d1"
briefing_date: "2026-11-22"
status: draft
since: ""
rounding: nearest
alpha: 0.05
least_dossiers: 1
grade_for_scaling: high
grade_for_stages: low
least_change: 10.0
least_share: 50.0
least_chance: 0.8
target_share: 80.0
scenario: plan
seed: 7
cell_timeout: 120
notebook_timeout: 900
"""
CORRECTION = """
- table: observations
  where: {observation: o2}
  action: override
  column: value
  value: 98.08
  expect: 98.8
  reason: Misprinted in the first edition.
  reported: "2026-10-02"
"""
INDICATORS = """
online_share:
  label_vi: Tỷ lệ trực tuyến
  label_en: Online share
  unit: percent
  minimum: 0
  maximum: 100
  better: up
  pillar: government
  definitions:
    any_online: {vi: mọi hồ sơ, en: any dossier}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "base.yml").write_text(BASE, encoding="utf-8")
    (tmp_path / "indicators.yml").write_text(INDICATORS, encoding="utf-8")
    (tmp_path / "runs" / "long_an.yml").write_text("# nothing\n", encoding="utf-8")
    return tmp_path


def _refusal(folder, *settings, run="long_an", content=None) -> ParameterError:
    if content is not None:
        (folder / "runs" / f"{run}.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_run(run, folder, settings=settings)
    return caught.value


def test_base_alone_makes_a_run_named_after_its_file(folder):
    run = load_run("long_an", folder)
    assert (run.run, run.province, run.alpha) == ("long_an", "80", 0.05)


def test_a_runs_own_file_overrides_base_and_a_setting_overrides_both(folder):
    (folder / "runs" / "long_an.yml").write_text("alpha: 0.1\nseed: 8\n", encoding="utf-8")
    run = load_run("long_an", folder, settings=["alpha=0.2"])
    assert (run.alpha, run.seed, run.cell_timeout) == (0.2, 8, 120)


def test_the_last_of_two_settings_of_one_key_wins(folder):
    assert load_run("long_an", folder, settings=["seed=1", "seed=2"]).seed == 2


def test_a_run_cannot_be_changed_once_loaded(folder):
    run = load_run("long_an", folder)
    with pytest.raises(ValueError, match="frozen"):
        run.alpha = 0.1


@pytest.mark.parametrize(
    ("setting", "field", "expected"),
    [
        ("province=06", "province", "06"),
        ("sources=001,002", "sources", ["001", "002"]),
        ("sources= 001 , 002 ,", "sources", ["001", "002"]),
        ("units=", "units", []),
        ("units=00001", "units", ["00001"]),
        ("alpha=0.01", "alpha", 0.01),
        ("least_dossiers=200", "least_dossiers", 200),
        ("least_share=75", "least_share", 75.0),
        ("least_chance=0.9", "least_chance", 0.9),
        ("target_share=60", "target_share", 60.0),
        ("scenario=no_costs", "scenario", "no_costs"),
        ("grade_for_stages=low", "grade_for_stages", "low"),
        ("since=2026-11-22", "since", "2026-11-22"),
        ("since=", "since", ""),
        ("decision=a=b", "decision", None),
    ],
)
def test_a_setting_is_read_as_its_keys_type(folder, setting, field, expected):
    if expected is None:
        assert "decision is 'a=b'" in _refusal(folder, setting).sentence("en")
    else:
        assert getattr(load_run("long_an", folder, settings=[setting]), field) == expected


def test_simulated_data_can_be_any_invented_province_that_is_named(folder):
    run = load_run("long_an", folder, settings=["data=simulated", "simulation=weekday_log"])
    assert (run.data, run.simulation) == ("simulated", "weekday_log")
    refused = _refusal(folder, "data=simulated", "simulation=monday_log").sentence("en")
    assert "accepted: one of 'press_figures', 'pilot_panel'" in refused


@pytest.mark.parametrize("name", ["pilot_panel", "campaign_series", "weekday_log"])
def test_press_figures_are_never_simulated(folder, name):
    error = _refusal(folder, content=f"simulation: {name}\n")
    assert error.sentence("en") == (
        f"params/runs/long_an.yml: simulation is '{name}' but data is 'press' (params/base.yml); "
        "simulated and press figures never meet in one run: drop simulation, or set data: "
        "simulated."
    )
    assert "không đi chung" in error.sentence("vi")


def test_a_simulated_run_is_not_made_one_of_press_by_a_setting(folder):
    content = "data: simulated\nsimulation: pilot_panel\n"
    error = _refusal(folder, "data=press", content=content)
    assert error.key == "simulation_of_press"
    assert "'press' (--set)" in error.sentence("en")


def test_codes_stay_text_with_their_zeros(folder):
    (folder / "runs" / "long_an.yml").write_text(
        'province: "01"\nunits: ["00001", "01837"]\n', encoding="utf-8"
    )
    run = load_run("long_an", folder)
    assert (run.province, run.units) == ("01", ["00001", "01837"])


@pytest.mark.parametrize("content", ["province: 06\n", "units: [00001]\n"])
def test_an_unquoted_code_is_refused_before_it_loses_its_zeros(folder, content):
    assert _refusal(folder, content=content).key == "yaml_unquoted"


def test_an_unknown_key_is_refused_with_the_nearest_known_one(folder):
    error = _refusal(folder, content="alhpa: 0.1\n")
    sentence = error.sentence("en")
    assert error.key == "unknown_key"
    assert sentence.startswith("params/runs/long_an.yml: unknown key 'alhpa'; did you mean 'alpha'")
    assert "có phải 'alpha'?" in error.sentence("vi")
    assert "rounding" in sentence
    assert "cell_timeout" in sentence


def test_an_unknown_key_of_base_names_base(folder):
    (folder / "base.yml").write_text(BASE + "colour: red\n", encoding="utf-8")
    sentence = _refusal(folder).sentence("en")
    assert sentence.startswith("params/base.yml: unknown key 'colour'; accepted keys: ")


def test_an_unknown_key_of_a_setting_names_the_option(folder):
    assert _refusal(folder, "alhpa=0.1").sentence("en").startswith("--set: unknown key 'alhpa'")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_misspelt_indicator_used_as_a_key_gets_the_advice_where_it_belongs(folder, language):
    error = _refusal(folder, "onlne_share=1")
    assert "'onlne_share'" in error.sentence(language)
    assert "indicators=online_share" in error.sentence(language)


def test_a_key_far_from_every_known_one_gets_no_suggestion(folder):
    error = _refusal(folder, "zzz=1")
    assert "did you mean" not in error.sentence("en")
    assert "có phải" not in error.sentence("vi")


def test_the_name_of_the_run_is_not_a_parameter(folder):
    error = _refusal(folder, content="run: other\n")
    assert error.key == "key_not_yours"
    assert _refusal(folder, "run=other", content="\n").key == "key_not_yours"


def test_an_unknown_run_is_refused_with_the_nearest_known_one(folder):
    error = _refusal(folder, run="long_ann")
    assert error.sentence("en") == (
        "params/runs/: there is no run 'long_ann'; did you mean 'long_an'?; there are: long_an."
    )


def test_a_run_outside_the_folder_of_runs_is_refused(folder):
    assert isinstance(_refusal(folder, run="../base"), ParameterError)


def test_a_key_that_base_does_not_hold_is_named(folder):
    (folder / "base.yml").write_text(BASE.replace("seed: 7\n", ""), encoding="utf-8")
    error = _refusal(folder)
    assert (error.key, error.values["key"]) == ("missing_key", "seed")


@pytest.mark.parametrize(
    ("content", "key", "value", "accepted"),
    [
        ("seed: many\n", "seed", "'many'", "a whole number"),
        ("seed: 1.5\n", "seed", "1.5", "a whole number"),
        ("seed: true\n", "seed", "True", "a whole number"),
        ("seed: -1\n", "seed", "-1", "0 or more"),
        ("alpha: five\n", "alpha", "'five'", "a number, as in 0.05"),
        ("alpha: 0.0\n", "alpha", "0.0", "more than 0"),
        ("alpha: 0.5\n", "alpha", "0.5", "less than 0.5"),
        ("least_change: 100.5\n", "least_change", "100.5", "100.0 or less"),
        ("least_share: 0.0\n", "least_share", "0.0", "more than 0"),
        ("least_share: 101.0\n", "least_share", "101.0", "100.0 or less"),
        ("least_chance: 0.5\n", "least_chance", "0.5", "more than 0.5"),
        ("least_chance: 1.0\n", "least_chance", "1.0", "less than 1"),
        ("target_share: 100.0\n", "target_share", "100.0", "less than 100"),
        ("target_share: 0.0\n", "target_share", "0.0", "more than 0"),
        ("scenario: 5\n", "scenario", "5", "text or a code"),
        ("scenario: ../base\n", "scenario", "'../base'", "text that matches"),
        ("scenario: Plan\n", "scenario", "'Plan'", "text that matches"),
        ("grade_for_stages: none\n", "grade_for_stages", "'none'", "'low', 'medium', 'high'"),
        ("grade_for_scaling: low\n", "grade_for_scaling", "'low'", "'medium', 'high'"),
        ("least_dossiers: 0\n", "least_dossiers", "0", "1 or more"),
        ("cell_timeout: 3601\n", "cell_timeout", "3601", "3600 or less"),
        ("sources: 001a\n", "sources", "'001a'", 'a list, as in ["001"]'),
        ("sources: [1]\n", "sources.0", "1", 'text or a code in quotes, as in "06"'),
        ('units: ["../x"]\n', "units.0", "'../x'", "text that matches"),
        ("province: 80\n", "province", "80", 'text or a code in quotes, as in "06"'),
        ("status: final\n", "status", "'final'", "one of 'draft', 'official'"),
        ("rounding: up\n", "rounding", "'up'", "'half_up', 'half_even'"),
        ("data: null\n", "data", "None", "one of 'press', 'simulated'"),
        ('briefing_date: "22/11/2026"\n', "briefing_date", "'22/11/2026'", 'such as "2026-11-22"'),
        ('briefing_date: "2026-02-30"\n', "briefing_date", "'2026-02-30'", 'such as "2026-11-22"'),
        ('since: "22/11/2026"\n', "since", "'22/11/2026'", 'such as "2026-11-22"'),
    ],
)
def test_a_wrong_value_is_refused_with_file_key_value_and_what_is_accepted(
    folder, content, key, value, accepted
):
    error = _refusal(folder, content=content)
    assert error.sentence("en").startswith(f"params/runs/long_an.yml: {key} is {value}; accepted: ")
    assert accepted in error.sentence("en")
    assert error.sentence("vi").startswith(f"params/runs/long_an.yml: {key} là {value}; chấp nhận:")


@pytest.mark.parametrize(
    "setting",
    [
        "seed=x",
        "alpha=nan",
        "alpha=inf",
        "least_change=nan",
        "alpha=0,05",
        "status=",
        "scenario=",
        "least_chance=nan",
    ],
)
def test_a_wrong_setting_is_refused_in_the_name_of_the_option(folder, setting):
    key = setting.partition("=")[0]
    assert _refusal(folder, setting).sentence("en").startswith(f"--set: {key} is ")


def test_a_setting_without_a_value_is_refused(folder):
    assert _refusal(folder, "alpha").sentence("en") == "--set alpha: write it as key=value."


@pytest.mark.parametrize("content", ["- alpha\n", "alpha\n", "5: 1\n"])
def test_a_file_that_is_no_mapping_is_refused(folder, content):
    error = _refusal(folder, content=content)
    assert (error.key, error.values["file"]) == ("not_a_mapping", "params/runs/long_an.yml")


def test_base_yml_holds_every_key_and_nothing_else(root):
    base = strict_yaml.load(root / "params" / "base.yml")
    assert set(base) == set(Run.model_fields) - {"run"}


def test_every_key_is_described():
    unworded = [
        (name, part)
        for name in Run.model_fields
        for part in ("label", "help")
        if not catalogue.has(f"parameter.{name}.{part}")
    ]
    worded = {key.split(".")[1] for key in catalogue.entries() if key.startswith("parameter.")}
    assert unworded == []
    assert worded == set(Run.model_fields)


def test_the_table_of_keys_has_one_line_for_every_key_with_its_default(root):
    _, _, *lines = key_table(root / "params").splitlines()
    base = strict_yaml.load(root / "params" / "base.yml")
    assert [line.split("`")[1] for line in lines] == list(Run.model_fields)
    shown = dict(zip(Run.model_fields, (line.split(" | ")[2] for line in lines), strict=True))
    assert shown["alpha"] == f"`{base['alpha']}`"
    assert shown["province"] == f'`"{base["province"]}"`'


def test_the_table_of_keys_has_words_of_either_language(root):
    vietnamese = key_table(root / "params", "vi")
    assert vietnamese.startswith("| khóa | chấp nhận | mặc định | ý nghĩa |\n")
    assert "| `alpha` | số trên 0 dưới 0.5 | `0.05` | Mức sai lầm" in vietnamese
    assert len(vietnamese.splitlines()) == len(key_table(root / "params").splitlines())


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "hau_giang", "cao_bang", "smoke"])
def test_every_run_of_the_project_loads(root, run):
    assert load_run(run, root / "params").run == run


def test_the_projects_catalogue_of_indicators_loads(indicators):
    assert indicators["online_share"].unit == "percent"
    assert indicators["online_share"].definitions["online_remote_only"].assisted == "left_out"
    assert indicators["online_share"].definitions["online_level34_assisted"].assisted == "counted"
    assert indicators["online_share"].definitions["online_full_process"].assisted == "unknown"


def test_no_definition_belongs_to_two_indicators(indicators):
    ids = [name for indicator in indicators.values() for name in indicator.definitions]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "unit: percent",
            "unit: parts",
            "online_share.unit is 'parts'; accepted: one of 'percent'",
        ),
        ("minimum: 0", 'minimum: "0"', "online_share.minimum is '0'; accepted: a number"),
        ("  label_en: Online share\n", "", "online_share.label_en is None; accepted: a value"),
        ("better: up", "bettr: up", "unknown key 'online_share.bettr'; did you mean 'better'?"),
        (
            "{vi: mọi hồ sơ, en: any dossier}",
            "{vi: mọi hồ sơ}",
            "online_share.definitions.any_online.en is None; accepted: a value",
        ),
    ],
)
def test_a_broken_indicator_is_refused_with_file_key_and_value(folder, old, new, said):
    path = folder / "indicators.yml"
    path.write_text(INDICATORS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_indicators(path)
    assert caught.value.sentence("en").startswith("params/indicators.yml: ")
    assert said in caught.value.sentence("en")


@pytest.mark.parametrize(
    ("given", "proposed"),
    [("cà_mau", "ca_mau"), ("Đắk Lắk 2025", "dak_lak_2025"), ("../x", "x"), ("2025", "")],
)
def test_what_cannot_name_a_run_is_refused_in_words_with_a_name_that_can(given, proposed):
    with pytest.raises(ParameterError) as caught:
        check_name(given)
    told = caught.value.sentence("vi")
    assert "chữ thường không dấu" in told
    assert (f"có phải '{proposed}'?" in told) == bool(proposed)


def test_an_indicator_that_is_no_mapping_is_named(folder):
    path = folder / "indicators.yml"
    path.write_text("online_share: 5\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_indicators(path)
    assert caught.value.sentence("en").startswith("params/indicators.yml: online_share is 5;")


def test_a_known_name_passes():
    assert check_known("001", ["001", "002"], "f.yml", key="sources", kind="source") is None


@pytest.mark.parametrize("kind", ["indicator", "unit", "source", "decision"])
def test_an_unknown_name_is_refused_with_the_known_ones(kind):
    with pytest.raises(ParameterError) as caught:
        check_known("online_shar", ["online_share", "x"], "f.yml", key="asked", kind=kind)
    assert caught.value.key == f"unknown_{kind}"
    for part in (
        "f.yml: asked: ",
        "'online_shar'",
        "did you mean 'online_share'?",
        "online_share, x",
    ):
        assert part in caught.value.sentence("en")


def test_a_long_list_of_known_names_is_cut_and_says_so():
    with pytest.raises(ParameterError) as caught:
        check_known("y", [f"x{at:02d}" for at in range(41)], "f.yml", key="units", kind="unit")
    assert caught.value.sentence("en").endswith("x39, ….")


@pytest.fixture
def corrections(tmp_path):
    def _read(content: str):
        path = tmp_path / "corrections.yml"
        path.write_text(content, encoding="utf-8")
        return load_corrections(path)

    return _read


def test_a_correction_is_read_as_it_is_written(corrections):
    (found,) = corrections(CORRECTION)
    assert (found.table, found.where, found.action) == (
        "observations",
        {"observation": "o2"},
        "override",
    )
    assert (found.column, found.value, found.expect) == ("value", 98.08, 98.8)


@pytest.mark.parametrize("content", ["", "[]\n", "# none known\n"])
def test_a_file_without_corrections_is_no_error(corrections, content):
    assert corrections(content) == []


def test_the_projects_own_corrections_can_be_read(root):
    assert isinstance(load_corrections(root / "params" / "corrections.yml"), list)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("  action: override\n", "", "action"),
        ("action: override", "action: mend", "action"),
        ("  reason: Misprinted in the first edition.\n", "", "reason"),
        ("  column: value\n", "", "column"),
        ("{observation: o2}", "o2", "where"),
    ],
)
def test_a_broken_entry_is_refused_with_its_number_and_key(corrections, old, new, key):
    with pytest.raises(ParameterError) as caught:
        corrections(CORRECTION + CORRECTION.replace(old, new))
    assert caught.value.values["entry"] == 2
    assert caught.value.values["key"].startswith(key)
    assert "params/corrections.yml, entry 2: " in caught.value.sentence("en")


def test_a_misspelt_key_of_an_entry_is_named(corrections):
    with pytest.raises(ParameterError) as caught:
        corrections(CORRECTION.replace("expect:", "expcet:"))
    assert caught.value.values["key"] == "expcet"


@pytest.mark.parametrize("content", ["observations: x\n", "5\n", "text\n"])
def test_a_file_that_is_no_list_of_entries_is_refused(corrections, content):
    with pytest.raises(ParameterError):
        corrections(content)


def test_what_is_typed_for_a_key_is_read_by_the_type_of_the_key():
    assert read_value("alpha", "0.1") == 0.1
    assert read_value("seed", "8") == 8
    assert read_value("sources", "001, 003") == ["001", "003"]
    assert read_value("province", "06") == "06"
    assert read_value("alpha", "0,1") == "0,1", "the contract refuses it and says what it takes"


def test_known_runs_are_told_by_name_and_any_other_is_refused(folder):
    assert known_runs(folder) == ["long_an"]
    assert check_known_run("long_an", folder) is None
    with pytest.raises(ParameterError) as caught:
        check_known_run("../base", folder)
    assert caught.value.key == "unknown_run"
