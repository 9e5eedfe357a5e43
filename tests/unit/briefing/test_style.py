from __future__ import annotations

import re

from commune_pilots.briefing.style import page_style


def test_the_style_asks_for_nothing_from_outside():
    assert not re.search(r"@import|url\(|https?:", page_style())


def test_the_style_covers_paper_dark_screens_and_phones():
    style = page_style()
    for wanted in ("@page{size:A4", "@media print", "prefers-color-scheme:dark", "max-width:560px"):
        assert wanted in style


def test_every_colour_is_a_variable_outside_the_two_palettes():
    rules = re.sub(r":root\{[^}]*\}", "", page_style())
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", rules)
