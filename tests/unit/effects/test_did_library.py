from __future__ import annotations

import numpy as np
import pytest
from staggered import draw, long

from commune_pilots.effects.did_group_time import aggregate, group_time
from commune_pilots.effects.did_imputation import imputation
from commune_pilots.effects.did_library import library_group_time, library_imputation
from commune_pilots.effects.did_moments import moments_of

pytestmark = pytest.mark.slow  # the library takes seconds to import


@pytest.fixture
def panel(rng):
    return draw(rng, starts=[3, 3, 3, 5, 5, 5, 5, 6, 6], never=25, periods=8)


def _by_time(effects):
    return {one.at: (one.estimate, one.std_error) for one in effects if one.at is not None}


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("anticipation", [0, 1])
def test_closed_forms_and_library_agree_on_a_balanced_panel(panel, comparison, anticipation):
    found = group_time(moments_of(panel), comparison=comparison, anticipation=anticipation)
    library = library_group_time(long(panel), comparison=comparison, anticipation=anticipation)
    ours = _by_time(aggregate(found, over="event_time", law="influence"))
    assert _by_time(library.effects) == {
        at: pytest.approx(pair, rel=1e-10) for at, pair in ours.items()
    }


@pytest.mark.parametrize("anticipation", [0, 1])
def test_imputation_and_library_agree_on_a_balanced_panel(panel, anticipation):
    ours = _by_time(imputation(moments_of(panel), anticipation=anticipation, law="influence"))
    library = _by_time(library_imputation(long(panel), anticipation=anticipation).effects)
    assert library == {at: pytest.approx(pair, rel=1e-8) for at, pair in ours.items()}


def test_overall_effects_agree_and_are_first(panel):
    moments = moments_of(panel)
    found = group_time(moments, comparison="never_treated")
    simple = aggregate(found, over="simple", law="influence")[0]
    library = library_group_time(long(panel), comparison="never_treated").effects[0]
    assert library.estimate == pytest.approx(simple.estimate, rel=1e-10)
    assert library.std_error == pytest.approx(simple.std_error, rel=1e-10)
    imputed = library_imputation(long(panel)).effects[0]
    ours = imputation(moments, law="influence")[0]
    assert imputed.estimate == pytest.approx(ours.estimate, rel=1e-10)
    assert imputed.std_error == pytest.approx(ours.std_error, rel=1e-8)
    assert (library.n_treated, library.n_comparison, library.at) == (9, 25, None)


def test_months_of_the_start_never_count_as_treated_in_an_overall_effect(panel):
    found = library_group_time(long(panel), comparison="never_treated", anticipation=1)
    assert [one.at for one in found.effects if one.at is None] == []


def test_gaps_are_allowed_and_told(panel):
    frame = long(panel).drop(index=[4, 77, 130]).reset_index(drop=True)
    found = library_group_time(frame, comparison="never_treated")
    assert any("nbalanced panel" in text for text in found.warned)
    whole = aggregate(group_time(moments_of(panel), comparison="never_treated"), over="simple")[0]
    assert found.effects[0].estimate == pytest.approx(whole.estimate, abs=1.0)
    imputed = library_imputation(frame).effects[0]
    assert imputed.estimate == pytest.approx(imputation(moments_of(panel))[0].estimate, abs=1.0)


def test_a_covariate_that_carries_the_trend_takes_its_bias_away(rng):
    panel = draw(rng, starts=[4] * 40, never=160, periods=8, effect=5.0, noise=0.5)
    size = np.where(np.arange(200) < 40, rng.normal(0.7, 1, 200), rng.normal(0, 1, 200))
    panel.outcome[:] += np.outer(size, np.arange(8))
    frame = long(panel).assign(size=np.repeat(size, 8))
    bare = library_group_time(frame, comparison="never_treated").effects[0]
    given = library_group_time(frame, comparison="never_treated", covariates=["size"]).effects[0]
    assert bare.estimate > 6
    assert given.estimate == pytest.approx(5.0, abs=4 * given.std_error)
    assert given.n_treated == 40


def test_the_table_is_left_as_it_was(panel):
    frame = long(panel)
    before = frame.copy(deep=True)
    library_imputation(frame)
    assert frame.equals(before)
