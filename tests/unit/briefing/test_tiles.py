"""Tiles of targets are read as SVG: a word and a sign of its own for each standing."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

import pytest
from boxes import boxes_of, outside, overlapping, paper_of

from commune_pilots.briefing.svg import PHONE
from commune_pilots.briefing.tiles import Tile, target_tiles

ALT = "Các ô chỉ tiêu, 1 trong 4 chỉ tiêu đạt: Xã A, chỉ tiêu 80%; kết quả 98,08%."
LONG = "Tỷ lệ hồ sơ xử lý trên môi trường số ở mọi bước, các xã, phường, thị trấn thí điểm chung"
WORDS = {"reached": "Đạt", "near": "Gần đạt", "missed": "Chưa đạt", "unknown": "Không có số liệu"}
TILES = [
    Tile(standing=standing, word=word, name=LONG, detail=f"Chỉ tiêu {at}0%; kết quả {at}1,5%")
    for at, (standing, word) in enumerate(WORDS.items(), start=1)
]


@cache
def _drawn(*which):
    chosen = [tile for tile in TILES if not which or tile.standing in which]
    return target_tiles(chosen, key="fig-targets", alt=ALT)


def _signs(drawing):
    """Describe the signs by what is filled and what is hollow."""
    found = re.findall(r'<circle [^>]*style="fill:var\(--(\w+)\)', drawing)
    dash = "M13 " in drawing
    return (*found, *(["dash"] if dash else []))


def test_tiles_are_well_formed_and_named_by_their_alternative_text():
    svg = ElementTree.fromstring(_drawn())
    title = svg.find("{http://www.w3.org/2000/svg}title")
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", title.get("id"))
    assert title.text == ALT


def test_tiles_are_one_drawing_as_wide_as_a_phone():
    assert paper_of(_drawn())[0] == PHONE


def test_no_word_of_a_tile_leaves_the_paper_or_lies_on_another():
    assert outside(_drawn()) == []
    assert overlapping(_drawn()) == []
    assert min(box.size for box in boxes_of(_drawn())) >= 12


@pytest.mark.parametrize("tile", TILES, ids=list(WORDS))
def test_a_tile_says_its_word_what_is_measured_target_and_result(tile):
    said = " ".join(box.text for box in boxes_of(_drawn(tile.standing)))
    assert said == f"{tile.word} {tile.name} {tile.detail}"


def test_every_standing_has_a_sign_of_its_own():
    signs = {standing: _signs(_drawn(standing)) for standing in WORDS}
    assert signs == {
        "reached": ("main",),
        "near": ("paper", "main"),
        "missed": ("paper",),
        "unknown": ("dash",),
    }


def test_only_where_nothing_can_be_said_the_outline_is_dashed():
    dashed = [standing for standing in WORDS if "stroke-dasharray" in _drawn(standing)]
    assert dashed == ["unknown"]


def test_tiles_are_as_high_as_their_words_need():
    short = Tile(standing="reached", word="Đạt", name="Xã A", detail="Chỉ tiêu 1")
    one = target_tiles([short], key="k", alt=ALT)
    assert paper_of(one)[1] < paper_of(_drawn("reached"))[1]
    assert paper_of(_drawn())[1] > sum(paper_of(_drawn(name))[1] for name in WORDS) - 20


def test_the_same_tiles_give_the_same_bytes_twice():
    assert target_tiles(TILES, key="fig-targets", alt=ALT) == _drawn()


def test_hostile_words_stay_words():
    hostile = Tile(standing="missed", word="<b>", name="<script>x</script>", detail="a & b")
    drawing = target_tiles([hostile], key="k", alt=ALT)
    assert "<script" not in drawing
    assert {box.text for box in boxes_of(drawing)} == {"<b>", "<script>x</script>", "a & b"}
