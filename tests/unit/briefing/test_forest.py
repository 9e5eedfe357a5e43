"""Forests are read as SVG: dots, diamond, dashes and intervals at their ends, numbers beside."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of

from commune_pilots.briefing.figures import Scale
from commune_pilots.briefing.forest import Estimate, forest, ticks_around
from commune_pilots.briefing.svg import PHONE

ALT = "Biểu đồ rừng: Thị trấn A 98,08%; gộp 84–88% (49–98%); mốc 80%."
LONG = "Xã có tên dài đến mức không thể đứng trên cùng một dòng với con số"
BARE = Estimate(name="Thị trấn A", number="98,08%", kind="unit", low=98.08, high=98.08,
                least=98.08, most=98.08)  # fmt: skip
COUNTED = Estimate(name="Phường B", number="64% (58–70%)", kind="unit", low=58, high=70,
                   least=64, most=64)  # fmt: skip
POOL = Estimate(name="gộp các xã", number="84–88% (49–98%)", kind="pooled", low=49, high=98,
                least=84, most=88)  # fmt: skip
NEXT = Estimate(name="xã tiếp theo", number="14–100%", kind="next", low=14, high=100)
ROWS = (BARE, COUNTED, POOL, NEXT)
POINTS = Scale(low=-40, high=80, ticks=[(at, f"{at}".replace("-", "−")) for at in (-40, 0, 40, 80)])


def _forest(rows=ROWS, mark=(80.0, "mốc 80%"), **laid_out):
    return forest(rows, mark=mark, key="fig-next", alt=ALT, **laid_out)


@cache
def _drawn():
    return _forest()


def _words(drawing):
    return [box.text for box in boxes_of(drawing)]


def _box(drawing, word):
    return next(box for box in boxes_of(drawing) if box.text == word)


def _place(drawing, value, ticks=("0%", "100%"), ends=(0, 100)):
    first, last = ((_box(drawing, tick).left + _box(drawing, tick).right) / 2 for tick in ticks)
    return first + (value - ends[0]) / (ends[1] - ends[0]) * (last - first)


def _pieces(drawing, *style):
    found = []
    for d, look in re.findall(r'<path d="([^"]*)" style="([^"]*)"', drawing):
        if all(part in look for part in style):
            for piece in d.split("M")[1:]:
                points = re.findall(r"([\d.-]+) ([\d.-]+)", piece)
                found.append([(float(x), float(y)) for x, y in points])
    return found


def test_a_forest_is_well_formed_and_named_by_its_alternative_text():
    svg = ElementTree.fromstring(_drawn())
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", title.get("id"))
    assert title.text == ALT
    assert paper_of(_drawn())[0] == PHONE


def test_every_row_has_its_name_and_its_number_beside_it():
    edge = {round(_box(_drawn(), row.number).right) for row in ROWS}
    assert len(edge) == 1, "numbers stand flush right"
    for row in ROWS:
        name, number = _box(_drawn(), row.name), _box(_drawn(), row.number)
        assert name.right < number.left
        assert name.top == pytest.approx(number.top)


def test_a_unit_is_a_solid_dot_with_an_interval_only_where_one_is_known():
    dots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', _drawn())]
    assert dots == pytest.approx([_place(_drawn(), at) for at in (98.08, 64)], abs=0.6)
    level = [piece for piece in _pieces(_drawn(), "stroke-width:1.5", "stroke:var(--main)")
             if piece[0][1] == piece[1][1]]  # fmt: skip
    assert [[x for x, _ in piece] for piece in level] == [
        pytest.approx([_place(_drawn(), at) for at in (58, 70)], abs=0.6)
    ]


def test_the_pool_is_a_diamond_from_end_to_end_flat_where_its_number_is_a_range():
    (diamond,) = _pieces(_drawn(), "fill:var(--main)")
    places = sorted({x for x, _ in diamond})
    assert places == pytest.approx([_place(_drawn(), at) for at in (49, 84, 88, 98)], abs=0.6)
    middle = diamond[0][1]
    assert {x for x, y in diamond if y == middle} == {places[0], places[-1]}


def test_a_prediction_is_a_dashed_row_of_its_own_between_its_ends():
    (dashed,) = _pieces(_drawn(), "stroke-dasharray", "stroke:var(--main)")
    assert [x for x, _ in dashed] == pytest.approx(
        [_place(_drawn(), at) for at in (14, 100)], abs=0.6
    )


def test_what_is_not_there_is_not_drawn():
    drawing = _forest([BARE])
    assert _pieces(drawing, "stroke-dasharray") == []
    assert _pieces(drawing, "fill:var(--main)") == []
    assert _pieces(drawing, "stroke-width:1.5", "stroke:var(--main)") == []


def test_points_have_an_axis_of_their_own_and_a_line_at_nothing():
    rows = [dataclasses.replace(COUNTED, low=-30, high=70, least=20, most=20)]
    drawing = _forest(rows, mark=(10.0, "mốc 10 điểm phần trăm"), scale=POINTS)
    assert {"−40", "0", "40", "80"} <= set(_words(drawing))
    (dot,) = re.findall(r'<circle cx="([\d.]+)"', drawing)
    where = {"ticks": ("−40", "80"), "ends": (-40, 80)}
    assert float(dot) == pytest.approx(_place(drawing, 20, **where), abs=0.6)
    zero = [piece for piece in _pieces(drawing, "stroke:var(--line)") if len(piece) == 2]
    assert any(piece[0][0] == pytest.approx(_place(drawing, 0, **where), abs=0.6)
               for piece in zero if piece[0][0] == piece[1][0])  # fmt: skip


@pytest.mark.parametrize("at", [0.0, 50.0, 80.0, 100.0])
def test_no_label_leaves_the_paper_or_lies_on_another(at):
    rows = (*ROWS, dataclasses.replace(POOL, name=LONG))
    drawing = _forest(rows, mark=(at, f"mốc {at:g} điểm phần trăm"))
    assert outside(drawing) == []
    assert overlapping(drawing) == []
    assert min(box.size for box in boxes_of(drawing)) >= 12


def test_the_mark_crosses_neither_name_nor_number():
    pieces = [sorted(piece) for piece in _pieces(_drawn(), "stroke:var(--soft)")]
    assert len(pieces) == len(ROWS)
    for box in boxes_of(_drawn()):
        for (x, top), (_, bottom) in pieces:
            crossed = box.left < x < box.right and box.top < bottom and top < box.bottom
            assert not crossed, box.text


def test_the_same_forest_gives_the_same_bytes_twice():
    assert _forest() == _drawn()


def test_hostile_words_stay_words():
    hostile = "<script>x</script>"
    drawing = _forest([dataclasses.replace(BARE, name=hostile, number="<b>")], mark=(5.0, "&"))
    assert "<script" not in drawing
    assert {hostile, "<b>", "&"} <= set(_words(drawing))


@pytest.mark.parametrize(
    ("ends", "first", "last"),
    [
        ([11.5, 63.5], 0, 80),
        ([-26.2, 60.9], -40, 80),
        ([0.2, 0.4], 0, 1),
        ([-5.0, -1.0], -5, 0),
        ([0.0, 0.0], 0, 1),
        ([-100.0, 100.0], -100, 100),
    ],
)
def test_ticks_are_round_hold_every_end_and_nothing_far_beyond(ends, first, last):
    ticks = ticks_around(ends)
    assert (ticks[0], ticks[-1]) == (first, last)
    assert 0 in ticks
    assert 2 <= len(ticks) <= 7
    assert all(tick == round(tick) for tick in ticks)


def test_what_is_weaker_is_hollow():
    weaker = dataclasses.replace(COUNTED, name="yếu hơn", kind="weaker")
    drawing = _forest(rows=(COUNTED, weaker))
    dots = re.findall(r"<circle [^>]*>", drawing)
    assert ["var(--paper)" in dot or "white" in dot for dot in dots] == [False, True]
    assert len(_pieces(drawing, "stroke-width:2")) == len(
        _pieces(_forest(rows=(COUNTED,) * 2), "stroke-width:2")
    )
