"""Figures are read as SVG: what a reader's browser, screen reader and printer would find.

A page is drawn 32 px narrower than the window (one rem on each side); a figure scales with it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of
from markupsafe import Markup

from commune_pilots.briefing.figures import (
    Figure,
    Level,
    Pair,
    dumbbell,
    evidence_map,
    level_chart,
    on_papers,
)
from commune_pilots.briefing.svg import DESK, PHONE

ALT = "Biểu đồ quả tạ, tỷ lệ nộp trực tuyến: Thị trấn A từ 16,8% lên 98,08%."
LONG = "Tỷ lệ được tạo địa chỉ số Vpostcode, các xã, phường, thị trấn thí điểm chung"
PAIRS = [
    Pair(name="Thị trấn A", before=16.8, after=98.08, before_label="16,8%", after_label="98,08%"),
    Pair(name="Phường B", before=None, after=53.53, before_label="chưa có", after_label="53,53%"),
]
LEVELS = [
    Level(name=LONG, value=90.0, label="trên 90%", open_end=True, muted=False),
    Level(name="Bão hòa", value=100.0, label="100%", open_end=False, muted=True),
]
MARGINS = 32
LEAST_LABEL = 12.0


def _drawings():
    return {
        "dumbbell": dumbbell(PAIRS, key="fig-a", alt=ALT),
        "levels": level_chart(LEVELS, key="fig-b", alt=ALT),
        "map": (evidence_map([[1, 0], [0, 2]], ["Một", "Hai"], ["x", "y"], key="fig-c", alt=ALT),),
    }


@pytest.fixture(scope="module")
def drawings():
    return _drawings()


def _every(drawings):
    return [drawing for pair in drawings.values() for drawing in pair]


def _texts(drawing):
    found = ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()).strip() for text in found]


def _figure(alt):
    same = {"title": "t", "subtitle": "s", "source": Markup("Nguồn"), "desk": Markup("<svg/>")}
    return Figure(key="fig-x", alt=alt, phone=Markup("<svg/>"), **same)


def test_an_alternative_text_of_forty_characters_with_a_digit_is_taken():
    assert _figure("4" * 40).alt == "4" * 40


@pytest.mark.parametrize("alt", ["", "Biểu đồ 16,8%", "4" * 39, "không có con số nào " * 3])
def test_a_figure_whose_alternative_text_does_not_say_its_numbers_is_refused(alt):
    with pytest.raises(ValueError, match="fig-x: the alternative text must say its numbers"):
        _figure(alt)


def test_a_figure_shows_two_drawings_title_subtitle_and_source():
    shown = _figure(ALT)._repr_html_()
    assert '<figure id="fig-x">' in shown
    assert shown.count("<svg/>") == 2
    assert '<div class="desk">' in shown
    assert '<div class="phone">' in shown
    assert "<figcaption>Nguồn</figcaption>" in shown


def test_words_of_a_figure_are_escaped():
    figure = Figure(
        key="k",
        title="<i>t</i>",
        subtitle="a & b",
        alt=ALT,
        source=Markup(""),
        desk=Markup(""),
        phone=Markup(""),
    )
    assert "&lt;i&gt;t&lt;/i&gt;" in figure._repr_html_()
    assert "a &amp; b" in figure._repr_html_()


@pytest.mark.parametrize(
    ("name", "widths"),
    [("dumbbell", [DESK, PHONE]), ("levels", [DESK, PHONE]), ("map", [PHONE])],
)
def test_each_figure_is_drawn_for_the_desk_and_for_the_phone_or_once_and_small(
    drawings, name, widths
):
    assert [paper_of(drawing)[0] for drawing in drawings[name]] == widths


def test_rows_are_drawn_on_both_papers_with_their_names_and_what_is_drawn_on_them():
    def draw(axes, paper):
        axes.text(50, 0, f"{paper.width}", ha="center")

    for drawing, width in zip(
        on_papers(draw, ["Xã A"], row_height=44, key="fig-e", alt=ALT), (DESK, PHONE), strict=True
    ):
        assert paper_of(drawing)[0] == width
        assert {"Xã A", str(width)} <= set(_texts(drawing))


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_room_below_the_last_row_makes_the_paper_higher_by_as_much(rows):
    def nothing(axes, paper):
        pass

    names = [f"Xã {row}" for row in range(rows)]
    heights = [
        paper_of(on_papers(nothing, names, row_height=40, key="k", alt=ALT, below=below)[1])[1]
        for below in (0.0, 0.5, 1.0)
    ]
    assert [high - heights[0] for high in heights] == [0, 20, 40]


def test_nothing_of_a_drawing_is_cut():
    """A cut needs a shape of its own; every line of rows lies inside its axes anyway."""
    for drawing in [*dumbbell(PAIRS, key="k", alt=ALT), *level_chart(LEVELS, key="k", alt=ALT)]:
        assert "clip" not in drawing


def test_every_drawing_is_well_formed_and_named_by_its_alternative_text(drawings):
    for drawing in _every(drawings):
        svg = ElementTree.fromstring(drawing)
        title = svg.find("{http://www.w3.org/2000/svg}title")
        assert svg.get("role") == "img"
        assert (title.text, svg.get("aria-labelledby")) == (ALT, title.get("id"))


def test_text_stays_text(drawings):
    desk, phone = drawings["dumbbell"]
    for drawing in (desk, phone):
        assert {"Thị trấn A", "16,8%", "98,08%", "chưa có", "53,53%"} <= set(_texts(drawing))


def test_the_axis_of_a_share_runs_from_0_to_100(drawings):
    for name in ("dumbbell", "levels"):
        for drawing in drawings[name]:
            assert {"0%", "25%", "50%", "75%", "100%"} <= set(_texts(drawing))


@pytest.mark.parametrize(("drawn", "window"), [(0, 640), (1, 360)], ids=["desk", "phone"])
def test_no_label_is_smaller_than_twelve_pixels(drawings, drawn, window):
    for pair in drawings.values():
        sizes = [box.size for box in boxes_of(pair[drawn % len(pair)])]
        scale = min(1.0, (window - MARGINS) / paper_of(pair[drawn % len(pair)])[0])
        assert sizes
        assert min(sizes) >= LEAST_LABEL
        assert min(sizes) * scale >= LEAST_LABEL


def test_no_label_leaves_the_paper_or_lies_on_another(drawings):
    for drawing in _every(drawings):
        assert outside(drawing) == []
        assert overlapping(drawing) == []


def test_a_figure_alike_on_every_screen_is_shown_once_and_small():
    same = {"title": "t", "subtitle": "s", "source": Markup("Nguồn")}
    shown = Figure(key="fig-x", alt=ALT, desk=Markup("<svg/>"), **same)._repr_html_()
    assert shown.count("<svg/>") == 1
    assert '<div class="small"><svg/></div>' in shown
    assert not re.search('class="(?:desk|phone)"', shown)


def test_the_same_figure_gives_the_same_bytes_twice(drawings):
    assert _drawings() == drawings


def test_a_drawing_holds_no_date_creator_or_comment(drawings):
    for drawing in _every(drawings):
        assert not re.search(r"<metadata|<dc:|<!--|matplotlib|20\d\d-\d\d", drawing, re.IGNORECASE)


def test_a_drawing_asks_for_nothing_from_outside(drawings):
    for drawing in _every(drawings):
        targets = re.findall(r'(?:xlink:)?href="([^"]+)"|url\(([^)]+)\)', drawing)
        assert all((one or two).startswith("#") for one, two in targets)
        assert "<script" not in drawing


def test_colours_are_the_pages_own_so_that_dark_mode_follows(drawings):
    for drawing in _every(drawings):
        body = re.sub(r"<title.*?</title>", "", drawing, flags=re.DOTALL)
        assert "var(--" in body
        assert not re.search(r"#[0-9a-fA-F]{6}\b", body)


def test_long_names_wrap_on_the_phone_and_not_on_the_desk(drawings):
    desk, phone = (_texts(drawing) for drawing in drawings["levels"])
    assert LONG in desk
    assert LONG not in phone
    start = next(at for at, text in enumerate(phone) if text and LONG.startswith(text))
    assert " ".join(phone[start:]).startswith(LONG)


def test_ids_point_somewhere_and_differ_between_the_two_drawings(drawings):
    desk, phone = (set(re.findall(r' id="([^"]+)"', svg)) for svg in drawings["dumbbell"])
    assert not desk & phone
    for drawing in drawings["dumbbell"]:
        ids = re.findall(r' id="([^"]+)"', drawing)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', drawing)) <= set(ids)


def test_hostile_words_stay_words_inside_a_drawing():
    hostile = Pair(
        name="<script>x</script>", before=1.0, after=2.0, before_label="<b>", after_label="&"
    )
    for drawing in dumbbell([hostile], key="fig-d", alt=ALT + " <script>"):
        assert "<script" not in drawing
        assert "<script>x</script>" in _texts(drawing)


def test_zeros_of_the_evidence_map_are_shown(drawings):
    for drawing in drawings["map"]:
        assert sorted(text for text in _texts(drawing) if text.isdigit()) == ["0", "0", "1", "2"]
