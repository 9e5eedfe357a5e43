"""A briefing as PDF: dressed, tagged, the same bytes; what is missing is said in a sentence."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from datetime import date

import pypdf
import pytest
from bs4 import BeautifulSoup
from built import PRESS_RUNS, page_of
from papers import ALT, PAGE, WHEN

from commune_pilots.briefing import paper
from commune_pilots.briefing.paper import BROWSER_VARIABLE, dress, find_browser, to_pdf
from commune_pilots.errors import ExportError, ParameterError, WriteError

WITH_WEASYPRINT = pytest.mark.skipif(
    importlib.util.find_spec("weasyprint") is None, reason="the extra [pdf] is not here"
)
# Stands in for Chromium: notes what it was asked and prints a PDF that tells another moment.
STAND_IN = """#!{python}
import datetime, pathlib, sys
told = dict(word.partition("=")[::2] for word in sys.argv[1:])
page = pathlib.Path(sys.argv[-1].removeprefix("file://")).read_text(encoding="utf-8")
pathlib.Path({seen!r}).write_text("\\n".join(sys.argv[1:]) + "\\n" + page, encoding="utf-8")
if not {silent}:
    moment = datetime.datetime.now().strftime("%Y%m%d%H%M%S")
    dated = "/CreationDate (D:" + moment + "+00'00')\\n/ModDate (D:" + moment + "+00'00')\\n"
    pathlib.Path(told["--print-to-pdf"]).write_text("%PDF-1.4\\n" + dated)
print("first\\nno display", file=sys.stderr)
sys.exit({code})
"""


@pytest.fixture
def chromium():
    """Ask for the real one: these gates are about what it prints."""
    if find_browser() is None:
        pytest.fail("No Chromium found: install it (apt-get install chromium).", pytrace=False)


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """Put a stand-in in the browser's place; gives a function that reads what it was asked."""

    def place(*, code=0, silent=False):
        program, seen = tmp_path / "browser", tmp_path / "seen"
        told = {"python": sys.executable, "seen": str(seen), "code": code, "silent": silent}
        program.write_text(STAND_IN.format(**told), encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv(BROWSER_VARIABLE, str(program))
        return lambda: seen.read_text(encoding="utf-8")

    return place


def _reader(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def _figures(pdf):
    """Read the alternative text of every element tagged as a figure, None where there is none."""
    found, waiting = [], [_reader(pdf).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += [kid for kid in node if not isinstance(kid, int)]
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(node.get("/Alt"))
            if "/K" in node and not isinstance(node["/K"], int):
                waiting.append(node["/K"])
    return found


def _first_page(pdf):
    """Read page 1 without spaces: a PDF has none, it has places."""
    return "".join(_reader(pdf).pages[0].extract_text().split())


def test_the_dress_has_the_head_in_place_of_the_bar_and_nothing_else_moves():
    dressed = BeautifulSoup(dress(PAGE), "html.parser")
    assert dressed.find(class_="bar") is None
    assert [tag.get_text(" ") for tag in dressed.header.find_all(class_=["draft", "kind"])] == [
        "DỰ THẢO",
        "BẢN TÓM TẮT ĐÁNH GIÁ",
    ]
    bare = BeautifulSoup(PAGE, "html.parser")
    assert dressed.find(id="results").get_text() == bare.find(id="results").get_text()


def test_the_style_of_a_paper_comes_after_the_style_of_the_page():
    style = BeautifulSoup(dress(PAGE), "html.parser").style.get_text()
    assert style.index(".d0{") < style.index("@page{size:A4;margin:20mm 15mm 20mm 30mm")
    assert style.index("@page:first{@top-center{content:none}}") > style.index("@page{")
    assert 'local("Times New Roman")' in style


def test_links_that_leave_the_page_are_words_and_those_inside_stay():
    links = BeautifulSoup(dress(PAGE), "html.parser").find_all("a")
    assert all(link.get("href", "#").startswith("#") for link in links)
    assert [link.get_text() for link in links if not link.get("href")] == ["03"]
    assert [link["href"] for link in links if link.get_text() == "001"] == ["#s-1"]


def test_a_page_that_is_no_briefing_is_refused_before_anything_is_printed(browser):
    browser()
    with pytest.raises(ExportError, match="letterhead"):
        to_pdf("<main></main>", when=WHEN)


def test_the_browser_is_asked_for_a_tagged_pdf_without_header_and_footer(browser):
    seen = browser()
    to_pdf(PAGE, when=WHEN)
    asked, _, page = seen().partition("\n<!DOCTYPE html>")
    assert {"--headless=new", "--no-pdf-header-footer", "--export-tagged-pdf"} <= set(
        asked.splitlines()
    )
    assert f"<!DOCTYPE html>{page}".strip() == dress(PAGE).strip()


def test_the_sandbox_is_left_out_for_root_alone(browser, monkeypatch):
    seen = browser()
    for user, without in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        to_pdf(PAGE, when=WHEN)
        assert ("--no-sandbox" in seen().splitlines()) == without


def test_the_moment_of_printing_gives_way_to_the_day_of_the_briefing(browser):
    browser()
    pdf = to_pdf(PAGE, when=date(2026, 11, 22))
    assert pdf.count(b"(D:20261122000000+00'00')") == 2
    assert pdf == to_pdf(PAGE, when=date(2026, 11, 22))


@pytest.mark.parametrize(
    "moment", [b"(D:20261122131938+00'00')", b"(D:20261122131938Z)", b"(D:2026)"]
)
def test_dating_moves_no_byte(moment):
    pdf = b"%PDF /CreationDate " + moment + b" /Other (D:1) /ModDate" + moment + b" end"
    dated = paper._redated(pdf, date(2025, 1, 2))
    assert len(dated) == len(pdf)
    assert dated.startswith(b"%PDF /CreationDate (D:2025")
    assert b"/Other (D:1)" in dated


def test_nothing_is_left_of_a_printing(browser, tmp_path, monkeypatch):
    browser()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    to_pdf(PAGE, when=WHEN)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(("code", "silent"), [(3, False), (0, True), (3, True)])
def test_a_browser_that_fails_is_named_with_what_it_said_last(browser, code, silent):
    browser(code=code, silent=silent)
    with pytest.raises(WriteError, match=r"browser could not print .*\(no display\)") as refused:
        to_pdf(PAGE, when=WHEN)
    assert refused.value.exit_code == 6
    assert "không in được PDF" in refused.value.sentence("vi")


def test_a_browser_that_hangs_is_given_up(browser, monkeypatch, tmp_path):
    browser()
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    monkeypatch.setattr(paper, "_SECONDS", 0.2)
    with pytest.raises(WriteError, match="timed out"):
        to_pdf(PAGE, when=WHEN)


def test_a_browser_that_is_not_there_is_told_and_not_replaced(monkeypatch):
    monkeypatch.setenv(BROWSER_VARIABLE, "/nowhere/chromium")
    with pytest.raises(ParameterError, match="PILOTS_CHROMIUM=/nowhere/chromium") as refused:
        to_pdf(PAGE, when=WHEN)
    assert refused.value.exit_code == 2


def test_any_browser_of_the_family_will_do(monkeypatch, tmp_path):
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() is None
    edge = tmp_path / "msedge"
    edge.write_text("#!/bin/sh\n", encoding="utf-8")
    edge.chmod(0o755)
    assert find_browser() == str(edge)


@pytest.mark.parametrize(
    "raised", [ImportError("No module named 'weasyprint'"), OSError("pango\nx")]
)
def test_without_browser_and_weasyprint_one_sentence_says_what_to_install(monkeypatch, raised):
    class Absent:
        def find_spec(self, name, path=None, target=None):
            if name == "weasyprint":
                raise raised

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    monkeypatch.setenv(BROWSER_VARIABLE, "")
    with pytest.raises(ParameterError) as refused:
        to_pdf(PAGE, when=WHEN)
    assert refused.value.exit_code == 2
    for sentence in map(refused.value.sentence, ("vi", "en")):
        assert "commune-pilots[pdf]" in sentence
        assert "Chromium" in sentence
        assert "\n" not in sentence


@WITH_WEASYPRINT
@pytest.mark.slow
def test_weasyprint_prints_where_there_is_no_browser(monkeypatch):
    monkeypatch.setenv(BROWSER_VARIABLE, "")
    pdf = to_pdf(PAGE, when=WHEN)
    assert _reader(pdf).trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert _figures(pdf) == [ALT]
    assert "Kếtluận.Bướcđầuchothấy." in _first_page(pdf)
    assert to_pdf(PAGE, when=WHEN) == pdf


@pytest.mark.usefixtures("chromium")
@pytest.mark.slow
@pytest.mark.parametrize("run", [*PRESS_RUNS, "smoke"])
def test_g10_the_pdf_is_tagged_and_page_1_says_what_was_found(run):
    pdf = to_pdf(page_of(run), when=WHEN)
    root = _reader(pdf).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "vi"
    first = _first_page(pdf)
    heading = BeautifulSoup(page_of(run), "html.parser").h1.get_text()
    for words in (heading, "Kết luận.", "Khuyến nghị.", "Hình 1.", "DỰ THẢO"):
        assert "".join(words.split()) in first
    assert ("môphỏng" in first.lower()) == (run == "smoke")
    pages = _reader(pdf).pages
    assert "".join(pages[1].extract_text().split()).startswith("2")
    assert not first.startswith("1")


@pytest.mark.usefixtures("chromium")
@pytest.mark.slow
def test_g10_every_tagged_figure_has_its_alternative_text_and_nothing_leaves_the_file():
    page = page_of("bac_kan")
    pdf = to_pdf(page, when=WHEN)
    assert len(_figures(pdf)) == page.count("<figure")
    assert all(_figures(pdf))
    assert b"/URI" not in pdf
    assert b"file:" not in pdf
    sizes = {tuple(round(float(side)) for side in p.mediabox[2:]) for p in _reader(pdf).pages}
    assert sizes == {(595, 842)}


@pytest.mark.usefixtures("chromium")
@pytest.mark.slow
def test_two_printings_of_a_real_briefing_are_the_same_bytes():
    assert to_pdf(page_of("cao_bang"), when=WHEN) == to_pdf(page_of("cao_bang"), when=WHEN)
