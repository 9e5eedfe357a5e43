from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from drawn import table
from logs import ROOT, units

from commune_pilots.clean.unit_validity import validity
from commune_pilots.errors import ParameterError
from commune_pilots.sources import unit_tables
from commune_pilots.sources.unit_names import name_key, named, register, within
from commune_pilots.sources.unit_tables import all_units, false_homonyms

PART, WHOLE = "part", "whole"


@cache
def _all():
    return all_units(units())


def _communes(*, then):
    found, _ = _all()
    communes = found[found["level"] == "commune"]
    return communes[communes["valid_to"].notna() == then]


def _links(drawing):
    return table("code name_key district province successor part\n" + drawing.strip())


def test_every_commune_of_then_and_of_now_is_listed():
    assert _communes(then=True)["code"].nunique() == 10_035
    assert _communes(then=False)["code"].nunique() == 3_321


def test_every_former_commune_has_a_successor_that_is_listed():
    then = _communes(then=True)
    assert then["successor"].isin(_communes(then=False)["code"]).all()
    parts = then.groupby("code")["successor_part"].agg(["nunique", "first", "size"])
    assert (parts["nunique"] == 1).all()
    assert ((parts["size"] > 1) == (parts["first"] == PART)).all()


def test_districts_without_communes_lead_to_their_special_zone():
    found, _ = _all()
    islands = found[(found["level"] == "district") & found["successor"].notna()]
    names = _communes(then=False).set_index("code")["name"]
    assert islands["successor"].map(names).str.startswith("Đặc khu").tolist() == [True] * 5


def test_there_are_63_provinces_of_then_and_34_of_now():
    found, _ = _all()
    provinces = found[found["level"] == "province"]
    assert int((~(provinces["valid_from"] >= "2025-07-01")).sum()) == 63
    assert int(provinces["valid_to"].isna().sum()) == 34


def test_rows_of_the_press_register_stand_as_they_are():
    found, _ = _all()
    own = units()
    pd.testing.assert_frame_equal(found.head(len(own)), own)
    key = ["level", "code", "valid_from", "valid_to", "successor"]
    assert not found.duplicated(key).any()


def test_false_successors_of_homonyms_are_taken_out_and_told():
    _, told = _all()
    values = [one.value for one in told]
    assert len(values) == 31
    assert len({value.partition(" ")[0] for value in values}) == 30
    assert {one.rule for one in told} == {"units_homonym"}
    # Phường 4 of Tân An and of Tây Ninh each had the other's successor too.
    assert {"27691 → 25459", "25462 → 27694"} <= set(values)
    then = _communes(then=True).set_index("code")
    assert then.loc["25462", ["successor", "successor_part"]].tolist() == ["25459", WHOLE]


def test_the_tables_agree_with_the_official_list_of_four_provinces_but_for_one_link():
    candidates = pd.read_csv(ROOT / "data" / "raw" / "press" / "candidates.csv", dtype="str")
    official = {
        (former, row["candidate"])
        for row in candidates.to_dict("records")
        for former in row["formers"].split(";")
    }
    then = _communes(then=True)
    own = then[then["successor"].isin(candidates["candidate"])]
    found = set(map(tuple, own[["code", "successor"]].to_numpy()))
    assert len(official) == 542
    assert official <= found
    # Not a homonym, so not seen: Thủ Thừa. As a split it gives no count rather than a wrong one.
    assert found - official == {("28036", "28087")}
    assert own.set_index("code").loc["28036", "successor_part"].tolist() == [PART] * 2


def test_one_code_has_one_meaning_on_every_day():
    found, _ = _all()
    one_province = found[found["province"] == "80"]
    once = one_province.drop_duplicates(["level", "code", "valid_from"])
    intervals = validity(once)
    assert intervals["code"].nunique() == len(set(once["code"][once["level"] == "commune"]))


def test_homonyms_are_told_apart_only_by_province_and_district():
    known = register(_all()[0])
    wards = [unit for unit in named(known, "P.4") if unit.end is not None]
    assert len({unit.code for unit in wards}) > 16
    assert len({unit.code for unit in within(wards, known, province="80", district="794")}) == 1
    assert name_key("Phường 4") == name_key("P.04")


def test_a_successor_is_the_homonyms_whose_district_gave_the_other_communes():
    links = _links(
        """
        00001  xaa  1  A  90001  part
        00001  xaa  1  A  90002  part
        00002  xaa  2  A  90002  whole
        00003  xab  2  A  90002  whole
        00004  xac  1  A  90001  whole
        """
    )
    assert false_homonyms(links).tolist() == [False, True, False, False, False]


def test_the_province_decides_where_no_district_does():
    links = _links(
        """
        00001  xaa  1  A  90001  part
        00002  xaa  2  B  90001  part
        00003  xab  3  B  90001  whole
        """
    )
    assert false_homonyms(links).tolist() == [True, False, False]


@pytest.mark.parametrize("part", [PART, WHOLE])
def test_without_a_difference_nothing_is_taken_out(part):
    links = _links(f"00001  xaa  1  A  90001  {part}\n00002  xaa  2  B  90001  {part}")
    assert not false_homonyms(links).any()


def test_two_whole_homonyms_are_both_true():
    links = _links(
        """
        00001  xaa  1  A  90001  whole
        00002  xaa  2  A  90001  whole
        00003  xab  2  A  90001  whole
        """
    )
    assert not false_homonyms(links).any()


@pytest.mark.parametrize("name", ["PACKAGE", "VERSION"])
def test_without_the_package_or_this_version_of_it_the_error_names_the_extra(name, monkeypatch):
    monkeypatch.setattr(unit_tables, name, "no_such_thing")
    with pytest.raises(ParameterError) as caught:
        all_units(units())
    assert "commune-pilots[units]" in caught.value.sentence("vi")


def test_no_code_of_the_package_is_run(monkeypatch):
    def refuse(name, *rest, **named):
        assert not str(name).startswith("vietnamadminunits")
        return original(name, *rest, **named)

    original = __import__
    monkeypatch.setattr("builtins.__import__", refuse)
    assert len(all_units(units())[1]) == 31
