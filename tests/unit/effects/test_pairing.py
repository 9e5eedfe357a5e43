from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from drawn import observations
from pandas.testing import assert_frame_equal

from commune_pilots import schemas
from commune_pilots.effects.contrast import Figure, Terms
from commune_pilots.effects.coverage import unit_names
from commune_pilots.effects.pairing import (
    agreed,
    contrast_all,
    figure_of,
    floors_all,
    pair_figures,
)
from commune_pilots.errors import ContractError

NAMES = {"00001": "One", "00002": "Two", "00003": "Three"}
TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)


def _all(figures, *, indicators=(), terms=TERMS):
    return contrast_all(figures, NAMES, terms, indicators=list(indicators))


def _counted():
    return observations(
        """
        observation  unit   role    printed  indicator      definition  denominator
        o1           00001  before  2,0      payment_share  d1          50
        o2           00001  after   8,3      payment_share  d1          60
        o3           00002  before  16,8     online_share   d2          95
        o4           00002  after   98,08    online_share   d2          52
        o5           00003  before  18,98    online_share   d2          137
        o6           00003  after   86,41    online_share   d2          103
        """
    )


def _refused(figures, *, rounding="nearest"):
    with pytest.raises(ContractError) as caught:
        agreed(figures, rounding=rounding)
    return caught.value


def test_a_figure_before_meets_the_one_after_of_the_same_unit():
    pairs = pair_figures(_counted())
    assert pairs[["unit", "printed_before", "printed_after"]].values.tolist() == [
        ["00001", "2,0", "8,3"],
        ["00002", "16,8", "98,08"],
        ["00003", "18,98", "86,41"],
    ]


@pytest.mark.parametrize("column", ["unit", "scope", "indicator", "definition"])
def test_figures_that_differ_in_what_they_measure_never_meet(column):
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  after   98,08
        """
    )
    other = {"unit": "00002", "scope": "office", "indicator": "x", "definition": "y"}[column]
    apart = figures.assign(**{column: [figures[column].iloc[0], other]})
    assert pair_figures(apart).empty


def test_levels_and_targets_are_no_end_of_a_pair():
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  level   98,08
        o3           00001  target  80
        """
    )
    assert pair_figures(figures).empty


def test_pairing_leaves_the_figures_as_they_were():
    figures = _counted()
    pair_figures(figures)
    agreed(figures, rounding="nearest")
    floors_all(_all(figures, indicators=["payment_share"]), figures, TERMS)
    assert_frame_equal(figures, _counted())


@pytest.mark.parametrize(
    ("row", "figure"),
    [
        ("98,08 exact - -", Figure(value=Decimal("98.08"), decimals=2)),
        ("2,0 about - -", Figure(value=Decimal("2.0"), decimals=1, qualifier="about")),
        ("chua_co none_yet - -", Figure(value=None, qualifier="none_yet")),
        (
            "16,84 exact 16 95",
            Figure(value=Decimal("16.84"), decimals=2, numerator=16, denominator=95),
        ),
        ("16 exact 32000 -", Figure(value=Decimal(16), numerator=32_000)),
    ],
)
def test_a_row_is_taken_as_it_is_printed(row, figure):
    drawn = observations(
        f"observation unit role printed qualifier numerator denominator\n o 00001 before {row}"
    )
    assert figure_of(drawn.to_dict("records")[0]) == figure


@pytest.mark.parametrize("order", [["98", "98,08"], ["98,08", "98"]])
def test_of_two_sources_that_agree_the_narrower_figure_is_kept(order):
    figures = observations(
        f"""
        observation  unit   role    printed     source
        o1           00001  before  16,8        s1
        o2           00001  after   {order[0]}  s1
        o3           00001  after   {order[1]}  s2
        o4           00001  level   70          s2
        o5           00001  target  80          s2
        """
    )
    found = agreed(figures, rounding="nearest")
    assert_frame_equal(found, figures[figures["printed"] != "98"])


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("98,08 exact - -", "98 about - -", "o2"),
        ("90 over - -", "98,08 exact - -", "o3"),
        ("98,08 exact - -", "98,08 exact 51 52", "o3"),
        ("98,08 exact - -", "98,08 exact - -", "o2"),
        ("98,1 exact - -", "98,08 exact - -", "o3"),
    ],
)
def test_the_narrower_of_two_ways_to_print_one_share_is_kept(first, second, kept):
    figures = observations(
        f"""
        observation  unit   role    printed  qualifier  numerator  denominator
        o1           00001  before  16,8     exact      -          -
        o2           00001  after   {first}
        o3           00001  after   {second}
        """
    )
    assert agreed(figures, rounding="nearest")["observation"].tolist() == ["o1", kept]


def test_two_sources_that_disagree_are_named_with_both_rows():
    figures = observations(
        """
        observation  unit   role    printed  source  file
        o1           00001  before  16,8     s1      one.csv
        o2           00001  after   98,08    s1      one.csv
        o3           00001  after   97       s2      two.csv
        """
    )
    refusal = _refused(figures)
    (failure,) = refusal.failures
    assert (failure.file, failure.row, failure.column) == ("two.csv", 4, "printed")
    assert (failure.value, failure.rule, refusal.exit_code) == ("97", "sources_disagree", 7)
    for language in ("vi", "en"):
        assert "98,08" in refusal.sentence(language)
        assert "'97'" in refusal.sentence(language)
        assert "two.csv" in refusal.sentence(language)


def test_sources_that_agree_with_a_third_must_agree_with_each_other_too():
    figures = observations(
        """
        observation  unit   role    printed  qualifier
        o1           00001  after   60       exact
        o2           00001  after   60       over
        o3           00001  after   60       nearly
        """
    )
    assert _refused(figures).failures[0].rule == "sources_disagree"


def test_every_disagreement_is_listed_not_only_the_first():
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  before  18
        o3           00001  after   98,08
        o4           00001  after   97
        """
    )
    assert [failure.row for failure in _refused(figures).failures] == [3, 5]


def test_sources_may_disagree_under_one_way_of_rounding_and_agree_under_another():
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  after   98,08
        o2           00001  after   98,1
        """
    )
    assert _refused(figures, rounding="truncate").failures[0].rule == "sources_disagree"
    assert agreed(figures, rounding="half_up")["observation"].tolist() == ["o1"]


@pytest.mark.parametrize("column", ["unit", "scope", "indicator", "definition", "role"])
def test_figures_of_two_things_cannot_disagree(column):
    figures = observations(
        """
        observation  unit   role    printed
        o1           00001  before  16,8
        o2           00001  before  98,08
        """
    )
    other = {"unit": "00002", "scope": "office", "role": "after"}.get(column, "other")
    apart = figures.assign(**{column: [figures[column].iloc[0], other]})
    assert_frame_equal(agreed(apart, rounding="nearest"), apart)


@pytest.mark.parametrize("role", ["level", "target", "rank"])
def test_figures_outside_a_pair_are_let_alone(role):
    figures = observations(
        f"""
        observation  unit   role    printed  denominator
        o1           00001  {role}  16,8     7
        o2           00001  {role}  98,08    -
        """
    )
    assert_frame_equal(agreed(figures, rounding="nearest"), figures)


@pytest.mark.parametrize(
    ("cells", "number", "near"),
    [
        ("98,08 - 50", "50", "52"),
        ("98,08 - 60", "60", "52, 104"),
        ("16,8 - 100", "100", "95, 101"),
        ("98,08 50 52", "52", "52"),
        ("50 3 4", "4", "4"),
    ],
)
def test_a_printed_number_that_cannot_print_its_percentage_is_refused(cells, number, near):
    printed = cells.split()[0]
    refusal = _refused(
        observations(
            "observation unit role printed numerator denominator file\n"
            f"o1 00001 after {cells} raw.csv"
        )
    )
    (failure,) = refusal.failures
    assert (failure.file, failure.row, failure.column) == ("raw.csv", 2, "printed")
    assert (failure.rule, failure.value) == ("impossible_number", printed)
    assert refusal.exit_code == 7
    for language, asked in (("vi", "số gần nhất"), ("en", "nearest possible")):
        sentence = refusal.sentence(language)
        assert f"({printed}, n = {number})" in sentence
        assert f": {near};" in sentence[sentence.index(asked) :]


@pytest.mark.parametrize(
    "cells",
    ["98,08 exact - 52", "98,08 exact 51 52", "16 exact 32000 -", "60 over - 3", "60 over 2 3"],
)
def test_a_printed_number_that_can_print_its_percentage_is_accepted(cells):
    figures = observations(
        f"observation unit role printed qualifier numerator denominator\no1 00001 after {cells}"
    )
    assert_frame_equal(agreed(figures, rounding="nearest"), figures)


def test_contrasts_refuse_what_sources_disagree_on():
    figures = pd.concat([_counted(), _counted().assign(printed="9,9", value=9.9)])
    with pytest.raises(ContractError):
        _all(figures.assign(denominator=pd.NA).astype(dict(_counted().dtypes)))


def test_every_pair_is_one_row_sorted_by_indicator_and_the_later_figure():
    found = _all(_counted())
    assert found["contrast"].tolist() == ["c-o3-o4", "c-o5-o6", "c-o1-o2"]
    assert found["unit_name"].tolist() == ["Two", "Three", "One"]
    assert found["after"].tolist() == [98.08, 86.41, 8.3]
    assert found["n_before"].tolist() == [95, 137, 50]


def test_chosen_indicators_leave_the_others_out():
    found = _all(_counted(), indicators=["payment_share"])
    assert found["contrast"].tolist() == ["c-o1-o2"]


def test_without_a_pair_there_is_a_table_without_rows():
    figures = _counted().query("role == 'after'").reset_index(drop=True)
    assert_frame_equal(_all(figures), schemas.empty("contrasts"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- no_number", "98 exact"),
        ("16,8 exact", "- no_number"),
        ("16,8 exact", "chua_co none_yet"),
    ],
)
def test_an_end_without_a_number_makes_no_contrast_and_is_never_0(before, after):
    figures = observations(
        f"""
        observation  unit   role    printed  qualifier
        o1           00001  before  {before}
        o2           00001  after   {after}
        """
    )
    assert_frame_equal(_all(figures), schemas.empty("contrasts"))


def test_the_five_pairs_of_the_press_are_measured(press_tables):
    terms = Terms(rounding="any", least_dossiers=1, alpha=0.05)
    names = unit_names(press_tables["units"])
    found = contrast_all(press_tables["observations"], names, terms, indicators=[])
    columns = ["unit", "change", "change_bound", "denominators", "grade"]
    assert found[columns].values.tolist() == [
        ["28159", 81.3, "exact", "decided", "low"],
        ["28237", 67.43, "exact", "decided", "low"],
        ["27691", 53.53, "at_most", "decisive", "none"],
        ["01837", 10.6, "exact", "decided", "low"],
        ["02017", 6.3, "exact", "decisive", "none"],
    ]
