from __future__ import annotations

from commune_pilots import catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.desk import key_words
from commune_pilots.params import Run


def test_every_key_has_a_label_and_a_help_of_its_own_in_each_language():
    for language in LANGUAGES:
        for told in (key_words.label, key_words.help_text):
            words = [told(key, language) for key in Run.model_fields]
            assert len(set(words)) == len(words)


def test_every_value_of_every_choice_has_words_of_its_own():
    chosen = [key for key in Run.model_fields if key_words.choices(key)]
    assert {"data", "simulation", "status", "rounding", "grade_for_scaling"} <= set(chosen)
    for key in chosen:
        for language in LANGUAGES:
            words = [key_words.choice(key, value, language) for value in key_words.choices(key)]
            assert len(set(words)) == len(words) > 1


def test_choices_share_their_words_with_the_briefing():
    assert key_words.choice("grade_for_stages", "low", "vi") == catalogue.text(
        "label.grade.low", "vi"
    )
    assert key_words.choice("rounding", "any", "en") == "no convention assumed"


def test_text_and_numbers_have_no_choices():
    assert key_words.choices("alpha") == key_words.choices("sources") == []
