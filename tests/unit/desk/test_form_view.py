from __future__ import annotations

import re
import shutil

import pytest

from commune_pilots.desk import form_view
from commune_pilots.desk.at_hand import at_hand
from commune_pilots.desk.form_fields import KEYS
from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run
from commune_pilots.store import Layout


@pytest.fixture
def layout(root, tmp_path, monkeypatch):
    monkeypatch.delenv("PILOTS_LANG", raising=False)
    shutil.copytree(root / "params", tmp_path / "params")
    return Layout(tmp_path)


@pytest.fixture
def handed():
    """Runs whose values were handed to the notebook, in order."""
    return []


@pytest.fixture
def view(layout, handed):
    made = form_view.show(
        layout,
        "long_an",
        declared=["alpha", "rounding", "least_dossiers", "sources"],
        notice={},
        put=handed.append,
        check=lambda run: None,
    )
    yield made
    form_view.close(made)


def _file(layout) -> str:
    return (layout.params / "runs" / "long_an.yml").read_text(encoding="utf-8")


def _told(view) -> str:
    return re.sub(r"<[^>]+>", " ", view.told.value)


def _others(view):
    """The fold of the keys that the notebook does not declare."""
    return view.body.children[1]


def test_one_field_a_key_of_the_notebook_with_its_words_and_value(view, handed):
    assert list(view.controls) == ["sources", "rounding", "alpha", "least_dossiers"]
    assert view.controls["sources"].value == "001"
    assert view.controls["alpha"].description == "Mức sai lầm chấp nhận / Error level"
    assert 'lang="en"' in view.notes["alpha"].value
    assert [run.run for run in handed] == ["long_an"]
    assert view.save.disabled, "nothing to save yet"


def test_the_other_keys_are_folded_away_until_they_are_looked_for(view):
    assert _others(view).children[0].children == ()
    _others(view).selected_index = 0
    assert sorted(view.controls) == sorted(KEYS)
    _others(view).selected_index = None
    _others(view).selected_index = 0
    assert sorted(view.controls) == sorted(KEYS)


def test_a_wrong_value_is_told_at_its_field_and_cannot_be_saved(view, layout):
    before = _file(layout)
    view.controls["alpha"].value = "0.7"
    assert 'role="alert"' in view.notes["alpha"].value
    assert "alpha là 0.7; chấp nhận: nhỏ hơn 0.5" in view.notes["alpha"].value
    assert "alert" not in view.notes["least_dossiers"].value
    assert view.save.disabled
    assert "số giá trị sai: 1" in _told(view)
    view.controls["alpha"].value = "0.1"
    assert "alert" not in view.notes["alpha"].value
    assert not view.save.disabled
    assert "Chưa lưu: alpha." in _told(view)
    assert _file(layout) == before


def test_saving_writes_the_one_line_and_hands_the_values_over(view, layout, handed):
    before = _file(layout)
    view.controls["alpha"].value = "0.1"
    view.controls["rounding"].value = "half_up"
    view.save.click()
    assert _file(layout) == f"{before}rounding: half_up\nalpha: 0.1\n"
    assert (handed[-1].alpha, handed[-1].rounding) == (0.1, "half_up")
    assert "Đã ghi rounding, alpha vào params/runs/long_an.yml." in _told(view)
    assert view.save.disabled


def test_what_somebody_else_wrote_meanwhile_is_kept(view, layout, handed):
    path = layout.params / "runs" / "long_an.yml"
    path.write_text(_file(layout) + "seed: 8\n", encoding="utf-8")
    view.controls["alpha"].value = "0.1"
    view.save.click()
    assert (handed[-1].seed, handed[-1].alpha) == (8, 0.1)


def test_a_run_chosen_is_taken_up_shown_and_handed_over(view, layout, handed):
    runs = view.box.children[1]
    assert "bac_kan" in runs.options
    runs.value = "bac_kan"
    assert at_hand(layout) == "bac_kan"
    assert view.controls["sources"].value == "002"
    assert handed[-1].run == "bac_kan"


def test_what_only_the_tables_can_tell_is_a_warning_after_saving(layout, handed):
    refusal = ParameterError(
        "unknown_source", file="params/runs/long_an.yml", key="sources", value="777", hint="",
        known="001",
    )  # fmt: skip
    asked = []
    view = form_view.show(
        layout, "long_an", declared=["sources"], notice={}, put=handed.append,
        check=lambda run: asked.append(run) or refusal,
    )  # fmt: skip
    assert asked == [], "typing asks no table"
    view.controls["sources"].value = "777"
    view.save.click()
    assert asked == ["long_an"]
    assert 'sources: ["777"]' in _file(layout)
    assert "Đã ghi sources" in _told(view)
    assert "lượt chạy sẽ bị từ chối" in _told(view)
    assert "&#39;777&#39;" in view.told.value, "values are escaped"
    form_view.close(view)


def test_a_file_that_cannot_be_edited_is_told_and_what_was_typed_stays(view, layout):
    path = layout.params / "runs" / "long_an.yml"
    held = load_run("long_an", layout.params)
    path.write_text(
        '{data: press, province: "80", sources: ["001"], decision: "001-d1"}\n', encoding="utf-8"
    )
    assert load_run("long_an", layout.params) == held
    view.controls["alpha"].value = "0.1"
    view.save.click()
    assert "mỗi khóa một dòng" in _told(view)
    assert view.controls["alpha"].value == "0.1"
    assert path.read_text(encoding="utf-8").startswith("{data")


def test_a_defect_while_saving_is_a_sentence(view, layout, monkeypatch):
    def broken(*_given):
        raise RuntimeError("oops")

    monkeypatch.setattr(form_view, "write_run", broken)
    view.controls["alpha"].value = "0.1"
    view.save.click()
    assert "RuntimeError" in _told(view)


def test_the_form_speaks_one_language_where_one_is_chosen(layout, handed, monkeypatch):
    monkeypatch.setenv("PILOTS_LANG", "en")
    view = form_view.show(
        layout, "long_an", declared=["alpha"], notice={}, put=handed.append, check=lambda run: None
    )
    assert view.controls["alpha"].description == "Error level"
    assert view.save.description == "Save parameters"
    view.controls["alpha"].value = "x"
    assert "accepted: a number" in view.notes["alpha"].value
    form_view.close(view)
