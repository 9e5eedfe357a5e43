"""Columns are read as SVG: how high they are, which are dark, where the words stand."""

from __future__ import annotations

import re

import pytest
from boxes import outside, overlapping

from commune_pilots.briefing.histograms import Column, Histogram, histogram, levels_to
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Biểu đồ cột: ba ngày cuối mỗi ngày 20, ngày khác 10 hồ sơ nộp trực tuyến."


def _chart(counts=(10, 10, 20), **given):
    columns = [
        Column(at=at, count=count, meant=at == len(counts) - 1) for at, count in enumerate(counts)
    ]
    known = [count for count in counts if count is not None]
    levels = [(top, f"{top:.0f}") for top in levels_to(max(known))]
    ticks = [(at, str(at)) for at in range(len(counts))]
    return Histogram(columns=columns, ticks=ticks, levels=levels, x_label="ngày", **given)


def _drawn(**given):
    return histogram(_chart(**given), key="fig-places", alt=ALT)


def _tops(svg, colour):
    """Heights of the columns of one colour, from the axis up, in points."""
    paths = re.findall(rf'<path d="([^"]*)" style="[^"]*fill:var\(--{colour}\)[^"]*"', svg)
    ys = [
        [float(y) for y in re.findall(r"[ML]?[-\d.]+ ([-\d.]+)", part)]
        for path in paths
        for part in re.findall(r"M[^M]*", path)
    ]
    return [max(part) - min(part) for part in ys if len(part) >= 4]


def test_the_drawing_is_made_for_desk_and_phone_with_its_title():
    for svg, width in zip(_drawn(), (DESK, PHONE), strict=True):
        assert f'viewBox="0 0 {width} ' in svg
        assert ALT in svg


def test_columns_are_as_high_as_their_counts_and_those_meant_are_dark():
    desk, _ = _drawn()
    (dark,) = _tops(desk, "main")
    pale = _tops(desk, "pale")
    assert pale == [pytest.approx(dark / 2, abs=0.2)] * 2


def test_a_count_of_nothing_is_no_column_and_a_suppressed_one_is_dashed():
    desk, _ = _drawn(counts=(0, None, 20))
    assert _tops(desk, "pale") == []
    assert "stroke-dasharray" in desk
    assert "stroke-dasharray" not in _drawn(counts=(0, 5, 20))[0]


def test_a_level_is_drawn_with_its_words():
    assert "mốc 12" in _drawn(level=(12.0, "mốc 12"))[1]


def test_no_word_leaves_the_paper_or_lies_on_another():
    wide = {
        "counts": (1_000_000,) * 10,
        "level": (900_000.0, "các ngày khác: 900.000 hồ sơ mỗi ngày"),
    }
    for given in ({}, wide):
        for svg in _drawn(**given):
            assert outside(str(svg)) == []
            assert overlapping(str(svg)) == []


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (17, [0, 5, 10, 15, 20]),
        (668, [0, 200, 400, 600, 800]),
        (900_000, [0, 500_000, 1_000_000]),
    ],
)
def test_levels_are_round_and_reach_the_largest_count(most, ticks):
    assert levels_to(most) == ticks
    assert len(levels_to(most)) <= 5
