from __future__ import annotations

import pytest
from drawn import observations, table
from pandas.testing import assert_frame_equal

from commune_pilots.clean.corrections import correct, correct_all, listed
from commune_pilots.errors import InputError, ParameterError, PilotsError
from commune_pilots.params import Correction


def _figures():
    return observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,8
        o3           00002  after   98,8
        """
    )


def _correction(**changes):
    base = {
        "table": "observations",
        "where": {"observation": "o2"},
        "action": "override",
        "column": "value",
        "value": 98.08,
        "expect": 98.8,
        "reason": "misprint",
        "reported": "2026-10-02",
    }
    return Correction(**{**base, **changes})


def _drop(**where):
    return _correction(where=where, action="drop", column=None, value=None, expect=None)


def test_an_override_changes_the_one_cell_it_names():
    mended = correct(_figures(), [_correction()], table="observations")
    assert mended["value"].tolist() == [16.8, 98.08, 98.8]
    assert_frame_equal(mended.drop(columns="value"), _figures().drop(columns="value"))


def test_the_table_handed_to_correct_is_not_changed():
    figures = _figures()
    correct(
        figures,
        [_correction(), _drop(observation="o1")],
        table="observations",
    )
    assert_frame_equal(figures, _figures())


def test_a_drop_takes_out_its_rows_and_counts_the_rest_anew():
    dropping = _drop(unit="00001")
    mended = correct(_figures(), [dropping], table="observations")
    assert mended["observation"].tolist() == ["o3"]
    assert mended.index.tolist() == [0]


def test_rows_match_only_if_every_condition_holds():
    dropping = _drop(unit="00001", role="after")
    mended = correct(_figures(), [dropping], table="observations")
    assert mended["observation"].tolist() == ["o1", "o3"]


def test_a_condition_without_a_value_matches_missing_cells():
    figures = _figures().assign(note=["seen", None, "seen"])
    mended = correct(figures, [_correction(where={"note": None})], table="observations")
    assert mended["value"].tolist() == [16.8, 98.08, 98.8]


def test_a_correction_that_expects_nothing_expects_a_missing_cell():
    filling = _correction(column="note", value="seen", expect=None)
    mended = correct(_figures(), [filling], table="observations")
    assert mended["note"].tolist()[1] == "seen"
    with pytest.raises(InputError):
        correct(mended, [filling], table="observations")


def test_corrections_of_another_table_are_left_alone():
    units = table("code name level type\n 00001 One commune x", of="units")
    assert_frame_equal(correct(units, [_correction()], table="units"), units)


def test_corrections_are_applied_in_the_order_given():
    twice = [_correction(value=50.0), _correction(value=60.0, expect=50.0)]
    assert correct(_figures(), twice, table="observations")["value"].tolist()[1] == 60.0


def test_a_correction_whose_rows_are_gone_stops_the_run():
    with pytest.raises(InputError) as caught:
        correct(_figures(), [_correction(where={"observation": "o9"})], table="observations")
    assert caught.value.key == "correction_lost"
    assert "observation=o9" in caught.value.sentence("en")


def test_a_correction_whose_value_was_mended_stops_the_run():
    mended = correct(_figures(), [_correction()], table="observations")
    with pytest.raises(InputError) as caught:
        correct(mended, [_correction()], table="observations")
    assert caught.value.key == "correction_expired"


def test_an_expired_correction_shows_what_it_found_and_what_it_expected():
    with pytest.raises(InputError) as caught:
        correct(_figures(), [_correction(expect=90.0)], table="observations")
    assert "value is 98.8, not 90.0 as the correction expects" in caught.value.sentence("en")


def test_an_expired_correction_of_many_rows_shows_the_row_that_differs():
    both = _correction(where={"unit": "00001"}, expect=16.8)
    with pytest.raises(InputError) as caught:
        correct(_figures(), [both], table="observations")
    assert float(caught.value.values["found"]) == 98.8


def test_a_drop_stops_the_run_if_the_value_it_expects_is_gone():
    with pytest.raises(InputError) as caught:
        correct(_figures(), [_correction(action="drop", expect=90.0)], table="observations")
    assert caught.value.key == "correction_expired"


def test_a_condition_on_a_column_that_does_not_exist_is_refused():
    with pytest.raises(ParameterError) as caught:
        correct(_figures(), [_correction(where={"unti": "00001"})], table="observations")
    assert caught.value.values["key"] == "unti"


def test_an_override_of_a_column_that_does_not_exist_is_refused():
    with pytest.raises(ParameterError):
        correct(_figures(), [_correction(column="valeu")], table="observations")


def test_an_override_that_breaks_the_columns_type_is_refused():
    with pytest.raises(PilotsError):
        correct(_figures(), [_correction(value="98,08")], table="observations")


def test_every_table_gets_the_corrections_meant_for_it():
    units = table("code name level type\n 00001 One commune x", of="units")
    renaming = _correction(
        table="units", where={"code": "00001"}, column="name", value="Two", expect="One"
    )
    mended = correct_all({"observations": _figures(), "units": units}, [_correction(), renaming])
    assert mended["observations"]["value"].tolist() == [16.8, 98.08, 98.8]
    assert mended["units"]["name"].tolist() == ["Two"]


def test_tables_handed_to_correct_all_are_not_changed():
    tables = {"observations": _figures()}
    correct_all(tables, [_correction(), _drop(observation="o1")])
    assert_frame_equal(tables["observations"], _figures())


def test_a_correction_of_a_table_that_does_not_exist_is_refused():
    with pytest.raises(ParameterError) as caught:
        correct_all({"observations": _figures()}, [_correction(table="observation")])
    assert (caught.value.values["entry"], caught.value.values["key"]) == (1, "table")


def test_corrections_are_listed_with_their_place_and_reason():
    (row,) = listed([_correction(where={"unit": "00001", "role": "after"})]).to_dict("records")
    assert row["where"] == "unit=00001, role=after"
    assert (row["table"], row["expect"], row["value"]) == ("observations", 98.8, 98.08)
    assert row["reason"] == "misprint"


def test_without_corrections_the_list_is_a_table_without_rows():
    found = listed([])
    assert found.empty
    assert "reason" in found.columns
