from __future__ import annotations

import math
import re
from typing import get_args

import pandas as pd
import pytest

from commune_pilots import contracts, schemas, vocabulary
from commune_pilots.contracts.table import CODES
from commune_pilots.errors import ContractError

TABLES = sorted(contracts.TABLES)
COLUMNS = {name: contracts.TABLES[name].to_schema().columns for name in TABLES}
WORDS = {
    "contrasts.denominators": vocabulary.Answer,
    "contrasts.design": vocabulary.Design,
    "contrasts.grade": vocabulary.Grade,
    "contrasts.floor_side": vocabulary.Which,
    "alternatives.method": vocabulary.Method,
    "alternatives.rounding": vocabulary.Rounding,
    "alternatives.denominators": vocabulary.Answer,
    "floors.side": vocabulary.Which,
    "sensitivities.rival": vocabulary.Rival,
    "observations.role": vocabulary.Role,
    "observations.qualifier": vocabulary.Qualifier,
    "observations.scope": vocabulary.Scope,
    "levels.scope": vocabulary.Scope,
    "levels.qualifier": vocabulary.Qualifier,
    "coverage.evidence": vocabulary.Evidence,
    "interventions.evidence": vocabulary.Evidence,
    "interventions.pillar": vocabulary.Pillar,
    "verdicts.option": vocabulary.Option,
    "verdicts.grade": vocabulary.Grade,
    "verdicts.grade_for_scaling": vocabulary.Grade,
    "verdicts.grade_for_stages": vocabulary.Grade,
    "pooled.method": vocabulary.PoolMethod,
    "pooled.grade": vocabulary.Grade,
    "projections.support": vocabulary.Support,
    "economics.quantity": vocabulary.Economic,
    "economics.measured_in": vocabulary.MeasuredIn,
    "stress.option": vocabulary.Option,
    "stress.grade": vocabulary.Grade,
    "results.interval": vocabulary.IntervalKind,
    "results.measured_in": vocabulary.MeasuredIn,
}
UNKNOWN = {  # what no source may print is missing, never 0
    "observations": ["value", "decimals", "numerator", "denominator", "period_start"],
    "panel": ["numerator", "denominator"],
    "days": ["numerator", "denominator"],
    "series": ["opened", "dispersion", "share", "expected", "low", "high", "side"],
    "levels": ["low", "high", "denominator_low", "denominator_high"],
    "contrasts": ["before", "change_low", "gap_closed_low", "n_before", "n_after", "floor_needed"],
    "alternatives": ["p_value", "conf_low", "conf_high", "k_before", "n_after", "denominators"],
    "sensitivities": ["value", "reference"],
    "checks": ["statistic", "decimals", "reference"],
    "targets": ["target", "result", "gap", "deadline"],
    "candidates": [
        "area_km2", "population", "dossiers", "internet_share", "online_share", "definition",
    ],
    "pooled": ["estimate_low", "conf_high", "prediction_low", "tau_high", "i2_low", "chance_low"],
    "projections": ["compared", "nearest", "distance", "stage", "gain_low", "gain_high"],
    "stages": ["power", "detectable"],
    "economics": ["low", "expected", "high", "missing"],
    "verdicts": ["rests_on", "chance_low", "chance_high"],
}  # fmt: skip
NEVER_UNKNOWN = {
    "contrasts": ["worst_p", "bound_p", "certified", "conf_low", "conf_high", "design", "grade"],
    "alternatives": ["contrast", "method", "rounding", "certified"],
    "floors": list(COLUMNS["floors"]),
    "panel": ["source", "unit", "definition", "period_start", "period_end"],
    "days": ["source", "unit", "indicator", "definition", "day"],
    "series": ["unit_name", "outcome", "season", "period_start", "phase"],
    "sensitivities": ["contrast", "rival", "setting", "unit", "possible"],
    "candidates": ["candidate", "name", "type", "province", "former_province", "formers"],
    "projections": ["candidate", "name", "support"],
    "outlook": list(COLUMNS["outlook"]),
    "stress": ["assumption", "setting", "option", "grade", "changes"],
    "verdicts": ["option", "grade", "reason", "units_counted", "units_piloted", "conditions"],
}


def _broken(name, cases):
    """List the rules that each value breaks in its column; a row a case, all else is missing."""
    kinds = schemas.columns(name)
    cells: dict[str, list[object]] = {column: [None] * len(cases) for column in kinds}
    for row, (column, value) in enumerate(cases):
        cells[column][row] = value
    if "row" in cells:
        cells["row"] = list(range(2, len(cases) + 2))
    frame = pd.DataFrame(
        {
            column: pd.Series(values, dtype="object" if kind == "flag" else schemas.DTYPES[kind])
            for (column, kind), values in zip(kinds.items(), cells.values(), strict=True)
        }
    )
    with pytest.raises(ContractError) as caught:
        schemas.check(frame, name)
    found: list[list[str]] = [[] for _ in cases]
    for failure in caught.value.failures:
        if failure.row is not None and failure.column == cases[failure.row - 2][0]:
            found[failure.row - 2].append(failure.rule)
    return found


def _checks(column, name):
    return [check for check in column.checks if check.name == name]


def _worded(name):
    return [place.partition(".")[2] for place in WORDS if place.startswith(f"{name}.")]


def _bounds(name):
    """List values just outside what a column includes, with the rule they break."""
    found = []
    for column, declared in COLUMNS[name].items():
        for check in _checks(declared, "greater_than_or_equal_to"):
            found.append((column, check.statistics["min_value"] - 1, "least"))
        for check in _checks(declared, "less_than_or_equal_to"):
            found.append((column, check.statistics["max_value"] + 1, "most"))
    return found


@pytest.mark.parametrize("name", TABLES)
def test_a_contract_is_strict_ordered_and_coerces_nothing(name):
    schema = contracts.TABLES[name].to_schema()
    assert (schema.strict, schema.ordered, schema.coerce) == (True, True, False)


@pytest.mark.parametrize("name", TABLES)
def test_a_contract_says_what_one_row_is(name):
    assert (contracts.TABLES[name].__doc__ or "").startswith("One row: ")


def test_every_contract_of_the_module_is_listed_once():
    models = {
        found
        for found in vars(contracts).values()
        if isinstance(found, type) and (found.__doc__ or "").startswith("One row: ")
    }
    assert models == set(contracts.TABLES.values())
    assert len(models) == len(TABLES)


@pytest.mark.parametrize(("place", "words"), WORDS.items())
def test_a_column_accepts_the_words_of_its_list(place, words):
    name, column = place.split(".")
    (check,) = COLUMNS[name][column].checks
    assert set(check.statistics["allowed_values"]) == set(get_args(words))


@pytest.mark.parametrize(("name", "columns"), UNKNOWN.items())
def test_what_may_be_unknown_may_be_missing(name, columns):
    assert [column for column in columns if not COLUMNS[name][column].nullable] == []


@pytest.mark.parametrize(("name", "columns"), NEVER_UNKNOWN.items())
def test_what_is_computed_is_never_missing(name, columns):
    assert [column for column in columns if COLUMNS[name][column].nullable] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_wrong_word_a_bad_code_and_a_value_out_of_bounds_are_refused_as_such(name):
    codes = [column for column, found in COLUMNS[name].items() if _checks(found, "str_matches")]
    cases = [
        *(case for case in _bounds(name) if case[0] != "row"),  # the row is the place itself
        *((column, "no_such_word", "isin") for column in _worded(name)),
        *((column, "a/b", "pattern") for column in codes),
    ]
    broken = _broken(name, [(column, value) for column, value, _ in cases]) if cases else []
    for (column, _, rule), rules in zip(cases, broken, strict=True):
        assert rules == [rule], column


def test_every_probability_and_every_number_of_dossiers_is_bounded():
    for name in TABLES:
        bounded = {column for column, *_ in _bounds(name)}
        named = {
            column
            for column in COLUMNS[name]
            if column.endswith(("_p", "p_value"))
            or column.startswith(("n_", "k_", "worst_n", "worst_k", "denominator_"))
        }
        assert named <= bounded


def test_no_probability_is_infinite():
    cases = [("worst_p", math.inf), ("bound_p", -math.inf)]
    assert _broken("floors", cases) == [["most"], ["least"]]


def test_every_share_and_every_chance_of_the_next_commune_is_bounded_on_both_sides():
    for name, columns in {
        "candidates": ["internet_share", "online_share"],
        "series": ["share", "expected", "low", "high"],
        "pooled": ["chance_low", "chance_high", "i2_low", "i2_high"],
        "projections": ["gain_low", "gain_high"],
        "outlook": ["low_95", "expected", "high_95"],
        "stages": ["power"],
        "verdicts": ["chance_low", "chance_high", "least_change"],
    }.items():
        rules = {
            column: {rule for at, _, rule in _bounds(name) if at == column} for column in columns
        }
        assert all(rules[column] == {"least", "most"} for column in columns), name


def test_a_list_of_codes_has_one_separator_and_no_gap():
    listed = ["01837", "01837;02017", "", ";", "01837;", "01837; 02017", "01837,02017", "a;;b"]
    broken = _broken("candidates", [("formers", codes) for codes in listed[2:]])
    assert broken == [["pattern"]] * len(listed[2:])
    assert all(re.fullmatch(CODES, codes) for codes in listed[:2])


def test_a_code_is_plain_letters_digits_and_dashes():
    codes = ["", " ", "a b", "../etc", "a/b", "tỉnh", "x" * 41, "a\n", "=1+1"]
    broken = _broken("pilots", [("unit", code) for code in codes])
    assert dict(zip(codes, broken, strict=True)) == {code: ["pattern"] for code in codes}
