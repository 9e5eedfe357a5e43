from __future__ import annotations

from typing import get_args

import pytest

from commune_pilots import catalogue, vocabulary
from commune_pilots.catalogue import LANGUAGES

WORDS = {
    name: get_args(found)
    for name, found in vars(vocabulary).items()
    if not name.startswith("_") and name != "Literal" and get_args(found)
}
# A word that readers see has an entry of the catalogue under each of these groups.
WORDED = {
    "Grade": ["label.grade"],
    "Design": ["label.design", "label.reason", "briefing.may", "briefing.may_not"],
    "Evidence": ["label.evidence"],
    "Pillar": ["label.pillar"],
    "Scope": ["label.scope"],
    "Rounding": ["label.rounding"],
    "Method": ["label.method"],
    "DifferenceMethod": ["label.method"],
    "Option": ["briefing.advice"],
    "Rival": ["briefing.check"],
}
PRINTED_AS_IS = {"exact"}


def test_every_list_of_words_is_found():
    assert set(WORDS) >= {*WORDED, "Role", "Qualifier", "Which", "Answer"}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_no_word_stands_twice_in_a_list(name):
    assert len(set(WORDS[name])) == len(WORDS[name])
    assert all(word and word == word.lower() and " " not in word for word in WORDS[name])


@pytest.mark.parametrize(
    ("group", "word"),
    [(group, word) for name, groups in WORDED.items() for group in groups for word in WORDS[name]],
)
def test_a_word_that_readers_see_is_worded_in_both_languages(group, word):
    assert catalogue.has(f"{group}.{word}")
    assert all(catalogue.entries()[f"{group}.{word}"][language] for language in LANGUAGES)


@pytest.mark.parametrize("qualifier", sorted(set(WORDS["Qualifier"]) - PRINTED_AS_IS))
def test_a_qualifier_is_worded_beside_its_figure(qualifier):
    assert catalogue.has(f"briefing.value.{qualifier}")


@pytest.mark.parametrize(
    "entry",
    [
        *("decided", "open", "decisive_both", "decisive_before", "decisive_never"),
        *("decided_counted", "decisive_counted"),  # a pair of known numbers is never open
    ],
)
def test_an_answer_on_denominators_is_worded(entry):
    assert entry.split("_")[0] in WORDS["Answer"]
    assert catalogue.has(f"briefing.worst.{entry}")


def test_lower_bounds_are_qualifiers_and_leave_out_what_bounds_from_above():
    assert set(vocabulary.LOWER_BOUNDS) < set(WORDS["Qualifier"])
    assert not {"nearly", "about", "exact"} & set(vocabulary.LOWER_BOUNDS)


def test_every_interval_of_a_difference_is_a_method():
    assert set(WORDS["DifferenceMethod"]) < set(WORDS["Method"])
