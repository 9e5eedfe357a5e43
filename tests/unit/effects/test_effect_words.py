from __future__ import annotations

import provinces
import pytest

from commune_pilots import schemas
from commune_pilots.catalogue import LANGUAGES, text
from commune_pilots.effects.effect_words import in_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_is_worded_with_what_carries_it(language):
    effects = provinces.estimated(provinces.campaign())
    found = in_words(effects, language=language)
    assert len(found) == len(effects)
    assert found[["design", "estimand", "answer", "assumption"]].notna().all(axis=None)
    assert found["assumption"].iloc[0] == text("effect.assumption.C4", language)


def test_a_refusal_stands_with_its_reason():
    found = in_words(provinces.estimated(provinces.campaign()), language="en")
    assert "refused: no comparison commune" in set(found["answer"])


def test_not_decidable_is_said_as_such_and_never_as_not_significant():
    found = in_words(provinces.estimated(provinces.wednesdays()), language="vi")
    assert found["answer"].iloc[-1] == "không quyết định được bằng thiết kế này"


def test_no_effects_are_no_words():
    assert in_words(schemas.empty("effects"), language="vi").empty
