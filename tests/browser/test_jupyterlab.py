"""JupyterLab as `pilots lab` opens it, in a Chromium: menus, entries, pages, new notebooks."""

from __future__ import annotations

import dataclasses
import json
import urllib.error
import urllib.request
from contextlib import suppress

import psutil
import pytest
from built import page_of
from chromium import find_chromium
from desked import descendants, desk_project, git, lab
from listed import SIMULATED
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect, sync_playwright

from commune_pilots.briefing.evidence_map import map_runs
from commune_pilots.briefing.index import index_page

pytestmark = pytest.mark.slow
BRIEFING = "smoke/briefing_simulated.html"
# One line of 95 characters: more than ruff allows by itself, less than the project does.
UNTIDY = (
    "import sys, os\n"
    "shares = {'before':16.8,'after' :98.08}\n"
    "told = print( 'a sentence that is long enough','for a line','of our project',"
    " 'to fit in')\n"
    "more = 'with spaces'   # after it"
)
TIDY = (
    "import os\nimport sys\n\n"
    'shares = {"before": 16.8, "after": 98.08}\n'
    'told = print("a sentence that is long enough", "for a line", "of our project", "to fit in")\n'
    'more = "with spaces"  # after it'
)
SETTINGS = {
    "vi": {
        "menus": {"Tệp", "Chỉnh sửa", "Hiển thị", "Chạy", "Cài đặt", "Trợ giúp"},
        "entries": [
            "Nghiên cứu mới",
            "Chạy nghiên cứu này",
            "Các bản tóm tắt mới nhất",
            "Sổ tay mới theo mẫu",
        ],
    },
    "en": {
        "menus": {"File", "Edit", "View", "Run", "Settings", "Help"},
        "entries": ["New study", "Run this study", "Last briefings", "New notebook from template"],
    },
}


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    """A project in git in which one run is published."""
    layout = desk_project(tmp_path_factory.mktemp("lab") / "thư mục dự án")
    entry = dataclasses.replace(SIMULATED, href=BRIEFING)
    layout.reports("smoke").mkdir()
    (layout.reports(BRIEFING)).write_text(page_of("smoke"), encoding="utf-8")
    layout.reports("index.html").write_text(
        index_page([entry], found=map_runs([])), encoding="utf-8"
    )
    return layout


@pytest.fixture(scope="module")
def served(layout):
    with lab(layout, "smoke") as serving:
        yield serving


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=find_chromium())
        yield started
        started.close()


@pytest.fixture
def page(served, chromium):
    """JupyterLab where it opens by itself."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    shown = _open(context, served.url)
    yield shown
    context.close()


def _open(context, url):
    shown = context.new_page()
    shown.set_default_timeout(60_000)
    shown.goto(url)
    shown.locator(".jp-LauncherCard").first.wait_for(state="attached")
    shown.locator(".jp-HTMLViewer:visible").wait_for()  # opened last, over whatever came back
    return shown


def _press(page, entry):
    """Press an entry of the launcher; a tab of before that only now comes back may cover it."""
    card = page.locator(".jp-LauncherCard:visible").filter(has_text=entry).first
    for _ in range(10):
        page.locator(".lm-TabBar-tab[data-id^=launcher]").first.click()
        with suppress(TooLate):
            card.click(timeout=3_000)
            return
    raise AssertionError(f"no entry {entry}")


def _entries(page):
    category = page.locator(".jp-LauncherCard[data-category]").evaluate_all(
        "cards => cards.map(card => [card.dataset.category, card.innerText.trim()])"
    )
    return [name for kind, name in category if kind in ("Bàn làm việc", "Workbench")]


def _menus(page):
    return set(page.locator(".lm-MenuBar-itemLabel").all_inner_texts())


def test_menus_and_entries_are_in_vietnamese_and_the_entries_come_first(page):
    page.locator(".lm-TabBar-tab[data-id^=launcher]").first.click()
    assert _menus(page) >= SETTINGS["vi"]["menus"]
    assert _entries(page) == SETTINGS["vi"]["entries"]
    ours = page.locator(".jp-LauncherCard[data-category='Bàn làm việc']").first.bounding_box()
    usual = page.locator(".jp-LauncherCard", has_text="Python 3").first.bounding_box()
    assert ours["y"] < usual["y"]


def test_it_opens_on_the_list_of_briefings_and_a_click_leads_to_one(page):
    index = page.locator(".jp-HTMLViewer iframe").content_frame
    link = index.locator(f"a[href='{BRIEFING}']").first
    link.click()
    page.locator(".lm-TabBar-tab.lm-mod-current", has_text="briefing_simulated.html").wait_for()
    shown = page.locator(".jp-HTMLViewer:visible iframe").last.content_frame
    expect(shown.locator("h1").first).to_be_visible()
    assert "DỮ LIỆU MÔ PHỎNG" in shown.locator("body").inner_text()


def test_the_entry_brings_the_list_back(page):
    page.locator(".lm-TabBar-tab", has_text="index.html").locator(".lm-TabBar-tabCloseIcon").click()
    expect(page.locator(".lm-TabBar-tab", has_text="index.html")).to_have_count(0)
    _press(page, "Các bản tóm tắt mới nhất")
    index = page.locator(".jp-HTMLViewer:visible iframe").last.content_frame
    expect(index.locator(f"a[href='{BRIEFING}']").first).to_be_visible()


def test_a_new_notebook_has_a_tagged_cell_and_its_button_formats_as_the_project_does(page, layout):
    _press(page, "Sổ tay mới theo mẫu")
    notebook = page.locator(".jp-NotebookPanel:visible")
    notebook.locator(".jp-CodeCell").first.wait_for()
    notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    path = layout.root / "notebooks/drafts/draft-1.ipynb"
    tagged = [
        cell["id"]
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if "parameters" in cell["metadata"].get("tags", [])
    ]
    assert tagged == ["parameters"]
    cell = notebook.locator(".jp-CodeCell .cm-content").nth(1)
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(UNTIDY)
    notebook.get_by_title("Format notebook").click()
    expect(notebook.get_by_text('"before": 16.8')).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        saved = json.loads(path.read_text(encoding="utf-8"))["cells"][2]
        if "".join(saved["source"]) == TIDY:
            break
    assert saved["id"] == "setup"
    assert "".join(saved["source"]) == TIDY
    assert "notebooks/drafts/" in git(layout, "status", "--porcelain")  # git keeps drafts


def test_run_this_study_asks_which_and_runs_it_in_a_terminal(page, served, layout):
    _press(page, "Chạy nghiên cứu này")
    asked = page.locator(".jp-Dialog select")
    assert asked.input_value() == "smoke"  # the run at hand, named on the command line
    asked.select_option(label="long_an")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    assert _seen(page, served, ["run", "long_an"])
    assert (layout.processed(".at-hand")).read_text(encoding="utf-8") == "long_an\n"


def test_new_study_asks_its_name_here_and_the_rest_in_a_terminal(page, served):
    _press(page, "Nghiên cứu mới")
    page.locator(".jp-Dialog input").fill("Cà Mau")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page.locator(".jp-Dialog")).to_contain_text("Cà Mau")  # refused, with what is accepted
    page.locator(".jp-Dialog button").last.click()
    _press(page, "Nghiên cứu mới")
    page.locator(".jp-Dialog input").fill("ca_mau")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    assert _seen(page, served, ["new", "ca_mau"])


def _seen(page, served, words):
    """Wait for a command of ours among what the server has started."""
    for _ in range(100):
        for one in descendants(served.process):
            with suppress(psutil.Error):  # it may just have ended
                *_, program, first, second = ["", "", "", *one.cmdline()]
                if program.endswith("pilots") and [first, second] == words:
                    return True
        page.wait_for_timeout(200)
    return False


@pytest.mark.parametrize("place", ["desk", "run-at-hand", "notebook"])
def test_nobody_without_the_token_is_answered(served, place):
    body = None if place == "desk" else b"{}"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{served.address}commune-pilots/{place}", data=body, timeout=10)
    refused.value.close()
    assert refused.value.code == 403


def test_english_is_there_for_those_who_ask(layout, chromium):
    with lab(layout, PILOTS_LANG="en") as serving:
        context = chromium.new_context()
        page = _open(context, serving.url)
        assert _menus(page) >= SETTINGS["en"]["menus"]
        assert _entries(page) == SETTINGS["en"]["entries"]
        context.close()
