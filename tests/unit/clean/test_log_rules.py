from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from logs import AS_OF, dossiers, engine, fetched, sent, simulated, truth, typed

from commune_pilots import catalogue, schemas
from commune_pilots.clean import log_rules
from commune_pilots.contracts import TABLES
from commune_pilots.contracts.logs import DONE
from commune_pilots.errors import ContractError

NOON = dt.datetime(2024, 3, 5, 12)
SOUND = {
    "dossier": "000.00.01.H01-240305-0001",
    "unit": "28159",
    "channel": "online",
    "level": "full_process",
    "status": 10,
    "received": NOON,
    "due": NOON + dt.timedelta(days=3),
    "completed": NOON + dt.timedelta(days=1),
    "returned": NOON + dt.timedelta(days=2),
    "fee_due": 8000.0,
    "fee_paid": 8000.0,
    "paid": "national_portal",
    "components": 4,
    "components_digitised": 4,
    "components_reused": 0,
    "account": "0123456789abcdef",
}
RULES = log_rules.log_rules(as_of=AS_OF, located=False)
YEAR_LATER = dt.datetime(2062, 3, 5)


def _broken(rows, rules=RULES):
    """List the rules that each row breaks, with the column that is told."""
    checked = fetched(log_rules.check_rows(sent(dossiers(rows)), rules)).sort_values("row")
    return [
        {(rule.id, rule.columns[0]) for bit, rule in enumerate(rules) if mask & (1 << bit)}
        for mask in checked["broken"]
    ]


def test_a_sound_row_breaks_no_rule():
    assert _broken([SOUND]) == [set()]


def test_what_is_unknown_breaks_only_the_rules_that_ask_for_it():
    asked = {("required", "dossier"), ("log_no_unit", "unit"), ("log_no_received", "received")}
    assert _broken([{}]) == [asked]


CASES = [
    ({"dossier": None}, ("required", "dossier")),
    ({"channel": "Trực tuyến"}, ("isin", "channel")),
    ({"channel": ""}, ("isin", "channel")),
    ({"level": "4"}, ("isin", "level")),
    ({"paid": "tiền mặt"}, ("isin", "paid")),
    ({"filer": "Nộp hộ"}, ("isin", "filer")),
    ({"status": 0, "completed": None}, ("least", "status")),
    ({"status": 11, "completed": None}, ("most", "status")),
    ({"supplements": -1}, ("least", "supplements")),
    ({"fee_paid": -1.0}, ("least", "fee_paid")),
    ({"result_digitised": 2}, ("most", "result_digitised")),
    ({"unit": "../../etc"}, ("pattern", "unit")),
    ({"unit": "28159\n"}, ("pattern", "unit")),
    ({"unit": ""}, ("pattern", "unit")),
    ({"account": "0123456789ABCDEF"}, ("pattern", "account")),
    ({"account": "0123456789abcdef0"}, ("pattern", "account")),
    ({"unit": None}, ("log_no_unit", "unit")),
    ({"received": dt.datetime(1999, 12, 31)}, ("log_too_early", "received")),
    ({"returned": YEAR_LATER}, ("log_in_future", "returned")),
    ({"completed": YEAR_LATER, "returned": None}, ("log_in_future", "completed")),
    ({"due": NOON - dt.timedelta(days=1)}, ("log_due_before_received", "due")),
    (
        {"completed": NOON - dt.timedelta(days=1)},
        ("log_completed_before_received", "completed"),
    ),
    ({"returned": NOON}, ("log_returned_before_completed", "returned")),
    ({"completed": None}, ("log_done_undated", "completed")),
    ({"status": 4}, ("log_dated_undone", "status")),
    ({"fee_paid": 8001.0}, ("log_part_above_whole", "fee_paid")),
    ({"components_digitised": 5}, ("log_part_above_whole", "components_digitised")),
    ({"components_reused": 5}, ("log_part_above_whole", "components_reused")),
    ({"fee_due": 0.0, "fee_paid": 0.0}, ("log_paid_nothing", "paid")),
]


def test_each_broken_row_is_told_by_the_rule_it_breaks_and_no_other():
    found = _broken([SOUND | change for change, _ in CASES])
    expected = [{rule} for _, rule in CASES]
    assert found == expected


@pytest.mark.parametrize(
    "fine",
    [
        {"received": dt.datetime(2026, 1, 14, 23, 59), "due": None, "completed": None,
         "returned": None, "status": 2, "dossier": "12"},
        {"due": NOON.replace(hour=0)},
        {"completed": NOON.replace(hour=0), "returned": NOON.replace(hour=0)},
        {"fee_due": None, "fee_paid": 10.0},
        {"status": None},
    ],
    ids=["drawn today", "due at midnight of the day", "dates without times", "due unknown",
         "status unknown"],
)  # fmt: skip
def test_a_row_at_the_limit_is_kept(fine):
    assert _broken([SOUND | fine]) == [set()]


def test_day_and_month_that_the_code_contradicts_are_told_only_where_they_are_swapped():
    code = "000.00.01.H01-240305-0001"
    days = {
        dt.datetime(2024, 3, 5): False,  # as the code says
        dt.datetime(2024, 5, 3): True,  # swapped
        dt.datetime(2024, 3, 7): False,  # received two days after it was registered
    }
    later = {"due": None, "completed": None, "returned": None, "status": 2, "dossier": code}
    found = _broken([SOUND | later | {"received": day} for day in days])
    assert [("log_day_month_swapped", "received") in one for one in found] == list(days.values())
    same = SOUND | later | {"received": dt.datetime(2024, 5, 5), "dossier": "1-240505-1"}
    assert _broken([same, same | {"dossier": "240305"}]) == [set(), set()]


def test_rules_of_units_follow_what_the_code_means_on_the_day():
    rules = log_rules.log_rules(as_of=AS_OF, located=True)
    outcomes = ["valid", "succeeded", "split", "not_yet", None]
    log = sent(dossiers([SOUND] * 5).assign(unit_outcome=outcomes))
    checked = fetched(log_rules.check_rows(log, rules)).sort_values("row")
    told = [
        [rule.id for bit, rule in enumerate(rules) if mask & (1 << bit)]
        for mask in checked["broken"]
    ]
    wrong = "log_unit_not_valid"
    assert told == [[], ["log_unit_succeeded"], [wrong], [wrong], ["log_unit_unknown"]]
    refusing = {rule.id for rule in log_rules.of_outcome(rules, "rejected")}
    assert [bool(set(names) & refusing) for names in told] == [False, False, True, True, True]


def test_flags_are_counted_and_do_not_reject():
    log = sent(dossiers([SOUND, SOUND | {"status": 4}, SOUND | {"completed": None}]))
    counted = fetched(log.aggregate(**log_rules.flags(RULES))).iloc[0]
    assert counted["log_dated_undone__status__flag"] == 1
    assert counted["log_done_undated__completed__flag"] == 1
    flagged = log_rules.of_outcome(RULES, "flagged")
    assert len(flagged) == len(log_rules.flags(RULES)) == 4
    assert len(log_rules.of_outcome(RULES, "rejected")) == len(RULES) - 4


def test_rows_that_break_any_rule_are_those_with_a_mask():
    rules = log_rules.of_outcome(RULES, "rejected")
    log = sent(typed(simulated(truth(dirt=0.3), 10_000)).reset_index(drop=True))
    any_broken = fetched(log.filter(log_rules.breaks_any(rules)))["row"]
    checked = fetched(log_rules.check_rows(log, rules))
    assert len(any_broken) > 100
    assert sorted(any_broken) == sorted(checked.loc[checked["broken"] != 0, "row"])


def test_a_mask_holds_every_rule_and_refuses_more_than_it_has_bits_for():
    assert len(log_rules.log_rules(as_of=AS_OF, located=True)) <= 62
    with pytest.raises(ValueError, match="64-bit"):
        log_rules.check_rows(sent(dossiers([SOUND])), RULES * 2)


def test_each_rule_reads_columns_of_the_contract_and_is_worded_in_both_languages():
    columns = set(schemas.columns("dossiers"))
    for rule in log_rules.log_rules(as_of=AS_OF, located=True):
        assert set(rule.columns) <= columns
        words = [rule.message(language) for language in catalogue.LANGUAGES]
        assert words[0] != words[1]
        assert "{" not in "".join(words)


def test_every_check_of_the_contract_is_a_rule():
    schema = TABLES["dossiers"].to_schema().columns
    checks = {
        (schemas._rule(check.name)[0], name)
        for name, column in schema.items()
        for check in column.checks
        if name not in ("file", "sheet", "row")
    }
    rules = {(rule.id, rule.columns[0]) for rule in RULES}
    assert checks <= rules
    assert ("required", "dossier") in rules


def test_reasons_tell_place_value_and_words_of_each_rule_that_rejects():
    rows = [SOUND | {"status": 99, "fee_paid": -5000.0}, SOUND | {"status": 4}, SOUND]
    refusing = log_rules.of_outcome(RULES, "rejected")
    checked = fetched(log_rules.check_rows(sent(dossiers(rows)), refusing))
    verdicts = {2: "rejected", 3: "duplicate", 4: "conflict"}
    told = log_rules.explain(checked.assign(verdict=checked["row"].map(verdicts)), refusing)
    places = told[["row", "column", "value", "rule"]].to_numpy().tolist()
    assert places == [
        [2, "fee_paid", "-5000", "least"],
        [2, "status", "99", "most"],
        [3, "dossier", SOUND["dossier"], "log_duplicate"],
        [4, "dossier", SOUND["dossier"], "log_conflict"],
    ]
    assert told["message_en"].tolist()[:2] == ["must be at least 0", "must be at most 10"]
    assert told["message_vi"].str.len().min() > 10


def test_the_value_of_an_account_is_never_repeated():
    checked = fetched(
        log_rules.check_rows(sent(dossiers([SOUND | {"account": "Nguyễn Văn A"}])), RULES)
    )
    told = log_rules.explain(checked.assign(verdict="rejected"), RULES)
    assert told["column"].tolist() == ["account"]
    assert told["value"].isna().all()


def test_a_value_is_written_the_same_whatever_stands_beside_it():
    late = [SOUND | {"returned": day} for day in (YEAR_LATER, YEAR_LATER.replace(hour=7))]
    written = []
    for rows in (late, late[:1]):
        checked = fetched(log_rules.check_rows(sent(dossiers(rows)), RULES))
        told = log_rules.explain(checked.assign(verdict="rejected"), RULES)
        written.append(told.loc[told["rule"] == "log_in_future", "value"].tolist())
    assert written == [["2062-03-05", "2062-03-05 07:00:00"], ["2062-03-05"]]


def test_rows_without_a_reason_give_a_table_without_rows():
    checked = fetched(log_rules.check_rows(sent(dossiers([SOUND])), RULES))
    told = log_rules.explain(checked.assign(verdict="accepted"), RULES)
    assert told.empty
    assert list(told.columns) == list(schemas.columns("rejected"))


def test_the_engine_and_pandera_give_the_same_verdict_by_the_contract():
    frame = typed(simulated(truth(dirt=0.3), 10_000)).reset_index(drop=True)
    rules = [rule for rule in RULES if not rule.id.startswith("log_")]
    told = _told_by_engine(frame, rules)
    with pytest.raises(ContractError) as caught:
        schemas.check(frame, "dossiers")
    expected = {(one.row, one.column, one.rule) for one in caught.value.failures}
    assert len(expected) > 200
    assert {rule for _, _, rule in expected} == {"required", "isin", "pattern", "least", "most"}
    assert told == expected


def test_the_engine_and_pandera_give_the_same_verdict_across_columns():
    frame = typed(simulated(truth(dirt=0.3), 10_000)).reset_index(drop=True)
    rules = [rule for rule in RULES if rule.id.startswith("log_")]
    schema = pa.DataFrameSchema(
        checks=[
            pa.Check(lambda rows, broken=broken: ~broken(rows).fillna(False), name=name)
            for name, broken in _IN_PANDAS.items()
        ]
    )
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        schema.validate(frame, lazy=True)
    cases = caught.value.failure_cases.drop_duplicates(["index", "check"])
    expected = {
        (frame.loc[case.index, "row"], *case.check.split(".")) for case in cases.itertuples()
    }
    told = {(row, rule, column) for row, column, rule in _told_by_engine(frame, rules)}
    assert {rule for _, rule, _ in told} == {rule.id for rule in rules}
    assert told == expected


def _told_by_engine(frame, rules):
    checked = fetched(log_rules.check_rows(sent(frame), rules))
    return {
        (row, rule.columns[0], rule.id)
        for bit, rule in enumerate(rules)
        for row in checked.loc[checked["broken"] & (1 << bit) != 0, "row"]
    }


def _day(rows, name):
    return rows[name].dt.normalize()


def _is_swapped(rows):
    code = rows["dossier"].str.extract(r"^[^-]*-(\d{6})-")[0]
    received = rows["received"].dt
    turned, straight = received.strftime("%y%d%m"), received.strftime("%y%m%d")
    return code.notna() & (code == turned) & (code != straight)


def _later(name):
    return lambda rows: _day(rows, name) > pd.Timestamp(AS_OF)


def _above(part, whole):
    return lambda rows: rows[part].astype("Float64") > rows[whole].astype("Float64")


_IN_PANDAS = {
    "log_no_unit.unit": lambda rows: rows["unit"].isna(),
    "log_no_received.received": lambda rows: rows["received"].isna(),
    "log_too_early.received": lambda rows: rows["received"] < pd.Timestamp(2000, 1, 1),
    "log_in_future.received": _later("received"),
    "log_in_future.completed": _later("completed"),
    "log_in_future.returned": _later("returned"),
    "log_day_month_swapped.received": _is_swapped,
    "log_due_before_received.due": lambda rows: _day(rows, "due") < _day(rows, "received"),
    "log_completed_before_received.completed": lambda rows: (
        _day(rows, "completed") < _day(rows, "received")
    ),
    "log_returned_before_received.returned": lambda rows: (
        _day(rows, "returned") < _day(rows, "received")
    ),
    "log_returned_before_completed.returned": lambda rows: (
        _day(rows, "returned") < _day(rows, "completed")
    ),
    "log_done_undated.completed": lambda rows: rows["status"].isin(DONE) & rows["completed"].isna(),
    "log_dated_undone.status": lambda rows: (
        rows["status"].notna() & ~rows["status"].isin(DONE) & rows["completed"].notna()
    ),
    "log_part_above_whole.fee_paid": _above("fee_paid", "fee_due"),
    "log_part_above_whole.components_digitised": _above("components_digitised", "components"),
    "log_part_above_whole.components_reused": _above("components_reused", "components"),
    "log_paid_nothing.paid": lambda rows: (
        np.equal(rows["fee_due"], 0) & rows["paid"].isin(["national_portal", "other_online"])
    ),
}


def test_the_mask_is_one_pass_over_the_log():
    sql = engine().compile(log_rules.check_rows(sent(dossiers([SOUND])), RULES))
    assert sql.count('FROM "memory"') == 1
