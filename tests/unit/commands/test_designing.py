from __future__ import annotations

import pytest

from commune_pilots import screen
from commune_pilots.cli import main
from commune_pilots.commands.designing import lines
from commune_pilots.effects.evidence import refuse_overclaim
from commune_pilots.scaling import pilot_design
from commune_pilots.scaling.pilot_design import Foreseen, PilotPlan

PLAN = PilotPlan(
    communes=108,
    pilots=8,
    per_district=True,
    months_before=12,
    months_after=9,
    own_change=3.0,
    month=5.0,
    autocorrelation=0.4,
)
FOUND = Foreseen(
    choices=1_097_199_376,
    smallest_p=1e-9,
    std_error=1.5,
    gains=(2.5, 5.0),
    power=(0.275, 0.999),
    by_formula=(0.29, 0.79),
    detectable=5.04,
)
NOTHING = Foreseen(
    choices=12,
    smallest_p=1 / 12,
    std_error=4.0,
    gains=(5.0,),
    power=None,
    by_formula=None,
    detectable=None,
)
ASKED = {"gain": 5.0, "alpha": 0.05, "wanted": 0.8}
USUAL = (
    "--months-before", "12", "--months-after", "12", "--sd-unit", "3", "--sd-month", "5",
    "--autocorrelation", "0.4",
)  # fmt: skip


@pytest.fixture
def design(tmp_path, monkeypatch, capsys):
    """Call the command outside a project, its simulation cut short; code and what was printed."""
    monkeypatch.setenv("PILOTS_LANG", "both")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(screen, "wrapped", screen._Screen(highlight=False, width=200))
    foresee = pilot_design.foresee
    quick = {"simulations": 20, "draws": 99}
    monkeypatch.setattr(pilot_design, "foresee", lambda *a, **k: foresee(*a, **k, **quick))

    def call(*words):
        with pytest.raises(SystemExit) as left:
            main(["design", *words])
        printed = capsys.readouterr()
        return left.value.code, " ".join((printed.out + printed.err).split())

    return call


def _said(found, needed, language, plan=PLAN):
    return "\n".join(
        f"{heading}: {line}"
        for heading, line in lines(plan, found, needed, language=language, **ASKED)
    )


def test_a_plan_is_answered_in_both_languages(design):
    code, said = design("--communes", "40", "--pilots", "5", "--per-district", *USUAL)
    assert code == 0
    assert "5 trong 40 xã, mỗi huyện bốc thăm một xã; 12 tháng trước, 12 tháng sau" in said
    assert "5 of 40 communes, one drawn per district; 12 months before, 12 after" in said
    assert "p < 0,001: có 32.768 cách chọn xã" in said
    assert "p < 0.001: there are 32,768 ways to choose the communes" in said


def test_where_no_data_could_decide_the_command_says_so_and_ends_well(design):
    code, said = design("--communes", "12", "--pilots", "1", *USUAL)
    assert code == 0
    assert "không quyết định được bằng thiết kế này: p nhỏ nhất lớn hơn mức 0,050" in said
    assert "not decidable by this design: the smallest p is above the level 0.050" in said
    assert "significant" not in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--communes", "9", "--pilots", "8"), "give at least 10 (--communes)"),
        (("--communes", "15", "--pilots", "8", "--per-district"), "give at least 16 (--communes)"),
    ],
)
def test_too_few_communes_to_compare_with_are_refused(design, words, told):
    code, said = design(*words, *USUAL)
    assert code == 2
    assert told in said
    assert "quá ít xã để so sánh" in said


def test_a_plan_without_scatter_is_refused(design):
    still = [*USUAL[:5], "0", "--sd-month", "0", *USUAL[8:]]
    code, said = design("--communes", "40", "--pilots", "5", *still)
    assert code == 2
    assert "--sd-unit and --sd-month are both 0" in said


@pytest.mark.parametrize(
    "words",
    [("--communes", "40"), ("--communes", "40", "--pilots", "0", *USUAL), ("--communes", "x")],
)
def test_a_question_that_cannot_be_read_is_refused(design, words):
    code, _ = design(*words)
    assert code == 2


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("vi", "Xác suất phát hiện: mức tăng 2,5 điểm phần trăm: 28% (theo công thức t: 29%)"),
        ("en", "Power: a gain of 2.5 percentage points: 28% (by the t formula: 29%)"),
    ],
)
def test_power_is_told_gain_by_gain(language, told):
    said = _said(FOUND, (9, 13), language)
    assert told in said
    assert "> 99%" in said
    assert "100%" not in said


def test_only_the_first_line_of_a_kind_has_a_heading():
    headings = [heading for heading, _ in lines(PLAN, FOUND, (9, 13), language="en", **ASKED)]
    assert headings == [
        "Plan", "Smallest p", "Power", "", "Detectable", "Pilots needed", "Months needed", "Assumes"
    ]  # fmt: skip


def test_what_is_needed_is_counted_and_what_cannot_be_is_said():
    assert "at least 9 pilot communes to detect a gain of 5.0 percentage points" in _said(
        FOUND, (9, None), "en"
    )
    assert "not even five years on each side" in _said(FOUND, (9, None), "en")
    assert "ngay cả một nửa số xã cũng không đủ" in _said(FOUND, (None, 13), "vi")


def test_a_gain_beyond_all_that_were_tried_is_not_made_up():
    beyond = Foreseen(**{**{f: getattr(FOUND, f) for f in FOUND.__slots__}, "detectable": None})
    assert "no gain that was tried is detected" in _said(beyond, (9, 13), "en")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("found", [FOUND, NOTHING], ids=["decides", "decides nothing"])
def test_no_line_claims_a_cause(language, found):
    for _, line in lines(PLAN, found, (None, 4), language=language, **ASKED):
        assert refuse_overclaim(line, "none", language) == line
