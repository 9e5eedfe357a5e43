from __future__ import annotations

import pytest

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.desk import form_fields
from commune_pilots.desk.form_fields import KEYS
from commune_pilots.params import Run, load_run, read_value

CELL = 'run = "smoke"  # name of the run\nalpha = 0.05  # error level\nsources = ["sim"]\n'


@pytest.fixture(scope="module")
def held(root):
    return load_run("long_an", root / "params")


def _problems(held, **typed):
    return form_fields.problems(held, typed, file="params/runs/long_an.yml")


def test_every_key_but_the_name_of_the_run_has_a_field_in_the_order_of_the_contract(held):
    fields = form_fields.fields_of(KEYS, held, LANGUAGES)
    assert [field.key for field in fields] == [name for name in Run.model_fields if name != "run"]
    for field in fields:
        assert len(field.labels) == len(field.helps) == 2
        assert all(help_text.endswith(".") for help_text in field.helps)


def test_fields_speak_the_chosen_language_alone(held):
    (field,) = form_fields.fields_of(["alpha"], held, ["en"])
    assert field.labels == ("Error level",)
    assert field.helps[0].endswith("Accepted: number above 0 below 0.5.")


def test_a_choice_pairs_words_with_the_value_that_the_file_will_hold(held):
    (field,) = form_fields.fields_of(["grade_for_scaling"], held, ["vi", "en"])
    assert field.choices == (("trung bình (medium)", "medium"), ("cao (high)", "high"))
    assert field.shown == "high"


def test_what_a_field_shows_is_read_back_as_the_same_value(held):
    for field in form_fields.fields_of(KEYS, held, ["vi"]):
        assert read_value(field.key, field.shown) == getattr(held, field.key), field.key


@pytest.mark.parametrize(
    ("value", "shown"),
    [(["001", "003"], "001, 003"), ([], ""), (1e-06, "0.000001"), (200, "200"), ("06", "06")],
)
def test_values_are_shown_as_one_types_them(value, shown):
    assert form_fields.as_typed(value) == shown


def test_only_what_differs_from_the_run_is_a_change(held):
    typed = {"alpha": "0.050", "sources": "001 , 003", "seed": str(held.seed), "status": "draft"}
    assert form_fields.changes(held, typed) == {"sources": ["001", "003"]}


def test_what_the_contract_takes_has_no_problem(held):
    assert _problems(held, alpha="0.1", sources="", since="2026-11-22", least_dossiers="200") == {}


@pytest.mark.parametrize(
    ("key", "typed", "accepted"),
    [
        ("alpha", "0,1", "số, ví dụ 0.05"),
        ("alpha", "", "số, ví dụ 0.05"),
        ("alpha", "0.5", "nhỏ hơn 0.5"),
        ("least_dossiers", "0", "từ 1 trở lên"),
        ("least_dossiers", "2.5", "số nguyên"),
        ("sources", "001 003", "chữ khớp mẫu"),
        ("briefing_date", "22/11/2026", "ngày có thật"),
        ("rounding", "up", "một trong"),
    ],
)
def test_a_wrong_value_is_told_at_its_own_field_in_our_words(held, key, typed, accepted):
    found = _problems(held, **{key: typed, "seed": "7"})
    assert list(found) == [key]
    sentence = found[key].sentence("vi")
    assert sentence.startswith(f"params/runs/long_an.yml: {key}")
    assert accepted in sentence


def test_keys_that_are_right_alone_and_wrong_together_have_one_error(held):
    found = _problems(held, simulation="weekday_log")
    assert [(key, error.key) for key, error in found.items()] == [("", "simulation_of_press")]
    assert _problems(held, simulation="weekday_log", data="simulated") == {}


def test_a_parameters_cell_is_told_from_every_other():
    assert form_fields.parameters_of(CELL) == {"run": "smoke", "alpha": 0.05, "sources": ["sim"]}


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "run = name\n",
        "alpha = 0.05\nrun = 'smoke'\n",
        "run = 'smoke'\ncolour = 'red'\n",
        "run = 'smoke'\nprint(run)\n",
        "run = 'smoke'\nalpha: float = 0.05\n",
        "run, alpha = 'smoke', 0.05\n",
        "run = alpha = 'smoke'\n",
        "run = 5\n",
        "run = 'smoke'\nimport os\n",
        "%time run = 'smoke'\n",
        "run = (\n",
    ],
)
def test_any_other_cell_is_left_alone(cell):
    assert form_fields.parameters_of(cell) is None


def test_keys_changed_in_the_cell_by_hand_are_named():
    base = {"alpha": 0.05, "sources": ["sim"]}

    def edited(**cell):
        return form_fields.edited(cell, base, run="long_an", first="smoke")

    assert edited(run="smoke", alpha=0.05, sources=["sim"]) == []
    assert edited(run="long_an", alpha=0.05) == []
    assert edited(run="bac_kan", alpha=0.1, sources=["sim"]) == ["run", "alpha"]


def test_a_table_of_text_has_key_value_and_label_of_each_field(held):
    table = form_fields.as_table(form_fields.fields_of(["alpha", "units"], held, ["vi"]))
    assert table.splitlines() == [
        "units  -     Xã được đánh giá",
        "alpha  0.05  Mức sai lầm chấp nhận",
    ]
