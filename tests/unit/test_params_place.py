"""A run that starts from another's file, and the place that an error of its settings names."""

from __future__ import annotations

import shutil

import pytest

from commune_pilots.errors import ParameterError
from commune_pilots.params import load_run


@pytest.fixture
def folder(root, tmp_path):
    return shutil.copytree(root / "params", tmp_path / "params")


def _write(folder, run, text):
    (folder / "runs" / f"{run}.yml").write_text(text, encoding="utf-8")


def test_a_run_like_another_starts_from_its_file_under_a_name_of_its_own(folder):
    _write(folder, "long_an", "alpha: 0.1\nseed: 8\n")
    run = load_run("long_an_1", folder, like="long_an", settings=["seed=9"])
    assert (run.run, run.alpha, run.seed) == ("long_an_1", 0.1, 9)


def test_a_run_like_one_that_is_not_there_is_refused_with_a_suggestion(folder):
    with pytest.raises(ParameterError) as caught:
        load_run("long_an_1", folder, like="long_ann")
    assert caught.value.key == "unknown_run"
    for language in ("vi", "en"):
        assert "'long_ann'" in caught.value.sentence(language)
        assert "'long_an'" in caught.value.sentence(language)


@pytest.mark.parametrize("setting", ["alpha=2", "alfa=0.1", "run=x", "status=done"])
def test_an_error_of_a_setting_names_the_place_it_stands_in(folder, setting):
    place = "params/batches/x.csv, row 3"
    with pytest.raises(ParameterError) as caught:
        load_run("long_an", folder, settings=[setting], place=place)
    for language in ("vi", "en"):
        assert caught.value.sentence(language).startswith(place)


def test_a_name_no_folder_can_have_is_refused_where_it_is_given(folder):
    with pytest.raises(ParameterError) as caught:
        load_run("../x", folder, like="long_an", place="params/batches/x.csv, row 3")
    assert caught.value.sentence("en").startswith("params/batches/x.csv, row 3: run is '../x'")


def test_an_error_of_the_file_a_run_is_like_names_that_file(folder):
    _write(folder, "long_an", "alpha: 2.0\n")
    with pytest.raises(ParameterError) as caught:
        load_run("a", folder, like="long_an", settings=["seed=1"], place="row 3")
    assert caught.value.sentence("en").startswith("params/runs/long_an.yml: alpha is 2.0")


@pytest.mark.parametrize("seconds", [1, 86_400])
def test_a_notebook_may_take_from_a_second_to_a_day(folder, seconds):
    assert load_run("long_an", folder, settings=[f"notebook_timeout={seconds}"])
    for wrong in (0, 86_401, "abc", 1.5):
        with pytest.raises(ParameterError) as caught:
            load_run("long_an", folder, settings=[f"notebook_timeout={wrong}"])
        assert caught.value.key == "bad_value"
