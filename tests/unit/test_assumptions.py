from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

import commune_pilots
from commune_pilots import assumptions, catalogue, strict_yaml, vocabulary
from commune_pilots.assumptions import Assumption, load, quantities, red, resting
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import refuse_overclaim

PACKAGE = Path(commune_pilots.__file__).parent
# The register's own assumptions by number: what each stands for may never change.
NAMED = {
    "A1": "correct rounding",
    "A2": "independent dossiers",
    "A3": "parallel trends",
    "A4": "definitions stable",
    "A5": "units chosen",
    "A6": "thresholds first",
    "A7": "correct transcription",
    "A8": "reading of years",
    "A9": "silent pilots alike",
    "A10": "planning values",
    "A11": "next commune exchangeable",
    "A12": "covariates of today's unit",
    "A13": "prior between communes",
    "A14": "months before go on",
    "A15": "nothing moves before the start",
    "A16": "chosen as by lot",
    "A17": "shocks of the same law",
    "A18": "no spillover",
}
OF_PILOTS = ["pooled_level", "pooled_change", "chance_level", "chance_change", "gain"]
OF_PRINTED_CHANGES = ["change", "gap_closed", "change_worst_case"]


def _entry(**instead):
    wording = {"vi": "một", "en": "one"}
    given = {"rating": "red", "short": wording, "sentence": wording, "quantities": ["change"]}
    return {**given, **instead}


def _recorded():
    """Quantities that the package's own code hands to `record` in so many words."""
    found = set()
    for module in (PACKAGE / "scaling").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                given = {one.arg: one.value for one in node.keywords}.get("quantity")
                if isinstance(given, ast.Constant):
                    found.add(given.value)
    return found


# The register


def test_numbers_are_permanent_and_stand_in_order_without_a_gap():
    assert {one: found.short.en for one, found in load().items()} == NAMED
    assert list(load()) == [f"A{number}" for number in range(1, len(load()) + 1)]


def test_the_register_repeats_no_key_and_uses_no_alias():
    strict = strict_yaml.load(PACKAGE / "assumptions.yml")
    assert TypeAdapter(dict[str, Assumption]).validate_python(strict) == load()


def test_a_rating_is_one_of_three_words():
    assert {found.rating for found in load().values()} == set(get_args(vocabulary.Rating))


def test_what_is_doubtful_and_decisive_is_red():
    assert red(load()) == (
        "A2", "A3", "A4", "A9", "A10", "A11", "A13", "A14", "A16", "A17",
    )  # fmt: skip


def test_an_assumption_is_one_sentence_in_both_languages():
    for found in load().values():
        for language in LANGUAGES:
            sentence = found.sentence.in_language(language)
            assert sentence.endswith(".")
            assert not re.search(r"[.?!] ", sentence)
            assert found.short.in_language(language) not in ("", sentence)
    assert load()["A2"].sentence.in_language("vi").startswith("Các hồ sơ độc lập")
    assert load()["A2"].sentence.in_language("en").startswith("Dossiers are independent")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_claims_more_than_the_weakest_grade_may_say(language):
    for found in load().values():
        for wording in (found.sentence, found.short):
            text = wording.in_language(language)
            assert refuse_overclaim(text, "none", language) == text


def test_an_assumption_names_a_quantity_once():
    for one, found in load().items():
        assert (one, len(set(found.quantities))) == (one, len(found.quantities))


def test_the_register_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        load()["A2"].rating = "green"


@pytest.mark.parametrize(
    "entry",
    [
        _entry(rating="orange"),
        _entry(short={"vi": "một"}),
        _entry(sentence={"vi": "một", "en": ""}),
        _entry(quantities="change"),
        _entry(note="more"),
    ],
)
def test_an_entry_of_another_form_is_refused(entry):
    with pytest.raises(ValidationError):
        Assumption.model_validate(entry)
    assert Assumption.model_validate(_entry()).quantities == ("change",)


@pytest.mark.parametrize("one", ["A0", "B1", "A01", "a1", "A1x"])
def test_an_id_of_another_form_is_refused(one):
    with pytest.raises(ValidationError):
        TypeAdapter(dict[assumptions._Id, Assumption]).validate_python({one: _entry()})


# Quantities


def test_what_a_quantity_rests_on_stands_in_the_order_of_the_numbers():
    order = list(load())
    for quantity in quantities():
        found = resting(quantity)
        assert found
        assert sorted(found, key=order.index) == list(found)
    assert resting("worst_p") == ("A1", "A2", "A7")


def test_every_entry_of_the_register_is_found_from_its_quantities():
    back = {one: {q for q in quantities() if one in resting(q)} for one in load()}
    assert back == {one: set(found.quantities) for one, found in load().items()}


def test_a_quantity_that_nobody_listed_is_refused_and_told_where_to_go():
    with pytest.raises(KeyError, match=r"no assumption is listed for 'pooled_guess'.*change.*yml"):
        resting("pooled_guess")


def test_only_red_ids_are_kept_in_their_order():
    assert red(["A11", "A1", "A2", "A5"]) == ("A11", "A2")
    assert red([]) == ()


def test_an_id_that_is_not_listed_is_refused():
    with pytest.raises(KeyError, match="A99"):
        red(["A2", "A99"])


def test_every_quantity_that_the_code_records_is_listed():
    assert {"change", "worst_p", "level", "target_gap"} <= _recorded()
    assert _recorded() <= set(quantities())


@pytest.mark.parametrize("quantity", get_args(vocabulary.Economic))
def test_every_figure_of_cost_or_worth_rests_on_the_planning_values(quantity):
    assert "A10" in red(resting(quantity))


@pytest.mark.parametrize("quantity", OF_PILOTS)
def test_what_is_said_of_the_next_commune_shows_exchangeability_and_selection_in_red(quantity):
    assert {"A9", "A11"} <= set(red(resting(quantity)))
    assert "A13" in resting(quantity)


@pytest.mark.parametrize("quantity", OF_PRINTED_CHANGES)
def test_a_change_shows_in_red_that_the_definition_is_taken_as_stable(quantity):
    assert "A4" in red(resting(quantity))


def test_a_change_of_printed_counts_does_not_rest_on_rounding():
    assert "A1" not in resting("difference")


def test_a_month_outside_its_band_shows_in_red_that_the_months_before_would_have_gone_on():
    assert set(load()["A14"].quantities) == {"months_outside"}
    assert {"A4", "A14"} <= set(red(resting("months_outside")))


def test_what_only_designs_with_comparison_assume_stands_with_each_effect_and_under_no_quantity():
    for one in ("A15", "A16", "A17", "A18"):
        assert load()[one].quantities == ()


def test_a_threshold_stands_behind_a_chance_and_behind_no_printed_change():
    assert {q for q in quantities() if "A6" in resting(q)} == {"chance_level", "chance_change"}


def test_only_what_takes_a_common_rise_off_rests_on_parallel_trends():
    resting = set(load()["A3"].quantities)
    assert resting == {"gain", "expected_share"} | set(get_args(vocabulary.Economic))


# Words


@pytest.mark.parametrize("quantity", quantities())
def test_a_quantity_is_worded_for_readers(quantity):
    assert catalogue.has(f"label.quantity.{quantity}")


@pytest.mark.parametrize("rating", get_args(vocabulary.Rating))
def test_a_rating_is_worded_for_readers(rating):
    assert catalogue.has(f"label.rating.{rating}")


def test_no_quantity_is_worded_that_rests_on_nothing():
    worded = {
        key.removeprefix("label.quantity.")
        for key in catalogue.entries()
        if key.startswith("label.quantity.")
    }
    assert worded == set(quantities())
