"""The invented provinces that a run can name: each is whole, and each is labelled."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from commune_pilots import schemas, simulate
from commune_pilots.clean.scope import check_scope, keep_scope
from commune_pilots.params import load_run
from commune_pilots.sources.press import check_press
from commune_pilots.vocabulary import Simulation

WORLDS = sorted(simulate.WORLDS)


@pytest.fixture(scope="module", params=WORLDS)
def world(request):
    return request.param


@pytest.fixture(scope="module")
def tables(world):
    return simulate.WORLDS[world](np.random.default_rng(1))


def test_every_world_that_a_run_can_name_is_drawn_and_no_other():
    assert set(WORLDS) == set(get_args(Simulation))


def test_a_world_is_every_raw_table_within_its_contract(tables):
    assert set(tables) == set(schemas.RAW_TABLES)
    for name, table in tables.items():
        assert schemas.check(table, name) is table


def test_a_world_passes_the_checks_of_press_tables(tables, indicators):
    assert check_press(tables, indicators, shown="simulated") == []


def test_a_world_is_drawn_from_the_generator_alone(world, tables):
    again, other = (simulate.WORLDS[world](np.random.default_rng(seed)) for seed in (1, 2))
    for name, table in tables.items():
        assert_frame_equal(table, again[name])
    assert not tables["panel"].equals(other["panel"])


def test_no_row_of_a_world_can_pass_for_one_of_the_press(tables, press_tables):
    assert tables["sources"]["kind"].tolist() == ["simulated"]
    places = tables["units"].query("code != 'VN'")
    assert set(places["code"]).isdisjoint(press_tables["units"]["code"])
    assert places["name"].str.contains(simulate.LABEL_VI).all()
    for name in ("observations", "panel", "days", "pilots", "candidates"):
        assert tables[name]["note"].str.startswith("simulated").all()
    for name in set(tables) - {"units"}:
        assert tables[name]["source"].eq("sim").all()
    for name in ("interventions", "events"):
        assert tables[name]["name_vi"].str.contains(simulate.LABEL_VI).all()
        assert tables[name]["name_en"].str.contains("simulated").all()
    for column in ("decider_vi", "question_vi"):
        assert tables["decisions"][column].str.contains(simulate.LABEL_VI).all()


def test_a_run_of_the_defaults_finds_all_it_names_and_loses_nothing(tables, indicators, root):
    run = load_run("smoke", root / "params")
    assert check_scope(run, tables, indicators) is None
    kept, dropped = keep_scope(tables, sources=run.sources, units=run.units, province=run.province)
    assert dropped.empty
    assert {name: len(table) for name, table in kept.items()} == {
        name: len(table) for name, table in tables.items()
    }


def test_only_the_weekday_log_is_counted_by_day(world, tables):
    assert len(tables["panel"])
    assert tables["days"].empty == (world != "weekday_log")
