"""An event study is read as SVG: where months and limits lie, what stands beside the start."""

from __future__ import annotations

import re
from math import nan
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of

from commune_pilots.briefing.event_study import EventStudy, Month, event_study, months_between
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Biểu đồ theo tháng kể từ khi bắt đầu: 6 tháng trước quanh 0; tháng 5: 9,0 (7,5–10,5)."


def _study(first=-6, last=5, *, low=-1.5, high=1.5):
    values = {at: (9.0 if at >= 0 else 0.0) for at in range(first, last + 1)}
    return EventStudy(
        months=[
            Month(at=at, estimate=value, low=value + low, high=value + high)
            for at, value in values.items()
        ],
        ticks=[(at, str(at)) for at in (-5, 0, 5, 10, 15)],
        month_ticks=[(at, f"t{at}") for at in months_between(first, last)],
        start_label="từ khi bắt đầu",
        before_label="trước khi bắt đầu",
        axis_label="tháng kể từ khi bắt đầu",
    )


def _drawn(**told):
    return event_study(_study(**told), key="fig-event", alt=ALT)


def _strokes(drawing, *look):
    found = []
    for d, style in re.findall(r'<path d="([^"]*)" style="([^"]*)"', drawing):
        if all(part in style for part in look):
            found += [
                [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", piece)]
                for piece in d.split("M")[1:]
            ]
    return found


def _middle(drawing, words, across=True):
    box = next(box for box in boxes_of(drawing) if box.text == words)
    return (box.left + box.right) / 2 if across else (box.top + box.bottom) / 2


def test_it_is_drawn_for_the_desk_and_for_the_phone():
    for drawing, width in zip(_drawn(), (DESK, PHONE), strict=True):
        assert paper_of(drawing)[0] == width
        assert ElementTree.fromstring(str(drawing)).tag.endswith("svg")


@pytest.mark.parametrize(
    ("first", "last"), [(-6, 5), (-24, 12), (-36, 24), (-1, 1), (-1, 30), (-30, 0)]
)
def test_no_label_leaves_the_paper_or_lies_on_another(first, last):
    for drawing in _drawn(first=first, last=last):
        assert outside(drawing) == []
        assert overlapping(drawing) == []


def test_every_month_has_its_limits_at_its_place():
    desk = _drawn()[0]
    limits = _strokes(desk, "stroke-width:1.6")
    assert len(limits) == 12
    zero, ten = (_middle(desk, word, across=False) for word in ("0", "10"))
    point = (ten - zero) / 10
    (x, low), (_, high) = limits[6]
    assert x == pytest.approx(_middle(desk, "t0"), abs=0.6)
    assert low - high == pytest.approx(-3 * point, abs=0.6)
    assert (low + high) / 2 == pytest.approx(zero + 9 * point, abs=2.0)


def test_dots_before_the_start_are_hollow():
    desk = _drawn()[0]
    assert len(_strokes(desk, "stroke-width:7", "var(--main)")) == 12
    hollow = _strokes(desk, "stroke-width:3.6", "var(--paper)")
    assert len(hollow) == 6
    (start,) = _strokes(desk, "stroke-width:1.8")
    assert all(dot[0][0] < start[0][0] for dot in hollow)


def test_the_start_lies_between_the_month_before_and_month_0_with_words_on_both_sides():
    desk = _drawn()[0]
    (start,) = _strokes(desk, "stroke-width:1.8")
    dots = [dot[0][0] for dot in _strokes(desk, "stroke-width:7", "var(--main)")]
    assert start[0][0] == pytest.approx((dots[5] + dots[6]) / 2, abs=0.6)
    before, since = (
        next(box for box in boxes_of(desk) if box.text.strip() == words)
        for words in ("trước khi bắt đầu", "từ khi bắt đầu")
    )
    assert before.right <= start[0][0] + 0.5 <= since.left + 1


def test_words_that_have_no_room_beside_the_start_are_left_out():
    _, phone = _drawn(first=-1, last=30)
    words = [box.text.strip() for box in boxes_of(phone)]
    assert "trước khi bắt đầu" not in words
    assert "từ khi bắt đầu" in words


def test_a_month_without_limits_is_a_dot_alone():
    desk = _drawn(low=nan, high=nan)[0]
    assert _strokes(desk, "stroke-width:1.6") == []
    assert len(_strokes(desk, "stroke-width:7", "var(--main)")) == 12


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (-1, 1, [-1, 0, 1]),
        (-6, 5, [-6, -4, -2, 0, 2, 4]),
        (-24, 12, [-24, -18, -12, -6, 0, 6, 12]),
        (-60, 60, [-48, -24, 0, 24, 48]),
    ],
)
def test_ticks_are_round_months_with_month_0_among_them(first, last, ticks):
    assert months_between(first, last) == ticks
