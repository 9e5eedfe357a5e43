from __future__ import annotations

import pandas as pd
import pytest
from delivered import (
    LOG_HEADER,
    PERSON,
    PHONE,
    deliver,
    dossier,
    month_row,
    project,
    read_code_once,
    tree,
    write_log,
    write_sheet,
)

from commune_pilots import schemas
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.runs import ingest as module
from commune_pilots.runs.ingest import ingest
from commune_pilots.sources.privacy import scan_text

pytestmark = pytest.mark.slow  # every test ingests files in a project of its own

LOG = {"layout": "office_list", "as_of": "2022-12-31"}


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read_code", read_code_once)
    return project(tmp_path)


def _table(layout, table, name="ho_so"):
    return pd.read_parquet(layout.delivery(name) / f"{table}.parquet")


def _dossiers():
    online = [dossier(at, "05/01/2022") for at in range(1, 31)]
    counter = [dossier(at, "06/01/2022", channel="Trực tiếp") for at in range(31, 51)]
    return [*online, *counter]


def test_a_list_of_dossiers_becomes_shares_by_month_and_every_row_is_accounted_for(layout):
    rows = [
        *_dossiers(),
        _dossiers()[0],
        dossier(60, "31/06/2022"),
        dossier(61, "07/01/2022", channel="Fax"),
    ]
    write_log(deliver(layout, "ho_so", **LOG) / "a.csv", rows)
    found = ingest(layout, "ho_so")
    panel = _table(layout, "panel")
    online = panel[panel["definition"] == "online_a_received"]
    assert online[["unit", "numerator", "denominator"]].to_numpy().tolist() == [["28159", 30, 50]]
    assert {key: found.rows[key] for key in ("read", "accepted", "rejected", "duplicates")} == {
        "read": 53, "accepted": 50, "rejected": 2, "duplicates": 1,
    }  # fmt: skip
    rejected = _table(layout, "rejected")
    assert set(rejected["column"].dropna()) >= {"Ngày tiếp nhận", "Hình thức nộp"}
    assert (
        _table(layout, "ingested")[["accepted", "rejected", "duplicates"]].sum(axis=1) == 53
    ).all()


def test_nothing_of_a_person_is_written_anywhere(layout):
    folder = deliver(layout, "ho_so", **LOG)
    write_log(folder / "a.csv", [*_dossiers(), dossier(60, "31/06/2022")])
    ingest(layout, "ho_so")
    outside = {
        path: content
        for path, content in tree(layout.root).items()
        if not path.startswith("data/raw/deliveries/ho_so")
    }
    assert "data/processed/delivery-ho_so/panel.parquet" in outside
    for path, content in outside.items():
        for secret in (PERSON, PERSON.upper(), PHONE):
            assert secret.encode() not in content, path
    for table in ("rejected", "findings", "panel", "ingested"):
        text = _table(layout, table).to_csv()
        assert not scan_text(text), table
        assert PERSON not in text
    parts = list((layout.delivery("ho_so") / "parts/dossiers").iterdir())
    assert len(parts) == 1
    assert PERSON not in pd.read_parquet(parts[0]).to_csv()


def test_a_log_without_channels_gives_no_online_rate_and_says_so(layout):
    at = LOG_HEADER.index("Hình thức nộp")
    rows = [[*row[:at], *row[at + 1 :]] for row in _dossiers()]
    write_log(
        deliver(layout, "ho_so", **LOG) / "a.csv",
        rows,
        header=(*LOG_HEADER[:at], *LOG_HEADER[at + 1 :]),
    )
    found = ingest(layout, "ho_so")
    assert set(_table(layout, "panel")["definition"]) == {"on_time_a_completed"}
    assert any(
        "online_a_received" in one.vi and "hình thức nộp" in one.vi for one in found.left_out
    )
    deliver(layout, "ho_so", **LOG, definitions=["online_a_received"])
    with pytest.raises(InputError, match=r"online_a_received.*channel"):
        ingest(layout, "ho_so")


def test_a_delivery_counts_only_the_definitions_it_names(layout):
    folder = deliver(layout, "ho_so", **LOG, definitions=["online_a_received", "online_c_received"])
    write_log(folder / "a.csv", _dossiers())
    ingest(layout, "ho_so")
    assert set(_table(layout, "panel")["definition"]) == {"online_a_received", "online_c_received"}
    deliver(layout, "ho_so", **LOG, definitions=["online_x_received"])
    with pytest.raises(ParameterError, match="online_x_received"):
        ingest(layout, "ho_so")


def test_a_dossier_in_two_files_counts_once_the_last_file_stands(layout):
    folder = deliver(layout, "ho_so", **LOG)
    write_log(folder / "a.csv", _dossiers())
    write_log(folder / "b.csv", _dossiers()[:10])
    found = ingest(layout, "ho_so")
    assert (found.rows["accepted"], found.rows["duplicates"]) == (50, 10)
    account = _table(layout, "ingested").set_index("file")["duplicates"]
    assert account.to_dict() == {
        "data/raw/deliveries/ho_so/a.csv": 10,
        "data/raw/deliveries/ho_so/b.csv": 0,
    }


def test_a_file_all_of_whose_rows_are_rejected_is_still_in_the_account(layout):
    folder = deliver(layout, "ho_so", **LOG)
    write_log(folder / "a.csv", _dossiers())
    write_log(folder / "b.csv", [dossier(70, "05/01/2022", channel="Fax")])
    found = ingest(layout, "ho_so")
    account = _table(layout, "ingested").set_index("file")
    assert account.loc["data/raw/deliveries/ho_so/b.csv", "rejected"] == 1
    assert found.rows["read"] == 51


def test_a_log_is_checked_for_what_people_did(layout):
    write_log(deliver(layout, "ho_so", **LOG) / "a.csv", _dossiers())
    ingest(layout, "ho_so")
    checks = schemas.check(_table(layout, "checks"), "checks")
    assert len(checks) == 5
    assert set(checks["contrast"]) == {"ho_so"}


def test_months_before_july_2025_add_up_to_the_commune_of_today(layout):
    both = [month_row(unit, "01/2022", 100, 10) for unit in _formers()]
    write_sheet(deliver(layout, units_of="today") / "t1.xlsx", both)
    ingest(layout, "so_thang")
    panel = _table(layout, "panel", "so_thang")
    online = panel[panel["indicator"] == "online_share"]
    assert online["numerator"].dropna().tolist() in ([], [10 * len(both)])
    assert set(online["unit"]) <= {"28159", "28165"}
    assert online["note"].str.contains("sum over former communes").all()


def _formers():
    return ["Thị trấn Cần Giuộc"]


def test_counts_since_january_are_taken_apart(layout):
    path = layout.params / "layouts/luy_ke.yml"
    text = (layout.params / "layouts/commune_months.yml").read_text(encoding="utf-8")
    path.write_text(
        text.replace("  measure: received", "  measure: received\n  basis: cumulative"),
        encoding="utf-8",
    )
    monthly = (100, 10, 90, 80, 10)
    rows = [
        ["", "Thị trấn Cần Giuộc", f"{month:02d}/2022", *(month * count for count in monthly)]
        for month in (1, 2, 3)
    ]
    write_sheet(deliver(layout, layout="luy_ke") / "t.xlsx", rows)
    ingest(layout, "so_thang")
    panel = _table(layout, "panel", "so_thang")
    online = panel[panel["indicator"] == "online_share"]
    assert online["denominator"].tolist() == [100, 100, 100]
    assert online["numerator"].tolist() == [10, 10, 10]
