from __future__ import annotations

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from built import findings_of

from commune_pilots.briefing import contrast_figure as module
from commune_pilots.briefing.contrast_figure import contrast_figure
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.pairing import contrast_all

TERMS = Terms(rounding="nearest", least_dossiers=1, alpha=0.05)


def _drawn(name: str, terms: Terms = TERMS, language="vi", contrasts=None):
    found = findings_of(name)
    table = found["contrasts"] if contrasts is None else contrasts
    return contrast_figure(table, found.indicators, terms, language=language)


def _under(name: str, terms: Terms) -> str:
    found = findings_of(name)
    table = contrast_all(found["observations"], found.names, terms, indicators=[])
    return _drawn(name, terms, contrasts=table)._repr_html_()


def test_every_change_is_named_with_its_widest_interval_in_drawing_and_words():
    figure = _drawn("long_an")
    drawn = BeautifulSoup(figure._repr_html_(), "html.parser")
    assert len(drawn.find_all("circle")) == 3
    assert "Phường 4: không quá 53,53 (−26,2 đến 60,9)" in figure.alt
    assert "Xã Dương Xuân Hội: 67,43 (56,6 đến 75,2)" in figure.alt
    assert figure.title == "2/3 thay đổi trước–sau có khoảng rộng nhất nằm về một phía của 0"
    assert "khoảng 95%" in figure.subtitle.replace("\u00a0", " ")
    assert drawn.find("figure")["id"] != "fig-contrasts", "the cell of the notebook has that id"


@pytest.mark.parametrize(
    "terms",
    [
        Terms(rounding="nearest", least_dossiers=200, alpha=0.05),
        Terms(rounding="nearest", least_dossiers=1, alpha=0.001),
        Terms(rounding="any", least_dossiers=1, alpha=0.05),
    ],
    ids=["floor", "alpha", "rounding"],
)
def test_a_changed_parameter_changes_the_drawing_and_what_is_said_below(terms):
    before, after = _under("long_an", TERMS), _under("long_an", terms)
    paths = [BeautifulSoup(html, "html.parser").find_all("path") for html in (before, after)]
    assert [path.get("d") for path in paths[0]] != [path.get("d") for path in paths[1]]
    subtitles = [BeautifulSoup(html, "html.parser").find(class_="sub") for html in (before, after)]
    assert subtitles[0].text != subtitles[1].text


@pytest.mark.parametrize(("alpha", "level"), [(0.05, "95%"), (0.001, "99,9%"), (0.025, "97,5%")])
def test_the_level_is_written_with_the_places_it_has(alpha, level):
    figure = _drawn("long_an", Terms(rounding="nearest", least_dossiers=1, alpha=alpha))
    assert f"khoảng {level} rộng nhất" in figure.subtitle.replace("\u00a0", " ")


def test_english_is_written_in_english():
    figure = _drawn("bac_kan", language="en")
    assert figure.title.startswith("1 of 2 before/after changes")
    assert "(-4.7 to 33.5)" in figure.alt.replace("−", "-")


def test_a_pair_that_shows_nothing_is_hollow():
    html = _drawn("bac_kan")._repr_html_()
    fills = [circle["style"] for circle in BeautifulSoup(html, "html.parser").find_all("circle")]
    assert ["fill:var(--paper)" in style for style in fills] == [False, True]


def test_no_pair_is_a_sentence_and_no_drawing():
    shown = _drawn("hau_giang")._repr_html_()
    assert "Không có cặp số liệu trước–sau nào" in shown
    assert "svg" not in shown


def test_of_many_pairs_the_first_are_drawn_and_the_page_says_so():
    table = findings_of("smoke")["contrasts"]
    many = pd.concat([table] * 4, ignore_index=True)
    figure = _drawn("smoke", contrasts=many)
    drawn = BeautifulSoup(figure._repr_html_(), "html.parser")
    assert len(drawn.find_all("circle")) == module.MOST_ROWS < len(many)
    assert f"{module.MOST_ROWS} cặp đầu trong {len(many)} cặp" in figure.subtitle


def test_the_tables_are_not_changed():
    table = findings_of("long_an")["contrasts"]
    before = table.copy(deep=True)
    _drawn("long_an")
    pd.testing.assert_frame_equal(table, before)
