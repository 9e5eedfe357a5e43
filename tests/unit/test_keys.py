from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from commune_pilots.errors import NOTHING, ParameterError
from commune_pilots.keys import load_named, names_in, near, parameter_error, read_mapping


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    alpha: Annotated[float, Field(gt=0, lt=0.5)]
    seed: Annotated[int, Field(ge=0)] = 1
    units: list[str] = Field(default_factory=list)
    day: str = "2026-11-22"

    @field_validator("day")
    @classmethod
    def _not_christmas(cls, value):
        if value == "2026-12-25":
            raise ValueError("iso_date")
        return value


def _error(given, **how):
    with pytest.raises(ValidationError) as caught:
        _Model.model_validate(given)
    return parameter_error(caught.value, _Model, **how)


def _read(tmp_path, content):
    path = tmp_path / "some.yml"
    path.write_text(content, encoding="utf-8")
    return read_mapping(path, "params/some.yml")


def test_a_file_of_keys_is_read(tmp_path):
    assert _read(tmp_path, "alpha: 0.1\nunits: [a]\n") == {"alpha": 0.1, "units": ["a"]}


@pytest.mark.parametrize("content", ["", "# nothing\n"])
def test_a_file_without_keys_is_empty_and_no_error(tmp_path, content):
    assert _read(tmp_path, content) == {}


@pytest.mark.parametrize("content", ["- alpha\n", "alpha\n", "5: 1\n", "7\n"])
def test_a_file_that_is_no_mapping_is_refused_by_the_name_shown(tmp_path, content):
    with pytest.raises(ParameterError) as caught:
        _read(tmp_path, content)
    assert (caught.value.key, caught.value.values["file"]) == ("not_a_mapping", "params/some.yml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParameterError) as caught:
        read_mapping(tmp_path / "none.yml", "params/none.yml")
    assert (caught.value.key, caught.value.values["file"]) == ("file_missing", "params/none.yml")


def test_the_nearest_known_name_is_suggested_in_both_languages():
    found = near("alhpa", ["alpha", "seed"])
    assert "did you mean 'alpha'?" in found.en
    assert "có phải 'alpha'?" in found.vi


def test_nothing_is_suggested_where_nothing_is_near():
    assert near("abc", ["xyz"]) == NOTHING
    assert near("abc", []) == NOTHING


def test_the_hint_may_say_where_a_name_belongs():
    found = near("onlne_share", ["online_share"], key="indicator")
    assert "indicators=online_share" in found.en
    assert "indicators=online_share" in found.vi


def test_an_unknown_key_is_worded_with_what_is_known():
    sentence = _error({"alpha": 0.1, "sead": 2}, file="f.yml").sentence("en")
    assert sentence.startswith("f.yml: unknown key 'sead'; did you mean 'seed'?")
    assert sentence.endswith("alpha, seed, units, day.")


def test_an_unknown_key_is_told_before_a_wrong_value():
    assert _error({"alpha": 9.0, "sead": 2}, file="f.yml").key == "unknown_key"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alpha": 0.7}, "alpha is 0.7; accepted: less than 0.5"),
        ({"alpha": "x"}, "alpha is 'x'; accepted: a number"),
        ({}, "alpha is None; accepted: a value"),
        ({"alpha": 0.1, "seed": -1}, "seed is -1; accepted: 0 or more"),
        ({"alpha": 0.1, "units": ["a", 1]}, "units.1 is 1; accepted: text or a code"),
        ({"alpha": 0.1, "day": "2026-12-25"}, "day is '2026-12-25'; accepted: "),
    ],
)
def test_a_wrong_value_is_worded_with_key_value_and_what_is_accepted(given, said):
    error = _error(given, file="f.yml")
    assert error.key == "bad_value"
    assert said in error.sentence("en")
    assert error.sentence("en").startswith("f.yml: ")


def test_each_key_is_told_with_the_file_it_stands_in():
    origin = {"alpha": "params/base.yml", "seed": "--set"}
    assert _error({"alpha": 9.0}, origin=origin).values["file"] == "params/base.yml"
    wrong_seed = {"alpha": 0.1, "seed": -1}
    assert _error(wrong_seed, origin=origin, file="f.yml").values["file"] == "--set"
    assert _error(wrong_seed, origin={}, file="f.yml").values["file"] == "f.yml"


def test_a_prefix_says_of_which_entry_the_key_is():
    assert _error({"alpha": 9.0}, prefix="entry.").values["key"] == "entry.alpha"
    assert _error({"alpha": 0.1, "sead": 1}, prefix="entry.").values["value"] == "entry.sead"


def test_what_is_no_mapping_at_all_is_told_by_its_prefix():
    error = _error(5, file="f.yml", prefix="entry.")
    assert error.sentence("en").startswith("f.yml: entry is 5;")


def _folder(tmp_path, **files):
    folder = tmp_path / "params" / "plans"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"{name}.yml").write_text(content, encoding="utf-8")
    return folder


def test_a_named_file_is_read_as_its_contract(tmp_path):
    folder = _folder(tmp_path, b="alpha: 0.2\n", a="alpha: 0.1\n")
    assert names_in(folder) == ["a", "b"]
    assert load_named("b", folder, _Model, unknown="unknown_scenario").alpha == 0.2


@pytest.mark.parametrize("name", ["aa", "../plans/a", "../a", "", "A"])
def test_a_name_that_is_no_file_of_the_folder_is_refused_in_the_words_given(tmp_path, name):
    folder = _folder(tmp_path, a="alpha: 0.1\n")
    (folder.parent / "a.yml").write_text("alpha: 0.1\n", encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        load_named(name, folder, _Model, unknown="unknown_layout")
    assert (caught.value.key, caught.value.values["known"]) == ("unknown_layout", "a")


def test_an_empty_folder_has_no_names_to_offer(tmp_path):
    with pytest.raises(ParameterError) as caught:
        load_named("a", _folder(tmp_path), _Model, unknown="unknown_delivery")
    assert caught.value.values["known"] == "—"


def test_a_mistake_in_a_named_file_is_told_with_its_place(tmp_path):
    folder = _folder(tmp_path, a="alpha: 2\nseed: 1\n")
    with pytest.raises(ParameterError, match=r"params/plans/a\.yml") as caught:
        load_named("a", folder, _Model, unknown="unknown_scenario")
    assert (caught.value.key, caught.value.values["key"]) == ("bad_value", "alpha")
