from __future__ import annotations

import pandas as pd
import pytest
from built import LAYOUT

from commune_pilots import schemas, store
from commune_pilots.errors import ContractError, InputError, ParameterError
from commune_pilots.params import load_indicators
from commune_pilots.sources.ingested import accounts, add_deliveries

INDICATORS = load_indicators(LAYOUT.params / "indicators.yml")


@pytest.fixture
def layout(tmp_path):
    return store.Layout(tmp_path)


def _deliver(layout, press_tables, name="so", *, kind="office_files", unit="28159"):
    units = press_tables["units"]
    month = {
        "source": name,
        "unit": unit,
        "indicator": "online_share",
        "definition": "online_a_received",
        "period_start": pd.Timestamp("2022-01-01"),
        "period_end": pd.Timestamp("2022-01-31"),
        "numerator": 1,
        "denominator": 9,
        "file": f"{name}.xlsx",
        "row": 4,
    }
    tables = {
        "sources": schemas.build([{"source": name, "title_short": "x", "kind": kind}], "sources"),
        "units": units[units["code"] == unit],
        "panel": schemas.build([month], "panel"),
        "ingested": schemas.build(
            [{"file": "a", "sha256": "0" * 64, "read": 1, "accepted": 1, "rejected": 0,
              "duplicates": 0}],
            "ingested",
        ),
    }  # fmt: skip
    layout.delivery(name).mkdir(parents=True)
    for table, frame in tables.items():
        frame.to_parquet(layout.delivery(name) / f"{table}.parquet", index=False)


def _add(layout, press_tables, *names, data="press"):
    return add_deliveries(press_tables, names, layout, INDICATORS, data=data)


def test_a_delivery_stands_beside_the_press_tables(layout, press_tables):
    _deliver(layout, press_tables)
    found = _add(layout, press_tables, "so")
    assert found["panel"]["source"].tolist() == ["so"]
    assert set(found["sources"]["source"]) == {*press_tables["sources"]["source"], "so"}
    assert len(found["units"]) == len(press_tables["units"])
    for table in ("sources", "units", "panel"):
        schemas.check(found[table], table)


def test_without_deliveries_nothing_changes(layout, press_tables):
    found = _add(layout, press_tables)
    assert all(found[name] is frame for name, frame in press_tables.items())


def test_units_that_a_simulated_run_does_not_know_are_added(layout, press_tables):
    _deliver(layout, press_tables, kind="simulated")
    few = {**press_tables, "units": press_tables["units"].iloc[:1]}
    assert "28159" in set(_add(layout, few, "so", data="simulated")["units"]["code"])


@pytest.mark.parametrize(("kind", "data"), [("simulated", "press"), ("office_files", "simulated")])
def test_simulated_and_real_data_never_meet(layout, press_tables, kind, data):
    _deliver(layout, press_tables, kind=kind)
    with pytest.raises(ParameterError, match="never meet"):
        _add(layout, press_tables, "so", data=data)


def test_a_month_that_two_deliveries_tell_is_refused(layout, press_tables):
    _deliver(layout, press_tables)
    _deliver(layout, press_tables, "khac")
    with pytest.raises(ContractError) as refused:
        _add(layout, press_tables, "so", "khac")
    assert [one.file for one in refused.value.failures] == ["khac.xlsx"]


@pytest.mark.parametrize("damage", ["absent", "cut"])
def test_a_delivery_that_was_not_read_says_what_to_run(layout, press_tables, damage):
    _deliver(layout, press_tables)
    if damage == "cut":
        (layout.delivery("so") / "panel.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="pilots ingest"):
        _add(layout, press_tables, "so" if damage == "cut" else "chua_doc")


def test_the_account_of_every_delivery_is_handed_out(layout, press_tables):
    _deliver(layout, press_tables)
    _deliver(layout, press_tables, "khac")
    assert accounts(layout, ["so", "khac"])["read"].tolist() == [1, 1]
    assert len(accounts(layout, [])) == 0
