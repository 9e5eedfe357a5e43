"""The calculator: what is read, what is answered, how it is worded in either language."""

from __future__ import annotations

import dataclasses
import json
import re
from decimal import Decimal
from functools import cache

import pytest
from built import findings_of
from hypothesis import given, settings
from hypothesis import strategies as st

from commune_pilots.briefing.answer import Question, as_json, as_lines, ask, read_figure
from commune_pilots.catalogue import LANGUAGES, text
from commune_pilots.effects.contrast import Terms
from commune_pilots.effects.evidence import causal_sentences, mixing_sentences
from commune_pilots.errors import ParameterError

PRESS = {
    "Cần Giuộc": ("16,8", "98,08"),
    "Dương Xuân Hội": ("18,98", "86,41"),
    "Phường 4": ("chưa có", "53,53"),
    "Sông Cầu": ("0,1", "10,7"),
    "Quang Thuận": ("2,0", "8,3"),
}
EDGES = [
    ("0", "100"), ("0", "0"), ("100", "100"), ("50", "50"), ("16,8", "16,9"), ("100", "0"),
    ("trên 99", "98"), ("trên 90", "trên 95"),
    ("gần 5", "ít nhất 90"), ("khoảng 30", "khoảng 40"), ("0/1", "1/1"), ("16/95", "98,08"),
]  # fmt: skip
PAIR_LINES = [
    "pair", "terms", "change", "denominators", "worst", "interval", "shows", "cannot", "rivals",
    "needs", "grade",
]  # fmt: skip


def _figure(typed, number=None):
    return read_figure(typed, number=number, option="BEFORE")


@cache
def _ask(before, after, *, numbers=(None, None), deff=1.0, **terms):
    assumed = {"rounding": "nearest", "least_dossiers": 1, "alpha": 0.05} | terms
    first = None if before is None else _figure(before, numbers[0])
    return ask(
        Question(
            before=first,
            after=_figure(after, numbers[1]),
            terms=Terms(**assumed),
            design_effect=deff,
        )
    )


def _lines(answer, language="vi"):
    """Map each part of an answer to its sentence."""
    parts = ("pair", "figure", "share", "any", "independent", *PAIR_LINES)
    named = {text(f"calculator.heading.{part}", language): part for part in parts}
    return {named[heading]: sentence for heading, sentence in as_lines(answer, language)}


def _refused(typed, number=None):
    with pytest.raises(ParameterError) as caught:
        _ask("5", typed, numbers=(None, number))
    return {language: caught.value.sentence(language) for language in LANGUAGES}


@pytest.mark.parametrize("before", ["chưa có", "16,8"])
def test_none_yet_after_something_is_refused_in_both_languages(before):
    with pytest.raises(ParameterError) as caught:
        _ask(before, "chưa có")
    assert "chưa có" in caught.value.sentence("vi")
    assert "none yet" in caught.value.sentence("en")


# What is read


@pytest.mark.parametrize("typed", ["16,8", "16.8", " 16,8 % ", "16.8%", "đạt 16,8"])
def test_either_decimal_mark_is_read_as_the_same_figure(typed):
    figure = _figure(typed)
    assert (figure.value, figure.decimals, figure.qualifier) == (Decimal("16.8"), 1, "exact")


@pytest.mark.parametrize(("typed", "decimals"), [("2", 0), ("2,0", 1), ("2.00", 2)])
def test_trailing_zeros_say_how_finely_a_figure_was_printed(typed, decimals):
    assert _figure(typed).decimals == decimals


@pytest.mark.parametrize(
    ("vi", "en", "qualifier"),
    [
        ("trên 99", "over 99", "over"),
        ("hơn 99", "more than 99", "more_than"),
        ("ít nhất 99", "at least 99%", "at_least"),
        ("gần 99", "nearly 99", "nearly"),
        ("khoảng 99", "about 99", "about"),
    ],
)
def test_a_bound_is_read_in_either_language(vi, en, qualifier):
    assert _figure(vi) == _figure(en)
    assert _figure(vi).qualifier == qualifier


@pytest.mark.parametrize("typed", ["chưa có", "CHƯA CÓ", "none yet", "None yet"])
def test_none_yet_has_no_value(typed):
    assert (_figure(typed).value, _figure(typed).qualifier) == (None, "none_yet")


def test_counts_carry_their_number_of_dossiers():
    figure = _figure("16/95")
    assert (figure.numerator, figure.denominator) == (16, 95)
    assert _figure("16,8", 95).denominator == 95
    assert _figure("16/95", 95) == figure


@pytest.mark.parametrize(
    "typed", ["", "x", "16,8x", "16,,8", "101", "100,1", "-5", "96/95", "1/0", "trên", "1e1", "nan"]
)
def test_what_cannot_be_read_is_refused_with_what_was_typed_and_what_is_accepted(typed):
    with pytest.raises(ParameterError) as caught:
        _figure(typed)
    for language in LANGUAGES:
        sentence = caught.value.sentence(language)
        assert "BEFORE" in sentence
        assert repr(typed) in sentence
        assert "16/95" in sentence


def test_two_numbers_of_dossiers_for_one_figure_are_refused():
    with pytest.raises(ParameterError) as caught:
        _figure("16/95", 96)
    for language in LANGUAGES:
        assert "96" in caught.value.sentence(language)


def test_a_number_that_cannot_print_its_percentage_is_refused_with_the_nearest_that_can():
    refused = _refused("16,8", 100)
    assert "16,8%" in refused["vi"]
    assert "16.8%" in refused["en"]
    for sentence in refused.values():
        assert re.search(r"\b95, 101\b", sentence)


def test_a_bound_that_leaves_nothing_is_refused():
    assert "gần 0" in _refused("gần 0")["vi"]


# What is answered


@pytest.mark.parametrize("unit", PRESS)
def test_the_calculator_and_the_briefing_answer_alike(unit):
    """Every column of table contrasts that follows from the two figures."""
    pairs = [row for run in ("long_an", "bac_kan") for row in findings_of(run).contrasts]
    printed = next(row for row in pairs if row["unit_name"].endswith(unit))
    found = dataclasses.asdict(_ask(*PRESS[unit]).contrast)
    for name, value in found.items():
        seen = printed[name]
        assert (value is None and seen != seen) or seen is value or seen == pytest.approx(value)


@pytest.mark.parametrize(
    ("unit", "before", "after"),
    [
        ("Cần Giuộc", [95, 101, 107, 113], [52, 104, 156, 208]),
        ("Phường 4", [1, 2, 3, 4], [170, 241, 269, 312]),
        ("Quang Thuận", [49, 50, 51, 98], [12, 24, 36, 48]),
    ],
)
def test_the_first_numbers_that_print_a_figure_are_listed(unit, before, after):
    assert _ask(*PRESS[unit]).denominators == {"before": before, "after": after}


def test_counts_leave_one_pair_and_one_change():
    contrast = _ask("16/95", "51/52").contrast
    assert contrast.design == "before_after_with_n"
    assert (contrast.n_before, contrast.n_after) == (95, 52)
    assert contrast.change == pytest.approx(100 * (51 / 52 - 16 / 95), abs=0.005)


@pytest.mark.parametrize(("floor", "answer"), [(102, "decisive"), (103, "decided")])
def test_a_floor_on_the_dossiers_turns_the_answer_where_it_must(floor, answer):
    assert _ask("2,0", "8,3", least_dossiers=floor).contrast.denominators == answer


def test_no_assumption_on_the_rounding_widens_everything():
    plain, wide = (_ask("2,0", "8,3", rounding=way).contrast for way in ("nearest", "any"))
    assert wide.worst_p > plain.worst_p
    assert wide.change_low < plain.change_low < plain.change_high < wide.change_high
    assert wide.conf_low < plain.conf_low < plain.conf_high < wide.conf_high


def test_the_p_value_rises_with_the_design_effect():
    found = [_ask("18,98", "86,41", deff=effect) for effect in (2.0, 17.0, 18.0)]
    values = [answer.p_with_design_effect for answer in found]
    assert values == sorted(values)
    assert values[0] > found[0].contrast.worst_p
    assert values[1] < 0.05 < values[2], "it bears 17,4"
    assert _ask("18,98", "86,41").p_with_design_effect is None


def test_one_figure_alone_has_no_contrast():
    answer = _ask(None, "98,08")
    assert answer.contrast is None
    assert answer.shares["after"] == pytest.approx((98.075, 98.085))
    assert answer.denominators == {"after": [52, 104, 156, 208]}


def test_a_fall_mirrors_a_rise():
    rise, fall = _ask("2,0", "8,3").contrast, _ask("8,3", "2,0").contrast
    assert (fall.change, fall.worst_p) == (-rise.change, pytest.approx(rise.worst_p))
    assert (fall.worst_k_before, fall.worst_n_after) == (rise.worst_k_after, rise.worst_n_before)


# JSON


@pytest.mark.parametrize("question", [
    *PRESS.values(), (None, "98,08"), (None, "chưa có"), ("16/95", "51/52"), ("trên 99", "98"),
])  # fmt: skip
def test_the_plain_values_are_json_without_a_number_that_is_none(question):
    answer = _ask(*question, deff=2.0)
    written = json.dumps(as_json(answer), allow_nan=False, ensure_ascii=False)
    read = json.loads(written)
    assert set(read) - {"denominators_any_rounding"} == {
        "before", "after", "terms", "design_effect", "shares", "denominators", "contrast",
        "p_with_design_effect",
    }  # fmt: skip
    if answer.contrast is not None:
        assert read["contrast"] == dataclasses.asdict(answer.contrast)


# Words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", PRESS)
def test_a_pair_is_answered_line_by_line_and_nothing_claims_a_cause(unit, language):
    answer = _ask(*PRESS[unit], deff=2.0)
    lines = _lines(answer, language)
    named = [part for part in lines if part not in ("independent", "any")]
    assert named == PAIR_LINES
    assert "independent" in lines
    for sentence in lines.values():
        assert sentence
        assert "{" not in sentence
        assert causal_sentences(sentence, language) == []
        assert mixing_sentences(sentence, language) == []


@pytest.mark.parametrize(
    ("language", "wrong"), [("vi", r"\d\.\d{1,2}(?!\d)"), ("en", r"\d,\d{1,2}(?!\d)")]
)
def test_each_language_writes_its_own_decimal_mark(language, wrong):
    for pair in PRESS.values():
        for sentence in _lines(_ask(*pair, deff=2.0), language).values():
            assert not re.search(wrong, sentence), sentence


def test_chance_is_never_called_unlikely_without_its_condition():
    for pair in PRESS.values():
        said = _lines(_ask(*pair))["shows"]
        for sentence in re.split(r"(?<=\.) (?=[A-ZĐ])", said):
            assert "độc lập" in sentence or "chỉ do ngẫu nhiên" not in sentence


def test_the_answer_names_pair_p_value_floor_and_what_is_certified():
    lines = _lines(_ask("2,0", "8,3"))
    assert lines["pair"] == "2,0% → 8,3%"
    assert lines["change"].startswith("6,3 điểm phần trăm")
    assert lines["worst"].startswith("1/49 → 1/12, p = 0,71 (đã chứng nhận")
    assert "103 hồ sơ" in lines["shows"]
    assert "chưa đủ căn cứ" in lines["grade"]


def test_a_cause_is_told_apart_only_by_a_comparison():
    for language, word in (("vi", "không có xã đối chứng"), ("en", "without a comparison")):
        assert word in _lines(_ask("16,8", "98,08"), language)["cannot"]


def test_the_rivals_are_sized():
    assert "81,23 điểm phần trăm" in _lines(_ask("16,8", "98,08"))["rivals"]
    assert "82,8%" in _lines(_ask("16,8", "98,08"))["rivals"]
    assert "100,0%" in _lines(_ask("chưa có", "53,53"))["rivals"]
    assert "%" not in _lines(_ask("98,08", "16,8"))["rivals"], "a fall is no assisted filing"


def test_a_rival_is_sized_where_its_work_is_easiest():
    """Rounding alone can leave nothing of 1 to 2, a bound alone nothing of over 60 to 80."""
    for pair in (("1", "2"), ("trên 60", "80"), ("50", "50")):
        assert "Riêng việc làm tròn hoặc cận" in _lines(_ask(*pair))["rivals"]


def test_a_floor_that_was_assumed_stands_in_the_sentence_and_is_still_called_needed():
    answer = _ask("2,0", "8,3", least_dossiers=103)
    assert "(từ 103 trở lên)" in _lines(answer)["shows"]
    assert answer.contrast.floor_needed == 103


def test_a_floor_asks_only_for_the_period_whose_number_is_not_printed():
    answer = _ask("2,0", "8,3", numbers=(None, 60))
    assert answer.contrast.floor_side == "before"
    assert "cả hai kỳ" not in _lines(answer)["shows"]


def test_the_terms_say_rounding_floor_and_level():
    terms = _lines(_ask("16,8", "98,08", least_dossiers=1000, rounding="any"))["terms"]
    assert text("label.rounding.any", "vi") in terms
    assert "1.000 hồ sơ" in terms
    assert "mức 0,05" in terms


def test_a_way_of_rounding_that_flips_the_answer_is_said():
    assert "chưa phân biệt được" in _lines(_ask("0,3", "6,8"))["any"]
    assert "any" not in _lines(_ask("16,8", "98,08"))


def test_a_design_effect_leads_the_answer_and_the_plain_one_has_its_condition():
    below, above = (_lines(_ask("18,98", "86,41", deff=effect)) for effect in (2.0, 100.0))
    assert "khó có thể chỉ do ngẫu nhiên, nếu" in below["shows"]
    assert "chưa phân biệt được" in above["shows"]
    assert "các hồ sơ độc lập" in above["independent"]
    assert "independent" not in _lines(_ask("18,98", "86,41"))


def test_the_interval_says_its_own_level():
    lines = _lines(_ask("2,0", "8,3"))
    assert lines["interval"].startswith("\u22124,7 đến 33,5 điểm phần trăm (95%")
    assert "(99%" in _lines(_ask("2,0", "8,3", alpha=0.01))["interval"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_figure_is_a_level_and_never_a_change(language):
    lines = _lines(_ask(None, "98,08"), language)
    assert list(lines) == ["figure", "share", "denominators", "shows", "cannot", "needs"]
    said = " ".join(f"{part} {lines[part]}" for part in ("figure", "share", "shows"))
    assert not re.search("thay đổi|điểm phần trăm|change|points", said)


def test_none_yet_alone_is_never_written_as_nothing():
    for language in LANGUAGES:
        said = " ".join(_lines(_ask(None, "chưa có"), language).values())
        assert not re.search(r"\b0(?:[.,]0)?%", said)


def test_a_bound_stays_a_bound():
    assert "trên 99%" in _lines(_ask("16,8", "trên 99"))["pair"]
    assert "ít nhất" in _lines(_ask("16,8", "trên 99"))["change"]
    assert "không quá 53,53" in _lines(_ask("chưa có", "53,53"))["change"]


@pytest.mark.parametrize("pair", EDGES)
def test_a_pair_at_the_edge_is_answered_in_both_languages(pair):
    for language in LANGUAGES:
        assert all(sentence for sentence in _lines(_ask(*pair), language).values())


shares = st.builds(
    lambda value, decimals, mark, word: word + f"{value:.{decimals}f}".replace(".", mark),
    st.floats(0, 99.9),
    st.integers(0, 2),
    st.sampled_from([",", "."]),
    st.sampled_from(["", "", "", "over ", "ít nhất ", "khoảng "]),
)
counts = st.integers(1, 300).flatmap(lambda n: st.integers(0, n).map(lambda k: f"{k}/{n}"))
laters = st.one_of(shares, shares, counts)
figures = st.one_of(laters, st.just("none yet"))


@settings(max_examples=6)
@given(before=figures, after=laters, floor=st.sampled_from([1, 1, 10, 200]))
def test_any_pair_is_answered_without_an_error_or_a_claim(before, after, floor):
    answer = _ask(before, after, least_dossiers=floor)
    json.dumps(as_json(answer), allow_nan=False)
    for language in LANGUAGES:
        for _, sentence in as_lines(answer, language):
            assert causal_sentences(sentence, language) == []
