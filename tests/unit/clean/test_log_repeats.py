from __future__ import annotations

import datetime as dt

import pytest
from ibis import _
from logs import dossiers, fetched, sent, simulated, truth, typed

from commune_pilots.clean import log_repeats

MARCH = dt.datetime(2024, 3, 5, 9)
CODE = "000.00.01.H01-240305-0001"
BROKEN = _.broken != 0


def _log(*rows):
    """Rows of one dossier unless told otherwise; `broken` is the mask, 1 rejects."""
    same = {"dossier": CODE, "unit": "28159", "received": MARCH, "channel": "online"}
    given = [{key: row[key] for key in row if key != "broken"} for row in rows]
    frame = dossiers([same | row for row in given])
    return frame.assign(broken=[row.get("broken", 0) for row in rows])


def _verdicts(*rows):
    log = sent(_log(*rows))
    aside = log_repeats.set_aside(log, log_repeats.repeated_keys(log), broken=BROKEN)
    judged = fetched(log_repeats.judge(aside))
    verdicts = dict(zip(judged["row"], judged["verdict"], strict=True))
    return [verdicts.get(row, "accepted") for row in range(2, len(rows) + 2)]


def test_a_dossier_with_one_row_is_accepted():
    assert _verdicts({}) == ["accepted"]


def test_the_last_row_of_the_last_file_stands():
    assert _verdicts({}, {}) == ["duplicate", "accepted"]
    assert _verdicts({"file": "b.csv"}, {"file": "a.csv"}) == ["accepted", "duplicate"]
    assert _verdicts({"sheet": "2"}, {"sheet": "1"}, {}) == ["accepted", "duplicate", "duplicate"]


def test_a_later_state_of_a_dossier_is_no_contradiction():
    states = [{"status": 2}, {"status": 4, "supplements": 1}, {"status": 10, "completed": MARCH}]
    assert _verdicts(*states) == ["duplicate", "duplicate", "accepted"]


@pytest.mark.parametrize(
    "fact",
    [
        {"unit": "28237"},
        {"channel": "counter"},
        {"procedure": "1.001612"},
        {"received": MARCH + dt.timedelta(days=1)},
    ],
    ids=lambda fact: next(iter(fact)),
)
def test_rows_that_differ_in_what_cannot_change_are_all_in_conflict(fact):
    first = {"procedure": "1.004234"}
    assert _verdicts(first, first | fact, first) == ["conflict"] * 3


def test_what_one_row_does_not_tell_contradicts_nothing():
    assert _verdicts({"channel": None}, {}) == ["duplicate", "accepted"]
    later = {"received": MARCH + dt.timedelta(hours=5)}
    assert _verdicts({}, later) == ["duplicate", "accepted"]


def test_a_row_that_breaks_a_rule_is_no_state_of_its_dossier():
    assert _verdicts({}, {"broken": 1}) == ["accepted", "rejected"]
    assert _verdicts({}, {"broken": 1, "unit": "28237"}, {}) == [
        "duplicate",
        "rejected",
        "accepted",
    ]
    assert _verdicts({"broken": 1}, {"broken": 1}) == ["rejected", "rejected"]


def test_a_bare_number_counts_within_one_unit():
    rows = [{"dossier": "12"}, {"dossier": "12", "unit": "28237"}, {"dossier": "12"}]
    assert _verdicts(*rows) == ["duplicate", "accepted", "accepted"]
    same_code = [{}, {"unit": "28237"}]
    assert _verdicts(*same_code) == ["conflict", "conflict"]


def test_dossiers_without_a_code_are_never_one_dossier():
    assert _verdicts({"dossier": None, "broken": 1}, {"dossier": None, "broken": 1}) == [
        "rejected",
        "rejected",
    ]
    log = sent(_log({"dossier": None}, {"dossier": None}))
    assert fetched(log_repeats.repeated_keys(log)).empty


@pytest.mark.parametrize("parts", log_repeats.PARTS)
def test_parts_find_together_what_one_pass_finds(parts):
    log = sent(typed(simulated(truth(dirt=0.3))).reset_index(drop=True))
    whole = set(fetched(log_repeats.repeated_keys(log))["dossier_key"])
    found = [
        fetched(log_repeats.repeated_keys(log, part=part, parts=parts))["dossier_key"].tolist()
        for part in range(parts)
    ]
    assert len(whole) > 50
    assert sorted(key for part in found for key in part) == sorted(whole)


def test_rows_of_a_dossier_are_in_one_part_whatever_its_code():
    codes = ["", "1", "12|", "a-240305-é", "đ", "000.00.01.H01-240305-0001"]
    log = sent(dossiers([{"dossier": code, "unit": "28159"} for code in [*codes, *codes]]))
    found = [
        fetched(log_repeats.repeated_keys(log, part=part, parts=5))["dossier_key"].tolist()
        for part in range(5)
    ]
    keys = [code if "-240305-" in code else f"28159|{code}" for code in codes]
    assert sorted(key for part in found for key in part) == sorted(keys)


def test_more_rows_are_counted_in_more_parts():
    assert [log_repeats.parts_for(rows) for rows in (0, 20_000_000, 20_000_001, 100_000_000)] == [
        1, 1, 2, 5,
    ]  # fmt: skip
    assert log_repeats.parts_for(10**12) == log_repeats.PARTS[-1]


def test_accepted_rows_are_all_but_those_judged_to_be_something_else():
    log = sent(_log({}, {"sheet": "1"}, {"dossier": "7"}, {"dossier": "8", "broken": 1}))
    aside = log_repeats.set_aside(log, log_repeats.repeated_keys(log), broken=BROKEN)
    kept = log_repeats.accepted_rows(log, log_repeats.judge(aside))
    assert sorted(fetched(kept)["row"]) == [3, 4]
    assert kept.columns == log.columns
