"""A run chart is read as SVG: where months run, what marks the start, which words stand where."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from math import nan
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of

from commune_pilots.briefing.run_chart import Month, RunChart, run_chart
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Biểu đồ theo tháng của Xã A: tháng cuối 60%, dự kiến 20% (dải 10%–30%)."
LEAST_LETTERS = 13.0
START = 12.0
LONG = "Giảm lệ phí nộp hồ sơ trực tuyến và miễn phí chuyển phát qua bưu chính công ích, 7/2020"


def _month(at, share, *, band=True, outside=False):
    return Month(
        at=at + 0.5,
        share=share,
        expected=20.0,
        low=10.0 if band else nan,
        high=30.0 if band else nan,
        outside=outside,
    )


CHART = RunChart(
    months=[
        *(_month(at, 20.0 + at % 3, band=False) for at in range(12)),
        *(_month(at, 60.0, outside=True) for at in range(12, 17)),
        _month(17, 25.0),
    ],
    start=START,
    start_label="bắt đầu 1/2022",
    events=[(5.0, "Giảm lệ phí, 6/2021"), (14.0, "Chỉ thị, 3/2022")],
    ticks=[(0.0, "2021"), (12.0, "2022")],
    share_label="thực tế 25%",
    expected_label="dự kiến 20%",
)


def _chart(**changed):
    return run_chart(dataclasses.replace(CHART, **changed), key="fig-run-1", alt=ALT)


@cache
def _drawn():
    return _chart()


def _box(drawing, words):
    return next(box for box in boxes_of(drawing) if box.text == words)


def _paths(drawing, *style):
    """List the points of the paths whose style holds these words."""
    found = []
    for path in re.findall(r"<path ([^>]*)/?>", drawing):
        if all(part in path for part in style):
            line = re.search(r'd="([^"]*)"', path)[1]
            found.append(
                [(float(x), float(y)) for x, y in re.findall(r"[ML]?([\d.-]+) ([\d.-]+)", line)]
            )
    return found


def _observed(drawing):
    (line,) = _paths(drawing, "stroke:var(--main)", "stroke-width:2")
    return line


def _start(drawing):
    (line,) = _paths(drawing, "stroke-width:1.8")
    return line


def _height(drawing, share):
    """Tell where a share lies on the paper, from the labels of 0% and 100%."""
    zero, whole = ((box.top + box.bottom) / 2 for box in map(_box, [drawing] * 2, ("0%", "100%")))
    return zero + (whole - zero) * share / 100


def test_a_run_chart_is_drawn_for_the_desk_and_for_the_phone():
    assert [paper_of(drawing)[0] for drawing in _drawn()] == [DESK, PHONE]


@pytest.mark.parametrize("at", [0, 1])
def test_it_is_well_formed_and_named_by_its_alternative_text(at):
    svg = ElementTree.fromstring(_drawn()[at])
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", title.get("id"))
    assert title.text == ALT


ENDS = [
    {},
    {"events": [(5.0, LONG), (5.2, LONG), (5.4, LONG)]},
    {"events": [(11.9, "a"), (12.0, "b"), (12.1, "c")]},
    {"events": [(0.0, "a"), (17.9, "b")]},
    {"events": [], "start": 0.5},
    {"start": 17.5},
    {"start": 9.0},
]


@pytest.mark.parametrize("changed", ENDS)
def test_no_label_leaves_the_paper_or_lies_on_another(changed):
    for drawing in _chart(**changed):
        assert outside(drawing) == []
        assert overlapping(drawing) == []


@pytest.mark.parametrize(("share", "expected"), [(20, 20), (0, 0), (100, 100), (0, 3), (97, 100)])
def test_ends_that_meet_are_named_one_above_the_other(share, expected):
    months = [dataclasses.replace(m, share=share, expected=expected) for m in CHART.months]
    for drawing in _chart(months=months):
        assert overlapping(drawing) == []
        assert outside(drawing) == []


def test_letters_are_at_least_thirteen_units_high():
    for drawing in _drawn():
        assert min(box.size for box in boxes_of(drawing)) >= LEAST_LETTERS


def test_the_axis_of_shares_runs_from_0_to_100():
    for drawing in _drawn():
        ticks = [box for box in boxes_of(drawing) if re.fullmatch(r"\d+%", box.text)]
        assert [box.text for box in ticks] == ["0%", "25%", "50%", "75%", "100%"]
        tops = [box.top for box in ticks]
        assert tops == sorted(tops, reverse=True)


def test_months_run_from_left_to_right_at_the_height_of_their_share():
    for drawing in _drawn():
        line = _observed(drawing)
        across, down = zip(*line, strict=True)
        assert len(line) == len(CHART.months)
        assert list(across) == sorted(across)
        assert down[12] == pytest.approx(_height(drawing, 60), abs=1.5)
        assert down[17] == pytest.approx(_height(drawing, 25), abs=1.5)


def test_a_month_that_nobody_reported_breaks_the_line():
    months = list(CHART.months)
    months[6] = dataclasses.replace(months[6], share=nan)
    (drawing, _) = _chart(months=months)
    (path,) = re.findall(r'<path d="([^"]*)"[^>]*stroke:var\(--main\);stroke-width:2"', drawing)
    assert path.count("M") == 2
    assert len(_observed(drawing)) == len(months) - 1


def test_the_start_stands_between_the_months_before_and_after_and_is_named():
    for drawing in _drawn():
        (x, _), (same, top) = _start(drawing)
        line = _observed(drawing)
        assert x == same
        assert line[11][0] < x < line[12][0]
        label = _box(drawing, "bắt đầu 1/2022")
        assert min(abs(label.left - x), abs(label.right - x)) < 8
        assert top < _height(drawing, 100)


def test_the_band_covers_months_after_the_start_alone():
    for drawing in _drawn():
        (band,) = _paths(drawing, "fill:var(--pale)")
        line, across = _observed(drawing), [x for x, _ in band]
        assert (min(across), max(across)) == (line[12][0], line[17][0])
        downs = [y for _, y in band]
        assert max(downs) == pytest.approx(_height(drawing, 10), abs=1.5)
        assert min(downs) == pytest.approx(_height(drawing, 30), abs=1.5)


def test_dots_mark_the_months_outside_the_band_and_no_other():
    for drawing in _drawn():
        (dots,) = _paths(drawing, "stroke-width:7", "stroke-linecap:round")
        assert sorted(set(dots)) == _observed(drawing)[12:17]


def test_without_a_month_outside_there_are_no_dots():
    inside = [dataclasses.replace(month, outside=False) for month in CHART.months]
    assert all(not _paths(drawing, "stroke-width:7") for drawing in _chart(months=inside))


def test_each_event_has_a_dotted_line_a_letter_above_it_and_its_name():
    for drawing in _drawn():
        # Lines of one look may be one path: two points each.
        lines = _paths(drawing, "stroke-width:1.4", "stroke-dasharray")
        dotted = [point for line in lines for point in line]
        assert len(dotted) == 4
        for letter, (x, _), (_, name) in zip("ab", dotted[::2], CHART.events, strict=True):
            box = _box(drawing, letter)
            assert (box.left + box.right) / 2 == pytest.approx(x, abs=1)
            assert _box(drawing, f"{letter}: {name}").top < box.top


def test_a_long_name_is_wrapped_and_nothing_of_it_is_lost():
    desk, phone = _chart(events=[(5.0, LONG)])
    lines = [
        [box.text for box in boxes_of(drawing) if len(box.text) > 15] for drawing in (desk, phone)
    ]
    for drawing, found in zip((desk, phone), lines, strict=True):
        assert " ".join(found).startswith(f"a: {LONG[:20]}")
        assert set(LONG.split()) <= set(" ".join(box.text for box in boxes_of(drawing)).split())
    assert len(lines[1]) > len(lines[0])
    assert paper_of(phone)[1] > paper_of(desk)[1]


def test_the_same_chart_gives_the_same_bytes_twice():
    assert _chart() == _drawn()


def test_charts_of_two_keys_share_no_id():
    other = run_chart(CHART, key="fig-run-2", alt=ALT)
    ids = [set(re.findall(r' id="([^"]+)"', "".join(pair))) for pair in (_drawn(), other)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_drawing_of_three_years_weighs_at_most_five_kilobytes():
    months = [_month(at, 20.0 + at % 7, outside=at > 30) for at in range(36)]
    assert max(len(drawing.encode()) for drawing in _chart(months=months)) <= 5000


def test_a_month_between_two_gaps_is_drawn_as_a_dot():
    gaps = [dataclasses.replace(CHART.months[at], share=nan) for at in (3, 5)]
    months = [*CHART.months[:3], gaps[0], CHART.months[4], gaps[1], *CHART.months[6:]]
    round_end = 'stroke-width:2;stroke-linecap:round"'
    for whole, holed in zip(_drawn(), _chart(months=months), strict=True):
        assert round_end not in whole
        (dot,) = [part for part in str(holed).split("<path ") if round_end in part]
        assert dot.count("M") == 1


def test_a_month_outside_whose_share_is_not_shown_has_no_dot():
    months = [dataclasses.replace(month, share=nan if month.outside else month.share)
              for month in CHART.months]  # fmt: skip
    assert "stroke-width:7" in _drawn()[0]
    assert "stroke-width:7" not in _chart(months=months)[0]
