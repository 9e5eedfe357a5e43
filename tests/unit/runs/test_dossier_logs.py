from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from logs import AS_OF, dossiers, simulated, truth, typed, units

from commune_pilots import schemas
from commune_pilots.clean import log_repeats
from commune_pilots.errors import InputError, ParameterError
from commune_pilots.runs import dossier_logs
from commune_pilots.runs.dossier_logs import judge_log, panel_of
from commune_pilots.sources.log_engine import connect, read_log

pytestmark = pytest.mark.slow  # thousands of dossiers are drawn and judged

IDS = ("online_a_received", "online_b_received", "on_time_a_completed")
MERGER, BEFORE_MERGER = dt.date(2025, 7, 1), dt.date(2025, 6, 30)
DIRTY = truth(rows=6_000, dirt=0.2)


def _judge(folder, *, register=None, definitions=IDS, memory="1GB"):
    engine = connect(memory=memory, threads=2, spill=folder)
    log = read_log(engine, folder, shown="logs")
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return judge_log(
        engine,
        log,
        units=units() if register is None else register,
        definitions=definitions,
        as_of=AS_OF,
        rejected=out / "rejected.parquet",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("log")
    for table in simulated(DIRTY, 2_000):
        pq.write_table(table, made / table["file"][0].as_py())
    return made


@pytest.fixture(scope="module")
def judged(folder):
    return _judge(folder)


@pytest.fixture(scope="module")
def reasons(judged, folder):
    found = pq.read_table(folder / "out" / "rejected.parquet").to_pandas()
    return found.astype(dict(schemas.empty("rejected").dtypes))


def test_everything_read_is_accepted_rejected_or_a_duplicate(judged):
    told = judged.account
    assert told["read"].sum() == 6_000
    parts = told["accepted"] + told["rejected"] + told["duplicates"]
    assert parts.tolist() == told["read"].tolist()
    assert (told[["accepted", "rejected", "duplicates"]].sum() > 0).all()
    assert len(told) == len(simulated(DIRTY, 2_000))


def test_every_row_that_is_not_accepted_has_a_reason_with_its_place(judged, reasons):
    assert schemas.check(reasons, "rejected") is reasons
    assert len(reasons) == judged.reasons
    told = judged.account.set_index("file")
    places = reasons.drop_duplicates(["file", "row"]).groupby("file").size()
    assert places.tolist() == (told["rejected"] + told["duplicates"]).tolist()
    duplicates = reasons[reasons["rule"] == "log_duplicate"].groupby("file").size()
    assert duplicates.tolist() == told["duplicates"].tolist()


def test_each_kind_of_dirt_that_rejects_is_among_the_reasons(reasons):
    frame = typed(simulated(DIRTY, 2_000)).reset_index()
    planted = frame[frame["planted"].isin(["status_unknown", "unit_hostile", "twice"])]
    found = planted.merge(reasons, on=["file", "row"])
    rules = found.groupby("planted")["rule"].agg(set)
    assert rules["status_unknown"] == {"most"}
    assert rules["unit_hostile"] == {"pattern", "log_unit_unknown"}


def test_flags_are_counted_by_file_among_accepted_rows(judged):
    flags = judged.flags.groupby("rule")["rows"].sum()
    assert set(flags.index) == {
        "log_done_undated", "log_dated_undone", "log_paid_nothing", "log_unit_succeeded",
    }  # fmt: skip
    planted = typed(simulated(DIRTY, 2_000)).index
    assert flags["log_dated_undone"] == (planted == "dated_undone").sum()
    assert flags["log_unit_succeeded"] == (planted == "gone_code").sum()


def test_the_panel_counts_what_pandas_counts_of_the_accepted_rows(judged, reasons):
    frame = typed(simulated(DIRTY, 2_000)).reset_index(drop=True)
    out = reasons[["file", "row"]].drop_duplicates()
    kept = frame.merge(out, on=["file", "row"], how="left", indicator=True)
    kept = kept[kept["_merge"] == "left_only"]
    kept = kept[(kept["received"] < "2025-07-01") & ~kept["status"].isin([1, 3])]
    month = kept["received"].dt.to_period("M").dt.start_time.astype("datetime64[us]")
    known = kept["channel"].notna()
    cells = kept[known].groupby([kept["unit"], month.rename("period_start")])
    expected = cells["channel"].agg(
        numerator=lambda own: (own == "online").sum(), denominator="size"
    )
    panel = panel_of(judged, IDS, source="sim", file="log", simulated=True, until=BEFORE_MERGER)
    own = panel[panel["definition"] == "online_a_received"].set_index(["unit", "period_start"])
    both = own.join(expected.add_suffix("_expected"))
    assert both["denominator"].tolist() == both["denominator_expected"].fillna(0).tolist()
    sure = both[both["numerator"].notna()]
    assert (sure["numerator"] == sure["numerator_expected"]).all()


def test_a_panel_has_every_definition_numbered_through(judged):
    panel = panel_of(judged, IDS, source="sim", file="log", simulated=True, until=BEFORE_MERGER)
    assert set(panel["definition"]) == set(IDS)
    assert panel["row"].tolist() == list(range(2, len(panel) + 2))
    assert panel["note"].str.startswith("simulated").all()
    assert schemas.check(panel, "panel") is panel


def test_months_on_both_sides_of_july_2025_are_refused_for_a_code_given_again(judged):
    with pytest.raises(InputError) as caught:
        panel_of(judged, IDS[:1], source="sim", file="log", simulated=True)
    assert caught.value.key == "log_code_reused"
    today = panel_of(judged, IDS[:1], source="sim", file="log", simulated=True, since=MERGER)
    assert set(today["period_start"].dt.year) == {2025}
    assert today["period_start"].min() == pd.Timestamp(MERGER)


def test_parts_give_the_same_as_one_pass(folder, judged, monkeypatch):
    monkeypatch.setattr(log_repeats, "_ROWS_A_PART", 700)
    assert log_repeats.parts_for(6_000) == 10
    again = _judge(folder)
    pd.testing.assert_frame_equal(again.account, judged.account)
    for basis, found in judged.counted.items():
        pd.testing.assert_frame_equal(again.counted[basis], found)


def test_the_same_log_gives_the_same_bytes_of_reasons(folder, judged):
    path = folder / "out" / "rejected.parquet"
    before = path.read_bytes()
    _judge(folder)
    assert path.read_bytes() == before


def test_codes_stay_as_they_are_without_a_register(tmp_path):
    frame = dossiers(
        [{"dossier": "1", "unit": "99999", "received": pd.Timestamp(2024, 3, 5), "status": 2,
          "channel": "online"}]
    )  # fmt: skip
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), tmp_path / "a.parquet")
    engine = connect(memory="500MB", threads=1)
    found = judge_log(
        engine,
        read_log(engine, tmp_path, shown="logs"),
        units=None,
        definitions=IDS[:1],
        as_of=AS_OF,
        rejected=tmp_path / "rejected.out",
    )
    panel = panel_of(found, IDS[:1], source="s1", file="log", simulated=False)
    assert panel[["unit", "numerator", "denominator"]].to_numpy().tolist() == [["99999", 1, 1]]
    assert found.reasons == 0
    assert found.flags.empty


def test_a_register_without_communes_knows_no_code(tmp_path, folder):
    (tmp_path / "a.parquet").symlink_to(next(folder.glob("*.parquet")))
    found = _judge(tmp_path, register=units().iloc[:1])
    assert found.account["accepted"].sum() == 0
    assert found.account["read"].sum() > 0


def test_a_definition_no_log_can_give_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ParameterError):
        judge_log(
            None, None, units=None, definitions=["no_such"], as_of=AS_OF, rejected=tmp_path / "r"
        )


def test_reasons_that_cannot_be_written_leave_the_old_file(folder, judged, monkeypatch):
    path = folder / "out" / "rejected.parquet"
    before = path.read_bytes()

    def broken(*_given):
        raise OSError("no space left")

    monkeypatch.setattr(dossier_logs.log_rules, "explain", broken)
    with pytest.raises(OSError, match="no space"):
        _judge(folder)
    assert path.read_bytes() == before
