"""Figures are read as SVG: what a reader's browser, screen reader and printer would find.

A page is drawn 32 px narrower than the window (one rem on each side); a figure scales with it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping
from boxes import paper_of as size_of
from markupsafe import Markup

from commune_pilots.briefing.figures import (
    DESK_PAPER,
    PHONE_PAPER,
    SHARES,
    SMALL_PAPER,
    Figure,
    Scale,
    across_marks,
    evidence_map,
    name_line,
    on_paper,
    on_papers,
    paper_of,
    put,
    spot,
    thresholds,
)
from commune_pilots.briefing.labels import Label, box_of
from commune_pilots.briefing.svg import DESK, INK, PHONE

ALT = "Biểu đồ quả tạ, tỷ lệ nộp trực tuyến: Thị trấn A từ 16,8% lên 98,08%."
LONG = "Tỷ lệ được tạo địa chỉ số Vpostcode, các xã, phường, thị trấn thí điểm chung"
NAMES = ["Xã A", LONG]
ROWS = {"row_height": 44, "alt": ALT}
MARGINS = 32
LEAST_LABEL = 12.0


def _nothing(axes, paper):
    """Leave the rows empty."""


def _drawings():
    return {
        "rows": on_papers(_nothing, NAMES, key="fig-a", **ROWS),
        "map": (evidence_map([[1, 0], [0, 2]], ["Một", "Hai"], ["x", "y"], key="fig-c", alt=ALT),),
    }


def _seen(look, paper=PHONE_PAPER, **laid_out):
    """Draw rows and hand out what `look` finds on their axes."""
    found = []
    on_paper(paper, lambda axes, _: found.append(look(axes)), NAMES, key="k", **ROWS, **laid_out)
    return found[0]


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


@pytest.mark.parametrize(("name", "widths"), [("rows", [DESK, PHONE]), ("map", [PHONE])])
def test_each_figure_is_drawn_for_the_desk_and_for_the_phone_or_once_and_small(
    drawings, name, widths
):
    assert [size_of(drawing)[0] for drawing in drawings[name]] == widths


def test_rows_are_drawn_on_both_papers_with_their_names_and_what_is_drawn_on_them():
    def draw(axes, paper):
        axes.text(50, 0, f"{paper.width}", ha="center")

    for drawing, width in zip(
        on_papers(draw, ["Xã A"], row_height=44, key="fig-e", alt=ALT), (DESK, PHONE), strict=True
    ):
        assert size_of(drawing)[0] == width
        assert {"Xã A", str(width)} <= set(_texts(drawing))


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_room_below_the_last_row_makes_the_paper_higher_by_as_much(rows):
    names = [f"Xã {row}" for row in range(rows)]
    heights = [
        size_of(
            on_paper(PHONE_PAPER, _nothing, names, row_height=40, key="k", alt=ALT, below=below)
        )[1]
        for below in (0.0, 0.5, 1.0)
    ]
    assert [high - heights[0] for high in heights] == [0, 20, 40]


def test_nothing_of_a_drawing_is_cut(drawings):
    for drawing in _every(drawings):
        assert "clip" not in drawing


def test_names_leave_room_for_what_stands_beside_them():
    def lines(beside):
        drawing = on_paper(SMALL_PAPER, _nothing, [LONG], key="k", **ROWS, beside=beside)
        return [box for box in boxes_of(drawing) if box.text and LONG.find(box.text) >= 0]

    assert len(lines(120.0)) > len(lines(0.0)) > 1
    assert max(box.right for box in lines(120.0)) <= PHONE - 120.0
    assert max(box.right for box in lines(0.0)) > PHONE - 120.0


@pytest.mark.parametrize("paper", [DESK_PAPER, PHONE_PAPER, SMALL_PAPER])
def test_an_axis_of_another_scale_keeps_its_ticks_in_place(paper):
    points = Scale(low=-20, high=60, ticks=[(-20, "−20"), (0, "0"), (60, "60")])
    drawing = on_paper(paper, _nothing, ["Xã A"], scale=points, key="k", **ROWS)
    centres = {box.text: (box.left + box.right) / 2 for box in boxes_of(drawing)}
    assert set(centres) == {"Xã A", "−20", "0", "60"}
    whole = centres["60"] - centres["−20"]
    assert centres["0"] - centres["−20"] == pytest.approx(whole / 4, abs=0.6)
    assert outside(drawing) == []


# What drawings of rows share


def test_a_place_of_the_axes_is_told_in_points_of_the_paper():
    def look(axes):
        return [spot(axes, x, 0)[0] for x in (0, 50, 100)], paper_of(axes)

    (start, middle, end), paper = _seen(look)
    assert paper.right == PHONE
    assert middle == pytest.approx((start + end) / 2)
    assert 0 < start < end < paper.right


def test_a_label_that_is_put_stands_where_it_was_settled():
    label = Label(text="98,08%", x=100.0, y=60.0, side="left", bold=True)

    def draw(axes, paper):
        put(axes, label, INK)

    drawing = on_paper(PHONE_PAPER, draw, ["Xã A"], key="k", **ROWS)
    drawn = next(box for box in boxes_of(drawing) if box.text == label.text)
    height = size_of(drawing)[1]
    box = box_of(label)
    assert (drawn.left, drawn.right) == pytest.approx((box.left, box.right), abs=0.1)
    base = float(re.search(r'y="([\d.]+)">98,08%', drawing)[1])
    assert base == pytest.approx(height - label.baseline, abs=0.1)


def test_names_stand_above_the_middle_of_their_rows_one_line_each():
    line, middle = _seen(lambda axes: (name_line(axes, 0), spot(axes, 0, 0)[1]))
    assert 10 < line - middle < 22


@pytest.mark.parametrize("ats", [[1.0], [50.0], [100.0], [25.0, 80.0], [79.0, 80.0], [80.0, 1.0]])
@pytest.mark.parametrize("paper", [DESK_PAPER, PHONE_PAPER, SMALL_PAPER])
def test_thresholds_are_named_under_their_lines_apart_and_on_the_paper(ats, paper):
    marks = [(at, f"quy tắc đòi {at:g}%") for at in ats]
    named = []

    def draw(axes, paper):
        named.extend(thresholds(axes, marks, 2))

    drawing = on_paper(paper, draw, ["Xã A", "Xã B"], key="k", below=0.5, **ROWS)
    assert {label for _, label in marks} <= set(_texts(drawing))
    assert outside(drawing) == []
    assert overlapping(drawing) == []
    order = sorted(range(len(ats)), key=lambda at: ats[at])
    assert sorted(range(len(ats)), key=lambda at: named[at].x) == order


def test_a_threshold_with_room_is_named_right_under_its_line():
    label, x = _seen(lambda axes: (thresholds(axes, [(50.0, "mốc")], 2)[0], spot(axes, 50, 0)[0]))
    assert label.x == pytest.approx(x)


def test_a_threshold_runs_through_the_marks_and_not_through_the_names():
    def draw(axes, paper):
        across_marks(axes, 0.0, 2, color=INK, lw=1.5)

    drawing = on_paper(PHONE_PAPER, draw, ["Xã A", "Xã B"], key="k", **ROWS, left=7.0)
    pieces = next(d for d in re.findall(r' d="([^"]*)"', drawing) if d.count("M") == 2)
    spans = [sorted(map(float, ys)) for ys in re.findall(r" ([\d.]+)L[\d.]+ ([\d.]+)", pieces)]
    names = [box for box in boxes_of(drawing) if box.text.startswith("Xã")]
    assert len(spans) == len(names) == 2
    for top, bottom in spans:
        assert not any(top < box.bottom and box.top < bottom for box in names)


def test_every_drawing_is_well_formed_and_named_by_its_alternative_text(drawings):
    for drawing in _every(drawings):
        svg = ElementTree.fromstring(drawing)
        title = svg.find("{http://www.w3.org/2000/svg}title")
        assert svg.get("role") == "img"
        assert (title.text, svg.get("aria-labelledby")) == (ALT, title.get("id"))


def test_the_axis_of_a_share_runs_from_0_to_100(drawings):
    assert (SHARES.low, SHARES.high) == (0, 100)
    for drawing in drawings["rows"]:
        assert {"0%", "25%", "50%", "75%", "100%"} <= set(_texts(drawing))


@pytest.mark.parametrize(("drawn", "window"), [(0, 640), (1, 360)], ids=["desk", "phone"])
def test_no_label_is_smaller_than_twelve_pixels(drawings, drawn, window):
    for pair in drawings.values():
        sizes = [box.size for box in boxes_of(pair[drawn % len(pair)])]
        scale = min(1.0, (window - MARGINS) / size_of(pair[drawn % len(pair)])[0])
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
    desk, phone = (_texts(drawing) for drawing in drawings["rows"])
    assert LONG in desk
    assert LONG not in phone
    assert " ".join(text for text in phone if text in LONG) == LONG


def test_ids_point_somewhere_and_differ_between_the_two_drawings(drawings):
    desk, phone = (set(re.findall(r' id="([^"]+)"', svg)) for svg in drawings["rows"])
    assert not desk & phone
    for drawing in drawings["rows"]:
        ids = re.findall(r' id="([^"]+)"', drawing)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', drawing)) <= set(ids)


def test_hostile_words_stay_words_inside_a_drawing():
    hostile = "<script>x</script>"
    for drawing in on_papers(_nothing, [hostile], row_height=44, key="k", alt=ALT + " <script>"):
        assert "<script" not in drawing
        assert hostile in _texts(drawing)


def test_zeros_of_the_evidence_map_are_shown(drawings):
    for drawing in drawings["map"]:
        assert sorted(text for text in _texts(drawing) if text.isdigit()) == ["0", "0", "1", "2"]
