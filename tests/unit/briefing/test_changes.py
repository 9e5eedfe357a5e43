"""What changed between two records of briefings, and the reasons that can have reached it."""

from __future__ import annotations

import copy

import pytest
from built import findings_of
from hypothesis import given
from hypothesis import strategies as st
from recorded import CHANGE, LEVEL, POWER, RECORD, record, with_number

from commune_pilots import assumptions, schemas
from commune_pilots.briefing.changes import MADE_OF, Reason, besides, compare, moved
from commune_pilots.briefing.recorded import TOLD
from commune_pilots.scaling.results import run_results

MOVED = with_number(CHANGE, value=80.0)


def _reasons(**changes):
    """The reasons of one number that moved while something else did too."""
    (number,) = compare(RECORD, record(numbers=MOVED, **changes)).numbers
    return number.reasons


def _names(reasons):
    return [(reason.kind, reason.name) for reason in reasons]


def test_a_record_equals_itself():
    changes = compare(RECORD, copy.deepcopy(RECORD))
    assert (changes.facts, changes.numbers) == ((), ())
    assert (changes.before, changes.now) == ("2026-11-22", "2026-11-22")


def test_what_differs_without_moving_a_number_is_no_change():
    assert compare(RECORD, record(parameters={"alpha": 0.01})).numbers == ()


def test_what_differs_and_is_no_reason_of_any_change_is_listed_apart():
    steps = {**RECORD["steps"], "01_clean": {**RECORD["steps"]["01_clean"], "notebook": "other"}}
    alone = record(parameters={"alpha": 0.01, "scenario": "costs"}, modules={"sections": "e"})
    named = _names(besides(RECORD, alone, compare(RECORD, alone)))
    assert sorted(named) == [
        ("module", "sections"), ("parameter", "alpha"), ("parameter", "scenario"),
    ]  # fmt: skip
    now = record(numbers=MOVED, parameters={"alpha": 0.01, "scenario": "costs"}, steps=steps)
    changes = compare(RECORD, now)
    assert ("parameter", "alpha") in _names(changes.numbers[0].reasons)
    assert _names(besides(RECORD, now, changes)) == [("parameter", "scenario")]
    assert besides(RECORD, copy.deepcopy(RECORD), compare(RECORD, RECORD)) == ()


def test_a_number_that_moved_is_listed_with_both_its_values():
    (number,) = compare(RECORD, record(numbers=MOVED)).numbers
    assert (number.id, number.before["value"], number.now["value"]) == (CHANGE["id"], 81.3, 80.0)


@pytest.mark.parametrize("name", TOLD)
def test_a_number_has_changed_if_anything_that_is_told_of_it_has(name):
    assert len(compare(RECORD, record(numbers=with_number(LEVEL, **{name: "other"}))).numbers) == 1


def test_another_name_of_the_same_unit_is_no_change():
    assert compare(RECORD, record(numbers=with_number(CHANGE, unit_name="Xã B"))).numbers == ()


def test_numbers_that_came_and_went_are_told_apart_from_those_that_moved():
    changes = compare(record(numbers=[CHANGE, POWER]), record(numbers=[*MOVED[:1], LEVEL]))
    ids = [[each.id for each in part] for part in (changes.changed, changes.new, changes.gone)]
    assert ids == [[CHANGE["id"]], [LEVEL["id"]], [POWER["id"]]]
    assert changes.new[0].before is None
    assert changes.gone[0].now is None


def test_a_parameter_is_a_reason_with_both_its_values():
    assert _reasons(parameters={"alpha": 0.01}) == (
        Reason(kind="parameter", name="alpha", before=0.05, now=0.01),
    )


def test_an_input_a_notebook_and_a_module_are_reasons_by_name():
    observations = "data/raw/press/observations.csv"
    assert _names(_reasons(inputs={observations: "9"})) == [("input", observations)]
    assert _names(_reasons(modules={"clean.scope": "z"})) == [("module", "clean.scope")]
    steps = copy.deepcopy(RECORD["steps"])
    steps["01_clean"]["notebook"] = "z"
    assert _names(_reasons(steps=steps)) == [("notebook", "01_clean")]


def test_a_version_is_a_reason_of_every_number():
    assert _reasons(versions={"numpy": "2.5.0"}) == (
        Reason(kind="version", name="numpy", before="2.4.6", now="2.5.0"),
    )
    assert _names(_reasons(environment={"lock": "z"})) == [("environment", "lock")]


def test_a_module_that_is_newly_used_is_a_reason():
    steps = copy.deepcopy(RECORD["steps"])
    steps["03_estimate"]["modules"].append("effects.exact")
    assert _names(_reasons(steps=steps, modules={"effects.exact": "e"})) == [
        ("module", "effects.exact")
    ]


def test_what_cannot_reach_a_number_is_no_reason_for_it():
    unreached = {
        "parameters": {"scenario": "costs", "status": "official"},
        "inputs": {"params/scenarios/no_costs.yml": "z"},
        "modules": {"sections": "z"},
    }
    assert _reasons(**unreached) == ()


def test_the_same_reaches_a_number_that_is_made_from_it():
    now = record(numbers=with_number(POWER, value=0.4), parameters={"scenario": "costs"})
    (number,) = compare(RECORD, now).numbers
    assert _names(number.reasons) == [("parameter", "scenario")]


def test_the_code_that_records_numbers_reaches_all_of_them():
    assert _names(_reasons(modules={"scaling.costs": "z"})) == [("module", "scaling.costs")]


def test_a_number_that_moved_while_nothing_it_rests_on_did_is_unexplained():
    assert _reasons() == ()
    assert _reasons(title="Khác", commit="d" * 40) == ()


def test_a_quantity_that_is_not_known_may_rest_on_anything_before_the_record():
    odd = {**POWER, "id": "odd/x", "quantity": "odd"}
    now = record(numbers=[*RECORD["numbers"], odd], parameters={"alpha": 0.01, "scenario": "x"})
    (number,) = compare(RECORD, now).numbers
    assert _names(number.reasons) == [("parameter", "alpha"), ("parameter", "scenario")]


def test_a_number_whose_table_no_notebook_wrote_may_rest_on_anything_before_the_record():
    steps = copy.deepcopy(RECORD["steps"])
    steps["03_estimate"]["writes"] = []
    before = record(steps=steps)
    now = record(steps=steps, numbers=MOVED, parameters={"scenario": "costs"})
    assert _names(compare(before, now).numbers[0].reasons) == [("parameter", "scenario")]


@pytest.mark.parametrize("name", ["title", "grade", "option", "data", "province_name"])
def test_a_fact_that_changed_is_listed_with_both_its_words(name):
    (fact,) = compare(RECORD, record(**{name: "scale"})).facts
    assert (fact.name, fact.before, fact.now) == (name, RECORD[name], "scale")


def test_a_title_is_written_by_the_page_and_an_option_is_not():
    now = record(title="Khác", option="scale", modules={"sections": "z"})
    assert {fact.name: _names(fact.reasons) for fact in compare(RECORD, now).facts} == {
        "title": [("module", "sections")],
        "option": [],
    }


def test_neither_record_is_changed_by_the_comparison():
    before, now = record(), record(numbers=MOVED, title="Khác")
    kept = copy.deepcopy((before, now))
    compare(before, now)
    assert (before, now) == kept


_NUMBERS = st.lists(
    st.builds(
        lambda at, quantity, value, low: {
            "id": f"{quantity}/{at}", "quantity": quantity, "subject": f"{at}",
            "measured_in": "points", **({} if value is None else {"value": value}), "low": low,
        },
        st.integers(0, 6),
        st.sampled_from(["change", "level", "power"]),
        st.none() | st.integers(-3, 3),
        st.integers(-3, 3),
    ),
    unique_by=lambda number: number["id"],
    max_size=12,
)  # fmt: skip


@given(_NUMBERS, _NUMBERS)
def test_every_number_that_differs_is_listed_exactly_once_and_no_other(before, now):
    changes = compare(record(numbers=before), record(numbers=now))
    then, today = ({each["id"]: each for each in numbers} for numbers in (before, now))
    differing = {one for one in {**then, **today} if then.get(one) != today.get(one)}
    ids = [number.id for number in changes.numbers]
    assert sorted(ids) == sorted(differing)
    kinds = [*changes.changed, *changes.new, *changes.gone]
    assert sorted(number.id for number in kinds) == sorted(ids)


@given(_NUMBERS, _NUMBERS, st.sampled_from([0.01, 0.05]), st.booleans())
def test_swapping_the_records_swaps_before_and_now(before, now, alpha, other):
    one = record(numbers=before)
    two = record(numbers=now, parameters={"alpha": alpha}, option="scale" if other else "extend")
    forth, back = compare(one, two), compare(two, one)
    assert {each.id: (each.before, each.now) for each in forth.numbers} == {
        each.id: (each.now, each.before) for each in back.numbers
    }
    assert [(fact.before, fact.now) for fact in forth.facts] == [
        (fact.now, fact.before) for fact in back.facts
    ]
    turned = {each.id: [(r.name, r.now, r.before) for r in each.reasons] for each in back.numbers}
    assert turned == {
        each.id: [(r.name, r.before, r.now) for r in each.reasons] for each in forth.numbers
    }


@given(_NUMBERS)
def test_numbers_equal_themselves_in_any_order(numbers):
    assert moved(numbers, numbers[::-1]) == []


def test_every_quantity_is_recorded_from_the_tables_named_for_it():
    """Without a table what is recorded from it is gone, and nothing else."""
    findings = findings_of("smoke")
    needed = ("contrasts", "counted", "levels", "targets", "pooled", "stages", "economics")
    given = {name: findings[name] for name in needed}
    about = {"observations": findings["observations"], "indicators": findings.indicators}
    full = set(run_results("smoke", "simulated", **given, **about, alpha=0.05)["quantity"])
    assert len(full) >= 10
    for table in needed:
        without = {**given, table: schemas.empty(table)}
        if table == "contrasts":
            without["counted"] = schemas.empty("counted")
        left = run_results("smoke", "simulated", **without, **about, alpha=0.05)
        gone = full - set(left["quantity"])
        assert all(table in MADE_OF.get(quantity, (table,)) for quantity in gone), table
        named = {quantity for quantity, tables in MADE_OF.items() if tables[0] == table}
        assert named & full <= gone


def test_only_quantities_of_the_register_are_named():
    assert set(MADE_OF) <= set(assumptions.quantities())
