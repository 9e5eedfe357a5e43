"""Small counts of people or dossiers are found, unless a public source has printed them."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from built import LAYOUT

from commune_pilots.clean.printed import Printed
from commune_pilots.clean.small_counts import LEAST_COUNT, OF_THINGS, small_counts
from commune_pilots.params import load_indicators
from commune_pilots.sources import raw

INDICATORS = {
    "online_share": SimpleNamespace(unit="percent"),
    "platform_users": SimpleNamespace(unit="count"),
    "ioc_modules": SimpleNamespace(unit="count"),
    "dti_rank": SimpleNamespace(unit="rank"),
}


def _tables(*rows, kind="dossier_log"):
    columns = {"source": "s", "indicator": "online_share", "value": None, "numerator": None,
               "denominator": None}  # fmt: skip
    observations = pd.DataFrame([{**columns, **row} for row in rows])
    counts = {"numerator": "Int64", "denominator": "Int64", "value": "float64"}
    sources = pd.DataFrame({"source": ["s"], "kind": [kind]})
    return {"sources": sources, "observations": observations.astype(counts)}


def _found(*rows, kind="dossier_log", texts=None, **settings):
    return small_counts(_tables(*rows, kind=kind), texts or {}, INDICATORS, **settings)


@pytest.mark.parametrize("count", [1, 7])
def test_a_count_from_one_to_seven_is_small(count):
    found = _found({"numerator": count, "denominator": 400})
    assert found.places == ("observations, numerator, row 1",)


@pytest.mark.parametrize("count", [0, 8, 200])
def test_zero_and_eight_are_not(count):
    assert _found({"numerator": count, "denominator": 400}).places == ()


def test_the_threshold_is_a_setting_and_eight_where_none_is_given():
    assert LEAST_COUNT == 8
    assert _found({"numerator": 9, "denominator": 400}, least=10).places != ()


def test_what_is_left_of_a_whole_is_a_count_as_well():
    found = _found({"numerator": 397, "denominator": 400})
    assert found.places == ("observations, rest, row 1",)


def test_a_share_of_a_known_number_gives_the_count_away():
    found = _found({"value": 0.5, "denominator": 400})
    assert found.places == ("observations, numerator, row 1",)


def test_a_share_alone_or_a_rank_gives_no_count():
    found = _found({"value": 0.5}, {"indicator": "dti_rank", "value": 3.0})
    assert found.places == ()


def test_persons_are_counted_and_things_are_not():
    rows = [{"indicator": name, "value": 3.0} for name in ("platform_users", "ioc_modules")]
    assert _found(*rows).places == ("observations, value, row 1",)


@pytest.mark.parametrize("kind", ["press", "official_portal", "public_context"])
def test_what_a_public_source_has_printed_is_told_and_not_refused(kind):
    found = _found({"numerator": 3, "denominator": 5}, kind=kind)
    assert (found.places, found.printed, found.own) == ((), 3, False)


@pytest.mark.parametrize("kind", ["project_notes", "simulated", "not_known_yet"])
def test_every_other_kind_of_source_is_not_public(kind):
    assert _found({"numerator": 3, "denominator": 50}, kind=kind).places != ()


def test_without_a_table_of_sources_nothing_is_taken_for_public():
    tables = _tables({"numerator": 3, "denominator": 50}, kind="press")
    del tables["sources"]
    assert small_counts(tables, {}, INDICATORS).places != ()


def test_candidates_are_looked_at_too():
    tables = _tables({"value": 98.0}, kind="forms")
    tables["candidates"] = pd.DataFrame({"source": ["s"], "population": [9000], "dossiers": [6]})
    found = small_counts(tables, {}, INDICATORS)
    assert found.places == ("candidates, dossiers, row 1",)
    assert found.looked == 2


def _monthly(kind="dossier_log"):
    """Give a run whose own counts are by month: they stay on the machine, small or not."""
    tables = _tables({"indicator": "dti_rank"}, kind=kind)
    tables["panel"] = pd.DataFrame(
        {"source": ["s"], "indicator": ["online_share"], "numerator": [2], "denominator": [90]}
    )
    return tables


def test_counts_by_month_are_looked_for_where_they_would_be_printed():
    shown = {"briefing.html": [Printed("table 1, row 2", 2), Printed("table 1, row 2", 90)]}
    found = small_counts(_monthly(), {}, INDICATORS)
    assert (found.places, found.own) == ((), True)
    found = small_counts(_monthly(), {}, INDICATORS, shown=shown)
    assert found.places == ("briefing.html, table 1, row 2",)
    assert found.looked == 2


def test_words_beside_counts_by_month_are_searched_as_well():
    found = small_counts(_monthly(), {"briefing.html": "có 2 hồ sơ"}, INDICATORS)
    assert found.places == ("briefing.html (1)",)


def test_a_printed_count_of_a_public_source_is_no_disclosure():
    shown = {"01.html": [Printed("table 1, row 1", 2, "s"), Printed("table 1, row 2", 3, "other")]}
    assert small_counts(_monthly("press"), {}, INDICATORS, shown=shown).places == ()
    tables = _monthly("press")
    tables["panel"] = tables["panel"].assign(source="log")
    found = small_counts(tables, {}, INDICATORS, shown=shown)
    assert found.places == ("01.html, table 1, row 2",)


@pytest.mark.parametrize("words", ["còn 3 hồ sơ quá hạn", "7 người", "only 2 households"])
def test_words_of_a_page_are_searched_where_a_source_is_not_public(words):
    row = {"numerator": 90, "denominator": 400}
    assert _found(row, texts={"briefing.html": words}).places == ("briefing.html (1)",)
    assert _found(row, texts={"briefing.html": words}, kind="press").places == ()


@pytest.mark.parametrize("words", ["13 hồ sơ", "1,7 người", "2-3 hộ", "8 people", "0 hồ sơ"])
def test_other_numbers_of_a_page_are_left_alone(words):
    row = {"numerator": 90, "denominator": 400}
    assert _found(row, texts={"briefing.html": words}).places == ()


def test_tables_are_not_changed():
    tables = _tables({"value": 0.5, "denominator": 400})
    before = {name: table.copy() for name, table in tables.items()}
    small_counts(tables, {}, INDICATORS)
    assert all(tables[name].equals(before[name]) for name in tables)


def test_every_indicator_in_counts_of_things_exists_and_counts():
    indicators = load_indicators(LAYOUT.params / "indicators.yml")
    assert sorted(name for name in OF_THINGS if indicators[name].unit != "count") == []


def test_the_press_tables_have_no_count_of_their_own():
    indicators = load_indicators(LAYOUT.params / "indicators.yml")
    found = small_counts(raw.read_raw(LAYOUT, data="press", seed=0), {}, indicators)
    assert (found.own, found.places) == (False, ())
    assert found.looked > 10


def test_simulated_counts_are_looked_at_as_anybodys():
    indicators = load_indicators(LAYOUT.params / "indicators.yml")
    tables = raw.read_raw(LAYOUT, data="simulated", seed=20230601)
    found = small_counts(tables, {}, indicators, least=10**6)
    assert found.own
    assert "observations, numerator, row 7" in found.places
