from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from logs import dossiers, fetched, sent

from commune_pilots import schemas
from commune_pilots.clean import log_panel
from commune_pilots.clean.log_definitions import from_log
from commune_pilots.errors import InputError

ONLINE = from_log(["online_a_received"])
MARCH, MAY = dt.datetime(2024, 3, 31, 22), dt.datetime(2024, 5, 1)


def _log(*counts):
    """Dossiers of (unit, day of reception, number filed online, at the counter, unknown)."""
    rows = []
    for unit, day, *numbers in counts:
        for channel, number in zip(("online", "counter", None), numbers, strict=True):
            rows += [{"unit": unit, "received": day, "channel": channel, "status": 2}] * number
    return dossiers(rows)


def _counted(frame, definitions=ONLINE, basis="received", **given):
    return fetched(log_panel.unit_months(sent(frame), definitions, basis=basis, **given))


def _panel(frame, definitions=ONLINE, **given):
    counted = _counted(frame, definitions)
    return log_panel.as_panel(counted, definitions, source="s1", file="log", **given)


def test_a_panel_has_one_row_a_unit_and_month_with_both_counts():
    panel = _panel(
        _log(("00002", MAY, 3, 1, 0), ("00001", MARCH, 2, 0, 0), ("00001", MAY, 0, 5, 0))
    )
    told = panel[["unit", "period_start", "period_end", "numerator", "denominator", "row"]]
    assert told.astype(str).to_numpy().tolist() == [
        ["00001", "2024-03-01", "2024-03-31", "2", "2", "2"],
        ["00001", "2024-05-01", "2024-05-31", "0", "5", "3"],
        ["00002", "2024-05-01", "2024-05-31", "3", "4", "4"],
    ]
    assert panel["indicator"].eq("online_share").all()
    assert panel["definition"].eq("online_a_received").all()
    assert panel["note"].isna().all()
    assert schemas.check(panel, "panel") is panel


def test_a_month_in_which_no_dossier_belongs_to_the_whole_has_no_row():
    frame = _log(("00001", MARCH, 1, 0, 0), ("00001", MAY, 1, 0, 0))
    refused = frame.assign(status=[2, 3]).astype({"status": "Int64"})
    assert _panel(refused)["period_start"].dt.month.tolist() == [3]


def test_few_unknown_dossiers_are_told_and_left_out_of_both_counts():
    (row,) = _panel(_log(("00001", MAY, 60, 39, 1))).to_dict("records")
    assert (row["numerator"], row["denominator"], row["note"]) == (60, 99, "1 unknown")


def test_where_too_many_are_unknown_the_numerator_is_missing():
    (row,) = _panel(_log(("00001", MAY, 6, 3, 1))).to_dict("records")
    assert pd.isna(row["numerator"])
    assert (row["denominator"], row["note"]) == (9, "1 unknown")
    (row,) = _panel(_log(("00001", MAY, 6, 3, 1)), most_unknown=0.1).to_dict("records")
    assert row["numerator"] == 6


def test_unknown_dossiers_are_weighed_as_dossiers_where_money_is_counted():
    definitions = from_log(["payment_c_received"])
    owed = {"unit": "00001", "received": MAY, "status": 2, "fee_due": 1e6, "fee_paid": 1e6}
    rows = [{**owed, "paid": "national_portal"}] * 9 + [owed]
    (row,) = _panel(dossiers(rows), definitions).to_dict("records")
    assert pd.isna(row["numerator"])
    assert (row["denominator"], row["note"]) == (9_000_000, "1 unknown")


def test_simulated_counts_say_so_in_every_row():
    panel = _panel(_log(("00001", MARCH, 60, 39, 1), ("00001", MAY, 1, 0, 0)), simulated=True)
    assert panel["note"].tolist() == ["simulated; 1 unknown", "simulated"]


def test_a_rate_whose_column_is_absent_is_refused_not_guessed():
    with pytest.raises(InputError, match="no values in column channel"):
        _panel(_log(("00001", MAY, 0, 0, 9)))


def test_two_units_of_one_code_never_make_one_series():
    frame = _log(("01912", MARCH, 1, 0, 0), ("01912", MAY, 1, 0, 0))
    began = [dt.date(1900, 1, 1), dt.date(2024, 5, 1)]
    located = frame.assign(
        at_unit="01912", at_since=began, at_until=dt.date(2999, 12, 31), then_unit="",
        then_since=began,
    )  # fmt: skip
    counted = _counted(located)
    with pytest.raises(InputError) as caught:
        log_panel.as_panel(counted, ONLINE, source="s1", file="log")
    assert "01912" in caught.value.sentence("en")
    assert "2024-05-01" in caught.value.sentence("vi")
    later = counted[counted["since"].astype(str) == "2024-05-01"]
    assert len(log_panel.as_panel(later, ONLINE, source="s1", file="log")) == 1


def test_the_month_of_completion_is_another_month():
    definitions = from_log(["on_time_a_completed"])
    rows = [{"unit": "00001", "received": MARCH, "due": MAY, "completed": MAY, "status": 9},
            {"unit": "00001", "received": MARCH, "due": MAY, "status": 2}]  # fmt: skip
    counted = _counted(dossiers(rows), definitions, basis="completed")
    panel = log_panel.as_panel(counted, definitions, source="s1", file="log")
    assert panel["period_start"].dt.month.tolist() == [5]
    assert (panel["numerator"].tolist(), panel["denominator"].tolist()) == ([1], [1])
    assert counted["rows"].sum() == 2


def test_only_definitions_of_the_basis_are_counted():
    definitions = from_log(["online_a_received", "on_time_a_completed"])
    columns = _counted(_log(("00001", MAY, 1, 0, 0)), definitions).columns
    assert "online_a_received__part" in columns
    assert "on_time_a_completed__part" not in columns


def test_what_is_not_accepted_is_taken_off_and_still_accounted_for():
    frame = _log(("00001", MAY, 5, 4, 0), ("00002", MAY, 1, 0, 0))
    out = frame.iloc[[0, 5, 6, 9]].assign(verdict=["rejected", "duplicate", "accepted", "conflict"])
    counted = log_panel.take_off(_counted(frame), _counted(out))
    panel = log_panel.as_panel(counted, ONLINE, source="s1", file="log")
    assert panel[["unit", "numerator", "denominator"]].to_numpy().tolist() == [["00001", 4, 7]]
    (told,) = log_panel.account(counted).to_dict("records")
    assert told["read"] == 10
    assert (told["accepted"], told["rejected"], told["duplicates"]) == (7, 2, 1)


def test_the_account_has_a_line_a_file_and_sheet_and_always_adds_up():
    frame = _log(("00001", MAY, 3, 2, 0)).assign(
        file=["a", "a", "b", "b", "b"], sheet=["1", "2", None, None, None]
    )
    told = log_panel.account(log_panel.take_off(_counted(frame), _counted(frame.iloc[:0])))
    assert told["read"].tolist() == [1, 1, 3]
    parts = told["accepted"] + told["rejected"] + told["duplicates"]
    assert parts.tolist() == told["read"].tolist()


def test_flags_are_counted_beside_the_tallies():
    from commune_pilots.clean.log_rules import flags, log_rules

    told = flags(log_rules(as_of=dt.date(2026, 1, 1), located=False))
    counted = _counted(_log(("00001", MAY, 1, 0, 0)).assign(completed=MAY), flags=told)
    assert counted["log_dated_undone__status__flag"].tolist() == [1]


def test_a_log_without_rows_gives_a_panel_without_rows():
    panel = _panel(_log())
    assert panel.empty
    assert list(panel.columns) == list(schemas.columns("panel"))
