"""The gates of the pages beside the briefings, in a real browser.

The list under the evidence map (full, and before anything is published), the page of the map, the
reading guide, and the data request of every run. `test_gates.py` proves on a faulty page that what
measures can see; what is measured here alone is proved here, on pages broken on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from asked import EVERY_RUN, asked_of
from chromium import Opened, open_file
from listed import ENTRY, MANY, NOTHING, press_map
from measured import (
    PAPER_WIDTH,
    colour_of,
    heard,
    paint_with_requests_held,
    printed,
    show,
    small_words,
    sticking_out,
    violations,
)
from playwright.sync_api import Browser, Page

from commune_pilots.briefing.entries import Release
from commune_pilots.briefing.evidence_page import evidence_page
from commune_pilots.briefing.index import index_page
from commune_pilots.briefing.reading import reading_guide, reading_page
from commune_pilots.briefing.request_form import request_form

pytestmark = pytest.mark.slow  # a browser shows every page
WIDTHS = (320, 360, 768, 1280)
SCHEMES = ("light", "dark")
LEAST_LETTERS = 12.0  # px
TITLE = "Thị trấn Cần Giuộc: tỷ lệ hồ sơ nộp trực tuyến từ 16,8% lên 98,08%, chưa rõ vì sao"
RELEASED = [Release(day=date(2026, 11, 22), href="released/long_an-2026-11-22/briefing.html")]
ENTRIES = (replace(ENTRY, title=TITLE, released=RELEASED), *MANY[1:])
PAGES: dict[str, Callable[[], str]] = {
    "index": lambda: index_page(ENTRIES, found=press_map()),
    "index_empty": lambda: index_page([], found=NOTHING),
    "evidence": lambda: evidence_page(press_map(), index="index.html"),
    "evidence_empty": lambda: evidence_page(NOTHING, index="index.html"),
    "reading": lambda: reading_page(reading_guide(), index="index.html"),
    **{
        f"request_{run}": lambda run=run: request_form(asked_of(run), file="data_request.csv")
        for run in EVERY_RUN
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def _written(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.html"
    file.write_text(text, encoding="utf-8")
    return file


def _opened(browser: Browser, folder: Path, name: str, text: str) -> Iterator[Opened]:
    with open_file(browser, _written(folder, name, text)) as page:
        yield page


@pytest.fixture(scope="module", params=PAGES)
def shown(request: pytest.FixtureRequest, browser: Browser, folder: Path) -> Iterator[Opened]:
    yield from _opened(browser, folder, request.param, PAGES[request.param]())


@pytest.fixture(scope="module")
def index(browser: Browser, folder: Path) -> Iterator[Opened]:
    yield from _opened(browser, folder, "list", PAGES["index"]())


@pytest.fixture(scope="module")
def guide(browser: Browser, folder: Path) -> Iterator[Opened]:
    yield from _opened(browser, folder, "guide", PAGES["reading"]())


@pytest.fixture(scope="module")
def broken(browser: Browser, folder: Path) -> Iterator[Opened]:
    """The list without the rules that keep rows, and with one that hides rows on paper."""
    text = re.sub(r"(--(?:province|status|grade)):initial", r"\1:none", PAGES["index"]())
    text = text.replace("</style>", "@media print{#list tr:last-child{display:none}}</style>")
    yield from _opened(browser, folder, "broken", text)


# Every page


def test_a_page_asks_for_nothing_but_itself_and_runs_nothing(shown: Opened):
    for media, scheme in product(("screen", "print"), SCHEMES):
        show(shown.page, width=1280, scheme=scheme, media=media)
    assert shown.asked == [shown.file.as_uri()]
    assert shown.page.evaluate("document.scripts.length") == 0


def test_text_is_on_the_screen_within_a_second_while_requests_hang(browser: Browser, shown: Opened):
    painted = paint_with_requests_held(browser, shown.file, within=5000)
    assert painted is not None
    assert painted < 1000


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation_in_the_light(shown: Opened, width: int):
    show(shown.page, width=width)
    assert violations(shown.page) == []


def test_axe_finds_every_contrast_kept_in_the_dark(shown: Opened):
    show(shown.page, width=1280, scheme="dark")
    assert violations(shown.page, "color-contrast") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(shown: Opened, width: int):
    show(shown.page, width=width)
    assert sticking_out(shown.page) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_no_letter_is_lower_than_12_px(shown: Opened, width: int):
    show(shown.page, width=width)
    assert small_words(shown.page, least=LEAST_LETTERS) == []


def test_a_page_is_vietnamese_and_has_one_headline_and_a_title(shown: Opened):
    show(shown.page, width=1280)
    assert shown.page.evaluate("document.documentElement.lang") == "vi"
    headlines = shown.page.locator("h1").all_text_contents()
    assert len(headlines) == 1
    assert shown.page.title().startswith(headlines[0])


def test_nothing_is_wider_than_the_paper_and_paper_is_light(shown: Opened):
    show(shown.page, width=1280)
    light = [colour_of(shown.page, name) for name in ("paper", "ink")]
    show(shown.page, width=PAPER_WIDTH, scheme="dark", media="print")
    assert [colour_of(shown.page, name) for name in ("paper", "ink")] == light
    assert sticking_out(shown.page) == []


def test_every_row_of_every_table_is_on_paper(shown: Opened):
    show(shown.page, width=PAPER_WIDTH, media="print")
    assert _hidden_rows(shown.page) == []


def test_a_row_that_paper_leaves_out_is_seen(broken: Opened):
    show(broken.page, width=PAPER_WIDTH, media="print")
    assert [row[:18] for row in _hidden_rows(broken.page)] == [MANY[-1].title[:18]]


def _hidden_rows(page: Page) -> list[str]:
    """List the rows of tables that are not shown, by their words."""
    return list(
        page.locator("tbody tr").evaluate_all(
            "(rows) => rows.filter((row) => !row.checkVisibility()).map((row) => row.textContent)"
        )
    )


# The filters of the list


def _rows_shown(page: Page) -> list[str]:
    """List the runs on show, as the reader names them."""
    rows = page.locator("#list tbody tr:visible small")
    return rows.all_text_contents()


EXPECTED = [
    ({"province": "80-tinh-long-an"}, ["long_an"]),
    ({"province": "04-tinh-cao-bang"}, ["cao_bang", "cao_bang_2"]),
    ({"status": "simulated"}, ["smoke"]),
    ({"grade": "none"}, ["cao_bang", "cao_bang_2"]),
    ({"province": "04-tinh-cao-bang", "status": "official"}, ["cao_bang_2"]),
    ({"province": "80-tinh-long-an", "status": "official"}, []),
    ({"province": "80-tinh-long-an", "status": "draft", "grade": "low"}, ["long_an"]),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("choices", "runs"), EXPECTED)
def test_choices_leave_the_rows_that_fit_all_of_them(
    index: Opened, choices: dict[str, str], runs: list[str], width: int
):
    page = index.page
    show(page, width=width)
    _choose(page, choices)
    assert _rows_shown(page) == runs
    page.locator("button[type=reset]").click()
    assert _rows_shown(page) == [entry.run for entry in MANY]


def _choose(page: Page, choices: dict[str, str]) -> None:
    for name, value in choices.items():
        page.select_option(f"#{name}", value)


def test_a_filter_that_keeps_nothing_it_should_is_seen(broken: Opened):
    show(broken.page, width=1280)
    _choose(broken.page, {"province": "80-tinh-long-an"})
    assert _rows_shown(broken.page) == []
    broken.page.locator("button[type=reset]").click()


def test_the_map_stands_whole_whatever_is_chosen(index: Opened):
    show(index.page, width=1280)
    rows = index.page.locator("#map tbody tr:visible")
    before = rows.all_text_contents()
    _choose(index.page, {"province": "80-tinh-long-an", "status": "official"})
    assert rows.all_text_contents() == before
    assert len(before) == 4
    index.page.locator("button[type=reset]").click()


def test_the_number_of_rows_shown_is_told_and_so_is_that_none_fits(index: Opened):
    show(index.page, width=1280)
    assert "Đang hiển thị tất cả: 4 bản." in heard(index.page)
    _choose(index.page, {"province": "04-tinh-cao-bang"})
    assert "đang hiển thị: 2" in heard(index.page)
    _choose(index.page, {"status": "simulated"})
    assert "0. Không có bản nào khớp" in heard(index.page)
    index.page.locator("button[type=reset]").click()


def test_paper_lists_every_run_whatever_is_chosen(index: Opened):
    show(index.page, width=1280)
    _choose(index.page, {"status": "simulated"})
    sheets = "".join(sheet.extract_text() for sheet in printed(index.page).pages)
    for entry in MANY:
        assert len(re.findall(rf"\b{entry.run}\b", sheets)) == 1
    show(index.page, width=1280)
    index.page.locator("button[type=reset]").click()


def test_the_enter_key_in_a_filter_leaves_the_page_as_it_is(index: Opened):
    show(index.page, width=1280)
    index.page.locator("#status").press("Enter")
    index.page.keyboard.press("Escape")
    assert index.page.url == index.file.as_uri()
    assert index.asked == [index.file.as_uri()]


# The evidence map on top, and the guide


def test_the_map_stands_above_the_list_on_the_first_screen_of_a_phone(index: Opened):
    show(index.page, width=360)
    top = "(part) => part.getBoundingClientRect().top + scrollY"
    tops = [
        index.page.locator(part).evaluate(top) for part in ("#map h2", "#map table", "#list h2")
    ]
    assert tops == sorted(tops)
    assert tops[0] < 640


@pytest.mark.parametrize("name", ["index", "evidence"])
def test_the_map_needs_no_sideways_scrolling_on_the_narrowest_phone(
    browser: Browser, folder: Path, name: str
):
    with open_file(browser, _written(folder, name, PAGES[name]())) as opened:
        show(opened.page, width=320)
        region = opened.page.locator("#map .scroll, #grid .scroll")
        assert region.evaluate("(part) => part.scrollWidth - part.clientWidth") == 0


def test_marks_are_seen_and_their_words_are_heard(index: Opened):
    show(index.page, width=360)
    words = heard(index.page)
    assert "Trước–sau: 2, Chỉ sau: 1, Mức: 1, Chỉ tiêu: 1, Không có: 8" in words
    assert not re.search("[◆▲■◇○]", words)
    assert index.page.locator("#map table .marks").first.is_visible()


def test_each_language_of_the_guide_takes_two_sheets(guide: Opened):
    sheets = [sheet.extract_text() for sheet in printed(guide.page).pages]
    assert len(sheets) == 4
    assert "Cách đọc một bản tóm tắt" in sheets[0]
    assert "How to read" in sheets[2]
