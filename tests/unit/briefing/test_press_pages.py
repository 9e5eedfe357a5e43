"""What the briefings promise on the real press figures, page by page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from built import (
    LAYOUT,
    PRESS_RUNS,
    blocks_shown,
    findings_of,
    notebook_of,
    page_of,
    parsed,
    provenance,
    table_called,
    table_rows,
    text_of,
    words_of,
    write_page,
)

from commune_pilots import catalogue
from commune_pilots.briefing.export import export_briefing
from commune_pilots.effects.evidence import causal_sentences
from commune_pilots.errors import ClaimError
from commune_pilots.params import load_run

MOST_BYTES = 150_000
# Versions and hashes stand in annex C, which is cut off; what is left are names of products and
# models as the sources print them ("VNPT-iOffice 4.0", "Chợ 4.0", "Công nghiệp 4.0").
NAMED_FOUR_POINT_ZERO = re.compile(r"(?:iOffice|Chợ|nghiệp|nghệ) 4\.0\b|adminunits 1\.0\.4\b")
# "445.365" and "32.000" are thousands; a decimal point is a digit, a dot and no group of three.
DECIMAL_POINT = re.compile(r"(?<![\d.])\d+\.(?!\d{3}(?!\d))\d")


@pytest.fixture(scope="module", params=PRESS_RUNS)
def run(request):
    return request.param


def _text(run):
    return " ".join(words_of(page_of(run))["vi"].split())


def _body(run):
    """Read the Vietnamese page up to annex A."""
    page = page_of(run)
    return " ".join(words_of(page[: page.index('id="annex-method"')])["vi"].split())


def _without_annex_c(run):
    page = page_of(run)
    start = page.index('<section class="annex" id="annex-provenance">')
    end = page.index("</section>", start)
    return words_of(page[:start] + page[end:])["vi"]


def _covered(run):
    return {row[0]: row[1:] for row in table_rows(table_called(parsed(run), "Xã, phường"))}


def _levels(run):
    return table_rows(table_called(parsed(run), "Bảng B2"))


# Long An


@pytest.mark.parametrize(
    "words",
    [
        "Thị trấn Cần Giuộc: từ 16,8% lên 98,08%, chênh 81,3 điểm phần trăm",
        "Xã Dương Xuân Hội: từ 18,98% lên 86,41%, chênh 67,43 điểm phần trăm",
        "Phường 4: từ chưa có lên 53,53%, chênh không quá 53,53 điểm phần trăm",
        "thấp",
    ],
)
def test_long_an_gives_each_pair_with_its_change_in_points(words):
    assert words in _body("long_an")


def test_long_an_names_its_finding_in_the_headline():
    title = text_of(parsed("long_an").h1)
    assert "16,8%" in title
    assert "98,08%" in title
    assert "chưa rõ vì sao" in title


@pytest.mark.parametrize("share", ["90", "80", "75", "35", "18", "60", "99"])
def test_long_an_keeps_each_lower_bound_as_a_bound(share):
    assert f"trên {share}%" in _body("long_an")
    assert [row for row in _levels("long_an") if row[2] == f"trên {share}%"]
    page = BeautifulSoup(page_of("long_an"), "html.parser")
    page.find(id="fig-targets").decompose()  # national targets are no figures of the pilots
    told = " ".join(text_of(page.find(id=name)) for name in ("results", "limits"))
    told = re.sub(r"0% 25% 50% 75% 100%|từ 99% trở lên", "", told)
    told = re.sub(r"cả nước (ít nhất )?\d+%", "", told)  # national targets are numbers of their own
    assert not re.search(rf"(?<!trên )\b{share}%", told)


def test_long_an_marks_saturated_shares():
    marked = {row[2] for row in _levels("long_an") if row[4] == "đã bão hòa"}
    assert marked == {"100%", "99,9%", "trên 99%"}


@pytest.mark.parametrize("measure", ["Chỉ thị 1559", "Giảm 50% phí", "Quyết định 45"])
def test_long_an_lists_the_measures_of_the_same_time(measure):
    limits = text_of(parsed("long_an").find(id="limits"))
    assert measure in limits


def test_long_an_gives_the_national_gain_as_context_only():
    limits = text_of(parsed("long_an").find(id="limits"))
    assert "14,57 điểm phần trăm" in limits
    assert "chỉ để tham khảo" in limits
    assert "66,73" not in _text("long_an"), "the national gain must not be subtracted"


def test_long_an_answers_did_the_pilot_cause_it_with_not_enough_ground():
    rows = table_rows(table_called(parsed("long_an"), "Ba câu hỏi"))
    assert [row[1] for row in rows] == ["thấp", "chưa đủ căn cứ", "chưa đủ căn cứ"]


# Bắc Kạn


@pytest.mark.parametrize(
    "words",
    [
        "Phường Sông Cầu: từ 0,1% lên 10,7%, chênh 10,6 điểm phần trăm",
        "Xã Quang Thuận: từ 2,0% lên 8,3%, chênh 6,3 điểm phần trăm",
    ],
)
def test_bac_kan_gives_both_payment_pairs(words):
    assert words in _body("bac_kan")


def test_bac_kan_gives_the_two_online_shares_as_levels():
    values = {row[1]: row[2] for row in _levels("bac_kan") if "nộp trực tuyến" in row[0]}
    assert (values["Phường Sông Cầu"], values["Xã Đức Vân"]) == ("91%", "99%")


def test_bac_kan_names_the_five_communes_of_which_nothing_is_printed():
    blank = {
        unit for unit, cells in _covered("bac_kan").items() if set(cells) == {"không có số liệu"}
    }
    assert blank == {"Xã Thượng Giáo", "Xã Nghĩa Tá", "Xã Như Cố", "Xã Côn Minh", "Xã Giáo Hiệu"}


def test_bac_kan_says_that_the_plans_target_has_no_number():
    rows = table_rows(table_called(parsed("bac_kan"), "Bảng B4b"))
    plan = next(row for row in rows if "kế hoạch" in row[0])
    assert plan[2] == "nguồn không nêu số"
    assert plan[5] == "Nguồn không nêu số chỉ tiêu"


# Hậu Giang and Cao Bằng


@pytest.mark.parametrize("name", ["hau_giang", "cao_bang"])
def test_levels_alone_make_no_contrast(name):
    assert findings_of(name).contrasts == []
    assert "0 cặp" in text_of(parsed(name).h1)
    assert "Chưa đủ căn cứ" in text_of(parsed(name).find(id="main"))
    assert "Bảng B1" not in _text(name)


@pytest.mark.parametrize("name", ["hau_giang", "cao_bang"])
def test_levels_alone_are_never_given_a_change(name):
    body = re.sub(r"tăng từ 10 điểm phần trăm", "", _body(name))  # the rule's own threshold
    assert "điểm phần trăm" not in body
    assert "chênh" not in body


def test_hau_giang_gives_the_households_implied_as_a_range():
    assert "193.940 đến 206.451" in text_of(parsed("hau_giang").find(class_="tiles"))


@pytest.mark.parametrize("words", ["17/63", "6/63", "445.365", "hơn 59.000", "gần 60", "1.755"])
def test_hau_giang_gives_ranks_and_counts_as_printed(words):
    assert words in _body("hau_giang")


def test_cao_bang_gives_each_share_under_its_own_population():
    shares = {row[2] for row in _levels("cao_bang") if "%" in row[2] and row[1] != "cả nước"}
    assert shares == {"98,5%", "trên 95%", "94%", "100%"}


def test_cao_bang_never_averages_its_shares():
    """The mean of the six shares would be 97,9; of the four that are not saturated, 95,8."""
    text = _text("cao_bang")
    assert not re.search(r"97,9|97,92|95,8\d?%|trung bình (?:là|đạt) ", text)
    assert "không lấy trung bình" in text


# All four


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_no_page_holds_a_causal_sentence(run, language):
    assert causal_sentences(words_of(page_of(run))[language], language) == []


def test_vietnamese_text_writes_decimals_with_a_comma(run):
    text = NAMED_FOUR_POINT_ZERO.sub("", _without_annex_c(run))
    found = [
        text[max(0, hit.start() - 20) : hit.end() + 10] for hit in DECIMAL_POINT.finditer(text)
    ]
    assert found == []


def test_a_difference_never_carries_a_per_cent_sign(run):
    assert not re.search(r"(?:chênh|thay đổi:?)(?: không quá)? [\u2212\d.,]+%", _text(run))


def test_a_page_has_one_h1_of_at_most_ninety_characters(run):
    headings = parsed(run).find_all("h1")
    assert len(headings) == 1
    assert len(text_of(headings[0])) <= 90
    assert parsed(run).title.text == text_of(headings[0])


def test_a_page_weighs_at_most_150_kilobytes(run):
    assert len(page_of(run).encode()) <= MOST_BYTES


def test_a_page_is_vietnamese_with_one_english_summary(run):
    page = parsed(run)
    assert page.html["lang"] == "vi"
    summary = page.find_all("section", lang="en")
    assert len(summary) == 1
    assert 60 <= len(text_of(summary[0].p).split()) <= 130


def test_every_drawing_has_an_alternative_text_with_its_numbers(run):
    for figure in parsed(run).find_all("figure"):
        drawings = figure.find_all("svg")
        assert [drawing.parent["class"] for drawing in drawings] in (
            [["desk"], ["phone"]],
            [["small"]],
        )
        for drawing in drawings:
            alt = drawing.title.text
            assert drawing["role"] == "img"
            assert len(alt) >= 40
            assert re.search(r"\d", alt)


def _figures(run, section):
    return [figure["id"] for figure in parsed(run).find(id=section).find_all("figure")]


def test_two_to_four_figures_show_the_results_and_each_other_one_stands_where_it_is_spoken_of(run):
    findings = findings_of(run)
    results, pairs = _figures(run, "results"), findings.contrasts
    assert 2 <= len(results) <= 4
    certain = _figures(run, "certainty")
    floors = [f"fig-floor-{row['contrast']}" for row in pairs if row["denominators"] == "decisive"]
    next_ones = ["fig-next-online_level34_assisted"] if run == "long_an" else []
    assert certain == [*floors, *next_ones]
    assert _figures(run, "limits") == ["fig-map"]
    stressed = _figures(run, "recommendations")
    assert stressed == (["fig-stress"] if findings["stress"]["units_counted"].any() else [])
    tipping = [f"fig-tip-{row['contrast']}" for row in pairs if row["change_bound"] == "exact"]
    everywhere = [figure["id"] for figure in parsed(run).find_all("figure")]
    assert everywhere == [*results, *certain, "fig-map", *stressed, *tipping]


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("long_an", "Nhân rộng theo đợt, có xã đối chứng, thứ tự bốc thăm"),
        ("bac_kan", "Duy trì thí điểm và đo lường"),
        ("hau_giang", "Chưa có căn cứ; thu thập số liệu trước"),
        ("cao_bang", "Chưa có căn cứ; thu thập số liệu trước"),
    ],
)
def test_each_province_gets_the_option_that_its_figures_carry(name, option):
    record = dict(table_rows(table_called(parsed(name), "Phiếu quyết định")))
    assert record["Phương án theo quy tắc"] == option
    assert option != "Nhân rộng toàn tỉnh"


def test_long_an_is_told_by_stages_and_never_province_wide():
    advised = text_of(parsed("long_an").find(id="main"))
    assert "Nhân rộng theo đợt" in advised
    assert "chưa nhân rộng toàn tỉnh" in advised
    assert not re.search("(?<!chưa )nhân rộng toàn tỉnh", advised, re.IGNORECASE)


def test_bac_kan_is_told_to_maintain_and_measure():
    advised = text_of(parsed("bac_kan").find(id="main"))
    assert "Duy trì thí điểm và đo lường; chưa nhân rộng" in advised


@pytest.mark.parametrize("name", ["hau_giang", "cao_bang"])
def test_levels_alone_are_told_that_there_is_no_basis_yet(name):
    assert "Chưa có căn cứ để quyết định" in text_of(parsed(name).find(id="main"))


@pytest.mark.slow
def test_a_page_with_every_input_of_a_run_weighs_no_more(run):
    """Annex C of a real run holds its inputs, software and notebooks; so must the limit."""
    names = ("observations", "pilots", "units", "sources", "events", "decisions", "interventions")
    inputs = {f"data/raw/press/{name}.csv": "f" * 64 for name in (*names, "candidates")}
    params = ("indicators", "corrections", "scenarios/no_costs")
    real = replace(
        provenance(run),
        dirty=True,
        parameters=load_run(run, LAYOUT.params).model_dump(),
        inputs=inputs | {f"params/{name}.yml": "f" * 64 for name in params},
        versions={f"package-{at}": "10.10.10" for at in range(12)},
        notebooks=[f"{at:02d}_check_robustness" for at in range(1, 6)],
    )
    findings = findings_of(run)
    page = export_briefing(notebook_of(findings), real, grade=findings.grade)
    assert len(page.encode()) <= MOST_BYTES


def test_every_link_resolves(run):
    page = parsed(run)
    anchors = {part["id"] for part in page.find_all(id=True)}
    origin = provenance(run)
    beside = {*(f"{name}.html" for name in origin.notebooks), *origin.cells.values()}
    for link in page.find_all(href=True):
        target = link["href"]
        assert target.removeprefix("#") in anchors or target in beside


def test_no_id_stands_twice_on_a_page(run):
    ids = [part["id"] for part in parsed(run).find_all(id=True)]
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


def test_nothing_is_ruled_out_where_its_check_did_not_pass(run):
    """Figures, sentences and tables: the words stand only in rows whose check passed."""
    findings = findings_of(run)
    passed = int((findings["checks"]["outcome"] == "passed").sum())
    assert _text(run).count("đã loại trừ") == passed


def test_every_number_of_annex_f_has_source_paragraph_and_row(run):
    findings = findings_of(run)
    table = table_called(parsed(run), "Bảng F1")
    assert "observations.csv" in text_of(table.caption)
    figures = [row for row in findings.figures.values() if row["scope"] != "country"]
    for row, figure in zip(table_rows(table), figures, strict=True):
        assert row[4].startswith(figure["source"])
        assert row[5].replace(".", "") == str(figure["row"])
        if figure["source"] in findings.run.sources:
            assert re.search(r", \d+$", row[4]), "a paragraph of the run's own source"


def test_every_national_figure_has_its_source_and_row_in_table_b5(run):
    findings = findings_of(run)
    table = table_called(parsed(run), "Bảng B5")
    rows = dict(zip([r["id"] for r in table.tbody.find_all("tr")], table_rows(table), strict=True))
    assert set(rows) == {f"o-{row['observation']}" for row in findings.context}
    for figure in findings.context:
        row = rows[f"o-{figure['observation']}"]
        assert row[4].startswith(figure["source"])
        assert row[5].replace(".", "") == str(figure["row"])


def test_every_number_link_leads_to_a_row_of_a_table(run):
    page = parsed(run)
    for link in page.find_all("a", class_="n"):
        assert page.find(id=link["href"].removeprefix("#")).name == "tr"


def test_every_printed_figure_stands_in_the_body_or_in_annex_b(run):
    """Nothing that the run's own sources print is lost between the table and the page."""
    page = page_of(run)
    before_f = page[: page.index('id="annex-sources"')]
    shown = set(re.findall(r'href="#o-([^"]+)"', before_f))
    own = {row["observation"] for row in findings_of(run).own if row["role"] != "deadline"}
    assert own - shown == set()


def test_every_table_has_caption_scopes_and_at_most_six_columns(run):
    for table in parsed(run).find_all("table"):
        heads = table.thead.find_all("th")
        assert text_of(table.caption)
        assert len(heads) <= 6
        assert all(text_of(head) and head["scope"] == "col" for head in heads)
        assert all(row.th["scope"] == "row" for row in table.tbody.find_all("tr"))


def test_headings_come_in_the_fixed_order(run):
    order = ["Đã làm gì", "Kết quả", "Độ chắc chắn", "Hạn chế", "Khuyến nghị"]
    order += ["Summary in English"]
    headings = [text_of(heading) for heading in parsed(run).find_all("h2")]
    assert headings[:6] == order
    assert [heading.split(".")[0] for heading in headings[6:]] == [
        f"Phụ lục {letter}" for letter in "ABDEFC"
    ]


def test_a_page_says_press_status_and_never_simulated(run):
    assert "dự thảo" in _body(run)
    assert "mô phỏng" not in _text(run).lower()


def test_the_helper_shows_every_block_of_notebook_06():
    assert blocks_shown()[0] == "sections.head"
    assert blocks_shown()[-1] == "annexes.all_annexes"
    assert len(blocks_shown()) == 8


@pytest.mark.parametrize("key", ["conclusion.change", "certainty.needed", "method.one"])
def test_a_catalogue_sentence_that_claims_a_cause_stops_the_export(monkeypatch, key):
    sentence = "Thí điểm làm tăng tỷ lệ hồ sơ trực tuyến."
    reworded = {**catalogue.entries(), f"briefing.{key}": {"vi": sentence, "en": sentence}}
    monkeypatch.setattr(catalogue, "entries", lambda: reworded)
    with pytest.raises(ClaimError) as caught:
        write_page(findings_of("long_an"))
    assert sentence.rstrip(".") in str(caught.value)


def test_a_claim_that_enters_with_the_data_stops_the_export():
    """An indicator's label bypasses the catalogue; the check of the whole page still sees it."""
    findings = findings_of("long_an")
    share = findings.indicators["signature_share"]
    claim = share.model_copy(update={"label_vi": "Thí điểm làm tăng tỷ lệ ký số"})
    changed = type(findings)(
        findings.run, findings.tables, {**findings.indicators, "signature_share": claim}
    )
    with pytest.raises(ClaimError):
        write_page(changed)
