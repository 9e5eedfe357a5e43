from __future__ import annotations

import dataclasses
import re
import unicodedata

import pytest
from bs4 import BeautifulSoup
from built import (
    PRESS_RUNS,
    executed_cell,
    findings_of,
    notebook_of,
    page_of,
    provenance,
    words_of,
    write_page,
)
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from commune_pilots.briefing.export import (
    check_page,
    export_briefing,
    export_notebook,
    headline,
    provenance_annex,
    visible_text,
)
from commune_pilots.errors import ClaimError, ExportError

ALT = "Biểu đồ quả tạ: Thị trấn A từ 16,8% lên 98,08%, chênh 81,3 điểm phần trăm."
GOOD = f"""<!DOCTYPE html>
<html lang="vi"><head><title>Trang</title></head><body>
<a href="#main">Đến nội dung</a><h1 id="main">Tỷ lệ từ 16,8% lên 98,08%, chưa rõ vì sao</h1>
<svg role="img"><title>{ALT}</title><use xlink:href="#m1"/><g id="m1"></g></svg>
<table><caption>B</caption><tr><th scope="col">Đơn vị</th></tr></table>
<p>Chênh 81,3 điểm phần trăm. <a href="01_clean_data.html">Sổ tay</a></p>
<section lang="en"><p>Why it moved is not known.</p></section>
</body></html>
"""
CAUSAL = {"vi": "Thí điểm làm tăng tỷ lệ hồ sơ.", "en": "The pilot increased the share."}


def _with(addition, *, after="</h1>"):
    assert GOOD.count(after) == 1
    return GOOD.replace(after, after + addition)


def _refused(page, grade="low"):
    with pytest.raises(ExportError) as caught:
        check_page(page, page="x/briefing.html", grade=grade)
    assert caught.value.exit_code == 9
    assert caught.value.values["page"] == "x/briefing.html"
    return caught.value.values["rule"]


def test_a_page_that_keeps_every_rule_passes():
    check_page(GOOD, page="x/briefing.html", grade="low")


@pytest.mark.parametrize(
    "script",
    [
        "<script>x()</script>",
        "<SCRIPT src='#x'></SCRIPT>",
        '<p onclick="x()">a</p>',
        '<a href="javascript:x()">a</a>',
    ],
)
def test_a_script_is_refused(script):
    assert _refused(_with(script)) == "no-script"


@pytest.mark.parametrize(
    "request_",
    [
        '<img src="https://example.org/a.png">',
        '<a href="http://example.org">a</a>',
        '<link href="//example.org/style.css">',
        '<img src="logo.png">',
        "<style>p{background:url(https://example.org/a.png)}</style>",
        '<style>@import "a.css";</style>',
        '<a href="file:///home/user/x.html">a</a>',
        '<a href="/srv/project/reports/index.html">a</a>',
    ],
)
def test_a_request_or_a_path_outside_the_folder_is_refused(request_):
    assert _refused(_with(request_)) == "no-request"


@pytest.mark.parametrize("page", [_with("<h1>Thêm</h1>"), re.sub(r"<h1.*</h1>", "", GOOD)])
def test_a_page_has_one_h1_no_more_no_fewer(page):
    assert _refused(page.replace('href="#main"', 'href="#m1"')) == "one-h1"


def test_decomposed_letters_are_refused():
    assert _refused(unicodedata.normalize("NFD", GOOD)) == "nfc"


@pytest.mark.parametrize(
    "figure",
    [
        "<svg role='img'></svg>",
        "<svg><title>Biểu đồ 1</title></svg>",
        f"<svg><title>{'không có con số nào ' * 4}</title></svg>",
        "<svg><title></title></svg>",
    ],
)
def test_a_figure_without_an_alternative_text_that_says_its_numbers_is_refused(figure):
    assert _refused(_with(figure)) == "alt-text"


@pytest.mark.parametrize("cell", ["<th></th>", '<th scope="col"> \n</th>'])
def test_an_empty_table_header_is_refused(cell):
    assert _refused(_with(f"<table><tr>{cell}</tr></table>")) == "table-header"


def test_a_link_to_nowhere_is_refused():
    assert _refused(_with('<a href="#o-001-99">9</a>')) == "dead-link"


def test_an_id_that_stands_twice_is_refused():
    """A link would lead to the first of them only."""
    assert _refused(_with('<p id="o-1">a</p><p id="o-1">b</p>')) == "id-twice"
    check_page(_with('<p id="o-1">a</p><p id="o-2">b</p>'), page="x", grade="low")


def test_a_per_cent_sign_before_points_is_refused():
    assert _refused(_with("<p>chênh 81,3% điểm phần trăm</p>")) == "points-not-percent"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("grade", ["none", "low"])
def test_a_causal_sentence_is_refused_in_its_language_below_medium(language, grade):
    page = _with(f'<p lang="{language}">{CAUSAL[language]}</p>')
    with pytest.raises(ClaimError) as caught:
        check_page(page, page="x", grade=grade)
    assert caught.value.exit_code == 8


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_causal_sentence_may_stand_from_medium_on(language):
    check_page(_with(f'<p lang="{language}">{CAUSAL[language]}</p>'), page="x", grade="medium")


def test_a_causal_sentence_split_by_inline_marks_is_seen():
    with pytest.raises(ClaimError):
        check_page(_with("<p>Thí điểm <b>làm</b> tăng tỷ lệ</p>"), page="x", grade="low")


def test_a_causal_sentence_in_an_alternative_text_is_seen():
    with pytest.raises(ClaimError):
        check_page(GOOD.replace(ALT, f"{ALT} {CAUSAL['vi']}"), page="x", grade="low")


def test_a_denial_in_another_block_does_not_excuse_a_claim():
    with pytest.raises(ClaimError):
        check_page(_with("<p>Chưa rõ</p><p>Thí điểm làm tăng tỷ lệ</p>"), page="x", grade="low")


def test_text_is_split_by_the_nearest_language():
    page = '<html lang="vi"><p>một<span lang="en">two</span>ba</p><p lang="en">four</p></html>'
    texts = visible_text(page)
    assert texts["vi"].split() == ["mộtba"]
    assert texts["en"].split() == ["twofour"] or texts["en"].split() == ["two", "four"]


def test_text_of_style_script_and_code_is_not_read():
    page = "<style>a{}</style><p>x<br>y</p><code>z=1.5</code>"
    assert visible_text(page)["vi"].split() == ["x", "y"]


@pytest.mark.parametrize("break_", ["<br>", "<br/>", "<br />", "<hr/>", "</i>"])
def test_text_after_a_break_or_a_stray_end_tag_is_read_in_its_language(break_):
    texts = visible_text(f'<section lang="en"><p>one{break_}two</p><p>three</p></section><p>ba</p>')
    assert "".join(texts["en"].split()) == "onetwothree"
    assert texts["vi"].split() == ["ba"]


def test_a_claim_behind_a_line_break_is_refused():
    with pytest.raises(ClaimError):
        check_page(_with(f"<p>a<br/>{CAUSAL['vi']}</p>"), page="x", grade="low")


@pytest.mark.parametrize("run", PRESS_RUNS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_word_of_a_real_page_is_held_against_the_evidence(run, language):
    seen = "".join(visible_text(page_of(run))[language].split())
    assert seen == "".join(words_of(page_of(run))[language].split())


@pytest.mark.parametrize(
    "hidden", ["<!-- <p>một</p> -->", '<i title="một > hai">', "<i title='một > hai'>"]
)
def test_what_stands_in_a_comment_or_an_attribute_is_not_read(hidden):
    assert visible_text(f"<p>{hidden}ba</p>")["vi"].split() == ["ba"]


@pytest.mark.parametrize("start", ['<P LANG="en">', "<p lang='en'>", "<p lang=en>"])
def test_a_language_is_read_however_it_is_written(start):
    texts = visible_text(f"<div>{start}a &lt; b</p>một</div>")
    assert texts["en"].strip() == "a < b"
    assert texts["vi"].split() == ["một"]


def test_an_element_closed_where_it_opens_gives_no_language_to_what_follows():
    assert visible_text('<p>một<svg lang="en"/>hai</p>')["vi"].split() == ["một", "hai"]


def test_blocks_are_kept_apart_and_inline_marks_are_not():
    assert visible_text("<p>a<b>b</b></p><p>c</p>")["vi"].split() == ["ab", "c"]


def test_an_error_output_is_refused():
    failed = new_output("error", ename="ValueError", evalue="x", traceback=[])
    notebook = new_notebook(cells=[new_code_cell("x", outputs=[failed])])
    for export in (
        lambda: export_briefing(notebook, provenance("x"), grade="low"),
        lambda: export_notebook(notebook, name="03_estimate_effects", pages={}),
    ):
        with pytest.raises(ExportError) as caught:
            export()
        assert caught.value.key == "export_error_output"


def test_the_page_shows_blocks_and_hides_code_and_prose():
    notebook = notebook_of(findings_of("smoke"))
    notebook.cells.insert(0, new_markdown_cell("# Write briefing"))
    notebook.cells[1].source = "secret_call(found)"
    page = export_briefing(notebook, provenance("smoke"), grade="low")
    assert "secret_call" not in page
    assert "Write briefing" not in page
    assert page.startswith('<!DOCTYPE html>\n<html lang="vi">')


def test_the_analysts_page_shows_prose_code_and_outputs_with_anchors():
    cell = executed_cell("<table><tr><td>1</td></tr></table>")
    cell.source, cell.id = "contrasts < 1", "contrast-all"
    notebook = new_notebook(cells=[new_markdown_cell("# Estimate effects"), cell])
    page = export_notebook(notebook, name="03_estimate_effects", pages={})
    assert '<pre id="contrast-all"><code>contrasts &lt; 1</code></pre>' in page
    assert "Estimate effects" in page
    assert "<td>1</td>" in page
    assert '<html lang="en">' in page


def test_printed_text_and_plain_values_are_escaped_for_analysts():
    shown = new_output("execute_result", data={"text/plain": "<Model>"})
    printed = new_output("stream", name="stdout", text="<b>")
    notebook = new_notebook(cells=[new_code_cell("x", outputs=[shown, printed])])
    page = export_notebook(notebook, name="x", pages={})
    assert "<pre>&lt;Model&gt;</pre>" in page
    assert "<pre>&lt;b&gt;</pre>" in page


def test_the_headline_becomes_the_title_of_the_page():
    notebook = new_notebook(cells=[executed_cell("<h1>A &lt; <b>B</b></h1>")])
    assert headline(notebook) == "A < B"
    assert headline(new_notebook()) == ""
    page = write_page(findings_of("smoke"))
    assert "<title>Bước đầu: tỷ lệ hồ sơ nộp trực tuyến" in page


def test_the_page_forbids_requests_by_its_own_policy():
    page = write_page(findings_of("smoke"))
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert page.count("Content-Security-Policy") == 1


def test_annex_c_holds_command_code_parameters_inputs_software_and_notebooks():
    annex = provenance_annex(provenance("long_an"))
    parts = ("pilots run long_an", "0" * 40, "alpha=0.05", "f" * 16, "python 3.11.7")
    for part in (*parts, 'href="01_clean_data.html"'):
        assert part in annex


def test_input_hashes_are_cut_to_sixteen_digits():
    """Enough to tell two files apart; the manifest beside the page has them whole."""
    annex = provenance_annex(provenance("long_an"))
    assert re.findall(r'<span class="hash">(f+)</span>', annex) == ["f" * 16]


def test_shapes_of_a_page_share_their_looks_and_each_class_is_in_the_style_sheet():
    page = page_of("bac_kan")
    sheet = page[: page.index("</style>")]
    used = set(re.findall(r'<(?:path|use)[^>]* class="(\w+)"', page))
    assert used
    assert [name for name in used if f".{name}{{" not in sheet] == []
    alone = re.findall(r'<(?:path|use)[^>]* style="([^"]*)"', page)
    assert len(alone) == len(set(alone)), "a look of two shapes is said once"


def test_uncommitted_changes_are_told_in_annex_c():
    dirty = dataclasses.replace(provenance("long_an"), dirty=True)
    assert "có thay đổi chưa lưu" in provenance_annex(dirty)
    assert "có thay đổi chưa lưu" not in provenance_annex(provenance("long_an"))


def test_a_page_of_a_project_without_git_says_that_no_commit_is_known():
    unknown = dataclasses.replace(provenance("long_an"), commit="unknown", dirty=True)
    annex = provenance_annex(unknown)
    assert "không rõ: thư mục của dự án không do git quản lý" in annex
    assert "unknown" not in annex
    assert "chưa lưu" not in annex


def test_values_of_annex_c_are_escaped():
    hostile = dataclasses.replace(provenance("x"), parameters={"status": "<script>"})
    assert "<script" not in provenance_annex(hostile)


@pytest.mark.slow
def test_two_exports_of_the_same_findings_are_the_same_bytes():
    assert write_page(findings_of("bac_kan")) == write_page(findings_of("bac_kan"))


@pytest.mark.slow
def test_a_cell_tagged_for_removal_is_left_out_of_the_briefing_but_not_of_the_analysts_page():
    cell = executed_cell("<p>seen by analysts only</p>")
    cell.metadata["tags"] = ["remove-cell"]
    notebook = notebook_of(findings_of("smoke"))
    notebook.cells.append(cell)
    assert "analysts only" not in export_briefing(notebook, provenance("x"), grade="low")
    assert "analysts only" in export_notebook(new_notebook(cells=[cell]), name="x", pages={})
    assert cell in notebook.cells


def test_every_table_and_figure_of_a_simulated_page_says_simulated():
    page = BeautifulSoup(page_of("smoke"), "html.parser")
    named = [*page.find_all("caption"), *page.find_all("figcaption")]
    assert [part.text for part in named if "MÔ PHỎNG" not in part.text] == []


@pytest.mark.slow
def test_the_title_of_a_simulated_page_says_so_behind_its_headline():
    title = re.search(r"<title>(.*?)</title>", page_of("smoke"))[1]
    assert title == f"{headline(notebook_of(findings_of('smoke')))} (DỮ LIỆU MÔ PHỎNG)"


def test_every_printed_sheet_of_a_simulated_page_says_so_and_none_of_another():
    assert '@page{@top-right{content:"DỮ LIỆU MÔ PHỎNG"' in page_of("smoke")
    assert "MÔ PHỎNG" not in page_of("long_an")


def test_an_analysts_page_of_a_simulated_run_says_so_first_in_both_languages():
    notebook = new_notebook(cells=[new_markdown_cell("# Clean data")])
    plain = export_notebook(notebook, name="x", pages={})
    assert "SIMULATED" not in plain
    page = BeautifulSoup(
        export_notebook(notebook, name="x", pages={}, simulated=True), "html.parser"
    )
    first = page.main.find_all("p", recursive=False)[:2]
    assert [part["lang"] for part in first] == ["vi", "en"]
    assert first[0].text.startswith("DỮ LIỆU MÔ PHỎNG. Toàn bộ số liệu")
    assert first[1].text.startswith("SIMULATED DATA. Every figure")


def test_a_link_to_a_notebook_leads_to_the_page_made_of_it():
    told = "[next](06_write_briefing.ipynb) and [more](https://example.org/a.ipynb)"
    pages = {"06_write_briefing.ipynb": "briefing.html"}
    page = export_notebook(new_notebook(cells=[new_markdown_cell(told)]), name="x", pages=pages)
    assert '<a href="briefing.html">next</a>' in page
    assert 'href="https://example.org/a.ipynb"' in page
