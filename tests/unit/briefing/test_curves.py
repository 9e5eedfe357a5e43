"""Curves are read as SVG: where lines run, where they end, which words stand where."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of
from built import PRESS_RUNS, page_of, parsed

from commune_pilots.briefing.curves import FloorCurve, Rival, floor_figure, tipping_figure
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Đường bậc thang của Xã A: p lớn nhất giảm từ p = 0,94 đến p < 0,001."
LEAST_LETTERS = 13.0
CURVE = FloorCurve(
    floors=[1, 2, 3, 4, 5, 6, 9, 20],
    worst=[0.94, 0.44, 0.21, 0.0996, 0.048, 0.023, 0.003, 1e-9],
    alpha=0.05,
    needed=5,
    ticks=[(1, "1"), (2, "2"), (5, "5"), (10, "10"), (20, "20")],
    p_ticks=[(1.0, "1"), (0.1, "0,1"), (0.01, "0,01"), (0.001, "0,001")],
    alpha_label="p = 0,05",
    needed_label="từ 5 hồ sơ",
    x_label="số hồ sơ tối thiểu của mỗi kỳ",
)
TREND = Rival(text="xu hướng chung: hết ở 50 điểm phần trăm", size=50.0)
ASSISTED = Rival(text="làm hộ: hết ở 75,0% con số sau", size=75.0)
NATIONAL = Rival(text="cả nước từng tăng 25 điểm phần trăm, định nghĩa khác", mark=25.0)


def _floor(**changed):
    return floor_figure(dataclasses.replace(CURVE, **changed), key="fig-floor", alt=ALT)


def _tip(*rivals, change=50.0):
    return tipping_figure(
        change, rivals, x_label="độ lớn (điểm phần trăm, %)", key="fig-tip", alt=ALT
    )


@cache
def _drawn():
    return {"desk": _floor()[0], "phone": _floor()[1], "tip": _tip(TREND, ASSISTED, NATIONAL)}


DRAWN = ("desk", "phone", "tip")


def _words(drawing):
    return [box.text for box in boxes_of(drawing)]


def _centre(drawing, word, *, across=True):
    """Find the middle of a tick's label, across or down."""
    box = next(box for box in boxes_of(drawing) if box.text == word)
    return (box.left + box.right) / 2 if across else (box.top + box.bottom) / 2


def _lines(drawing, *style):
    """List the points of the paths whose style holds these words."""
    found = []
    for attributes in re.findall(r"<path ([^>]*)/>", drawing):
        if all(part in attributes for part in style):
            path = re.search(r'd="([^"]*)"', attributes)[1]
            found.append(
                [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", path)]
            )
    return found


def _staircase(drawing):
    return max(_lines(drawing, "stroke:var(--main)"), key=len)


# Both drawings


@pytest.mark.parametrize("name", DRAWN)
def test_a_curve_is_well_formed_and_named_by_its_alternative_text(name):
    svg = ElementTree.fromstring(_drawn()[name])
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", title.get("id"))
    assert title.text == ALT


@pytest.mark.parametrize("name", DRAWN)
def test_no_label_of_a_curve_leaves_the_paper_or_lies_on_another(name):
    assert outside(_drawn()[name]) == []
    assert overlapping(_drawn()[name]) == []


@pytest.mark.parametrize("name", DRAWN)
def test_the_letters_of_a_curve_are_at_least_thirteen_units_high(name):
    assert min(box.size for box in boxes_of(_drawn()[name])) >= LEAST_LETTERS


def test_the_same_curves_give_the_same_bytes_twice():
    assert (*_floor(), _tip(TREND, ASSISTED, NATIONAL)) == tuple(_drawn()[name] for name in DRAWN)


def test_curves_of_two_keys_share_no_id():
    other = floor_figure(CURVE, key="fig-other", alt=ALT)[0]
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (_drawn()["desk"], other)]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("name", DRAWN)
def test_every_line_of_a_curve_lies_on_its_paper_so_that_nothing_need_be_cut(name):
    width, height = paper_of(_drawn()[name])
    points = [point for line in _lines(_drawn()[name]) for point in line]
    assert points
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


# Floors


def test_a_floor_curve_is_drawn_for_the_desk_and_for_the_phone():
    assert [paper_of(drawing)[0] for drawing in _floor()] == [DESK, PHONE]


@pytest.mark.parametrize("name", ["desk", "phone"])
def test_a_floor_curve_says_its_ticks_its_level_and_the_floor_that_suffices(name):
    ticks = {text for _, text in (*CURVE.ticks, *CURVE.p_ticks)}
    said = {*ticks, CURVE.alpha_label, CURVE.needed_label, CURVE.x_label}
    assert set(_words(_drawn()[name])) == said


@pytest.mark.parametrize("name", ["desk", "phone"])
def test_the_staircase_never_rises_and_stays_on_the_paper(name):
    points = _staircase(_drawn()[name])
    assert len(points) >= len(CURVE.floors)
    assert all(one[1] <= two[1] for one, two in pairwise(points))
    assert all(0 <= x <= paper_of(_drawn()[name])[0] for x, _ in points)
    assert points[-1][1] == pytest.approx(_centre(_drawn()[name], "0,001", across=False), abs=4)


@pytest.mark.parametrize("name", ["desk", "phone"])
def test_the_floor_that_suffices_stands_where_its_tick_stands(name):
    upright = [
        line for line in _lines(_drawn()[name], "stroke:var(--line)")
        if len(line) == 2 and line[0][0] == line[1][0]
    ]  # fmt: skip
    places = [line[0][0] for line in upright]
    assert any(abs(x - _centre(_drawn()[name], "5")) < 0.6 for x in places)


def test_where_no_floor_suffices_none_is_marked():
    for drawing in _floor(needed=None, worst=[0.9] * 8):
        assert CURVE.needed_label not in _words(drawing)
        assert CURVE.alpha_label in _words(drawing)
        assert {y for _, y in _staircase(drawing)} == {_staircase(drawing)[0][1]}


def test_a_p_value_of_nothing_is_drawn_at_the_foot():
    for drawing in _floor(worst=[0.9, 0.5, 0.2, 0.1, 0.0, 0.0, 0.0, 0.0]):
        assert outside(drawing) == []


@pytest.mark.parametrize("needed", [2, 3, 6, 9, 20])
def test_the_floors_label_lies_on_no_tick_wherever_it_stands(needed):
    for drawing in _floor(needed=needed, needed_label=f"từ {needed} hồ sơ"):
        assert overlapping(drawing) == []
        assert outside(drawing) == []


def test_thousands_keep_their_digits():
    label = "từ 1.234 hồ sơ"
    for drawing in _floor(needed_label=label, ticks=[(1, "1"), (20, "2.000")]):
        assert {label, "2.000"} <= set(_words(drawing))


# Tipping points


def test_a_tipping_figure_is_one_drawing_as_wide_as_a_phone():
    assert paper_of(_drawn()["tip"])[0] == PHONE


@pytest.mark.parametrize(("rival", "tick"), [(TREND, "50"), (ASSISTED, "75")])
def test_a_rival_leaves_all_at_no_size_and_nothing_at_its_own(rival, tick):
    drawing = _tip(rival)
    line = next(line for line in _lines(drawing, "stroke:var(--main)") if len(line) == 2)
    (start, top), (end, bottom) = line
    ends = sorted([(start, top), (end, bottom)])
    across = [_centre(drawing, name) for name in ("0", tick)]
    assert [x for x, _ in ends] == pytest.approx(across, abs=0.6)
    assert ends[0][1] < ends[1][1], "more is left at no size than at its own"


def test_what_was_once_observed_is_a_line_across_and_never_subtracted():
    drawing = _tip(TREND, NATIONAL)
    upright = [line for line in _lines(drawing, "stroke:var(--soft)") if line[0][0] == line[-1][0]]
    assert [line[0][0] for line in upright] == pytest.approx([_centre(drawing, "25")], abs=0.6)
    slopes = [line for line in _lines(drawing, "stroke:var(--main)") if len(line) == 2]
    assert len(slopes) == 1, "one line for the rival with a size, none for the mark"


def test_the_legend_says_every_rival_in_full_above_the_plot():
    boxes = boxes_of(_drawn()["tip"])
    top = min(box.top for box in boxes if box.text == "50")
    above = " ".join(box.text for box in boxes if box.bottom < top)
    for rival in (TREND, ASSISTED, NATIONAL):
        assert rival.text in above


def test_long_legends_wrap_and_stay_on_the_paper():
    long = dataclasses.replace(NATIONAL, text="cả nước từng tăng 14,57 điểm phần trăm, " * 4)
    drawing = _tip(TREND, ASSISTED, long)
    assert outside(drawing) == []
    assert overlapping(drawing) == []
    assert paper_of(drawing)[1] > paper_of(_drawn()["tip"])[1]


@pytest.mark.parametrize("change", [0.0, 0.1, 6.3, 10.6, 13.0, 15.0, 53.53, 67.43, 81.3, 100.0])
def test_ticks_of_points_are_whole_numbers_and_hold_no_decimal_point(change):
    drawing = _tip(dataclasses.replace(TREND, size=change), change=change)
    assert all(word.isdigit() for word in _words(drawing) if re.fullmatch(r"[\d.,]+", word))
    assert outside(drawing) == []
    assert overlapping(drawing) == []


# The press pages


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_no_label_of_a_press_figure_leaves_the_paper_or_lies_on_another(run):
    for figure in parsed(run).find_all("figure"):
        for drawing in figure.find_all("svg"):
            assert outside(drawing) == [], figure["id"]
            assert overlapping(drawing) == [], figure["id"]


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_no_letter_of_a_press_figure_is_smaller_than_thirteen_units(run):
    for drawing in parsed(run).find_all("svg"):
        assert min(box.size for box in boxes_of(drawing)) >= LEAST_LETTERS


@pytest.mark.parametrize("run", PRESS_RUNS)
def test_every_press_drawing_is_well_formed(run):
    drawings = re.findall(r"<svg.*?</svg>", page_of(run), re.DOTALL)
    assert len(drawings) == len(parsed(run).find_all("svg"))
    for drawing in drawings:
        named = drawing.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)
        assert ElementTree.fromstring(named).findall(".//text")
