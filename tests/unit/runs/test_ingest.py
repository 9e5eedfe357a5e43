from __future__ import annotations

import json

import pandas as pd
import pytest
from delivered import (
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
from commune_pilots.errors import (
    ContractError,
    DeliveryError,
    InputError,
    LockedError,
    ParameterError,
)
from commune_pilots.runs import ingest as module
from commune_pilots.runs import publish
from commune_pilots.runs.ingest import ingest

pytestmark = pytest.mark.slow  # every test ingests files in a project of its own

CAN_GIUOC, DUONG_XUAN_HOI = "Thị trấn Cần Giuộc", "Xã Dương Xuân Hội"
JANUARY = [
    month_row(CAN_GIUOC, "01/2022", "1.100", 168),
    month_row(DUONG_XUAN_HOI, "01/2022", 90, 9),
]
FEBRUARY = [
    month_row(CAN_GIUOC, "02/2022", 1000, 300),
    month_row(DUONG_XUAN_HOI, "02/2022", 95, 18),
]


@pytest.fixture
def layout(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "read_code", read_code_once)
    return project(tmp_path)


@pytest.fixture
def folder(layout):
    folder = deliver(layout)
    write_sheet(folder / "t1.xlsx", JANUARY)
    write_sheet(folder / "t2.xlsx", FEBRUARY)
    return folder


def _table(layout, table, name="so_thang"):
    return pd.read_parquet(layout.delivery(name) / f"{table}.parquet")


def test_sheets_of_several_months_become_one_panel_with_every_row_accounted_for(layout, folder):
    found = ingest(layout, "so_thang")
    panel = _table(layout, "panel")
    online = panel[panel["indicator"] == "online_share"]
    assert online[["unit", "numerator", "denominator"]].to_numpy().tolist() == [
        ["28159", 168, 1100],
        ["28237", 9, 90],
        ["28159", 300, 1000],
        ["28237", 18, 95],
    ]
    assert set(online["file"]) == {
        f"data/raw/deliveries/so_thang/{name}" for name in ("t1.xlsx", "t2.xlsx")
    }
    assert found.rows == {
        "files": 2, "read": 4, "accepted": 4, "rejected": 0, "duplicates": 0, "panel": 8,
    }  # fmt: skip
    for table in ("panel", "rejected", "findings", "ingested", "sources", "units"):
        assert schemas.check(_table(layout, table), table) is not None


def test_an_ingest_with_nothing_new_writes_nothing(layout, folder):
    ingest(layout, "so_thang")
    before = tree(layout.root)
    found = ingest(layout, "so_thang")
    assert (found.anew, found.read, found.rows["read"]) == (False, 0, 4)
    assert tree(layout.root) == before


def test_the_same_files_give_the_same_bytes(layout, folder):
    ingest(layout, "so_thang")
    before = tree(layout.delivery("so_thang")) | tree(layout.reports("delivery-so_thang"))
    assert ingest(layout, "so_thang", force=True).anew
    assert tree(layout.delivery("so_thang")) | tree(layout.reports("delivery-so_thang")) == before


def test_one_changed_file_is_read_again_and_no_other_part_is_touched(layout, folder):
    ingest(layout, "so_thang")
    before = tree(layout.delivery("so_thang") / "parts")
    write_sheet(folder / "t2.xlsx", [month_row(CAN_GIUOC, "02/2022", 1000, 301)])
    found = ingest(layout, "so_thang")
    after = tree(layout.delivery("so_thang") / "parts")
    changed = {path for path in before if before[path] != after.get(path)}
    assert (found.files, found.read) == (2, 1)
    assert len({path.rpartition("/")[2].partition(".")[0] for path in changed}) == 1
    assert _table(layout, "panel")["numerator"].tolist().count(301) == 1


def test_a_file_that_is_gone_leaves_no_part_behind(layout, folder):
    ingest(layout, "so_thang")
    (folder / "t1.xlsx").unlink()
    ingest(layout, "so_thang")
    records = sorted((layout.delivery("so_thang") / "parts").glob("*.json"))
    assert [json.loads(path.read_text())["file"] for path in records] == [
        "data/raw/deliveries/so_thang/t2.xlsx"
    ]
    assert set(_table(layout, "panel")["file"]) == {"data/raw/deliveries/so_thang/t2.xlsx"}


def test_a_refused_file_publishes_nothing_and_keeps_what_stood(layout, folder):
    ingest(layout, "so_thang")
    before = tree(layout.delivery("so_thang"))
    write_sheet(folder / "t3.xlsx", [month_row(CAN_GIUOC, "03/2022", "1O0", 3)])
    with pytest.raises(InputError, match=r"t3\.xlsx.*row 4.*Tiếp nhận") as refused:
        ingest(layout, "so_thang")
    assert refused.value.exit_code == 7
    assert tree(layout.delivery("so_thang")) == before


def test_every_refused_file_is_told_and_the_good_ones_are_not_read_again(layout, folder):
    write_sheet(folder / "t3.xlsx", [month_row(CAN_GIUOC, "03/2022", "1O0", 3)])
    write_sheet(folder / "t4.xlsx", [month_row("Xã Không Có", "04/2022", 10, 3)])
    with pytest.raises(DeliveryError, match="2 of 4 files") as refused:
        ingest(layout, "so_thang")
    assert [
        "t3.xlsx" in reason.vi or "t4.xlsx" in reason.vi for reason in refused.value.reasons
    ] == [
        True,
        True,
    ]
    (folder / "t3.xlsx").unlink()
    write_sheet(folder / "t4.xlsx", [month_row(CAN_GIUOC, "04/2022", 10, 3)])
    found = ingest(layout, "so_thang")
    assert (found.files, found.read) == (3, 1)


def test_a_month_that_two_files_tell_is_refused_naming_both_rows(layout, folder):
    write_sheet(folder / "t2b.xlsx", FEBRUARY)
    with pytest.raises(ContractError) as refused:
        ingest(layout, "so_thang")
    first = refused.value.failures[0]
    assert {
        first.file.rpartition("/")[2],
        dict(first.rule_values)["accepted"].rpartition("/")[2],
    } == {
        "t2b.xlsx",
        "t2.xlsx 4",
    }
    assert not layout.delivery("so_thang").exists()


def test_a_row_that_is_no_commune_is_rejected_with_its_place_and_words(layout, folder):
    write_sheet(folder / "t3.xlsx", [*_march(), month_row("Huyện Cần Giuộc", "03/2022", 5000, 1)])
    found = ingest(layout, "so_thang")
    rejected = _table(layout, "rejected")
    assert (found.rows["read"], found.rows["accepted"], found.rows["rejected"]) == (6, 5, 1)
    assert rejected[["rule", "row", "column"]].to_numpy().tolist() == [
        ["not_a_commune", 5, "Tên xã"]
    ]
    assert rejected["message_vi"].str.len().min() > 10


def _march():
    return [month_row(CAN_GIUOC, "03/2022", 1000, 400)]


def test_months_outside_the_span_asked_for_are_not_counted(layout):
    folder = deliver(layout, since="2022-02-01", until="2022-02-28")
    write_sheet(folder / "t1.xlsx", [*JANUARY, *FEBRUARY, *_march()])
    ingest(layout, "so_thang")
    assert set(_table(layout, "panel")["period_start"].dt.month) == {2}


def test_a_killed_ingest_goes_on_from_its_finished_parts(layout, folder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(module, "count_panels", _killed)
        with pytest.raises(KeyboardInterrupt):
            ingest(layout, "so_thang")
    assert not layout.delivery("so_thang").exists()
    assert ingest(layout, "so_thang").read == 0


def _killed(*_given, **_keys):
    raise KeyboardInterrupt


def test_an_altered_output_is_made_again(layout, folder):
    ingest(layout, "so_thang")
    path = layout.delivery("so_thang") / "panel.parquet"
    content = path.read_bytes()
    path.write_bytes(b"altered")
    assert ingest(layout, "so_thang").anew
    assert path.read_bytes() == content


def test_another_process_at_the_same_delivery_is_waited_for(layout, folder):
    with publish.holding(layout, "delivery-so_thang"), pytest.raises(LockedError):
        ingest(layout, "so_thang")


def test_an_unknown_delivery_is_named_with_the_nearest(layout, folder):
    with pytest.raises(ParameterError, match="so_thang"):
        ingest(layout, "so_thnag")


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_files_and_real_ones_never_lie_together(layout, simulated):
    folder = deliver(layout, simulated=simulated)
    write_sheet(folder / ("t1.xlsx" if simulated else "simulated-t1.xlsx"), JANUARY)
    with pytest.raises(InputError, match="simulated"):
        ingest(layout, "so_thang")


def test_a_delivery_without_a_folder_or_a_file_says_what_to_do(layout):
    folder = deliver(layout)
    with pytest.raises(InputError, match="no file to read"):
        ingest(layout, "so_thang")
    folder.rmdir()
    with pytest.raises(InputError, match="create it"):
        ingest(layout, "so_thang")


def test_lock_files_of_excel_are_passed_over_and_told(layout, folder):
    (folder / "~$t1.xlsx").write_bytes(b"x")
    assert ingest(layout, "so_thang").files == 2
    assert "file_system" in set(_table(layout, "findings")["rule"])


def test_the_key_of_accounts_is_made_once_and_read_by_nobody_else(layout):
    write_log(deliver(layout, "ho_so", layout="office_list") / "a.csv", [dossier(1, "05/01/2022")])
    ingest(layout, "ho_so")
    key = layout.deliveries / ".key"
    content = key.read_bytes()
    assert len(content) == 32
    assert key.stat().st_mode & 0o777 == 0o600
    ingest(layout, "ho_so", force=True)
    assert key.read_bytes() == content
