from __future__ import annotations

import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commune_pilots import catalogue
from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import (
    DESIGNS,
    GRADE_FOR_CAUSE,
    GRADES,
    at_least,
    best,
    causal_sentences,
    design_before_after,
    grade_of,
    refuse_mixture,
    refuse_overclaim,
    weakest,
)
from commune_pilots.errors import ClaimError
from commune_pilots.vocabulary import Answer

CLAIMS_VI = [
    "Thí điểm có tác động đến tỷ lệ nộp trực tuyến.",
    "Thí điểm làm tăng tỷ lệ nộp hồ sơ trực tuyến.",
    "Tổ công nghệ số giúp tỷ lệ hồ sơ trực tuyến tăng mạnh.",
    "Mô hình khiến thời gian xử lý giảm.",
    "Tỷ lệ tăng nhờ thí điểm.",
    "Phong trào góp phần nâng cao tỷ lệ nộp trực tuyến.",
    "Việc hướng dẫn dẫn đến thay đổi lớn.",
    "Thí điểm đã mang lại hiệu quả tích cực.",
    "Thí điểm thúc đẩy nộp hồ sơ trực tuyến.",
    "Mức tăng là do thí điểm.",
    "Mức tăng là kết quả của thí điểm.",
    "Thí điểm rất thành công.",
    "Hiệu quả của mô hình đã rõ.",
    "TÁC ĐỘNG của thí điểm rất lớn.",
]
CLAIMS_EN = [
    "The pilot had an effect on online filing.",
    "The pilot had a large impact.",
    "The pilot caused the rise.",
    "The pilot raised the share of dossiers filed online.",
    "Helping at the counter improved filing.",
    "The campaign boosted online filing.",
    "Guidance led to more online filing.",
    "The share rose thanks to the pilot.",
    "The rise is due to the pilot.",
    "The rise happened because of the pilot.",
    "The rise resulted from the pilot.",
    "The rise is attributable to the pilot.",
    "The pilots increased online filing.",
    "The pilot was successful.",
    "The pilot was EFFECTIVE.",
]
DENIALS_VI = [
    "Số liệu không cho biết tác động của thí điểm.",
    "Chưa thể kết luận thí điểm làm tăng tỷ lệ này.",
    "Nếu có tác động thì phải thấy ở nhóm so sánh.",
    "Cần xem liệu mức tăng có nhờ thí điểm hay do xu hướng chung.",
    "Thí điểm có tác động đến tỷ lệ nộp trực tuyến?",
    "Có phải thí điểm dẫn đến mức tăng này?",
]
DENIALS_EN = [
    "This is not an effect of the pilot.",
    "The figures cannot show what caused the rise.",
    "No effect can be named without a comparison.",
    "It is open whether the pilot raised the share.",
    "If the pilot raised the share, the comparison would show it.",
    "Neither figure says what caused the rise.",
    "Did the pilot cause the rise?",
]
PLAIN_VI = [
    "Tỷ lệ nộp trực tuyến tăng từ 16,8% lên 98,08%.",
    "Mức thay đổi là 81,3 điểm phần trăm.",
    "Ba xã được chọn làm thí điểm.",
]
PLAIN_EN = [
    "The share filed online rose from 16.8% to 98.08%.",
    "The change is 81.3 percentage points.",
    "Three communes were chosen as pilots.",
]
EMPHASIS_VI = [
    "Thí điểm không những làm tăng tỷ lệ mà còn đổi thói quen.",
    "Thí điểm không chỉ làm tăng tỷ lệ nộp trực tuyến.",
    "Không còn nghi ngờ gì, thí điểm làm tăng tỷ lệ.",
    "Không thể phủ nhận tác động của thí điểm.",
    "Không thể chối cãi rằng thí điểm làm tăng tỷ lệ.",
    "Một mức tăng chưa từng có nhờ thí điểm.",
    "Tổ công nghệ không ngừng thúc đẩy nộp trực tuyến.",
]
EMPHASIS_EN = [
    "The pilot not only raised the share but changed habits.",
    "There is no doubt that the pilot raised the share.",
    "There is no question that the pilot caused the rise.",
    "The rise of no less than 81 points is due to the pilot.",
]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", each) for each in CLAIMS_VI] + [("en", each) for each in CLAIMS_EN],
)
def test_a_sentence_that_names_a_cause_is_found(language, sentence):
    assert causal_sentences(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", each) for each in DENIALS_VI] + [("en", each) for each in DENIALS_EN],
)
def test_a_denial_a_question_or_a_condition_is_allowed(language, sentence):
    assert causal_sentences(sentence, language) == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", each) for each in PLAIN_VI] + [("en", each) for each in PLAIN_EN],
)
def test_a_sentence_about_a_change_is_allowed(language, sentence):
    assert causal_sentences(sentence, language) == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", each) for each in EMPHASIS_VI] + [("en", each) for each in EMPHASIS_EN],
)
def test_emphasis_that_looks_like_a_denial_is_no_denial(language, sentence):
    assert causal_sentences(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "Thí điểm không đơn thuần làm tăng tỷ lệ nộp trực tuyến."),
        ("vi", "Sau chưa đầy một năm, thí điểm đã làm tăng tỷ lệ nộp trực tuyến."),
        ("vi", "Không lâu sau đó, thí điểm đã làm tăng tỷ lệ nộp trực tuyến."),
        ("en", "The pilot not just raised the share but changed habits."),
        ("en", "The pilot not merely raised the share but changed habits."),
        ("en", "Not least, the pilot raised the share."),
        ("en", "Not long after, the pilot raised the share."),
    ],
)
def test_emphasis_in_other_words_is_no_denial_either(language, sentence):
    assert causal_sentences(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "Thí điểm làm tăng tỷ lệ nộp trực tuyến, không phải xu hướng chung."),
        ("en", "The pilot raised the share, not the common trend."),
    ],
)
def test_a_denial_after_the_claim_does_not_soften_it(language, sentence):
    assert causal_sentences(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("language", "text", "claims"),
    [
        (
            "vi",
            "Đây không phải là tác động. Thí điểm làm tăng tỷ lệ.",
            ["Thí điểm làm tăng tỷ lệ."],
        ),
        ("en", "This is not an effect. The pilot raised it.", ["The pilot raised it."]),
        ("en", "Is it an effect? The pilot raised it.", ["The pilot raised it."]),
        ("en", "This is not an effect\nThe pilot raised it", ["The pilot raised it"]),
    ],
)
def test_a_denial_covers_its_own_sentence_only(language, text, claims):
    assert causal_sentences(text, language) == claims


def test_a_sentence_with_two_claims_is_quoted_once():
    sentence = "The pilot raised and improved the share."
    assert causal_sentences(sentence, "en") == [sentence]


def test_a_claim_is_found_in_decomposed_text_too():
    decomposed = [unicodedata.normalize("NFD", sentence) for sentence in CLAIMS_VI]
    missed = [sentence for sentence in decomposed if not causal_sentences(sentence, "vi")]
    assert missed == []


@pytest.mark.parametrize("grade", ["none", "low"])
@pytest.mark.parametrize(("language", "sentence"), [("vi", CLAIMS_VI[0]), ("en", CLAIMS_EN[0])])
def test_a_claim_below_the_grade_for_it_is_refused_and_quoted(language, sentence, grade):
    with pytest.raises(ClaimError) as caught:
        refuse_overclaim(f"1 + 1 = 2. {sentence}", grade, language)
    assert caught.value.values == {"sentence": sentence, "grade": grade}
    assert sentence in caught.value.sentence("vi")
    assert sentence in caught.value.sentence("en")


@pytest.mark.parametrize("grade", ["medium", "high"])
def test_a_claim_at_the_grade_for_it_is_handed_back(grade):
    assert refuse_overclaim(CLAIMS_EN[0], grade, "en") == CLAIMS_EN[0]


def test_a_text_without_a_claim_is_handed_back_at_any_grade():
    for grade in GRADES:
        assert refuse_overclaim(PLAIN_VI[0], grade, "vi") == PLAIN_VI[0]


def test_a_cause_needs_a_comparison():
    assert GRADE_FOR_CAUSE == "medium"


def test_the_ladder_holds_every_design_from_weak_to_strong():
    assert DESIGNS == (
        "after_only",
        "before_after_without_n",
        "before_after_with_n",
        "trend_adjusted",
        "comparison",
        "series_comparison",
        "randomised_order",
    )
    grades = [grade_of(design)[0] for design in DESIGNS]
    assert grades == ["none", "low", "low", "low", "medium", "high", "high"]
    assert grades == sorted(grades, key=GRADES.index)


def test_a_common_trend_subtracted_is_no_comparison():
    assert not at_least(grade_of("trend_adjusted")[0], GRADE_FOR_CAUSE)
    assert at_least(grade_of("comparison")[0], GRADE_FOR_CAUSE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_says_what_it_assumes_and_which_words_it_may_use(design, language):
    entries = [f"label.design.{design}"]
    entries += [f"briefing.{part}.{design}" for part in ("assumes", "may", "may_not")]
    assert all(catalogue.has(entry) for entry in entries)
    assert len({catalogue.text(entry, language) for entry in entries}) == len(entries)


@pytest.mark.parametrize("answer", get_args(Answer))
@pytest.mark.parametrize("design", DESIGNS)
def test_every_reason_is_worded_in_both_languages(design, answer):
    _, reason = grade_of(design, denominators=answer)
    for language in LANGUAGES:
        assert catalogue.text(f"label.reason.{reason}", language)


@pytest.mark.parametrize(
    ("answer", "counts_known", "expected"),
    [
        ("decisive", False, ("none", "denominators_decisive")),
        ("open", False, ("low", "before_after_without_n")),
        ("decided", False, ("low", "before_after_without_n")),
        ("decisive", True, ("none", "chance_not_excluded")),
        ("open", True, ("low", "before_after_with_n")),
        ("decided", True, ("low", "before_after_with_n")),
    ],
)
def test_a_pair_without_a_comparison_is_low_evidence_at_best(answer, counts_known, expected):
    design = design_before_after(counts_known=counts_known)
    assert grade_of(design, denominators=answer) == expected


@pytest.mark.parametrize("design", DESIGNS)
def test_no_design_lifts_a_pair_that_chance_explains(design):
    assert grade_of(design, denominators="decisive")[0] == "none"


@pytest.mark.parametrize("design", DESIGNS)
def test_a_decided_pair_is_graded_by_its_design_which_is_the_reason(design):
    assert grade_of(design) == grade_of(design, denominators="decided")
    assert grade_of(design)[1] == design


def test_grades_are_a_ladder():
    assert GRADES == ("none", "low", "medium", "high")
    for place, grade in enumerate(GRADES):
        reached = [needed for needed in GRADES if at_least(grade, needed)]
        assert reached == list(GRADES[: place + 1])


def test_the_best_of_several_grades_is_the_highest_and_of_none_is_none():
    assert best(["low", "high", "none"]) == "high"
    assert best([]) == "none"


@pytest.mark.parametrize(
    ("grades", "lowest"),
    [
        (["low", "high", "none"], "none"),
        (["high", "low", "medium"], "low"),
        (["high", "medium"], "medium"),
        (["high"], "high"),
        ([], "none"),
    ],
)
def test_the_weakest_of_several_grades_is_the_lowest_and_of_none_is_none(grades, lowest):
    assert weakest(grades) == lowest


@given(st.lists(st.sampled_from(GRADES), min_size=1))
def test_every_grade_of_several_reaches_the_weakest_and_the_best_reaches_every_grade(grades):
    assert weakest(grades) in grades
    assert all(at_least(one, weakest(grades)) for one in grades)
    assert all(at_least(best(grades), one) for one in grades)
    assert weakest(grades[::-1]) == weakest(grades)


@given(st.lists(st.sampled_from(GRADES), min_size=1), st.sampled_from(GRADES))
def test_one_more_grade_never_makes_the_weakest_stronger(grades, more):
    assert at_least(weakest(grades), weakest([*grades, more]))


@pytest.mark.parametrize(
    ("purpose", "vi", "en"),
    [("pooled", "không gộp", "cannot be pooled"), ("ranked", "không xếp hạng", "cannot be ranked")],
)
def test_figures_of_two_definitions_are_neither_pooled_nor_ranked(purpose, vi, en):
    with pytest.raises(ClaimError) as caught:
        refuse_mixture(["d2", "d1", "d2"], purpose=purpose)
    assert caught.value.exit_code == 8
    assert vi in caught.value.sentence("vi").lower()
    assert en in caught.value.sentence("en")
    assert "each counts in its own way" in caught.value.sentence("en")
    assert "mỗi định nghĩa đếm một cách" in caught.value.sentence("vi")
    assert all("(d1, d2)" in caught.value.sentence(language) for language in LANGUAGES)


@pytest.mark.parametrize("definitions", [[], ["d1"], ["d1", "d1"]])
def test_figures_of_one_definition_may_be_pooled_and_ranked(definitions):
    refuse_mixture(definitions, purpose="pooled")
    refuse_mixture(definitions, purpose="ranked")
