"""Checks of a release: each passes on a sound run, fails on one fault, and says what to do."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.clean.small_counts import SmallCounts
from commune_pilots.runs import release_checks as checks
from commune_pilots.runs.plan import Planned, Reason
from commune_pilots.runs.release_checks import Code, Leak

ALT = "Biểu đồ quả tạ: thị trấn Cần Giuộc từ 16,8% lên 98,08%, có khoảng tin cậy."
SVG = f'<svg role="img"><title id="f-t">{ALT}</title></svg>'
COMMIT = "c0ffee" * 6 + "c0ff"


def _manifest(data="press", status="official", scenario="no_costs", dirty=False):
    parameters = {"status": status, "scenario": scenario}
    return {"run": "long_an", "data": data, "parameters": parameters, "commit": COMMIT,
            "dirty": dirty, "outputs": {"a": "1", "b": "2"}}  # fmt: skip


def _tables(kind="press", data="press"):
    sources = pd.DataFrame({"source": ["001", "x"], "kind": ["press", kind]})
    return {"sources": sources, "results": pd.DataFrame({"data": ["press", data]})}


def _page(body=""):
    return f'<html lang="vi"><body><main><h1>Phát hiện</h1>{body}</main></body></html>'


def _outputs(pages=None, planned=(), altered=(), indexed=True, grade="low"):
    pages = {"briefing.html": _page()} if pages is None else pages
    return checks.check_outputs(
        _manifest(), pages, planned, altered=altered, grades={"briefing.html": grade},
        indexed=indexed,
    )  # fmt: skip


def test_a_sound_run_passes_each_check_in_both_languages():
    found = [
        checks.check_simulated(_manifest(), _tables()),
        checks.check_status(_manifest()),
        checks.check_small_counts(SmallCounts(looked=9, own=False, printed=1, places=())),
        checks.check_personal_data([], files=42),
        checks.check_code(_manifest(), Code(known=True)),
        _outputs(),
        checks.check_figures({"briefing.html": _page(SVG)}),
        checks.check_approver("Nguyễn Thị Bình"),
    ]
    assert [each.check for each in found if not each.passed] == []
    assert len({each.check for each in found}) == 8
    for each in found:
        for language in LANGUAGES:
            assert getattr(each.looked_at, language)
            assert getattr(each.found, language)


@pytest.mark.parametrize(
    ("status", "says"), [("official", "bears status: official"), ("draft", "is on simulated data")]
)
def test_a_run_on_simulated_data_is_never_released(status, says):
    found = checks.check_simulated(_manifest("simulated", status), _tables())
    assert not found.passed
    assert says in found.found.en


@pytest.mark.parametrize(
    ("manifest", "tables", "named"),
    [
        (_manifest(), _tables(kind="simulated"), "sources"),
        (_manifest(), _tables(data="simulated"), "results"),
        (_manifest(scenario="simulated"), _tables(), "scenario"),
        (_manifest(scenario="simulated"), {}, "scenario"),
    ],
)
def test_simulated_data_that_meets_press_figures_is_named(manifest, tables, named):
    found = checks.check_simulated(manifest, tables)
    assert not found.passed
    assert f"({named})" in found.found.vi


def test_a_draft_is_told_which_key_to_set_and_where():
    found = checks.check_status(_manifest(status="draft"))
    assert not found.passed
    assert "status: official" in found.found.en
    assert "params/runs/long_an.yml" in found.found.vi


def test_small_counts_are_told_by_place():
    small = SmallCounts(looked=4, own=True, printed=0, places=("observations, rest, row 3",))
    found = checks.check_small_counts(small)
    assert not found.passed
    assert "observations, rest, row 3" in found.found.en
    assert "1 to 7" in found.looked_at.en


def test_public_figures_are_told_apart_from_ones_own():
    of_others = checks.check_small_counts(SmallCounts(looked=4, own=False, printed=2, places=()))
    own = checks.check_small_counts(SmallCounts(looked=4, own=True, printed=2, places=()))
    assert of_others.passed
    assert own.passed
    assert "no count of its own" in of_others.found.en
    assert "no count of its own" not in own.found.en


def test_tables_without_any_count_say_so():
    found = checks.check_small_counts(SmallCounts(looked=0, own=False, printed=0, places=()))
    assert found.passed
    assert found.found.en == "the tables have no such count"


def test_personal_data_is_told_by_kind_and_place_the_first_ones_in_full():
    leaks = [Leak(kind="phone", file="reports/r/briefing.html", place="", line=12)]
    leaks += [
        Leak(kind="email", file="t.parquet", place=f"note, row {n}", line=1) for n in range(5)
    ]
    found = checks.check_personal_data(leaks, files=3)
    assert not found.passed
    assert "telephone number (reports/r/briefing.html:12)" in found.found.en
    assert "địa chỉ thư điện tử (t.parquet, note, row 0)" in found.found.vi
    assert "and 2 more" in found.found.en


@pytest.mark.parametrize(
    ("dirty", "code", "says"),
    [
        (True, Code(known=True), "not committed"),
        (False, Code(known=False), "not in the history"),
        (False, Code(known=True, changed=("src/x.py", "new.txt")), "src/x.py; new.txt"),
    ],
)
def test_code_that_others_cannot_check_out_is_refused(dirty, code, says):
    found = checks.check_code(_manifest(dirty=dirty), code)
    assert not found.passed
    assert says in found.found.en
    assert "pilots run long_an --force" in found.found.vi


def test_an_altered_file_is_named():
    found = _outputs(altered=["reports/long_an/briefing.html"])
    assert not found.passed
    assert "reports/long_an/briefing.html is missing or differs" in found.found.en


def test_a_step_that_is_due_is_named_with_its_first_reason():
    due = Planned("pages", (Reason("module", (("name", "m"),)), Reason("new")))
    found = _outputs(planned=[Planned("01_clean_data", ()), due])
    assert not found.passed
    assert "step pages must run again (module m changed" in found.found.en
    assert "01_clean_data" not in found.found.en


def test_a_page_that_breaks_a_rule_is_named_with_the_rule():
    found = _outputs({"briefing.html": _page("<script>x</script>")})
    assert not found.passed
    assert "briefing.html: the page breaks the rule no-script (script)" in found.found.en
    assert ".;" not in found.found.en


def test_a_sentence_stronger_than_its_grade_is_refused():
    page = _page('<p lang="en">The pilot caused the rise.</p>')
    assert not _outputs({"briefing.html": page}, grade="low").passed


def test_a_missing_page_is_no_page():
    assert not _outputs({}).passed


def test_pages_that_no_rule_holds_are_not_held():
    pages = {"briefing.html": _page(), "01_clean_data.html": "<h1>a</h1><h1>b</h1>"}
    assert _outputs(pages).passed


@pytest.mark.parametrize("target", ["other.html", "other.html#a", "03.html#nowhere"])
def test_a_link_to_a_page_or_place_that_is_not_there_is_named(target):
    pages = {"briefing.html": _page(f'<a href="{target}">x</a>'), "03.html": '<p id="here">y</p>'}
    found = _outputs(pages)
    assert not found.passed
    assert f"briefing.html: the link {target} leads nowhere" in found.found.en


def test_a_link_to_a_place_of_another_page_is_followed():
    pages = {
        "briefing.html": _page('<a href="03.html#here">x</a>'),
        "03.html": '<p id="here">y</p>',
    }
    assert _outputs(pages).passed


def test_a_run_that_the_index_does_not_list_is_refused():
    found = _outputs(indexed=False)
    assert not found.passed
    assert "reports/index.html" in found.found.vi


@pytest.mark.parametrize(
    "picture",
    [
        "<svg><path/></svg>", "<svg><title>Hình 1</title></svg>", '<img src="x">',
        f"<svg><title>{ALT.replace('16,8', '').replace('98,08', '')}</title></svg>",
        '<img alt="Figure 1">',
    ],
)  # fmt: skip
def test_a_picture_without_a_good_alternative_text_is_counted_with_its_page(picture):
    found = checks.check_figures({"03.html": _page(SVG + picture), "briefing.html": _page(SVG)})
    assert not found.passed
    assert found.found.en.startswith("1 pictures")
    assert "03.html" in found.found.vi
    assert "briefing.html" not in found.found.vi
    assert "3 pictures" in found.looked_at.en


def test_pictures_with_good_texts_pass_and_the_shortest_is_told():
    found = checks.check_figures({"a.html": _page(SVG), "b.html": f'<img alt="{ALT}{ALT}">'})
    assert found.passed
    assert str(len(ALT)) in found.found.en


def test_a_page_without_pictures_passes():
    assert checks.check_figures({"data_request.html": _page()}).passed


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Bình", "NGUYỄN THỊ BÌNH", "TS. Lê Hoàng Nam", "Trương Vĩnh Ký", "Lê Văn Duyệt",
        "Nguyễn Thị Bình, Phó Giám đốc Sở KH&CN", "Vàng A Pao (Chủ tịch UBND xã)", "Lò Thị Ý",
        "Anna-Maria O’Neill",
    ],
)  # fmt: skip
def test_a_person_is_an_approver(name):
    assert checks.check_approver(name).passed


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "Bình", "admin", "TODO", "Nguyễn Văn A", "Trần Thị B", "Lê Văn C, Giám đốc",
        "John Doe", "Full Name", "Họ và tên", "Người duyệt", "ký tên", "Test User", "name name",
        "0912 345 678", "binh@sokhcn.vn", "Nguyễn Văn 2", "<b>Nguyễn Bình</b>", "...", "— —",
        "Nguyễn\nBình",
    ],
)  # fmt: skip
def test_what_stands_for_any_name_or_is_none_is_no_approver(name):
    found = checks.check_approver(name)
    assert not found.passed
    assert "--approver" in found.found.vi


def test_a_name_is_written_as_given_and_composed():
    given = unicodedata.normalize("NFD", " Nguyễn Thị Bình ")
    assert checks.approver_name(given) == "Nguyễn Thị Bình"
