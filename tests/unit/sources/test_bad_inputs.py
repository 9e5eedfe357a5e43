"""The catalogue of bad inputs: every file is read exactly or refused in words, never silently."""

from __future__ import annotations

import re

import pytest
from bad_files import Case, counts_of, layout, read
from bad_inputs import cases
from bad_shapes import private_and_hostile

from commune_pilots.errors import PilotsError

CASES = cases()


@pytest.mark.parametrize("case", [c for c in CASES if c.outcome == "read"], ids=lambda c: c.name)
def test_a_readable_file_gives_the_true_counts_and_says_what_was_done(case: Case):
    found = read(case.raw, case.file, by=layout(case.layout))
    assert counts_of(found) == case.counts
    assert set(case.told) <= {one.rule for one in found.found}


@pytest.mark.parametrize("case", [c for c in CASES if c.outcome == "refuse"], ids=lambda c: c.name)
def test_an_unreadable_file_is_refused_in_one_sentence_that_names_the_place(case: Case):
    with pytest.raises(PilotsError) as refused:
        read(case.raw, case.file, by=layout(case.layout))
    sentence = refused.value.sentence("en")
    assert sentence.startswith(case.file)
    assert [part for part in case.named if part not in sentence] == []
    assert refused.value.sentence("vi") != sentence


@pytest.mark.parametrize("case", private_and_hostile(), ids=lambda c: c.name)
def test_no_personal_value_is_told(case: Case):
    try:
        told = str(read(case.raw, case.file))
    except PilotsError as refused:
        told = refused.sentence("vi") + refused.sentence("en")
    assert not re.search(r"0912|12345|Nguyễn Văn A", told)
