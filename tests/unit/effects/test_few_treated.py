from __future__ import annotations

import pytest

from commune_pilots.effects.few_treated import INFERENCES, decide, may_print, permitted


def _refused(n_treated, n_comparison):
    rules = permitted(n_treated=n_treated, n_comparison=n_comparison)
    return {rule.inference: rule.refused for rule in rules if rule.refused}


def test_each_way_of_inference_is_answered_for_once():
    assert [rule.inference for rule in permitted(n_treated=3, n_comparison=9)] == list(INFERENCES)


def test_one_treated_commune_leaves_ranks_and_placebos():
    assert _refused(1, 107) == {
        "welch": "few_treated",
        "studentised": "few_treated",
        "wild_bootstrap": "few_treated",
        "asymptotic": "few_treated",
    }


@pytest.mark.parametrize("n_treated", [3, 4])
def test_three_treated_communes_allow_welch_and_no_bootstrap(n_treated):
    assert _refused(n_treated, 105) == {
        "wild_bootstrap": "few_treated",
        "asymptotic": "few_treated",
    }


def test_eight_of_thirty_is_where_errors_for_many_units_begin():
    assert _refused(8, 22) == {}
    assert _refused(8, 21) == {"asymptotic": "few_units"}
    assert _refused(7, 101) == {"asymptotic": "few_treated"}


def test_few_comparison_communes_tell_no_scatter():
    assert _refused(8, 2) == {
        "welch": "few_comparison",
        "studentised": "few_comparison",
        "conley_taber": "few_comparison",
        "asymptotic": "few_units",
    }


def test_randomisation_may_always_be_printed():
    assert all(may_print("randomisation", n_treated=n, n_comparison=1) for n in (1, 2, 50))
    assert not may_print("asymptotic", n_treated=3, n_comparison=105)


@pytest.mark.parametrize(("n_treated", "n_comparison"), [(0, 5), (5, 0)])
def test_a_design_without_a_side_is_refused(n_treated, n_comparison):
    with pytest.raises(ValueError, match="some of each"):
        permitted(n_treated=n_treated, n_comparison=n_comparison)


@pytest.mark.parametrize(
    ("p_value", "smallest_p", "decided"),
    [
        (0.10, 0.10, "not_decidable"),
        (1.00, 0.051, "not_decidable"),
        (0.05, 0.05, "told_apart"),
        (0.20, 0.05, "not_told_apart"),
        (0.001, 0.0001, "told_apart"),
    ],
)
def test_a_p_value_is_read_by_what_the_design_could_reach(p_value, smallest_p, decided):
    assert decide(p_value, smallest_p=smallest_p, alpha=0.05) == decided
