from __future__ import annotations

import pytest
from drawn import observations
from markupsafe import Markup

from commune_pilots import catalogue
from commune_pilots.briefing.wording import (
    NO_BREAK,
    Writer,
    header_of,
    inside,
    linked,
    listed,
    spaced,
)
from commune_pilots.errors import ClaimError

VI, EN = Writer("vi", "low"), Writer("en", "low")
CLAIM = {"vi": "Thí điểm làm tăng tỷ lệ hồ sơ trực tuyến.", "en": "The pilot raised the share."}


def _row(printed, qualifier, *, role="after", **same):
    drawing = f"""
        observation unit  role   printed qualifier
        x-1         00001 {role} {printed} {qualifier}
    """
    if qualifier == "none_yet":
        return observations(drawing).to_dict("records")[0] | same
    return observations(drawing).to_dict("records")[0] | same


def _whole(text):
    """No break, except within the name of the unit: the whole is wider than a tile."""
    kept = text.replace(" ", NO_BREAK)
    return kept.replace(f"điểm{NO_BREAK}phần{NO_BREAK}trăm", "điểm phần trăm").replace(
        f"percentage{NO_BREAK}points", "percentage points"
    )


def _reword(monkeypatch, key, **wording):
    entries = {**catalogue.entries(), f"briefing.{key}": wording}
    monkeypatch.setattr(catalogue, "entries", lambda: entries)


def test_every_number_links_to_its_row(indicators):
    written = VI.figure(_row("98,08", "exact"), indicators["online_share"])
    assert written == Markup('<a class="n" href="#o-x-1">98,08%</a>')


def test_a_number_in_running_text_can_stand_without_its_link(indicators):
    assert VI.figure(_row("98,08", "exact"), indicators["online_share"], link=False) == "98,08%"


def test_printed_decimals_are_kept_even_where_they_are_zero(indicators):
    assert VI.figure(_row("2,0", "exact"), indicators["payment_share"], link=False) == "2,0%"


@pytest.mark.parametrize(
    ("qualifier", "vi", "en"),
    [
        ("over", "trên 90%", "over 90%"),
        ("more_than", "hơn 90%", "more than 90%"),
        ("nearly", "gần 90%", "nearly 90%"),
        ("about", "khoảng 90%", "about 90%"),
        ("at_least", "ít nhất 90%", "at least 90%"),
    ],
)
def test_a_bound_stays_a_bound_in_both_languages(indicators, qualifier, vi, en):
    row = _row("90", qualifier)
    share = indicators["online_share"]
    assert (VI.figure(row, share, link=False), EN.figure(row, share, link=False)) == (vi, en)


def test_none_yet_stays_words_and_is_never_zero(indicators):
    written = VI.figure(_row("-", "none_yet", role="before"), indicators["online_share"])
    assert written == Markup('<a class="n" href="#o-x-1">chưa có</a>')


def test_a_target_without_a_number_says_so(indicators):
    row = _row("90", "exact", role="target") | {"qualifier": "no_number", "value": None}
    assert VI.figure(row, indicators["plan_targets"], link=False) == "nguồn không nêu số"


def test_a_deadline_is_named_a_deadline(indicators):
    row = _row("90", "exact") | {"role": "deadline", "value": None}
    assert VI.figure(row, indicators["online_share"], link=False) == "thời hạn"


def test_a_rank_keeps_how_many_were_ranked(indicators):
    row = _row("17", "exact") | {"role": "rank", "denominator": 63}
    assert VI.figure(row, indicators["dti_rank"], link=False) == "17/63"


def test_a_rank_out_of_an_unknown_number_stands_alone(indicators):
    row = _row("1", "exact") | {"role": "rank", "denominator": None}
    assert VI.figure(row, indicators["emulation_rank"], link=False) == "1"


def test_counts_carry_no_per_cent_sign(indicators):
    row = _row("445365", "exact")
    users = indicators["platform_users"]
    assert VI.figure(row, users, link=False) == "445.365"
    assert EN.figure(row, users, link=False) == "445,365"


def test_a_gain_is_written_in_points(indicators):
    row = _row("14,57", "exact")
    gain = indicators["online_share_gain"]
    assert VI.figure(row, gain, link=False) == _whole("14,57 điểm phần trăm")


def _contrast(change, decimals, bound="exact"):
    return {
        "contrast": "c-1",
        "change": change,
        "change_decimals": decimals,
        "change_bound": bound,
    }


def test_a_change_is_in_percentage_points_and_links_to_its_pair():
    written = VI.change(_contrast(81.3, 1))
    said = _whole("81,3 điểm phần trăm")
    assert written == Markup('<a class="n" href="#c-1">{}</a>').format(said)
    assert EN.change(_contrast(81.3, 1), link=False) == _whole("81.3 percentage points")


def test_a_change_from_none_yet_is_at_most():
    written = VI.change(_contrast(53.53, 2, "at_most"), link=False)
    assert written == f"không quá {_whole('53,53 điểm phần trăm')}"


def test_a_fall_carries_a_true_minus_sign():
    assert VI.change(_contrast(-2.5, 1), link=False) == _whole("\u22122,5 điểm phần trăm")
    assert VI.number(-1234.5, decimals=1) == "\u22121.234,5"


def test_values_from_data_are_escaped_and_markup_is_kept():
    assert "&lt;b&gt;" in VI.say("bar", body="<b>x</b>")
    assert "<b>x</b>" in VI.say("bar", body=Markup("<b>x</b>"))


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
@pytest.mark.parametrize("grade", ["none", "low"])
def test_a_causal_sentence_is_refused_below_the_grade_that_carries_it(monkeypatch, language, grade):
    _reword(monkeypatch, "gap_unknown", **CLAIM)
    with pytest.raises(ClaimError) as caught:
        Writer(language, grade).say("gap_unknown")
    assert caught.value.exit_code == 8
    assert CLAIM[language].rstrip(".") in str(caught.value)


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
@pytest.mark.parametrize("grade", ["medium", "high"])
def test_a_causal_sentence_is_allowed_from_medium_on(monkeypatch, language, grade):
    _reword(monkeypatch, "gap_unknown", **CLAIM)
    assert Writer(language, grade).say("gap_unknown") == CLAIM[language]


def test_a_claim_brought_in_by_a_value_is_refused_too():
    with pytest.raises(ClaimError):
        VI.say("bar", body="Thí điểm làm tăng tỷ lệ")


def test_a_claim_split_by_markup_is_refused_too():
    with pytest.raises(ClaimError):
        VI.say("bar", body=Markup("Thí điểm làm <b>tăng</b> tỷ lệ"))


def test_labels_are_lower_case_inside_a_sentence(indicators):
    share = indicators["online_share"]
    assert VI.label(share) == "tỷ lệ hồ sơ nộp trực tuyến"
    assert VI.label(share, start=True) == "Tỷ lệ hồ sơ nộp trực tuyến"


def test_a_field_in_two_languages_is_taken_in_the_writers_own():
    row = {"name_vi": "Chợ", "name_en": "Market"}
    assert (VI.of(row, "name"), EN.of(row, "name")) == ("Chợ", "Market")


def test_links_and_lists_escape_what_is_not_markup():
    assert linked("<", 'a"b') == Markup('<a class="n" href="#a&#34;b">&lt;</a>')
    assert listed(["<", Markup("<b>x</b>")]) == Markup("&lt;, <b>x</b>")


def test_a_caption_over_simulated_data_says_so_and_no_other_does():
    marked = Writer("vi", "low", simulated=True).caption("caption.contrasts")
    assert marked.endswith("(DỮ LIỆU MÔ PHỎNG)")
    assert VI.caption("caption.contrasts") == VI.say("caption.contrasts")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (0.7148, "p = 0,71", "p = 0.71"),
        (0.0478, "p = 0,048", "p = 0.048"),
        (8.7e-24, "p < 0,001", "p < 0.001"),
        (0.0, "p < 0,001", "p < 0.001"),
    ],
)
def test_a_p_value_carries_the_decimals_it_bears_and_is_never_zero(value, vi, en):
    assert (VI.p_value(value), EN.p_value(value)) == (_whole(vi), _whole(en))


@pytest.mark.parametrize(
    ("writer", "said", "whole"),
    [
        (VI, "từ 5 hồ sơ trở lên", ["5 hồ sơ"]),
        (VI, "chỉ còn 2,1 điểm phần trăm trên 8 đơn vị", ["2,1 điểm phần trăm", "8 đơn vị"]),
        (
            VI,
            "soạn ngày 22 tháng 11 năm 2026, (p = 0,71)",
            ["ngày 22 tháng 11 năm 2026", "p = 0,71"],
        ),
        (VI, "ở Phường 4 và phường 12, đợt 1", ["Phường 4", "phường 12", "đợt 1"]),
        (VI, "một hồ sơ, điểm phần trăm", []),
        (EN, "10 percentage points over 8 communes", ["10 percentage points", "8 communes"]),
        (EN, "of 15 May 2024, p < 0.001", ["15 May 2024", "p &lt; 0.001"]),
        (EN, "a dossier of points", []),
    ],
)
def test_a_number_stays_on_one_line_with_its_measure_and_a_date_with_its_year(writer, said, whole):
    written = str(writer.say("bar", body=said))
    for words in whole:
        assert _whole(words) in written
    assert written.count(NO_BREAK) == sum(_whole(words).count(NO_BREAK) for words in whole)


def test_a_linked_number_stays_with_its_measure_too():
    written = VI.say("bar", body=linked("103", "c-1") + Markup(" hồ sơ"))
    assert f"103</a>{_whole(' hồ sơ')}" in written


def test_a_claim_is_found_whatever_its_spaces(monkeypatch):
    """What keeps a line whole must not keep a sentence from its reader."""
    _reword(monkeypatch, "gap_unknown", vi="Thí điểm làm 8 xã tăng tỷ lệ.", en=CLAIM["en"])
    with pytest.raises(ClaimError):
        VI.say("gap_unknown")


def test_a_text_within_a_sentence_begins_in_lower_case_and_what_follows_has_its_space():
    assert inside("Đề nghị UBND") == "đề nghị UBND"
    assert inside("") == ""
    assert spaced(Markup("<b>x</b>")) == Markup(" <b>x</b>")


def test_columns_are_named_in_the_writers_language():
    assert header_of(VI, "unit", "grade") == ["Đơn vị", "Mức tin cậy"]
    assert header_of(EN, "unit", "grade") == ["Unit", "Certainty"]


def test_a_rise_carries_a_plus_where_asked_and_a_fall_its_minus():
    write = Writer("vi", "none")
    assert write.points(9.1, decimals=1, signed=True).startswith("+9,1")
    assert write.points(-9.1, decimals=1, signed=True).startswith("−9,1")
    assert write.points(9.1, decimals=1).startswith("9,1")
