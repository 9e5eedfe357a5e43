from __future__ import annotations

import pytest
from logs import AS_OF, fetched, sent, simulated, truth, typed, units

from commune_pilots.clean import log_repeats, log_rules
from commune_pilots.clean.unit_validity import locate, validity
from commune_pilots.simulate.dirt import KINDS

DIRTY = truth(rows=8_000, dirt=0.3)


@pytest.fixture(scope="module")
def told():
    """What is told of each row of a dirty log: kind planted, rules broken, and the verdict."""
    rules = log_rules.log_rules(as_of=AS_OF, located=True)
    frame = typed(simulated(DIRTY, 3_000))
    placed = locate(sent(frame.reset_index()), sent(validity(units())))
    checked = log_rules.check_rows(placed, rules)
    refusing = log_rules.check_rows(placed, log_rules.of_outcome(rules, "rejected"))
    keys = log_repeats.repeated_keys(placed)
    aside = log_repeats.set_aside(refusing, keys, broken=refusing.broken != 0)
    judged = fetched(log_repeats.judge(aside))
    verdicts = judged.set_index(["file", "row"])["verdict"]
    rows = fetched(checked).set_index(["file", "row"])
    names = [
        {rule.id for bit, rule in enumerate(rules) if mask & (1 << bit)} for mask in rows["broken"]
    ]
    return rows.assign(names=names, verdict=verdicts).fillna({"verdict": "accepted"})


def test_every_kind_is_planted(told):
    counts = told["planted"].value_counts()
    assert set(counts.index) == set(KINDS)
    assert counts.min() > 5
    assert told["planted"].notna().mean() == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.again])
def test_planted_dirt_is_told_by_the_rules_it_names(told, kind):
    own = told[told["planted"] == kind]
    expected = set(KINDS[kind].rules)
    assert [names for names in own["names"] if not expected <= names] == []


def test_a_copy_is_a_duplicate_or_a_conflict_as_its_kind_says(told):
    first = told[told["planted"].isna()]
    for kind, verdicts in {
        "twice": {"accepted"}, "later_state": {"accepted"}, "two_channels": {"conflict"},
    }.items():  # fmt: skip
        own = told[told["planted"] == kind]
        assert set(own["verdict"]) == verdicts
        origin = first[first["dossier"].isin(own["dossier"])]
        expected = "conflict" if kind == "two_channels" else "duplicate"
        assert set(origin["verdict"]) == {expected}


def test_nothing_that_was_not_spoilt_is_told(told):
    sound = told[told["planted"].isna() & ~told["verdict"].isin(["duplicate", "conflict"])]
    assert sound["names"].map(len).sum() == 0
    assert sound["verdict"].eq("accepted").all()


def test_flagging_and_hidden_kinds_stay_in_the_log(told):
    kept = {"done_undated", "dated_undone", "paid_nothing", "gone_code", "channel_missing"}
    verdicts = told.groupby("planted")["verdict"].agg(set)
    assert {name for name, found in verdicts.items() if found == {"accepted"}} == kept | {
        "twice", "later_state",
    }  # fmt: skip
    assert KINDS["channel_missing"].rules == ()


def test_some_copies_stand_in_another_file(told):
    copies = told[told["planted"] == "twice"].reset_index()
    first = told[told["planted"].isna()].reset_index()
    both = copies.merge(first, on="dossier", suffixes=("", "_first"))
    assert (both["file"] != both["file_first"]).any()
    assert (both["file"] == both["file_first"]).any()
