from __future__ import annotations

import pickle

import pytest

from commune_pilots import errors
from commune_pilots.errors import (
    KINDS,
    NOTHING,
    Bilingual,
    ClaimError,
    ContractError,
    ExportError,
    Failure,
    InputError,
    KernelDiedError,
    LockedError,
    NotebookError,
    ParameterError,
    PilotsError,
    ReleaseError,
    ReproductionError,
    RunTimeoutError,
    StoppedError,
    WriteError,
)


def _failure(rule="isin", row=4, **values):
    return Failure(
        file="data/raw/press/pilots.csv",
        row=row,
        column="arm",
        value="pilto",
        rule=rule,
        rule_values=tuple(values.items()),
    )


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (NotebookError, 1),
        (ParameterError, 2),
        (KernelDiedError, 3),
        (RunTimeoutError, 4),
        (LockedError, 5),
        (WriteError, 6),
        (InputError, 7),
        (ClaimError, 8),
        (ExportError, 9),
        (ReproductionError, 10),
        (ReleaseError, 11),
        (StoppedError, 130),
    ],
)
def test_every_kind_ends_the_program_with_its_own_code(kind, code):
    assert kind.exit_code == code


def test_no_two_kinds_share_an_exit_code_and_none_is_success():
    codes = [kind.exit_code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert 0 not in codes


def test_every_class_of_the_tree_is_a_kind_or_a_special_case_of_one():
    tree = [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, PilotsError) and found is not PilotsError
    ]
    assert [found for found in tree if not issubclass(found, KINDS)] == []
    assert ContractError.exit_code == InputError.exit_code


def test_an_error_is_worded_in_both_languages():
    error = InputError("raw_missing", file="data/raw/press/pilots.csv")
    assert error.sentence("en").startswith("data/raw/press/pilots.csv: raw file not found")
    assert error.sentence("vi").startswith("data/raw/press/pilots.csv: không tìm thấy")
    assert str(error) == error.sentence("en")


def test_a_bilingual_value_is_worded_in_the_language_of_the_sentence():
    hint = Bilingual(vi=", có phải 'a'?", en="; did you mean 'a'?")
    error = ParameterError("unknown_run", run="b", hint=hint, known="a")
    assert "có phải 'a'?" in error.sentence("vi")
    assert "did you mean 'a'?" in error.sentence("en")
    assert "did you mean" not in error.sentence("vi")


def test_nothing_leaves_no_trace_in_a_sentence():
    error = ParameterError("unknown_run", run="b", hint=NOTHING, known="a")
    assert error.sentence("en") == "params/runs/: there is no run 'b'; there are: a."


def test_a_broken_contract_names_file_row_column_value_and_rule():
    error = ContractError([_failure(accepted="pilot, comparison")])
    assert error.sentence("en") == (
        "data/raw/press/pilots.csv, row 4, column arm: found 'pilto'; accepted: pilot, comparison."
    )
    assert error.sentence("vi") == (
        "data/raw/press/pilots.csv, dòng 4, cột arm: gặp 'pilto'; chấp nhận: pilot, comparison."
    )


def test_a_contract_broken_many_times_quotes_the_first_and_counts_all():
    error = ContractError([_failure(accepted="pilot"), _failure("required"), _failure("required")])
    assert "3 in all" in error.sentence("en")
    assert "tổng cộng 3" in error.sentence("vi")
    assert "accepted: pilot" in error.sentence("en")
    assert [failure.rule for failure in error.failures] == ["isin", "required", "required"]


def test_a_failure_of_no_row_shows_a_dash_for_it():
    assert ", row -, " in ContractError([_failure("column_missing", row=None)]).sentence("en")


def test_a_sheet_that_is_at_fault_as_a_whole_has_no_dashes_for_row_and_column():
    empty = Failure(file="a.xlsx > Nguồn", row=None, column="-", value="", rule="required")
    assert ContractError([empty]).sentence("en") == f"a.xlsx > Nguồn: {empty.sentence('en')}."
    assert ContractError([empty, empty]).sentence("vi").endswith("(và các lỗi khác, tổng cộng 2).")


def test_a_failure_is_frozen():
    with pytest.raises(AttributeError):
        _failure().row = 5


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_of_any_kind_travels_between_processes_whole(kind):
    hint = Bilingual(vi=", có phải 'a'?", en="; did you mean 'a'?")
    error = kind("unknown_run", run="b", hint=hint, known="a")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (back.key, back.values, back.args) == (error.key, error.values, error.args)
    for language in ("vi", "en"):
        assert back.sentence(language) == error.sentence(language)
    assert str(back) == str(error)


def test_a_broken_contract_travels_with_its_failures_and_its_report(tmp_path):
    error = ContractError([_failure(accepted="pilot"), _failure("required")])
    error.report = tmp_path / "failures.html"
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is ContractError
    assert (back.failures, back.report) == (error.failures, error.report)
    for language in ("vi", "en"):
        assert back.sentence(language) == error.sentence(language)
