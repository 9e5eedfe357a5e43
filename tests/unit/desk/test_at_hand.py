from __future__ import annotations

import shutil

import pytest

from commune_pilots.desk.at_hand import at_hand, take_up
from commune_pilots.errors import ParameterError
from commune_pilots.params import known_runs
from commune_pilots.store import Layout


@pytest.fixture
def layout(root, tmp_path):
    shutil.copytree(root / "params" / "runs", tmp_path / "params" / "runs")
    return Layout(tmp_path)


def test_nothing_is_at_hand_before_a_run_is_taken_up(layout):
    assert at_hand(layout) is None


def test_the_run_taken_up_last_is_at_hand(layout):
    take_up(layout, "long_an")
    take_up(layout, "bac_kan")
    assert at_hand(layout) == "bac_kan"
    assert (layout.root / "data/processed/.at-hand").read_bytes() == b"bac_kan\n"


@pytest.mark.parametrize("run", ["long_ann", "../base", ""])
def test_a_run_without_a_file_is_refused_and_the_one_at_hand_stays(layout, run):
    take_up(layout, "long_an")
    with pytest.raises(ParameterError) as caught:
        take_up(layout, run)
    assert (caught.value.key, caught.value.values["run"]) == ("unknown_run", run)
    assert at_hand(layout) == "long_an"


@pytest.mark.parametrize("content", [b"gone\n", b"\xff\xfe", b"../base\n", b""])
def test_a_file_that_names_no_run_is_as_none(layout, content):
    path = layout.root / "data/processed/.at-hand"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert at_hand(layout) is None


def test_the_file_is_no_run_of_the_project_and_git_leaves_it_out(root):
    assert ".at-hand" not in known_runs(root / "params")
    assert "data/processed/*" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()
