"""Annex G, its one sentence on the page, and the words of the command."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from datetime import date

import pytest
from bs4 import BeautifulSoup
from built import findings_of, notebook_of, page_of, provenance, table_called, table_rows, text_of
from recorded import CHANGE, LEVEL, POWER, RECORD, record, with_number

from commune_pilots import numerals
from commune_pilots.briefing.changes import Reason, compare
from commune_pilots.briefing.changes_annex import (
    MOST_ROWS,
    as_words,
    besides_words,
    changed_lines,
    changes_annex,
    number_name,
    reason_words,
    since_commit,
    since_sentence,
)
from commune_pilots.briefing.export import export_briefing
from commune_pilots.briefing.recorded import recorded_numbers
from commune_pilots.briefing.wording import Writer
from commune_pilots.errors import ExportError

THEN = numerals.day(date(2026, 11, 22), "en")
VI, EN = Writer("vi", "none"), Writer("en", "none")
MANY = [
    {**LEVEL, "id": f"level/{at}/a", "subject": f"{at}", "value": float(at)}
    for at in range(MOST_ROWS + 5)
]


def _annex(before, now, indicators=None):
    html = changes_annex(compare(before, now), indicators or {}, VI)
    return BeautifulSoup(str(html), "html.parser")


def _since(name, **changes):
    """The findings of a run, compared with a record that differs from it as asked."""
    findings = findings_of(name)
    numbers = recorded_numbers(findings["results"])
    about = {"numbers": numbers, "option": findings.verdict["option"], **changes}
    return replace(findings, released=record(**about))


def _exported(findings, *, with_annex=True):
    now = record(numbers=recorded_numbers(findings["results"]), date="2027-02-01")
    annex = changes_annex(compare(findings.released, now), findings.indicators, findings.writer())
    made = replace(provenance("x"), changes=annex if with_annex else None)
    return export_briefing(notebook_of(findings), made, grade=findings.grade)


def test_a_page_without_an_earlier_briefing_says_nothing_of_changes():
    assert since_sentence(findings_of("long_an"), VI) == []
    assert "annex-changes" not in page_of("long_an")


def test_the_sentence_counts_what_changed_and_is_one_link_to_the_annex():
    numbers = recorded_numbers(findings_of("long_an")["results"])
    moved = {**numbers[0], "value": 1.0}
    findings = _since("long_an", numbers=[moved, *numbers[2:], LEVEL])
    (sentence,) = since_sentence(findings, VI)
    link = BeautifulSoup(str(sentence), "html.parser").a
    assert link["href"] == "#annex-changes"
    assert link.get_text() == (
        "So với bản ngày 22/11/2026: khuyến nghị giữ nguyên; 1 con số thay đổi, 1 con số mới, "
        "1 con số không còn (Phụ lục G)."
    )
    assert str(sentence).count("<a ") == 1


@pytest.mark.parametrize(("option", "said"), [("stop", "đã khác"), (None, "giữ nguyên")])
def test_the_sentence_says_whether_the_recommendation_is_another(option, said):
    findings = _since("long_an", **({"option": option} if option else {}))
    assert f"khuyến nghị {said};" in since_sentence(findings, VI)[0]


def test_the_same_sentence_stands_in_english():
    (sentence,) = since_sentence(_since("long_an"), EN)
    assert "2026: recommendation unchanged; 0 numbers changed" in sentence


@pytest.mark.slow
def test_a_page_that_names_an_earlier_briefing_shows_what_changed_and_keeps_every_rule():
    numbers = recorded_numbers(findings_of("long_an")["results"])
    findings = _since("long_an", numbers=[{**numbers[0], "value": 1.0}, *numbers[1:]])
    page = BeautifulSoup(_exported(findings), "html.parser")
    assert page.find(id="done").find("a", href="#annex-changes")
    assert page.find(id="annex-changes").h2.get_text() == (
        "Phụ lục G. Thay đổi so với bản ngày 22/11/2026"
    )
    table = table_called(page, "Bảng G1")
    assert table.caption.a["href"] == "05_project_scaling.html#record-results"
    rows = table_rows(table)
    assert [row[0] for row in rows][-1].startswith("Thay đổi: Thị trấn Cần Giuộc")


@pytest.mark.slow
def test_a_sentence_without_its_annex_is_refused():
    with pytest.raises(ExportError) as caught:
        _exported(_since("long_an"), with_annex=False)
    assert caught.value.values["rule"] == "dead-link"


def test_the_table_shows_before_now_and_the_number_of_the_reasons():
    now = record(
        numbers=with_number(CHANGE, value=80.0), parameters={"alpha": 0.01}, option="stages"
    )
    annex = _annex(RECORD, now)
    header = [text_of(cell) for cell in annex.thead.find_all("th")]
    assert header == ["Mục", "22/11/2026", "Bản này", "Điều đã khác"]
    assert table_rows(annex.table) == [
        [
            "Khuyến nghị",
            "Duy trì thí điểm và đo lường",
            "Nhân rộng theo đợt, có xã đối chứng, thứ tự bốc thăm",
            "(1)",
        ],
        [
            "Thay đổi: Xã A",
            "81,3 (81,23 đến 81,34) điểm phần trăm",
            "80 (81,23 đến 81,34) điểm phần trăm",
            "(1)",
        ],
    ]
    assert [text_of(item) for item in annex.ol.find_all("li")] == ["tham số alpha 0,05 → 0,01"]


def test_each_set_of_reasons_is_listed_once_and_every_number_refers_to_its_own():
    numbers = [{**CHANGE, "value": 1.0}, {**LEVEL, "value": 2.0}, {**POWER, "value": 0.5}]
    now = record(numbers=numbers, parameters={"alpha": 0.01, "scenario": "costs"})
    annex = _annex(RECORD, now)
    assert [row[-1] for row in table_rows(annex.table)] == ["(1)", "(1)", "(2)"]
    assert [text_of(item) for item in annex.ol.find_all("li")] == [
        "tham số alpha 0,05 → 0,01",
        "tham số alpha 0,05 → 0,01; scenario no_costs → costs",
    ]


def test_a_number_that_nothing_explains_is_said_to_be_unexplained():
    annex = _annex(RECORD, record(numbers=with_number(CHANGE, value=80.0)))
    assert text_of(annex.ol) == ("chưa giải thích được: những gì con số này dựa vào đều giữ nguyên")


def test_new_and_gone_numbers_say_so_in_words_and_never_as_zero():
    annex = _annex(record(numbers=[CHANGE]), record(numbers=[LEVEL]))
    assert [row[1:3] for row in table_rows(annex.table)] == [
        ["chưa có ở bản trước", "99,9% (99,85% đến 99,95%)"],
        ["81,3 (81,23 đến 81,34) điểm phần trăm", "không còn ở bản này"],
    ]


def test_a_page_lists_the_first_dozen_and_counts_the_rest():
    annex = _annex(record(numbers=[]), record(numbers=MANY, option="stop"))
    assert len(table_rows(annex.table)) == MOST_ROWS + 1
    assert "Còn 5 con số khác" in text_of(annex)
    assert len(as_words(compare(record(numbers=[]), record(numbers=MANY)), {}, "vi")[0]) == (
        len(MANY) + 1
    )


def test_a_number_that_prints_as_before_is_counted_and_not_listed():
    tiny = record(numbers=with_number(POWER, value=POWER["value"] + 1e-7))
    annex = _annex(RECORD, tiny)
    assert annex.table is None
    assert "1 con số chỉ khác ở những chữ số không in ra." in text_of(annex)
    rows, _ = as_words(compare(RECORD, tiny), {}, "en")
    assert rows[1][1:3] == ["0.33", "0.33 (differs in digits not printed)"]


def test_an_annex_without_a_change_says_that_there_is_none():
    assert text_of(_annex(RECORD, record())).endswith("Không có con số nào thay đổi.")
    assert as_words(compare(RECORD, record()), {}, "en") == ([], ["No number changed."])


def test_what_comes_from_a_record_is_escaped():
    annex = changes_annex(compare(RECORD, record(title="<b>1 & 2</b>")), {}, VI)
    assert "&lt;b&gt;1 &amp; 2" in annex


def test_a_number_is_named_by_its_quantity_and_what_it_is_of(indicators):
    pooled = {
        "quantity": "pooled_level", "indicator": "online_share", "subject": "online_share-reml",
    }  # fmt: skip
    label = indicators["online_share"].label_vi
    assert number_name(CHANGE, indicators, VI) == f"Thay đổi: Xã A, {label[:1].lower()}{label[1:]}"
    assert number_name(POWER, indicators, EN) == "Power of the stages: stage 1"
    assert number_name(pooled, indicators, EN).startswith(
        "Level predicted for the next commune: REML model, "
    )
    assert number_name({"quantity": "evpi", "subject": "evpi"}, indicators, EN) == (
        "Value of perfect information"
    )


@pytest.mark.parametrize("run", ["long_an", "bac_kan", "hau_giang", "cao_bang", "smoke"])
@pytest.mark.parametrize("write", [VI, EN], ids=["vi", "en"])
def test_every_number_of_every_run_has_a_name_of_its_own_and_words(run, write):
    findings = findings_of(run)
    numbers = recorded_numbers(findings["results"])
    changes = compare(record(numbers=[]), record(numbers=numbers))
    lines = changed_lines(changes, findings.indicators, write)
    assert len(lines) == len(numbers)
    assert all(line.name and line.now for line in lines)
    assert not any(re.search(r"\w_\w", line.name) for line in lines)


def _reason(kind, name, before=None, now=None):
    return Reason(kind=kind, name=name, before=before, now=now)


def test_reasons_are_worded_by_kind_inputs_first():
    reasons = [
        _reason("version", "numpy", "2.4.6", "2.5.0"),
        _reason("environment", "lock"),
        _reason("module", "clean.scope"),
        _reason("module", "effects.exact"),
        _reason("notebook", "03_estimate_effects"),
        _reason("parameter", "alpha", 0.05, 0.01),
        _reason("input", "data/raw/press/units.csv"),
        _reason("input", "data/raw/press/observations.csv"),
    ]
    assert reason_words(reasons, "en") == [
        "files observations.csv, units.csv",
        "parameters alpha 0.05 → 0.01",
        "notebooks 03_estimate_effects",
        "2 modules of code",
        "versions numpy 2.4.6 → 2.5.0",
        "environment (lock)",
    ]
    assert "modules clean.scope, effects.exact" in reason_words(reasons, "en", names=True)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (0.05, 0.1, "0,05 → 0,1"),
        (1, 50, "1 → 50"),
        (["001"], ["001", "003"], "001 → 001, 003"),
        ([], ["x"], "– → x"),
        ("", "2026-11-22", "– → 2026-11-22"),
        (None, "plan", "– → plan"),
        (None, "", "(khóa mới, để trống)"),
        ([], None, "(khóa không còn, vốn để trống)"),
    ],
)
def test_a_parameter_is_written_as_the_language_does(before, now, said):
    assert reason_words([_reason("parameter", "x", before, now)], "vi") == [f"tham số x {said}"]


def test_parameters_that_are_lists_can_be_reasons_of_several_numbers():
    then = record(parameters={"alpha": ["001"]})
    now = record(numbers=[{**CHANGE, "value": 1.0}, {**LEVEL, "value": 2.0}, POWER])
    now["parameters"]["alpha"] = ["001", "003"]
    rows, reasons = as_words(compare(then, now), {}, "en", before="784249a59")
    assert rows[0][1:3] == ["784249a59", "Now"]
    assert reasons == ["(1) parameters alpha 001 → 001, 003"]


def test_what_a_commit_was_compared_in_is_told_and_what_moved_no_number():
    day = date(2026, 11, 22)
    plain = since_commit("long_an", "784249a59", day, "vi", borrowed=(), relocked=False)
    assert plain == [
        "long_an hiện nay so với 784249a59 (22/11/2026): mã nguồn, sổ tay, tham số và số liệu gốc "
        "của phiên bản ấy, phần mềm cài đặt hiện nay."
    ]
    told = since_commit("long_an", "784249a59", day, "en", borrowed=("a", "b"), relocked=True)
    assert "a, b." in told[1]
    assert told[2].startswith("uv.lock of 784249a59")
    assert besides_words([], "en") == []
    assert besides_words([_reason("module", "commune_pilots.x")], "en") == [
        "Differs too, and moved no number: 1 modules of code."
    ]


def test_the_words_of_the_command_hold_every_change_and_the_reasons_once():
    now = record(
        numbers=[{**CHANGE, "value": 1.0}, LEVEL],
        parameters={"alpha": 0.01},
        grade="none",
        date="2027-02-01",
    )
    rows, reasons = as_words(compare(copy.deepcopy(RECORD), now), {}, "en")
    assert rows == [
        ["Item", THEN, numerals.day(date(2027, 2, 1), "en"), "What differs"],
        ["Certainty", "low", "none", "(1)"],
        [
            "Change: Xã A",
            "81.3 (81.23 to 81.34) percentage points",
            "1 (81.23 to 81.34) percentage points",
            "(1)",
        ],
        ["Power of the stages: stage 1", "0.33", "no longer here", "(1)"],
    ]
    assert reasons == ["(1) parameters alpha 0.05 → 0.01"]
