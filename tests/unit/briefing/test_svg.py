"""Drawings are slimmed on their way to the page: what a reader sees and hears must not change."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from boxes import paper_of
from matplotlib.figure import Figure as Canvas

from commune_pilots.briefing.svg import INK, LINE, MAIN, PHONE, STYLE, share_styles, slim

ALT = "Một đường và hai điểm: từ 16,8% lên 98,08%."
SVG = "{http://www.w3.org/2000/svg}"
# Where a coordinate or a length may stand; opacities and styles are no coordinates.
PLACES = ("x", "y", "d", "width", "height", "transform", "points", "viewBox")
WORDS = ["16,8%", "trên 99%", "1.234 hồ sơ", "445.365", "p < 0,001", "98.08%", "−26,2", "Phường 4"]


def _slimmed(*words, key="fig-a", bare=False):
    """Draw a line, two markers that share a shape, and words, as the briefing's figures do."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": key}):
        canvas = Canvas(figsize=(PHONE / 72, 200 / 72), dpi=72)
        axes = canvas.add_axes((0.1, 0.2, 0.85, 0.75))
        axes.plot([0.123456, 1 / 3], [0.5, 0.987654], color=MAIN, lw=2)
        axes.plot([0.25, 0.75], [0.5, 0.5], "o", ms=9, mfc="white", mec=MAIN)
        axes.tick_params(length=0)
        axes.grid(axis="x", color=LINE, lw=0.5, alpha=0.5)
        if bare:
            axes.set_axis_off()
        for at, word in enumerate(words):
            axes.text(0.1, 0.1 * at, word, color=INK)
        return slim(canvas, key=key, alt=ALT)


@pytest.fixture(scope="module")
def drawing():
    return _slimmed(*WORDS)


def _texts(drawing):
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawing)]


def test_a_slim_drawing_is_well_formed(drawing):
    assert ElementTree.fromstring(drawing).tag == f"{SVG}svg"


def test_it_is_named_by_its_alternative_text(drawing):
    svg = ElementTree.fromstring(drawing)
    title = svg.find(f"{SVG}title")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", "fig-a-t")
    assert (title.get("id"), title.text) == ("fig-a-t", ALT)


def test_the_paper_keeps_its_size(drawing):
    assert paper_of(drawing) == (PHONE, 200)


def test_dots_are_circles_at_their_places_with_the_look_they_had(drawing):
    dots = re.findall(r'<circle cx="([\d.]+)" cy="[\d.]+" r="([\d.]+)" style="([^"]*)"', drawing)
    assert [radius for _, radius, _ in dots] == ["4.5", "4.5"]
    assert float(dots[0][0]) < float(dots[1][0])
    assert {look for *_, look in dots} == {"fill:var(--paper);stroke:var(--main)"}
    assert "<use" not in drawing


def test_nothing_is_cut_and_nothing_is_defined_for_it(drawing):
    assert "clip" not in drawing
    assert not re.search(r"<defs>\s*</defs>", drawing)


def _of(draw, *, key="k"):
    """Slim what is drawn on bare axes of 100 by 100."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": key}):
        canvas = Canvas(figsize=(100 / 72, 100 / 72), dpi=72)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 100)
        draw(axes)
        return slim(canvas, key=key, alt=ALT)


def test_paths_that_follow_each_other_and_look_alike_are_one():
    def draw(axes):
        for y in (10, 20):
            axes.plot([0, 50], [y, y], color=MAIN)
        axes.plot([0, 50], [30, 30], color=LINE)

    paths = re.findall(r'<path d="([^"]*)"', _of(draw))
    assert paths == ["M0 90L50 90M0 80L50 80", "M0 70L50 70"]


def test_areas_that_shine_through_stay_apart():
    def draw(axes):
        for _ in range(2):
            axes.fill([0, 50, 50], [0, 0, 50], color=MAIN, alpha=0.5, lw=0)

    assert _of(draw).count("<path") == 2


def test_lines_of_a_label_stand_at_plain_places():
    drawing = _of(lambda axes: axes.text(10, 50, "một\nhai"))
    assert "translate" not in drawing
    assert [re.search(r'x="([\d.]+)"', text)[1] for text in re.findall("<text[^>]*>", drawing)] == [
        "10", "10",
    ]  # fmt: skip


def test_no_style_ends_in_a_mark_that_parts_nothing(drawing):
    assert not re.search(r'style="[^"]*;"', drawing)


def test_groups_that_carry_nothing_are_taken_out(drawing):
    assert "<g>" not in drawing
    assert not re.search(r"<g\s*/>", drawing)
    assert not re.search(r"<g[^>]*>\s*</g>", drawing)


def test_every_group_that_is_opened_is_closed(drawing):
    opened = [tag for tag in re.findall(r"<g\b[^>]*>", drawing) if not tag.endswith("/>")]
    assert len(opened) == drawing.count("</g>")


@pytest.mark.parametrize("word", WORDS)
def test_a_label_is_the_word_that_was_drawn(drawing, word):
    assert word in _texts(drawing)


def test_ids_are_kept_only_where_something_points(drawing):
    pointed = re.findall(r'(?:href="|url\()#([\w-]+)', drawing)
    ids = re.findall(r' id="([^"]+)"', drawing)
    assert set(ids) == {*pointed, "fig-a-t"}
    assert len(ids) == len(set(ids))


def test_coordinates_carry_one_decimal_at_most(drawing):
    for part in ElementTree.fromstring(drawing).iter():
        for name in PLACES:
            assert not re.search(r"\.\d\d", part.get(name, "")), (part.tag, name, part.get(name))


def test_no_coordinate_is_minus_nothing(drawing):
    assert not re.search(r'[\s"(]-0(?![.\d])', drawing)


def test_coordinates_move_by_less_than_a_tenth():
    """The line's ends, as matplotlib places them on 340 by 200 points."""
    found = re.search(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', _slimmed(bare=True))
    left, width = 0.1 * PHONE, 0.85 * PHONE
    with mpl.rc_context(STYLE):
        axes = Canvas().add_axes((0, 0, 1, 1))
        axes.plot([0.123456, 1 / 3], [0.5, 0.987654])
        axes.plot([0.25, 0.75], [0.5, 0.5], "o")
        first, last = axes.get_xlim()
    for written, value in ((found[1], 0.123456), (found[3], 1 / 3)):
        exact = left + width * (value - first) / (last - first)
        assert float(written) == pytest.approx(exact, abs=0.1)


def test_nothing_is_left_of_the_program_that_drew(drawing):
    assert not re.search(r"matplotlib|<metadata|<!--|<\?xml|DOCTYPE|\d{4}-\d\d-\d\d", drawing)


def test_the_letters_are_thirteen_units_high_said_once(drawing):
    assert re.findall(r'font(?:-size)?[=:] ?"?([\d.]+)', drawing) == ["13"]
    assert "font-family" not in drawing


def test_colours_are_those_of_the_page(drawing):
    body = drawing[drawing.index("</title>") :]
    assert {"var(--main)", "var(--line)", "var(--paper)"} <= set(re.findall(r"var\([^)]+\)", body))
    assert not re.search(r"#[0-9a-fA-F]{6}\b", body)


def test_ink_is_said_once_and_inherited_by_every_word(drawing):
    svg = ElementTree.fromstring(drawing)
    assert svg.get("style") == "fill:var(--ink)"
    inked = [text for text in svg.iter(f"{SVG}text") if text.text in WORDS]
    assert len(inked) == len(WORDS)
    assert not any("fill" in text.get("style", "") for text in inked)
    assert drawing.count("var(--ink)") == 1


def test_a_word_of_another_colour_keeps_its_own():
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(1, 1))
        canvas.text(0, 0, "16,8%", color=MAIN)
        (text,) = ElementTree.fromstring(slim(canvas, key="k", alt=ALT)).iter(f"{SVG}text")
    assert "fill:var(--main)" in text.get("style")


def test_paths_and_styles_are_written_without_needless_spaces(drawing):
    for quoted in re.findall(r' (?:d|style)="([^"]*)"', drawing):
        assert not re.search(r"\s[;:,MLCQz]|[;:,MLCQz]\s", quoted), quoted
        assert quoted == quoted.strip()


def test_the_numbers_of_a_path_stay_apart(drawing):
    """Closer writing must not join two numbers: the line has two ends of two coordinates each."""
    (line,) = re.findall(r'd="(M[^"]*)"', _slimmed(bare=True))[:1]
    assert [len(point.split()) for point in re.split("[ML]", line)[1:]] == [2, 2]


def test_hostile_words_stay_words():
    drawing = _slimmed("<g>", "</g>", "<script>", "a & b")
    found = ElementTree.fromstring(drawing).iter(f"{SVG}text")
    assert {"<g>", "</g>", "<script>", "a & b"} <= {"".join(text.itertext()) for text in found}


def test_a_hostile_alternative_text_stays_text():
    with mpl.rc_context(STYLE):
        drawing = slim(Canvas(figsize=(1, 1)), key="k", alt='</title><script>"&')
    assert ElementTree.fromstring(drawing).find(f"{SVG}title").text == '</title><script>"&'


def test_the_same_drawing_is_the_same_bytes_twice(drawing):
    assert _slimmed(*WORDS) == drawing


def test_two_drawings_of_a_page_share_no_id(drawing):
    other = _slimmed(*WORDS, key="fig-b")
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in (drawing, other)]
    assert not ids[0] & ids[1]


def test_slimming_halves_what_matplotlib_writes(tmp_path):
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(PHONE / 72, 200 / 72), dpi=72)
        canvas.add_axes((0.1, 0.2, 0.85, 0.75)).plot(range(9), color=MAIN)
        canvas.savefig(tmp_path / "whole.svg")
        drawing = slim(canvas, key="k", alt=ALT)
    assert len(drawing.encode()) < (tmp_path / "whole.svg").stat().st_size / 2


# Shared by the drawings of a page

LOOK = "fill:none;stroke:var(--main)"


def _page(*drawings):
    return f"<html><head><style>p{{}}</style></head><body>{''.join(drawings)}</body></html>"


def _path(look, tag="path"):
    return f'<{tag} d="M0 0L1 1" style="{look}"/>'


def _looks(page):
    """Read how each shape of a page looks: its own style, or that of its class in the sheet."""
    sheet = dict(re.findall(r"\.(\w+)\{([^}]*)\}", page))
    shapes = re.findall(r'<(?:path|use)\b[^>]*?(?:style="([^"]*)"|class="([^"]*)")', page)
    return [style or sheet[name] for style, name in shapes]


def test_a_look_of_two_shapes_is_said_once_in_the_sheet():
    page = share_styles(_page(_path(LOOK), _path(LOOK, "use")))
    assert page.count(LOOK) == 1
    assert page.index(LOOK) < page.index("</style>")
    assert page.count('class="d0"') == 2


def test_a_look_of_one_shape_stays_where_it_is():
    page = _page(_path(LOOK))
    assert share_styles(page) == page


def test_every_shape_looks_as_before():
    looks = [LOOK, "fill:red", LOOK, "fill:blue", "fill:red", "fill:green"]
    page = _page(*map(_path, looks))
    assert _looks(share_styles(page)) == _looks(page) == looks


def test_words_that_look_alike_share_their_look_too():
    page = share_styles(_page(*(f'<text style="{LOOK}" x="{x}">16,8%</text>' for x in (1, 2))))
    assert page.count(LOOK) == 1
    assert re.findall(r'<text class="d0" x="(\d)">16,8%</text>', page) == ["1", "2"]


@pytest.mark.parametrize("tag", ["path", "use", "circle"])
def test_a_shape_that_holds_nothing_is_closed_where_it_is_opened(tag):
    assert f'<{tag} d="M0 0L1 1"/>' in share_styles(_page(f'<{tag} d="M0 0L1 1"></{tag}>'))


def test_what_holds_words_keeps_its_end():
    kept = _page('<text x="1">16,8%</text>', "<g><title>t</title></g>", "<p></p>")
    assert share_styles(kept) == kept


def test_what_every_drawing_says_of_all_its_lines_is_said_once(drawing):
    (general,) = re.findall(r'<style type="text/css">([^<]*)</style>', drawing)
    page = share_styles(_page(drawing, _slimmed(*WORDS, key="fig-b")))
    assert page.count(general) == 1
    assert page.count("<style") == 1


def test_drawings_of_a_page_do_not_name_what_html_knows(drawing):
    page = share_styles(_page(drawing))
    assert "xmlns" not in page


def test_a_shape_that_is_placed_again_is_pointed_at_as_old_browsers_need_it():
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(2, 2), dpi=72)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.plot([0, 1], [0, 1], "D", color=MAIN)
        page = share_styles(_page(slim(canvas, key="k", alt=ALT)))
    (shape,) = re.findall(r'<path id="([^"]+)"', page)
    assert page.count(f'xlink:href="#{shape}"') == 2


def test_sharing_makes_a_page_of_drawings_smaller_and_keeps_its_words(drawing):
    page = _page(drawing, _slimmed(*WORDS, key="fig-b"))
    shared = share_styles(page)
    assert len(shared) < 0.95 * len(page)
    assert _texts(shared) == _texts(page)
    assert re.findall(r' d="([^"]*)"', shared) == re.findall(r' d="([^"]*)"', page)


def test_a_page_without_drawings_is_left_alone():
    page = _page('<p style="color:red">16,8%</p>' * 2)
    assert share_styles(page) == page


def test_classes_of_shapes_are_named_in_the_order_of_the_page():
    looks = ["fill:red", LOOK, LOOK, "fill:red"]
    page = share_styles(_page(*map(_path, looks)))
    assert re.findall(r'class="(\w+)"', page) == ["d0", "d1", "d1", "d0"]
