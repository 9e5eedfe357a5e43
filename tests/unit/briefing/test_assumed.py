from __future__ import annotations

import re

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, findings_of, table_rows, text_of
from effected import primary

from commune_pilots import assumptions, schemas
from commune_pilots.assumptions import quantities, red, resting
from commune_pilots.briefing.assumed import (
    assumptions_table,
    marks,
    marks_of,
    quantities_shown,
    titled_once,
)
from commune_pilots.briefing.export import check_page
from commune_pilots.briefing.findings import Findings
from commune_pilots.briefing.style import page_style
from commune_pilots.briefing.wording import Writer
from commune_pilots.catalogue import LANGUAGES

VI, EN = Writer("vi", "none"), Writer("en", "none")
OF_STAGES = ("power", "detectable", "support", "distance", "gain", "expected_share")
BESIDE = ("pooled", "projections", "stages", "outlook", "economics", "stress", "series", "effects")
SERIES = {
    "unit": "00001", "unit_name": "One", "indicator": "i", "definition": "d",
    "outcome": "projected", "season": False, "period_start": pd.Timestamp(2022, 1, 1),
    "phase": "after",
}  # fmt: skip
CANDIDATE = {"candidate": "00001", "name": "One", "support": "inside"}
STAGE = {"stage": 1, "first_month": 1, "candidates": 1, "started": 1, "inside": 1, "seed": 1}
COST = {"quantity": "cost_per_dossier", "outcome": "computed", "measured_in": "dong"}
STRESSED = {
    "assumption": "A3", "setting": "common_trend", "units_counted": 0, "units_piloted": 3,
    "option": "extend", "grade": "low", "changes": False,
}  # fmt: skip
POOLED = {
    "quantity": "change", "indicator": "i", "definition": "d", "method": "reml", "pilots": 3,
    "outcome": "pooled", "threshold": 10.0, "grade": "none",
}  # fmt: skip
MONTH = {"month": 0, "started": 0} | dict.fromkeys(
    ["low_95", "low_80", "low_50", "expected", "high_50", "high_80", "high_95"], 40.0
)


def _results(*numbers):
    """Table results of quantities with value, low and high; None for not known."""
    rows = [
        {
            "run": "r",
            "data": "press",
            "quantity": quantity,
            "subject": f"s{place}",
            "value": value,
            "low": low,
            "high": high,
            "measured_in": "points",
            "assumptions": ";".join(resting(quantity)),
            "observations": "o1",
        }
        for place, (quantity, value, low, high) in enumerate(numbers)
    ]
    return schemas.build(rows, "results")


def _findings(*numbers, option="stages", **tables):
    """Findings without settings: what a page rests on is told by its tables alone."""
    beside = {name: schemas.build(tables.get(name, []), name) for name in BESIDE}
    beside["verdicts"] = pd.DataFrame({"option": [option]})
    return Findings(None, {"results": _results(*numbers), **beside}, {})


def _known(*names, **tables):
    return _findings(*((name, 1.0, None, None) for name in names), **tables)


def _links(quantity, write=VI):
    return BeautifulSoup(marks(write, quantity), "html.parser").find_all("a")


def _table(findings, write=VI):
    return BeautifulSoup(assumptions_table(findings, write), "html.parser")


def _rows(findings, write=VI):
    return {row[0]: row[1:] for row in table_rows(_table(findings, write).table)}


# Marks


@pytest.mark.parametrize("quantity", quantities())
def test_a_number_shows_the_red_assumptions_it_rests_on_and_no_other(quantity):
    assert [link.text for link in _links(quantity)] == list(red(resting(quantity)))


def test_a_mark_is_a_small_link_to_the_row_of_its_assumption():
    (link,) = _links("worst_p")
    assert (link["href"], link["class"], link.text) == ("#as-A2", ["red"], "A2")


@pytest.mark.parametrize(
    ("write", "told"),
    [(VI, "giả định mức đỏ: hồ sơ độc lập"), (EN, "red assumption: independent dossiers")],
    ids=LANGUAGES,
)
def test_a_mark_says_in_words_that_it_is_red_and_of_what(write, told):
    (link,) = _links("worst_p", write)
    assert link["title"] == told


def test_the_first_mark_stays_with_its_number_and_the_others_may_break():
    shown = BeautifulSoup(f"81,3{marks(VI, 'change_worst_case')}", "html.parser").get_text()
    assert shown == "81,3\u00a0A2 A4"


def test_a_number_without_a_red_assumption_has_no_mark():
    assert marks(VI, "level") == ""
    assert marks(VI, "distance") == ""


def test_a_number_that_the_register_does_not_know_is_refused():
    with pytest.raises(KeyError, match="no assumption is listed for 'guess'"):
        marks(VI, "guess")


def test_a_mark_is_told_by_more_than_its_colour():
    (rule,) = re.findall(r"a\.red\{([^}]*border[^}]*)\}", page_style())
    assert "border:1px solid" in rule
    assert "font-weight:700" in rule
    assert int(re.search(r"font-size:(\d+)px", rule)[1]) >= 12
    assert re.search(r"(?:^|;)color:var\(--warn\)", rule)


def test_a_mark_is_printed_too():
    paper = page_style().split("@media print{")[1]
    assert "a.red{" in paper
    assert "display:none" not in paper.split("a.red{")[1].split("}")[0]


def _palettes():
    blocks = re.findall(r":root\{([^}]*)\}", page_style())[:2]
    return [dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", block)) for block in blocks]


def _luminance(colour):
    digits = colour.lstrip("#")
    full = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "wash", "pale"])
def test_a_mark_can_be_read_on_every_ground_of_the_page(palette, ground):
    """Pale is the ground of a row that a link led to."""
    darker, lighter = sorted(_luminance(palette[name]) for name in ("warn", ground))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.8


# What a page rests on


def test_a_number_that_is_not_known_is_no_number_of_the_page():
    found = _findings(
        ("change", None, None, None), ("worst_p", None, 0.01, None), ("level", 91.0, None, None)
    )
    assert quantities_shown(found) == ("worst_p", "level")


def test_a_quantity_of_many_numbers_is_named_once():
    assert quantities_shown(_known("level", "change", "level")) == ("level", "change")


@pytest.mark.parametrize(
    ("table", "row", "named"),
    [
        ("projections", CANDIDATE, ("support",)),
        ("projections", {**CANDIDATE, "gain_high": 12.0}, ("support", "gain")),
        ("projections", {**CANDIDATE, "distance": 0.5}, ("support", "distance")),
        ("stages", STAGE, ()),
        ("stages", {**STAGE, "power": 0.8}, ("power",)),
        ("stages", {**STAGE, "detectable": 9.0}, ("detectable",)),
        ("outlook", MONTH, ("expected_share",)),
        ("series", SERIES, ()),
        ("series", {**SERIES, "side": "inside"}, ("months_outside",)),
        ("pooled", POOLED, ("pooled_change", "chance_change")),
        ("pooled", {**POOLED, "outcome": "too_few"}, ()),
        ("economics", COST, ("cost_per_dossier",)),
        ("economics", {**COST, "outcome": "unknown"}, ()),
        ("economics", {**COST, "outcome": "not_bounded"}, ()),
    ],
)
def test_numbers_of_other_tables_count_where_they_are_known(table, row, named):
    assert quantities_shown(_known("level", **{table: [row]})) == ("level", *named)
    assert quantities_shown(_known(**{table: [row]})) == named


@pytest.mark.parametrize("option", ["scale", "extend", "prepare", "stop"])
def test_numbers_of_stages_are_none_of_a_page_that_advises_no_stages(option):
    """Such a page shows neither candidates nor a draw, though the tables hold them."""
    tables = {
        "projections": [{**CANDIDATE, "gain_high": 12.0, "distance": 0.5}],
        "stages": [{**STAGE, "power": 0.8, "detectable": 9.0}],
        "outlook": [MONTH],
    }
    shown = _known("level", "power", **tables)
    assert set(quantities_shown(shown)) == {"level", *OF_STAGES}
    hidden = _findings(
        ("level", 1.0, None, None), ("power", 1.0, None, None), option=option, **tables
    )
    assert quantities_shown(hidden) == ("level",)
    assert list(_rows(hidden)) == ["A1", "A7", "A8"]


def test_a_number_of_the_results_and_of_its_own_table_is_named_once():
    found = _known("power", "cost_per_dossier", stages=[{**STAGE, "power": 0.8}], economics=[COST])
    assert quantities_shown(found) == ("power", "cost_per_dossier")


def test_the_table_lists_what_numbers_of_the_page_rest_on_and_nothing_else():
    assert list(_rows(_known("level"))) == ["A1", "A7", "A8"]
    assert list(_rows(_known("power", "worst_p"))) == ["A1", "A2", "A7", "A10"]


def test_a_row_says_what_is_assumed_how_doubtful_it_is_and_which_numbers_rest_on_it():
    rows = _rows(_known("change", "worst_p", "level"))
    assert rows["A2"] == [
        "Các hồ sơ độc lập với nhau và có cùng một xác suất không đổi trong mỗi kỳ.",
        "đỏ",
        "giá trị p lớn nhất",
    ]
    assert rows["A8"][1:] == ["vàng", "thay đổi; mức tại một thời điểm"]


def test_an_assumption_that_the_option_was_tested_by_is_listed_as_one_it_rests_on():
    rows = _rows(_known("worst_p", stress=[STRESSED]))
    assert list(rows) == ["A1", "A2", "A3", "A7"]
    assert rows["A3"][1:] == ["đỏ", "phương án (thử ở bảng B6)"]
    assert list(_rows(_findings(stress=[STRESSED]))) == ["A3"]


def test_the_table_is_written_in_the_writers_language():
    page = _table(_known("worst_p"), EN)
    assert text_of(page.caption) == "Assumptions that numbers of this page rest on"
    assert _rows(_known("worst_p"), EN)["A2"][1:] == ["red", "largest p-value"]


def test_a_rating_is_a_word_and_red_stands_out_by_weight():
    page = _table(_known("worst_p"))
    assert [strong.text for strong in page.tbody.find_all("strong")] == ["đỏ"]


@pytest.mark.parametrize("rating", ["green", "amber", "red"])
@pytest.mark.parametrize("write", [VI, EN], ids=LANGUAGES)
def test_the_note_above_the_table_says_what_each_rating_means(write, rating):
    note = text_of(_table(_known("level"), write).p).lower()
    assert f"{write.term('rating', rating)}: " in note


def test_every_mark_leads_to_a_row_of_the_table():
    found = _known(*quantities())
    anchors = {row["id"] for row in _table(found).tbody.find_all("tr")}
    assert {link["href"] for name in quantities() for link in _links(name)} <= {
        f"#{anchor}" for anchor in anchors
    }
    assert len(anchors) == sum(1 for one in assumptions.load().values() if one.quantities)


@pytest.mark.parametrize("write", [VI, EN], ids=LANGUAGES)
def test_a_page_of_marks_and_table_keeps_the_rules_of_a_page(write):
    found = _known(*quantities())
    shown = "".join(f"<p>1{marks(write, name)}</p>" for name in quantities())
    body = f"<h1>1</h1>{shown}{assumptions_table(found, write)}"
    page = f'<html lang="{write.language}"><body>{body}</body></html>'
    check_page(page, page="x", grade="none")


def test_a_page_without_a_number_has_no_table():
    assert assumptions_table(_findings(("change", None, None, None)), VI) == ""
    assert assumptions_table(_findings(), VI) == ""


def test_the_caption_of_simulated_data_says_so():
    page = _table(_known("level"), Writer("vi", "none", simulated=True))
    assert "DỮ LIỆU MÔ PHỎNG" in page.caption.text


def test_the_tables_of_the_findings_are_not_changed():
    found = _known("change", projections=[{**CANDIDATE, "gain_low": 1.0}], economics=[COST])
    before = {name: frame.copy(deep=True) for name, frame in found.tables.items()}
    assumptions_table(found, VI)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(found[name], frame)


@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_a_run_rests_on_exactly_what_its_results_carry(run):
    found = findings_of(run)
    results = found["results"]
    known = results[results[["value", "low", "high"]].notna().any(axis=1)]
    if found.verdict["option"] != "stages":
        known = known[~known["quantity"].isin(OF_STAGES)]
    carried = {one for joined in known["assumptions"] for one in joined.split(";")}
    beside = set(quantities_shown(found)) - set(known["quantity"])
    tested = set(found["stress"]["assumption"])
    compared = {one for joined in found["effects"]["assumptions"] for one in joined.split(";")}
    others = {one for name in beside for one in resting(name)}
    assert set(_rows(found)) == carried | tested | compared | others


def test_a_page_tells_the_title_of_each_mark_once_and_keeps_every_link():
    page = f"<p>1{marks(VI, 'change')} 2{marks(VI, 'change')} 3{marks(VI, 'months_outside')}</p>"
    once = titled_once(page)
    told = set(re.findall(r'href="([^"]*)" title=', page))
    assert len(re.findall(r" title=", once)) == len(told) < page.count(" title=")
    assert re.findall(r'href="[^"]*"', once) == re.findall(r'href="[^"]*"', page)
    assert re.sub(r"<[^>]*>", "", once) == re.sub(r"<[^>]*>", "", page)
    assert titled_once(once) == once


def test_marks_of_ids_are_those_that_are_red():
    links = BeautifulSoup(marks_of(VI, ["A3", "A15", "A4"]), "html.parser").find_all("a")
    assert [link["href"] for link in links] == ["#as-A3", "#as-A4"]
    assert marks_of(VI, ["A15"]) == ""


def test_an_assumption_of_a_design_that_compares_says_what_rests_on_it():
    rows = _rows(_findings(effects=[primary(assumptions="A3;A15")]))
    assert set(rows) == {"A3", "A15"}
    assert "kết quả của các thiết kế so sánh" in str(rows["A3"])
