from __future__ import annotations

import re

import pytest

from commune_pilots.briefing.style import page_style


def test_the_style_asks_for_nothing_from_outside():
    assert not re.search(r"@import|url\(|https?:", page_style())


def test_the_style_covers_paper_dark_screens_and_phones():
    style = page_style()
    for wanted in ("@page{size:A4", "@media print", "prefers-color-scheme:dark", "max-width:639px"):
        assert wanted in style


def test_every_colour_is_a_variable_outside_the_two_palettes():
    rules = re.sub(r":root\{[^}]*\}", "", page_style())
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", rules)


def _palettes():
    style = page_style()
    light, dark, *_ = re.findall(r":root\{([^}]*)\}", style)
    return [dict(re.findall(r"--(\w+):(#[0-9a-fA-F]{3,6})", block)) for block in (light, dark)]


def _luminance(colour):
    digits = colour.lstrip("#")
    full = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one, two):
    darker, lighter = sorted((_luminance(one), _luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft", "main", "warn"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
def test_text_stands_out_from_its_ground(palette, text, ground):
    """4.8 to 1: the 4.5 of WCAG AA with room for rendering."""
    assert _contrast(palette[text], palette[ground]) >= 4.8


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("mark", ["line", "main"])
def test_marks_and_lines_stand_out_from_paper(palette, mark):
    assert _contrast(palette[mark], palette["paper"]) >= 3
