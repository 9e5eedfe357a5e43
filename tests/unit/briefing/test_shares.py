"""Shares by unit are read as SVG: where dots, bars and intervals lie, and whose words are whose."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of

from commune_pilots.briefing.shares import Gap, Level, Pair, dumbbell, gap_bars, level_chart
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Biểu đồ quả tạ, tỷ lệ nộp trực tuyến: Thị trấn A từ 16,8% lên 98,08%."
LONG = "Tỷ lệ được tạo địa chỉ số Vpostcode, các xã, phường, thị trấn thí điểm chung"
A = Pair(name="Thị trấn A", before=16.8, after=98.08, before_label="16,8%", after_label="98,08%")
B = Pair(name="Phường B", before=None, after=53.53, before_label="chưa có", after_label="53,53%")
COUNTED = Pair(
    name="Phường C",
    before=20.7,
    after=63.9,
    before_label="20,7%",
    after_label="63,9%",
    before_interval=(16.2, 26.2),
    after_interval=(57.9, 69.6),
)
FALLS = Pair(name="Xã D", before=61.0, after=52.0, before_label="61%", after_label="52%")
NEAR = Pair(name="Xã E", before=78.0, after=79.0, before_label="78%", after_label="79%")
ABOVE = Pair(name="Xã G", before=86.0, after=100.0, before_label="86%", after_label="100%")
PAIRS = [A, B, COUNTED, FALLS, NEAR, ABOVE]
TARGET = (80.0, "mục tiêu 80%")
LEVELS = [
    Level(name=LONG, value=90.0, label="trên 90%", open_end=True, muted=False),
    Level(name="Bão hòa", value=100.0, label="100%", open_end=False, muted=True),
]
GAPS = [
    Gap(name="Thị trấn A", closed=97.7, label="97,7%"),
    Gap(name="Phường C", closed=54.5, label="54,5%", interval=(46.1, 62.0)),
    Gap(name="Xã E", closed=4.5, label="4,5%", interval=(-3.0, 12.0)),
]
BOTH = ("desk", "phone")


@cache
def _drawn():
    drawn = {
        "pairs": dumbbell(PAIRS, key="fig-a", alt=ALT),
        "aimed": dumbbell(PAIRS, targets=[TARGET, (25.0, "mục tiêu 25%")], key="fig-b", alt=ALT),
        "levels": level_chart(LEVELS, key="fig-c", alt=ALT),
        "gaps": gap_bars(GAPS, key="fig-d", alt=ALT),
    }
    return {f"{name}-{paper}": svg for name, two in drawn.items()
            for paper, svg in zip(BOTH, two, strict=True)}  # fmt: skip


DRAWN = [f"{name}-{paper}" for name in ("pairs", "aimed", "levels", "gaps") for paper in BOTH]


def _words(drawing):
    return [box.text for box in boxes_of(drawing)]


def _box(drawing, word):
    return next(box for box in boxes_of(drawing) if box.text == word)


def _place(drawing, share):
    """Find a share on the axis of a drawing."""
    zero, all_ = ((_box(drawing, tick).left + _box(drawing, tick).right) / 2
                  for tick in ("0%", "100%"))  # fmt: skip
    return zero + share / 100 * (all_ - zero)


def _dots(drawing, fill):
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" style="([^"]*)"', drawing)
    return [(float(x), float(y)) for x, y, look in found if f"fill:var(--{fill})" in look]


def _lines(drawing, *style):
    """List the pieces (lists of points) of the paths whose style holds these words."""
    found = []
    for d, look in re.findall(r'<path d="([^"]*)" style="([^"]*)"', drawing):
        if all(part in look for part in style):
            for piece in d.split("M")[1:]:
                points = re.findall(r"([\d.-]+) ([\d.-]+)", piece)
                found.append([(float(x), float(y)) for x, y in points])
    return found


def _brackets(drawing):
    """List left end, right end and height of the intervals."""
    pieces = _lines(drawing, "stroke:var(--main)", "stroke-width:1.5")
    return [(a[0], b[0], a[1]) for a, b in pieces if a[1] == b[1]]


# Every drawing


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_well_formed_and_named_by_its_alternative_text(name):
    svg = ElementTree.fromstring(_drawn()[name])
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", title.get("id"))
    assert title.text == ALT


@pytest.mark.parametrize("name", DRAWN)
def test_no_label_leaves_the_paper_or_lies_on_another(name):
    assert outside(_drawn()[name]) == []
    assert overlapping(_drawn()[name]) == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_as_wide_as_its_paper(name):
    assert paper_of(_drawn()[name])[0] == (DESK if name.endswith("desk") else PHONE)


@pytest.mark.parametrize("name", DRAWN)
def test_the_axis_of_a_share_runs_from_0_to_100(name):
    assert {"0%", "25%", "50%", "75%", "100%"} <= set(_words(_drawn()[name]))


def test_the_same_drawings_give_the_same_bytes_twice():
    again = (
        *dumbbell(PAIRS, key="fig-a", alt=ALT),
        *level_chart(LEVELS, key="fig-c", alt=ALT),
        *gap_bars(GAPS, key="fig-d", alt=ALT),
    )
    assert again == tuple(svg for name, svg in _drawn().items() if "aimed" not in name)


def test_hostile_words_stay_words():
    hostile = dataclasses.replace(A, name="<script>x</script>", before_label="<b>", after_label="&")
    for drawing in dumbbell([hostile], targets=[(5.0, "<i>")], key="k", alt=ALT):
        assert "<script" not in drawing
        assert {"<script>x</script>", "<b>", "&", "<i>"} <= set(_words(drawing))


# Before and after


@pytest.mark.parametrize("paper", BOTH)
def test_before_is_hollow_after_is_solid_each_at_its_place(paper):
    drawing = _drawn()[f"pairs-{paper}"]
    hollow = [x for x, _ in _dots(drawing, "paper")]
    solid = [x for x, _ in _dots(drawing, "main")]
    known = [pair.before for pair in PAIRS if pair.before is not None]
    assert hollow == pytest.approx([_place(drawing, value) for value in known], abs=0.6)
    assert solid == pytest.approx([_place(drawing, pair.after) for pair in PAIRS], abs=0.6)


@pytest.mark.parametrize("paper", BOTH)
def test_after_none_yet_the_way_is_dashed_from_nothing(paper):
    drawing = _drawn()[f"pairs-{paper}"]
    (dashed,) = _lines(drawing, "stroke-dasharray", "stroke:var(--pale)")
    assert [x for x, _ in dashed] == pytest.approx(
        [_place(drawing, 0), _place(drawing, B.after)], abs=0.6
    )


@pytest.mark.parametrize("paper", BOTH)
def test_an_interval_is_drawn_where_there_is_one_and_nowhere_else(paper):
    drawing = _drawn()[f"pairs-{paper}"]
    ends = [(left, right) for left, right, _ in _brackets(drawing)]
    for found, known in zip(ends, (COUNTED.before_interval, COUNTED.after_interval), strict=True):
        assert found == pytest.approx([_place(drawing, end) for end in known], abs=0.6)
    bare = dumbbell([A, B], key="k", alt=ALT)
    assert [_brackets(drawing) for drawing in bare] == [[], []]


@pytest.mark.parametrize("paper", BOTH)
def test_values_stand_outside_their_pair_whichever_way_it_goes(paper):
    drawing = _drawn()[f"pairs-{paper}"]
    assert _box(drawing, "16,8%").right < _place(drawing, 16.8)
    assert _box(drawing, "98,08%").left > _place(drawing, 98.08)
    assert _box(drawing, "52%").right < _place(drawing, 52)
    assert _box(drawing, "61%").left > _place(drawing, 61)


@pytest.mark.parametrize("paper", BOTH)
def test_a_value_does_not_lie_on_its_interval(paper):
    drawing = _drawn()[f"pairs-{paper}"]
    assert _box(drawing, "20,7%").right < _place(drawing, COUNTED.before_interval[0])
    assert _box(drawing, "63,9%").left > _place(drawing, COUNTED.after_interval[1])


@pytest.mark.parametrize("paper", BOTH)
def test_a_target_is_a_labelled_line_and_no_value_stands_on_it(paper):
    drawing = _drawn()[f"aimed-{paper}"]
    assert {"mục tiêu 80%", "mục tiêu 25%"} <= set(_words(drawing))
    lines = _lines(drawing, "stroke:var(--soft)")
    places = sorted({a[0] for a, _ in lines})
    assert places == pytest.approx([_place(drawing, 25), _place(drawing, 80)], abs=0.6)
    assert len(lines) == 2 * len(PAIRS)
    values = {label for pair in PAIRS for label in (pair.before_label, pair.after_label)}
    for box in boxes_of(drawing):
        if box.text in values:
            for (x, top), (_, bottom) in map(sorted, lines):
                across = box.left < x < box.right
                assert not (across and box.top < bottom and top < box.bottom), box.text


def test_without_a_target_there_is_no_line_and_no_room_for_its_name():
    plain, aimed = (paper_of(_drawn()[f"{name}-desk"])[1] for name in ("pairs", "aimed"))
    assert plain < aimed
    assert _lines(_drawn()["pairs-desk"], "stroke:var(--soft)") == []


# Standing alone


@pytest.mark.parametrize("paper", BOTH)
def test_a_bound_ends_in_an_arrow_and_a_figure_in_an_edge(paper):
    drawing = _drawn()[f"levels-{paper}"]
    (arrow,) = _lines(drawing, "fill:var(--main)")
    (edge,) = _lines(drawing, "fill:var(--line)")
    tip = max(x for x, _ in arrow)
    assert tip > _place(drawing, 90) + 2
    assert sum(abs(x - tip) < 0.1 for x, _ in arrow) == 1
    assert max(x for x, _ in edge) == pytest.approx(_place(drawing, 100), abs=0.6)


def test_long_names_wrap_on_the_phone_and_not_on_the_desk():
    desk, phone = (_words(_drawn()[f"levels-{paper}"]) for paper in BOTH)
    assert LONG in desk
    assert LONG not in phone


# The distance to 100


@pytest.mark.parametrize("paper", BOTH)
def test_what_was_closed_is_dark_on_a_pale_whole(paper):
    drawing = _drawn()[f"gaps-{paper}"]
    whole, dark = (_lines(drawing, f"fill:var(--{name})") for name in ("pale", "main"))
    assert len(whole) == len(dark) == len(GAPS)
    for bar, gap in zip(dark, GAPS, strict=True):
        assert max(x for x, _ in bar) == pytest.approx(_place(drawing, gap.closed), abs=0.6)
    for bar in whole:
        assert max(x for x, _ in bar) == pytest.approx(_place(drawing, 100), abs=0.6)
        assert min(x for x, _ in bar) == pytest.approx(_place(drawing, 0), abs=0.6)


@pytest.mark.parametrize("paper", BOTH)
def test_the_number_of_a_gap_stands_behind_the_whole(paper):
    drawing = _drawn()[f"gaps-{paper}"]
    for gap in GAPS:
        assert _box(drawing, gap.label).left > _place(drawing, 100)


@pytest.mark.parametrize("paper", BOTH)
def test_an_interval_of_a_gap_lies_under_its_bar_and_starts_at_nothing(paper):
    drawing = _drawn()[f"gaps-{paper}"]
    brackets = _brackets(drawing)
    assert [found[:2] for found in brackets] == [
        pytest.approx([_place(drawing, end) for end in ends], abs=0.6)
        for ends in ((46.1, 62.0), (0.0, 12.0))
    ]
    bars = _lines(drawing, "fill:var(--main)")[1:]
    for (_, _, y), bar in zip(brackets, bars, strict=True):
        assert y > max(height for _, height in bar)
