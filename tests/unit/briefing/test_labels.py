"""Places of labels: words are measured, moved apart and to the other side, always the same way."""

from __future__ import annotations

import dataclasses
from itertools import combinations, pairwise

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from commune_pilots.briefing.labels import (
    LINE_HEIGHT,
    Box,
    Label,
    apart,
    box_of,
    settle,
    shared,
    width_of,
    wrap,
)
from commune_pilots.briefing.svg import SIZE, STYLE

PAPER = Box(0.0, 0.0, 340.0, 200.0)
NAME = "Tỷ lệ hồ sơ giải quyết đúng hạn, các xã thí điểm chung"
AT = Label(text="98,08%", x=100.0, y=100.0)


def _moved(label, **changed):
    return dataclasses.replace(label, **changed)


# How much room words take


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", ["98,08%", "chưa có", NAME])
def test_words_are_as_wide_as_matplotlib_draws_them(text, bold):
    with mpl.rc_context(STYLE):
        figure = Canvas(figsize=(8, 1), dpi=72)
        drawn = figure.text(0, 0, text, weight="bold" if bold else "normal")
        drawn_width = drawn.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width
    assert width_of(text, bold=bold) == pytest.approx(drawn_width, rel=0.03, abs=2)


def test_bold_words_are_wider():
    assert width_of(NAME, bold=True) > width_of(NAME)


def test_a_label_stands_to_the_right_to_the_left_or_centred():
    width = width_of(AT.text)
    edges = {side: box_of(_moved(AT, side=side)) for side in ("right", "left", "centre")}
    assert edges["right"].left == edges["left"].right == 100
    assert edges["centre"].left == pytest.approx(100 - width / 2)
    for box in edges.values():
        assert box.right - box.left == pytest.approx(width)


def test_the_middle_of_the_capitals_stands_on_the_point():
    box = box_of(AT)
    assert (AT.baseline + box.top) / 2 == AT.y
    assert box.bottom < AT.baseline < AT.y < box.top
    assert box.top - box.bottom < LINE_HEIGHT
    assert box.top - box.bottom > 0.9 * SIZE


# Lines


@pytest.mark.parametrize("width", [60.0, 120.0, 300.0])
def test_no_line_is_wider_than_asked_but_for_a_single_word(width):
    for line in wrap(NAME, width):
        assert width_of(line) <= width or " " not in line


def test_lines_say_all_words_in_their_order():
    assert " ".join(wrap(NAME, 120.0)) == NAME


def test_lines_are_as_few_as_fit():
    assert wrap(NAME, width_of(NAME)) == [NAME]
    for one, two in pairwise(wrap(NAME, 120.0)):
        assert width_of(f"{one} {two.split()[0]}") > 120.0


def test_bold_lines_break_earlier():
    width = width_of(NAME) + 1
    assert len(wrap(NAME, width)) == 1
    assert len(wrap(NAME, width, bold=True)) == 2


# Boxes


def test_boxes_that_touch_share_nothing():
    one = Box(0, 0, 10, 10)
    assert shared(one, Box(10, 0, 20, 10)) == 0
    assert shared(one, Box(0, 10, 10, 20)) == 0


def test_boxes_share_the_area_that_both_cover():
    one, two = Box(0, 0, 10, 10), Box(6, 8, 20, 20)
    assert shared(one, two) == shared(two, one) == 4 * 2
    assert shared(one, one) == 100


# Settling


def test_a_label_with_room_takes_the_place_it_likes_best():
    other = _moved(AT, y=20.0)
    assert settle([[AT, other]], taken=[], paper=PAPER) == [AT]


def test_a_label_gives_way_to_a_mark():
    mark = Box(99, 95, 103, 105)
    left = _moved(AT, x=97.0, side="left")
    assert settle([[AT, left]], taken=[mark], paper=PAPER) == [left]


def test_a_label_gives_way_to_one_placed_before_it():
    below = _moved(AT, text="chưa có", y=80.0)
    beside = _moved(AT, text="chưa có", x=110.0)
    assert settle([[AT], [beside, below]], taken=[], paper=PAPER) == [AT, below]


def test_a_label_does_not_leave_the_paper():
    outside = _moved(AT, x=330.0)
    inside = _moved(AT, x=325.0, side="left")
    assert settle([[outside, inside]], taken=[], paper=PAPER) == [inside]


def test_where_no_place_is_free_the_one_that_hides_least_is_taken():
    width = width_of(AT.text)
    wall = Box(100 + 0.9 * width, 0, 340, 200)
    worse = _moved(AT, x=150.0)
    assert settle([[worse, AT]], taken=[wall], paper=PAPER) == [AT]


def test_labels_settle_without_hiding_each_other_where_there_is_room_for_all():
    places = [[_moved(AT, text=f"{row}%", y=y) for y in (100, 80, 60, 40)] for row in range(4)]
    settled = settle(places, taken=[], paper=PAPER)
    assert [label.text for label in settled] == ["0%", "1%", "2%", "3%"]
    for one, two in combinations(settled, 2):
        assert shared(box_of(one), box_of(two)) == 0


def test_settling_twice_gives_the_same_and_changes_nothing_it_was_given():
    places, taken = [[AT, _moved(AT, y=20.0)]] * 3, [Box(99, 95, 103, 105)]
    first = settle(places, taken=taken, paper=PAPER)
    assert settle(places, taken=taken, paper=PAPER) == first
    assert taken == [Box(99, 95, 103, 105)]


def test_a_label_without_a_place_is_refused():
    with pytest.raises(ValueError, match="every label needs at least one place"):
        settle([[AT], []], taken=[], paper=PAPER)


# Apart on one line


def test_places_that_are_apart_stay():
    assert apart([10.0, 50.0, 90.0], least=20, low=0, high=100) == [10.0, 50.0, 90.0]


@pytest.mark.parametrize(
    "middles",
    [[50.0] * 4, [1.0, 2.0, 3.0, 99.0], [0.0, 0.0, 100.0, 100.0], [60.0, 40.0, 41.0, 59.0]],
)
def test_places_are_moved_apart_inside_their_limits_in_their_order(middles):
    moved = apart(middles, least=20, low=0, high=100)
    order = sorted(range(len(middles)), key=lambda at: middles[at])
    placed = [moved[at] for at in order]
    assert all(two - one >= 20 - 1e-9 for one, two in pairwise(placed))
    assert min(moved) >= 0
    assert max(moved) <= 100


def test_two_places_move_by_the_same_amount_away_from_each_other():
    assert apart([48.0, 50.0], least=10, low=0, high=100) == [44.0, 54.0]


def test_places_move_as_little_as_the_squares_allow():
    """Against every placement on a grid of whole numbers."""
    middles, least = [20.0, 21.0, 50.0], 10
    moved = apart(middles, least=least, low=0, high=60)

    def cost(places):
        return sum((place - middle) ** 2 for place, middle in zip(places, middles, strict=True))

    grid = [
        (a, b, c) for a in range(61) for b in range(a + least, 61) for c in range(b + least, 61)
    ]
    assert cost(moved) <= min(map(cost, grid))


def test_where_there_is_no_room_for_all_they_share_it():
    assert apart([5.0, 5.0, 5.0], least=20, low=0, high=10) == [0.0, 5.0, 10.0]


def test_equal_places_keep_the_order_in_which_they_are_given():
    moved = apart([50.0, 50.0], least=10, low=0, high=100)
    assert moved[0] < moved[1]


@pytest.mark.parametrize(("middles", "moved"), [([], []), ([120.0], [100.0]), ([-3.0], [0.0])])
def test_none_and_one_are_kept_inside_their_limits(middles, moved):
    assert apart(middles, least=20, low=0, high=100) == moved
