"""The words a grade may use, sentence by sentence, in both languages."""

from __future__ import annotations

import pytest

from commune_pilots.catalogue import LANGUAGES
from commune_pilots.effects.evidence import (
    GRADES,
    causal_sentences,
    grade_of,
    mixing_sentences,
    refuse_overclaim,
)
from commune_pilots.errors import ClaimError

PRAISE = [
    ("vi", "Một bước đột phá."),
    ("vi", "Kết quả vượt bậc."),
    ("vi", "Tỷ lệ tăng ấn tượng."),
    ("vi", "Cần Giuộc đã bứt phá."),
    ("vi", "Mức tăng kỷ lục."),
    ("vi", "Tỷ lệ tăng ngoạn mục."),
    ("vi", "Tỷ lệ nhảy vọt lên 98,08%."),
    ("vi", "ĐỘT PHÁ trong nộp trực tuyến."),
    ("en", "The rise was dramatic."),
    ("en", "The share rose dramatically."),
    ("en", "A remarkable rise."),
    ("en", "Remarkably, the share rose."),
    ("en", "The rise is impressive."),
    ("en", "This is a breakthrough."),
    ("en", "A spectacular result."),
    ("en", "An outstanding result."),
    ("en", "The share soared to 98.08%."),
]
MIXTURES = [
    ("vi", "Cần Giuộc cao nhất trong ba xã."),
    ("vi", "Cần Giuộc tốt nhất tỉnh."),
    ("vi", "Phường 4 thấp nhất cả tỉnh."),
    ("vi", "Cần Giuộc dẫn đầu."),
    ("vi", "Cần Giuộc đứng đầu, Phường 4 đứng cuối."),
    ("vi", "Cần Giuộc xếp thứ 1."),
    ("vi", "Cần Giuộc xếp trên Phường 4."),
    ("vi", "Trung bình các xã là 67%."),
    ("vi", "Bình quân 3 xã tăng 67 điểm phần trăm."),
    ("vi", "Tỷ lệ bình quân của ba xã là 67%."),
    ("en", "Cần Giuộc is the highest of the three."),
    ("en", "Cần Giuộc is the best in the province."),
    ("en", "It rose fastest among the communes, the fastest among them all."),
    ("en", "Cần Giuộc ranks first."),
    ("en", "Cần Giuộc ranks above Phường 4."),
    ("en", "Cần Giuộc is ahead of Phường 4."),
    ("en", "Cần Giuộc outperformed Phường 4."),
    ("en", "On average the share rose by 67 points."),
    ("en", "The average of the three is 67%."),
    ("en", "The mean over all communes is 67%."),
]
UNMIXED = [
    ("vi", "Số liệu không cho phép tính trung bình các xã."),
    ("vi", "Không thể nói xã nào dẫn đầu."),
    ("vi", "Cần Giuộc có dẫn đầu không?"),
    ("vi", "Nếu cùng định nghĩa thì mới tính được trung bình các xã."),
    ("vi", "Tỷ lệ của Cần Giuộc là 98,08%, của Phường 4 là 53,53%."),
    ("en", "The figures do not show which ranks first."),
    ("en", "It cannot be said which is the highest of the three."),
    ("en", "No figure is the best in the province."),
    ("en", "Which is the highest of the three?"),
    ("en", "If the definitions agreed, the average of the three would be 67%."),
    ("en", "The share is 98.08% in Cần Giuộc and 53.53% in Phường 4."),
]
CHANGE_ONLY = [
    ("vi", "Tỷ lệ nộp trực tuyến thay đổi 81,3 điểm phần trăm.", True),
    ("vi", "Tỷ lệ tăng từ 16,8% lên 98,08%.", True),
    ("vi", "Hai kỳ chênh nhau 6,3 điểm phần trăm.", True),
    ("vi", "Khó có thể chỉ do ngẫu nhiên.", True),
    ("vi", "Chưa đủ căn cứ để nói thay đổi là do thí điểm.", True),
    ("vi", "Không có xã đối chứng nên không tách được tác động của thí điểm.", True),
    ("vi", "Hiệu ứng thiết kế mà cặp số liệu chịu được là 13,6.", True),
    ("vi", "Sau thí điểm, tỷ lệ nộp trực tuyến giảm 2 điểm phần trăm.", True),
    ("vi", "Tác động của thí điểm là 81,3 điểm phần trăm.", False),
    ("vi", "Tỷ lệ tăng 81,3 điểm phần trăm nhờ thí điểm.", False),
    ("vi", "Tỷ lệ nộp trực tuyến được cải thiện.", False),
    ("vi", "Thay đổi này là do thí điểm.", False),
    ("vi", "Thí điểm giúp tỷ lệ tăng.", False),
    ("vi", "Thí điểm là một bước đột phá.", False),
    ("en", "The share filed online changed by 81.3 points.", True),
    ("en", "The share rose from 16.8% to 98.08%.", True),
    ("en", "The two figures differ by 6.3 points.", True),
    ("en", "Chance alone is unlikely.", True),
    ("en", "Nothing printed shows that the pilot caused the change.", True),
    ("en", "The pair bears a design effect of 13.6.", True),
    ("en", "After the pilot the share fell by 2 points.", True),
    ("en", "The effect of the pilot is 81.3 points.", False),
    ("en", "The share rose by 81.3 points due to the pilot.", False),
    ("en", "Online filing improved.", False),
    ("en", "The pilot caused the change.", False),
    ("en", "The pilot raised the share.", False),
    ("en", "The rise is dramatic.", False),
]


@pytest.mark.parametrize(("language", "sentence", "allowed"), CHANGE_ONLY)
def test_before_and_after_alone_may_say_that_it_changed_and_not_why(language, sentence, allowed):
    grade, _ = grade_of("before_after_with_n")
    if allowed:
        assert refuse_overclaim(sentence, grade, language) == sentence
        return
    with pytest.raises(ClaimError) as caught:
        refuse_overclaim(sentence, grade, language)
    assert (caught.value.key, caught.value.exit_code) == ("overclaim", 8)


@pytest.mark.parametrize(("language", "sentence"), PRAISE)
def test_praise_is_refused_below_medium_and_is_no_claim_of_a_cause(language, sentence):
    for grade in ("none", "low"):
        with pytest.raises(ClaimError) as caught:
            refuse_overclaim(f"1 + 1 = 2. {sentence}", grade, language)
        assert caught.value.values == {"sentence": sentence, "grade": grade}
    assert causal_sentences(sentence, language) == []
    assert refuse_overclaim(sentence, "medium", language) == sentence


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", "Chưa thể nói đây là đột phá."), ("en", "The rise was not dramatic.")],
)
def test_praise_that_is_denied_is_allowed(language, sentence):
    assert refuse_overclaim(sentence, "none", language) == sentence


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "Thí điểm có hiệu quả rõ rệt."),
        ("vi", "Thí điểm đem lại mức tăng này."),
        ("vi", "Do có thí điểm, tỷ lệ tăng."),
        ("en", "The share rose as a result of the pilot."),
        ("en", "The share rose because the pilot reached it."),
        ("en", "The pilot helped the share rise."),
    ],
)
def test_a_plain_variant_of_a_refused_wording_is_refused_too(language, sentence):
    assert causal_sentences(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "Hiệu ứng thiết kế là 13,6."),
        ("en", "The design effect is 13.6."),
        ("en", "Design effects of 2 or more are common."),
    ],
)
def test_a_design_effect_names_no_cause(language, sentence):
    assert causal_sentences(sentence, language) == []


def test_a_cause_beside_a_design_effect_is_still_found():
    assert causal_sentences("The design effect shows the effect of the pilot.", "en")
    assert causal_sentences("Hiệu ứng thiết kế cho thấy tác động của thí điểm.", "vi")


@pytest.mark.parametrize(("language", "sentence"), MIXTURES)
def test_a_sentence_that_ranks_or_pools_is_refused_at_any_grade(language, sentence):
    assert mixing_sentences(sentence, language) == [sentence]
    for grade in GRADES:
        with pytest.raises(ClaimError) as caught:
            refuse_overclaim(sentence, grade, language)
        assert (caught.value.key, caught.value.values) == ("mixture", {"sentence": sentence})
        assert all(sentence in caught.value.sentence(each) for each in LANGUAGES)


@pytest.mark.parametrize(("language", "sentence"), MIXTURES)
def test_within_one_definition_ranking_and_pooling_are_allowed(language, sentence):
    assert refuse_overclaim(sentence, "low", language, one_definition=True) == sentence


@pytest.mark.parametrize(("language", "sentence"), UNMIXED)
def test_a_denied_ranking_or_each_unit_apart_is_allowed(language, sentence):
    assert mixing_sentences(sentence, language) == []
    assert refuse_overclaim(sentence, "none", language) == sentence


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("vi", "Trung bình ba xã là 67%."), ("en", "Across the communes the average is 67%.")],
)
def test_a_pooled_figure_in_words_is_a_mixture_too(language, sentence):
    assert mixing_sentences(sentence, language) == [sentence]
