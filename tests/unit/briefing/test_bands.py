"""Drawings of what may come are read as SVG: where marks and words stand, what is hollow."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of

from commune_pilots.briefing.bands import Fan, Pushed, fan_chart, stress_chart
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Biểu đồ khoảng: Thị trấn A 98,08%; giả định hẹp: 25%–75%; mốc 80%."
LEAST_LETTERS = 12.0
LONG = "Xã chưa có số liệu: phần con số sau vốn đếm theo một cách khác hẳn: 2/3 → duy trì, đo lường"
MOVES = (
    Pushed(name="Làm tròn theo cách khác: 2/3", share=75.0, turns=False),
    Pushed(name=LONG, share=25.0, turns=True),
    Pushed(name="Không xã nào: 0/3", share=0.0, turns=True),
)
FAN = Fan(
    months=range(13),
    bands=[
        ([20 - m for m in range(13)], [20 + 5 * m for m in range(13)], "95%"),
        ([20.0] * 13, [20 + 4 * m for m in range(13)], "80%"),
        ([20 + m for m in range(13)], [20 + 3 * m for m in range(13)], "50%"),
    ],
    expected=[20 + 2 * m for m in range(13)],
    expected_label="44%",
    x_label="tháng kể từ đợt đầu",
)


def _stress(rows=MOVES, needed=50.0, label="quy tắc đòi 50%"):
    return stress_chart(rows, needed=needed, needed_label=label, key="fig-stress", alt=ALT)


def _fan(**changed):
    return fan_chart(dataclasses.replace(FAN, **changed), key="fig-fan", alt=ALT)


def _ending(*ends, expected):
    """Draw a fan whose bands end at these values, widest first."""
    bands = [
        ([0.0, 0.0], [0.0, end], f"{level}%") for end, level in zip(ends, (95, 80, 50), strict=True)
    ]
    return _fan(months=[0, 1], bands=bands, expected=[0.0, expected])


@cache
def _drawn():
    desk, phone = _fan()
    return {"stress": _stress(), "fan-desk": desk, "fan-phone": phone}


DRAWN = ("stress", "fan-desk", "fan-phone")


def _words(drawing):
    return [box.text for box in boxes_of(drawing)]


def _centre(drawing, word):
    box = next(box for box in boxes_of(drawing) if box.text == word)
    return (box.left + box.right) / 2


def _paths(drawing, *style):
    """List the pieces of the paths, outside definitions, whose style holds all of these words."""
    body = re.sub(r"<defs>.*?</defs>", "", drawing, flags=re.DOTALL)
    found = []
    for tag in re.findall(r"<path [^>]*>", body):
        look = re.search(r'style="([^"]*)"', tag)[1]
        if all(part in look for part in style):
            for piece in re.search(r' d="([^"]*)"', tag)[1].split("M")[1:]:
                points = re.findall(r"([\d.-]+) ([\d.-]+)", piece)
                found.append([(float(x), float(y)) for x, y in points])
    return found


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
def test_letters_are_at_least_twelve_units_high_where_the_paper_is_a_phone(name):
    sizes = [box.size for box in boxes_of(_drawn()[name])]
    assert sizes
    assert min(sizes) >= LEAST_LETTERS


def test_rows_are_drawn_once_and_small_the_fan_for_desk_and_phone():
    widths = {name: paper_of(drawing)[0] for name, drawing in _drawn().items()}
    assert widths == {"stress": PHONE, "fan-desk": DESK, "fan-phone": PHONE}


def test_the_same_drawings_give_the_same_bytes_twice():
    assert (_stress(), *_fan()) == tuple(_drawn()[name] for name in DRAWN)


def test_drawings_of_two_keys_share_no_id():
    other = stress_chart(MOVES, needed=50.0, needed_label="m", key="fig-other", alt=ALT)
    for one, two in ((_stress(), other), _fan()):
        ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (one, two)]
        assert not ids[0] & ids[1]


@pytest.mark.parametrize("name", DRAWN)
def test_colours_are_those_of_the_page(name):
    body = re.sub(r"<title.*?</title>", "", _drawn()[name])
    assert "var(--main)" in body
    assert not re.search(r"#[0-9a-fA-F]{6}\b", body)


def test_the_axis_of_a_share_runs_from_0_to_100():
    assert {"0%", "25%", "50%", "75%", "100%"} <= set(_words(_stress()))


def test_hostile_words_stay_words():
    hostile = "<script>x</script>"
    for drawing in (
        _stress((dataclasses.replace(MOVES[0], name=hostile),), label=hostile),
        *_fan(x_label=hostile),
    ):
        assert "<script" not in drawing
        assert hostile in _words(drawing)


# The rule under stress


def test_the_share_that_the_rule_asks_stands_at_its_tick_and_crosses_no_name():
    drawing = _stress(label="mốc")
    upright = [line for line in _paths(drawing, "stroke:var(--soft)") if len(line) == 2]
    assert len(upright) == len(MOVES)
    assert [x for line in upright for x, _ in line] == pytest.approx(
        [_centre(drawing, "50%")] * 2 * len(MOVES), abs=0.6
    )
    for box in boxes_of(drawing):
        for (x, top), (_, bottom) in map(sorted, upright):
            crossed = box.left < x < box.right and box.top < bottom and top < box.bottom
            assert not crossed, box.text


@pytest.mark.parametrize("at", [0, 1, 10, 35, 49, 50, 51, 66.7, 90, 100])
def test_the_label_of_that_share_stays_on_the_paper_wherever_it_stands(at):
    drawing = _stress(MOVES[:1], needed=at, label=f"quy tắc đòi {at}%")
    assert outside(drawing) == []
    assert overlapping(drawing) == []


def test_long_names_of_moves_wrap_and_keep_every_word():
    assert LONG in " ".join(_words(_stress()))
    assert LONG not in _words(_stress())


def test_a_move_that_turns_the_option_is_hollow_and_the_others_are_filled():
    drawing = _stress()
    bars = [*_paths(drawing, "fill:none", "stroke:var(--main)", "stroke-width:1.6")]
    filled = _paths(drawing, "fill:var(--pale)")
    assert (len(bars), len(filled)) == (2, 1)


@pytest.mark.parametrize(("share", "tick"), [(25.0, "25%"), (75.0, "75%"), (100.0, "100%")])
@pytest.mark.parametrize("turns", [True, False])
def test_a_bar_ends_at_its_share(share, tick, turns):
    drawing = _stress((Pushed(name="x", share=share, turns=turns),))
    (bar,) = [path for path in _paths(drawing, "stroke:var(--main)") if len(path) >= 4]
    assert min(x for x, _ in bar) == pytest.approx(_centre(drawing, "0%"), abs=0.6)
    assert max(x for x, _ in bar) == pytest.approx(_centre(drawing, tick), abs=0.6)


def test_a_share_of_nothing_is_still_seen():
    drawing = _stress((Pushed(name="x", share=0.0, turns=True),))
    (bar,) = [path for path in _paths(drawing, "stroke:var(--main)") if len(path) >= 4]
    assert max(x for x, _ in bar) > min(x for x, _ in bar)


# The fan


@pytest.mark.parametrize("name", ["fan-desk", "fan-phone"])
def test_a_fan_says_its_axes_its_bands_and_the_share_expected(name):
    shares = {"0%", "25%", "50%", "75%", "100%"}
    assert {*shares, "95%", "80%", "44%", FAN.x_label} <= set(_words(_drawn()[name]))


@pytest.mark.parametrize("last", [1, 2, 3, 5, 12, 18, 24, 36, 60, 120])
def test_months_are_whole_numbers_without_a_decimal_point(last):
    months = range(last + 1)
    flat = [50.0] * len(months)
    bands = [(flat, flat, f"{level}%") for level in (95, 80, 50)]
    for drawing in _fan(months=months, bands=bands, expected=flat):
        ticks = [word for word in _words(drawing) if re.fullmatch(r"[\d.,]+", word)]
        assert all(tick.isdigit() for tick in ticks)
        assert 2 <= len(ticks) <= 8
        assert {int(tick) for tick in ticks} <= set(months)
        assert outside(drawing) == []
        assert overlapping(drawing) == []


def test_bands_lie_inside_each_other_and_the_line_expected_inside_them_all():
    for drawing in _fan():
        polygons = _paths(drawing, "fill:var(--pale)")
        assert len(polygons) == 3
        spans = [(min(y for _, y in polygon), max(y for _, y in polygon)) for polygon in polygons]
        for (top, bottom), (inner_top, inner_bottom) in pairwise(spans):
            assert top <= inner_top <= inner_bottom <= bottom
        line = max(_paths(drawing, "stroke:var(--main)"), key=len)
        assert [x for x, _ in line] == sorted(x for x, _ in line)
        assert spans[2][0] <= min(y for _, y in line) <= max(y for _, y in line) <= spans[2][1]


@pytest.mark.parametrize(
    "ends",
    [
        (100, 100, 100, 100),
        (0, 0, 0, 0),
        (8, 6, 4, 2),
        (50, 50, 50, 50),
        (99, 60, 30, 10),
        (15, 1, 1, 1),
        (100, 99, 98, 97),
    ],
)
def test_labels_at_the_ends_stand_apart_in_the_order_of_their_lines(ends):
    *bands, expected = ends
    for drawing in _ending(*bands, expected=float(expected)):
        assert outside(drawing) == []
        assert overlapping(drawing) == []
        boxes = {box.text: box for box in boxes_of(drawing) if box.left > paper_of(drawing)[0] - 93}
        tops = [boxes[label].top for label in ("95%", "80%", "50%", "44%")]
        assert tops == sorted(tops)


def test_a_label_with_room_stands_at_the_end_of_its_own_line():
    for drawing in _ending(99, 60, 30, expected=10.0):
        line = max(_paths(drawing, "stroke:var(--main)", "stroke-width:2.4"), key=len)
        label = next(box for box in boxes_of(drawing) if box.text == "44%")
        assert (label.top + label.bottom) / 2 == pytest.approx(line[-1][1], abs=3)
        assert label.left >= line[-1][0]


def test_the_share_expected_is_told_from_the_bands_by_weight_and_colour():
    for drawing in _fan():
        label = re.search(r"<text[^>]*>\u00a044%</text>", drawing)[0]
        assert "font-weight:700" in label
        assert "var(--main)" in label
        for band in ("95%", "80%"):
            assert "font-weight" not in re.search(rf"<text[^>]*>\u00a0{band}</text>", drawing)[0]
